"""Ranges and ticks of axes, linear and logarithmic, that do not tremble while a model moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ends = tuple[float, float]

_FILLED: Final = 0.45  # a range stays while the values fill so much of it
_MARGIN: Final = 0.06  # of the range
_PASSING: Final = (0.25, 0.4)  # both, while values pass: a new range redraws all that is in a pane
_MOST_DECADES: Final = 7.0
_MANTISSAS: Final = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7), tuple(range(1, 10)))
_PLAIN: Final = (1e-2, 1e4)  # numbers in between are written without a power of ten


def steady_range(
    low: float, high: float, now: Ends | None, *, log: bool, passing: bool = False
) -> Ends:
    """Range of an axis for values; the one shown is kept while it serves.

    Parameters
    ----------
    low, high
        Smallest and largest value; positive on a logarithmic axis.
    now
        The range shown; ``None`` for a new one.
    log
        Whether the axis is logarithmic.
    passing
        Whether other values will come at once: a range then has more room, and stays longer.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or (log and high <= 0):
        return now or ((0.1, 10.0) if log else (0.0, 1.0))
    if not log:
        return _steady(low, high, now, passing=passing)
    top = math.log10(high)
    bottom = max(math.log10(low) if low > 0 else -math.inf, top - _MOST_DECADES)
    shown = None if now is None else (math.log10(now[0]), math.log10(now[1]))
    found = _steady(bottom, top, shown, passing=passing)
    if now is not None and found == shown:
        return now  # to the last digit: what is equal is not sent to the page
    return 10.0 ** found[0], 10.0 ** found[1]


def _steady(low: float, high: float, now: Ends | None, *, passing: bool) -> Ends:
    filled, room = _PASSING if passing else (_FILLED, _MARGIN)
    if now and now[0] <= low and high <= now[1] and high - low >= filled * (now[1] - now[0]):
        return now
    margin = room * (high - low) or 0.1 * abs(high) or 0.5
    return low - margin, high + margin


def ticks(low: float, high: float, *, log: bool, most: int = 9) -> tuple[NDArray[np.float64], str]:
    """Round values inside a range, and the format that writes them.

    Parameters
    ----------
    low, high
        The range.
    log
        Whether the axis is logarithmic.
    most
        Ticks that have room.
    """
    values = _log_ticks(low, high, most) if log else np.zeros(0)
    if values.size < 3:  # not enough to read off: also a short piece of a logarithmic axis
        return _linear_ticks(low, high, most)
    is_plain = _PLAIN[0] <= values[0] and values[-1] < _PLAIN[1]
    return values, "~g" if is_plain else "~e"


def _log_ticks(low: float, high: float, most: int) -> NDArray[np.float64]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    found = np.zeros(0)
    for mantissas in _MANTISSAS:
        every = max(1, -(-(last - first) // most))
        values = np.outer(10.0 ** np.arange(first, last + 1, every), mantissas).ravel()
        values = values[(values >= low * (1 - 1e-9)) & (values <= high * (1 + 1e-9))]
        if values.size > most:
            break
        found = values
    return found


def _linear_ticks(low: float, high: float, most: int) -> tuple[NDArray[np.float64], str]:
    step = _step(low, high, most)
    first, last = _inside(low, high, step)
    values = np.asarray(step * np.arange(first, last + 1), np.float64)
    size = max(abs(low), abs(high))
    if not 1e-3 <= size < 1e5:
        digits = max(0, math.floor(math.log10(size)) - math.floor(math.log10(step) + 1e-9))
        return values, f".{digits}e"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return values, f".{decimals}f"


def _step(low: float, high: float, most: int) -> float:
    """Smallest step of 1, 2 or 5 times a power of ten that makes no more ticks than have room."""
    unit = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = [factor * unit for factor in (1.0, 2.0, 5.0, 10.0, 20.0)]
    counts = [last - first + 1 for first, last in (_inside(low, high, step) for step in steps)]
    return next(step for step, count in zip(steps, counts, strict=True) if count <= most)


def _inside(low: float, high: float, step: float) -> tuple[int, int]:
    """First and last multiple of a step inside a range; one that is at its end but for rounding."""
    return math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
