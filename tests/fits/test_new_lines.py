"""A line that was just added: a fit finds it, and does not run away with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.fits.carrying import carried
from nustar_widgets.fits.edits import added
from nustar_widgets.fits.guess import with_guess
from nustar_widgets.fits.newlines import with_lines_begun
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.simulate import SimulatedObservation
from nustar_widgets.spectra.folding import SpectralData
from tests.engines.fitcases import made_pair
from tests.fits.made import at, drawn_pair

TRUTH = {"TBabs.nH": 1.0, "powerlaw.PhoIndex": 1.9, "powerlaw.norm": 0.02, "gaussian.LineE": 6.4}
CONTINUUM = FitChoice(expression="constant*tbabs*powerlaw")


def fitted(choice: FitChoice, data: Sequence[SpectralData]) -> FitChoice:
    """Return a choice at its best values, as a session has it after a fit."""
    result = EmbeddedFit(data, choice).fit()
    return at(choice, {item.name: item.value for item in result.parameters if item.free})


def values(choice: FitChoice) -> dict[str, float | None]:
    return {item.name: item.value for item in choice.parameters}


@pytest.mark.parametrize("seed", [3, 4, 5, 6])
@pytest.mark.parametrize("norm", [0.0, 2e-4])
def test_a_fit_with_a_line_added_stays_near_it(
    sample: SimulatedObservation, norm: float, seed: int
) -> None:
    truth = {**TRUTH, "gaussian.norm": norm}
    data = drawn_pair(sample, "constant*tbabs*(powerlaw+gaussian)", truth, seed=seed)
    before = fitted(with_guess(CONTINUUM, data), data)
    begun = with_lines_begun(added(before, "gaussian"), data).choice
    assert values(begun).items() >= values(before).items()
    after = values(fitted(begun, data))
    energy, width = after["gaussian.LineE"], after["gaussian.Sigma"]
    assert energy is not None
    assert width is not None
    assert abs(energy - 6.4) < (0.05 if norm else 2.0)
    assert width < 0.3


def test_a_line_begins_small_and_at_iron_where_the_data_have_none() -> None:
    data = made_pair(seed=5)
    begun = values(with_lines_begun(added(CONTINUUM, "gaussian"), data).choice)
    assert begun.keys() == {"gaussian.LineE", "gaussian.Sigma", "gaussian.norm"}
    assert (begun["gaussian.LineE"], begun["gaussian.Sigma"]) == (6.4, 0.1)
    norm = begun["gaussian.norm"]
    assert norm is not None
    assert 0.0 < norm < 1e-3


def test_a_second_line_begins_at_another_energy_and_the_first_stays() -> None:
    data = made_pair(seed=5)
    line = ParameterChoice(name="gaussian.LineE", value=6.31)
    first = replace(CONTINUUM, expression="tbabs*(powerlaw+gaussian)", parameters=(line,))
    begun = values(with_lines_begun(added(first, "gaussian"), data).choice)
    assert (begun["gaussian.LineE"], begun["gaussian_4.LineE"]) == (6.31, 6.97)
    assert "gaussian.norm" not in begun


def test_a_line_that_was_typed_begins_like_one_that_was_added() -> None:
    data = made_pair(seed=5)
    typed = with_lines_begun(carried(CONTINUUM, "constant*tbabs*(powerlaw+zgauss)"), data)
    assert values(typed.choice).keys() == {"zgauss.LineE", "zgauss.Sigma", "zgauss.norm"}


@pytest.mark.parametrize("name", ["bbody", "tbabs"])
def test_what_is_no_line_begins_as_xspec_has_it(name: str) -> None:
    found = added(CONTINUUM, name)
    assert with_lines_begun(found, made_pair(seed=5)) == found


@pytest.mark.parametrize("engine", ["embedded", "xspec"])
def test_without_spectra_or_with_a_model_of_xspec_alone_it_is_small_at_iron_too(
    engine: str,
) -> None:
    expression = "tbabs*apec" if engine == "xspec" else "tbabs*powerlaw"
    choice = FitChoice(expression=expression, engine=engine)
    data = made_pair(seed=5) if engine == "xspec" else ()
    begun = values(with_lines_begun(added(choice, "gaussian"), data).choice)
    assert begun == {"gaussian.LineE": 6.4, "gaussian.norm": 1e-4}
