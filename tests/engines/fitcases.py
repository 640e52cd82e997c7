"""Spectra and choices for tests of fits, made on the spot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.response import Response
from tests.spectra.builders import a_spectrum, an_arf, an_rmf, spectral_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.spectra.folding import SpectralData

EXPRESSION = "constant*tbabs*powerlaw"
TRUTH = (5.0, 1.8, 0.05)


def made_data(
    factor: float = 1.0, *, seed: int | None = None, expression: str = EXPRESSION, **settings: Any
) -> SpectralData:
    """A spectrum without background whose counts are the model's, or a Poisson draw from it."""
    response = Response(an_rmf(), an_arf())
    empty = spectral_data(background=None, response=response, spectrum=a_spectrum(exposure_s=3e4))
    values = settings.get("values", (factor, *TRUTH))
    counts: NDArray[Any] = empty.fold(Model.parse(expression).evaluate(empty.edges_kev, values))
    if seed is not None:
        counts = np.random.default_rng(seed).poisson(counts)
    spectrum = replace(empty.spectrum, counts=counts)
    return replace(empty, spectrum=spectrum, number=settings.get("number", 1)).ignore(
        "**-3. 20.-**"
    )


def made_choice(statistic: str = "cstat", *choices: ParameterChoice, **changes: Any) -> FitChoice:
    start = (
        ParameterChoice(name="TBabs.nH", value=1.0),
        ParameterChoice(name="powerlaw.PhoIndex", value=1.4),
        ParameterChoice(name="powerlaw.norm", value=0.01),
    )
    given = {"expression": EXPRESSION, "parameters": start + choices, "statistic": statistic}
    return FitChoice(**(given | changes))


def made_pair(seed: int | None = None) -> tuple[SpectralData, SpectralData]:
    other = None if seed is None else seed + 1
    return made_data(seed=seed), made_data(1.04, seed=other, number=2)
