"""What is told while an expression is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.fits.catalog import GROUPS, catalog
from nustar_widgets.fits.judgement import judged
from nustar_widgets.session.values import FitChoice
from nustar_widgets.spectra.registry import MODELS

EMBEDDED = FitChoice()
XSPEC = FitChoice(engine="xspec")


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("tbabs*powerlow", 6, "no model is called 'powerlow': did you mean powerlaw or zpowerlw?"),
        ("  tbabs*", 8, "the expression ends here: expected a model"),
        ("tbabs*(po+apec)", 10, "apec needs XSPEC: the embedded engine does not have it. Choose"),
        ("", 0, "empty model expression"),
        ("atable{none.fits}", None, "none.fits"),
    ],
)
def test_a_problem_is_told_in_one_line_with_its_place(
    text: str, position: int | None, problem: str
) -> None:
    told = judged(EMBEDDED, text)
    assert problem in told.problem
    assert told.position == position
    assert "\n" not in told.problem


def test_a_model_has_no_problem() -> None:
    assert judged(EMBEDDED, " tbabs*(po+ga) ").problem == ""
    assert judged(XSPEC, "tbabs*(po+apec)").problem == ""
    assert judged(EMBEDDED, "tbabs*po").completions.items[0].name == "powerlaw"


@given(st.text(max_size=60), st.integers(0, 60))
def test_any_text_is_judged(text: str, cursor: int) -> None:
    for choice in (EMBEDDED, XSPEC):
        told = judged(choice, text, cursor)
        if told.position is not None:
            assert 0 <= told.position <= len(text)


def test_all_models_are_in_the_catalog_once_ours_first() -> None:
    assert tuple(catalog()) == GROUPS
    names = [spec.name for specs in catalog().values() for spec in specs]
    assert len(names) == len(set(names))
    assert set(MODELS) <= set(names)
    for specs in catalog().values():
        ours = [bool(spec.parameters) for spec in specs]
        assert ours == sorted(ours, reverse=True)
    absorbers = {spec.name for spec in catalog()["absorption"]}
    assert {"TBabs", "pcfabs", "zxipcf"} <= absorbers
