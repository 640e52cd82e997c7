"""What a spectral model is: data, not a class of its own.

A model is a name, a row of parameters and one function of (grid, values). Everything people or
panels want to know about it (units, limits, formula, meaning) is in the same value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nustar_widgets.spectra.modelgrid import ModelGrid

    Array: TypeAlias = NDArray[np.float64]
    Evaluate: TypeAlias = Callable[[ModelGrid, Sequence[float]], Array]
    Convolve: TypeAlias = Callable[[ModelGrid, Sequence[float], Array], Array]


class Kind(Enum):
    """What a model does to a spectrum."""

    ADDITIVE = "additive"
    MULTIPLICATIVE = "multiplicative"
    CONVOLUTION = "convolution"


@dataclass(frozen=True, kw_only=True)
class ParameterSpec:
    """One parameter of a model, with XSPEC's own name, default, step and limits.

    Attributes
    ----------
    name
        XSPEC's name, as ``PhoIndex``.
    unit
        Unit, empty where there is none.
    default
        Value a new model starts with.
    delta
        Step XSPEC uses for derivatives, in the parameter's own unit; a sense of its scale.
    hard_min, hard_max
        Values outside are refused.
    soft_min, soft_max
        Values outside are unusual.
    frozen
        Kept fixed in a fit unless thawed.
    meaning
        One line for people.
    """

    name: str
    unit: str = ""
    default: float
    delta: float = 0.01
    hard_min: float
    soft_min: float
    soft_max: float
    hard_max: float
    frozen: bool = False
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One spectral model.

    Attributes
    ----------
    name
        XSPEC's name, in XSPEC's letter case.
    kind
        Additive, multiplicative or convolution.
    meaning
        One line for people.
    formula
        The formula, E in keV, as people write it.
    source
        Where the formula or its constants are published.
    parameters
        In XSPEC's order; an additive model ends with ``norm``.
    evaluate
        Additive: (n,) photons/cm^2/s per bin for norm 1. Multiplicative: (n,) factor per bin.
        Its values exclude the norm.
    convolve
        Convolution models: spectrum in, spectrum out.
    """

    name: str
    kind: Kind
    meaning: str
    formula: str
    parameters: tuple[ParameterSpec, ...]
    source: str = ""
    evaluate: Evaluate | None = None
    convolve: Convolve | None = None


NORM: Final = ParameterSpec(
    name="norm",
    default=1.0,
    hard_min=0.0,
    soft_min=0.0,
    soft_max=1e20,
    hard_max=1e24,
    meaning="normalisation",
)
"""XSPEC gives every additive model this last parameter."""

REDSHIFT: Final = ParameterSpec(
    name="Redshift",
    default=0.0,
    hard_min=-0.999,
    soft_min=-0.999,
    soft_max=10.0,
    hard_max=10.0,
    frozen=True,
    meaning="redshift of the source",
)


def norm(unit: str, meaning: str) -> ParameterSpec:
    """Return a model's normalisation.

    Parameters
    ----------
    unit
        Its unit.
    meaning
        What a norm of 1 stands for.
    """
    return replace(NORM, unit=unit, meaning=meaning)


def additive(
    name: str,
    evaluate: Evaluate,
    parameters: tuple[ParameterSpec, ...],
    *,
    meaning: str,
    formula: str,
    source: str = "",
) -> ModelSpec:
    """Return an additive model: photons per bin for norm 1, times norm."""
    if parameters[-1].name != "norm":
        parameters = (*parameters, NORM)
    return ModelSpec(
        name=name,
        kind=Kind.ADDITIVE,
        meaning=meaning,
        formula=formula,
        source=source,
        parameters=parameters,
        evaluate=evaluate,
    )


def multiplicative(
    name: str,
    evaluate: Evaluate,
    parameters: tuple[ParameterSpec, ...],
    *,
    meaning: str,
    formula: str,
    source: str = "",
) -> ModelSpec:
    """Return a multiplicative model: one factor per bin."""
    return ModelSpec(
        name=name,
        kind=Kind.MULTIPLICATIVE,
        meaning=meaning,
        formula=formula,
        source=source,
        parameters=parameters,
        evaluate=evaluate,
    )


def parameter(
    name: str, unit: str, default: float, limits: tuple[float, float, float, float], meaning: str
) -> ParameterSpec:
    """Return a parameter; ``limits`` are hard min, soft min, soft max, hard max."""
    hard_min, soft_min, soft_max, hard_max = limits
    return ParameterSpec(
        name=name,
        unit=unit,
        default=default,
        hard_min=hard_min,
        soft_min=soft_min,
        soft_max=soft_max,
        hard_max=hard_max,
        meaning=meaning,
    )
