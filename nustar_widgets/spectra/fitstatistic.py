"""A fit statistic bound to the counts of one spectrum: what a minimiser calls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import ParameterError, SelectionError
from nustar_widgets.spectra import statistics
from nustar_widgets.spectra.weights import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.spectra.folding import SpectralData

    Array = NDArray[np.float64]

STATISTICS: Final = ("chi", "cstat", "pgstat", "lstat")


@dataclass(frozen=True, eq=False, kw_only=True)
class Statistic:
    """A statistic as a function of the predicted source counts alone.

    Attributes
    ----------
    name
        ``chi``, ``cstat``, ``pgstat`` or ``lstat``.
    per_bin
        Maps (n_bins,) predicted counts to each bin's share of the statistic.
    residuals
        Maps (n_bins,) predicted counts to signed residuals whose squares are the shares, where
        `least_squares` is true.
    least_squares
        Whether no share is ever negative, so that least squares minimises the statistic. Not so
        for ``pgstat`` and ``lstat``: minimise `value`.
    """

    name: str
    per_bin: Callable[[Array], Array]
    residuals: Callable[[Array], Array]
    least_squares: bool = True

    def value(self, model: Array) -> float:
        """XSPEC's number.

        Parameters
        ----------
        model
            (n_bins,) predicted source counts.
        """
        return float(self.per_bin(model).sum())

    @classmethod
    def bind(cls, data: SpectralData, name: str, *, weight: str = "standard") -> Statistic:
        """Bind a statistic to the counts of a spectrum.

        Parameters
        ----------
        data
            The spectrum.
        name
            ``chi``, ``cstat``, ``pgstat`` or ``lstat``.
        weight
            For ``chi``: standard, gehrels, churazov or model.

        Raises
        ------
        ParameterError
            Name or weight is unknown.
        SelectionError
            Chi-squared without a single bin that has counts.
        """
        if name not in STATISTICS:
            raise ParameterError("statistic", f"{name!r}: expected one of {', '.join(STATISTICS)}")
        if weight not in WEIGHTS:
            raise ParameterError("weight", f"{weight!r}: expected one of {', '.join(WEIGHTS)}")
        residuals = _chi(data, weight) if name == "chi" else None
        if residuals is not None:
            return cls(name=name, residuals=residuals, per_bin=partial(_squares, residuals))
        per_bin = _poisson(data, name)
        return cls(
            name=name,
            per_bin=per_bin,
            residuals=partial(_signed_roots, per_bin=per_bin, net=data.net_counts),
            least_squares=name == "cstat" or data.background is None,
        )


def _squares(residuals: Callable[[Array], Array], model: Array) -> Array:
    off = residuals(model)
    return off * off


def _signed_roots(model: Array, *, per_bin: Callable[[Array], Array], net: Array) -> Array:
    return statistics.signed_root(per_bin(model), net - model)


def _chi(data: SpectralData, weight: str) -> Callable[[Array], Array]:
    if weight == "model":
        return partial(_model_weighted, net=data.net_counts, constant=_model_variance(data))
    variance = data.variance(weight)
    return partial(_weighted, net=data.net_counts, sigma=np.sqrt(_without_zeros(variance)))


def _weighted(model: Array, *, net: Array, sigma: Array) -> Array:
    return (net - model) / sigma


def _model_weighted(model: Array, *, net: Array, constant: Array) -> Array:
    return (net - model) / np.sqrt(np.maximum(model + constant, statistics.TINY))


def _without_zeros(variance: Array) -> Array:
    """XSPEC gives a bin without variance the smallest variance of the others."""
    filled = variance > 0
    if not filled.any():
        raise SelectionError("chi-squared: no bin in use has any counts: use cstat")
    return np.where(filled, variance, variance[filled].min())


def _model_variance(data: SpectralData) -> Array:
    """Variance that XSPEC 12.9.1 adds to the model's own under ``weight model``.

    The background's variance, and once more its expected counts, taken from the first n_bins bins
    of the spectrum instead of the bins in use: an index is missing in ModelWeight::dataVariance.
    It is kept, so that the number is XSPEC's.
    """
    everything = data.notice("all")
    counts, exposure = everything.background_counts, everything.background_exposure
    if counts is None or exposure is None or data.background_counts is None or data.alpha is None:
        return np.zeros(data.n_bins)
    misplaced = (counts / exposure)[: data.n_bins]
    return data.alpha**2 * data.background_counts + misplaced * data.source_exposure


def _poisson(data: SpectralData, name: str) -> Callable[[Array], Array]:
    source, background, alpha = data.source_counts, data.background_counts, data.alpha
    if background is None or alpha is None or data.background_exposure is None:
        return partial(statistics.cash, source=source)
    if name == "pgstat":
        return partial(
            statistics.pgstat,
            source=source,
            background=background,
            source_exposure=data.source_exposure,
            background_exposure=data.background_exposure,
        )
    if name == "lstat":
        return partial(statistics.lstat, source=source, background=background, alpha=alpha)
    return statistics.Wstat(source, background, alpha)
