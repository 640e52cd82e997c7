"""Finding a model by the name or abbreviation XSPEC would accept."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from nustar_widgets.errors import NeedsHeasoftError
from nustar_widgets.spectra.absorbers import ABSORBERS
from nustar_widgets.spectra.additive import ADDITIVE
from nustar_widgets.spectra.convolution import CONVOLUTION
from nustar_widgets.spectra.modelspec import ModelSpec
from nustar_widgets.spectra.multiplicative import MULTIPLICATIVE
from nustar_widgets.spectra.xspecnames import OTHER_MODELS, XSPEC_MODELS

MODELS: Final[dict[str, ModelSpec]] = {
    spec.name: spec for spec in (*ADDITIVE, *MULTIPLICATIVE, *ABSORBERS, *CONVOLUTION)
}
"""Every model of this engine by its XSPEC name."""

_ALL_NAMES: Final = (*XSPEC_MODELS, *OTHER_MODELS)


def find_model(name: str) -> ModelSpec | None:
    """Look a model up by name or abbreviation.

    Letter case does not matter. As in XSPEC an abbreviation has at least two letters and means
    the first model of XSPEC's own list that begins with it; a full name always wins.

    Parameters
    ----------
    name
        What the user typed.

    Returns
    -------
    The model, or None where XSPEC has no model of that name either.

    Raises
    ------
    NeedsHeasoftError
        If XSPEC has the model and this engine has not.
    """
    full = full_name(name)
    if full is None:
        return None
    if full not in MODELS:
        asked = full if full.lower() == name.lower() else f"{full} ({name!r} stands for it)"
        raise NeedsHeasoftError(
            asked, f"Fit it with XSPEC, or use one of: {', '.join(sorted(MODELS, key=str.lower))}."
        )
    return MODELS[full]


def full_name(name: str) -> str | None:
    """Name as XSPEC spells it of what the user typed; None if XSPEC has nothing like it."""
    typed = name.lower()
    exact = (full for full in _ALL_NAMES if full.lower() == typed)
    begins = (full for full in _ALL_NAMES if len(typed) >= 2 and full.lower().startswith(typed))
    return next(exact, None) or next(begins, None)


def similar_names(name: str) -> list[str]:
    """Models of this engine whose names are close to a misspelt one, best first."""
    by_lower = {known.lower(): known for known in MODELS}
    close = get_close_matches(name.lower(), by_lower, n=2, cutoff=0.6)
    return [by_lower[n] for n in sorted(close, key=lambda known: known[0] != name[0].lower())]
