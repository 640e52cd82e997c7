"""The statistic of a joint fit and its slopes, as functions of the free parameters.

A minimiser needs two things: the value of the statistic, and near it a parabola. Both follow from
the predicted counts m of every bin. With each bin's share s(m) of the statistic,

    gradient  = sum over bins of s'(m) dm/dx
    curvature = sum over bins of s''(m) dm/dx dm/dx

(Gauss-Newton: the second derivative of m is left out, as XSPEC's ``leven`` does). dm/dx for
a parameter that scales the whole spectrum is free of charge, for any other one more fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_fold import Fold
    from nustar_widgets.engines.fit_parameters import ParameterTable
    from nustar_widgets.spectra.fitstatistic import Statistic

    Array: TypeAlias = NDArray[np.float64]
    Values: TypeAlias = Sequence[float]


@dataclass(frozen=True, eq=False)
class Parabola:
    """The statistic near a point.

    Attributes
    ----------
    gradient
        (n,) first derivatives.
    curvature
        (n, n) second derivatives, Gauss-Newton.
    """

    gradient: Array
    curvature: Array

    def without(self, fixed: NDArray[np.bool_]) -> Parabola:
        """Return the parabola over the parameters that are not fixed."""
        kept = ~fixed
        return Parabola(self.gradient[kept], self.curvature[np.ix_(kept, kept)])


class Objective:
    """The statistic of all spectra over the free parameters.

    Parameters
    ----------
    folds
        The spectra, bound.
    table
        Parameters.
    """

    def __init__(self, folds: tuple[Fold, ...], table: ParameterTable) -> None:
        self.folds = folds
        self.table = table
        low, high = table.bounds
        self.low = np.array(low)
        self.high = np.array(high)
        self.step = np.array([table.rows[i].delta for i in table.free])
        self.n_evaluations = 0
        self._last: tuple[tuple[float, ...], list[Array]] | None = None

    def near(self, x: Array) -> Objective:
        """Return the same statistic, quicker beside a point: see `NearFold`.

        Parameters
        ----------
        x
            (n,) values of the free parameters.
        """
        groups = self.table.groups(x)
        folds = tuple(f.near(values) for f, values in zip(self.folds, groups, strict=True))
        return Objective(folds, self.table)

    @property
    def n_free(self) -> int:
        """Number of free parameters."""
        return self.low.size

    @property
    def n_bins(self) -> int:
        """Number of bins of all spectra."""
        return sum(fold.data.n_bins for fold in self.folds)

    def counts(self, x: Array) -> list[Array]:
        """Predicted counts of every spectrum."""
        key = tuple(x)
        if self._last is None or self._last[0] != key:
            groups = self.table.groups(key)
            counts = [f.counts(v) for f, v in zip(self.folds, groups, strict=True)]
            self._last = (key, counts)
            self.n_evaluations += 1
        return self._last[1]

    def value(self, x: Array) -> float:
        """Value of the statistic; infinite where the model has no finite value."""
        with np.errstate(over="ignore", invalid="ignore"):
            counts = self.counts(x)
            total = sum(f.statistic.value(m) for f, m in zip(self.folds, counts, strict=True))
        return total if np.isfinite(total) else np.inf

    @property
    def least_squares(self) -> bool:
        """Whether the statistic is a sum of squares."""
        return all(fold.statistic.least_squares for fold in self.folds)

    def residuals(self, x: Array) -> Array:
        """(n_bins of all spectra,) residuals whose squares add up to the statistic."""
        with np.errstate(over="ignore", invalid="ignore"):
            pairs = zip(self.folds, self.counts(x), strict=True)
            return np.concatenate([fold.statistic.residuals(counts) for fold, counts in pairs])

    def jacobian(self, x: Array) -> Array:
        """(n_bins of all spectra, n) slopes of the residuals."""
        blocks = []
        for fold, counts, acting, slopes in self._slopes(x, np.arange(x.size)):
            block = np.zeros((x.size, counts.size))
            block[acting] = slopes * _residual_slopes(fold.statistic, counts)
            blocks.append(block.T)
        return np.concatenate(blocks)

    def parabola(self, x: Array, free: NDArray[np.bool_] | None = None) -> Parabola:
        """Parabola at a point.

        Parameters
        ----------
        x
            (n,) values of the free parameters.
        free
            (n,) which of them to differentiate by; the others get zeros. None: all.

        Raises
        ------
        FitError
            If the model has no finite value there.
        """
        self.require_finite(x)
        wanted = np.flatnonzero(np.ones(x.size, bool) if free is None else free)
        gradient, curvature = np.zeros(x.size), np.zeros((x.size, x.size))
        for fold, counts, acting, slopes in self._slopes(x, wanted):
            places = wanted[acting]
            first, second = _share_slopes(fold.statistic, counts)
            gradient[places] += slopes @ first
            curvature[np.ix_(places, places)] += (slopes * second) @ slopes.T
        return Parabola(gradient, curvature)

    def gradient(self, x: Array, free: NDArray[np.bool_]) -> Array:
        """(n,) first derivatives alone, for a third of the time of a parabola or less.

        Parameters
        ----------
        x
            (n,) values of the free parameters.
        free
            (n,) which of them to differentiate by; the others get zeros.

        Raises
        ------
        FitError
            If the model has no finite value there.
        """
        self.require_finite(x)
        wanted, steps = np.flatnonzero(free), self._steps(x)
        gradient = np.zeros(x.size)
        for fold, counts, acting, base, moved in self._moves(x, wanted, steps):
            places = wanted[acting]
            first, _ = _share_slopes(fold.statistic, counts)
            gradient[places] += fold.gains(counts, base, moved, first) / steps[places]
        return gradient

    def _slopes(
        self, x: Array, wanted: NDArray[np.intp]
    ) -> Iterator[tuple[Fold, Array, list[int], Array]]:
        """Yield of every spectrum: counts, which wanted parameters act on them, their slopes."""
        steps = self._steps(x)
        for fold, counts, acting, base, moved in self._moves(x, wanted, steps):
            changes = fold.changes(counts, base, moved)
            yield fold, counts, acting, changes / steps[wanted[acting], None]

    def _moves(
        self, x: Array, wanted: NDArray[np.intp], steps: Array
    ) -> Iterator[tuple[Fold, Array, list[int], Values, list[Values]]]:
        """Yield of every spectrum: counts, which parameters act, values as they are and moved."""
        base = self.table.groups(x)
        moved = [self.table.groups(_shifted(x, int(i), steps[i])) for i in wanted]
        for number, (fold, counts) in enumerate(zip(self.folds, self.counts(x), strict=True)):
            acting = [k for k, groups in enumerate(moved) if groups[number] != base[number]]
            yield fold, counts, acting, base[number], [moved[k][number] for k in acting]

    def require_finite(self, x: Array) -> None:
        """Refuse values where the model is not finite.

        Parameters
        ----------
        x
            (n,) values of the free parameters.

        Raises
        ------
        FitError
            Naming the spectrum and the values.
        """
        for number, counts in enumerate(self.counts(x), start=1):
            if not np.all(np.isfinite(counts)):
                raise FitError(
                    f"the model has no finite value for spectrum {number} at "
                    f"{_written(self.table.names, x)}: set limits that keep the fit from there"
                )

    def _steps(self, x: Array) -> Array:
        """Return steps for slopes: 1 % of XSPEC's delta or 1e-4 of the value, away from limits."""
        size = np.maximum(1e-2 * self.step, 1e-4 * np.abs(x))
        size = np.minimum(size, 0.5 * (self.high - self.low))
        return np.asarray(np.where(x + size > self.high, -size, size))


def _share_slopes(statistic: Statistic, counts: Array) -> tuple[Array, Array]:
    """First and second derivative of every bin's share with respect to its predicted counts.

    Central differences: exact for chi-squared, and good to 1e-6 for the Poisson statistics, whose
    scale is the count itself. The second is kept above zero, as a share may be a straight line.
    """
    step = 1e-3 * np.maximum(np.abs(counts), 1e-2)
    around = np.array([counts + step, counts, counts - step])
    if statistic.name == "lstat":  # takes one spectrum at a time
        above, here, below = (statistic.per_bin(model) for model in around)
    else:
        above, here, below = statistic.per_bin(around)
    first = (above - below) / (2.0 * step)
    second = (above - 2.0 * here + below) / step**2
    return first, np.maximum(second, 0.0)


def _residual_slopes(statistic: Statistic, counts: Array) -> Array:
    """Slope of every bin's residual with its predicted counts; smooth where it changes sign."""
    step = 1e-3 * np.maximum(np.abs(counts), 1e-2)
    rise = statistic.residuals(counts + step) - statistic.residuals(counts - step)
    return rise / (2.0 * step)


def _shifted(x: Array, place: int, by: float) -> Array:
    shifted = x.copy()
    shifted[place] += by
    return shifted


def _written(names: Sequence[str], x: Array) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in zip(names, x, strict=True))
