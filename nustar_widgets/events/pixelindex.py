"""Events sorted once by sky pixel, so that a region is a handful of slices.

The pixels of one row of the plane are neighbours in the index, so each run of pixels of a region is
one contiguous piece of the event columns: a circle of radius 20 is 41 slices. Moving the circle
touches only the pixels that enter and leave.

``PixelIndex`` depends on the event list alone. ``BinnedIndex`` adds what a choice of band, bin size
and user intervals makes of each event; changing one of those is one pass over the events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import TimeBins
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.pixelruns import runs_of
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import N_CHANNELS, PI_HIGH_DEFAULT, PI_LOW_DEFAULT

if TYPE_CHECKING:
    from numpy.typing import NDArray

BIN_S_DEFAULT: Final = 10.0  # nuproducts' binsize
# Channel of events that count in no spectrum: null energy, or outside the intervals.
NO_CHANNEL: Final = N_CHANNELS
_BLOCK: Final = 1 << 16


@dataclass(frozen=True)
class Binning:
    """What to count: energy band, time bins, intervals.

    Parameters
    ----------
    pi_low, pi_high
        Band of light curves and band counts [PI channel], both included.
    bin_s
        Light-curve bin [s].
    user_gti
        Good time intervals of the user, on top of the file's own; None for none.
    """

    pi_low: int = PI_LOW_DEFAULT
    pi_high: int = PI_HIGH_DEFAULT
    bin_s: float = BIN_S_DEFAULT
    user_gti: Gti | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.pi_low <= self.pi_high < N_CHANNELS:
            raise SelectionError(
                f"PI band {self.pi_low}-{self.pi_high}: expected 0 <= low <= high < {N_CHANNELS}"
            )

    def good_time(self, events_gti: Gti) -> Gti:
        """Intervals that count: the file's own and the user's."""
        return events_gti if self.user_gti is None else events_gti & self.user_gti


@dataclass(frozen=True, eq=False)
class PixelIndex:
    """An event list in order of sky pixel (row by row, in file order inside a pixel).

    Parameters
    ----------
    events
        The event list.
    indptr
        (nx ny + 1,) where each pixel's events begin.
    order
        (n,) position in the event list of each event here; events off the plane are left out.
    channel
        (n,) PI channel; ``NO_CHANNEL`` for a null.
    """

    events: EventList
    indptr: NDArray[np.int32]
    order: NDArray[np.int32]
    channel: NDArray[np.uint16]

    @classmethod
    def build(cls, events: EventList) -> PixelIndex:
        """Sort an event list (a counting sort in SciPy: 20 ms for a million events)."""
        n_pixels = events.grid.nx * events.grid.ny
        pixel = flat_pixels(events)
        # Compressing (pixel, event) coordinates to rows is a stable sort by pixel. Events off the
        # plane get a row of their own at the end, cut off again afterwards.
        matrix = sparse.coo_array(
            (_channels(events.pi), (pixel, np.arange(pixel.size, dtype=np.int32))),
            shape=(n_pixels + 1, pixel.size),
        ).tocsr()
        placed = int(matrix.indptr[n_pixels])
        return cls(
            events,
            matrix.indptr[: n_pixels + 1].astype(np.int32, copy=False),
            matrix.indices[:placed].astype(np.int32, copy=False),
            matrix.data[:placed],
        )

    @property
    def grid(self) -> SkyGrid:
        """The sky plane."""
        return self.events.grid

    def __len__(self) -> int:
        return int(self.order.size)

    def image(self) -> NDArray[np.int32]:
        """(ny, nx) events in each pixel, all energies and times."""
        return np.diff(self.indptr).reshape(self.grid.shape)


@dataclass(frozen=True, eq=False)
class BinnedIndex:
    """A pixel index with the bins of one choice of band, bin size and intervals.

    Parameters
    ----------
    index
        Events by pixel.
    binning
        The choice.
    gti
        Intervals that count.
    bins
        Bins of the light curve.
    channel
        (n,) PI channel; ``NO_CHANNEL`` when the event counts in no spectrum.
    time_bin
        (n,) light-curve bin; ``len(bins)`` when the event is out of band or intervals.
    band_indptr
        (nx ny + 1,) running number of in-band events, pixel by pixel.
    total_indptr
        (nx ny + 1,) the same for events of every channel.
    """

    index: PixelIndex
    binning: Binning
    gti: Gti
    bins: TimeBins
    channel: NDArray[np.uint16]
    time_bin: NDArray[np.uint16] | NDArray[np.uint32]
    band_indptr: NDArray[np.int32]
    total_indptr: NDArray[np.int32]

    @classmethod
    def build(cls, index: PixelIndex, binning: Binning | None = None) -> BinnedIndex:
        """Bin every event.

        Parameters
        ----------
        index
            Events by pixel.
        binning
            What to count; None for nuproducts' defaults.

        Raises
        ------
        SelectionError
            No good time is left, or the bin size cannot be used.
        """
        binning = binning or Binning()
        gti = binning.good_time(index.events.gti)
        bins = TimeBins.covering(gti, binning.bin_s)
        time_bin = time_bins(index.events.time, gti, bins)[index.order]
        rejected = time_bin == len(bins)
        channel = index.channel
        if rejected.any():
            channel = np.where(rejected, np.uint16(NO_CHANNEL), channel)
        in_band = (channel >= binning.pi_low) & (channel <= binning.pi_high)
        time_bin[~in_band] = len(bins)
        return cls(
            index, binning, gti, bins, channel, time_bin,
            _running(in_band, index.indptr),
            _running(channel < NO_CHANNEL, index.indptr),
        )  # fmt: skip

    @property
    def grid(self) -> SkyGrid:
        """The sky plane."""
        return self.index.grid

    def rebinned(self, binning: Binning) -> BinnedIndex:
        """Return the same events under another choice."""
        return BinnedIndex.build(self.index, binning)

    def counts(self, mask: PixelMask) -> tuple[int, int]:
        """Events of every channel, and of the band, in a region; from running numbers alone.

        Parameters
        ----------
        mask
            The region.
        """
        runs = runs_of(mask, self.grid.nx)
        return runs.total(self.total_indptr), runs.total(self.band_indptr)

    def band_image(self) -> NDArray[np.int32]:
        """(ny, nx) in-band events in each pixel."""
        return np.diff(self.band_indptr).reshape(self.grid.shape)


def flat_pixels(events: EventList) -> NDArray[np.int32]:
    """(n,) index of each event's pixel in the flat (ny, nx) plane; nx ny when it is off the plane.

    Parameters
    ----------
    events
        The event list.
    """
    grid = events.grid
    flat = np.empty(len(events), np.int32)
    for block in _blocks(len(events)):
        column = events.x[block].astype(np.int32) - grid.x_min
        row = events.y[block].astype(np.int32) - grid.y_min
        off = (column < 0) | (column >= grid.nx) | (row < 0) | (row >= grid.ny)
        row *= grid.nx
        row += column
        row[off] = grid.nx * grid.ny
        flat[block] = row
    return flat


def time_bins(
    times: NDArray[np.float64], gti: Gti, bins: TimeBins
) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """(n,) light-curve bin of each time; ``len(bins)`` outside the intervals.

    Parameters
    ----------
    times
        (n,) event times [s].
    gti
        Intervals that count.
    bins
        The bins.
    """
    small = len(bins) <= np.iinfo(np.uint16).max
    numbers: NDArray[np.uint16] | NDArray[np.uint32]
    numbers = np.empty(times.size, np.uint16) if small else np.empty(times.size, np.uint32)
    for block in _blocks(times.size):
        inside = gti.contains(times[block])
        number = bins.index(times[block])
        number[~inside] = len(bins)
        numbers[block] = number
    return numbers


def _channels(pi: NDArray[np.int16]) -> NDArray[np.uint16]:
    channel = pi.astype(np.uint16)  # a negative null wraps round to a large number
    channel[channel >= N_CHANNELS] = NO_CHANNEL
    return channel


def _running(flags: NDArray[np.bool_], indptr: NDArray[np.int32]) -> NDArray[np.int32]:
    """Count the set flags before each of the positions ``indptr``."""
    if flags.all():
        return indptr
    counts = np.add.reduceat(flags, np.minimum(indptr[:-1], flags.size - 1), dtype=np.int32)
    counts[indptr[1:] == indptr[:-1]] = 0  # reduceat gives an empty piece its first element
    running = np.zeros(indptr.size, np.int32)
    np.cumsum(counts, out=running[1:])
    return running


def _blocks(size: int) -> list[slice]:
    """Pieces of a long column, small enough that temporaries stay in the cache."""
    return [slice(first, min(first + _BLOCK, size)) for first in range(0, size, _BLOCK)]
