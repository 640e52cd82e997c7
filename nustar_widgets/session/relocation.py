"""A session whose work folder was moved or copied: its paths follow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from nustar_widgets.session.history import SessionState, Step
from nustar_widgets.session.keptfile import NAME
from nustar_widgets.session.store import SavedSession

_WITH_PATHS = ("data_dir", "inputs", "spectra")


def relocated(saved: SavedSession, path: Path) -> SavedSession:
    """Return a saved session as it is where its file lies now.

    A session that was kept in its work folder has that folder for its work folder, wherever it lies
    now; files that lay in it are looked for there, if they are no longer where they were.

    Parameters
    ----------
    saved
        What was read.
    path
        The file it was read from.
    """
    here = path.absolute().parent
    was_there = path.name == NAME if saved.in_work_dir is None else saved.in_work_dir
    work_dir = saved.state.values["work_dir"]
    if not was_there or (work_dir and _is_same(Path(work_dir).expanduser(), here)):
        return saved
    move = _Move(Path(saved.folder or here), here)
    state = SessionState(
        values={**move.values(saved.state.values), "work_dir": str(here)},
        past=tuple(map(move.step, saved.state.past)),
        future=tuple(map(move.step, saved.state.future)),
    )
    return replace(saved, state=state)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


class _Move:
    """Changes paths from one folder to another.

    Parameters
    ----------
    old, new
        The folders.
    """

    def __init__(self, old: Path, new: Path) -> None:
        self.old, self.new = old, new

    def step(self, step: Step) -> Step:
        """Return an undo step with its paths changed."""
        return Step(step.label, self.values(step.old), self.values(step.new))

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return fields of a session with their paths changed."""
        moved = dict(values)
        for name in _WITH_PATHS:
            if name in moved:
                moved[name] = self._value(moved[name])
        if "work_dir" in moved and moved["work_dir"] == str(self.old):
            moved["work_dir"] = str(self.new)
        return moved

    def _value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        if is_dataclass(value) and not isinstance(value, type):
            found = {item.name: getattr(value, item.name) for item in fields(value)}
            return replace(value, **{name: self._value(item) for name, item in found.items()})
        return self._path(value) if isinstance(value, str) else value

    def _path(self, text: str) -> str:
        path = Path(text)
        if not path.is_absolute() or not path.is_relative_to(self.old) or os.path.lexists(path):
            return text
        moved = self.new / path.relative_to(self.old)
        return str(moved) if os.path.lexists(moved) else text
