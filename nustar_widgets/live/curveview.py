"""Light curves as they are drawn: neighbouring bins merged, bins with little good time left out.

What depends on bins alone is worked out once, what depends on counts at each step of a drag. A
merged bin is the sum of whole bins of the light curve, counts and good time alike: its rate is what
the extractor would find with that bin size. With nothing merged the numbers are those of
`LightCurve`, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.lightcurve import LightCurve, TimeBins
from nustar_widgets.live.counts import ModuleCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", np.int64, np.float64)

KINDS: Final = ("source", "background", "net")
# A bin has two ends: some 1500 points, more than the pixels a plot in a notebook is wide.
MOST_BINS: Final = 720


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve:
    """One light curve as it is drawn.

    Parameters
    ----------
    rate, error
        (n,) of the bins that are drawn [count/s].
    """

    rate: NDArray[np.float32]
    error: NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class ShownBins:
    """The bins of one module's light curve that are drawn.

    Parameters
    ----------
    bins
        Bins of the light curve.
    factor
        How many neighbours make one that is shown.
    least_fracexp
        Bins shown with a smaller fraction of good time are left out, 0 to 1.
    """

    bins: TimeBins
    factor: int = 1
    least_fracexp: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.least_fracexp <= 1.0:
            raise SelectionError(
                f"least good time {100 * self.least_fracexp:g} % of a bin: expected 0 to 100 %"
            )

    @classmethod
    def of_curve(cls, curve: LightCurve) -> ShownBins:
        """Return the bins of a light curve that has been made, all of them drawn.

        Parameters
        ----------
        curve
            The light curve; rows of bins without good time are put back.
        """
        number = np.rint(curve.time_s / curve.bin_s).astype(np.int64)
        exposure_s = np.zeros(int(number[-1]) + 1 if number.size else 0)
        exposure_s[number] = curve.exposure_s
        return cls(bins=TimeBins(curve.timezero - curve.bin_s / 2.0, curve.bin_s, exposure_s))

    @property
    def bin_s(self) -> float:
        """Width of the bins shown [s]."""
        return self.factor * self.bins.bin_s

    @cached_property
    def _exposure_s(self) -> NDArray[np.float64]:
        return self.merged(self.bins.exposure_s)

    @cached_property
    def drawn(self) -> NDArray[np.intp]:
        """(n,) numbers of the merged bins that are drawn, ascending."""
        good = self._exposure_s > 0.0
        # FRACEXP is single precision: compare as the column of a file would.
        fracexp = (self._exposure_s / self.bin_s).astype(np.float32)
        return np.flatnonzero(good & (fracexp >= np.float32(self.least_fracexp)))

    @cached_property
    def exposure_s(self) -> NDArray[np.float64]:
        """(n,) good time of the bins drawn [s]."""
        return self._exposure_s[self.drawn]

    @property
    def fracexp(self) -> NDArray[np.float32]:
        """(n,) fraction of the bins drawn that is good time."""
        return (self.exposure_s / self.bin_s).astype(np.float32)

    @cached_property
    def start_s(self) -> NDArray[np.float64]:
        """(n,) start of the bins drawn [s since MJDREF]."""
        return self.bins.t_start + self.bin_s * self.drawn.astype(np.float64)

    @cached_property
    def n_left_out(self) -> int:
        """Bins that have good time but too little to be drawn."""
        return int(np.count_nonzero(self._exposure_s > 0.0)) - self.drawn.size

    @cached_property
    def breaks(self) -> NDArray[np.intp]:
        """Places among the bins drawn after which a gap comes."""
        return np.flatnonzero(np.diff(self.drawn) > 1)

    def merged(self, values: NDArray[Number]) -> NDArray[Number]:
        """Sum neighbours.

        Parameters
        ----------
        values
            (n_bins,) numbers of the light curve's bins.
        """
        if self.factor == 1:
            return values
        return np.asarray(np.add.reduceat(values, np.arange(0, values.size, self.factor)))

    def curve(self, counts: NDArray[np.int64]) -> Curve:
        """Rate of binned counts.

        Parameters
        ----------
        counts
            (n_bins,) events in each bin of the light curve.
        """
        number = self.merged(counts)[self.drawn].astype(np.float32)
        exposure = self.exposure_s
        return Curve(
            rate=(number / exposure).astype(np.float32),
            error=(np.sqrt(number) / exposure).astype(np.float32),
        )

    def curves(self, counts: ModuleCounts) -> dict[str, Curve]:
        """Return the curves there are: source, background scaled to the source area, net.

        Parameters
        ----------
        counts
            Counts of the module in these bins.
        """
        found: dict[str, Curve] = {}
        if counts.source is not None:
            found["source"] = self.curve(counts.source.light_curve)
        if counts.background is None or not math.isfinite(ratio := counts.area_ratio):
            return found
        plain = self.curve(counts.background.light_curve)
        scaled = plain.rate.astype(np.float64) * ratio
        found["background"] = Curve(
            rate=scaled.astype(np.float32), error=(plain.error * ratio).astype(np.float32)
        )
        if "source" in found:
            source = found["source"]
            error = np.hypot(source.error.astype(np.float64), plain.error * ratio)
            found["net"] = Curve(
                rate=(source.rate - scaled).astype(np.float32), error=error.astype(np.float32)
            )
        return found


def merging_factor(bins: Iterable[TimeBins], most: int = MOST_BINS) -> int:
    """How many neighbouring bins to merge so that at most so many have good time.

    Parameters
    ----------
    bins
        Bins of the light curves that are shown together.
    most
        Bins to show of each.
    """
    return max((_factor(item, most) for item in bins), default=1)


def _factor(bins: TimeBins, most: int) -> int:
    good = np.flatnonzero(bins.exposure_s > 0.0)
    factor = max(1, -(-good.size // most))
    # Pieces at the ends of intervals do not fill a merged bin: a little more may be needed.
    while np.count_nonzero(np.diff(good // factor)) + 1 > most:
        factor += 1 + factor // 8
    return factor
