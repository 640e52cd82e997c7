"""The checks of the exercises on spectral fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nustar_widgets.engines.fitting import FitResult, ParameterResult
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.teaching import Workshop

INDEX = ParameterResult(
    component="cutoffpl", name="cutoffpl.PhoIndex", unit="", value=2.03, error_low=1.98,
    error_high=2.08,
)  # fmt: skip
COLUMN = ParameterResult(component="TBabs", name="TBabs.nH", unit="10^22", value=0.765, frozen=True)
FACTOR = ParameterResult(component="constant", name="constant.factor", unit="", value=1.0)
CUTOFF = ParameterResult(
    component="cutoffpl", name="cutoffpl.HighECut", unit="keV", value=67.0, error_low=49.0,
    error_high=103.0,
)  # fmt: skip
LINE = ParameterResult(component="gaussian", name="gaussian.LineE", unit="keV", value=6.35)
NORM = ParameterResult(
    component="gaussian", name="gaussian.norm", unit="", value=4.5e-5, error_low=3.8e-5,
    error_high=5.3e-5,
)  # fmt: skip
CONTINUUM = FitResult(
    expression="constant*tbabs*cutoffpl", statistic_name="cstat", statistic=841.5, dof=778,
    n_bins=(362, 420), parameters=(FACTOR, COLUMN, INDEX, CUTOFF),
)  # fmt: skip
LINED = replace(
    CONTINUUM,
    expression="constant*tbabs*(cutoffpl+gaussian)",
    parameters=(*CONTINUUM.parameters, LINE, NORM),
)


def said(workshop: Workshop, number: int, result: FitResult | None) -> str:
    LiveFit.of(workshop.session).result = result
    return repr(workshop.check(number))


def swapped(result: FitResult, old: ParameterResult, new: ParameterResult | None) -> FitResult:
    """The same with another parameter in the place of one, or without it."""
    kept = (new if item == old else item for item in result.parameters)
    return replace(result, parameters=tuple(item for item in kept if item is not None))


def test_a_continuum_with_ranges_is_right(workshop: Workshop) -> None:
    assert said(workshop, 8, CONTINUUM) == (
        "8. Right: photon index 2.03 (1.98 to 2.08), cstat 841.5 for 778 degrees of freedom."
    )


def test_a_line_with_a_range_is_right(workshop: Workshop) -> None:
    assert said(workshop, 9, LINED).startswith("9. Right: a line at 6.35 keV; 6.31 keV were put in")


@pytest.mark.parametrize("number", [8, 9])
def test_without_a_fit_the_button_is_named(workshop: Workshop, number: int) -> None:
    text = said(workshop, number, None)
    assert "there is no fit, or something was changed since. Press Fit" in text
    assert "exercise 7" in text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (replace(CONTINUUM, n_bins=(362,)), "1 spectrum is fitted; expected those of both"),
        (swapped(CONTINUUM, CUTOFF, None), "expected a cut-off power law"),
        (swapped(CONTINUUM, COLUMN, None), "without absorption. Multiply it by tbabs"),
        (swapped(CONTINUUM, FACTOR, None), "multiply it by a constant"),
        (
            swapped(CONTINUUM, COLUMN, replace(COLUMN, value=2.3, frozen=False)),
            "nH is 2.3 and free; that of our Galaxy is known here. Type 0.765 and tick Frozen",
        ),
        (swapped(CONTINUUM, COLUMN, replace(COLUMN, value=1.0)), "nH is 1; that of our Galaxy"),
        (
            swapped(CONTINUUM, INDEX, replace(INDEX, error_low=None, error_high=None)),
            "the photon index has no range yet. Press 90 % errors",
        ),
    ],
)
def test_another_continuum_is_told_how_to_go_on(
    workshop: Workshop, result: FitResult, words: str
) -> None:
    text = said(workshop, 8, result)
    assert text.startswith("8. Not yet: ")
    assert words in text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (CONTINUUM, "without a line. Under Model add a gaussian"),
        (
            swapped(LINED, LINE, replace(LINE, value=40.4)),
            "the line has run away to 40.4 keV. Iron has its line near 6.4 keV: press Guess values",
        ),
        (
            swapped(LINED, NORM, replace(NORM, error_low=None, error_high=None)),
            "the strength of the line has no range yet. Press 90 % errors",
        ),
        (swapped(LINED, NORM, replace(NORM, error_low=0.0)), "is the line where the bump is?"),
    ],
)
def test_another_line_is_told_how_to_go_on(
    workshop: Workshop, result: FitResult, words: str
) -> None:
    text = said(workshop, 9, result)
    assert text.startswith("9. Not yet: ")
    assert words in text
