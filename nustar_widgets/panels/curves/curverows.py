"""Where the bins of a curve go in the lines of a plot: steps, error bars, shading, and its range.

Positions depend on the bins alone and are sent to the page once; while a region is dragged only
rates follow. A gap is a missing value: nothing is drawn across it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from nustar_widgets.live.curveview import Curve, ShownBins

if TYPE_CHECKING:
    from numpy.typing import NDArray

Real = TypeVar("Real", np.float32, np.float64)
_KS: Final = 1e-3
_FILLED: Final = 0.45  # a range stays while the values fill so much of it
_TRIFLE: Final = 0.08  # of the largest value
_HEADROOM: Final = 0.1  # of the range: the numbers of the orbits stand there


@dataclass(frozen=True, eq=False)
class Steps:
    """One curve as steps with error bars.

    Parameters
    ----------
    shown
        The bins drawn.
    zero_s
        Where the time axis begins [s since MJDREF].
    """

    shown: ShownBins
    zero_s: float

    @cached_property
    def x_ks(self) -> NDArray[np.float64]:
        """Both ends of each bin, and one place for each gap [ks]."""
        return _with_gaps(np.column_stack((self._start, self._stop)).ravel(), self.shown)

    @cached_property
    def _take(self) -> NDArray[np.intp]:
        n = self.shown.drawn.size
        ends = np.repeat(np.arange(n), 2)
        return np.insert(ends, 2 * (self.shown.breaks + 1), n)

    @cached_property
    def bars_x_ks(self) -> NDArray[np.float64]:
        """Gap, foot and head of each error bar, in the middle of its bin [ks]."""
        return np.repeat(0.5 * (self._start + self._stop), 3)

    @property
    def _start(self) -> NDArray[np.float64]:
        return (self.shown.start_s - self.zero_s) * _KS

    @property
    def _stop(self) -> NDArray[np.float64]:
        return self._start + self.shown.bin_s * _KS

    def line(self, curve: Curve) -> NDArray[np.float32]:
        """Rates at ``x_ks``; nan in gaps [count/s]."""
        return np.append(curve.rate, np.float32(np.nan))[self._take]

    def bars(self, curve: Curve) -> NDArray[np.float32]:
        """Return the ends of the error bars at ``bars_x_ks``; nan between them [count/s]."""
        gap = np.full(curve.rate.size, np.nan, np.float32)
        low, high = curve.rate - curve.error, curve.rate + curve.error
        return np.column_stack((gap, low, high)).ravel()


def _with_gaps(ends: NDArray[np.float64], shown: ShownBins) -> NDArray[np.float64]:
    """Insert a place for each gap: at the end of the bin before it, so that it is a number."""
    after = 2 * (shown.breaks + 1)
    return np.insert(ends, after, ends[after - 1])


def stacked(rows: Sequence[NDArray[Real]]) -> NDArray[Real]:
    """Stack rows of different length: short ones repeat their last value.

    That value is a number, as bqplot wants to have it: it puts a name beside it.

    Parameters
    ----------
    rows
        The rows, at least one, none of them empty.
    """
    longest = max(row.size for row in rows)
    return np.stack([np.pad(row, (0, longest - row.size), mode="edge") for row in rows])


def pulses(
    intervals: Iterable[tuple[float, float]], zero_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Make a line that is 1 inside intervals and 0 outside: filled below it, it shades them.

    Parameters
    ----------
    intervals
        (start, stop) [s since MJDREF], ascending.
    zero_s
        Where the time axis begins [s since MJDREF].

    Returns
    -------
    ndarray, ndarray
        Time [ks] and height, two places at least.
    """
    ends = np.asarray(list(intervals), np.float64).reshape(-1, 2)
    if not len(ends):
        return np.zeros(2), np.zeros(2)
    x = np.repeat((ends - zero_s) * _KS, 2, axis=1).ravel()
    return x, np.tile([0.0, 1.0, 1.0, 0.0], len(ends))


def steady_range(low: float, high: float, now: tuple[float, float] | None) -> tuple[float, float]:
    """Range of an axis that does not tremble while values change a little.

    Parameters
    ----------
    low, high
        Smallest and largest value; nan where there are none.
    now
        The range shown; kept while the values fit and fill enough of it.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return now or (0.0, 1.0)
    low, high = min(low, 0.0), max(high, 0.0)
    if low > -_TRIFLE * high:  # an error bar that reaches a little below
        low = 0.0
    if high == low:
        high = low + 1.0
    if now and now[0] <= low and high <= now[1] and high - low >= _FILLED * (now[1] - now[0]):
        return now
    step, margin = round_step(high - low), _HEADROOM * (high - low)
    first = 0.0 if low == 0.0 else step * math.floor((low - margin) / step)
    return first, step * math.ceil((high + margin) / step)


def round_step(span: float) -> float:
    """Step of 1, 2 or 5 times a power of ten that divides a range into five or so.

    Parameters
    ----------
    span
        Length of the range.
    """
    rough = span / 5.0
    unit = 10.0 ** math.floor(math.log10(rough))
    return min((factor * unit for factor in (1.0, 2.0, 5.0, 10.0)), key=lambda s: abs(s - rough))


def ticks(low: float, high: float) -> tuple[NDArray[np.float64], str]:
    """Round values inside a range, and the format that writes them.

    Parameters
    ----------
    low, high
        The range.
    """
    step = round_step(high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    size = max(abs(low), abs(high))
    form = f".{decimals}f" if 1e-3 <= size < 1e5 else ".1e"
    return np.asarray(step * np.arange(first, last + 1), np.float64), form
