"""One spectrum bound to the model and its statistic, and what small steps change of its counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from nustar_widgets.spectra.fitstatistic import Statistic
from nustar_widgets.spectra.modelgrid import ModelGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.spectra.folding import SpectralData
    from nustar_widgets.spectra.models import Model, ModelOnGrid

    Array: TypeAlias = NDArray[np.float64]

_TOGETHER: Final = 3
"""From this number on, models are folded all at once."""


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
        changes = np.zeros((len(moved), counts.size))
        folded = []
        for row, values in enumerate(moved):
            scale = self._scale(base, values)
            if scale is None:
                folded.append(row)
            else:
                changes[row] = counts * scale
        if folded:
            before = self.photons(base)
            photons = np.array([self.photons(moved[row]) - before for row in folded])
            changes[folded] = self._folded(photons)
        return changes

    def gains(
        self, counts: Array, base: Sequence[float], moved: Sequence[Sequence[float]], gain: Array
    ) -> Array:
        """Change of a weighted sum of the predicted counts between parameter values.

        The weights are folded backwards once, to photon energies: whatever the number of
        parameters, that costs one product with the matrix.

        Parameters
        ----------
        counts, base, moved
            As for :meth:`changes`.
        gain
            (n_bins,) weights.

        Returns
        -------
        (k,) changes.
        """
        before, by_energy = self.photons(base), self._unfolded(gain)
        total = float(gain @ counts)
        scales = [self._scale(base, values) for values in moved]
        return np.array(
            [
                total * scale
                if scale is not None
                else float((self.photons(values) - before) @ by_energy)
                for scale, values in zip(scales, moved, strict=True)
            ]
        )

    def _scale(self, base: Sequence[float], values: Sequence[float]) -> float | None:
        """Return by which part all counts change together; None where they do not."""
        different = [i for i, value in enumerate(values) if value != base[i]]
        if len(different) != 1 or different[0] not in self.model.model.scales:
            return None
        place = different[0]
        return None if base[place] == 0.0 else (values[place] - base[place]) / base[place]

    def _unfolded(self, gain: Array) -> Array:
        """(n_energy,) what a photon of every energy adds to a weighted sum of counts."""
        return gain @ self.data.matrix

    def _folded(self, photons: Array) -> Array:
        """(k, n_bins) counts of k models: each by itself, or from three on all at once.

        Of 830 bins 7 models take 3.3 ms one by one, as the matrix is fetched for each, and 1.1 ms
        at once; 2 take 0.9 and 1.1 ms.
        """
        if len(photons) < _TOGETHER:
            return np.array([self.data.fold(row) for row in photons])
        return photons @ self.data.matrix.T

    def near(self, values: Sequence[float]) -> NearFold:
        """Return the same spectrum, quicker beside some values of the model's parameters."""
        photons = self.photons(values)
        return NearFold(
            data=self.data,
            statistic=self.statistic,
            model=self.model,
            rows=self.rows,
            anchor=photons,
            anchor_counts=self.data.fold(photons),
        )


@dataclass(frozen=True, eq=False)
class NearFold(Fold):
    """A spectrum that folds only what differs from an anchor, in single precision.

    A product with a matrix of this size waits for memory, and single precision is half of it. What
    is lost is a ten-millionth of the difference alone: a statistic of 2400 moves by less than 1e-4,
    ranges and contours, which are searched to 1e-3, are the same.

    Attributes
    ----------
    anchor
        (n_energy,) model at the anchor.
    anchor_counts
        (n_bins,) its counts, in full precision.
    """

    anchor: Array
    anchor_counts: Array

    def counts(self, values: Sequence[float]) -> Array:
        """(n_bins,) predicted counts."""
        return self.anchor_counts + self.data.fold_fast(self.photons(values) - self.anchor)

    def _folded(self, photons: Array) -> Array:
        if len(photons) < _TOGETHER:
            return np.array([self.data.fold_fast(row) for row in photons])
        return np.asarray(photons.astype(np.float32) @ self.data.matrix_single.T, np.float64)

    def _unfolded(self, gain: Array) -> Array:
        return np.asarray(gain.astype(np.float32) @ self.data.matrix_single, np.float64)


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
