"""Equivalent width of an additive component, as XSPEC's ``eqwidth``.

The photon flux of the component, with all that multiplies it, over the continuum's photons per keV
at the peak E of the component; the continuum is everything else in the model, averaged from
E (1 - part) to E (1 + part), or in E's own bin for part 0 (XSPEC manual, ``eqwidth``; its
``RANGE`` is 0.05 unless changed), over whole bins that cover this, as XSPEC 12.9.1 was measured to
do. It is the width an observer sees: the source's is 1 + z larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.modelspec import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.spectra.models import Model, ModelOnGrid

    Array: TypeAlias = NDArray[np.float64]
    Values: TypeAlias = Sequence[float]


def additive_component(model: Model, name: str) -> str:
    """Find an additive component, and say which there are if it is none.

    Parameters
    ----------
    model
        The model.
    name
        Name of the component in any letter case, with or without its number.

    Raises
    ------
    ParameterError
        If the model has no such additive component, or nothing beside it.
    """
    additive = [c for c in model.components if c.kind is Kind.ADDITIVE]
    for component in additive:
        numbered = f"{component.spec.name}_{component.number}"
        if name.lower() in (component.name.lower(), numbered.lower()):
            break
    else:
        known = ", ".join(c.name for c in additive)
        raise ParameterError(
            "component", f"{name!r} is no additive component of the model: expected one of {known}"
        )
    if len(additive) == 1:
        raise ParameterError(
            "component",
            f"{component.name} is all the model adds up: an equivalent width needs a continuum "
            "beside it",
        )
    return component.name


def equivalent_width(
    bound: ModelOnGrid, values: Values, component: str, part: float
) -> tuple[float, float]:
    """Peak and equivalent width of a component.

    Parameters
    ----------
    bound
        The model on energy bins.
    values
        Values of its parameters.
    component
        Name of the component.
    part
        Half the range the continuum is averaged over, as a part of the peak's energy.

    Returns
    -------
    Peak [keV] and width [keV]; NaN where there is no continuum.
    """
    grid = bound.grid
    own = bound.additive_components(values)[component]
    peak = int(np.argmax(np.abs(_shape(bound, values, component, own)) / grid.width))
    energy = float(grid.middle[peak])
    rest = bound.evaluate(values) - own
    first, last = _around(grid.edges, energy, part)
    continuum = float(rest[first:last].sum() / (grid.edges[last] - grid.edges[first]))
    return energy, float(own.sum()) / continuum if continuum > 0.0 else np.nan


def _around(edges: Array, energy: float, part: float) -> tuple[int, int]:
    """First edge and last edge of the whole bins that cover the range around an energy."""
    low, high = energy * (1.0 - part), energy * (1.0 + part)
    first = int(np.searchsorted(edges, low, side="right")) - 1
    last = int(np.searchsorted(edges, high, side="left"))
    return max(first, 0), min(last, edges.size - 1)


def _shape(bound: ModelOnGrid, values: Values, component: str, own: Array) -> Array:
    """Return a component's spectrum, with norm 1 where it has none: it has a place all the same."""
    if own.any():
        return own
    place = bound.model.index(f"{component}.norm")
    with_norm = [1.0 if i == place else value for i, value in enumerate(values)]
    return bound.additive_components(with_norm)[component]
