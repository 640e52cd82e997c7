"""Counts that follow the mouse.

A dragged region keeps most of its pixels from one step to the next. Spectrum and light curve are
whole numbers, so adding the events that enter and subtracting those that leave gives exactly what
counting afresh would; when more events changed than stay, counting afresh is quicker and is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.pixelindex import BinnedIndex, Binning, PixelIndex
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.pixelruns import PixelRuns, changed_runs, n_events, windows_overlap
from nustar_widgets.events.significance import area_ratio, signal_to_noise
from nustar_widgets.instrument import N_CHANNELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Role = Literal["source", "background"]


@dataclass(frozen=True, eq=False)
class LiveResult:
    """What a region holds.

    Parameters
    ----------
    n_pixels
        Sky pixels in the region.
    counts
        Events of every channel.
    band_counts
        Events of the band.
    spectrum
        (4096,) events per PI channel.
    light_curve
        (n_bins,) in-band events per time bin.
    """

    n_pixels: int
    counts: int
    band_counts: int
    spectrum: NDArray[np.int64]
    light_curve: NDArray[np.int64]


class LiveSelection:
    """Running counts of one region that moves.

    Parameters
    ----------
    index
        Binned events of the module.
    """

    def __init__(self, index: BinnedIndex) -> None:
        self._index = index
        self._mask = PixelMask.nothing()
        self._n_events = 0
        # The last cell of each collects the events that do not count.
        self._spectrum = np.zeros(N_CHANNELS + 1, np.int64)
        self._light_curve = np.zeros(len(index.bins) + 1, np.int64)

    @property
    def mask(self) -> PixelMask:
        """The region as it is now."""
        return self._mask

    @property
    def n_pixels(self) -> int:
        """Sky pixels in the region."""
        return self._mask.n_pixels

    @property
    def band_counts(self) -> int:
        """Events of the band."""
        binning = self._index.binning
        return int(self._spectrum[binning.pi_low : binning.pi_high + 1].sum())

    def result(self) -> LiveResult:
        """Return what the region holds now; a copy, so later moves do not change it."""
        spectrum = self._spectrum[:N_CHANNELS].copy()
        return LiveResult(
            n_pixels=self.n_pixels,
            counts=int(spectrum.sum()),
            band_counts=self.band_counts,
            spectrum=spectrum,
            light_curve=self._light_curve[:-1].copy(),
        )

    def move(self, mask: PixelMask) -> None:
        """Move the region and count.

        Parameters
        ----------
        mask
            The region at its new place.
        """
        if not (windows_overlap(self._mask, mask) and self._step(mask)):
            self._count_afresh(mask)
        self._mask = mask

    def _step(self, mask: PixelMask) -> bool:
        """Count only what changes; False, and nothing done, when that is the longer way."""
        indptr = self._index.index.indptr
        entered, left = (
            runs.slices(indptr) for runs in changed_runs(self._mask, mask, self._index.grid.nx)
        )
        more, less = n_events(entered), n_events(left)
        if more + less >= self._n_events + more - less:
            return False
        self._add(entered, np.add)
        self._add(left, np.subtract)
        self._n_events += more - less
        return True

    def _count_afresh(self, mask: PixelMask) -> None:
        runs = PixelRuns.of(mask, self._index.grid.nx).slices(self._index.index.indptr)
        self._spectrum[:] = 0
        self._light_curve[:] = 0
        self._add(runs, np.add)
        self._n_events = n_events(runs)

    def _add(self, runs: list[slice], operation: np.ufunc) -> None:
        if not runs:
            return
        for total, column in (
            (self._spectrum, self._index.channel),
            (self._light_curve, self._index.time_bin),
        ):
            values = np.concatenate([column[run] for run in runs])
            operation(total, np.bincount(values, minlength=total.size), out=total)


class LiveExtractor:
    """Source and background of one module, recounted as they are dragged.

    Parameters
    ----------
    index
        Binned events of the module.
    """

    def __init__(self, index: BinnedIndex) -> None:
        self._index = index
        self._selections: dict[Role, LiveSelection] = {
            "source": LiveSelection(index),
            "background": LiveSelection(index),
        }

    @classmethod
    def of(cls, events: EventList, binning: Binning | None = None) -> LiveExtractor:
        """Index an event list and make an extractor of it.

        Parameters
        ----------
        events
            The event list.
        binning
            What to count; None for nuproducts' defaults.
        """
        return cls(BinnedIndex.build(PixelIndex.build(events), binning))

    @property
    def index(self) -> BinnedIndex:
        """The binned events."""
        return self._index

    def move(self, mask: PixelMask, role: Role = "source") -> LiveResult:
        """Move a region and count.

        Parameters
        ----------
        mask
            The region at its new place.
        role
            Which of the two it is.
        """
        self._selections[role].move(mask)
        return self._selections[role].result()

    def result(self, role: Role = "source") -> LiveResult:
        """Return what a region holds now.

        Parameters
        ----------
        role
            Which of the two.
        """
        return self._selections[role].result()

    def rebin(self, binning: Binning) -> None:
        """Change band, bin size or intervals: one pass over the events; the regions stay.

        Parameters
        ----------
        binning
            The new choice.

        Raises
        ------
        SelectionError
            The choice leaves no good time; the extractor is as before.
        """
        fresh = LiveExtractor(self._index.rebinned(binning))
        for role, selection in self._selections.items():
            fresh._selections[role].move(selection.mask)
        self._index, self._selections = fresh._index, fresh._selections

    @property
    def area_ratio(self) -> float:
        """Source area over background area, in pixels; nan without a background."""
        source, background = self._selections["source"], self._selections["background"]
        return area_ratio(source.n_pixels, background.n_pixels)

    def signal_to_noise(self) -> float:
        """Signal-to-noise ratio of the source in the band; nan without a background."""
        source, background = self._selections["source"], self._selections["background"]
        return signal_to_noise(source.band_counts, background.band_counts, self.area_ratio)
