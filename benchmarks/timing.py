"""Timing in one process: warm up, repeat, keep every duration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

import numpy as np


@dataclass(frozen=True)
class Timing:
    """Durations of one step, measured again and again.

    Parameters
    ----------
    seconds
        Every duration by the clock [s].
    cpu_seconds
        Processor time of each [s], what other programs on the machine disturb least; empty where
        it is not known.
    """

    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...] = ()

    @property
    def median_s(self) -> float:
        """Median [s]."""
        return median(self.seconds)

    @property
    def p95_s(self) -> float:
        """The duration 95 % stay below [s]; of few measurements nearly the longest."""
        return float(np.percentile(self.seconds, 95))

    @property
    def cpu_median_s(self) -> float | None:
        """Median of the processor time [s]; None where it is not known."""
        return median(self.cpu_seconds) if self.cpu_seconds else None

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
    seconds, cpu_seconds = [], []
    for _ in range(warm_up + repeats):
        if before is not None:
            before()
        start, cpu_start = perf_counter(), process_time()
        step()
        cpu_seconds.append(process_time() - cpu_start)
        seconds.append(perf_counter() - start)
    return Timing(tuple(seconds[warm_up:]), tuple(cpu_seconds[warm_up:]))
