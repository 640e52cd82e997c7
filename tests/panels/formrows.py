"""Rows for the tests of forms, and what a form told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nustar_widgets.calls.rows import Row, rows_of
from nustar_widgets.engines.embedded_spec import embedded_specs
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.panels.forms.formview import FormView
from tests.standins.headas import reference, write_reference_par

PRODUCTS = rows_of(embedded_specs()["nuproducts"])
XSS = "<img src=x onerror=document.title='hacked'>"


def plainly(callback: Callable[..., Any]) -> Callable[..., None]:
    """Let what is raised through."""
    return callback


def reference_specs(shared: Path, folder: Path) -> dict[str, TaskSpec]:
    """Return what the real tasks accept, as read from parameter files."""
    for task, parameters in reference(shared).items():
        write_reference_par(folder / f"{task}.par", parameters)
    return {path.stem: read_par_file(path) for path in sorted(folder.glob("*.par"))}


class Told:
    """A form view, and what it told Python."""

    def __init__(self, folder: Path = Path()) -> None:
        self.edits: list[tuple[str, str]] = []
        self.resets: list[tuple[str, ...]] = []
        self.answer: Callable[[], Any] = lambda: None
        self.view = FormView(
            edited=self._edited, reset=self._reset, folder=lambda: folder, guarded=plainly
        )

    def _edited(self, name: str, text: str) -> None:
        self.edits.append((name, text))
        self.answer()

    def _reset(self, names: tuple[str, ...]) -> None:
        self.resets.append(names)
        self.answer()

    def hear(self, **content: Any) -> None:
        """Bring a message as the page sends it."""
        self.view._handle_custom_msg({"page": "p", "entry": 1, **content}, [])


def row(name: str, rows: tuple[Row, ...] = PRODUCTS) -> Row:
    """Return the row of a parameter."""
    return next(one for one in rows if one.name == name)
