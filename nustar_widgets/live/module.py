"""One module's events, ready to be counted in regions that move."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import exposure_of
from nustar_widgets.events.fieldmap import FieldMap
from nustar_widgets.events.live import LiveExtractor, LiveResult, Role
from nustar_widgets.events.livetime import Housekeeping
from nustar_widgets.events.pixelindex import BinnedIndex, Binning, PixelIndex
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regionfile import RegionFile, format_region
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.live.counts import ModuleCounts
from nustar_widgets.session.values import ModuleRegions, RegionText

if TYPE_CHECKING:
    from numpy.typing import NDArray

Region = SkyRegion | RegionText


@lru_cache(maxsize=32)
def region_mask(region: Region, grid: SkyGrid) -> PixelMask:
    """Return the pixels HEASoft selects for the region file a session writes of this region.

    Parameters
    ----------
    region
        The region; its text is written and read back, so that this is what a task will count.
    grid
        The pixel plane.

    Raises
    ------
    RegionError
        The region cannot be written.
    """
    text = region.text if isinstance(region, RegionText) else format_region(region)
    return RegionFile.from_text(text).as_heasoft(grid).mask(grid)


class LiveModule:
    """Counts of one module.

    Parameters
    ----------
    index
        Its events by pixel.
    binning
        What to count.
    housekeeping
        For the exposure of user intervals; ``None`` takes the mean dead time of the event list.

    Raises
    ------
    SelectionError
        The intervals leave no good time, or the bin size cannot be used.
    """

    def __init__(
        self, index: PixelIndex, binning: Binning, housekeeping: Housekeeping | None = None
    ) -> None:
        self._housekeeping = housekeeping
        self._extractor = LiveExtractor(BinnedIndex.build(index, binning))
        self._exposure = exposure_of(
            index.events, user_gti=binning.user_gti, housekeeping=housekeeping
        )
        self._placed: dict[Role, PixelMask | None] = {"source": None, "background": None}
        self._results: dict[Role, LiveResult | None] = {"source": None, "background": None}

    @property
    def index(self) -> PixelIndex:
        """Its events by pixel."""
        return self._extractor.index.index

    @property
    def events(self) -> EventList:
        """Its event list."""
        return self.index.events

    @property
    def grid(self) -> SkyGrid:
        """Its sky plane."""
        return self.index.grid

    @cached_property
    def field(self) -> FieldMap:
        """Outline and chips of its field, in the band it counts."""
        binning = self._extractor.index.binning
        return FieldMap.of(self.events, band=(binning.pi_low, binning.pi_high))

    def rebinned(self, binning: Binning) -> LiveModule:
        """Return the same events with another band, bin size or intervals."""
        return LiveModule(self.index, binning, self._housekeeping)

    def count(self, regions: ModuleRegions) -> ModuleCounts:
        """Count what regions hold; quick where they have moved only a little.

        Raises
        ------
        RegionError
            A region cannot be written; what was counted before stays.
        """
        masks: dict[Role, PixelMask | None] = {
            "source": _mask(regions.source, self.grid),
            "background": _mask(regions.background, self.grid),
        }
        for role, mask in masks.items():
            if mask is None:
                self._results[role] = None
            elif mask is not self._placed[role] or self._results[role] is None:
                self._results[role] = self._extractor.move(mask, role)
            self._placed[role] = mask
        return ModuleCounts(
            module=self.events.module,
            source=self._results["source"],
            background=self._results["background"],
            exposure=self._exposure,
            binning=self._extractor.index.binning,
            bins=self._extractor.index.bins,
        )

    def image(self, band_kev: tuple[float, float]) -> NDArray[np.int64]:
        """(ny, nx) events in each sky pixel, in a band and in the intervals that count.

        Parameters
        ----------
        band_kev
            Lower and upper energy [keV].
        """
        binned = self._extractor.index
        low, high = kev_to_pi_range(*band_kev)
        wanted = (binned.channel >= low) & (binned.channel <= high)
        running = np.concatenate(([0], np.cumsum(wanted)))
        return np.diff(running[self.index.indptr]).reshape(self.grid.shape)


def _mask(region: Region | None, grid: SkyGrid) -> PixelMask | None:
    empty = region is None or (isinstance(region, SkyRegion) and not region.shapes)
    return None if empty or region is None else region_mask(region, grid)
