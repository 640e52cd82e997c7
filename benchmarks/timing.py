"""Timing in one process: warm up, repeat, keep every duration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np


@dataclass(frozen=True)
class Timing:
    """Durations of one step, measured again and again.

    Parameters
    ----------
    seconds
        Every duration [s].
    """

    seconds: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """Median [s]."""
        return median(self.seconds)

    @property
    def p95_s(self) -> float:
        """The duration 95 % stay below [s]; of few measurements nearly the longest."""
        return float(np.percentile(self.seconds, 95))

    def times_faster_than(self, peer: Timing) -> float:
        """Ratio of medians; above 1 when this is the faster one."""
        return peer.median_s / self.median_s


def measure(
    step: Callable[[], object],
    *,
    repeats: int,
    warm_up: int = 3,
    before: Callable[[], object] | None = None,
) -> Timing:
    """Time a step.

    Parameters
    ----------
    step
        What is timed. The garbage collector stays on, as it is in a notebook.
    repeats
        How often.
    warm_up
        Runs before that, not counted.
    before
        Run before each step, outside the clock.
    """
    seconds = []
    for _ in range(warm_up + repeats):
        if before is not None:
            before()
        start = perf_counter()
        step()
        seconds.append(perf_counter() - start)
    return Timing(tuple(seconds[warm_up:]))
