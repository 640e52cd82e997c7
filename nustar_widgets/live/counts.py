"""The numbers of source and background, as they are now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from nustar_widgets.events.extract import Exposure
from nustar_widgets.events.lightcurve import TimeBins
from nustar_widgets.events.live import LiveResult
from nustar_widgets.events.pixelindex import Binning
from nustar_widgets.events.significance import area_ratio, net_counts, signal_to_noise
from nustar_widgets.session.values import Regions


@dataclass(frozen=True, eq=False, kw_only=True)
class ModuleCounts:
    """What the regions of one module hold.

    Attributes
    ----------
    module
        FPMA or FPMB.
    source, background
        Counts, spectrum and light curve of each region; ``None`` while it is not chosen.
    exposure
        Exposure of the intervals that count.
    binning
        Band, bin size and intervals counted.
    bins
        Bins of the light curves.
    """

    module: str
    source: LiveResult | None
    background: LiveResult | None
    exposure: Exposure
    binning: Binning
    bins: TimeBins

    @property
    def area_ratio(self) -> float:
        """Source area over background area, in sky pixels; nan without both."""
        if self.source is None or self.background is None:
            return math.nan
        return area_ratio(self.source.n_pixels, self.background.n_pixels)

    @property
    def net(self) -> float:
        """Source counts in the band above the scaled background; nan without both regions."""
        if self.source is None or self.background is None:
            return math.nan
        return net_counts(self.source.band_counts, self.background.band_counts, self.area_ratio)

    @property
    def net_rate(self) -> float:
        """Net counts per second of exposure [count/s]; not corrected for PSF and vignetting."""
        return self.net / self.exposure.exposure_s if self.exposure.exposure_s > 0 else math.nan

    @property
    def signal_to_noise(self) -> float:
        """Net counts over their Poisson error; nan without both regions."""
        if self.source is None or self.background is None:
            return math.nan
        return signal_to_noise(
            self.source.band_counts, self.background.band_counts, self.area_ratio
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class LiveCounts:
    """What the regions of all modules hold.

    Attributes
    ----------
    revision
        Number of these counts; it only grows.
    is_preview
        Whether the regions are those under the hand, not yet those of the session.
    is_passing
        Whether the hand is still moving, so that newer counts are on their way.
    regions
        The regions that were counted.
    modules
        Counts by module.
    """

    revision: int
    is_preview: bool
    is_passing: bool
    regions: Regions
    modules: Mapping[str, ModuleCounts]

    def is_turn_of(self, plot: int, *, of: int = 2) -> bool:
        """Whether a plot is to be drawn again.

        While the hand moves, plots take turns: a page that had to draw all of them at once would
        let the region under the hand stumble. When it rests, all are drawn.

        Parameters
        ----------
        plot
            Number of the plot, from 0.
        of
            How many take turns.
        """
        return not self.is_passing or self.revision % of == plot

    @property
    def net(self) -> float:
        """Net counts of all modules; nan where one has no source or no background."""
        return sum(item.net for item in self.modules.values()) if self.modules else math.nan

    @property
    def signal_to_noise(self) -> float:
        """Joint signal-to-noise: sum of net counts over the root of the summed variances."""
        variance = 0.0
        for item in self.modules.values():
            if item.source is None or item.background is None:
                return math.nan
            variance += item.source.band_counts + item.area_ratio**2 * item.background.band_counts
        return self.net / math.sqrt(variance) if variance > 0 else self.net * 0.0
