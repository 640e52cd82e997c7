"""The PyXspec a test runs on: the stand-in, or the real one where it imports."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("pyxspec")


def environment(*, toy: bool = False, fault: Path | None = None) -> dict[str, str]:
    """Return an environment in which ``import xspec`` finds the stand-in.

    Parameters
    ----------
    toy
        With numbers that mean nothing, and a start that takes no time.
    fault
        File that says what goes wrong next.
    """
    environ = {name: text for name, text in os.environ.items() if name != "HEADAS"}
    environ["PYTHONPATH"] = str(FOLDER)
    environ["OPENBLAS_NUM_THREADS"] = "1"
    if toy:
        environ["STANDIN_XSPEC"] = "toy"
    if fault is not None:
        environ["STANDIN_XSPEC_FAULT"] = str(fault)
    return environ
