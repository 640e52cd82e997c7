"""Telling somebody how a fit goes, often enough to look alive and seldom enough to cost nothing."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from nustar_widgets.engines.fitting import FitStep

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_objective import Objective

    Array: TypeAlias = NDArray[np.float64]

PER_SECOND = 30.0


class Pace:
    """Whether it is time to say something again.

    Parameters
    ----------
    per_second
        How often at most.
    """

    def __init__(self, per_second: float = PER_SECOND) -> None:
        self._every = 1.0 / per_second
        self._next = 0.0

    def due(self) -> bool:
        """Ask, and start waiting anew if it is time."""
        now = monotonic()
        if now < self._next:
            return False
        self._next = now + self._every
        return True


class FitWatch:
    """Keeps the trace of a fit, and tells where it is.

    Parameters
    ----------
    objective
        The statistic, which counts its evaluations.
    tell
        Told the first step, then one at most 30 times a second, and the end.
    """

    def __init__(self, objective: Objective, tell: Callable[[FitStep], None]) -> None:
        self._objective = objective
        self._tell = tell
        self._pace = Pace()
        self._start = objective.n_evaluations
        self._trace: list[tuple[int, float]] = []

    def step(self, x: Array, value: float) -> None:
        """Take a step of the fit.

        Parameters
        ----------
        x
            (n,) free parameters at the lowest statistic so far.
        value
            The statistic there.
        """
        self._trace.append((self._objective.n_evaluations - self._start, value))
        if self._pace.due():
            self._say(x)

    def end(self, x: Array, value: float) -> None:
        """Take the end of the fit; it is always told."""
        self._trace.append((self._objective.n_evaluations - self._start, value))
        self._say(x)

    def _say(self, x: Array) -> None:
        table = self._objective.table
        names = (row.name for row in table.rows)
        n_evaluations, value = self._trace[-1]
        self._tell(
            FitStep(
                n_evaluations=n_evaluations,
                statistic=value,
                values=dict(zip(names, table.full(x), strict=True)),
                trace=tuple(self._trace),
            )
        )
