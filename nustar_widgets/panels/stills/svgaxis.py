"""An axis of a drawing: where values lie on it, and its round ticks with their labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Ticks = tuple[tuple[float, str], ...]

_ROUND: Final = (1.0, 2.0, 5.0, 10.0)
_WITHIN_A_DECADE: Final = (1.0, 2.0, 3.0, 5.0, 7.0)
_WIDE: Final = 30.0  # from here on a logarithmic axis has decades enough
_HIGH: Final = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis.

    Attributes
    ----------
    label
        What it shows, with its unit.
    low, high
        Its ends, low < high; both above zero on a logarithmic one.
    log
        Whether it is logarithmic.
    marks
        Ticks: place and label; ``None`` for round numbers.
    """

    label: str
    low: float
    high: float
    log: bool = False
    marks: Ticks | None = None

    def fractions(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return where values lie, 0 at the low end and 1 at the high one; nan for no place.

        Parameters
        ----------
        values
            The values. What lies far outside is put a little outside.
        """
        at = np.asarray(values, dtype=np.float64)
        with np.errstate(all="ignore"):
            if self.log:
                # What is zero or less lies below everything that is shown.
                found = np.where(at > 0, np.log(at / self.low), -np.inf) / math.log(
                    self.high / self.low
                )
                found = np.where(np.isnan(at), np.nan, found)
            else:
                found = (at - self.low) / (self.high - self.low)
        return np.clip(found, -1.0, 2.0)

    @property
    def ticks(self) -> Ticks:
        """Places and labels of the ticks inside the axis."""
        if self.marks is not None:
            return self.marks
        places = _log_places(self.low, self.high) if self.log else _places(self.low, self.high)
        return tuple((place, _label(place)) for place in places)


def steady_ends(
    values: ArrayLike, *, log: bool, margin: float = 0.06
) -> tuple[float, float] | None:
    """Return ends of an axis that shows all values, or ``None`` where there are none to show.

    Parameters
    ----------
    values
        The values; what is no number, or has no place on the axis, is left out.
    log
        Whether it is logarithmic.
    margin
        Room at both ends, as a fraction of the axis.
    """
    known = np.asarray(values, dtype=np.float64).ravel()
    known = known[np.isfinite(known) & ((known > 0) | (not log))]
    if not known.size:
        return None
    low, high = float(known.min()), float(known.max())
    if log:
        high = max(high, low * 1.5)
        room = (high / low) ** margin
        return low / room, high * room
    room = margin * (high - low) or abs(high) * 0.05 or 1.0
    return low - room, high + room


def _places(low: float, high: float, most: int = 6) -> list[float]:
    rough = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next(factor for factor in _ROUND if factor * unit >= 0.999 * rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [step * number for number in range(first, last + 1)]


def _log_places(low: float, high: float, most: int = 6) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if high < _WIDE * low:
        found = [
            item * 10.0**decade
            for decade in range(first - 1, last + 1)
            for item in _WITHIN_A_DECADE
        ]
        inside = [place for place in found if low <= place <= high]
        return inside if len(inside) >= 3 else _places(low, high)
    every = max(1, math.ceil((last - first + 1) / most))
    return [10.0**decade for decade in range(first, last + 1, every)]


def _label(value: float) -> str:
    """Write a round number; powers of ten that are long as powers."""
    if value == 0.0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.6g}".replace("-", "\u2212")
    power = math.floor(math.log10(abs(value)) + 1e-9)
    factor = value / 10.0**power
    ten = f"10{str(power).translate(_HIGH)}"
    return ten if abs(factor - 1.0) < 1e-6 else f"{factor:.3g}\u00d7{ten}".replace("-", "\u2212")
