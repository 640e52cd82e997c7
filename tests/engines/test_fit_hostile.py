"""Hostile input: what no user means is refused in clear words, and never hangs the session."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.errors import (
    ExpressionError,
    FitError,
    InputFileError,
    ModelError,
    NeedsHeasoftError,
    NustarWidgetsError,
    ParameterError,
    SelectionError,
)
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.ogip import read_pha, write_pha
from nustar_widgets.spectra.registry import MODELS
from tests.engines.fitcases import made_choice, made_data
from tests.spectra.builders import (
    a_background,
    a_spectrum,
    spectral_data,
)

if TYPE_CHECKING:
    from pathlib import Path

N_FUZZED = 10_000
LONGEST_MESSAGE = 2500

# -- expressions ---------------------------------------------------------------------------

BOMBS = {
    "brackets": "(" * 100_000 + "po" + ")" * 100_000,
    "open brackets": "(" * 100_000,
    "function brackets": "tbabs(" * 20_000 + "po" + ")" * 20_000,
    "one long name": "a" * 100_000,
    "a long name that begins well": "po" + "w" * 100_000,
    "components": "+".join(["powerlaw"] * 5_000),
    "factors": "constant*" * 5_000 + "powerlaw",
    "convolutions": "cflux*" * 5_000 + "powerlaw",
    "stars": "*" * 100_000,
    "spaces": " " * 100_000,
    "digits": "9" * 100_000,
    "braces": "atable{" * 10_000,
    "a long file name": "atable{" + "x" * 100_000 + "}",
    "zero bytes": "po\0" * 1_000,
    "letters of all the world": "\u03b3\u0394\u5149\U0001f30c\u202e" * 1_000,
    "lines": "po+\n" * 1_000 + "po",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_an_expression_bomb_is_refused_in_a_few_words(bomb: str) -> None:
    with pytest.raises((ModelError, InputFileError)) as caught:
        Model.parse(bomb)
    assert 10 < len(str(caught.value)) < LONGEST_MESSAGE


def test_a_long_expression_is_shown_around_the_fault() -> None:
    with pytest.raises(ExpressionError) as caught:
        Model.parse("powerlaw+" * 60 + "powerlow" + "+powerlaw" * 20)
    problem, shown, pointer = str(caught.value).split("\n")
    assert "did you mean powerlaw" in problem
    assert caught.value.position == 540
    assert shown.startswith("  ...")
    assert shown.endswith("...")
    assert shown[pointer.index("^") :].startswith("powerlow")


_WORDS = (
    *MODELS, "po", "ga", "tb", "relxill", "pexrav", "xyzzy", "", "3", "1e9", "-", "{", "}",
    "atable{no.fits}", "__import__", "\u0394", "\0", "%s", "<b>", "'", "\\", "$(",
)  # fmt: skip
_GLUE = ("*", "+", "(", ")", "*(", ")*", ")+", " ", "**", "+(", "\n", "")


def _fuzzed(rng: random.Random) -> str:
    """An expression that is often nearly right."""
    length = rng.randint(1, rng.choice((3, 9, 40)))
    return "".join(rng.choice(_WORDS) + rng.choice(_GLUE) for _ in range(length)).rstrip("*+ ")


def _said_of(text: str) -> str:
    """What is said of an expression, or nothing of a model; any other error is one too many."""
    try:
        model = Model.parse(text)
    except (ExpressionError, NeedsHeasoftError, InputFileError) as problem:
        if isinstance(problem, ExpressionError) and not 0 <= problem.position <= len(text):
            return f"points outside the text: {problem}"
        return str(problem)
    return "" if np.all(np.isfinite(model.defaults)) else "defaults are not finite"


def test_ten_thousand_fuzzed_expressions_are_models_or_errors_inside_the_text() -> None:
    rng = random.Random(20261126)
    said = [_said_of(_fuzzed(rng)) for _ in range(N_FUZZED)]
    assert said.count("") > 100  # the fuzz is not all noise
    errors = [text for text in said if text]
    assert not [text for text in errors if "points outside" in text or "not finite" in text]
    assert all(10 < len(text) < LONGEST_MESSAGE for text in errors)
    for part in (
        "is not expected here", "no model is called", "numbers are not models", "never closed",
        "closes nothing", "ends here", "two additive models", "alone make no spectrum",
        "needs HEASoft", "no.fits", "only additive models can be added", "take a file in braces",
    ):  # fmt: skip
        assert any(part in text for text in errors), part


# -- links ---------------------------------------------------------------------------------

LINK_BOMBS = {
    "brackets": ("(" * 240 + "1" + ")" * 240, "too many nested parentheses"),
    "signs": ("-" * 400 + "1", "more than 50 steps inside each other"),
    "powers": ("2" + "**2" * 150, "more than 50 steps inside each other"),
    "length": ("1+" * 50_000 + "1", "its link is 100001 characters long: expected 500 at most"),
    "zero byte": ("1\0", "it cannot be read|null bytes"),
    "a huge number": ("9" * 450, "has no value: int too large"),
    "a tower": ("9.0**9.0**9.0", "has no value"),
    "infinite": ("1e999", "has no finite value"),
    "code": ("__import__('os').system('true')", "is not allowed"),
    "a lambda": ("(lambda: 1)()", "is not allowed"),
    "an index": ("powerlaw.norm[99]", "spectrum 99|no such|99"),
}


@pytest.mark.parametrize(("link", "problem"), LINK_BOMBS.values(), ids=LINK_BOMBS.keys())
def test_a_link_bomb_is_refused_by_the_name_of_its_parameter(link: str, problem: str) -> None:
    choice = made_choice("cstat", ParameterChoice(name="powerlaw.PhoIndex", link=link))
    with pytest.raises(ParameterError, match=problem) as caught:
        EmbeddedFit([made_data()], choice)
    assert len(str(caught.value)) < LONGEST_MESSAGE


def test_a_link_that_loses_its_value_on_the_way_names_itself() -> None:
    link = ParameterChoice(name="powerlaw.PhoIndex", link="1/(TBabs.nH - 2)")
    engine = EmbeddedFit([made_data()], made_choice("cstat", link))
    before = engine.values
    with pytest.raises(ParameterError, match=r"powerlaw\.PhoIndex: its link .* has no value"):
        engine.set({"TBabs.nH": 2.0})
    assert engine.values == before


# -- values and limits ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"powerlaw.norm": math.nan}, r"powerlaw\.norm: nan is not a number: expected a finite"),
        ({"powerlaw.norm": math.inf}, r"powerlaw\.norm: inf is not a number"),
        ({"powerlaw.norm": -math.inf}, r"powerlaw\.norm: -inf is not a number"),
        ({"powerlaw.norm": "much"}, r"powerlaw\.norm: 'much': expected a number"),
        ({"powerlaw.norm": None}, r"powerlaw\.norm: 'None': expected a number"),
        ({"powerlaw.norm": 10**400}, r"powerlaw\.norm: '1000.*': expected a number"),
        ({"powerlaw.norm": 1j}, r"powerlaw\.norm: '1j': expected a number"),
        ({"powerlaw.nrom": 1.0}, r"powerlaw\.nrom: .* has no such parameter: expected one of"),
        ({"powerlaw.norm[3]": 1.0}, r"powerlaw\.norm\[3\]"),
        ({"": 1.0}, "has no such parameter"),
    ],
)
def test_what_is_no_value_is_refused_and_changes_nothing(
    values: dict[str, Any], problem: str
) -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    engine.fit()
    before, result = engine.values, engine.result()
    with pytest.raises(ParameterError, match=problem):
        engine.set({"TBabs.nH": 3.0} | values)  # all or none
    assert engine.values == before
    assert engine.result() == result


@pytest.mark.parametrize(
    ("choice", "problem"),
    [
        ({"min": 3.0, "max": 1.0}, r"limits 3 to 1: expected min < max"),
        ({"min": 1.0, "max": 1.0}, r"limits 1 to 1: expected min < max"),
        ({"min": math.nan}, r"limits nan to .*: expected min < max"),
        ({"max": math.nan}, r"limits .* to nan: expected min < max"),
        ({"min": 2.0, "max": 5.0, "value": 1.0}, r"1 is outside its limits 2 to 5: choose a value"),
        ({"value": math.nan}, r"nan is not a number"),
        ({"value": math.inf, "max": math.inf}, r"inf is not a number"),
    ],
)
def test_limits_that_make_no_sense_are_refused(choice: dict[str, float], problem: str) -> None:
    given = ParameterChoice(name="powerlaw.PhoIndex", **choice)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=rf"powerlaw\.PhoIndex: {problem}"):
        EmbeddedFit([made_data()], FitChoice(expression="powerlaw", parameters=(given,)))


def test_infinite_limits_are_none() -> None:
    free = ParameterChoice(name="powerlaw.norm", value=0.01, min=-math.inf, max=math.inf)
    engine = EmbeddedFit([made_data(seed=3)], FitChoice(expression="powerlaw", parameters=(free,)))
    result = engine.errors()
    assert result.status == "converged"
    assert result["powerlaw.norm"].error_high is not None


@pytest.mark.parametrize("delta", [0.0, -1.0, math.nan, math.inf])
def test_a_rise_that_is_none_is_refused(delta: float) -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    with pytest.raises(ParameterError, match=r"delta: .*expected a rise above 0"):
        engine.errors(delta=delta)


@pytest.mark.parametrize(
    ("x", "problem"),
    [
        ([], "expected at least one value"),
        ([[1.0], [2.0]], "expected at least one value"),
        ([math.nan, 1.0], "nan is not a number"),
        ([1.0, math.inf], "inf is not a number"),
        ([1.0, 11.0], "11 is outside its limits"),
    ],
)
def test_a_contour_over_no_values_is_refused(x: Any, problem: str) -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    with pytest.raises(ParameterError, match=problem):
        engine.contour("powerlaw.PhoIndex", "TBabs.nH", x=x, y=[1.0, 2.0])


@pytest.mark.parametrize("band", [(5.0, 3.0), (3.0, 3.0), (math.nan, 5.0), (3.0, math.inf)])
def test_a_band_that_is_none_is_refused(band: tuple[float, float]) -> None:
    engine = EmbeddedFit([made_data()], made_choice())
    with pytest.raises(ParameterError, match=r"band: .* keV: expected 0 <= low < high"):
        engine.flux(*band)


def test_a_model_without_a_finite_value_is_told_before_the_fit() -> None:
    huge = ParameterChoice(name="powerlaw.PhoIndex", value=-900.0, min=-1e3, max=1e3)
    engine = EmbeddedFit([made_data()], FitChoice(expression="powerlaw", parameters=(huge,)))
    assert math.isinf(engine.statistic())
    with pytest.raises(FitError, match="no finite value at the start: choose other start values"):
        engine.fit()


# -- spectra -------------------------------------------------------------------------------


def _empty() -> Any:
    data = made_data()
    return replace(data, spectrum=replace(data.spectrum, counts=np.zeros(60)))


def test_a_spectrum_without_counts_is_refused_by_chi_squared() -> None:
    with pytest.raises(SelectionError, match="no bin in use has any counts: use cstat"):
        EmbeddedFit([_empty()], made_choice("chi"))


@pytest.mark.parametrize("statistic", ["cstat", "pgstat", "lstat"])
def test_a_spectrum_without_counts_fits_to_nothing_and_says_so(statistic: str) -> None:
    shape = [ParameterChoice(name=n, frozen=True) for n in ("TBabs.nH", "powerlaw.PhoIndex")]
    engine = EmbeddedFit([_empty()], made_choice(statistic, *shape))
    result = engine.errors()
    norm = result["powerlaw.norm"]
    assert norm.value == pytest.approx(0.0, abs=1e-6)
    assert norm.error_high is not None  # an upper limit all the same
    assert any("at a limit: powerlaw.norm" in note for note in result.notes)
    assert engine.goodness(3, seed=1).data == pytest.approx(result.statistic)


@pytest.mark.parametrize("statistic", ["cstat", "pgstat"])
def test_a_spectrum_without_counts_leaves_any_shape_free(statistic: str) -> None:
    result = EmbeddedFit([_empty()], made_choice(statistic)).errors()
    assert result.statistic == pytest.approx(0.0, abs=0.01)


def test_one_empty_spectrum_beside_a_full_one_is_fitted() -> None:
    pair = (made_data(seed=1), replace(_empty(), number=2))
    result = EmbeddedFit(pair, made_choice("cstat")).fit()
    assert result["constant.factor[2]"].at_limit
    assert result["powerlaw.norm"].value == pytest.approx(0.05, rel=0.3)


def test_no_spectrum_and_no_bin_are_told() -> None:
    with pytest.raises(SelectionError, match="fit: no spectrum is loaded: load at least one"):
        EmbeddedFit([], made_choice())
    nothing = made_data().ignore("**-**")
    with pytest.raises(SelectionError, match="no bin is in use: notice an energy range"):
        EmbeddedFit([nothing], made_choice()).statistic()


@pytest.mark.parametrize("exposure_s", [0.0, -1.0, math.nan])
def test_a_background_without_exposure_is_refused(exposure_s: float, tmp_path: Path) -> None:
    pha = write_pha(tmp_path / "bk.pha", a_background())
    _set_keyword(pha, "EXPOSURE", exposure_s)
    with pytest.raises(InputFileError, match="EXPOSURE"):
        read_pha(pha)
    with pytest.raises(InputFileError, match=r"background: exposure .*Expected seconds above 0"):
        spectral_data(background=a_background(exposure_s=exposure_s))


def test_a_source_without_exposure_is_refused() -> None:
    with pytest.raises(InputFileError, match=r"spectrum: exposure 0 s\. Expected seconds"):
        spectral_data(spectrum=a_spectrum(exposure_s=0.0))


def _set_keyword(path: Path, name: str, value: float) -> None:
    from astropy.io import fits

    with fits.open(path, mode="update") as file:
        if math.isfinite(value):
            file["SPECTRUM"].header[name] = value
        else:
            del file["SPECTRUM"].header[name]


def test_every_refusal_is_one_of_our_own() -> None:
    """Whatever is wrong, one ``except`` catches it."""
    for error in (ExpressionError, FitError, InputFileError, ParameterError, SelectionError):
        assert issubclass(error, NustarWidgetsError)
