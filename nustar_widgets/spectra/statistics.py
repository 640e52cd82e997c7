"""Fit statistics, bin by bin, as XSPEC defines them.

Every function takes the predicted source counts per bin and returns each bin's share of the
statistic, so that the sum is XSPEC's number and the signed roots are residuals that
`scipy.optimize.least_squares` minimises. Formulas: XSPEC manual, appendix B, "Statistics in
XSPEC"; where XSPEC 12.9.1 computes something else than its manual says, XSPEC is followed and
the docstring says so.

In what follows S and B are the counts in source and background region, m the predicted source
counts, t_s the exposure of the source (livetime times AREASCAL) and t_b that of the background
in the same units (livetime times AREASCAL times the ratio of BACKSCAL); alpha = t_s / t_b.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.float64]

FLOOR: Final = 1e-5
"""XSPEC lets no predicted count fall below this in the Poisson statistics."""

TINY: Final = 1e-300
"""Keeps a logarithm finite where its factor, a count, is zero."""


def cash(model: Counts, source: Counts) -> Counts:
    """C statistic without background: 2 (m - S + S ln(S/m)).

    Parameters
    ----------
    model
        (n_bins,) predicted counts.
    source
        (n_bins,) observed counts.
    """
    predicted = np.maximum(model, FLOOR)
    return 2.0 * (predicted - source + source * np.log(np.maximum(source, TINY) / predicted))


@dataclass(frozen=True, eq=False)
class Wstat:
    """W statistic: C with the background profiled out, bin by bin.

    Twice ``m + (1+a) F - S - B + S ln(S / (m + a F)) + B ln(B / F)``, where a = alpha and F, the
    most likely background counts, is the positive root of
    ``(1+a) F^2 + ((1+a) m/a - S - B) F - B m/a = 0``. It is called thousands of times in a fit:
    what the model does not change is computed once.

    Attributes
    ----------
    source, background
        (n_bins,) observed counts.
    alpha
        (n_bins,) exposure of the source region over that of the background region.
    """

    source: Counts
    background: Counts
    alpha: Counts

    def __call__(self, model: Counts) -> Counts:
        """Share of each bin at the predicted source counts `model`, (n_bins,)."""
        predicted = np.maximum(model, FLOOR)
        profiled = self.profile(predicted)
        total = self.alpha * profiled
        total += predicted
        share = total + profiled
        share -= self.source * np.log(total)
        share -= self.background * np.log(np.maximum(profiled, TINY))
        share += self._constant
        share *= 2.0
        return share

    def profile(self, model: Counts) -> Counts:
        """Most likely background counts at the predicted source counts `model`, (n_bins,)."""
        linear = model * self._slope
        linear -= self._seen
        root = model * self._cross
        root += linear * linear
        np.sqrt(root, out=root)
        # Either form of the root loses digits on one side (Numerical Recipes 5.6).
        root += np.abs(linear)
        np.maximum(root, TINY, out=root)
        return np.where(linear >= 0, model * self._product / root, root * self._half)

    @cached_property
    def _slope(self) -> Counts:
        return (1.0 + self.alpha) / self.alpha

    @cached_property
    def _seen(self) -> Counts:
        return self.source + self.background

    @cached_property
    def _cross(self) -> Counts:
        return 4.0 * self._slope * self.background

    @cached_property
    def _product(self) -> Counts:
        return 2.0 * self.background / self.alpha

    @cached_property
    def _half(self) -> Counts:
        return 0.5 / (1.0 + self.alpha)

    @cached_property
    def _constant(self) -> Counts:
        """S ln S - S + B ln B - B."""
        logs = [n * np.log(np.maximum(n, TINY)) for n in (self.source, self.background)]
        return logs[0] + logs[1] - self._seen


def pgstat(
    model: Counts,
    source: Counts,
    background: Counts,
    source_exposure: Counts,
    background_exposure: Counts,
) -> Counts:
    """Poisson source on a Gaussian background.

    XSPEC 12.9.1 takes t_b times the variance of the background *rate* for the variance of the
    background counts, which is B / t_b and not B; this is what is computed here.

    Parameters
    ----------
    model
        (n_bins,) predicted source counts.
    source, background
        (n_bins,) observed counts.
    source_exposure, background_exposure
        (n_bins,) t_s and t_b [s].
    """
    variance = background / background_exposure
    flat = variance == 0
    safe = np.where(flat, 1.0, variance)
    rate = model / source_exposure
    profiled = _pgstat_background(
        rate, source, background, variance=safe, ts=source_exposure, tb=background_exposure
    )
    total = source_exposure * (rate + profiled)
    off = background - background_exposure * profiled
    share = (
        total
        - source
        + source * np.log(np.maximum(source, TINY) / np.maximum(total, TINY))
        + 0.5 * off * off / safe
    )
    ratio = source_exposure / background_exposure
    empty = model + background * ratio - 0.5 * variance * ratio * ratio
    return np.where(flat, cash(model, source), 2.0 * np.where(source == 0, empty, share))


def _pgstat_background(
    rate: Counts, source: Counts, background: Counts, *, variance: Counts, ts: Counts, tb: Counts
) -> Counts:
    """Most likely background rate: the positive root of the quadratic of appendix B."""
    square = tb * tb
    linear = ts * variance - tb * background + square * rate
    constant = ts * variance * rate - source * variance - tb * background * rate
    root = np.sqrt(np.maximum(linear * linear - 4.0 * square * constant, 0.0))
    q = -0.5 * (linear + np.copysign(root, linear))
    first = q / square
    return np.where(first < 0, constant / np.where(q == 0, TINY, q), first)


def lstat(model: Counts, source: Counts, background: Counts, alpha: Counts) -> Counts:
    """L statistic: the background marginalised with a flat prior (Loredo 1992).

    Parameters
    ----------
    model
        (n_bins,) predicted source counts.
    source, background
        (n_bins,) observed counts.
    alpha
        (n_bins,) exposure of the source region over that of the background region.
    """
    observed = np.maximum(source - alpha * background, 0.0)
    scale = 1.0 + 1.0 / alpha
    log_factorial = _log_factorials(int(source.max() + background.max()) + 1)
    shares = [
        2.0 * (m - _log_sum(m * k, int(s), int(b), log_factorial))
        - 2.0 * (o - _log_sum(o * k, int(s), int(b), log_factorial))
        for m, o, s, b, k in zip(
            model, observed, np.rint(source), np.rint(background), scale, strict=True
        )
    ]
    return np.array(shares)


def _log_factorials(largest: int) -> Counts:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, largest + 1)))])


def _log_sum(mean: float, source: int, background: int, log_factorial: Counts) -> float:
    """Logarithm of sum_j mean^j (S+B-j)! / (j! (S-j)!), j = 0..S, by its largest term."""
    j = np.arange(source + 1)
    terms = log_factorial[source + background - j] - log_factorial[j] - log_factorial[source - j]
    if mean <= 0:
        return float(terms[0])
    terms = terms + j * np.log(mean)
    largest = float(terms.max())
    return largest + float(np.log(np.exp(terms - largest).sum()))


def signed_root(share: Counts, excess: Counts) -> Counts:
    """Residuals whose squares add up to the statistic.

    Parameters
    ----------
    share
        (n_bins,) each bin's share of the statistic; rounding below zero is cut.
    excess
        (n_bins,) observed minus predicted counts: the sign.
    """
    return np.copysign(np.sqrt(np.maximum(share, 0.0)), excess)
