"""Hardness ratio of a source bin by bin, up to date while its region is dragged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.live.counts import ModuleCounts
from nustar_widgets.live.curveview import Curve, ShownBins
from nustar_widgets.live.module import LiveModule
from nustar_widgets.session.values import Regions

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOFT_KEV: Final = (3.0, 10.0)
HARD_KEV: Final = (10.0, 79.0)


@dataclass(frozen=True, eq=False)
class Hardness:
    """Counts of all modules in two bands.

    Parameters
    ----------
    soft, hard
        The modules, binned as the light curves are, each in its band.
    """

    soft: Mapping[str, LiveModule]
    hard: Mapping[str, LiveModule]

    @classmethod
    def of(
        cls,
        modules: Mapping[str, LiveModule],
        counts: Mapping[str, ModuleCounts],
        *,
        soft_kev: tuple[float, float] = SOFT_KEV,
        hard_kev: tuple[float, float] = HARD_KEV,
    ) -> Hardness:
        """Bin the events of two bands: two passes over the events of each module.

        Parameters
        ----------
        modules
            Events of each module.
        counts
            Counts of the light curves: bins and intervals are taken from them.
        soft_kev, hard_kev
            Energy bands [keV].

        Raises
        ------
        ParameterError
            A band holds no channel.
        """
        bands = []
        for low, high in (soft_kev, hard_kev):
            first, last = kev_to_pi_range(low, high)
            bands.append(
                {
                    name: modules[name].rebinned(replace(item.binning, pi_low=first, pi_high=last))
                    for name, item in counts.items()
                }
            )
        return cls(*bands)

    def curve(self, module: str, regions: Regions, shown: ShownBins) -> Curve | None:
        """Hardness ratio in the bins drawn; ``None`` without a source and a background.

        Parameters
        ----------
        module
            The module.
        regions
            Regions to count in.
        shown
            The bins.
        """
        soft = _net(self.soft[module].count(regions.of(module)), shown)
        hard = _net(self.hard[module].count(regions.of(module)), shown)
        if soft is None or hard is None:
            return None
        ratio, error = hardness_ratio(soft, hard)
        return Curve(rate=ratio.astype(np.float32), error=error.astype(np.float32))


Counted = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
"""Net counts and their variance, bin by bin."""


def hardness_ratio(soft: Counted, hard: Counted) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(H - S) / (H + S) and its error, from net counts.

    Parameters
    ----------
    soft, hard
        Net counts (n,) and their variance (n,) in each band.

    Returns
    -------
    ndarray, ndarray
        Ratio and error, propagated to first order; nan where the counts of both bands together do
        not exceed their error, because a ratio says nothing there.
    """
    (s, s_variance), (h, h_variance) = soft, hard
    total = h + s
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = (total > 0) & (total**2 > s_variance + h_variance)
        ratio = np.where(usable, (h - s) / total, np.nan)
        error = 2.0 * np.sqrt(h**2 * s_variance + s**2 * h_variance) / total**2
    return ratio, np.where(usable, error, np.nan)


def _net(counts: ModuleCounts, shown: ShownBins) -> Counted | None:
    if counts.source is None or counts.background is None or not counts.background.n_pixels:
        return None
    source = shown.merged(counts.source.light_curve)[shown.drawn].astype(np.float64)
    background = shown.merged(counts.background.light_curve)[shown.drawn].astype(np.float64)
    ratio = counts.area_ratio
    return source - ratio * background, source + ratio**2 * background
