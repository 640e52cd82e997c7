"""A session as plain JSON on disk: written whole, versioned, never pickled.

Every value is ``{"kind": class name, field: value, ...}``; one registry knows the kinds. A format
number says which layout a file has; older ones are migrated step by step.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import traitlets

from nustar_widgets.atomic import write_text
from nustar_widgets.errors import NustarWidgetsError, SessionError
from nustar_widgets.events import regions
from nustar_widgets.session import values
from nustar_widgets.session.session import Session
from nustar_widgets.version import __version__

FORMAT = 1

# One function per step: _MIGRATIONS[n] turns a saved session of format n into format n + 1.
_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        values.Target, values.ModuleInputs, values.SpectrumInput, values.RegionText,
        values.ModuleRegions, values.Regions, values.GroupingChoice, values.FitChoice,
        values.ParameterChoice,
        regions.SkyRegion, regions.SkyCircle, regions.SkyAnnulus, regions.SkyEllipse,
        regions.SkyEllipticalAnnulus, regions.SkyBox, regions.SkyBoxAnnulus, regions.SkyPolygon,
        regions.SkyPanda, regions.SkyPoint,
    )
}  # fmt: skip


def to_dict(session: Session) -> dict[str, Any]:
    """Return a session as plain JSON values.

    Parameters
    ----------
    session
        The session; its undo history is not part of it.
    """
    saved = {name: _to_json(value) for name, value in session.snapshot().items()}
    return {"format": FORMAT, "written_by": f"nustar_widgets {__version__}", **saved}


def from_dict(saved: dict[str, Any]) -> Session:
    """Build a session from what `to_dict` returned.

    Raises
    ------
    SessionError
        The format is unknown, or a field or value is not one of a session.
    """
    saved = _migrate(dict(saved))
    writer = saved.pop("written_by", "unknown")
    try:
        return Session(**{name: _from_json(value) for name, value in saved.items()})
    except (traitlets.TraitError, TypeError, ValueError, NustarWidgetsError) as error:
        raise SessionError(f"saved session (written by {writer}): {error}") from error


def save(session: Session, path: str | Path) -> None:
    """Write a session to a file, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written; an older one is left as it was.
    """
    write_text(path, json.dumps(to_dict(session), indent=1) + "\n")


def load(path: str | Path) -> Session:
    """Read a session from a file.

    Raises
    ------
    SessionError
        The file is missing, is not JSON, or is not a session this version understands.
    """
    try:
        saved = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SessionError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SessionError(f"{path}: not a saved session, which is JSON ({error})") from error
    if not isinstance(saved, dict) or "format" not in saved:
        raise SessionError(f"{path}: not a saved session: it has no 'format'")
    try:
        return from_dict(saved)
    except SessionError as error:
        raise SessionError(f"{path}: {error}") from error


def _migrate(saved: dict[str, Any]) -> dict[str, Any]:
    number = saved.pop("format", None)
    if not isinstance(number, int) or not 1 <= number <= FORMAT:
        raise SessionError(
            f"session format {number!r}, written by {saved.get('written_by', 'unknown')}: this is "
            f"nustar_widgets {__version__}, which reads formats 1 to {FORMAT}; "
            "update nustar_widgets to open it"
        )
    for step in range(number, FORMAT):
        saved = _MIGRATIONS[step](saved)
    return saved


def _to_json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        content = {item.name: _to_json(getattr(value, item.name)) for item in fields(value)}
        return {"kind": type(value).__name__, **content}
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_from_json(item) for item in value)
    if isinstance(value, dict):
        content = dict(value)
        kind = content.pop("kind", None)
        if kind not in _KINDS:
            raise SessionError(f"unknown kind of value {kind!r}; known: {', '.join(_KINDS)}")
        return _KINDS[kind](**{name: _from_json(item) for name, item in content.items()})
    return value
