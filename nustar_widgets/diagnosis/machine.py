"""Python, the front end, and the machine: disk, memory, cores."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import psutil

from nustar_widgets.diagnosis.findings import Finding
from nustar_widgets.processes import available_cores
from nustar_widgets.version import __version__

_GB: Final = 1e9
# An observation of 33 ks has 0.2 GB; its scratch files and products about as much again each.
_WORK_BYTES: Final = 2 * _GB
_TEMPORARY_BYTES: Final = 1 * _GB
_MEMORY_BYTES: Final = 1 * _GB  # ten million events take half of it
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_GET_LAB = "pip install 'nustar-widgets[lab]'"


def package_findings() -> Iterator[Finding]:
    """Tell the versions of Python and of this package."""
    python = f"{platform.python_version()} ({sys.executable})"
    yield Finding(name="Python", ok=True, found=python, enables="everything")
    yield Finding(name="nustar_widgets", ok=True, found=__version__, enables="everything")


def front_end_findings() -> Iterator[Finding]:
    """Look for the packages the panels need, by their metadata, without importing them."""
    yield _installed("ipywidgets", "the panels in a notebook")
    plots, gl = _installed("bqplot", "plots in the panels"), _version("bqplot-gl")
    if plots.ok and gl:
        # Its second copy of d3 takes the mouse events from bqplot's own.
        plots = Finding(
            name="bqplot",
            ok=False,
            found=f"{plots.found}, but bqplot-gl {gl} is here too and breaks its dragging",
            enables=plots.enables,
            remedy="pip uninstall -y bqplot-gl",
        )
    yield plots


def _installed(name: str, enables: str) -> Finding:
    version = _version(name)
    remedy = "" if version else _GET_LAB
    found = version or "not installed"
    return Finding(name=name, ok=bool(version), found=found, enables=enables, remedy=remedy)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def machine_findings(work_dir: Path) -> Iterator[Finding]:
    """Look at disk, memory and cores.

    Parameters
    ----------
    work_dir
        Folder the products will go to.
    """
    yield _disk("working folder", work_dir, _WORK_BYTES, "df -h")
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        told, remedy = str(error), "export TMPDIR=$HOME/tmp; mkdir -p $TMPDIR"
        yield Finding(name="temporary folder", ok=False, found=told, enables="", remedy=remedy)
    else:
        yield _disk(
            "temporary folder", temporary, _TEMPORARY_BYTES, "export TMPDIR=/a/folder/with/room"
        )
    yield _memory()
    yield Finding(name="cores", ok=True, found=str(available_cores()), enables="tasks side by side")


def _disk(name: str, folder: Path, wanted: float, remedy: str) -> Finding:
    """Tell how much room a folder has, and whether it can be written at all."""
    enables = f"products and scratch files; {wanted / _GB:g} GB or more"
    there = folder.absolute()
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        told, mend = f"{there}: {error.strerror}", f"mkdir -p {shlex.quote(str(there))}"
        return Finding(name=name, ok=False, found=told, enables=enables, remedy=mend)
    told = f"{free / _GB:.1f} GB free in {there}"
    if not os.access(there, os.W_OK | os.X_OK):
        told, mend = f"{told}, which cannot be written", f"chmod u+wx {shlex.quote(str(there))}"
        return Finding(name=name, ok=False, found=told, enables=enables, remedy=mend)
    ok = free >= wanted
    return Finding(name=name, ok=ok, found=told, enables=enables, remedy="" if ok else remedy)


def _memory() -> Finding:
    seen = psutil.virtual_memory()
    limit = _cgroup_limit()
    told = f"{seen.total / _GB:.1f} GB, {seen.available / _GB:.1f} GB free"
    if limit is not None and limit < seen.total:
        told = f"{limit / _GB:.1f} GB allowed to this container, {told} in the machine"
    ok = min(seen.total, seen.total if limit is None else limit) >= _MEMORY_BYTES
    return Finding(
        name="memory",
        ok=ok,
        found=told,
        enables="large event lists and fits; 1 GB or more",
        remedy="" if ok else "ps aux --sort=-rss | head",
    )


def _cgroup_limit() -> int | None:
    """Return what a container is limited to [bytes], or ``None``."""
    try:
        text = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
