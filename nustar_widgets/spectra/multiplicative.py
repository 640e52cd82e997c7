"""Multiplicative models other than absorption by gas: one factor per energy bin.

Names, parameters, defaults and limits are XSPEC's (its ``model.dat``, HEASoft 6.20); formulae from
the XSPEC manual. How a factor is averaged over a bin is XSPEC's too: most take the mean of
the two bin ends.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from nustar_widgets.spectra.modelspec import (
    REDSHIFT,
    ModelSpec,
    ParameterSpec,
    multiplicative,
    parameter,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.spectra.modelgrid import ModelGrid

    Array: TypeAlias = NDArray[np.float64]
    Values: TypeAlias = Sequence[float]


def _constant(grid: ModelGrid, values: Values) -> Array:
    return np.asarray(values[0], np.float64)  # of no size: multiplies for next to nothing


def _highecut(grid: ModelGrid, values: Values) -> Array:
    """XSPEC lets the cutoff begin 1 eV above cutoffE: max(E - Ec, 0.001 keV)."""
    cutoff_kev, fold_kev = values
    return grid.ends_mean(lambda e: np.exp(-np.maximum(e - cutoff_kev, 0.001) / fold_kev))


def _zhighect(grid: ModelGrid, values: Values) -> Array:
    *shape, redshift = values
    return _highecut(grid.redshifted(redshift), shape)


def _edge(grid: ModelGrid, values: Values) -> Array:
    """Mean of the bin ends; the bin that holds the edge is averaged in two pieces."""
    edge_kev, depth = values
    if edge_kev <= 0.0:
        return np.ones(grid.size)
    x = grid.edges / edge_kev
    beyond = np.exp(-depth / np.maximum(x, 1.0) ** 3)
    factor = 0.5 * (beyond[:-1] + beyond[1:])
    factor[x[1:] < 1.0] = 1.0
    first = int(np.searchsorted(x, 1.0)) - 1
    if 0 <= first < grid.size and x[first] < 1.0:
        low, high = x[first], x[first + 1]
        above = 0.5 * (math.exp(-depth) + beyond[first + 1])
        factor[first] = (1.0 - low + above * (high - 1.0)) / (high - low)
    return np.asarray(factor)


def _zedge(grid: ModelGrid, values: Values) -> Array:
    *shape, redshift = values
    return _edge(grid.redshifted(redshift), shape)


def _gabs(grid: ModelGrid, values: Values) -> Array:
    """Mean over the bin of exp(-tau); 1 beyond six sigma, as XSPEC."""
    line_kev, sigma_kev, strength = values
    factor = np.ones(grid.size)
    if sigma_kev <= 0.0:  # an infinitely deep line of no width absorbs nothing
        return factor
    reach = grid.window(line_kev - 6.0 * sigma_kev, line_kev + 6.0 * sigma_kev)
    offset = (grid.nodes[:, reach] - line_kev) / sigma_kev
    depth = strength / (math.sqrt(2.0 * math.pi) * sigma_kev) * np.exp(-0.5 * offset**2)
    factor[reach] = grid.mean_over_nodes(np.exp(-depth))
    return factor


def _cyclabs(grid: ModelGrid, values: Values) -> Array:
    depth0, energy_kev, width0, depth2, width2 = values

    def transmission(e: Array) -> Array:
        first = depth0 * (width0 * e / energy_kev) ** 2 / ((e - energy_kev) ** 2 + width0**2)
        second = (
            depth2 * (0.5 * width2 * e / energy_kev) ** 2 / ((e - 2 * energy_kev) ** 2 + width2**2)
        )
        return np.asarray(np.exp(-first - second))

    return grid.ends_mean(transmission)


def _cutoff_parameters(soft_max: float, hard_max: float) -> tuple[ParameterSpec, ParameterSpec]:
    limits = (1e-4, 1e-2, soft_max, hard_max)
    return (
        parameter("cutoffE", "keV", 10.0, limits, "energy where the cutoff begins"),
        parameter("foldE", "keV", 15.0, limits, "e-folding energy"),
    )


_EDGE = (
    replace(parameter("edgeE", "keV", 7.0, (0.0, 0.0, 100.0, 100.0), "threshold"), delta=0.05),
    parameter("MaxTau", "", 1.0, (0.0, 0.0, 5.0, 10.0), "optical depth at threshold"),
)
_CYCLOTRON = (
    parameter("Depth0", "", 2.0, (0.0, 0.0, 100.0, 100.0), "depth of the fundamental"),
    parameter("E0", "keV", 30.0, (1.0, 1.0, 100.0, 100.0), "cyclotron energy"),
    parameter("Width0", "keV", 10.0, (1.0, 1.0, 100.0, 100.0), "width of the fundamental"),
    parameter("Depth2", "", 0.0, (0.0, 0.0, 100.0, 100.0), "depth of the second harmonic"),
    parameter("Width2", "keV", 20.0, (1.0, 1.0, 100.0, 100.0), "width of the second harmonic"),
)
_ABSORPTION_LINE = (
    parameter("LineE", "keV", 1.0, (0.0, 0.0, 1e6, 1e6), "energy of the line"),
    parameter("Sigma", "keV", 0.01, (0.0, 0.0, 10.0, 20.0), "standard deviation"),
    parameter("Strength", "keV", 1.0, (0.0, 0.0, 1e6, 1e6), "optical depth times width"),
)
MULTIPLICATIVE: Final[tuple[ModelSpec, ...]] = (
    multiplicative(
        "constant",
        _constant,
        (parameter("factor", "", 1.0, (0.0, 0.0, 1e10, 1e10), "the factor"),),
        meaning="energy-independent factor, as between the two modules",
        formula="factor",
    ),
    multiplicative(
        "highecut",
        _highecut,
        _cutoff_parameters(1e6, 1e6),
        meaning="exponential cutoff above an energy",
        formula="exp((cutoffE - E)/foldE) above cutoffE, 1 below",
    ),
    multiplicative(
        "zhighect",
        _zhighect,
        (*_cutoff_parameters(100.0, 200.0), REDSHIFT),
        meaning="exponential cutoff in the frame of a redshifted source",
        formula="exp((cutoffE - E(1+z))/foldE) above cutoffE, 1 below",
    ),
    multiplicative(
        "edge",
        _edge,
        _EDGE,
        meaning="absorption edge",
        formula="exp(-MaxTau (E/edgeE)^-3) above edgeE, 1 below",
    ),
    multiplicative(
        "zedge",
        _zedge,
        (*_EDGE, REDSHIFT),
        meaning="absorption edge in the frame of a redshifted source",
        formula="exp(-MaxTau (E(1+z)/edgeE)^-3) above edgeE, 1 below",
    ),
    multiplicative(
        "gabs",
        _gabs,
        _ABSORPTION_LINE,
        meaning="Gaussian absorption line",
        formula="exp(-Strength exp(-(E - LineE)^2 / 2 Sigma^2) / (Sigma sqrt(2 pi)))",
    ),
    multiplicative(
        "cyclabs",
        _cyclabs,
        _CYCLOTRON,
        meaning="cyclotron absorption line and its second harmonic",
        formula="exp(-Depth0 (Width0 E/E0)^2 / [(E - E0)^2 + Width0^2] - the same at 2 E0)",
        source="Mihara et al. 1990, Nature 346, 250",
    ),
)
"""The multiplicative models of this engine, but for the absorbers."""
