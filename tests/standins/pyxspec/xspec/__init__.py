"""A stand-in for PyXspec, as PyXspec 2.0.0 was measured to behave; its numbers are not XSPEC's.

One state for the process, in ``AllData AllModels Fit Plot Xset``. Errors are bare exceptions and
their reasons are on file descriptor 1. A value beyond a hard limit is not taken, which is printed
and not raised. It asks questions, and then waits for ever, unless told not to.

``STANDIN_XSPEC=toy`` takes numbers from a toy that imports nothing and starts at once; otherwise
they are the embedded engine's. ``STANDIN_XSPEC_FAULT`` names a file: where it is there, what it
says happens at the next command, once.
"""

from __future__ import annotations

from . import _pyXspec
from .chain import AllChains, Chain
from .data import AllData, Spectrum
from .fit import Fit
from .model import AllModels, Model
from .xset import Plot, Xset

__all__ = [
    "AllChains",
    "AllData",
    "AllModels",
    "Chain",
    "Fit",
    "Model",
    "Plot",
    "Spectrum",
    "Xset",
    "_pyXspec",
]
