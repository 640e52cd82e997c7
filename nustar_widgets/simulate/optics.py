"""The simulated mirrors: effective area, vignetting and point-spread function of one module.

Rounded published numbers joined by smooth curves: right to about ten per cent, which is what a
teaching sample needs. Never use them for a real observation.

Sources: [H13] Harrison et al. 2013, ApJ 770, 103 (Fig. 2 shows the area of *both* modules);
[M15] Madsen et al. 2015, ApJS 220, 8; [A14] An et al. 2014, Proc. SPIE 9144, 91441Q.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# On-axis effective area of one module, detector absorption included [H13, M15]. The steps are the
# L edges of tungsten (10.2, 11.5 keV) and the K edges of tungsten and platinum (69.5, 78.4 keV).
_AREA_KEV_CM2: Final = (
    *((1.6, 1.5), (2.0, 15.0), (3.0, 105.0), (4.0, 225.0), (5.0, 305.0), (6.0, 375.0)),
    *((7.0, 410.0), (8.0, 430.0), (9.0, 440.0), (10.2, 440.0), (10.3, 395.0), (11.5, 385.0)),
    *((11.6, 345.0), (12.0, 330.0), (15.0, 275.0), (20.0, 205.0), (25.0, 150.0), (30.0, 125.0)),
    *((40.0, 88.0), (50.0, 62.0), (60.0, 45.0), (69.5, 31.0), (69.6, 26.0), (78.3, 16.0)),
    *((78.5, 2.0), (100.0, 0.8), (170.0, 0.1)),
)

# Two Gaussians that meet the published FWHM of 18" and half-power diameter of 58" [H13, A14].
# The wing width is free; 50" gives 71 % within 60" and 92 % within 100".
CORE_SIGMA_ARCSEC: Final = 7.47439
WING_SIGMA_ARCSEC: Final = 50.0
WING_FRACTION: Final = 0.5913263

# Field of view at half response: 10' at 10 keV, 6' at 68 keV [H13, table 2].
_FIELD_KEV: Final = (10.0, 68.0)
_FIELD_ARCMIN: Final = (10.0, 6.0)


def on_axis_area_cm2(energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
    """Effective area of one module on axis [cm2], for all the light a point source sends.

    Parameters
    ----------
    energy_kev
        (n,) photon energies [keV].
    """
    log_energy, log_area = np.log(_AREA_KEV_CM2).T
    return np.asarray(np.exp(np.interp(np.log(energy_kev), log_energy, log_area)))


def vignetting(energy_kev: NDArray[np.float64], off_axis_arcsec: float) -> NDArray[np.float64]:
    """Area off axis over area on axis: a Gaussian whose width shrinks with energy [H13].

    Parameters
    ----------
    energy_kev
        (n,) photon energies [keV].
    off_axis_arcsec
        Distance from the optical axis [arcsec].
    """
    width_arcmin = np.interp(energy_kev, _FIELD_KEV, _FIELD_ARCMIN)
    falloff = (off_axis_arcsec / 60.0 / width_arcmin) ** 2
    return np.asarray(np.exp(-4.0 * math.log(2.0) * falloff))


def enclosed_fraction(radius_arcsec: float) -> float:
    """Fraction of the light of a point source within a circle around it, gaps not counted.

    Parameters
    ----------
    radius_arcsec
        Radius of the circle [arcsec].
    """
    core = -math.expm1(-0.5 * (radius_arcsec / CORE_SIGMA_ARCSEC) ** 2)
    wing = -math.expm1(-0.5 * (radius_arcsec / WING_SIGMA_ARCSEC) ** 2)
    return (1.0 - WING_FRACTION) * core + WING_FRACTION * wing


def surface_density(radius_arcsec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Point-spread function [1/arcsec2], normalised to 1 over the plane.

    Parameters
    ----------
    radius_arcsec
        (...) distance from the source [arcsec].
    """
    density = np.zeros_like(radius_arcsec)
    for share, sigma in (
        (1.0 - WING_FRACTION, CORE_SIGMA_ARCSEC),
        (WING_FRACTION, WING_SIGMA_ARCSEC),
    ):
        peak = share / (2.0 * math.pi * sigma**2)
        density += peak * np.exp(-0.5 * (radius_arcsec / sigma) ** 2)
    return density


def draw_offsets(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """(n, 2) offsets of photons from their source [arcsec].

    Parameters
    ----------
    rng
        Source of randomness.
    n
        Number of photons.
    """
    in_wing = rng.random(n) < WING_FRACTION
    sigma = np.where(in_wing, WING_SIGMA_ARCSEC, CORE_SIGMA_ARCSEC)
    return rng.standard_normal((n, 2)) * sigma[:, None]
