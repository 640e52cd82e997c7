"""From channels to bins: what GROUPING and QUALITY mean to XSPEC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.errors import SelectionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUALITY_BAD_AT_SOURCE = 1
"""Channels the instrument team calls bad: XSPEC drops them when it reads the file."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Binning:
    """Which bin each channel belongs to.

    Attributes
    ----------
    bin_of_channel
        (n_chan,) zero-based bin, or -1 for a channel that XSPEC drops.
    first, last
        (n_bins,) zero-based first and last channel of each bin.
    bad
        (n_bins,) whether ``ignore bad`` removes the bin: one of its channels has QUALITY above 0.
    is_grouped
        Whether the spectrum has a GROUPING at all.
    """

    bin_of_channel: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    bad: NDArray[np.bool_]
    is_grouped: bool = True

    @classmethod
    def from_flags(
        cls,
        n_channels: int,
        *,
        grouping: NDArray[np.int16] | None = None,
        quality: NDArray[np.int16] | None = None,
    ) -> Binning:
        """Read GROUPING and QUALITY as XSPEC does.

        Parameters
        ----------
        n_channels
            Number of channels.
        grouping
            (n_chan,) -1 continues the bin of the channel before, anything else starts one;
            ``None``: every channel is a bin.
        quality
            (n_chan,) 1: the channel belongs to no bin; above 1: its bin is bad. ``None``: all good.

        Raises
        ------
        SelectionError
            No channel is left.
        """
        is_grouped = grouping is not None
        grouping = np.ones(n_channels, np.int16) if grouping is None else grouping
        quality = np.zeros(n_channels, np.int16) if quality is None else quality
        kept = np.flatnonzero(quality != QUALITY_BAD_AT_SOURCE)
        if not kept.size:
            raise SelectionError(
                "every channel has QUALITY = 1: expected at least one good channel"
            )
        starts = grouping[kept] != -1
        starts[0] = True  # a group cannot continue what did not begin
        opens = np.flatnonzero(starts)
        bin_of_channel = np.full(n_channels, -1, np.int64)
        bin_of_channel[kept] = np.cumsum(starts) - 1
        return cls(
            bin_of_channel=bin_of_channel,
            first=kept[opens],
            last=kept[np.append(opens[1:], kept.size) - 1],
            bad=np.maximum.reduceat(quality[kept], opens) > 0,
            is_grouped=is_grouped,
        )

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return int(self.first.size)

    def sum(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum a quantity per channel over the channels of each bin.

        Parameters
        ----------
        values
            (n_chan,) one value per channel.
        """
        kept = self.bin_of_channel >= 0
        total = np.bincount(self.bin_of_channel[kept], weights=values[kept], minlength=self.n_bins)
        return total.astype(np.float64, copy=False)

    def mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Arithmetic mean over the channels of each bin.

        Parameters
        ----------
        values
            (n_chan,) one value per channel.
        """
        return self.sum(values) / self.sum(np.ones(values.size))

    def maximum(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Largest value in each bin.

        Parameters
        ----------
        values
            (n_chan,) one value per channel, none negative.
        """
        largest = np.zeros(self.n_bins)
        kept = self.bin_of_channel >= 0
        np.maximum.at(largest, self.bin_of_channel[kept], values[kept])
        return largest

    def area_scale(self, scale: float | NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float64]:
        """Mean AREASCAL or BACKSCAL of each bin, as XSPEC takes it: weighted by the counts.

        ``sum(counts) / sum(counts / scale)``, so that the rates of the channels add up; without
        counts ``n / sum(1 / scale)``. Of one number for all channels only the rounding remains,
        which the smoothing of Churazov weights can see.

        Parameters
        ----------
        scale
            One number, or (n_chan,) one per channel.
        counts
            (n_chan,) counts of the same spectrum.
        """
        per_channel = np.broadcast_to(np.asarray(scale, np.float64), counts.shape)
        if not self.is_grouped:
            return per_channel[self.first]
        inverse = 1.0 / per_channel
        per_scale = counts / per_channel
        # XSPEC multiplies the first channel of a bin by 1/scale and divides the others by scale.
        per_scale[self.first] = counts[self.first] * inverse[self.first]
        counted, weight = self.sum(counts), self.sum(per_scale)
        empty = weight <= 0
        mean = self.sum(np.ones(counts.shape)) / self.sum(inverse)
        return np.where(empty, mean, counted / np.where(empty, 1.0, weight))
