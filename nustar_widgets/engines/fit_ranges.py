"""Confidence ranges: the statistic with one parameter held.

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

_FAR_OFF = 100.0
"""A start this much above the best fit is not taken without a look at another."""

_SHUT = 1e-6
"""A bracket this narrow, in parts of the range, holds a jump."""

_STEEP = 4.0
"""Where sqrt(rise) is this many times what is looked for, it is no straight line any more."""

_MAX_TRIALS = 60


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
    _curvature: Array | None = field(init=False, default=None)

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
        found = follow(
            self.objective,
            self._towards(value),
            held,
            tolerance=1e-4,
            curvature=self._curvature,
            stop=self.stop,
        )
        if found.status == "stopped":
            raise Stopped
        rise = found.value - self.best.value
        if rise < -_NEW_MINIMUM:
            raise NewMinimum(found)
        if rise < _FAR_OFF:  # else the next trial would start from a place of no use
            self._x, self._curvature = found.x, found.curvature
        return max(rise, 0.0)

    def _towards(self, value: float) -> Array:
        """Move the other parameters along the ridge of the covariance."""
        objective, place = self.objective, self.place
        variance = self.covariance[place, place]
        slope = self.covariance[place] / variance if variance > 0.0 else np.zeros_like(self._x)
        start = np.clip(self._x + slope * (value - self._x[place]), objective.low, objective.high)
        start[place] = value
        if objective.value(start) - self.best.value < _FAR_OFF:
            return np.asarray(start)
        plain = self._x.copy()  # the ridge leads astray, as where the fit has not converged
        plain[place] = value
        return plain if objective.value(plain) < objective.value(start) else np.asarray(start)

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
    bracket = _Bracket(here, math.sqrt(delta))
    trial = here + first
    for _ in range(_MAX_TRIALS):
        if (trial - limit) * first > 0.0:
            trial = limit
        root = math.sqrt(rise(trial))
        if abs(root * root - delta) < _TOLERANCE * delta:
            return Side(end=trial, monotonic=bracket.monotonic)
        bracket.add(trial, root)
        if trial == limit and root < bracket.goal:
            return Side(end=limit, at_limit=True, monotonic=bracket.monotonic)
        if bracket.outer is not None and bracket.shut:
            # The statistic jumps here: another minimum takes over.
            return Side(end=bracket.outer, monotonic=False)
        trial = bracket.next_trial()
    return Side(monotonic=bracket.monotonic)


@dataclass
class _Bracket:
    """Between which values the end of a range lies.

    Attributes
    ----------
    here
        The best value.
    goal
        What sqrt(rise) is at the end.
    """

    here: float
    goal: float
    inner_root: float = 0.0
    outer: float | None = None
    outer_root: float = 0.0
    monotonic: bool = True
    _slow: int = 0
    _short: int = 0

    def __post_init__(self) -> None:
        self.inner = self.here

    @property
    def shut(self) -> bool:
        """Whether nothing is left between the two ends."""
        outer = self.here if self.outer is None else self.outer
        return abs(outer - self.inner) < _SHUT * abs(outer - self.here)

    def add(self, trial: float, root: float) -> None:
        """Take in what sqrt(rise) is at a value."""
        before = None if self.outer is None else abs(self.outer - self.inner)
        if root < self.goal:
            self.monotonic = self.monotonic and root >= self.inner_root
            self.inner, self.inner_root = trial, root
            self._short += 1
        else:
            self.outer, self.outer_root = trial, root
        if before is not None and self.outer is not None:
            shrunk = abs(self.outer - self.inner) < 0.5 * before
            self._slow = 0 if shrunk else self._slow + 1

    def next_trial(self) -> float:
        """Where to look next: on the secant, in the middle where that is too slow."""
        if self.outer is None:
            return self._farther()
        part = (self.goal - self.inner_root) / (self.outer_root - self.inner_root)
        if self._slow > 1 or self.outer_root > _STEEP * self.goal:
            part = 0.5
        return self.inner + min(max(part, 0.02), 0.98) * (self.outer - self.inner)

    def _farther(self) -> float:
        way, ratio = self.inner - self.here, self.goal / max(self.inner_root, 1e-300)
        # A statistic that levels off is never reached by the secant alone.
        bold = 1.0 + 0.25 * max(self._short - 1, 0)
        return self.here + way * (min(bold * ratio, 8.0) if ratio < 10.0 else 4.0)
