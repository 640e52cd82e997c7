"""A model as XSPEC describes it, as a model of ours that has names and limits but no formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from nustar_widgets.spectra.absorption import AbsorptionChoice
from nustar_widgets.spectra.expression import Component, Product
from nustar_widgets.spectra.models import Model, ModelParameter
from nustar_widgets.spectra.modelspec import Kind, ModelSpec, ParameterSpec
from nustar_widgets.spectra.registry import MODELS

_UNITS: Final = {
    "10^22": "10^22 atoms/cm^2",
    "cm^-3": "cm^-3",
    "kev": "keV",
    "deg": "deg",
    "degrees": "deg",
}
_NO_LIMIT: Final = 1e30
_BY_NAME: Final = {spec.name.lower(): spec for spec in MODELS.values()}


def as_model(
    expression: str, components: Sequence[Sequence[Any]], absorption: AbsorptionChoice
) -> Model:
    """Return the model XSPEC describes.

    Names, defaults and limits are XSPEC's, units and meanings ours where we know the component.

    Parameters
    ----------
    expression
        As typed.
    components
        Of each: its name, and of each parameter name, unit, XSPEC's six values, frozen.
    absorption
        Abundances and cross sections.
    """
    made = tuple(
        _component(name, parameters, number)
        for number, (name, parameters) in enumerate(components, start=1)
    )
    return Model(
        expression=expression,
        tree=Product(made, Kind.ADDITIVE),
        components=made,
        parameters=tuple(
            ModelParameter(component=part.name, spec=spec)
            for part in made
            for spec in part.spec.parameters
        ),
        absorption=absorption,
    )


def _component(name: str, parameters: Sequence[Sequence[Any]], number: int) -> Component:
    bare = name.removesuffix(f"_{number}")
    known = _BY_NAME.get(bare.lower())
    names = [parameter[0] for parameter in parameters]
    spec = ModelSpec(
        name=bare,
        kind=Kind.ADDITIVE if names and names[-1] == "norm" else Kind.MULTIPLICATIVE,
        meaning=known.meaning if known else "a model of XSPEC",
        formula=known.formula if known else "",
        source=known.source if known else "",
        parameters=tuple(_parameter(known, *parameter) for parameter in parameters),
    )
    return Component(spec=spec, name=name, number=number, position=0)


def _parameter(
    known: ModelSpec | None, name: str, unit: str, values: Sequence[float], frozen: bool
) -> ParameterSpec:
    ours = next((p for p in known.parameters if p.name == name), None) if known else None
    if len(values) < 6:  # a switch: no step, no limits, never fitted
        values = (values[0], 1.0, -_NO_LIMIT, -_NO_LIMIT, _NO_LIMIT, _NO_LIMIT)
        frozen = True
    value, delta, hard_min, soft_min, soft_max, hard_max = map(float, values[:6])
    return ParameterSpec(
        name=name,
        unit=ours.unit if ours else _UNITS.get(unit.strip().lower(), unit.strip()),
        default=value,
        delta=abs(delta) or 0.01,
        hard_min=hard_min,
        soft_min=soft_min,
        soft_max=soft_max,
        hard_max=hard_max,
        frozen=frozen,
        meaning=ours.meaning if ours else "",
    )
