"""The simulated detectors' energy response: a Gaussian on the real channel grid.

Events are drawn through the very matrix that is written as the RMF, so a fit with the written
files recovers the spectrum that was put in.

Source: Harrison et al. 2013, ApJ 770, 103, table 2: FWHM 400 eV at 10 keV, 900 eV at 68 keV. In
between FWHM^2 grows linearly with energy, as electronic noise plus counting statistics do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtr

from nustar_widgets.instrument import N_CHANNELS, PI_WIDTH_KEV, PI_ZERO_KEV

if TYPE_CHECKING:
    from numpy.typing import NDArray

# FWHM^2 = noise + slope * E through the two published points.
_SLOPE_KEV: Final = (0.9**2 - 0.4**2) / (68.0 - 10.0)
_NOISE_KEV2: Final = 0.4**2 - 10.0 * _SLOPE_KEV
_FWHM_PER_SIGMA: Final = 2.0 * math.sqrt(2.0 * math.log(2.0))
_REACH_SIGMA: Final = 5.0

#: (N_CHANNELS + 1,) edges of the channels, and of the photon energy bins [keV].
EDGES_KEV: Final[NDArray[np.float64]] = PI_ZERO_KEV + PI_WIDTH_KEV * np.arange(
    N_CHANNELS + 1, dtype=np.float64
)
#: (N_CHANNELS,) their centres [keV].
CENTRES_KEV: Final = 0.5 * (EDGES_KEV[1:] + EDGES_KEV[:-1])


def fwhm_kev(energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
    """Full width at half maximum of a line [keV].

    Parameters
    ----------
    energy_kev
        (n,) photon energies [keV].
    """
    return np.sqrt(_NOISE_KEV2 + _SLOPE_KEV * energy_kev)


@dataclass(frozen=True, eq=False)
class Redistribution:
    """The matrix photon energy bin -> PI channel, as the band around its diagonal.

    Parameters
    ----------
    first
        (n,) first channel of the window of each energy bin.
    width
        (n,) number of channels of the window.
    band
        (n, w) probability of each channel of the window; zero beyond ``width``.
    """

    first: NDArray[np.int64]
    width: NDArray[np.int64]
    band: NDArray[np.float64]

    def fold(self, rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_chan,) rate per channel of a rate per energy bin.

        Parameters
        ----------
        rate
            (n,) photons detected per energy bin.
        """
        columns = self.first[:, None] + np.arange(self.band.shape[1])
        weights = self.band * rate[:, None]
        kept = columns < N_CHANNELS
        counts = np.bincount(columns[kept], weights[kept], minlength=N_CHANNELS)
        return counts.astype(np.float64)


@cache
def gaussian_redistribution() -> Redistribution:
    """Return the matrix of both modules; what falls below channel 0 is lost, as in the detector."""
    sigma = fwhm_kev(CENTRES_KEV) / _FWHM_PER_SIGMA
    reach = np.ceil(_REACH_SIGMA * sigma / PI_WIDTH_KEV).astype(np.int64)
    row = np.arange(N_CHANNELS)
    first = np.maximum(row - reach, 0)
    width = np.minimum(row + reach + 1, N_CHANNELS) - first
    offset = np.arange(int(width.max()) + 1)
    edges = PI_ZERO_KEV + PI_WIDTH_KEV * (first[:, None] + offset)
    cumulative = ndtr((edges - CENTRES_KEV[:, None]) / sigma[:, None])
    band = np.where(offset[:-1] < width[:, None], np.diff(cumulative, axis=1), 0.0)
    return Redistribution(first, width, band)


def draw_channels(rng: np.random.Generator, n: int, rate: NDArray[np.float64]) -> NDArray[np.int32]:
    """(n,) PI channels distributed as a rate per channel.

    Parameters
    ----------
    rng
        Source of randomness.
    n
        Number of events.
    rate
        (n_chan,) rate per channel, in any unit.
    """
    cumulative = np.cumsum(rate)
    channel = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    return np.asarray(channel, dtype=np.int32)
