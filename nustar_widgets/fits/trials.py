"""A model tried on a few coarse bins of one spectrum: quick enough for dozens of trials.

Predicted counts are linear in the norms, so that the best norms of given shapes are found at once
(non-negative least squares; Lawson & Hanson 1974, Solving Least Squares Problems, chapter 23).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.modelgrid import ModelGrid
from nustar_widgets.spectra.models import Model

Array: TypeAlias = NDArray[np.float64]

_N_COARSE: Final = 48
"""Bins a spectrum is summed to: many enough to tell a cutoff from a slope."""

_ENERGIES: Final = 4
"""Bins of the model taken together: 0.16 keV of NuSTAR's response, less than it resolves."""

_NO_SPECTRUM: Final = 1e30
"""Photons that no source has: values tried at the ends of wide limits."""

_LEAST_SHARE: Final = 1e-3
"""A component keeps this part of all counts: without a norm its shape would have no slope."""


@dataclass(frozen=True, eq=False)
class CoarseSpectrum:
    """A spectrum in a few bins of about the same number of counts.

    Attributes
    ----------
    net
        (n,) counts less background.
    sigma
        (n,) their errors, after Gehrels 1986, ApJ 303, 336: never zero.
    matrix
        (n, n_energy) counts for each photon/cm2/s.
    energies
        Bins of the model that are taken together.
    """

    net: Array
    sigma: Array
    matrix: Array
    energies: int = 1

    @classmethod
    def of(cls, data: SpectralData, *, energies: int = 1) -> CoarseSpectrum:
        """Sum the bins of a spectrum, with so many bins of the model taken together."""
        counts = np.cumsum(data.source_counts + 1e-9)
        wanted = counts[-1] * np.arange(_N_COARSE) / _N_COARSE
        first = np.unique(np.searchsorted(counts, wanted, side="right"))
        first = first[first < data.n_bins]
        first[0] = 0
        return cls(
            net=np.add.reduceat(data.net_counts, first),
            sigma=np.sqrt(np.add.reduceat(data.variance("gehrels"), first)),
            matrix=_mean_of(np.add.reduceat(data.matrix, first, axis=0), energies),
            energies=energies,
        )

    def edges_kev(self, data: SpectralData) -> Array:
        """(n_energy + 1,) edges of the model's bins [keV]."""
        edges = data.edges_kev
        return np.append(edges[: -1 : self.energies], edges[-1])


def _mean_of(matrix: Array, energies: int) -> Array:
    """Return the mean of so many columns each."""
    first = np.arange(0, matrix.shape[1], energies)
    sums = np.add.reduceat(matrix, first, axis=1)
    return np.asarray(sums / np.diff(np.append(first, matrix.shape[1])))


class Trials:
    """Tries values of a model's parameters on the first spectrum.

    Parameters
    ----------
    model
        The model.
    data
        The spectrum.
    table
        Parameters of all spectra: limits, links, what is frozen.
    norms
        Places of the norms to be found, among the rows of the table.
    """

    def __init__(
        self, model: Model, data: SpectralData, table: ParameterTable, norms: Sequence[int]
    ) -> None:
        self.data, self.table, self.norms = data, table, tuple(norms)
        self.coarse = CoarseSpectrum.of(data, energies=1 if model.convolves else _ENERGIES)
        self.total = max(float(data.net_counts.sum()), 1.0)
        self._rows = slice(None)
        edges = self.coarse.edges_kev(data)
        if model.convolves:  # it may need the whole spectrum
            edges, self._rows = data.full_edges_kev, data.model_rows
        self._model = model.on(ModelGrid(edges, model.absorption))

    def full(self, values: Mapping[int, float]) -> list[float]:
        """Return values of all rows, those given by place and those that follow them."""
        free = [
            values.get(i, start) for i, start in zip(self.table.free, self.table.start, strict=True)
        ]
        return self.table.full(free)

    def photons(self, values: Mapping[int, float], group: int = 0) -> Array:
        """(n_energy,) model of a spectrum with this one's response [photons/cm2/s]."""
        n = self.table.per_group
        own = self.full(values)[group * n : (group + 1) * n]
        try:
            with np.errstate(all="ignore"):
                photons = self._model.evaluate(own)[self._rows]
        except ArithmeticError:  # a value at an end of its range, where the formula has none
            return np.zeros(self.coarse.matrix.shape[1])
        return np.where(np.abs(photons) < _NO_SPECTRUM, photons, 0.0)

    def solved(self, values: Mapping[int, float]) -> tuple[float, dict[int, float]]:
        """Find the best norms of given shapes.

        Parameters
        ----------
        values
            By place.

        Returns
        -------
        Chi-squared of the coarse bins; the values with the norms.
        """
        none = {**values, **dict.fromkeys(self.norms, 0.0)}
        fixed = self._counts(none) if self.norms else self._counts(values)
        if not self.norms:
            return self._chi(fixed), dict(values)
        columns = np.array([self._counts({**none, at: 1.0}) - fixed for at in self.norms])
        shares, _ = nnls(
            (columns / self.coarse.sigma).T, (self.coarse.net - fixed) / self.coarse.sigma
        )
        chi = self._chi(fixed + shares @ columns)
        found = [self._least(share, column) for share, column in zip(shares, columns, strict=True)]
        return chi, {**values, **dict(zip(self.norms, found, strict=True))}

    def _least(self, norm: float, column: Array) -> float:
        predicted = float(column.sum())
        return max(float(norm), _LEAST_SHARE * self.total / predicted) if predicted > 0.0 else 1.0

    def _counts(self, values: Mapping[int, float]) -> Array:
        return self.coarse.matrix @ self.photons(values)

    def _chi(self, predicted: Array) -> float:
        return float((((self.coarse.net - predicted) / self.coarse.sigma) ** 2).sum())
