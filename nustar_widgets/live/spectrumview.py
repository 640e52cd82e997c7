"""The spectrum of a region as it is drawn: few bins, counts/s/keV."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.instrument import PI_WIDTH_KEV, PI_ZERO_KEV, kev_to_pi_range
from nustar_widgets.live.counts import ModuleCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHOWN_KEV: Final = (3.0, 79.0)
N_BINS: Final = 72


@dataclass(frozen=True, eq=False)
class SpectrumBins:
    """Bins of the drawn spectrum: whole channels, nearly equal on a logarithmic axis.

    Parameters
    ----------
    first
        (n + 1,) first channel of each bin, and one past the last.
    """

    first: NDArray[np.intp]

    @property
    def edges_kev(self) -> NDArray[np.float64]:
        """(n + 1,) edges [keV]."""
        return np.asarray(PI_ZERO_KEV + PI_WIDTH_KEV * self.first, dtype=np.float64)

    @property
    def middle_kev(self) -> NDArray[np.float64]:
        """(n,) geometric middles [keV]."""
        return np.asarray(np.sqrt(self.edges_kev[1:] * self.edges_kev[:-1]), dtype=np.float64)

    @property
    def width_kev(self) -> NDArray[np.float64]:
        """(n,) widths [keV]."""
        return np.diff(self.edges_kev)

    def sums(self, spectrum: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) events in each bin of a spectrum by channel."""
        return np.add.reduceat(spectrum[: self.first[-1]], self.first[:-1])


@lru_cache(maxsize=8)
def spectrum_bins(low_kev: float = SHOWN_KEV[0], high_kev: float = SHOWN_KEV[1]) -> SpectrumBins:
    """Return bins over a band; narrower bands have narrower bins.

    Parameters
    ----------
    low_kev, high_kev
        The band [keV].
    """
    first, last = kev_to_pi_range(low_kev, high_kev)
    edges = np.geomspace(
        PI_ZERO_KEV + PI_WIDTH_KEV * first, PI_ZERO_KEV + PI_WIDTH_KEV * (last + 1), N_BINS + 1
    )
    channels = np.unique(np.rint((edges - PI_ZERO_KEV) / PI_WIDTH_KEV).astype(np.intp))
    return SpectrumBins(channels)


@dataclass(frozen=True, eq=False)
class DrawnSpectrum:
    """Net spectrum of one module and the background under it.

    Parameters
    ----------
    net, error
        (n,) source minus scaled background and its Poisson error [count/s/keV]; without a
        background region the source as it is.
    background
        (n,) background scaled to the source area [count/s/keV]; nan without one.
    """

    net: NDArray[np.float64]
    error: NDArray[np.float64]
    background: NDArray[np.float64]


def drawn_spectrum(counts: ModuleCounts, bins: SpectrumBins) -> DrawnSpectrum | None:
    """Return the spectrum of one module; ``None`` without a source.

    Parameters
    ----------
    counts
        What its regions hold.
    bins
        Where to draw it.
    """
    if counts.source is None:
        return None
    per = counts.exposure.exposure_s * bins.width_kev
    source = bins.sums(counts.source.spectrum).astype(np.float64)
    if counts.background is None or not counts.background.n_pixels:
        nothing = np.full(source.size, np.nan)
        return DrawnSpectrum(source / per, np.sqrt(source) / per, nothing)
    ratio = counts.area_ratio
    scaled = ratio * bins.sums(counts.background.spectrum)
    error = np.sqrt(source + ratio * scaled)
    return DrawnSpectrum((source - scaled) / per, error / per, scaled / per)
