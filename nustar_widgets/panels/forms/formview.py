"""The form of a task in the page: every parameter, the few that matter first.

Rows are made in the page (``front/*.js``), which gets them once; afterwards it hears only how they
stand. What was entered comes as one message when it is complete, never for each key. The page keeps
what was typed until it is answered: an answer carries the number of the entry it answers, so that
an unchanged state answers too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.calls.rows import Row, RowState
from nustar_widgets.panels.forms.filelisting import listing, nearest_folder
from nustar_widgets.panels.page import PageView, joined

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = (
    "rows.js", "drafts.js", "words.js", "controls.js", "filecontrol.js", "row.js", "picker.js",
    "topbar.js", "sections.js", "memory.js", "formview.js",
)  # fmt: skip


def front_end() -> str:
    """Return the source of the view in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class FormView(PageView):
    """The parameters of one task at a time.

    Parameters
    ----------
    edited
        Told a parameter's name and the text entered for it, once it is complete. What it makes of
        it must be shown by ``show_states`` before it returns; where nothing was, the page shows
        again what it knows.
    reset
        Told the names of parameters to go back to what they would be had nothing been entered; an
        emptied field asks for it too.
    folder
        Asked for the folder that paths are meant from.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    _esm = front_end()
    _css = (_FRONT / "formview.css").read_text(encoding="utf-8")

    uid = traitlets.Unicode().tag(sync=True)
    form = traitlets.Dict(help="The task and its rows").tag(sync=True)
    states = traitlets.Dict(
        help="Rows that are not at their default, and the entries answered, by page"
    ).tag(sync=True)
    sought: traitlets.Dict[str, Any] = traitlets.Dict(
        {"name": "", "count": 0}, help="The parameter to bring into sight, and how often asked"
    ).tag(sync=True)

    def __init__(
        self,
        *,
        edited: Callable[[str, str], Any],
        reset: Callable[[tuple[str, ...]], Any],
        folder: Callable[[], Path],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(uid=uuid.uuid4().hex)
        self._edited, self._reset, self._folder = edited, reset, folder
        self._defaults: dict[str, str] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, int] = {}
        self.on_msg(guarded(self._hear))

    def show_form(self, task: str, rows: Sequence[Row]) -> None:
        """Show the form of a task; how its rows stand is told by ``show_states``.

        Parameters
        ----------
        task
            Its name; the page keeps search, view and opened groups of each.
        rows
            Its rows, by group.
        """
        self._defaults = {row.name: row.default for row in rows}
        self._rows = {}
        with self.hold_sync():
            self.form = {"task": task, "rows": [_row(row) for row in rows]}
            self._tell()

    def show_states(self, states: Mapping[str, RowState]) -> None:
        """Show how the rows stand.

        Parameters
        ----------
        states
            By parameter; one that is missing stands at its default.
        """
        wires = {name: self._state(name, state) for name, state in states.items()}
        self._rows = {name: wire for name, wire in wires.items() if wire}
        self._tell()

    def show_parameter(self, name: str) -> None:
        """Bring a parameter into sight and put the keyboard there.

        Parameters
        ----------
        name
            The parameter; one the form does not have is not looked for.
        """
        self.sought = {"name": name, "count": self.sought["count"] + 1}

    def _state(self, name: str, state: RowState) -> dict[str, Any]:
        wire = _without_empty(asdict(state))
        wire.pop("usual", None)
        if state.is_changed:
            wire["usual"] = state.usual
        if state.value == self._defaults.get(name):
            wire.pop("value", None)
        elif not state.value:
            wire["value"] = ""
        return wire

    def _tell(self) -> None:
        self.states = {"rows": self._rows, "answers": self._answers}

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("kind") == "list":
            self._list(content)
            return
        self._answers = {**self._answers, str(content["page"]): int(content["entry"])}
        with self.hold_sync():  # the last of several states is the answer
            try:
                self._act(content)
            finally:
                self._tell()

    def _act(self, content: dict[str, Any]) -> None:
        if content.get("kind") == "reset":
            self._reset(tuple(str(name) for name in content["names"]))
        else:
            self._edited(str(content["name"]), str(content["text"]))

    def _list(self, content: dict[str, Any]) -> None:
        work = self._folder()
        asked = content.get("folder")
        folder = nearest_folder(str(content.get("value", "")), work=work)
        listed = listing(
            folder if asked is None else Path(str(asked)),
            work=work,
            hidden=bool(content.get("hidden")),
        )
        self.send({"kind": "listing", "asked": content.get("asked"), **asdict(listed)})


def _row(row: Row) -> dict[str, Any]:
    return _without_empty(asdict(row))


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that say something; a limit of 0 does."""
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value is not False and value not in ("", ())
    }
