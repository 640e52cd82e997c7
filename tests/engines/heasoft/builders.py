"""Small tasks for one test, and short folders for them to run in."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from nustar_widgets.engines.base import TaskResult
from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from tests.standins import headas
from tests.standins.here import Here

Run = Callable[..., TaskResult]
"""Runs the stand-in task with the parameters given; told how it goes by the first argument."""


@contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder whose path is short and plain enough for tasks to run in."""
    folder = Path(tempfile.mkdtemp(prefix="nwt"))
    yield folder
    shutil.rmtree(folder)


def shell_engine(
    standin: Here, folder: Path, task: str, rows: list[headas.Row], script: str
) -> HeasoftEngine:
    """Return an engine on a HEASoft with one task, a shell script with its parameters as variables.

    Parameters
    ----------
    standin
        The stand-in, for its heasoftpy.
    folder
        An empty folder; working folders are made in it too.
    task
        Name of the task.
    rows
        Its parameters.
    script
        What it does.
    """
    built = headas.build(folder / "headas", {task: rows})
    program = built / "bin" / task
    read = 'for word in "$@"; do export "$word"; done\n'
    program.write_text(f"#!/bin/sh\n{read}{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return HeasoftEngine(standin.environ | {"HEADAS": str(built)}, scratch=folder)


def left_in(folder: Path) -> set[str]:
    """Names of all that lies in a folder, the stand-in HEASoft apart."""
    return {path.name for path in folder.iterdir()} - {"headas"}


def standin_call(**params: ParamValue) -> TaskCall:
    """Return a call of the stand-in task."""
    return TaskCall(task="standin", params=tuple({"outfile": "out.json", **params}.items()))


def report(result: TaskResult) -> dict[str, Any]:
    """Return what the stand-in task saw."""
    (product,) = result.products
    saved: dict[str, Any] = json.loads(product.path.read_bytes())
    return saved


def processes_in(folder: Path) -> list[str]:
    """Return the command lines of the processes whose parameter files lie in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PFILES", "").startswith(str(folder)):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
