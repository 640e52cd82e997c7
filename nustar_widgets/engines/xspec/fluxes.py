"""Fluxes of a fit by XSPEC: with and without absorption, and their standard deviations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.engines.fit_luminosity import CM_PER_MPC
from nustar_widgets.engines.fit_measures import BandLuminosity
from nustar_widgets.engines.fitting import BandFlux
from nustar_widgets.spectra.absorbers import ABSORBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_parameters import ParameterTable
    from nustar_widgets.engines.xspec.outcome import Standing
    from nustar_widgets.spectra.models import Model

    Array = NDArray[np.float64]

_ABSORBERS: Final = frozenset(spec.name for spec in ABSORBERS)
_ERG_S: Final = 1e44  # XSPEC's unit of luminosity
_STEP_SIGMA: Final = 0.1  # XSPEC's single precision drowns smaller ones


@dataclass(frozen=True, eq=False)
class FluxTrials:
    """Values XSPEC is to give fluxes at, beside the present ones.

    Attributes
    ----------
    values
        Of every trial, values by row: first without absorption, then each moved parameter up and
        down.
    steps
        (n_moved,) distance between up and down.
    covariance
        (n_moved, n_moved) of the moved parameters.
    """

    values: tuple[Mapping[int, float], ...]
    steps: Array
    covariance: Array


def flux_trials(model: Model, table: ParameterTable, here: Standing) -> FluxTrials:
    """Return the values to give fluxes at.

    Parameters
    ----------
    model
        The model.
    table
        Its parameters.
    here
        Where the fit is; without a covariance no parameter is moved.
    """
    bare = {
        i: 0.0
        for i, row in enumerate(table.rows)
        if row.link is None and row.min <= 0.0 and _is_column(model, i % table.per_group)
    }
    sigma = np.sqrt(np.maximum(np.nan_to_num(np.diag(here.covariance)), 0.0))
    moved = np.flatnonzero(sigma > 0.0)
    trials: list[Mapping[int, float]] = [bare]
    steps = []
    for place in moved:
        row = table.free[place]
        reach = _STEP_SIGMA * sigma[place]
        ends = np.clip(
            [here.values[row] + reach, here.values[row] - reach],
            table.rows[row].min,
            table.rows[row].max,
        )
        trials += [{row: float(end)} for end in ends]
        steps.append(ends[0] - ends[1])
    return FluxTrials(
        tuple(trials), np.array(steps), np.nan_to_num(here.covariance)[np.ix_(moved, moved)]
    )


def _is_column(model: Model, place: int) -> bool:
    parameter = model.parameters[place]
    component = next(c for c in model.components if c.name == parameter.component)
    return parameter.spec.name == "nH" and component.spec.name in _ABSORBERS


def flux_results(
    band_kev: tuple[float, float],
    arrays: Sequence[Array],
    trials: FluxTrials,
    n_spectra: int,
    percent: float,
    draws: int,
) -> tuple[BandFlux, ...]:
    """Return the fluxes of every spectrum from what XSPEC told.

    Parameters
    ----------
    band_kev
        The band [keV].
    arrays
        Of every trial and spectrum, XSPEC's six numbers; those of the present values first.
    trials
        What was tried.
    n_spectra
        How many spectra.
    percent, draws
        What the ranges are for; no ranges without draws.
    """
    told = np.array(arrays).reshape(2 + 2 * trials.steps.size, n_spectra, 6)
    results = []
    for number in range(n_spectra):
        here, bare, *moved = told[:, number]
        slopes = np.array(
            [(up - down) / step
             for up, down, step in zip(moved[::2], moved[1::2], trials.steps, strict=True)]
        ).reshape(-1, 6)  # fmt: skip
        variance = np.einsum("ik,ij,jk->k", slopes, trials.covariance, slopes)
        sigma = np.sqrt(np.maximum(variance, 0.0)) if trials.steps.size else None
        results.append(
            BandFlux(
                spectrum=number + 1,
                low_kev=band_kev[0],
                high_kev=band_kev[1],
                photons=float(here[3]),
                energy=float(here[0]),
                photons_sigma=None if sigma is None else float(sigma[3]),
                energy_sigma=None if sigma is None else float(sigma[0]),
                unabsorbed_energy=float(bare[0]),
                photons_range=(float(here[4]), float(here[5])) if draws else None,
                energy_range=(float(here[1]), float(here[2])) if draws else None,
                percent=percent if draws else None,
            )
        )
    return tuple(results)


def cosmology(h0: float, omega_m: float) -> tuple[float, float, float]:
    """Return XSPEC's ``cosmo`` of a flat universe: H0 [km/s/Mpc], q0, Lambda0.

    XSPEC looks at q0 only where there is no cosmological constant.

    Parameters
    ----------
    h0, omega_m
        Hubble constant [km/s/Mpc], and matter density.
    """
    return h0, (0.5 if omega_m == 1.0 else 0.0), 1.0 - omega_m


def luminosity_results(
    told: Sequence[BandFlux], observed: Sequence[float], *, redshift: float, exact_mpc: float
) -> tuple[BandLuminosity, ...]:
    """Return luminosities from what XSPEC's ``lumin`` told.

    Parameters
    ----------
    told
        Of every spectrum, luminosities in the place of energy fluxes [1e44 erg/s].
    observed
        Of every spectrum, the observed energy flux of the band [erg/cm^2/s]: the distance XSPEC
        has taken follows from both.
    redshift
        Of the source.
    exact_mpc
        Distance to give where there is no flux [Mpc].
    """
    return tuple(
        BandLuminosity(
            spectrum=one.spectrum,
            low_kev=one.low_kev,
            high_kev=one.high_kev,
            redshift=redshift,
            distance_mpc=_distance_mpc(one.energy, flux) if flux > 0.0 else exact_mpc,
            luminosity=_ERG_S * one.energy,
            sigma=None if one.energy_sigma is None else _ERG_S * one.energy_sigma,
            unabsorbed=(None if one.unabsorbed_energy is None else _ERG_S * one.unabsorbed_energy),
            range=(
                None
                if one.energy_range is None
                else (_ERG_S * one.energy_range[0], _ERG_S * one.energy_range[1])
            ),
            percent=one.percent,
        )
        for one, flux in zip(told, observed, strict=True)
    )


def _distance_mpc(luminosity: float, flux: float) -> float:
    return math.sqrt(_ERG_S * luminosity / (4.0 * math.pi * flux)) / CM_PER_MPC
