"""Settings, and what every command of the stand-in does."""

from __future__ import annotations

import os
import random
import sys
from typing import Any

from . import faults

if os.environ.get("STANDIN_XSPEC") == "toy":
    from .toy import Numbers
else:
    from .numbers import Numbers  # type: ignore[assignment]

numbers: Any = Numbers()


def command(name: str) -> None:
    """Every command of XSPEC passes here."""
    if Xset.chatter > 9:
        faults.say(f"XSPEC12> {name}")
    faults.happen(name)


def complain(text: str) -> None:
    """Errors are printed whatever the chatter is."""
    faults.say(text)


def failed(name: str, reason: str) -> Exception:
    """Say why, and return what PyXspec raises, which does not."""
    complain(f"***XSPEC Error:  {reason}")
    return Exception(f"Error executing command: {name}")


def question(text: str) -> None:
    """Ask, and wait where prompting is allowed."""
    faults.say(text)
    if Xset.allowPrompting:
        faults.hang()


def always_asked(text: str) -> None:
    """Ask even where prompting is not allowed; the end of the input is an answer."""
    faults.say(text)
    sys.stdin.readline()


class Strict:
    """Misspelt attributes raise, as in PyXspec."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(self, name):
            raise AttributeError(f"Error: {type(self).__name__} has no attribute {name!r}")
        object.__setattr__(self, name, value)


class _Xset(Strict):
    allowPrompting = True
    chatter = 10
    abund = "angr"
    xsect = "bcmc"
    _cosmo = "70 0 0.73"
    version = ("12.9.1", "stand-in")
    _chance = random.Random(1)

    @property
    def seed(self) -> None:
        """PyXspec never tells it."""

    @seed.setter
    def seed(self, seed: int) -> None:
        command("xset")
        self._chance.seed(seed)

    @property
    def cosmo(self) -> tuple[str, ...]:
        return tuple(self._cosmo.split())

    @cosmo.setter
    def cosmo(self, words: str) -> None:
        from .model import AllModels

        command("xset")
        object.__setattr__(self, "_cosmo", words)
        AllModels.is_valid = False

    def save(self, fileName: str, info: str = "a") -> None:
        from .fit import Fit
        from .model import AllModels

        command("save")
        with open(fileName, "w") as file:  # noqa: PTH123
            file.write(f"statistic {Fit.statMethod}\nmodel  {AllModels.expression}\n")


class _Plot(Strict):
    device = "/xw"
    xAxis = "channel"


Xset = _Xset()
Plot = _Plot()
