"""Additive models: photons/cm^2/s per energy bin.

Names, parameters, defaults and limits are XSPEC's (its ``model.dat``, HEASoft 6.20); formulae from
the XSPEC manual, "Additive Model Components". XSPEC's own way of integrating over a bin is kept
where it is visible in the result (``bbody``), the exact integral is used where XSPEC's is exact.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from scipy.special import erf

from nustar_widgets.spectra.modelspec import (
    REDSHIFT,
    ModelSpec,
    ParameterSpec,
    additive,
    norm,
    parameter,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.interpolate import CubicSpline

    from nustar_widgets.spectra.modelgrid import ModelGrid

    Array: TypeAlias = NDArray[np.float64]
    Values: TypeAlias = Sequence[float]

_GAUSSIAN_TAIL = 1e-8
_SURELY_NOT_ONE = 0.1  # of 1 - index: the difference is then good to 1e-11 in bins of 40 eV
_LORENTZIAN_TAIL = 1e-6
_N_SIGMA = 8.5  # beyond, a Gaussian holds less than 1e-16 of its flux


def power_law(grid: ModelGrid, index: float) -> Array:
    """Integral of E^-index over every bin.

    The difference of E^(1-index) / (1-index) at the edges; near index 1, where that loses digits,
    E_low^(1-index) expm1((1-index) ln(E_high/E_low)) / (1-index), which is slower.

    Parameters
    ----------
    grid
        Energy bins.
    index
        Photon index.

    Returns
    -------
    (n,) integral [keV^(1-index)].
    """
    slope = 1.0 - index
    if abs(slope) < 1e-12:
        return grid.log_step.copy()
    if abs(slope) > _SURELY_NOT_ONE:
        return np.diff(np.exp(slope * grid.log_edges)) / slope
    return np.asarray(np.exp(slope * grid.log_low) * np.expm1(slope * grid.log_step) / slope)


def _powerlaw(grid: ModelGrid, values: Values) -> Array:
    return power_law(grid, values[0])


def _zpowerlw(grid: ModelGrid, values: Values) -> Array:
    index, redshift = values
    return power_law(grid.redshifted(redshift), index) / (1.0 + redshift)


def _bknpower(grid: ModelGrid, values: Values) -> Array:
    """Two power laws that meet at the break; the bin of the break is integrated in two pieces."""
    index1, break_kev, index2 = values
    photons = power_law(grid, index1)
    above = grid.high > break_kev
    if not above.any():
        return photons
    # Below the first edge XSPEC too joins the pieces at the break itself.
    scale = break_kev ** (index2 - index1)
    photons[above] = scale * power_law(grid, index2)[above]
    first = int(np.argmax(above))
    low, high = grid.low[first], grid.high[first]
    if low < break_kev:
        photons[first] = _power_integral(low, break_kev, index1) + scale * _power_integral(
            break_kev, high, index2
        )
    return photons


def _power_integral(low: float, high: float, index: float) -> float:
    slope = 1.0 - index
    step = math.log(high / low)
    if abs(slope) < 1e-12:
        return step
    return float(low**slope) * math.expm1(slope * step) / slope


def _cutoffpl(grid: ModelGrid, values: Values) -> Array:
    index, cutoff_kev = values
    density = np.exp(-index * grid.log_nodes - grid.nodes / cutoff_kev)
    return grid.width * grid.mean_over_nodes(density)


def _zcutoffpl(grid: ModelGrid, values: Values) -> Array:
    *shape, redshift = values
    return _cutoffpl(grid.redshifted(redshift), shape) / (1.0 + redshift)


def _planck(grid: ModelGrid, temperature_kev: float) -> Array:
    """Trapezoid of E^2 / (exp(E/kT) - 1), zero in bins that end above 60 kT, as XSPEC has it."""
    if temperature_kev <= 0.0:
        return np.zeros(grid.size)
    x = grid.edges / temperature_kev
    density = grid.edges**2 / np.expm1(np.minimum(x, 60.0))
    photons = 0.5 * grid.width * (density[:-1] + density[1:])
    photons[x[1:] > 60.0] = 0.0
    return np.asarray(photons)


def _bbody(grid: ModelGrid, values: Values) -> Array:
    return 8.0525 / values[0] ** 4 * _planck(grid, values[0])


def _bbodyrad(grid: ModelGrid, values: Values) -> Array:
    return 1.0344e-3 * _planck(grid, values[0])


def _diskbb(grid: ModelGrid, values: Values) -> Array:
    """Disc of T proportional to r^-3/4: N(E) = Tin^2/361 x^(-2/3) K(x), x = E/Tin.

    K(x) = integral from x of u^(5/3)/(e^u - 1) du is what the integral over radii becomes with
    u = E/T(r). XSPEC rounds the constant, (10 kpc/1 km)^-2 8 pi/(3 h^3 c^2), to 1/361.
    """
    temperature_kev = values[0]
    if temperature_kev <= 0.0:
        return np.zeros(grid.size)
    x = grid.nodes / temperature_kev
    log_x = grid.log_nodes - math.log(temperature_kev)
    density = np.exp(_log_disk_integral()(log_x) - x - 2.0 / 3.0 * log_x)
    return grid.width * grid.mean_over_nodes(density) * temperature_kev**2 / 361.0


@lru_cache(maxsize=1)
def _log_disk_integral() -> CubicSpline:
    """Spline of ln(K(x) e^x) in ln x, 1e-7 accurate for 1e-6 < x < 1e6."""
    from scipy.interpolate import CubicSpline  # noqa: PLC0415 - 25 MB, and only diskbb wants it

    knots = np.geomspace(1e-6, 1e6, 1400)
    points, weights = np.polynomial.legendre.leggauss(20)
    low, half = knots[:-1, None], 0.5 * np.diff(knots)[:, None]
    u = low + half * (points + 1.0)
    panels = (half * weights * u ** (5.0 / 3.0) * np.exp(low - u) / -np.expm1(-u)).sum(axis=1)
    scaled = np.empty(knots.size)
    scaled[-1] = knots[-1] ** (5.0 / 3.0)
    for i in range(knots.size - 2, -1, -1):
        scaled[i] = panels[i] + math.exp(knots[i] - knots[i + 1]) * scaled[i + 1]
    return CubicSpline(np.log(knots), np.log(scaled))


def _gaussian(grid: ModelGrid, values: Values) -> Array:
    """Differences of erf; with sigma 0 all photons fall into one bin, E_low < E <= E_high."""
    line_kev, sigma_kev = values
    if sigma_kev <= 0.0:
        return _one_bin(grid, line_kev)
    photons = np.zeros(grid.size)
    reach = grid.window(line_kev - _N_SIGMA * sigma_kev, line_kev + _N_SIGMA * sigma_kev)
    if reach.start < reach.stop:
        edges = grid.edges[reach.start : reach.stop + 1]
        below = 0.5 * erf((edges - line_kev) / (math.sqrt(2.0) * sigma_kev))
        photons[reach] = _shared_out(below, _GAUSSIAN_TAIL)
    return photons


def _shared_out(below: Array, tail: float) -> Array:
    """Photons per bin of a line; the last ``tail`` of it on either side falls into one bin.

    XSPEC ends a line where less than this remains and adds what remains to its last bin.

    Parameters
    ----------
    below
        (n + 1,) part of the line below every bin edge.
    tail
        Part of the line.
    """
    kept = np.where(below - below[0] < tail, below[0], below)
    kept[below[-1] - below < tail] = below[-1]
    return np.diff(kept)


def _one_bin(grid: ModelGrid, line_kev: float) -> Array:
    photons = np.zeros(grid.size)
    bin_of_line = int(np.searchsorted(grid.edges, line_kev, side="left")) - 1
    if 0 <= bin_of_line < grid.size:
        photons[bin_of_line] = 1.0
    return photons


def _zgauss(grid: ModelGrid, values: Values) -> Array:
    *line, redshift = values
    return _gaussian(grid.redshifted(redshift), line) / (1.0 + redshift)


def _lorentz(grid: ModelGrid, values: Values) -> Array:
    """Differences of arctan, normalised to 1 over all positive energies."""
    line_kev, fwhm_kev = values
    if fwhm_kev <= 0.0:
        return _one_bin(grid, line_kev)
    half = 0.5 * fwhm_kev
    total = 0.5 * math.pi + math.atan(line_kev / half)
    return _shared_out(np.arctan((grid.edges - line_kev) / half) / total, _LORENTZIAN_TAIL)


def _index(name: str, default: float, meaning: str) -> ParameterSpec:
    return parameter(name, "", default, (-3.0, -2.0, 9.0, 10.0), meaning)


def _line_parameters(width_name: str, width_meaning: str) -> tuple[ParameterSpec, ParameterSpec]:
    energy = parameter("LineE", "keV", 6.5, (0.0, 0.0, 1e6, 1e6), "energy of the line")
    width = parameter(width_name, "keV", 0.1, (0.0, 0.0, 10.0, 20.0), width_meaning)
    return replace(energy, delta=0.05), replace(width, delta=0.05)


_INDEX = _index("PhoIndex", 1.0, "photon index Gamma")
_CUTOFF = parameter("HighECut", "keV", 15.0, (0.01, 1.0, 500.0, 500.0), "e-folding energy")
_AT_1_KEV = norm("photons/keV/cm^2/s", "photons/keV/cm^2/s at 1 keV")
_LINE_FLUX = norm("photons/cm^2/s", "photons/cm^2/s in the line")
_SIGMA = _line_parameters("Sigma", "standard deviation")

ADDITIVE: Final[tuple[ModelSpec, ...]] = (
    additive(
        "powerlaw",
        _powerlaw,
        (_INDEX, _AT_1_KEV),
        meaning="power law",
        formula="norm E^-PhoIndex",
    ),
    additive(
        "zpowerlw",
        _zpowerlw,
        (_INDEX, REDSHIFT, _AT_1_KEV),
        meaning="power law in the frame of a redshifted source",
        formula="norm [E(1+z)]^-PhoIndex",
    ),
    additive(
        "bknpower",
        _bknpower,
        (
            _index("PhoIndx1", 1.0, "photon index below the break"),
            parameter("BreakE", "keV", 5.0, (0.0, 1e-2, 1e6, 1e6), "energy of the break"),
            _index("PhoIndx2", 2.0, "photon index above the break"),
            _AT_1_KEV,
        ),
        meaning="power law with a break",
        formula="norm E^-PhoIndx1 below BreakE, norm BreakE^(PhoIndx2-PhoIndx1) E^-PhoIndx2 above",
    ),
    additive(
        "cutoffpl",
        _cutoffpl,
        (_INDEX, _CUTOFF, _AT_1_KEV),
        meaning="power law with an exponential cutoff",
        formula="norm E^-PhoIndex exp(-E/HighECut)",
    ),
    additive(
        "zcutoffpl",
        _zcutoffpl,
        (_INDEX, _CUTOFF, REDSHIFT, _AT_1_KEV),
        meaning="cutoff power law in the frame of a redshifted source",
        formula="norm [E(1+z)]^-PhoIndex exp(-E(1+z)/HighECut)",
        source="newer XSPEC than 12.9.1; not compared with it",
    ),
    additive(
        "bbody",
        _bbody,
        (
            parameter("kT", "keV", 3.0, (1e-4, 1e-2, 100.0, 200.0), "temperature"),
            norm("1e39 erg/s/(10 kpc)^2", "L39/D10^2"),
        ),
        meaning="black body, normalised by luminosity",
        formula="norm 8.0525 E^2 / [kT^4 (exp(E/kT) - 1)]",
    ),
    additive(
        "bbodyrad",
        _bbodyrad,
        (
            parameter("kT", "keV", 3.0, (1e-4, 1e-3, 100.0, 200.0), "temperature"),
            norm("km^2/(10 kpc)^2", "(R_km/D10)^2"),
        ),
        meaning="black body, normalised by area",
        formula="norm 1.0344e-3 E^2 / (exp(E/kT) - 1)",
    ),
    additive(
        "diskbb",
        _diskbb,
        (
            parameter("Tin", "keV", 1.0, (0.0, 0.0, 1000.0, 1000.0), "temperature at inner edge"),
            norm("km^2/(10 kpc)^2", "(Rin_km/D10)^2 cos(inclination)"),
        ),
        meaning="disc of many black bodies",
        formula="norm (Tin^2/361) x^(-2/3) int_x^inf u^(5/3)/(e^u - 1) du, x = E/Tin",
        source="Mitsuda et al. 1984, PASJ 36, 741",
    ),
    additive(
        "gaussian",
        _gaussian,
        (*_SIGMA, _LINE_FLUX),
        meaning="Gaussian line",
        formula="norm exp(-(E - LineE)^2 / 2 Sigma^2) / (Sigma sqrt(2 pi))",
    ),
    additive(
        "zgauss",
        _zgauss,
        (*_SIGMA, REDSHIFT, _LINE_FLUX),
        meaning="Gaussian line in the frame of a redshifted source",
        formula="norm/(1+z) Gaussian of E(1+z); the photons in the line are norm/(1+z)",
    ),
    additive(
        "lorentz",
        _lorentz,
        (*_line_parameters("Width", "full width at half maximum"), _LINE_FLUX),
        meaning="Lorentzian line",
        formula="norm (Width/2) / [(E - LineE)^2 + (Width/2)^2] / (pi/2 + arctan(2 LineE/Width))",
    ),
)
"""Every additive model of this engine."""
