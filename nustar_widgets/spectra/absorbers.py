"""Absorption by gas: one transmission per energy bin.

Names, parameters, defaults and limits are XSPEC's (its ``model.dat``, HEASoft 6.20); formulae from
the XSPEC manual. As XSPEC does, the *cross section* is averaged over a bin (mean of the two bin
ends), not the transmission; ``wabs`` alone averages the transmission.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from nustar_widgets.spectra.modelspec import REDSHIFT, ModelSpec, multiplicative, parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.spectra.modelgrid import ModelGrid

    Array: TypeAlias = NDArray[np.float64]
    Values: TypeAlias = Sequence[float]


def _tbabs(grid: ModelGrid, values: Values) -> Array:
    return np.exp(-values[0] * grid.sigma("tbabs"))


def _ztbabs(grid: ModelGrid, values: Values) -> Array:
    column, redshift = values
    return np.exp(-column * grid.redshifted(redshift).sigma("ztbabs"))


def _phabs(grid: ModelGrid, values: Values) -> Array:
    return np.exp(-values[0] * grid.sigma("phabs"))


def _zphabs(grid: ModelGrid, values: Values) -> Array:
    column, redshift = values
    return np.exp(-column * grid.redshifted(redshift).sigma("phabs"))


def _pcfabs(grid: ModelGrid, values: Values) -> Array:
    column, covered = values
    return 1.0 - covered + covered * _phabs(grid, (column,))


def _zpcfabs(grid: ModelGrid, values: Values) -> Array:
    column, covered, redshift = values
    return 1.0 - covered + covered * _zphabs(grid, (column, redshift))


# Morrison & McCammon 1983, ApJ 270, 119, Table 2: sigma E^3 = c0 + c1 E + c2 E^2 [1e-24 cm^2 keV^3]
# from each energy [keV] on; continued as E^-3 below 0.03 and above 10 keV, as XSPEC does.
_WABS: Final = np.array(
    [
        (0.0, 33.6, 0.0, 0.0),
        (0.03, 17.3, 608.1, -2150.0),
        (0.1, 34.6, 267.9, -476.1),
        (0.284, 78.1, 18.8, 4.3),
        (0.4, 71.4, 66.8, -51.4),
        (0.532, 95.5, 145.8, -61.1),
        (0.707, 308.9, -380.6, 294.0),
        (0.867, 120.6, 169.3, -47.7),
        (1.303, 141.3, 146.8, -31.5),
        (1.84, 202.7, 104.7, -17.0),
        (2.471, 342.7, 18.7, 0.0),
        (3.21, 352.2, 18.7, 0.0),
        (4.038, 433.9, -2.4, 0.75),
        (7.111, 629.0, 30.9, 0.0),
        (8.331, 701.2, 25.2, 0.0),
        (10.0, 953.2, 0.0, 0.0),
    ]
)


def _wabs_sigma(energy_kev: Array, *, before: bool) -> Array:
    """Cross section [1e-22 cm^2]; exactly at an edge that of the range ``before`` or after it."""
    side: Literal["left", "right"] = "left" if before else "right"
    row = np.maximum(np.searchsorted(_WABS[:, 0], energy_kev, side=side) - 1, 0)
    _, c0, c1, c2 = _WABS[row].T
    return np.asarray(0.01 * (c0 + energy_kev * (c1 + energy_kev * c2)) / energy_kev**3)


def _wabs(grid: ModelGrid, values: Values) -> Array:
    """Trapezoid of the transmission over every bin, in pieces where a range ends inside it."""
    breaks = _WABS[1:, 0]
    inside = breaks[(breaks > grid.edges[0]) & (breaks < grid.edges[-1])]
    points = np.union1d(grid.edges, inside)
    start = np.exp(-values[0] * _wabs_sigma(points[:-1], before=False))
    end = np.exp(-values[0] * _wabs_sigma(points[1:], before=True))
    pieces = 0.5 * np.diff(points) * (start + end)
    first = np.searchsorted(points, grid.low)
    return np.asarray(np.add.reduceat(pieces, first) / grid.width)


def _zwabs(grid: ModelGrid, values: Values) -> Array:
    column, redshift = values
    return _wabs(grid.redshifted(redshift), (column,))


def _cabs(grid: ModelGrid, values: Values) -> Array:
    """1.21 electrons per hydrogen atom; Thomson cross section 0.665e-24 cm^2."""
    return np.exp(-values[0] * 1.21 * 0.665e-2 * _klein_nishina(grid.middle / 510.999))


def _klein_nishina(x: Array) -> Array:
    """Total Klein-Nishina cross section over Thomson's, x = E/511 keV (Rybicki & Lightman 7.5).

    Below x = 0.01 the closed form loses its digits to cancellation: its series is used there.
    """
    series = 1 + x * (-2 + x * (26 / 5 + x * (-133 / 10 + x * (1144 / 35 - x * 544 / 7))))
    large = np.maximum(x, 0.01)
    log_term = np.log1p(2 * large)
    closed = 0.75 * (
        (1 + large) / large**3 * (2 * large * (1 + large) / (1 + 2 * large) - log_term)
        + log_term / (2 * large)
        - (1 + 3 * large) / (1 + 2 * large) ** 2
    )
    return np.where(x < 0.01, series, closed)


_COLUMN = replace(
    parameter("nH", "10^22", 1.0, (0.0, 0.0, 1e5, 1e6), "hydrogen column [1e22 cm^-2]"),
    delta=1e-3,
)
_COVERED = parameter("CvrFract", "", 0.5, (0.0, 0.05, 0.95, 1.0), "covered fraction")
_WILMS = "Wilms, Allen & McCray 2000, ApJ 542, 914"
_MORRISON = "Morrison & McCammon 1983, ApJ 270, 119"

ABSORBERS: Final[tuple[ModelSpec, ...]] = (
    multiplicative(
        "TBabs",
        _tbabs,
        (_COLUMN,),
        meaning="absorption by the interstellar medium: gas, molecules and dust",
        formula="exp(-nH sigma(E))",
        source=_WILMS,
    ),
    multiplicative(
        "zTBabs",
        _ztbabs,
        (_COLUMN, REDSHIFT),
        meaning="absorption by redshifted gas without dust",
        formula="exp(-nH sigma(E(1+z)))",
        source=_WILMS,
    ),
    multiplicative(
        "phabs",
        _phabs,
        (_COLUMN,),
        meaning="photoelectric absorption by neutral gas",
        formula="exp(-nH sigma(E))",
    ),
    multiplicative(
        "zphabs",
        _zphabs,
        (_COLUMN, REDSHIFT),
        meaning="photoelectric absorption by redshifted neutral gas",
        formula="exp(-nH sigma(E(1+z)))",
    ),
    multiplicative(
        "wabs",
        _wabs,
        (_COLUMN,),
        meaning="photoelectric absorption, Wisconsin cross sections (obsolete)",
        formula="exp(-nH sigma(E))",
        source=_MORRISON,
    ),
    multiplicative(
        "zwabs",
        _zwabs,
        (_COLUMN, REDSHIFT),
        meaning="redshifted photoelectric absorption, Wisconsin cross sections (obsolete)",
        formula="exp(-nH sigma(E(1+z)))",
        source=_MORRISON,
    ),
    multiplicative(
        "pcfabs",
        _pcfabs,
        (_COLUMN, _COVERED),
        meaning="absorption of a part of the source",
        formula="CvrFract exp(-nH sigma(E)) + 1 - CvrFract",
    ),
    multiplicative(
        "zpcfabs",
        _zpcfabs,
        (_COLUMN, _COVERED, REDSHIFT),
        meaning="absorption of a part of a redshifted source",
        formula="CvrFract exp(-nH sigma(E(1+z))) + 1 - CvrFract",
    ),
    multiplicative(
        "cabs",
        _cabs,
        (_COLUMN,),
        meaning="photons scattered out of the beam by free electrons",
        formula="exp(-1.21 nH sigma_KN(E))",
    ),
)
"""Every absorption model of this engine."""
