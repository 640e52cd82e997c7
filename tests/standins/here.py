"""The HEASoft a test runs on: the stand-in, or the real one where there is one."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from tests.standins import headas


@dataclass(frozen=True)
class Here:
    """One HEASoft with the environment that names it.

    Attributes
    ----------
    environ
        Environment in which it is found.
    headas
        ``$HEADAS``.
    is_real
        Whether the tasks are HEASoft's own.
    """

    environ: dict[str, str]
    headas: Path
    is_real: bool


def stand_in(folder: Path) -> Here:
    """Build the stand-in tasks; heasoftpy is the real one where that can be imported."""
    built = headas.build(folder)
    environ = {name: text for name, text in os.environ.items() if "CALDB" not in name}
    environ |= {"HEADAS": str(built)}
    if importlib.util.find_spec("heasoftpy") is None:
        environ["PYTHONPATH"] = str(headas.HEASOFTPY)
    return Here(environ=environ, headas=built, is_real=False)


def real() -> Here | None:
    """Return the installation HEADAS names, or ``None``."""
    if not os.environ.get("HEADAS"):
        return None
    return Here(environ=dict(os.environ), headas=Path(os.environ["HEADAS"]), is_real=True)


def heasoftpy() -> str:
    """Say which heasoftpy runs the tasks."""
    return "real" if importlib.util.find_spec("heasoftpy") else "stand-in"


def described() -> str:
    """Say which ones the tests run on."""
    tasks = os.environ.get("HEADAS") or "none"
    return (
        f"heasoftpy: {heasoftpy()}; "
        f"HEASoft: stand-in tasks, and with -m heasoft the real one ({tasks})"
    )
