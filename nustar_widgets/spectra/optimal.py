"""Optimal binning after Kaastra & Bleeker 2016 (A&A 587, A151).

A bin should be a fixed fraction of the instrument's resolution, the smaller the more counts
there are in a resolution element, so that no information is lost to the bin and none is wasted
on noise (their section 4 and equation 35).

How the FWHM is read off the response decides the result as much as the formula does: one channel
less of it gives about a tenth more bins. Here, as in the public-domain heasp library behind
``ftgrouppha``: from the peak of the row for the channel's middle energy outwards to the first
channel at or below half the peak on each side; the FWHM is the distance of these two.
HEASoft 6.20 has no ftgrouppha, so the groups have not been compared with one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.spectra.rmf import Rmf

COUNTS_PER_ELEMENT: Final = 1.314
"""All counts of a Gaussian line over those within its FWHM (K&B section 4.2)."""

FULL_WIDTH_BELOW: Final = 2.119
"""ln of the counts below which a bin is a whole FWHM (K&B equation 35)."""


def fwhm_channels(rmf: Rmf) -> NDArray[np.int64]:
    """Full width at half maximum of the response at each channel.

    Parameters
    ----------
    rmf
        Redistribution matrix.

    Returns
    -------
    NDArray
        (n_chan,) FWHM in channels, at least 1. Where only one half of the peak lies within the
        channels it is doubled; where none does, it is 1.
    """
    middle = 0.5 * (rmf.e_min + rmf.e_max)
    # The energy bin holds its upper edge, as in heasp.
    row = np.clip(np.searchsorted(rmf.energ_hi, middle, side="left"), 0, rmf.energ_lo.size - 1)
    matrix = rmf.dense()
    peak = matrix.argmax(axis=1)
    half = matrix[np.arange(peak.size), peak] / 2
    below = peak - _step_out(matrix, peak, half, -1)
    above = _step_out(matrix, peak, half, +1) - peak
    cut_low, cut_high = matrix[:, 0] > half, matrix[:, -1] > half
    width = np.where(cut_low, 2 * above, np.where(cut_high, 2 * below, below + above))
    width = np.where(cut_low & cut_high, 1, width)
    return np.maximum(width, 1)[row]


def _step_out(
    matrix: NDArray[Any], peak: NDArray[np.int64], half: NDArray[Any], step: int
) -> NDArray[np.int64]:
    """Go from each row's peak until the response is at or below half of it, or ends."""
    rows = np.arange(peak.size)
    place = peak.copy()
    edge = matrix.shape[1] - 1 if step > 0 else 0
    while (on := (place != edge) & (matrix[rows, place] > half)).any():
        place[on] += step
    return place


def optimal_widths(counts: NDArray[Any], rmf: Rmf) -> NDArray[np.int64]:
    """Optimal width of a bin at each channel.

    Parameters
    ----------
    counts
        (n_chan,) counts.
    rmf
        Redistribution matrix of the same channels.

    Returns
    -------
    NDArray
        (n_chan,) whole channels, at least 1.
    """
    fwhm = fwhm_channels(rmf)
    elements = 1.0 + float((1.0 / fwhm).sum())  # K&B equation B.1
    in_element = COUNTS_PER_ELEMENT * _counts_within(counts, fwhm)
    with np.errstate(divide="ignore"):
        x = np.log(in_element * (1.0 + 0.2 * np.log(elements)))
    wide = x <= FULL_WIDTH_BELOW
    x = np.where(wide, FULL_WIDTH_BELOW, x)
    fraction = (0.08 * x + 7.0 + 1.8 / x) / (x + 5.9)
    return np.maximum((fwhm * np.where(wide, 1.0, fraction)).astype(np.int64), 1)


def _counts_within(counts: NDArray[Any], fwhm: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the counts within half a FWHM on either side of each channel, halves rounded outwards."""
    channel = np.arange(counts.size)
    # C's round(): halves away from zero. fwhm / 2 is a whole number or ends in .5.
    low = np.maximum(np.floor(channel - fwhm / 2 + 0.5), 0).astype(np.int64)
    high = np.floor(channel + fwhm / 2 + 0.5).astype(np.int64)
    running: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(counts)])
    within: NDArray[np.float64] = running[np.minimum(high, counts.size - 1) + 1] - running[low]
    return within


def optimal_end(widths: NDArray[np.int64], start: int) -> int:
    """Last channel of the bin that starts at a channel.

    Parameters
    ----------
    widths
        (n_chan,) optimal width at each channel.
    start
        Zero-based first channel.

    Returns
    -------
    int
        The end of the narrowest bin that any channel in the bin asks for.
    """
    reach = min(start + int(widths[start]), widths.size)
    asked = np.arange(start, reach) + widths[start:reach] - 1
    return min(int(asked.min()), widths.size - 1)
