"""The state of a fit: model and spectra bound together, and where the parameters are."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_flux import FluxMeter
from nustar_widgets.engines.fit_fold import bind
from nustar_widgets.engines.fit_objective import Objective
from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.engines.fit_rivals import data_key
from nustar_widgets.engines.fitting import ModelCurve
from nustar_widgets.errors import SelectionError
from nustar_widgets.spectra.models import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_minimise import Minimum
    from nustar_widgets.engines.fit_ranges import Range
    from nustar_widgets.session.values import FitChoice
    from nustar_widgets.spectra.folding import SpectralData

    Array: TypeAlias = NDArray[np.float64]


class FitState:
    """A model, spectra, and the values of its parameters.

    Parameters
    ----------
    datasets
        The spectra, each a data group of its own.
    choice
        Model, parameters, statistic, abundances. Its ``notice_kev`` is not applied here: notice
        and ignore on the spectra before.
    weight
        For ``chi``: XSPEC's ``weight``.

    Raises
    ------
    ModelError
        If the expression cannot be read.
    ParameterError
        If a parameter, link or limit is wrong.
    SelectionError
        If there is no spectrum, or one has no bin in use.
    """

    def __init__(
        self, datasets: Sequence[SpectralData], choice: FitChoice, *, weight: str = "standard"
    ) -> None:
        if not datasets:
            raise SelectionError("fit: no spectrum is loaded: load at least one")
        self.datasets = tuple(datasets)
        self.choice = choice
        self.model = Model.parse(
            choice.expression, abundance=choice.abundance, cross_section=choice.cross_section
        )
        table = ParameterTable(self.model, len(datasets), choice.parameters)
        folds = bind(datasets, self.model, statistic=choice.statistic, weight=weight)
        self._folds = folds
        self._objective = Objective(folds, table)
        self._x = np.array(table.start, dtype=np.float64)
        self._best: Minimum | None = None
        self._ranges: dict[int, Range] = {}
        self._delta: float | None = None
        self._known: tuple[Array, Array] | None = None
        self._weight = weight
        self._meter = FluxMeter(self.model, [data.full_edges_kev for data in datasets])

    @cached_property
    def data_key(self) -> str:
        """Same for engines with the same bins and counts."""
        return data_key(self.datasets)

    # -- where the parameters are ----------------------------------------------------------

    @property
    def table(self) -> ParameterTable:
        """Names, limits and links of all parameters."""
        return self._objective.table

    @property
    def values(self) -> dict[str, float]:
        """Present value of every parameter by its full name, linked ones too."""
        full = self.table.full(self._x)
        return {row.name: value for row, value in zip(self.table.rows, full, strict=True)}

    def set(self, values: Mapping[str, float]) -> None:
        """Put parameters at given values; what was fitted before is forgotten.

        Parameters
        ----------
        values
            By full name.

        Raises
        ------
        ParameterError
            If a value is outside its limits, or the parameter is linked.
        """
        table = self.table.moved(self._x, values)
        self._objective = Objective(self._folds, table)
        self._move(np.array(table.start, dtype=np.float64))

    def _move(self, x: Array) -> None:
        self._x = x
        self._best = None
        self._ranges = {}
        self._delta = None
        self._known = None

    def statistic(self) -> float:
        """Value of the statistic at the present values."""
        return self._objective.value(self._x)

    def counts(self) -> tuple[Array, ...]:
        """(n_bins,) predicted counts of every spectrum at the present values."""
        return tuple(self._objective.counts(self._x))

    def photons(self) -> tuple[Array, ...]:
        """(n_energy,) model of every spectrum in the bins of its matrix [photons/cm2/s]."""
        groups = self.table.groups(self._x)
        return tuple(fold.photons(values) for fold, values in zip(self._folds, groups, strict=True))

    def parts(self) -> tuple[dict[str, Array], ...]:
        """(n_energy,) each additive component of every spectrum, by name, as :meth:`photons`."""
        groups = zip(self._folds, self.table.groups(self._x), strict=True)
        return tuple(
            {
                name: photons[fold.rows]
                for name, photons in fold.model.additive_components(values).items()
            }
            for fold, values in groups
        )

    def curves(self) -> tuple[ModelCurve, ...]:
        """Folded model of every spectrum and of each of its additive components."""
        return tuple(
            ModelCurve(
                spectrum=number + 1,
                lo_kev=fold.data.lo_kev,
                hi_kev=fold.data.hi_kev,
                total=fold.counts(values),
                components={
                    name: fold.data.fold(photons[fold.rows])
                    for name, photons in fold.model.additive_components(values).items()
                },
            )
            for number, (fold, values) in enumerate(
                zip(self._folds, self.table.groups(self._x), strict=True)
            )
        )

    def _covariance(self) -> Array:
        """Inverse of half the curvature, limits ignored as in XSPEC; NaN without any effect."""
        if self._known is None or not np.array_equal(self._known[0], self._x):
            self._known = self._x.copy(), self._inverse()
        return self._known[1]

    def _inverse(self) -> Array:
        n = self._objective.n_free
        covariance = np.full((n, n), np.nan)
        if n == 0:
            return covariance
        curvature = self._objective.parabola(self._x).curvature
        kept = np.flatnonzero(np.diag(curvature) > 0.0)
        part = 0.5 * curvature[np.ix_(kept, kept)]
        scale = np.sqrt(np.diag(part))
        inverse = np.linalg.pinv(part / np.outer(scale, scale), rcond=1e-12, hermitian=True)
        covariance[np.ix_(kept, kept)] = inverse / np.outer(scale, scale)
        return covariance
