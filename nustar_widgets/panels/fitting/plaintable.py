"""The parameters of a fit where the page has no code of ours: one at a time, all in reach."""

from __future__ import annotations

import asyncio
import html
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.panels.fitting.entry import entered
from nustar_widgets.panels.fitting.parameterrow import ParameterRow, RowResult

REST_S: Final = 0.5
"""A slider that has not moved for so long is let go: plain sliders do not tell [s]."""


class PlainTable(widgets.VBox):
    """Parameters of a fit, one chosen from a list.

    Parameters
    ----------
    dragged
        Told values by full name while a slider moves.
    changed
        Told a parameter's name, what was changed and its new value, as of
        :class:`~nustar_widgets.panels.fitting.parametertable.ParameterTable`.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    def __init__(
        self,
        *,
        dragged: Callable[[dict[str, float]], Any],
        changed: Callable[[str, str, Any], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.add_class("nw-plain-table")
        self._dragged, self._changed, self._guarded = dragged, changed, guarded
        self._rows: dict[str, ParameterRow] = {}
        self._results: Mapping[str, RowResult] = {}
        self._problems: dict[str, str] = {}
        self._moving: tuple[str, float] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_showing = False
        self._build()
        self._listen()

    def _build(self) -> None:
        self.parameter = _wide(widgets.Dropdown, "Parameter")
        self.value = _wide(widgets.FloatText, "Value")
        self.slider = widgets.FloatSlider(
            min=0.0, max=1.0, step=0.001, readout=False, layout=widgets.Layout(flex="1 1 auto")
        )
        self.freeze = widgets.Checkbox(description="Frozen", indent=False)
        self.reset = widgets.Button(description="Reset", layout=widgets.Layout(width="84px"))
        self.min, self.max, self.link = (
            _wide(widgets.Text, name, continuous_update=False) for name in ("Min", "Max", "Link =")
        )
        self.problem, self.about = widgets.HTML(), widgets.HTML()
        self._box = widgets.VBox(
            [
                widgets.HBox([self.value, self.slider]),
                widgets.HBox([self.freeze, self.reset]),
                widgets.HBox([self.min, self.max]),
                self.link,
            ]
        )
        self.children = (self.parameter, self._box, self.problem, self.about)

    def _listen(self) -> None:
        self.parameter.observe(lambda _: self._choose(), "value")
        self.slider.observe(self._guarded(self._moved), "value")
        fields = {
            "value": self.value, "frozen": self.freeze, "min": self.min, "max": self.max,
            "link": self.link,
        }  # fmt: skip
        for what, control in fields.items():
            control.observe(
                self._guarded(lambda change, what=what: self._enter(what, change["new"])), "value"
            )
        self.reset.on_click(self._guarded(lambda _: self._enter("reset", None)))

    @property
    def name(self) -> str:
        """The parameter that is shown; empty where none is."""
        return self.parameter.value or ""

    # -- to the page

    def show_rows(self, rows: Sequence[ParameterRow]) -> None:
        """Show other rows, or the same ones otherwise frozen, limited or linked.

        Parameters
        ----------
        rows
            All rows, with their values and results.
        """
        self._rows = {row.name: row for row in rows}
        self._results = self._rows
        self._problems = {name: t for name, t in self._problems.items() if name in self._rows}
        with self._showing():
            chosen = self.name if self.name in self._rows else next(iter(self._rows), None)
            options = tuple((_listed(row), row.name) for row in rows)
            if options != self.parameter.options:
                self.parameter.options = options
                self.parameter.value = chosen
        self._show()

    def show_values(self, values: Mapping[str, float]) -> None:
        """Show values; one that is under the hand stays as it is.

        Parameters
        ----------
        values
            Some or all values by full name.
        """
        known = {name: float(values[name]) for name in values if name in self._rows}
        for name, value in known.items():
            if self._moving is None or self._moving[0] != name:
                self._rows[name] = replace(self._rows[name], value=value)
        if self.name in known:
            self._show()

    def show_results(self, results: Mapping[str, RowResult], *, heading: str = "Error") -> None:
        """Show what a fit found.

        Parameters
        ----------
        results
            By full name; one that is missing has none.
        heading
            What the ranges are, as ``90 %``.
        """
        self._results, self._heading = results, heading
        self._show()

    def show_problem(self, name: str, text: str) -> None:
        """Show why what was entered is not taken.

        Parameters
        ----------
        name
            The parameter.
        text
            The reason; empty takes it away.
        """
        self._problems.pop(name, None)
        if text:
            self._problems[name] = text
        self._show()

    _heading = "Error"

    # -- from the page

    def _choose(self) -> None:
        if not self._is_showing:
            self._let_go()
            self._show()

    def _moved(self, change: Any) -> None:
        if self._is_showing or not self.name:
            return
        name, value = self.name, _value_at(self._rows[self.name], change["new"])
        self._moving = (name, value)
        self._rows[name] = replace(self._rows[name], value=value)
        with self._asking(name):
            self._dragged({name: value})
        self._let_go_soon()

    def _let_go_soon(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nothing to wait with
            self._let_go()
            return
        self._timer = loop.call_later(REST_S, self._guarded(self._let_go))

    def _let_go(self) -> None:
        """Make what was moved a finished change."""
        moved, self._moving = self._moving, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if moved is not None and moved[0] in self._rows:
            with self._asking(moved[0]):
                self._changed(moved[0], "value", moved[1])

    def _enter(self, what: str, given: Any) -> None:
        if self._is_showing or not self.name:
            return
        self._let_go()
        name = self.name
        with self._asking(name):
            field, value = entered(name, what, given)
            self._changed(name, field, value)

    @contextmanager
    def _asking(self, name: str) -> Iterator[None]:
        self._problems.pop(name, None)
        try:
            yield
        except NustarWidgetsError as error:
            self._problems[name] = str(error)
        finally:
            self._show()

    @contextmanager
    def _showing(self) -> Iterator[None]:
        """Mark changes of the controls as ours, not the user's."""
        before, self._is_showing = self._is_showing, True
        try:
            yield
        finally:
            self._is_showing = before

    def _show(self) -> None:
        row = self._rows.get(self.name)
        self._box.layout.display = "" if row else "none"
        if row is None:
            self.problem.value, self.about.value = "", "No model yet."
            return
        with self._showing():
            self._show_fields(row)
        self.problem.value = _problem(self._problems.get(row.name, ""))
        self.about.value = _about(row, self._results.get(row.name), self._heading)

    def _show_fields(self, row: ParameterRow) -> None:
        is_linked = bool(row.link)
        self.value.value = row.value
        self.freeze.value = row.frozen
        self.min.value, self.max.value = f"{row.min:g}", f"{row.max:g}"
        self.link.value = row.link
        self.value.disabled = self.slider.disabled = self.freeze.disabled = is_linked
        if self._moving is None or self._moving[0] != row.name:
            self.slider.value = _position(row)


def _wide(kind: Callable[..., Any], description: str, **options: Any) -> Any:
    return kind(
        description=description,
        style={"description_width": "76px"},
        layout=widgets.Layout(width="auto", min_width="0", flex="1 1 auto"),
        **options,
    )


def _listed(row: ParameterRow) -> str:
    return f"{row.name} = {row.link}" if row.link else row.name


def _position(row: ParameterRow) -> float:
    """Place of the value on its slider, from 0 to 1."""
    low, high = row.slider_low, row.slider_high
    if row.log:
        value = max(row.value, low)
        return min(1.0, math.log(value / low) / math.log(high / low))
    return min(1.0, max(0.0, (row.value - low) / (high - low)))


def _value_at(row: ParameterRow, position: float) -> float:
    low, high = row.slider_low, row.slider_high
    value = low * (high / low) ** position if row.log else low + (high - low) * position
    return min(high, max(low, float(f"{value:.4g}")))


def _problem(text: str) -> str:
    if not text:
        return ""
    return f'<div role="alert" style="color:#b3261e">{html.escape(text)}</div>'


def _about(row: ParameterRow, result: RowResult | None, heading: str) -> str:
    lines = [f"{row.meaning} [{row.unit}]" if row.unit else row.meaning]
    lines.append(f"slider from {row.slider_low:.4g} to {row.slider_high:.4g}")
    if result is not None:
        lines += _found(result, heading)
    return "<br>".join(html.escape(line) for line in lines if line)


def _found(result: RowResult, heading: str) -> list[str]:
    low, high = (
        "none" if end is None else f"{end:.5g}" for end in (result.error_low, result.error_high)
    )
    lines = []
    if result.error_low is not None or result.error_high is not None:
        lines.append(f"{heading}: {low} to {high}")
    elif result.sigma is not None:
        lines.append(f"1 sigma: {result.sigma:.3g}")
    if result.at_limit:
        lines.append("Warning: the value is at its limit")
    return lines + [f"Warning: {text}" for text in result.warnings]
