"""Which engine does a task: the one that is wished for, or the best that can do it here."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

from nustar_widgets.engines.base import Engine
from nustar_widgets.engines.heasoft.engine import GET_HEASOFTPY, HeasoftEngine
from nustar_widgets.engines.heasoft.installation import Caldb, Installation
from nustar_widgets.errors import InputFileError, TaskNotSupported


@dataclass(frozen=True, kw_only=True)
class EngineChoice:
    """The engine of one task.

    Attributes
    ----------
    engine
        The engine.
    note
        Why it is not HEASoft's, where nobody asked for another; else empty.
    """

    engine: Engine
    note: str = ""


def engine_for(
    task: str, wish: str = "auto", *, environ: Mapping[str, str] | None = None
) -> EngineChoice:
    """Choose who does a task.

    Parameters
    ----------
    task
        Name of the task.
    wish
        ``heasoft``, ``embedded``, or ``auto``: HEASoft where it can do the task, else the embedded
        engine if that can.
    environ
        Environment to look for HEASoft in; this process's own by default.

    Raises
    ------
    TaskNotSupported
        Nobody here can; the message says what is missing and how to get it.
    """
    problem = "" if wish == "embedded" else why_not_heasoft(task, environ)
    if wish == "heasoft" or (wish == "auto" and not problem):
        engine = HeasoftEngine(environ)
        engine.spec(task)  # raises where there is none
        return EngineChoice(engine=engine)
    # Only where it is wanted: it brings astropy, which takes longer to import than many a task.
    from nustar_widgets.engines.embedded import EmbeddedEngine  # noqa: PLC0415

    embedded = EmbeddedEngine()
    if wish == "auto" and not embedded.supports(task):
        raise TaskNotSupported(task, problem)
    embedded.spec(task)
    return EngineChoice(engine=embedded, note=problem)


def why_not_heasoft(task: str, environ: Mapping[str, str] | None = None) -> str:
    """Say what keeps HEASoft from doing a task here; empty where nothing does.

    Parameters
    ----------
    task
        Name of the task.
    environ
        As in `engine_for`.
    """
    environ = dict(os.environ if environ is None else environ)
    try:
        HeasoftEngine(environ).spec(task)
        environment = _environment(tuple(sorted(environ.items())))
    except TaskNotSupported as missing:
        return missing.problem
    except InputFileError as damaged:  # its set-up or the parameter file
        return str(damaged)
    if not _has_heasoftpy(environ):
        return f"HEASoft is here, but heasoftpy is not. {GET_HEASOFTPY}"
    if not task.startswith("nu"):  # NuSTAR's own tasks read the calibration database
        return ""
    caldb = Caldb.find(environment)
    return f"{caldb.problem}. {caldb.remedy}" if caldb.problem else ""


def _has_heasoftpy(environ: Mapping[str, str]) -> bool:
    """Whether a process of this environment would find heasoftpy; it is not imported here."""
    named = [place for place in environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    return PathFinder.find_spec("heasoftpy", [*named, *sys.path, str(Path.cwd())]) is not None


@lru_cache(maxsize=4)
def _environment(given: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Environment of tasks; remembered, for a shell may have to be asked."""
    found = Installation.find(dict(given))
    return dict(given) if found is None else found.environment
