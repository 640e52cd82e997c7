"""Model fluxes of a fit in an energy band, with and without absorption, and their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_draws import central
from nustar_widgets.engines.fitting import BandFlux
from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.absorbers import ABSORBERS
from nustar_widgets.spectra.bandflux import band_flux
from nustar_widgets.spectra.modelgrid import ModelGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_parameters import ParameterTable
    from nustar_widgets.spectra.models import Model, ModelOnGrid

    Array: TypeAlias = NDArray[np.float64]

_ABSORBER_NAMES: Final = frozenset(spec.name for spec in ABSORBERS)
_STEP_SIGMA: Final = 0.01


def check_band(low_kev: float, high_kev: float) -> None:
    """Refuse a band that is none.

    Raises
    ------
    ParameterError
        Saying what was expected.
    """
    if not 0.0 <= low_kev < high_kev < np.inf:
        raise ParameterError("band", f"{low_kev:g} to {high_kev:g} keV: expected 0 <= low < high")


class FluxMeter:
    """Measures fluxes on the whole energy grid of every spectrum's response.

    Parameters
    ----------
    model
        The model.
    edges_kev
        (n + 1,) photon energies of every spectrum's response [keV].
    """

    def __init__(self, model: Model, edges_kev: Sequence[Array]) -> None:
        self.model = model
        self._edges = edges_kev
        self._grids: list[ModelOnGrid] | None = None

    @property
    def grids(self) -> list[ModelOnGrid]:
        """The model on every spectrum's grid, made when first asked for."""
        if self._grids is None:
            absorption = self.model.absorption
            self._grids = [self.model.on(ModelGrid(e, absorption)) for e in self._edges]
        return self._grids

    def band(self, low_kev: float, high_kev: float) -> Band:
        """Return the meter of one band [keV]."""
        return Band(self, low_kev, high_kev)


@dataclass(frozen=True, eq=False)
class Band:
    """One energy band of a meter.

    Attributes
    ----------
    meter
        The meter.
    low_kev, high_kev
        The band [keV].
    """

    meter: FluxMeter
    low_kev: float
    high_kev: float

    def results(
        self,
        table: ParameterTable,
        x: Array,
        covariance: Array | None,
        *,
        draws: Array | None = None,
        percent: float = 90.0,
    ) -> tuple[BandFlux, ...]:
        """Fluxes of every spectrum.

        Parameters
        ----------
        table
            Parameters of the fit.
        x
            (n_free,) values of the free ones.
        covariance
            (n_free, n_free) their covariance; None where it is unknown.
        draws
            (n, n_free) values drawn from it, for ranges; None for none.
        percent
            Part of the draws inside the ranges [%].
        """
        sigma = None if covariance is None else self._sigma(table, x, covariance)
        found = tuple(
            self._result(number, values, None if sigma is None else sigma[number])
            for number, values in enumerate(table.groups(x))
        )
        if draws is None:
            return found
        spread = np.array([self._fluxes(table, values) for values in draws])
        return tuple(
            replace(
                flux,
                photons_range=central(spread[:, number, 0], percent),
                energy_range=central(spread[:, number, 1], percent),
                percent=percent,
            )
            for number, flux in enumerate(found)
        )

    def _result(self, number: int, values: tuple[float, ...], sigma: Array | None) -> BandFlux:
        photons, energy = self._flux(number, values)
        return BandFlux(
            spectrum=number + 1,
            low_kev=self.low_kev,
            high_kev=self.high_kev,
            photons=photons,
            energy=energy,
            photons_sigma=None if sigma is None else float(sigma[0]),
            energy_sigma=None if sigma is None else float(sigma[1]),
            unabsorbed_energy=self._flux(number, self._bare(values))[1],
        )

    def _flux(self, number: int, values: Sequence[float]) -> tuple[float, float]:
        bound = self.meter.grids[number]
        return band_flux(
            bound.grid.edges, bound.evaluate(values), low_kev=self.low_kev, high_kev=self.high_kev
        )

    def _bare(self, values: tuple[float, ...]) -> tuple[float, ...]:
        """Return the values with all absorbing columns at zero."""
        model = self.meter.model
        absorbers = {c.name for c in model.components if c.spec.name in _ABSORBER_NAMES}
        return tuple(
            0.0 if p.component in absorbers and p.spec.name == "nH" else value
            for p, value in zip(model.parameters, values, strict=True)
        )

    def _sigma(self, table: ParameterTable, x: Array, covariance: Array) -> Array:
        """(n_spectra, 2) standard deviations of photon and energy flux."""
        known = np.nan_to_num(covariance)
        slopes = np.zeros((x.size, table.n_groups, 2))
        for place, sigma in enumerate(np.sqrt(np.diag(known))):
            if sigma > 0.0:
                ends = [self._fluxes_at(table, x, place, s * _STEP_SIGMA * sigma) for s in (1, -1)]
                slopes[place] = (ends[0] - ends[1]) / (2.0 * _STEP_SIGMA * sigma)
        variance = np.einsum("isk,ij,jsk->sk", slopes, known, slopes)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))

    def _fluxes_at(self, table: ParameterTable, x: Array, place: int, by: float) -> Array:
        moved = x.copy()
        moved[place] += by
        return self._fluxes(table, moved)

    def _fluxes(self, table: ParameterTable, x: Array) -> Array:
        """(n_spectra, 2) photon and energy fluxes."""
        return np.array([self._flux(n, values) for n, values in enumerate(table.groups(x))])
