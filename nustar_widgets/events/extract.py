"""Spectrum, light curve and image of a region, as nuproducts' own extraction makes them.

One pass over the event list, nothing kept: what a task engine or a script calls. ``live`` answers a
drag from an index instead; both give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve, TimeBins
from nustar_widgets.events.livetime import Housekeeping
from nustar_widgets.events.pixelindex import BIN_S_DEFAULT, Binning, flat_pixels, time_bins
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.instrument import N_CHANNELS, PI_HIGH_DEFAULT, PI_LOW_DEFAULT

if TYPE_CHECKING:
    from numpy.typing import NDArray

BAND_DEFAULT = (PI_LOW_DEFAULT, PI_HIGH_DEFAULT)


@dataclass(frozen=True)
class Exposure:
    """How long the instrument looked.

    Parameters
    ----------
    ontime_s
        Good time [s].
    deadc
        Live fraction of it.
    from_housekeeping
        Whether ``deadc`` was computed for these very intervals; if not, it is the event list's
        own, which a user's intervals change slightly.
    """

    ontime_s: float
    deadc: float
    from_housekeeping: bool = False

    @property
    def exposure_s(self) -> float:
        """EXPOSURE and LIVETIME [s]: the extractor reads DEADC in single precision (times.f)."""
        return self.ontime_s * float(np.float32(self.deadc))


@dataclass(frozen=True, eq=False)
class ExtractedSpectrum:
    """Counts of a region, with what a PHA file says of them.

    Parameters
    ----------
    counts
        (4096,) events per PI channel.
    exposure
        Exposure.
    n_pixels
        Sky pixels in the region.
    backscal
        BACKSCAL of the extractor: pixels over those of the plane, no exposure map; 1 for a region
        that holds no pixel, as the extractor writes.
    gti
        Intervals that count.
    """

    counts: NDArray[np.int64]
    exposure: Exposure
    n_pixels: int
    backscal: np.float32
    gti: Gti


def exposure_of(
    events: EventList, *, user_gti: Gti | None = None, housekeeping: Housekeeping | None = None
) -> Exposure:
    """Exposure of an event list.

    Parameters
    ----------
    events
        The event list.
    user_gti
        Intervals of the user, on top of the file's own.
    housekeeping
        Housekeeping of the same module: DEADC for exactly these intervals, as nuproducts gets it
        from nulivetime. Used only with ``user_gti``; the file's own DEADC is exact without.

    Raises
    ------
    SelectionError
        No good time is left, or the housekeeping is of the other module.
    """
    gti = Binning(user_gti=user_gti).good_time(events.gti)
    if not len(gti):
        raise SelectionError(
            "no good time is left: expected intervals that overlap the observation's own; "
            "widen or remove the user intervals"
        )
    if user_gti is None or housekeeping is None:
        return Exposure(gti.duration_s, events.deadc)
    if housekeeping.module != events.module:
        raise SelectionError(
            f"{housekeeping.path} is housekeeping of {housekeeping.module}, but {events.path} "
            f"is of {events.module}: expected both of one module"
        )
    # nulivetime writes the keyword with 15 digits, and the extractor reads it back.
    return Exposure(gti.duration_s, float(f"{housekeeping.deadc(gti):.15g}"), True)


def extract_spectrum(
    events: EventList,
    mask: PixelMask,
    *,
    user_gti: Gti | None = None,
    housekeeping: Housekeeping | None = None,
) -> ExtractedSpectrum:
    """Spectrum of a region, every PI channel.

    Parameters
    ----------
    events
        The event list.
    mask
        Pixels of the region.
    user_gti
        Intervals of the user, on top of the file's own.
    housekeeping
        Housekeeping of the same module, for the exposure of user intervals.

    Raises
    ------
    SelectionError
        No good time is left, or the housekeeping is of the other module.
    """
    gti = Binning(user_gti=user_gti).good_time(events.gti)
    exposure = exposure_of(events, user_gti=user_gti, housekeeping=housekeeping)
    channel = events.pi[_selected(events, mask) & gti.contains(events.time)]
    return ExtractedSpectrum(
        counts=np.bincount(channel[_valid(channel)], minlength=N_CHANNELS),
        exposure=exposure,
        n_pixels=mask.n_pixels,
        backscal=backscal(mask, events),
        gti=gti,
    )


def extract_light_curve(
    events: EventList,
    mask: PixelMask,
    *,
    bin_s: float = BIN_S_DEFAULT,
    band: tuple[int, int] = BAND_DEFAULT,
    user_gti: Gti | None = None,
) -> LightCurve:
    """Light curve of a region.

    Parameters
    ----------
    events
        The event list.
    mask
        Pixels of the region.
    bin_s
        Bin width [s].
    band
        First and last PI channel, both included.
    user_gti
        Intervals of the user, on top of the file's own.

    Raises
    ------
    SelectionError
        No good time is left, or band or bin cannot be used.
    """
    binning = Binning(*band, bin_s, user_gti)
    gti = binning.good_time(events.gti)
    bins = TimeBins.covering(gti, bin_s)
    wanted = _selected(events, mask) & _in_band(events, band)
    number = time_bins(events.time[wanted], gti, bins)
    counts = np.bincount(number, minlength=len(bins) + 1)[: len(bins)]
    return LightCurve.from_counts(counts, bins)


def extract_image(
    events: EventList, *, band: tuple[int, int] | None = None, user_gti: Gti | None = None
) -> NDArray[np.int32]:
    """Image of the whole sky plane.

    Parameters
    ----------
    events
        The event list.
    band
        First and last PI channel, both included; None for every event.
    user_gti
        Intervals of the user, on top of the file's own.

    Returns
    -------
    ndarray
        (ny, nx) events in each sky pixel; element [0, 0] is X = Y = TLMIN.
    """
    gti = Binning(user_gti=user_gti).good_time(events.gti)
    wanted = gti.contains(events.time)
    if band is not None:
        wanted &= _in_band(events, band)
    ny, nx = events.grid.shape
    counts = np.bincount(flat_pixels(events)[wanted], minlength=ny * nx + 1)
    return counts[: ny * nx].astype(np.int32).reshape(ny, nx)


def backscal(mask: PixelMask, events: EventList) -> np.float32:
    """BACKSCAL as the extractor writes it (fregions.c, w_pha.f), in single precision.

    Parameters
    ----------
    mask
        Pixels of the region.
    events
        The event list, for the size of its plane.
    """
    if not mask.n_pixels:
        return np.float32(1.0)
    return np.float32(mask.n_pixels / (events.grid.nx * events.grid.ny))


def _selected(events: EventList, mask: PixelMask) -> NDArray[np.bool_]:
    """(n,) whether each event lies in the region."""
    inside = np.append(mask.full(events.grid).ravel(), False)  # the last one: off the plane
    return inside[flat_pixels(events)]


def _in_band(events: EventList, band: tuple[int, int]) -> NDArray[np.bool_]:
    return (events.pi >= band[0]) & (events.pi <= band[1])


def _valid(channel: NDArray[np.int16]) -> NDArray[np.bool_]:
    return (channel >= 0) & (channel < N_CHANNELS)
