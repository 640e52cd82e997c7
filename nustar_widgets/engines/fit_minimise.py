"""The best fit, by SciPy and MINUIT.

A statistic that is a sum of squares goes to :func:`scipy.optimize.least_squares`, one that is not
(``pgstat``, ``lstat``) to MIGRAD. MINPACK's Levenberg-Marquardt knows no limits and is the faster
one; a search that meets a limit goes on with the trust-region reflective method (Branch, Coleman &
Li 1999, SIAM J. Sci. Comput. 21, 1). That one stays strictly inside the limits and slows down
beside one: parameters that end there are put on the limit and the search is begun again. It also
takes the distance to a limit for a length scale, so XSPEC's limits of 1e24 must be none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from iminuit import Minuit  # type: ignore[import-untyped]
from scipy.optimize import least_squares

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_objective import Objective

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]
    Watch: TypeAlias = Callable[[Array, float], None]

_TOLERANCE: Final = 1e-6
"""A search ends where the statistic falls by less than this."""

_MAX_EVALUATIONS: Final = 500
_MAX_ROUNDS: Final = 5

_FAR: Final = 1e10
"""Limits beyond it are none; a point beyond one is never taken."""

_BESIDE: Final = 1e-6
"""A parameter this close to a limit, in units of itself, is tried on the limit."""


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
    curvature
        (n, n) second derivatives of the statistic beside it, where they are known.
    """

    x: Array
    value: float
    status: str
    curvature: Array | None = None


def minimise(
    objective: Objective, x: Array, *, stop: Stop | None = None, watch: Watch | None = None
) -> Minimum:
    """Find the minimum of a statistic.

    Parameters
    ----------
    objective
        The statistic.
    x
        (n,) start values, inside the limits.
    stop
        Asked before every step; True ends the search.
    watch
        Told the lowest point so far and the statistic there before every step.

    Raises
    ------
    FitError
        If the model has no finite value at the start.
    """
    objective.require_finite(x)
    search = _Search(objective, x, stop, watch)
    try:
        status = search.run()
    except _Stopped:
        status = "stopped"
    return Minimum(search.x, search.value, status)


class _Stopped(Exception):
    """The caller asked to stop."""


class _Outside(Exception):
    """A search without limits met one."""


class _Search:
    """Where the search is: the lowest point that was met."""

    def __init__(
        self, objective: Objective, x: Array, stop: Stop | None, watch: Watch | None
    ) -> None:
        self.objective = objective
        self.stop = stop
        self.watch = watch
        self.x = x
        self.value = objective.value(x)
        self.low = np.where(objective.low > -_FAR, objective.low, -np.inf)
        self.high = np.where(objective.high < _FAR, objective.high, np.inf)

    def run(self) -> str:
        """Search until parameters put on their limits no longer change anything."""
        if self.x.size == 0:
            return "converged"
        once = self._squares if self.objective.least_squares else self._migrad
        for _ in range(_MAX_ROUNDS):
            before = self.value
            if not once():
                return "not converged"
            if not self._put_on_limits() or before - self.value < _TOLERANCE:
                return "converged"
        return "not converged"

    def _move(self, x: Array, *, slack: float = 0.0) -> bool:
        """Go to a point if the statistic is no higher there, but for a slack."""
        x = np.clip(x, self.objective.low, self.objective.high)
        value = self.objective.value(x)
        if not value <= self.value + slack:
            return False
        self.x, self.value = x, value
        return True

    def _step(self, x: Array) -> Array:
        """Keep the point a minimiser steps from, for a search that is stopped there."""
        self._move(x)
        if self.watch is not None:
            self.watch(self.x, self.value)
        if self.stop is not None and self.stop():
            raise _Stopped
        return x

    def _squares(self) -> bool:
        """Search without limits as long as none is met, which is faster; then within them."""
        try:
            return self._least_squares(self._inside, method="lm")
        except _Outside:
            bounds = self.low, self.high
            return self._least_squares(self.objective.residuals, method="trf", bounds=bounds)

    def _least_squares(self, residuals: Callable[[Array], Array], **how: Any) -> bool:
        found = least_squares(
            residuals,
            self.x,
            jac=self._jacobian,
            x_scale="jac",
            ftol=_TOLERANCE / self.objective.n_bins,  # a good fit has about 1 a bin
            xtol=1e-9,
            gtol=None if how["method"] == "trf" else np.finfo(np.float64).eps,
            max_nfev=_MAX_EVALUATIONS,
            **how,
        )
        self._move(found.x)
        return bool(found.status > 0)

    def _inside(self, x: Array) -> Array:
        """Residuals inside the limits; beyond them, or without a finite value, there are none."""
        if np.any(x < self.objective.low) or np.any(x > self.objective.high):
            raise _Outside
        residuals = self.objective.residuals(x)
        if not np.isfinite(residuals).all():
            raise _Outside
        return residuals

    def _jacobian(self, x: Array) -> Array:
        return self.objective.jacobian(self._step(x))

    def _migrad(self) -> bool:
        minuit = Minuit(self._cost, self.x, grad=self._gradient)
        minuit.errordef = Minuit.LEAST_SQUARES  # a rise by 1 is one standard deviation
        minuit.limits = list(zip(self.low, self.high, strict=True))
        minuit.errors = self._sigma()
        minuit.strategy = 0
        minuit.migrad(ncall=_MAX_EVALUATIONS)
        self._move(np.array(minuit.values))
        return bool(minuit.valid)

    def _cost(self, x: Array) -> float:
        value = self.objective.value(x)
        return value if np.isfinite(value) else float(np.finfo(np.float64).max)

    def _gradient(self, x: Array) -> Array:
        return self.objective.parabola(self._step(x)).gradient

    def _sigma(self) -> Array:
        curvature = np.diag(self.objective.parabola(self.x).curvature)
        variance = np.divide(2.0, curvature, out=self.objective.step**2, where=curvature > 0.0)
        return np.asarray(np.sqrt(variance))

    def _put_on_limits(self) -> bool:
        margin = _BESIDE * np.minimum(self.high - self.low, np.maximum(np.abs(self.x), 1.0))
        x = np.where(self.x - self.low < margin, self.low, self.x)
        x = np.where(self.high - x < margin, self.high, x)
        return not np.array_equal(x, self.x) and self._move(x, slack=_TOLERANCE)
