"""Chains of the stand-in: Goodman and Weare's stretch move, written as XSPEC writes it."""

from __future__ import annotations

import math
import os
import random
from typing import Any

Point = list[float]
_STRETCH = 2.0


class StretchMove:
    """A chain in a file, which can be lengthened.

    Parameters
    ----------
    path
        The file.
    walkers
        How many.
    statistic
        Given free values, the statistic; None outside the hard limits.
    """

    def __init__(self, path: str, walkers: int, statistic: Any) -> None:
        self.path = path
        self.statistic = statistic
        self.walkers = walkers
        self.points: list[tuple[Point, float]] = []

    def begin(self, starts: list[Point], names: list[str]) -> None:
        """Write the head and the first step, which is where the walkers start."""
        self.points = [(point, self.statistic(point)) for point in starts]
        with open(self.path, "w") as file:  # noqa: PTH123
            file.write(f"! Markov_Chain_File by the stand-in\n! Width: {len(names) + 1}\n")
            file.write("! Temper_Info\n" + "  ".join([*names, "FIT_STATISTIC"]) + "\n")
        self._write()

    def go_on(self, steps: int, chance: random.Random) -> None:
        """Lengthen it."""
        half = self.walkers // 2
        for _ in range(steps):
            for first in (0, half):
                others = self.points[half:] if first == 0 else self.points[:half]
                for number in range(first, first + half):
                    self.points[number] = self._moved(number, chance.choice(others)[0], chance)
            self._write()

    def _moved(self, number: int, other: Point, chance: random.Random) -> tuple[Point, float]:
        here, value = self.points[number]
        z = ((_STRETCH - 1.0) * chance.random() + 1.0) ** 2 / _STRETCH
        there = [o + z * (h - o) for h, o in zip(here, other, strict=True)]
        found = self.statistic(there)
        if found is None:
            return here, value
        gain = (len(here) - 1) * math.log(z) - 0.5 * (found - value)
        return (there, found) if math.log(1.0 - chance.random()) < gain else (here, value)

    def _write(self) -> None:
        with open(self.path, "a") as file:  # noqa: PTH123
            for point, value in self.points:
                file.write("".join(f"{number:21.14g}" for number in (*point, value)) + "\n")


def exists(path: str) -> bool:
    """Whether there is such a file: XSPEC asks before it overwrites one."""
    return os.path.exists(path)  # noqa: PTH110
