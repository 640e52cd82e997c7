"""Finding other versions of Python on this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path


def named(version: str) -> str | None:
    """Return a Python of that version, as ``3.12``, or ``None`` where there is none."""
    return next((path for path in _candidates(version) if _says(path) == version), None)


def _candidates(version: str) -> Iterator[str]:
    """Name programs that may be it: those on the path, then those pyenv keeps beside it."""
    yield from (str(Path(one) / f"python{version}") for one in os.get_exec_path())
    root = os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"
    yield from sorted(map(str, Path(root, "versions").glob(f"{version}.*/bin/python{version}")))


def _says(program: str) -> str:
    """Ask a program which version it is; a name that leads nowhere says nothing."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([program, "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
