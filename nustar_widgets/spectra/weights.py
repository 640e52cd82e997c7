"""XSPEC's ``weight``: what chi-squared takes for the variance of a bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rates = NDArray[np.float64]

WEIGHTS: Final = ("standard", "gehrels", "churazov", "model")
CHURAZOV_COUNTS: Final = 20.0


def rate_variance(rate: Rates, exposure: Rates, weight: str) -> Rates:
    """Variance of a count rate under one of the weights that do not depend on the model.

    Parameters
    ----------
    rate
        (n_bins,) count rate of all bins, ignored ones too: Churazov's looks at neighbours
        [counts/s].
    exposure
        (n_bins,) what turns the rate into counts [s].
    weight
        ``gehrels`` (ApJ 303, 336, 1986): sigma = 1 + sqrt(N + 0.75); ``churazov`` (ApJ 471, 673,
        1996): counts smoothed until there are 20; anything else: N.

    Returns
    -------
    NDArray
        (n_bins,) variance [(counts/s)^2].
    """
    if weight == "gehrels":
        return ((np.sqrt(exposure * rate + 0.75) + 1.0) / exposure) ** 2
    if weight == "churazov":
        return _churazov(rate * exposure) / exposure**2
    return rate / exposure


def _churazov(counts: Rates) -> Rates:
    """Mean counts of a bin and as many neighbours on either side as make 20.

    The counts are rates multiplied back, as in XSPEC: where a sum is 20 but for the rounding, the
    rounding decides.
    """
    total, members = counts.copy(), np.ones(counts.size)
    for reach in range(1, counts.size):
        short = total < CHURAZOV_COUNTS
        if not short.any():
            break
        below, above = _neighbours(counts, reach)
        wider = (total + below) + above
        positions = np.arange(counts.size)
        added = (positions >= reach).astype(float) + (positions < counts.size - reach)
        total = np.where(short, wider, total)
        members = np.where(short, members + added, members)
    return total / members


def _neighbours(counts: Rates, reach: int) -> tuple[Rates, Rates]:
    """Take the counts of the bins `reach` below and above each bin, 0 beyond the ends."""
    below, above = np.zeros(counts.size), np.zeros(counts.size)
    below[reach:], above[:-reach] = counts[:-reach], counts[reach:]
    return below, above
