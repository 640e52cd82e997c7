"""NuSTAR facts, each with its source. Units are in the names.

Sources: [defs] NuSTARDAS ``nustar/lib/highfits/nu_defs.h``; [gain] the EBOUNDS extension of the
CALDB responses; [guide] NuSTAR Data Analysis Software Guide.
"""

from __future__ import annotations

import math
from typing import Final

from nustar_widgets.errors import ParameterError

TELESCOP: Final = "NuSTAR"
MODULES: Final = ("FPMA", "FPMB")

# Pulse-invariant energy channels [gain]: channel n covers 1.6 + 0.04 n .. 1.6 + 0.04 (n + 1) keV.
N_CHANNELS: Final = 4096
PI_ZERO_KEV: Final = 1.6
PI_WIDTH_KEV: Final = 0.04
PI_NULL: Final = -4095  # [defs]

# nuproducts' own light-curve and image band, pilow..pihigh: 3.00-78.00 keV, not 79 [guide].
PI_LOW_DEFAULT: Final = 35
PI_HIGH_DEFAULT: Final = 1909

# Sky pixel grid of cleaned event lists [defs].
SKY_PIXEL_DEG: Final = 6.828076e-4
SKY_PIXEL_ARCSEC: Final = SKY_PIXEL_DEG * 3600.0
SKY_SIZE: Final = 1000

FIELD_OF_VIEW_ARCMIN: Final = 12.0  # a square, about, turned by the roll angle [guide]

# Mission time: TT seconds since 2010-01-01 UTC [guide].
MJDREFI: Final = 55197
MJDREFF: Final = 7.660185e-4

OBSERVING_MODES: Final = {
    "01": "SCIENCE",
    "02": "OCCULTATION",
    "03": "SLEW",
    "04": "SAA",
    "05": "CALIBRATION",
    "06": "SCIENCE_SC",
}


def pi_to_kev(channel: float) -> float:
    """Lower energy edge of a PI channel.

    Parameters
    ----------
    channel
        PI channel, 0 to 4095 (4096 gives the upper edge of the last channel).

    Returns
    -------
    float
        Energy [keV].
    """
    return PI_ZERO_KEV + PI_WIDTH_KEV * channel


def kev_to_pi_range(low_kev: float, high_kev: float) -> tuple[int, int]:
    """PI channels that lie wholly inside an energy band.

    Parameters
    ----------
    low_kev, high_kev
        Band limits [keV].

    Returns
    -------
    tuple of int
        First and last channel, both included: 3-78 keV gives (35, 1909), nuproducts' default.

    Raises
    ------
    ParameterError
        The band is empty or holds no whole channel.
    """
    if not low_kev < high_kev:
        raise ParameterError("band", f"{low_kev:g}-{high_kev:g} keV: expected low < high")
    # The edges are decimal numbers: 1e-9 keV absorbs their binary rounding.
    first = math.ceil((low_kev - PI_ZERO_KEV) / PI_WIDTH_KEV - 1e-7)
    last = math.floor((high_kev - PI_ZERO_KEV) / PI_WIDTH_KEV + 1e-7) - 1
    first, last = max(first, 0), min(last, N_CHANNELS - 1)
    if first > last:
        raise ParameterError(
            "band",
            f"{low_kev:g}-{high_kev:g} keV holds no PI channel: expected limits within "
            f"{pi_to_kev(0)}-{pi_to_kev(N_CHANNELS):.2f} keV, at least {PI_WIDTH_KEV} keV apart",
        )
    return first, last


def pi_range_to_kev(first: int, last: int) -> tuple[float, float]:
    """Energy band of PI channels: what `kev_to_pi_range` turns into these channels again.

    Parameters
    ----------
    first, last
        PI channels, both included.

    Returns
    -------
    tuple of float
        Lower and upper edge [keV].

    Raises
    ------
    ParameterError
        There are no such channels, or the first is above the last.
    """
    if not 0 <= first <= last < N_CHANNELS:
        raise ParameterError(
            "pilow, pihigh",
            f"{first}, {last}: expected PI channels, 0 to {N_CHANNELS - 1}, pilow not above pihigh",
        )
    return round(pi_to_kev(first), 2), round(pi_to_kev(last + 1), 2)
