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
from nustar_widgets.spectra.fitstatistic import Statistic
from nustar_widgets.spectra.modelgrid import ModelGrid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_parameters import ParameterTable
    from nustar_widgets.spectra.folding import SpectralData
    from nustar_widgets.spectra.models import Model, ModelOnGrid

    Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fold:
    """One spectrum bound to the bins its model is evaluated on.

    Attributes
    ----------
    data
        The spectrum.
    statistic
        Its share of the statistic.
    model
        The model, on bins that spectra with the same response share.
    rows
        Which of those bins this spectrum's matrix needs.
    """

    data: SpectralData
    statistic: Statistic
    model: ModelOnGrid
    rows: slice

    def photons(self, values: Sequence[float]) -> Array:
        """(n_energy,) model in the bins of the matrix."""
        return self.model.evaluate(values)[self.rows]

    def counts(self, values: Sequence[float]) -> Array:
        """(n_bins,) predicted counts."""
        return self.data.fold(self.photons(values))

    def changes(
        self, counts: Array, base: Sequence[float], moved: Sequence[Sequence[float]]
    ) -> Array:
        """Change of the predicted counts between parameter values.

        Parameters
        ----------
        counts
            (n_bins,) predicted counts at ``base``.
        base
            Values of the model's parameters.
        moved
            k other sets of values.

        Returns
        -------
        (k, n_bins) change of the counts.
        """
        changes = [self._change(counts, base, values) for values in moved]
        return np.array(changes).reshape(len(moved), counts.size)

    def _change(self, counts: Array, base: Sequence[float], values: Sequence[float]) -> Array:
        different = [i for i, value in enumerate(values) if value != base[i]]
        if len(different) == 1 and different[0] in self.model.model.scales:
            place = different[0]
            if base[place] != 0.0:
                return counts * ((values[place] - base[place]) / base[place])
        # One product with a vector at a time: BLAS is slower with few vectors at once.
        return self.data.fold(self.photons(values) - self.photons(base))


def bind(
    datasets: Sequence[SpectralData], model: Model, *, statistic: str, weight: str = "standard"
) -> tuple[Fold, ...]:
    """Bind every spectrum to a statistic and to model bins, shared where the responses allow.

    Parameters
    ----------
    datasets
        The spectra.
    model
        The model.
    statistic, weight
        XSPEC's names.
    """
    shared: list[tuple[Array, ModelOnGrid, int]] = []
    folds = []
    for data in datasets:
        edges = data.full_edges_kev
        known = next((entry for entry in shared if np.array_equal(entry[0], edges)), None)
        if known is None:
            rows = _rows_needed(datasets, edges, model)
            grid = ModelGrid(edges[rows.start : rows.stop + 1], model.absorption)
            known = (edges, model.on(grid), rows.start)
            shared.append(known)
        _, on_grid, first = known
        own = slice(data.model_rows.start - first, data.model_rows.stop - first)
        folds.append(Fold(data, Statistic.bind(data, statistic, weight=weight), on_grid, own))
    return tuple(folds)


def _rows_needed(datasets: Sequence[SpectralData], edges: Array, model: Model) -> slice:
    """Rows that any spectrum of this grid needs; all where the model needs the whole spectrum."""
    if model.convolves:
        return slice(0, edges.size - 1)
    rows = [d.model_rows for d in datasets if np.array_equal(d.full_edges_kev, edges)]
    return slice(min(r.start for r in rows), max(r.stop for r in rows))


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
        self._last: tuple[tuple[float, ...], list[Array]] | None = None

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

    def _slopes(
        self, x: Array, wanted: NDArray[np.intp]
    ) -> Iterator[tuple[Fold, Array, list[int], Array]]:
        """Yield of every spectrum: counts, which wanted parameters act on them, their slopes."""
        steps = self._steps(x)
        base = self.table.groups(x)
        moved = [self.table.groups(_shifted(x, int(i), steps[i])) for i in wanted]
        for number, (fold, counts) in enumerate(zip(self.folds, self.counts(x), strict=True)):
            acting = [k for k, groups in enumerate(moved) if groups[number] != base[number]]
            changes = fold.changes(counts, base[number], [moved[k][number] for k in acting])
            yield fold, counts, acting, changes / steps[wanted[acting], None]

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
