"""The form of a task where the page has no code of ours: one parameter at a time, all in reach."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from nustar_widgets.calls.rows import Control, Row, RowState


def matching(rows: Sequence[Row], text: str) -> list[Row]:
    """Return the rows that have every word of a text, names that begin with it first.

    Parameters
    ----------
    rows
        The rows of a form.
    text
        Words of a name or of what it means; none finds all.
    """
    words = text.lower().split()
    found = [row for row in rows if all(word in _said(row) for word in words)]
    return sorted(found, key=lambda row: _rank(row.name.lower(), " ".join(words)))


def _said(row: Row) -> str:
    return "\n".join((row.name, row.prompt, row.help, row.unit, row.group)).lower()


def _rank(name: str, text: str) -> int:
    if name == text:
        return 0
    return 1 if name.startswith(text) else 2 if text in name else 3


class PlainForm(widgets.VBox):
    """The parameters of one task, one chosen from a list.

    Parameters
    ----------
    edited
        Told a parameter's name and the text entered for it.
    reset
        Told the names of parameters to go back to what they would be had nothing been entered.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    def __init__(
        self,
        *,
        edited: Callable[[str, str], Any],
        reset: Callable[[tuple[str, ...]], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.add_class("nw-plain-form")
        self._edited, self._reset = edited, reset
        self._rows: dict[str, Row] = {}
        self._states: Mapping[str, RowState] = {}
        self._refused: dict[str, str] = {}
        self._is_showing = False
        self._build()
        self._listen(guarded)

    def _build(self) -> None:
        self.search = _wide(widgets.Text, "Find", placeholder="by name or meaning")
        self.parameter = _wide(widgets.Dropdown, "Parameter")
        self.text = _wide(widgets.Text, "Value", continuous_update=False)
        self.choice = _wide(widgets.Dropdown, "Value")
        self.set, self.reset, self.reset_all = (
            widgets.Button(description=text, layout=widgets.Layout(width="84px"))
            for text in ("Set", "Reset", "Reset all")
        )
        self.problem, self.about = widgets.HTML(), widgets.HTML()
        self._value = widgets.HBox([self.text, self.choice, self.set, self.reset, self.reset_all])
        self.children = (self.search, self.parameter, self._value, self.problem, self.about)
        self.layout.max_width = "760px"

    def _listen(self, guarded: Callable[[Callable[..., Any]], Callable[..., None]]) -> None:
        self.search.observe(lambda _: self._list(), "value")
        self.parameter.observe(lambda _: self._show(), "value")
        commit = guarded(lambda _: self._commit())
        for control in (self.text, self.choice):
            control.observe(commit, "value")
        self.set.on_click(commit)
        self.reset.on_click(guarded(lambda _: self._take_back((self.name,))))
        self.reset_all.on_click(guarded(lambda _: self._take_back(self._touched())))

    @property
    def name(self) -> str:
        """The parameter that is shown; empty where none is."""
        return self.parameter.value or ""

    def show_form(self, task: str, rows: Sequence[Row]) -> None:
        """Show the form of a task; how its rows stand is told by ``show_states``.

        Parameters
        ----------
        task
            Its name.
        rows
            Its rows.
        """
        self.parameter.tooltip = f"Parameters of {task}"
        # Those that matter first: here the order is all there is to tell them by.
        self._rows = {row.name: row for row in sorted(rows, key=lambda row: not row.first)}
        self._states, self._refused = {}, {}
        self.search.value = ""
        self._list()

    def show_states(self, states: Mapping[str, RowState]) -> None:
        """Show how the rows stand.

        Parameters
        ----------
        states
            By parameter; one that is missing stands at its default.
        """
        self._states = dict(states)
        self._list()

    def show_parameter(self, name: str) -> None:
        """Show a parameter.

        Parameters
        ----------
        name
            The parameter; one the form does not have is not looked for.
        """
        if name in self._rows:
            self.search.value = ""
            self.parameter.value = name

    def _state(self, name: str) -> RowState:
        known = self._states.get(name)
        return RowState(value=self._rows[name].default) if known is None else known

    def _touched(self) -> tuple[str, ...]:
        return tuple(
            name for name in self._rows if self._state(name).is_changed or name in self._refused
        )

    # -- from the page

    def _commit(self) -> None:
        if self._is_showing or not self.name:
            return
        name, state = self.name, self._state(self.name)
        entered = self._control().value
        text = state.value if entered is None else str(entered).strip()
        if text == self._refused.get(name, state.value):
            return
        if not text:
            self._take_back((name,))
            return
        self._refused[name] = text
        self._edited(name, text)
        if not self._state(name).problem or self._state(name).value == text:
            self._refused.pop(name, None)
        self._show()

    def _take_back(self, names: tuple[str, ...]) -> None:
        for name in names:
            self._refused.pop(name, None)
        self._reset(names)
        self._show()

    # -- to the page

    def _control(self) -> Any:
        return self.choice if _choices(self._rows[self.name]) else self.text

    def _list(self) -> None:
        found = matching(list(self._rows.values()), self.search.value)
        options = [(self._label(row.name), row.name) for row in found]
        names = [name for _, name in options]
        chosen = self.name if self.name in names else next(iter(names), None)
        with self._showing():
            if tuple(options) != self.parameter.options:
                self.parameter.options = options
                self.parameter.value = chosen
        self._show()

    def _label(self, name: str) -> str:
        state = self._state(name)
        mark = "* " if state.is_changed else ""
        return f"{mark}{name}{' (does not apply now)' if state.why_not else ''}"

    def _show(self) -> None:
        if self._is_showing:
            return
        with self._showing():
            self._show_value()

    @contextmanager
    def _showing(self) -> Iterator[None]:
        """Mark changes of the controls as ours, not the user's."""
        self._is_showing = True
        try:
            yield
        finally:
            self._is_showing = False

    def _show_value(self) -> None:
        is_there = bool(self.name)
        self._value.layout.display = "" if is_there else "none"
        self.reset_all.disabled = not self._touched()
        if not is_there:
            self.about.value, self.problem.value = "No parameter has all these words.", ""
            return
        row, state = self._rows[self.name], self._state(self.name)
        value, choices = self._refused.get(row.name, state.value), _choices(row)
        self.text.layout.display = "none" if choices else ""
        self.choice.layout.display = "" if choices else "none"
        if choices:
            self.choice.options = _with(choices, value)
            self.choice.value = next(one for one in self.choice.options if _same(one, value))
        else:
            self.text.value = value
        for control in (self.text, self.choice, self.set):
            control.disabled = bool(state.why_not)
        self.reset.disabled = row.name not in self._touched()
        usual = state.usual if state.is_changed else state.value
        self.reset.tooltip = f"back to {usual or 'nothing'}"
        self.problem.value = _problem(state)
        self.about.value = _about(row, state)


def _wide(kind: Callable[..., Any], description: str, **options: Any) -> Any:
    return kind(
        description=description,
        style={"description_width": "76px"},
        layout=widgets.Layout(width="auto", flex="1 1 auto"),
        **options,
    )


def _choices(row: Row) -> tuple[str, ...]:
    return ("yes", "no") if row.control is Control.YES_NO else row.choices


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _with(choices: tuple[str, ...], value: str) -> tuple[str, ...]:
    return choices if any(_same(one, value) for one in choices) else (value, *choices)


def _problem(state: RowState) -> str:
    if not state.problem:
        return ""
    return f'<div role="alert" style="color:#b3261e">{html.escape(state.problem)}</div>'


def _about(row: Row, state: RowState) -> str:
    limits = [
        f"{word} {limit:g} {row.unit}".strip()
        for word, limit in (("at least", row.minimum), ("at most", row.maximum))
        if limit is not None
    ]
    told = (
        ("", row.help),
        ("The task's own words", row.prompt),
        ("Linked", state.origin),
        ("Unit", "" if limits else row.unit),
        ("Range", ", ".join(limits)),
        ("Default", row.default),
        ("Instead of a file", ", ".join(row.keywords)),
        ("Applies", f"only with {row.applies}" if row.applies else ""),
        ("Does not apply now", state.why_not),
        ("HEASoft's help", row.manual),
    )
    lines = [f"{label}: {text}" if label else text for label, text in told if text]
    return "<br>".join(html.escape(line) for line in lines)
