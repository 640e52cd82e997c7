"""Round positions for the ticks of an axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import bqplot
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUND: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_DIGITS: Final = 12
_WIDE: Final = 30.0  # from here on a logarithmic axis has decades enough


def ticks(low: float, high: float, *, most: int = 6) -> NDArray[np.float64]:
    """Return round numbers between two ends.

    Parameters
    ----------
    low, high
        The ends, low < high.
    most
        About how many there is room for.
    """
    rough = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next(factor for factor in _ROUND if factor * unit >= 0.999 * rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return step * np.arange(first, last + 1, dtype=np.float64)


def log_ticks(low: float, high: float, *, most: int = 6) -> NDArray[np.float64]:
    """Return round numbers between two positive ends, for a logarithmic axis.

    Parameters
    ----------
    low, high
        The ends, 0 < low < high.
    most
        About how many there is room for.
    """
    if high < _WIDE * low:
        inside = _fractions(low, high, (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0))
        return inside if 3 <= inside.size <= 2 * most else ticks(low, high, most=most)
    every = max(1, math.ceil(math.log10(high / low) / most))
    places = np.arange(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high)) + 1, every)
    return np.asarray(10.0**places, dtype=np.float64)


def show_range(axis: bqplot.Axis, low: float, high: float, *, most: int = 6) -> None:
    """Let an axis show a range, with round ticks and labels that are short enough.

    Parameters
    ----------
    axis
        The axis; its scale is linear or logarithmic.
    low, high
        The ends.
    most
        About how many ticks there is room for.
    """
    is_log = isinstance(axis.scale, bqplot.LogScale)
    if not high > low:
        reach = abs(low) * 0.01 or 1.0
        low, high = low - reach, high + reach
    with axis.scale.hold_sync():
        axis.scale.min, axis.scale.max = float(low), float(high)
    found = log_ticks(low, high, most=most) if is_log else ticks(low, high, most=most)
    with axis.hold_sync():
        axis.tick_values = found
        axis.tick_format = "~r" if is_log and high >= _WIDE * low else tick_format(found)


def tick_format(values: NDArray[np.float64]) -> str:
    """Return d3's format that tells ticks apart.

    Parameters
    ----------
    values
        Where the ticks are.
    """
    if values.size < 2:
        return "~g"
    largest, step = float(np.abs(values).max()), float(np.diff(values).min())
    if 1e-3 <= largest < 1e6:
        return f".{_decimals(step)}f"
    return f".{_decimals(step / 10.0 ** math.floor(math.log10(largest)))}~e"


def _decimals(step: float) -> int:
    """Return how many digits after the point a step needs."""
    after = max(0, math.ceil(-math.log10(step) - 1e-6))
    while after < _MOST_DIGITS and abs(step * 10.0**after - round(step * 10.0**after)) > 1e-3:
        after += 1
    return after


def _fractions(low: float, high: float, of: tuple[float, ...]) -> NDArray[np.float64]:
    decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    found = [item * 10.0**decade for decade in decades for item in of]
    return np.array([item for item in found if low <= item <= high])
