"""A model in XSPEC and what is measured of it, by XSPEC's own commands."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_draws import SEED, check_draws
from nustar_widgets.engines.fit_flux import check_band
from nustar_widgets.engines.fit_luminosity import check_covered, distance_mpc, observed_band
from nustar_widgets.engines.fit_measures import EquivalentWidth
from nustar_widgets.engines.fit_width import additive_component
from nustar_widgets.engines.fitting import NOT_FITTED, FitResult
from nustar_widgets.engines.xspec import messages as ask
from nustar_widgets.engines.xspec.fluxes import (
    cosmology,
    flux_results,
    flux_trials,
    luminosity_results,
)
from nustar_widgets.engines.xspec.keeper import RefusedError
from nustar_widgets.engines.xspec.loaded import LoadedModel, arrays_of
from nustar_widgets.errors import FitError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_measures import BandLuminosity
    from nustar_widgets.engines.fitting import BandFlux

    Array: TypeAlias = NDArray[np.float64]


class MeasuredModel(LoadedModel):
    """A model of XSPEC that is measured."""

    def _require_fit(self, what: str) -> None:
        if self._standing.status == NOT_FITTED:
            raise FitError(f"{what}: fit first: it starts from the best fit and its covariance")

    def _check_draws(self, draws: int, percent: float, what: str) -> None:
        check_draws(draws, percent)
        if draws:
            self._require_fit(what)

    # -- fluxes ----------------------------------------------------------------------------

    def flux(
        self, low_kev: float, high_kev: float, *, draws: int = 0, percent: float = 90.0
    ) -> tuple[BandFlux, ...]:
        """Model flux of every spectrum, by XSPEC's ``flux``.

        Parameters
        ----------
        low_kev, high_kev
            Band [keV].
        draws
            Parameters to draw from the covariance for a range, XSPEC's ``err``.
        percent
            How much of the draws lies inside the range [%].

        Raises
        ------
        ParameterError
            If the band is empty, or the draws make no sense.
        FitError
            If draws are asked for before a fit, or XSPEC cannot do it, or failed.
        """
        check_band(low_kev, high_kev)
        self._check_draws(draws, percent, "range of a flux")
        return self._fluxes(ask.Flux(low_kev, high_kev, (), draws, percent, SEED))

    def _fluxes(self, request: ask.Flux) -> tuple[BandFlux, ...]:
        trials = flux_trials(self.model, self._table, self._standing)
        places = tuple(
            tuple((*self._where(row), value) for row, value in trial.items())
            for trial in trials.values
        )
        arrays = arrays_of(self._keeper.ask(replace(request, trials=places)))
        band = (request.low_kev, request.high_kev)
        n_spectra = len(self.datasets)
        return flux_results(band, arrays, trials, n_spectra, request.percent, request.draws)

    def luminosity(
        self,
        low_kev: float,
        high_kev: float,
        *,
        redshift: float,
        h0: float = 70.0,
        omega_m: float = 0.27,
        draws: int = 0,
        percent: float = 90.0,
    ) -> tuple[BandLuminosity, ...]:
        """Luminosity of every spectrum's model, by XSPEC's ``lumin``.

        XSPEC's distances are those of a fitted formula (Pen 1999, ApJS 120, 49) and given as it
        has them. Those of 12.9.1 were measured to lie within 0.2 % of the exact ones of the
        embedded engine at the usual matter density for redshifts to 1.3, luminosities within
        0.4 %; at a density of 0.05 distances are 2 % off.

        Parameters
        ----------
        low_kev, high_kev
            Band in the rest frame of the source [keV].
        redshift
            Of the source.
        h0, omega_m
            Hubble constant [km/s/Mpc] and matter density of a flat universe.
        draws, percent
            As in :meth:`flux`.

        Raises
        ------
        ParameterError
            If redshift, cosmology or draws make no sense, the band is empty, or what is observed
            of it lies outside the energies of a response.
        FitError
            If draws are asked for before a fit, or XSPEC cannot do it, or failed.
        """
        check_band(low_kev, high_kev)
        self._check_draws(draws, percent, "range of a luminosity")
        exact = distance_mpc(redshift, h0=h0, omega_m=omega_m)
        band = observed_band(low_kev, high_kev, redshift)
        check_covered(self.datasets, band)
        request = ask.Flux(low_kev, high_kev, (), draws, percent, SEED, redshift,
                           cosmology(h0, omega_m))  # fmt: skip
        told = self._fluxes(request)
        if not all(math.isfinite(one.energy) for one in told):
            raise ParameterError("omega_m", f"{omega_m:g}: XSPEC knows no distance for it")
        observed = arrays_of(self._keeper.ask(ask.Flux(*band)))
        energies = [float(numbers[0]) for numbers in observed]
        return luminosity_results(told, energies, redshift=redshift, exact_mpc=exact)

    # -- widths ----------------------------------------------------------------------------

    def width(
        self, component: str, *, part: float = 0.05, draws: int = 0, percent: float = 90.0
    ) -> tuple[EquivalentWidth, ...]:
        """Equivalent width of an additive component in every spectrum, by XSPEC's ``eqwidth``.

        Parameters
        ----------
        component
            Its name, as ``gaussian_4``.
        part
            XSPEC's ``RANGE``: the continuum is averaged over this part of the peak's energy to
            both sides; 0 for the peak's own bin.
        draws, percent
            As in :meth:`flux`.

        Raises
        ------
        ParameterError
            If there is no such component, no continuum, or a number makes no sense.
        FitError
            If draws are asked for before a fit, or XSPEC cannot do it, or failed.
        """
        if not 0.0 <= part < 1.0:
            raise ParameterError("part", f"{part:g}: expected 0 or more and less than 1, as 0.05")
        name = additive_component(self.model, component)
        self._check_draws(draws, percent, "range of an equivalent width")
        number = next(c.number for c in self.model.components if c.name == name)
        norms = self._norms()
        request = ask.Width(number, norms[name], tuple(norms.values()), part, draws, percent, SEED)
        try:
            arrays = arrays_of(self._keeper.ask(request))
        except RefusedError as refused:
            if "no continuum" in str(refused):
                raise ParameterError(
                    "component",
                    f"the model has no continuum beside {name}: there is no equivalent width",
                ) from refused
            raise
        n = len(self.datasets)
        return tuple(
            EquivalentWidth(
                spectrum=place + 1,
                component=name,
                energy_kev=_peak(data.full_edges_kev, arrays[n + place]),
                width_kev=float(arrays[place][0]),
                range=(float(arrays[place][1]), float(arrays[place][2])) if draws else None,
                percent=percent if draws else None,
            )
            for place, data in enumerate(self.datasets)
        )

    # -- what comes out --------------------------------------------------------------------

    def result(self, *, bands_kev: Sequence[tuple[float, float]] = ()) -> FitResult:
        """Everything known at the present values.

        Parameters
        ----------
        bands_kev
            Bands to give fluxes of [keV].
        """
        here = self._standing
        n_bins = tuple(data.n_bins for data in self.datasets)
        parameters = here.parameters(self._table)
        at_limit = [parameter.name for parameter in parameters if parameter.at_limit]
        notes = [note for data in self.datasets for note in data.notes]
        if at_limit:
            notes.append(f"at a limit: {', '.join(at_limit)}; its sigma is not to be trusted")
        if here.status == "not converged":
            notes.append(
                "the fit has not converged: fit again from here, or freeze what the data do not "
                "constrain"
            )
        return FitResult(
            expression=self.choice.expression,
            statistic_name=self.choice.statistic,
            statistic=here.statistic,
            dof=sum(n_bins) - len(self._table.free),
            n_bins=n_bins,
            parameters=parameters,
            covariance=tuple(tuple(map(float, row)) for row in here.covariance),
            fluxes=tuple(flux for low, high in bands_kev for flux in self.flux(low, high)),
            delta=here.delta,
            status=here.status,
            notes=tuple(dict.fromkeys(notes)),
            data_key=self.data_key,
        )


def _peak(edges_kev: Array, photons: Array) -> float:
    """Middle of the bin where a spectrum is highest [keV]."""
    place = int(np.argmax(np.abs(photons) / np.diff(edges_kev)))
    return float(0.5 * (edges_kev[place] + edges_kev[place + 1]))
