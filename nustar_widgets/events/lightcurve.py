"""Light curves, bin for bin as HEASoft's extractor makes them.

Bins start at the first good time and are never shifted. A bin may be only partly good: its rate is
counts over the good time inside it. The order of every floating-point operation is the extractor's
(``times.f``, ``w_fblc.f``), so the columns come out equal to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.gti import Gti

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Half a gigabyte while the exposures are added up: a tenth of a second over three weeks.
MAX_BINS: Final = 1 << 24


@dataclass(frozen=True, eq=False)
class TimeBins:
    """The bins of a light curve and the good time in each.

    Parameters
    ----------
    t_start
        Start of the first bin, the first good time [s since MJDREF].
    bin_s
        Width [s].
    exposure_s
        (n,) good time inside each bin [s]; 0 where there is none.
    """

    t_start: float
    bin_s: float
    exposure_s: NDArray[np.float64]

    @classmethod
    def covering(cls, gti: Gti, bin_s: float) -> TimeBins:
        """Bins from the first to the last good time.

        Parameters
        ----------
        gti
            Good time intervals, at least one.
        bin_s
            Width [s].

        Raises
        ------
        SelectionError
            There is no good time, or the width is not positive or far too small.
        """
        if not len(gti):
            raise SelectionError(
                "no good time is left: expected intervals that overlap the observation's own; "
                "widen or remove the user intervals"
            )
        if not (math.isfinite(bin_s) and bin_s > 0):
            raise SelectionError(f"bin size {bin_s} s: expected a positive number of seconds")
        span = gti.t_stop - gti.t_start
        if span / bin_s >= MAX_BINS:
            raise SelectionError(
                f"bin size {bin_s} s makes {span / bin_s:.3g} bins: expected at most {MAX_BINS}; "
                f"use at least {span / MAX_BINS:.2g} s"
            )
        n_bins = int(span / bin_s) + 1
        return cls(gti.t_start, float(bin_s), _exposures(gti, float(bin_s), n_bins))

    def __len__(self) -> int:
        return int(self.exposure_s.size)

    @property
    def timezero(self) -> float:
        """Centre of the first bin [s], the TIMEZERO of the file."""
        return self.bin_s / 2.0 + self.t_start

    @property
    def starts(self) -> NDArray[np.float64]:
        """(n,) start of each bin [s]."""
        return _starts(self.t_start, self.bin_s, len(self))

    def index(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """Bin of each time (n,), counted from 0; times must not be before the first bin."""
        return ((times - self.t_start) / self.bin_s).astype(np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class LightCurve:
    """A light curve: one row for each bin with good time.

    Parameters
    ----------
    time_s
        (n,) start of the bin after the start of the first one [s]; with ``timezero`` added, the
        centre of the bin.
    rate, error
        (n,) counts per second of good time and its Poisson error [count/s].
    fracexp
        (n,) fraction of the bin that is good time.
    counts
        (n,) events in the bin.
    exposure_s
        (n,) good time in the bin [s].
    timezero
        Centre of the first bin [s since MJDREF].
    bin_s
        Width of the bins [s].
    livetime_corrected
        Whether the rates are per second of livetime.
    """

    time_s: NDArray[np.float64]
    rate: NDArray[np.float32]
    error: NDArray[np.float32]
    fracexp: NDArray[np.float32]
    counts: NDArray[np.int64]
    exposure_s: NDArray[np.float64]
    timezero: float
    bin_s: float
    livetime_corrected: bool = False

    @classmethod
    def from_counts(cls, counts: NDArray[np.int64], bins: TimeBins) -> LightCurve:
        """Rates of binned counts (``w_fblc.f``); bins without good time have no row.

        Parameters
        ----------
        counts
            (n_bins,) events in each bin.
        bins
            The bins.
        """
        good = bins.exposure_s != 0.0
        exposure, number = bins.exposure_s[good], counts[good]
        single = number.astype(np.float32)
        return cls(
            time_s=bins.starts[good] - bins.t_start,
            rate=(single.astype(np.float64) / exposure).astype(np.float32),
            error=(np.sqrt(single).astype(np.float64) / exposure).astype(np.float32),
            fracexp=(exposure / bins.bin_s).astype(np.float32),
            counts=number,
            exposure_s=exposure,
            timezero=bins.timezero,
            bin_s=bins.bin_s,
        )

    def __len__(self) -> int:
        return int(self.time_s.size)

    def minus(self, background: LightCurve, area_ratio: float) -> LightCurve:
        """Net light curve: this one minus a background scaled to its area.

        Parameters
        ----------
        background
            Light curve of the background region, of the same bins.
        area_ratio
            Source area over background area, in pixels.

        Raises
        ------
        SelectionError
            The two have different bins.
        """
        if not (
            np.array_equal(self.time_s, background.time_s)
            and self.timezero == background.timezero
            and self.bin_s == background.bin_s
        ):
            raise SelectionError(
                f"source and background light curves differ in their bins ({len(self)} of "
                f"{self.bin_s} s and {len(background)} of {background.bin_s} s): expected both "
                "from one event list with the same bin size and intervals"
            )
        scaled = background.rate.astype(np.float64) * area_ratio
        error = np.hypot(self.error.astype(np.float64), background.error * area_ratio)
        return replace(
            self,
            rate=(self.rate - scaled).astype(np.float32),
            error=error.astype(np.float32),
        )


def _starts(t_start: float, bin_s: float, n_bins: int) -> NDArray[np.float64]:
    return t_start + bin_s * np.arange(n_bins, dtype=np.float64)


def _exposures(gti: Gti, bin_s: float, n_bins: int) -> NDArray[np.float64]:
    """Good time in each bin: whole bins at once, the bins at the ends of an interval one by one."""
    begin = _starts(gti.t_start, bin_s, n_bins)
    end = begin + bin_s
    width = end - begin
    total = np.zeros(n_bins)
    first = np.searchsorted(end, gti.start, "left")  # first bin that ends at or after START
    last = np.searchsorted(begin, gti.stop, "right")  # one past the last that begins by STOP
    for i, (start, stop) in enumerate(gti):
        low, high = int(first[i]), min(int(last[i]), n_bins)
        # Two bins at each end may be cut by the interval, whatever the rounding of their edges.
        inner_low, inner_high = low + 2, max(high - 2, low + 2)
        total[inner_low:inner_high] += width[inner_low:inner_high]
        for k in (*range(low, min(inner_low, high)), *range(inner_high, high)):
            total[k] = _add_overlap(total[k], start, stop, (begin[k], end[k]))
    return total


def _add_overlap(total: float, start: float, stop: float, edges: tuple[float, float]) -> float:
    """Add one interval's share of one bin, in the extractor's order of operations (CALCBINSIZE).

    ``a + b - c`` and ``a + (b - c)`` differ in the last bit, and the reference adds differently
    in each of its cases.
    """
    begin, end = edges
    if start <= begin <= stop <= end:
        return (stop - begin) + total
    if stop <= begin or end <= start:
        return total
    if begin <= start <= end <= stop:
        return (end - start) + total
    if begin <= start and stop <= end:
        return (total + stop) - start
    return (total + end) - begin
