"""Lines at rungs of a slider, between which the page draws those under the hand by itself.

What a slider does to a plot takes a way from the page to the kernel and back. At a few places along
the slider lines are sent ahead; between them heights on their axes go by the cubic through the four
rungs around (Lagrange's formula), as ``front/ladder.js`` does it too.
"""

from __future__ import annotations

import math
import uuid
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Single = NDArray[np.float32]

FINENESS: Final = (16, 64)
"""Numbers of steps from end to end of a slider: the second where the first are too wide."""
_NEEDED: Final = 4  # rungs around a value
_AHEAD, _MOST_AHEAD = 3, 12  # more of them at a time, where the hand is going; the faster it is


class Hold(NamedTuple):
    """A slider under the hand, as the page tells it.

    Parameters
    ----------
    name
        Full name of its parameter.
    value
        Where it is.
    low, high
        Values at its ends.
    log
        Whether it is logarithmic.
    revision
        Number of the page's message.
    """

    name: str
    value: float
    low: float
    high: float
    log: bool
    revision: int

    @property
    def reach(self) -> tuple[str, float, float, bool]:
        """Which slider it is."""
        return self.name, self.low, self.high, self.log

    @property
    def has_values(self) -> bool:
        """Whether there are any between its ends."""
        ends = math.isfinite(self.low) and math.isfinite(self.high)
        return ends and self.low < self.high and (self.low > 0 or not self.log)


class Ladder:
    """Rungs of one slider, while nothing else moves.

    Parameters
    ----------
    hold
        The slider; it has values.
    steps
        From its low end to its high end.
    """

    def __init__(self, hold: Hold, steps: int) -> None:
        self.hold, self.steps, self.id = hold, steps, uuid.uuid4().hex
        self.rungs: dict[int, Single] = {}
        """By number from the low end: heights of all lines, as they stand on their axes."""
        self._before: float | None = None

    @property
    def told(self) -> dict[str, Any]:
        """What the page has to know of it."""
        name, low, high, log = self.hold.reach
        return {
            "id": self.id, "name": name, "low": low, "high": high, "log": log, "steps": self.steps,
        }  # fmt: skip

    def value(self, number: int) -> float:
        """Return the value at a rung."""
        low, high, part = self.hold.low, self.hold.high, number / self.steps
        if number in {0, self.steps}:  # to the last digit: limits may be there
            return high if number else low
        return float(low * (high / low) ** part if self.hold.log else low + (high - low) * part)

    def place(self, value: float) -> float:
        """Return where a value is, counted in rungs from the low end."""
        low, high = self.hold.low, self.hold.high
        if not self.hold.log:
            return self.steps * (value - low) / (high - low)
        return self.steps * math.log(value / low) / math.log(high / low) if value > 0 else -1.0

    def wanted(self, value: float) -> tuple[int, ...]:
        """Say which rungs to make now: around a value, some where the hand is going, then others.

        Parameters
        ----------
        value
            Where the slider is.
        """
        place = self.place(value)
        if not 0 <= place <= self.steps:
            return ()
        first = self._first(place)
        around = range(first, first + _NEEDED)
        gone = 0.0 if self._before is None else place - self._before
        self._before = place
        sides = range(around.stop, self.steps + 1), range(first - 1, -1, -1)
        beyond = chain(*(reversed(sides) if gone < 0 else sides))
        most = min(_AHEAD + round(2 * abs(gone)), _MOST_AHEAD)
        ahead = [number for number in beyond if number not in self.rungs][:most]
        return (*(number for number in around if number not in self.rungs), *ahead)

    def heights(self, value: float) -> Single | None:
        """Return heights at a value as the rungs have them; ``None`` where some are missing.

        Parameters
        ----------
        value
            Of the parameter.
        """
        place = self.place(value)
        if not 0 <= place <= self.steps:
            return None
        first = self._first(place)
        around = [self.rungs.get(number) for number in range(first, first + _NEEDED)]
        known = [rung for rung in around if rung is not None]
        if len(known) < _NEEDED:
            return None
        weights = np.array(_weights(place - first), np.float32)
        with np.errstate(all="ignore"):  # gaps are no numbers
            return np.asarray(weights @ np.stack(known), np.float32)

    def _first(self, place: float) -> int:
        return max(0, min(math.floor(place) - 1, self.steps + 1 - _NEEDED))


class Ladders:
    """The ladder of the slider under the hand: a finer one where the first was too coarse."""

    def __init__(self) -> None:
        self.now: Ladder | None = None
        """``None`` where there is no slider, or none was fine enough."""
        self._reach: tuple[str, float, float, bool] | None = None
        self._left: list[int] = []  # numbers of steps that have not been tried

    def of(self, hold: Hold) -> Ladder | None:
        """Return the ladder of a slider; another slider has another one."""
        if hold.reach != self._reach:
            self._reach, self._left = hold.reach, list(FINENESS if hold.has_values else ())
            self._next(hold)
        return self.now

    def refuse(self) -> None:
        """Take a finer one instead."""
        assert self.now is not None  # who refuses has tried it
        self._next(self.now.hold)

    def forget(self) -> None:
        """Begin anew: something else has changed."""
        self.now = self._reach = None

    def _next(self, hold: Hold) -> None:
        self.now = Ladder(hold, self._left.pop(0)) if self._left else None


def _weights(at: float) -> tuple[float, ...]:
    """Weights of rungs at 0, 1, 2 and 3 for a place among them: Lagrange's formula."""
    a, b, c, d = at, at - 1, at - 2, at - 3
    return -b * c * d / 6, a * c * d / 2, -a * b * d / 2, a * b * c / 6
