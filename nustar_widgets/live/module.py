"""One module's events, ready to be counted in regions that move."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.errors import RegionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import exposure_of
from nustar_widgets.events.fieldmap import FieldMap
from nustar_widgets.events.live import LiveExtractor, LiveResult, Role
from nustar_widgets.events.livetime import Housekeeping
from nustar_widgets.events.pixelindex import BinnedIndex, Binning, PixelIndex
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regionfile import RegionFile, format_region
from nustar_widgets.events.regions import PixelRegion, SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.live.counts import ModuleCounts
from nustar_widgets.live.surroundings import Surroundings, band_plane
from nustar_widgets.session.values import ModuleRegions, RegionText

if TYPE_CHECKING:
    from numpy.typing import NDArray

Region = SkyRegion | RegionText


@lru_cache(maxsize=32)
def written_region(region: Region, grid: SkyGrid) -> PixelRegion:
    """Return the shapes HEASoft reads from the region file a session writes of this region.

    Parameters
    ----------
    region
        The region; its text is written and read back, so that this is what a task will count.
    grid
        The pixel plane.

    Raises
    ------
    RegionError
        The region cannot be written, or HEASoft would ignore it and count the whole field: numbers
        that move with the hand and mean something else would be worse than none.
    """
    if isinstance(region, RegionText):
        file = RegionFile.from_text(region.text, region.origin or "region text")
        reading = file.as_heasoft(grid)
        if reading.region is None:
            file.require_safe(grid)  # names the line and the remedy
    else:
        reading = RegionFile.from_text(format_region(region)).as_heasoft(grid)
    if reading.region is None:
        raise RegionError(
            f"region: {reading.reason}. HEASoft would ignore the region and count the whole field; "
            "take the shape away or draw it anew"
        )
    return reading.region


@lru_cache(maxsize=32)
def region_mask(region: Region, grid: SkyGrid) -> PixelMask:
    """Return the pixels HEASoft selects for the region file a session writes of this region.

    Parameters
    ----------
    region
        The region.
    grid
        The pixel plane.

    Raises
    ------
    RegionError
        As `written_region` does.
    """
    return written_region(region, grid).mask(grid)


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
    surroundings
        Field and sources of these events, if made already.

    Raises
    ------
    SelectionError
        The intervals leave no good time, or the bin size cannot be used.
    """

    def __init__(
        self,
        index: PixelIndex,
        binning: Binning,
        housekeeping: Housekeeping | None = None,
        *,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.surroundings = surroundings or Surroundings(index)
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
        return self.binned.index

    @property
    def events(self) -> EventList:
        """Its event list."""
        return self.index.events

    @property
    def grid(self) -> SkyGrid:
        """Its sky plane."""
        return self.index.grid

    @property
    def binned(self) -> BinnedIndex:
        """Its events by pixel, with their bins."""
        return self._extractor.index

    @property
    def binning(self) -> Binning:
        """What it counts."""
        return self.binned.binning

    @cached_property
    def field(self) -> FieldMap:
        """Outline and chips of its field, with the events of its band and intervals.

        Raises
        ------
        SelectionError
            No event lies on the sky plane.
        """
        return self.surroundings.field.recounted(self.binned.band_image())

    def rebinned(self, binning: Binning) -> LiveModule:
        """Return the same events with another band, bin size or intervals."""
        return LiveModule(self.index, binning, self._housekeeping, surroundings=self.surroundings)

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
            binning=self.binning,
            bins=self.binned.bins,
        )

    def image(self, band_kev: tuple[float, float]) -> NDArray[np.int64]:
        """(ny, nx) events in each sky pixel, in a band and in the intervals that count.

        Parameters
        ----------
        band_kev
            Lower and upper energy [keV].
        """
        band = kev_to_pi_range(*band_kev)
        if band == (self.binning.pi_low, self.binning.pi_high):
            return self.binned.band_image().astype(np.int64)
        return band_plane(self.index, self.binned.channel, band)


def chosen_region(region: Region | None) -> Region | None:
    """Return a region that has been drawn or given; one without any shape is none.

    Parameters
    ----------
    region
        The region.
    """
    return None if isinstance(region, SkyRegion) and not region.shapes else region


def _mask(region: Region | None, grid: SkyGrid) -> PixelMask | None:
    region = chosen_region(region)
    return None if region is None else region_mask(region, grid)
