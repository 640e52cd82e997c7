"""Luminosity in a rest-frame band, as XSPEC's ``lumin``.

The band is that of the source; what is observed of it lies a factor 1 + z lower, and the luminosity
is 4 pi d^2 times the observed energy flux of that (XSPEC manual, ``lumin``). The distance d is that
of a flat universe with XSPEC's ``cosmo 70 0 0.73``: H0 = 70 km/s/Mpc, Omega_m = 1 - 0.73 (XSPEC
manual, ``cosmo``: with a cosmological constant the universe is flat and q0 is ignored). As in
XSPEC the flux is that of the whole model, so that absorption components lower it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from nustar_widgets.engines.fit_measures import BandLuminosity
from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nustar_widgets.engines.fitting import BandFlux
    from nustar_widgets.spectra.folding import SpectralData

CM_PER_MPC: Final = 3.0856775814913673e24
"""IAU 2015 resolution B2: one parsec is 648000 / pi astronomical units of 149597870700 m."""


def distance_mpc(redshift: float, *, h0: float, omega_m: float) -> float:
    """Luminosity distance in a flat universe [Mpc].

    Parameters
    ----------
    redshift
        Of the source, above 0.
    h0
        Hubble constant [km/s/Mpc].
    omega_m
        Matter density over the critical density; the rest is cosmological constant.

    Raises
    ------
    ParameterError
        If one of them makes no sense.
    """
    if not 0.0 < redshift < math.inf:
        raise ParameterError(
            "redshift", f"{redshift:g}: expected a number above 0; at 0 no distance follows from it"
        )
    if not 0.0 < h0 < math.inf:
        raise ParameterError("h0", f"{h0:g}: expected the Hubble constant in km/s/Mpc, as 70")
    if not 0.0 <= omega_m <= 1.0:
        raise ParameterError("omega_m", f"{omega_m:g}: expected 0 to 1, as 0.27")
    from astropy.cosmology import FlatLambdaCDM  # noqa: PLC0415 - slow to import, seldom needed

    return float(FlatLambdaCDM(H0=h0, Om0=omega_m).luminosity_distance(redshift).value)


def observed_band(low_kev: float, high_kev: float, redshift: float) -> tuple[float, float]:
    """Where a band of the source is observed [keV]."""
    return low_kev / (1.0 + redshift), high_kev / (1.0 + redshift)


def check_covered(datasets: Iterable[SpectralData], band_kev: tuple[float, float]) -> None:
    """Refuse a band of which no response knows the whole.

    Parameters
    ----------
    datasets
        The spectra.
    band_kev
        Where it is observed [keV].

    Raises
    ------
    ParameterError
        Naming the spectrum.
    """
    for data in datasets:
        first, last = float(data.full_edges_kev[0]), float(data.full_edges_kev[-1])
        if band_kev[0] < first or band_kev[1] > last:
            raise ParameterError(
                "band",
                f"it is observed at {band_kev[0]:.4g} to {band_kev[1]:.4g} keV, and the response "
                f"of spectrum {data.number} covers {first:.4g} to {last:.4g} keV: choose a band "
                "inside",
            )


def luminosities(
    fluxes: Sequence[BandFlux],
    low_kev: float,
    high_kev: float,
    *,
    redshift: float,
    distance: float,
) -> tuple[BandLuminosity, ...]:
    """Turn the fluxes of the observed band into luminosities.

    Parameters
    ----------
    fluxes
        Of every spectrum.
    low_kev, high_kev
        Rest-frame band [keV].
    redshift
        Of the source.
    distance
        Luminosity distance [Mpc].
    """
    area = 4.0 * math.pi * (distance * CM_PER_MPC) ** 2
    return tuple(
        BandLuminosity(
            spectrum=flux.spectrum,
            low_kev=low_kev,
            high_kev=high_kev,
            redshift=redshift,
            distance_mpc=distance,
            luminosity=area * flux.energy,
            sigma=None if flux.energy_sigma is None else area * flux.energy_sigma,
            unabsorbed=None if flux.unabsorbed_energy is None else area * flux.unabsorbed_energy,
            range=None
            if flux.energy_range is None
            else (area * flux.energy_range[0], area * flux.energy_range[1]),
            percent=flux.percent,
        )
        for flux in fluxes
    )
