"""Chains of the stand-in."""

from __future__ import annotations

from .model import AllModels
from .stretch import StretchMove, exists
from .xset import Xset, command, numbers, question


class Chain:
    """A chain, run as soon as it is made."""

    def __init__(
        self, fileName: str, fileType: str, burn: int, runLength: int, proposal: str, rand: bool,
        temperature: float, algorithm: str, walkers: int,
    ) -> None:  # fmt: skip
        assert (fileType, burn, algorithm, rand) == ("ascii", 0, "gw", False)
        assert (proposal, temperature) == ("gaussian fit", 1.0)
        self.runLength, self.walkers, self.fileName = runLength, walkers, fileName
        if exists(fileName):
            question(f"{fileName} already exists.  Overwrite? (y/n): ")
            return
        self._chain = StretchMove(fileName, walkers, self._statistic)
        self._chain.begin(self._starts(), [p.name for p in AllModels.free()])
        self._go(self.runLength // self.walkers - 1)

    def run(self, append: bool = True) -> None:
        assert append
        self._go(self.runLength // self.walkers)

    def _go(self, steps: int) -> None:
        command("chain")
        self._chain.go_on(steps, Xset._chance)
        if self not in AllChains.loaded:
            AllChains.loaded.append(self)

    def _starts(self) -> list[list[float]]:
        free = AllModels.free()
        spread = [p.sigma if AllModels.is_valid else 10.0 * p._values[1] for p in free]
        gauss = Xset._chance.gauss
        return [
            [
                min(max(p._values[0] + gauss(0.0, s), p._values[2]), p._values[5])
                for p, s in zip(free, spread, strict=True)
            ]
            for _ in range(self.walkers)
        ]

    def _statistic(self, point: list[float]) -> float | None:
        free = AllModels.free()
        if any(not p._values[2] <= v <= p._values[5] for p, v in zip(free, point, strict=True)):
            return None
        state, moved = AllModels.state(), dict(zip(map(id, free), point, strict=True))
        state["parameters"] = [
            (row[0], row[1], (moved.get(id(p), row[2][0]), *row[2][1:]), *row[3:])
            for p, row in zip(AllModels.all(), state["parameters"], strict=True)
        ]
        return float(numbers.statistic(state))


class _AllChains:
    def __init__(self) -> None:
        self.loaded: list[Chain] = []

    def clear(self) -> None:
        command("chain")
        self.loaded = []


AllChains = _AllChains()
