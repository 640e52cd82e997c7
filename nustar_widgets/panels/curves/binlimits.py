"""What bins and bands a light curve can have."""

from __future__ import annotations

import math
from typing import Final

from nustar_widgets.errors import SelectionError
from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.live.goodtime import GoodTime

# Each step of a drag copies the bins of four light curves.
MOST_BINS: Final = 1 << 18


def check_bin(bin_s: float, good: GoodTime | None) -> None:
    """Make sure that a bin can be drawn.

    Parameters
    ----------
    bin_s
        Width [s].
    good
        The time it divides, if known.

    Raises
    ------
    SelectionError
        It is not a positive number, or makes too many bins.
    """
    if not (math.isfinite(bin_s) and bin_s > 0):
        raise SelectionError(f"bin [s]: {bin_s:g}: expected a positive number of seconds, as 100")
    if good is not None and good.span_s / bin_s > MOST_BINS:
        raise SelectionError(
            f"bin [s]: {bin_s:g} s makes {good.span_s / bin_s:.3g} bins: expected at most "
            f"{MOST_BINS}; use {good.span_s / MOST_BINS:.2g} s or more"
        )


def check_band(low_kev: float, high_kev: float) -> None:
    """Make sure that a band holds a channel.

    Parameters
    ----------
    low_kev, high_kev
        The band [keV].

    Raises
    ------
    SelectionError, ParameterError
        Its limits are no numbers, or it holds none.
    """
    if not (math.isfinite(low_kev) and math.isfinite(high_kev)):
        raise SelectionError(
            f"band [keV]: {low_kev:g} to {high_kev:g}: expected two numbers, as 3 to 78"
        )
    kev_to_pi_range(low_kev, high_kev)
