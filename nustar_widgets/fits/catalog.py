"""All models to choose from, by what they are for."""

from __future__ import annotations

from functools import cache
from typing import Final

from nustar_widgets.fits.completion import all_models
from nustar_widgets.spectra.absorbers import ABSORBERS
from nustar_widgets.spectra.modelspec import Kind, ModelSpec

GROUPS: Final = ("additive", "multiplicative", "absorption", "convolution")
"""What models do: emit, multiply, absorb (which multiplies too), change a whole spectrum."""

ABOUT: Final = {
    "additive": "emits: a continuum or a line",
    "multiplicative": "multiplies what is emitted: a cutoff, an edge, a factor",
    "absorption": "absorbs what is emitted: gas between the source and us",
    "convolution": "changes all that stands to its right as a whole",
}

_ABSORBER_NAMES: Final = frozenset(spec.name for spec in ABSORBERS)


@cache
def catalog() -> dict[str, tuple[ModelSpec, ...]]:
    """Return the models of either engine by group, ours before those only XSPEC has."""
    found: dict[str, list[ModelSpec]] = {group: [] for group in GROUPS}
    for spec in sorted(all_models(), key=lambda spec: not spec.parameters):
        found[_group(spec)].append(spec)
    return {group: tuple(specs) for group, specs in found.items()}


def _group(spec: ModelSpec) -> str:
    if spec.kind is Kind.MULTIPLICATIVE:
        absorbs = spec.name in _ABSORBER_NAMES or (
            not spec.parameters and "abs" in f"{spec.name} {spec.meaning}".lower()
        )
        return "absorption" if absorbs else "multiplicative"
    return str(spec.kind.value)
