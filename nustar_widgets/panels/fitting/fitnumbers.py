"""Numbers of a fit as people write them: as many digits as their error bears."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

_DIGITS: Final = 2  # of an error
_FEW, _MANY = 3, 12
_FIXED: Final = (1e-3, 1e6)  # written without a power of ten


def number(value: float, error: float | None = None) -> str:
    """Write a value with as many digits as its error bears.

    Parameters
    ----------
    value
        The value.
    error
        Its error; five digits are written where it is not known.
    """
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if error is None or not math.isfinite(error) or not error:
        return _written(value, 5)
    lead = math.floor(math.log10(abs(value))) if value else 0
    digits = lead - math.floor(math.log10(abs(error))) + _DIGITS
    return _written(value, min(max(digits, _FEW), _MANY))


def error_of(value: float, ends: Iterable[float | None]) -> float | None:
    """Return the smallest distance from a value to the ends of its range that are known.

    Parameters
    ----------
    value
        The value.
    ends
        The ends; ``None`` where the search found none.
    """
    known = [abs(end - value) for end in ends if end is not None and end != value]
    return min((item for item in known if math.isfinite(item)), default=None)


def with_error(value: float, sigma: float | None) -> str:
    """Write a value and its error.

    Parameters
    ----------
    value
        The value.
    sigma
        Its error, ``None`` where it is not known.
    """
    if sigma is None or not math.isfinite(sigma):
        return _written(value, 4)
    return f"{number(value, sigma)} \u00b1 {_written(sigma, _DIGITS)}"


def rounded(value: float, digits: int = 4) -> float:
    """Return a value with few digits, for a field somebody types in.

    Parameters
    ----------
    value
        The value.
    digits
        How many.
    """
    return float(f"{value:.{digits}g}")


def _written(value: float, digits: int) -> str:
    size = abs(value)
    if not size:
        return "0"
    if not _FIXED[0] <= size < _FIXED[1]:
        return f"{value:.{digits - 1}e}"
    after = max(digits - 1 - math.floor(math.log10(size)), 0)
    return f"{value:.{after}f}"
