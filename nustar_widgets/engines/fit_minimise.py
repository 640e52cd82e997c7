"""Levenberg-Marquardt inside a box.

The statistic near a point is a parabola (:mod:`nustar_widgets.engines.fit_objective`). Its
minimum is the next point; where the statistic does not fall there, the step is shortened towards
steepest descent (Marquardt 1963, J. SIAM 11, 431). A parameter at a limit that the slope pushes
outwards is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_objective import Objective, Parabola

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]

_MAX_STEPS = 200
_MAX_DAMPING = 1e12


@dataclass(frozen=True, eq=False)
class Minimum:
    """Where a minimisation ended.

    Attributes
    ----------
    x
        (n,) values of the free parameters.
    value
        The statistic there.
    status
        ``converged``, ``stopped`` or ``not converged``.
    """

    x: Array
    value: float
    status: str


def minimise(
    objective: Objective,
    x: Array,
    *,
    held: NDArray[np.bool_] | None = None,
    tolerance: float = 1e-6,
    stop: Stop | None = None,
) -> Minimum:
    """Find the minimum of a statistic.

    Parameters
    ----------
    objective
        The statistic.
    x
        (n,) start values, inside the limits.
    held
        (n,) parameters kept at their start values; None: none.
    tolerance
        Ends when the statistic is expected to fall by less than this.
    stop
        Asked before every step; True ends the search.
    """
    held = np.zeros(x.size, bool) if held is None else held
    search = _Search(objective, x, tolerance)
    status = "not converged"
    for _ in range(_MAX_STEPS):
        if stop is not None and stop():
            status = "stopped"
            break
        parabola = objective.parabola(search.x, ~held)
        if not search.descend(parabola, held | _pushed_out(objective, search.x, parabola.gradient)):
            status = "converged"
            break
    return Minimum(search.x, search.value, status)


class _Search:
    """Where the search is, and how boldly it goes on."""

    def __init__(self, objective: Objective, x: Array, tolerance: float) -> None:
        self.objective = objective
        self.x = x
        self.value = objective.value(x)
        self.tolerance = tolerance
        self.damping = 1e-3

    def descend(self, parabola: Parabola, fixed: NDArray[np.bool_]) -> bool:
        """Take one step that lowers the statistic; False where there is none worth taking."""
        free = ~fixed
        part = parabola.without(fixed)
        while free.any() and self.damping < _MAX_DAMPING:
            target = self.x.copy()
            target[free] += _step(part, self.damping)
            target = np.clip(target, self.objective.low, self.objective.high)
            move = (target - self.x)[free]
            expected = -float(part.gradient @ move + 0.5 * move @ part.curvature @ move)
            if abs(expected) < self.tolerance:
                return False
            value = self.objective.value(target)
            if value < self.value:
                self.x, self.value = target, value
                self.damping = max(self.damping * 0.1, 1e-9)
                return True
            self.damping *= 10.0
        return False


def _step(part: Parabola, damping: float) -> Array:
    """Damped Newton step, with every parameter scaled to unit curvature."""
    scale = np.sqrt(np.diag(part.curvature))
    scale[scale == 0.0] = 1.0
    scaled = part.curvature / np.outer(scale, scale)
    scaled[np.diag_indices_from(scaled)] += damping
    return np.asarray(np.linalg.solve(scaled, -part.gradient / scale) / scale)


def _pushed_out(objective: Objective, x: Array, gradient: Array) -> NDArray[np.bool_]:
    at_low = (x <= objective.low) & (gradient > 0.0)
    at_high = (x >= objective.high) & (gradient < 0.0)
    return np.asarray(at_low | at_high)
