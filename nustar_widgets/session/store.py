"""A session as plain JSON on disk: written whole, versioned, never pickled.

Every value is ``{"kind": class name, field: value, ...}``; one registry knows the kinds. A format
number says which layout a file has; older ones are migrated step by step. The newest undo steps
are part of it, so that what was done can be taken back also after a restart.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.atomic import write_text
from nustar_widgets.errors import NustarWidgetsError, SessionError
from nustar_widgets.session.history import SessionState, Step
from nustar_widgets.session.jsonfile import LARGEST_BYTES, parsed, read_bytes
from nustar_widgets.session.plainvalue import KINDS, brief, plain
from nustar_widgets.session.session import Session
from nustar_widgets.version import __version__

FORMAT: Final = 2

KEPT_STEPS: Final = 200
"""Most undo steps a file holds, and most steps to do again."""

KEPT_LETTERS: Final = 400_000
"""Most letters they take, each of the two; the steps nearest to now are kept."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SavedSession:
    """What a session file holds.

    Attributes
    ----------
    state
        The session.
    written_by
        Program and version.
    saved_at
        ISO time, UTC; empty where the file does not say.
    folder
        Absolute path of the folder it was written to; empty where the file does not say.
    in_work_dir
        Whether that was the session's work folder; ``None`` where the file does not say.
    """

    state: SessionState
    written_by: str = "unknown"
    saved_at: str = ""
    folder: str = ""
    in_work_dir: bool | None = None

    @property
    def moment(self) -> datetime | None:
        """When it was saved; ``None`` where the file does not say."""
        try:
            return datetime.fromisoformat(self.saved_at).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def to_dict(session: Session) -> dict[str, Any]:
    """Return a session as plain JSON values.

    Parameters
    ----------
    session
        The session; its newest undo steps are part of it.
    """
    saved: dict[str, Any] = json.loads(text_of(session.state()))
    return saved


def from_dict(saved: dict[str, Any]) -> Session:
    """Build a session from what `to_dict` returned.

    Raises
    ------
    SessionError
        The format is unknown, or a field or value is not one of a session.
    """
    session = Session()
    session.restore(read_dict(saved).state)
    return session


def save(session: Session, path: str | Path) -> None:
    """Write a session to a file, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written; an older one is left as it was.
    """
    write_text(path, text_of(session.state()))


def load(path: str | Path) -> Session:
    """Read a session from a file.

    Raises
    ------
    SessionError
        The file is missing, is not JSON, or is not a session this version understands.
    """
    session = Session()
    session.restore(read(path).state)
    return session


def read(path: str | Path) -> SavedSession:
    """Read what a session file holds.

    Raises
    ------
    SessionError
        The file is missing, is not JSON, or is not a session this version understands.
    """
    return understood(read_bytes(path), path)


def understood(content: bytes, path: str | Path) -> SavedSession:
    """Return what the content of a session file stands for.

    Parameters
    ----------
    content
        The content.
    path
        Where it came from, for messages.

    Raises
    ------
    SessionError
        It is not JSON, or not a session this version understands.
    """
    saved = parsed(content, path)
    try:
        return read_dict(saved)
    except SessionError as error:
        raise SessionError(f"{path}: {error}") from error


# -- writing ----------------------------------------------------------------------------------


def text_of(state: SessionState, *, folder: str = "", in_work_dir: bool | None = None) -> str:
    """Return the content of a session file; what was written before of a step is used again.

    Parameters
    ----------
    state
        The session.
    folder
        Absolute path of the folder it is written to.
    in_work_dir
        Whether that is the session's work folder.

    Raises
    ------
    SessionError
        It is longer than what would be read.
    """
    about = {
        "format": FORMAT,
        "written_by": f"nustar_widgets {__version__}",
        "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "folder": folder,
        "in_work_dir": in_work_dir,
    }
    head = "".join(f"{_line(name, value)},\n" for name, value in about.items())
    chosen = ",\n".join(_line(name, _to_json(value)) for name, value in state.values.items())
    past, future = _steps_text(state.past), _steps_text(state.future)
    text = (
        f'{{\n{head}"session": {{\n{chosen}\n}},\n'
        f'"history": {{\n"past": [{past}],\n"future": [{future}]\n}}\n}}\n'
    )
    if len(text) > LARGEST_BYTES:
        raise SessionError(
            f"this session takes {len(text) / 1e6:.0f} MB as a file, more than the "
            f"{LARGEST_BYTES // 1_000_000} MB that are read: make its regions simpler"
        )
    return text


_STEP_TEXTS: weakref.WeakKeyDictionary[Step, str] = weakref.WeakKeyDictionary()


def _steps_text(steps: tuple[Step, ...]) -> str:
    """Return the newest steps that have room, each in a line of its own."""
    lines: list[str] = []
    room = KEPT_LETTERS
    for step in reversed(steps[-KEPT_STEPS:]):
        line = _STEP_TEXTS.get(step)
        if line is None:
            line = _STEP_TEXTS[step] = _step_text(step)
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return ",".join(f"\n{line}" for line in reversed(lines))


def _step_text(step: Step) -> str:
    return json.dumps(
        {
            "label": step.label,
            "old": {name: _to_json(value) for name, value in step.old.items()},
            "new": {name: _to_json(value) for name, value in step.new.items()},
        },
        allow_nan=False,
    )


def _line(name: str, value: Any) -> str:
    return f"{json.dumps(name)}: {json.dumps(value, allow_nan=False)}"


def _to_json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        content = {item.name: _to_json(getattr(value, item.name)) for item in fields(value)}
        return {"kind": type(value).__name__, **content}
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return value


# -- reading ----------------------------------------------------------------------------------


def read_dict(saved: Any) -> SavedSession:
    """Return what the JSON values of a session file stand for.

    Raises
    ------
    SessionError
        The format is unknown, or a field or value is not one of a session.
    """
    if not isinstance(saved, dict) or "format" not in saved:
        raise SessionError("not a saved session: it has no 'format'")
    saved = _migrate(dict(saved))
    about = {
        "written_by": _of_type(saved, "written_by", str, "unknown"),
        "saved_at": _of_type(saved, "saved_at", str, ""),
        "folder": _of_type(saved, "folder", str, ""),
        "in_work_dir": _of_type(saved, "in_work_dir", bool, None),
    }
    try:
        values = _checked(_of_type(saved, "session", dict, {}), Session.FIELDS)
    except SessionError as error:
        raise SessionError(f"saved session (written by {about['written_by']}): {error}") from error
    history = _of_type(saved, "history", dict, {})
    past, future = (_steps(history, name) for name in ("past", "future"))
    return SavedSession(state=SessionState(values=values, past=past, future=future), **about)


def _of_type(saved: Mapping[str, Any], name: str, kind: type, default: Any) -> Any:
    value = saved.get(name, default)
    if value is not default and not isinstance(value, kind):
        raise SessionError(f"{name}={brief(value)}: expected {_TYPES[kind]}")
    return value


_TYPES: Final = {str: "text", bool: "true or false", dict: "an object", list: "a list"}


def _steps(history: Mapping[str, Any], name: str) -> tuple[Step, ...]:
    found = _of_type(history, name, list, [])
    steps = []
    for number, item in enumerate(found[-KEPT_STEPS:], start=1):
        try:
            steps.append(_step(item))
        except SessionError as error:
            raise SessionError(
                f"history, step {number} of {name}: {error}; without its 'history' the file can "
                "be opened, and nothing be undone"
            ) from error
    return tuple(steps)


def _step(item: Any) -> Step:
    if not isinstance(item, dict):
        raise SessionError(f"{brief(item)}: expected an object")
    label = _of_type(item, "label", str, "")
    old, new = (_of_type(item, name, dict, {}) for name in ("old", "new"))
    if set(old) != set(new):
        raise SessionError(f"{label[:80]!r}: 'old' and 'new' are not of the same fields")
    return Step(label, _checked(old, old), _checked(new, new))


def _checked(saved: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the values of some fields as a session would hold them."""
    try:
        given = {name: _from_json(value) for name, value in saved.items()}
        for name in set(given) & set(Session.FIELDS):
            plain(name, given[name])  # says more of what is wrong than a trait does
        session = Session(**given)
    except (traitlets.TraitError, TypeError, ValueError) as error:
        raise SessionError(str(error)[:500]) from error
    return {name: getattr(session, name) for name in names}


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    content = {name: item for name, item in value.items() if name != "kind"}
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise SessionError(f"unknown kind of value {brief(kind)}; known: {', '.join(KINDS)}")
    _refuse_other_fields(kind, content)
    try:
        return KINDS[kind](**{name: _from_json(item) for name, item in content.items()})
    except NustarWidgetsError as error:
        raise SessionError(f"{kind}: {error}") from error


def _refuse_other_fields(kind: str, content: Mapping[str, Any]) -> None:
    known = fields(KINDS[kind])
    if other := sorted(set(content) - {item.name for item in known}):
        raise SessionError(f"{kind} has no {other[0][:80]!r}")
    needed = (item.name for item in known if item.default is MISSING)
    if missing := next((name for name in needed if name not in content), None):
        raise SessionError(f"{kind}: its {missing!r} is missing")


# -- older formats ----------------------------------------------------------------------------


def _migrate(saved: dict[str, Any]) -> dict[str, Any]:
    number = saved.pop("format")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= FORMAT:
        writer = str(saved.get("written_by", "unknown"))[:80]
        raise SessionError(
            f"session format {brief(number)}, written by {writer}: this is nustar_widgets "
            f"{__version__}, which reads formats 1 to {FORMAT}; update nustar_widgets to open it"
        )
    for step in range(number, FORMAT):
        saved = _MIGRATIONS[step](saved)
    return saved


def _with_history(saved: dict[str, Any]) -> dict[str, Any]:
    """Turn format 1, the fields alone, into format 2: fields, where it was kept, undo steps."""
    chosen = {name: value for name, value in saved.items() if name != "written_by"}
    about = {name: saved[name] for name in ("written_by",) if name in saved}
    return {**about, "session": chosen, "history": {"past": [], "future": []}}


# One function per step: _MIGRATIONS[n] turns a saved session of format n into format n + 1.
_MIGRATIONS: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {1: _with_history}
