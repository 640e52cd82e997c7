"""Fits of the stand-in."""

from __future__ import annotations

from . import faults
from .data import AllData
from .model import AllModels
from .xset import Strict, command, failed, numbers


class _Fit(Strict):
    query = "on"
    nIterations = 10
    criticalDelta = 0.01
    statMethod = "chi"
    weight = "standard"
    _test = "chi"
    method = "leven"
    _grid: list[float] = []  # noqa: RUF012

    @property
    def statistic(self) -> float:
        return float(numbers.statistic(AllModels.state()))

    @property
    def dof(self) -> int:
        free = sum(not p._frozen and not p._link for p in AllModels.all())
        return sum(len(AllData(n).noticed) for n in range(1, AllData.nSpectra + 1)) - free

    @property
    def covariance(self) -> tuple[float, ...]:
        if AllModels._covariance is None:
            raise Exception("Error executing xset/tclout command.")
        return AllModels._covariance

    @property
    def statTest(self) -> str:
        return self._test

    @statTest.setter
    def statTest(self, name: str) -> None:
        command("statistic")
        if name not in ("chi", "pchi", "ks", "cvm", "ad", "runs"):
            raise failed("statistic", f"Statistic not recognized: {name}")
        object.__setattr__(self, "_test", name)

    @property
    def testStatistic(self) -> float:
        return float(numbers.test(AllModels.state(), self._test))

    def renorm(self) -> None:
        command("renorm")
        AllModels.is_valid = False

    def perform(self) -> None:
        command("fit")
        while True:
            done, *where = numbers.fit(AllModels.state(), self.nIterations)
            AllModels.settle(*where)
            if done or self.query == "no":
                return
            if self.query != "yes":
                faults.say("Number of trials exceeded: continue fitting?")
                faults.hang()

    def error(self, text: str) -> None:
        command("error")
        if not AllModels.is_valid:  # said only where the chatter is 10
            raise Exception("Error executing command: error")
        words = text.replace(",", " ").split()
        while words and words[0] in ("stopat", "maximum"):
            words = words[3:] if words[0] == "stopat" else words[2:]
        delta = float(words[0])
        for number in map(int, words[1:]):
            found, values = numbers.error(AllModels.state(), number, delta)
            for parameter, value in zip(AllModels.all(), values, strict=True):
                parameter._values[0] = value
            AllModels.all()[number - 1].error = found

    def steppar(self, text: str) -> None:
        command("steppar")
        words = [word for word in text.split() if word not in ("nolog", "current", "best")]
        number, low, high, n = int(words[0]), float(words[1]), float(words[2]), int(words[3])
        values = [low + (high - low) * k / n for k in range(n + 1)]
        object.__setattr__(self, "_grid", numbers.step(AllModels.state(), number, values))

    def stepparResults(self, what: str) -> list[float]:
        assert what == "statistic"
        return list(self._grid)


Fit = _Fit()
