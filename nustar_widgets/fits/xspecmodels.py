"""The models of XSPEC that the embedded engine lacks: their kind and, of many, what they do.

Nothing is known of their parameters: those XSPEC tells once the model is defined there.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from nustar_widgets.spectra.modelspec import Kind, ModelSpec
from nustar_widgets.spectra.registry import MODELS, full_name
from nustar_widgets.spectra.xspecnames import OTHER_MODELS, XSPEC_MODELS

_FIRST_MULTIPLICATIVE: Final = XSPEC_MODELS.index("absori")
_FIRST_CONVOLUTION: Final = XSPEC_MODELS.index("cflux")
_NEITHER: Final = ("pileup",)
"""A mixing model, for CCDs."""


@cache
def xspec_models() -> dict[str, ModelSpec]:
    """Return the models only XSPEC has, by name, in the order of its own list."""
    path = Path(__file__).with_name("xspecmodels.toml")
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    kinds = {name: Kind(kind) for kind, names in told["kinds"].items() for name in names}
    kinds |= {name: _kind_at(place) for place, name in enumerate(XSPEC_MODELS)}
    return {
        name: ModelSpec(
            name=name,
            kind=kinds.get(name, Kind.ADDITIVE),
            meaning=told["meaning"].get(name, "a model of XSPEC"),
            formula="",
            parameters=(),
        )
        for name in (*XSPEC_MODELS, *OTHER_MODELS)
        if name not in MODELS and name not in _NEITHER
    }


def find_any(name: str) -> ModelSpec | None:
    """Look a model up among those of either engine, by name or abbreviation.

    Parameters
    ----------
    name
        What the user typed.

    Returns
    -------
    The model, without formula and parameters if only XSPEC has it; None where there is none.
    """
    full = full_name(name)
    if full is None:
        return None
    return MODELS.get(full) or xspec_models().get(full)


def _kind_at(place: int) -> Kind:
    """XSPEC lists additive models first, then multiplicative ones, then convolutions."""
    if place < _FIRST_MULTIPLICATIVE:
        return Kind.ADDITIVE
    return Kind.MULTIPLICATIVE if place < _FIRST_CONVOLUTION else Kind.CONVOLUTION
