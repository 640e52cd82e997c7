"""Confidence ranges and contours: the statistic with one or two parameters held.

A range ends where the statistic, all other parameters fitted again, has risen by delta. Near the
best fit its square root rises as a straight line, so the search is a secant in sqrt(rise); each
fit starts from where the one before ended. A range that finds a lower statistic than the best fit
says so and leaves it to the caller to begin again from there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_follow import follow
from nustar_widgets.engines.fit_minimise import Minimum

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_objective import Objective

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]

_TOLERANCE = 5e-3
"""A range ends where the rise is delta to this part of delta."""

_NEW_MINIMUM = 1e-2
"""A statistic lower than the best by more than this is a new minimum, as in XSPEC."""

_MAX_TRIALS = 40


class NewMinimum(Exception):
    """The search came upon a lower statistic.

    Parameters
    ----------
    found
        Where.
    """

    def __init__(self, found: Minimum) -> None:
        self.found = found
        super().__init__(f"statistic {found.value:g}")


class Stopped(Exception):
    """The caller asked to stop."""


@dataclass(frozen=True)
class Side:
    """One end of a confidence range.

    Attributes
    ----------
    end
        The parameter there; None if none was found.
    at_limit
        The parameter's hard limit was met first.
    monotonic
        The statistic rose all the way.
    """

    end: float | None = None
    at_limit: bool = False
    monotonic: bool = True


@dataclass(frozen=True)
class Range:
    """A confidence range.

    Attributes
    ----------
    low, high
        Its ends.
    renewed
        The search had found a lower statistic and begun again.
    """

    low: Side
    high: Side
    renewed: bool = False

    @property
    def letters(self) -> str:
        """XSPEC's nine letters; a limit that was met counts as a failed search too, as there."""
        low, high = self.low, self.high
        flags = (
            self.renewed,
            not (low.monotonic and high.monotonic),
            False,
            low.at_limit,
            high.at_limit,
            False,
            low.end is None or low.at_limit,
            high.end is None or high.at_limit,
            False,
        )
        return "".join("T" if flag else "F" for flag in flags)


@dataclass
class Profile:
    """The statistic as a function of one parameter.

    Attributes
    ----------
    objective
        The statistic.
    best
        The best fit.
    place
        The parameter.
    covariance
        Covariance of all free parameters at the best fit, NaN where it is unknown.
    stop
        True ends the search.
    """

    objective: Objective
    best: Minimum
    place: int
    covariance: Array
    stop: Stop | None = None
    _x: Array = field(init=False)

    def __post_init__(self) -> None:
        self.covariance = np.nan_to_num(self.covariance)
        self._x = self.best.x

    def rise(self, value: float) -> float:
        """Rise of the statistic above the best fit with the parameter at a value.

        Raises
        ------
        NewMinimum
            If it falls instead.
        Stopped
            If the caller asked for it.
        """
        held = np.zeros(self.best.x.size, bool)
        held[self.place] = True
        found = follow(self.objective, self._towards(value), held, tolerance=1e-4, stop=self.stop)
        if found.status == "stopped":
            raise Stopped
        rise = found.value - self.best.value
        if rise < -_NEW_MINIMUM:
            raise NewMinimum(found)
        self._x = found.x
        return max(rise, 0.0)

    def _towards(self, value: float) -> Array:
        """Move the other parameters along the ridge of the covariance."""
        objective, place = self.objective, self.place
        variance = self.covariance[place, place]
        slope = self.covariance[place] / variance if variance > 0.0 else np.zeros_like(self._x)
        start = np.clip(self._x + slope * (value - self._x[place]), objective.low, objective.high)
        start[place] = value
        return np.asarray(start)

    def side(self, direction: int, delta: float) -> Side:
        """Search one end of the range.

        Parameters
        ----------
        direction
            -1 downwards, +1 upwards.
        delta
            Rise of the statistic.
        """
        self._x = self.best.x
        limit = float((self.objective.high if direction > 0 else self.objective.low)[self.place])
        here = float(self.best.x[self.place])
        if here == limit:
            return Side(end=limit, at_limit=True)
        return _find_end(
            self.rise, here, limit, first=self._first_step(direction, delta), delta=delta
        )

    def _first_step(self, direction: int, delta: float) -> float:
        variance = float(self.covariance[self.place, self.place])
        if not (math.isfinite(variance) and variance > 0.0):
            variance = float(self.objective.step[self.place]) ** 2
        return direction * math.sqrt(delta * variance)


def _find_end(
    rise: Callable[[float], float], here: float, limit: float, *, first: float, delta: float
) -> Side:
    """Solve sqrt(rise) = sqrt(delta) by secant steps that stay inside what is bracketed."""
    direction = math.copysign(1.0, first)
    goal = math.sqrt(delta)
    inner, inner_root = here, 0.0
    outer: float | None = None
    outer_root = 0.0
    monotonic = True
    trial = here + first
    for _ in range(_MAX_TRIALS):
        if direction * (trial - limit) > 0.0:
            trial = limit
        root = math.sqrt(rise(trial))
        if abs(root * root - delta) < _TOLERANCE * delta:
            return Side(end=trial, monotonic=monotonic)
        if root < goal:
            monotonic = monotonic and root >= inner_root
            if trial == limit:
                return Side(end=limit, at_limit=True, monotonic=monotonic)
            inner, inner_root = trial, root
        else:
            outer, outer_root = trial, root
        trial = _next_trial(here, (inner, inner_root), outer, outer_root, goal=goal, first=first)
    return Side(monotonic=monotonic)


def _next_trial(
    here: float,
    inner: tuple[float, float],
    outer: float | None,
    outer_root: float,
    *,
    goal: float,
    first: float,
) -> float:
    place, root = inner
    if outer is None:
        grown = (place - here) * goal / root if root > 0.1 * goal else 4.0 * (place - here)
        return here + (grown if abs(grown) < 8.0 * abs(place - here) else 8.0 * (place - here))
    part = (goal - root) / (outer_root - root)
    return place + min(max(part, 0.02), 0.98) * (outer - place)


def map_statistic(
    objective: Objective,
    best: Minimum,
    places: tuple[int, int],
    grids: tuple[Array, Array],
    stop: Stop | None = None,
) -> Array:
    """Map the statistic over two parameters, the others fitted at each point.

    Parameters
    ----------
    objective
        The statistic.
    best
        The best fit.
    places
        The two parameters.
    grids
        Their values.
    stop
        Asked before every point; points not reached are NaN.

    Returns
    -------
    (n_y, n_x) statistic.
    """
    held = np.zeros(best.x.size, bool)
    held[list(places)] = True
    ridge = _ridge(objective.parabola(best.x).curvature, np.array(places))
    grid_x, grid_y = grids
    values = np.full((grid_y.size, grid_x.size), np.nan)
    x = best.x
    for row, y in enumerate(grid_y):
        # Back and forth, so that every fit starts beside the one before.
        columns = range(grid_x.size) if row % 2 == 0 else range(grid_x.size - 1, -1, -1)
        for column in columns:
            if stop is not None and stop():
                return values
            target = np.array([grid_x[column], y])
            start = x + ridge @ (target - x[list(places)])
            start = np.clip(start, objective.low, objective.high)
            start[list(places)] = target
            found = follow(objective, start, held, tolerance=1e-3)
            values[row, column] = found.value
            x = found.x
    return values


def _ridge(curvature: Array, held: NDArray[np.intp]) -> Array:
    """(n, n_held) how the other parameters follow the held ones along the floor of the parabola."""
    others = np.setdiff1d(np.arange(curvature.shape[0]), held)
    ridge = np.zeros((curvature.shape[0], held.size))
    among = np.linalg.pinv(curvature[np.ix_(others, others)])
    ridge[others] = -among @ curvature[np.ix_(others, held)]
    return ridge
