"""Convolution models: a spectrum in, a spectrum out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from nustar_widgets.spectra.bandflux import band_flux
from nustar_widgets.spectra.modelspec import Kind, ModelSpec, parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nustar_widgets.spectra.modelgrid import ModelGrid

    Array: TypeAlias = NDArray[np.float64]
    Values: TypeAlias = Sequence[float]


def _cflux(grid: ModelGrid, values: Values, photons: Array) -> Array:
    """Scale a spectrum so that its energy flux between Emin and Emax is 10^lg10Flux."""
    low_kev, high_kev, log_flux = values
    _, flux = band_flux(grid.edges, photons, low_kev=low_kev, high_kev=high_kev)
    return photons * (10.0**log_flux / flux) if flux > 0.0 else photons


_BAND = parameter("Emin", "keV", 0.5, (0.0, 0.0, 1e6, 1e6), "lower end of the flux band")

CONVOLUTION: Final[tuple[ModelSpec, ...]] = (
    ModelSpec(
        name="cflux",
        kind=Kind.CONVOLUTION,
        meaning="makes the energy flux of a component in a band a parameter",
        formula="A(E) 10^lg10Flux / flux of A between Emin and Emax",
        parameters=(
            replace(_BAND, frozen=True, delta=0.1),
            replace(
                _BAND,
                name="Emax",
                default=10.0,
                frozen=True,
                delta=0.1,
                meaning="upper end of the flux band",
            ),
            parameter(
                "lg10Flux",
                "cgs",
                -12.0,
                (-100.0, -100.0, 100.0, 100.0),
                "logarithm of the flux [erg/cm^2/s]",
            ),
        ),
        convolve=_cflux,
    ),
)
"""Every convolution model of this engine."""
