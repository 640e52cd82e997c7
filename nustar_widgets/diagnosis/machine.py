"""Python and the machine: disk, memory, cores."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from nustar_widgets.diagnosis.findings import Finding
from nustar_widgets.processes import available_cores
from nustar_widgets.version import __version__

GROUP: Final = "Machine"
_GB: Final = 1e9
# An observation of 33 ks has 0.2 GB; its scratch files and products about as much again each.
_WORK_BYTES: Final = 2 * _GB
_TEMPORARY_BYTES: Final = 1 * _GB
_MEMORY_BYTES: Final = 1 * _GB  # ten million events take half of it
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def package_findings() -> Iterator[Finding]:
    """Tell the versions of Python and of this package."""
    python = f"{platform.python_version()} ({sys.executable})"
    for name, found in (("Python", python), ("nustar_widgets", __version__)):
        yield Finding(name=name, ok=True, found=found, enables="everything", group="This kernel")


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
        yield _finding("temporary folder", told, "", remedy)
    else:
        yield _disk(
            "temporary folder", temporary, _TEMPORARY_BYTES, "export TMPDIR=/a/folder/with/room"
        )
    yield _memory()
    yield _finding("cores", str(available_cores()), "tasks side by side")


def _disk(name: str, folder: Path, wanted: float, remedy: str) -> Finding:
    """Tell how much room a folder has, and whether it can be written at all."""
    enables = f"products and scratch files; {wanted / _GB:g} GB or more"
    there = folder.absolute()
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        told, mend = f"{there}: {error.strerror}", f"mkdir -p {shlex.quote(str(there))}"
        return _finding(name, told, enables, mend)
    told = f"{free / _GB:.1f} GB free in {there}"
    if not os.access(there, os.W_OK | os.X_OK):
        told, mend = f"{told}, which cannot be written", f"chmod u+wx {shlex.quote(str(there))}"
        return _finding(name, told, enables, mend)
    ok = free >= wanted
    return _finding(name, told, enables, "" if ok else remedy)


def _memory() -> Finding:
    seen = psutil.virtual_memory()
    limit = _cgroup_limit()
    told = f"{seen.total / _GB:.1f} GB, {seen.available / _GB:.1f} GB free"
    if limit is not None and limit < seen.total:
        told = f"{limit / _GB:.1f} GB allowed to this container, {told} in the machine"
    ok = min(seen.total, seen.total if limit is None else limit) >= _MEMORY_BYTES
    enables = "large event lists and fits; 1 GB or more"
    return _finding("memory", told, enables, "" if ok else "ps aux --sort=-rss | head")


def _finding(name: str, found: str, enables: str, remedy: str = "") -> Finding:
    return Finding(
        name=name, ok=not remedy, found=found, enables=enables, remedy=remedy, group=GROUP
    )


def _cgroup_limit() -> int | None:
    """Return what a container is limited to [bytes], or ``None``."""
    try:
        text = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
