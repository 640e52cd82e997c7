"""What a grouping makes of spectra, in numbers: bins, and counts and signal-to-noise of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nustar_widgets.spectra.folding import SpectralData

CHI_NEEDS: Final = 20
"""Counts a bin from which on Gaussian errors do for chi-squared, the usual rule; below, fits are
biased low."""

MANY_CONTRIBUTIONS: Final = 50_000
"""Bins of all spectra from which on a fit is slow."""


@dataclass(frozen=True, kw_only=True)
class BinNumbers:
    """What the bins of one spectrum in use hold.

    Attributes
    ----------
    spectrum
        Number of the spectrum, from 1.
    name
        Its file or module.
    n_bins
        Bins in use.
    smallest_counts, median_counts
        Counts in the source region, of the poorest bin and of the middle one.
    smallest_background
        Counts in the background region of the poorest bin; None without a background.
    smallest_sn, median_sn
        Net counts over their error.
    widest_kev
        Width of the widest bin [keV].
    low_kev, high_kev
        First and last edge in use [keV].
    """

    spectrum: int
    name: str
    n_bins: int
    smallest_counts: int = 0
    median_counts: float = 0.0
    smallest_background: int | None = None
    smallest_sn: float = 0.0
    median_sn: float = 0.0
    widest_kev: float = 0.0
    low_kev: float = 0.0
    high_kev: float = 0.0


@dataclass(frozen=True, kw_only=True)
class GroupingView:
    """What a grouping makes of all spectra.

    Attributes
    ----------
    spectra
        One for each.
    warnings
        What to mind, in words.
    """

    spectra: tuple[BinNumbers, ...] = ()
    warnings: tuple[str, ...] = ()


def grouping_view(datasets: Sequence[SpectralData], statistic: str) -> GroupingView:
    """Return the numbers of spectra, as they are grouped and with the bins in use.

    Parameters
    ----------
    datasets
        The spectra.
    statistic
        ``chi``, ``cstat`` or ``pgstat``: what the bins must hold.
    """
    numbers = tuple(bin_numbers(data) for data in datasets)
    warnings = [text for item in numbers if (text := _warning(item, statistic))]
    if sum(item.n_bins for item in numbers) > MANY_CONTRIBUTIONS:
        warnings.append("so many bins make every fit slow: group more channels together")
    return GroupingView(spectra=numbers, warnings=tuple(warnings))


def bin_numbers(data: SpectralData) -> BinNumbers:
    """Return the numbers of one spectrum.

    Parameters
    ----------
    data
        The spectrum.
    """
    name = data.spectrum.instrument or data.spectrum.name
    if not data.n_bins:
        return BinNumbers(spectrum=data.number, name=name, n_bins=0)
    error = np.sqrt(data.variance())
    sn = np.divide(data.net_counts, error, out=np.zeros(data.n_bins), where=error > 0)
    background = data.background_counts
    return BinNumbers(
        spectrum=data.number,
        name=name,
        n_bins=data.n_bins,
        smallest_counts=int(data.source_counts.min()),
        median_counts=float(np.median(data.source_counts)),
        smallest_background=None if background is None else int(background.min()),
        smallest_sn=float(sn.min()),
        median_sn=float(np.median(sn)),
        widest_kev=float((data.hi_kev - data.lo_kev).max()),
        low_kev=float(data.lo_kev[0]),
        high_kev=float(data.hi_kev[-1]),
    )


def _warning(item: BinNumbers, statistic: str) -> str:
    """Say what is wrong with the bins of one spectrum; empty where nothing is."""
    if not item.n_bins:
        return f"{item.name}: no bin is in use: notice a range that holds some"
    if statistic == "chi" and item.smallest_counts < CHI_NEEDS:
        return (
            f"{item.name}: a bin has {item.smallest_counts} counts, and chi needs {CHI_NEEDS} or "
            "more in each: group by min counts, or fit with cstat"
        )
    if statistic == "cstat" and item.smallest_background == 0:
        return (
            f"{item.name}: bins without background counts bias cstat with a background (W): group "
            "by 3 counts or more, or by bmin"
        )
    return ""
