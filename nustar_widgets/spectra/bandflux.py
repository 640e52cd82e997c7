"""Flux of a binned spectrum between two energies, as XSPEC's ``flux`` and ``cflux`` sum it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ERG_PER_KEV: Final = 1.602192e-9
"""XSPEC's constant of its flux sums (twice 0.801096e-9); the CODATA value is 1.602177e-9."""


def band_flux(
    edges_kev: NDArray[np.float64],
    photons: NDArray[np.float64],
    *,
    low_kev: float,
    high_kev: float,
) -> tuple[float, float]:
    """Photon and energy flux between two energies.

    Inside a bin the photons are taken as evenly spread: a bin the band cuts counts by the part
    inside, and a photon carries the middle energy of that part.

    Parameters
    ----------
    edges_kev
        (n + 1,) bin edges [keV]. Outside them the flux is zero.
    photons
        (n,) photons/cm^2/s per bin.
    low_kev, high_kev
        Band [keV].

    Returns
    -------
    tuple of float
        Photon flux [photons/cm^2/s] and energy flux [erg/cm^2/s].
    """
    clipped = np.clip(edges_kev, low_kev, high_kev)
    low, high = clipped[:-1], clipped[1:]
    inside = photons * ((high - low) / np.diff(edges_kev))
    return float(inside.sum()), float((inside * (low + high)).sum() * 0.5 * ERG_PER_KEV)
