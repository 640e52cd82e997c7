"""How far a map of the statistic goes along a parameter, where nobody says it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from nustar_widgets.panels.fitting.fitnumbers import error_of, rounded

if TYPE_CHECKING:
    from nustar_widgets.engines.fit_parameters import FitParameter
    from nustar_widgets.engines.fitting import FitResult

_SIGMAS: Final = 3.6  # the 99 % line of two parameters goes to 3.03


def reach_of(
    parameter: FitParameter, value: float, result: FitResult | None
) -> tuple[float, float]:
    """Return a range that holds the 99 % line, from errors or sigma, inside the hard limits.

    Parameters
    ----------
    parameter
        Limits and step of the parameter.
    value
        Where it is.
    result
        What was fitted; ``None`` where nothing was.
    """
    below = above = max(10.0 * parameter.delta, 0.1 * abs(value)) / _SIGMAS
    if result is not None:
        item = result[parameter.name]
        sigma = item.sigma if item.sigma and math.isfinite(item.sigma) else None
        scale = math.sqrt(result.delta) if result.delta else 1.0
        below = _part(item.value, item.error_low, scale) or sigma or below
        above = _part(item.value, item.error_high, scale) or sigma or above
    low = rounded(value - _SIGMAS * below, _digits(value, below))
    high = rounded(value + _SIGMAS * above, _digits(value, above))
    return max(low, parameter.min), min(high, parameter.max)


def _part(value: float, end: float | None, scale: float) -> float | None:
    distance = error_of(value, (end,))
    return None if distance is None else distance / scale


def _digits(value: float, error: float) -> int:
    if not value or not error:
        return 4
    return min(max(4, 3 + math.floor(math.log10(abs(value))) - math.floor(math.log10(error))), 12)
