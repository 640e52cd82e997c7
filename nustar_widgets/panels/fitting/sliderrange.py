"""How far a parameter's slider reaches, and whether it is logarithmic.

A slider over all that a parameter may be would jump by more than what matters with each pixel. It
reaches over the values near the present one; the page moves the range on when a value leaves it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LOG_FACTOR: Final = 10.0
"""A logarithmic slider reaches from a tenth of the value to ten times the value."""
_DECADES: Final = 100.0
_MUCH: Final = 1000.0  # from zero to this is decades
_STEPS: Final = 50.0
_NEAR_ONE: Final = frozenset({"factor"})  # calibrations: they span decades only by their limits


class SliderRange(NamedTuple):
    """Ends of a slider, in the unit of the value."""

    low: float
    high: float
    log: bool


def slider_range(
    label: str,
    value: float,
    *,
    hard: tuple[float, float],
    soft: tuple[float, float] | None = None,
    delta: float = 0.01,
) -> SliderRange:
    """Choose the range of a slider.

    Parameters
    ----------
    label
        Name within the component, as ``norm``.
    value
        Present value; always inside the range.
    hard
        Hard limits; the slider never leaves them.
    soft
        Usual values, as the model has them; None for the hard limits.
    delta
        Step that is small for the parameter.
    """
    usual = _usual(value, hard=hard, soft=hard if soft is None else soft)
    if label not in _NEAR_ONE and _spans_decades(value, usual):
        low, high = value / LOG_FACTOR, value * LOG_FACTOR
        return SliderRange(max(low, usual[0]), min(high, usual[1]), log=True)
    half = max(abs(value) / 2, _STEPS * abs(delta)) or 1.0
    if usual[1] - usual[0] <= 4 * half:
        return SliderRange(*usual, log=False)
    return SliderRange(max(value - half, usual[0]), min(value + half, usual[1]), log=False)


def _usual(
    value: float, *, hard: tuple[float, float], soft: tuple[float, float]
) -> tuple[float, float]:
    """Return the soft limits, widened to the value where it is unusual, inside the hard ones."""
    low, high = min(soft[0], value), max(soft[1], value)
    low, high = max(low, min(hard[0], value)), min(high, max(hard[1], value))
    return (low, high) if low < high else (min(hard[0], value), max(hard[1], value))


def _spans_decades(value: float, usual: tuple[float, float]) -> bool:
    low, high = usual
    if value / LOG_FACTOR <= 0 or low < 0:  # a value nothing is smaller than has no decades
        return False
    return high >= (_DECADES * low if low > 0 else _MUCH)
