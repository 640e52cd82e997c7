"""Goodness of fit by simulation, as XSPEC's ``goodness``.

Spectra are simulated from the best fit and fitted again; where the model made the data, about half
of them have a lower statistic (XSPEC manual, ``goodness``: ``nosim`` simulates from the best
values, ``sim`` from values drawn from the covariance; ``fit`` and ``nofit``). Each simulation is a
Poisson draw from the model plus the observed background, and one from the observed background, as
XSPEC's ``fakeit`` makes them. This holds only where counting is the sole source of scatter.

The test statistic may be another one than the fit's (XSPEC's ``statistic test``): chi-squared, or
for few counts a distance between cumulated counts and cumulated model (Kolmogorov-Smirnov,
Cramer-von Mises, Anderson-Darling; XSPEC manual, appendix B), here the logarithm of the sum over
spectra, background included. Their scale is our own: compare them with the simulations only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_draws import drawn
from nustar_widgets.engines.fit_fold import Fold
from nustar_widgets.engines.fit_follow import follow
from nustar_widgets.engines.fit_measures import Goodness
from nustar_widgets.engines.fit_objective import Objective
from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.fitstatistic import STATISTICS, Statistic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_draws import Limited
    from nustar_widgets.engines.fit_parameters import ParameterTable
    from nustar_widgets.spectra.folding import SpectralData

    Array: TypeAlias = NDArray[np.float64]

_TOLERANCE: Final = 1e-3


def _ks(seen: Array, model: Array) -> float:
    return float(np.max(np.abs(seen - model)))


def _cvm(seen: Array, model: Array) -> float:
    return float(np.sum((seen - model) ** 2 * np.diff(model, prepend=0.0)))


def _ad(seen: Array, model: Array) -> float:
    spread = model * (1.0 - model)
    inside = spread > 1e-12
    share = (seen - model)[inside] ** 2 / spread[inside]
    return float(np.sum(share * np.diff(model, prepend=0.0)[inside]))


_CUMULATED: Final[dict[str, Callable[[Array, Array], float]]] = {"ks": _ks, "cvm": _cvm, "ad": _ad}
TESTS: Final = (*STATISTICS, *_CUMULATED)


def checked_test(name: str) -> str:
    """Return the name of a test statistic, in lower case.

    Raises
    ------
    ParameterError
        If there is none of this name.
    """
    if name.lower() not in TESTS:
        raise ParameterError("test", f"{name!r}: expected one of {', '.join(TESTS)}")
    return name.lower()


def value_of_test(test: str, folds: tuple[Fold, ...], counts: list[Array], weight: str) -> float:
    """Return a test statistic of all spectra.

    Parameters
    ----------
    test
        One of `TESTS`.
    folds
        The spectra.
    counts
        Predicted source counts of each.
    weight
        XSPEC's ``weight`` for ``chi``.
    """
    pairs = list(zip(folds, counts, strict=True))
    if test in _CUMULATED:
        distance = sum(_distance(test, fold, model) for fold, model in pairs)
        return float(np.log(distance)) if distance > 0.0 else -np.inf
    return sum(Statistic.bind(f.data, test, weight=weight).value(model) for f, model in pairs)


def _distance(test: str, fold: Fold, model: Array) -> float:
    seen = np.cumsum(fold.data.source_counts)
    expected = np.cumsum(model + _background(fold.data))
    if not (seen[-1] > 0.0 and expected[-1] > 0.0):
        return 0.0
    return _CUMULATED[test](seen / seen[-1], expected / expected[-1])


def simulated(data: SpectralData, counts: Array, rng: np.random.Generator) -> SpectralData:
    """Return a spectrum as it might have been observed.

    Parameters
    ----------
    data
        The observed one.
    counts
        (n_bins,) source counts the model predicts.
    rng
        Source of chance.
    """
    expected = np.maximum(counts, 0.0) + _background(data)
    background = data.background_counts
    return data.with_counts(
        rng.poisson(expected).astype(np.float64),
        None if background is None else rng.poisson(background).astype(np.float64),
    )


def _background(data: SpectralData) -> Array:
    """(n_bins,) background counts expected in the source region."""
    if data.background_counts is None or data.alpha is None:
        return np.zeros(data.n_bins)
    return data.alpha * data.background_counts


@dataclass(frozen=True, eq=False, kw_only=True)
class Simulator:
    """Simulates the spectra of a fit.

    Attributes
    ----------
    folds
        The spectra, bound.
    table
        Parameters.
    weight
        XSPEC's ``weight`` for ``chi``.
    rng
        Source of chance.
    """

    folds: tuple[Fold, ...]
    table: ParameterTable
    weight: str
    rng: np.random.Generator

    def simulated(self, x: Array) -> tuple[Fold, ...]:
        """Return the spectra as they might have been observed.

        Parameters
        ----------
        x
            (n_free,) true values of the free parameters.
        """
        groups = self.table.groups(x)
        return tuple(self._one(f, f.counts(v)) for f, v in zip(self.folds, groups, strict=True))

    def _one(self, fold: Fold, counts: Array) -> Fold:
        data = simulated(fold.data, counts, self.rng)
        bound = Statistic.bind(data, fold.statistic.name, weight=self.weight)
        return replace(fold, data=data, statistic=bound)

    def test(self, x: Array, test: str, *, curvature: Array | None, refit: bool) -> float:
        """Simulate once, and return the test statistic.

        Parameters
        ----------
        x
            (n_free,) true values of the free parameters.
        test
            Name of the test statistic.
        curvature
            (n_free, n_free) of the fit statistic at the best fit, a help for the fit.
        refit
            Fit the simulation before it is tested.
        """
        objective = Objective(self.simulated(x), self.table)
        if refit and x.size:
            held = np.zeros(x.size, bool)
            x = follow(objective.near(x), x, held, tolerance=_TOLERANCE, curvature=curvature).x
        if test == self.folds[0].statistic.name:
            return objective.value(x)
        return value_of_test(test, objective.folds, objective.counts(x), self.weight)


def truths(
    objective: Limited,
    x: Array,
    covariance: Array,
    n: int,
    *,
    rng: np.random.Generator,
    draw: bool,
) -> Array:
    """(n, n_free) values to simulate from: the best ones, or draws from the covariance."""
    return drawn(objective, x, covariance, n, rng) if draw else np.tile(x, (n, 1))


def goodness_result(test: str, data: float, found: list[float], wanted: int) -> Goodness:
    """Sum up the simulations so far.

    Parameters
    ----------
    test
        Name of the test statistic.
    data
        Its value for the data.
    found
        Its values for the simulations.
    wanted
        How many were asked for.
    """
    n = len(found)
    notes = () if n == wanted else (f"stopped after {n} of {wanted} simulations",)
    return Goodness(test=test, data=data, simulated=np.array(found), wanted=wanted, notes=notes)
