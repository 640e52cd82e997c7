"""Model expressions: what is read, how it is structured, and where errors point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import ExpressionError, NeedsHeasoftError
from nustar_widgets.spectra.expression import Component, Convolved, Node, Product, Sum, parse
from nustar_widgets.spectra.registry import MODELS, find_model, full_name


def _shape(node: Node) -> str:
    """Write a tree with every bracket, to compare structures."""
    if isinstance(node, Component):
        return node.name
    if isinstance(node, Sum):
        return "(" + "+".join(map(_shape, node.terms)) + ")"
    if isinstance(node, Product):
        return "(" + "*".join(map(_shape, node.factors)) + ")"
    assert isinstance(node, Convolved)
    return f"{node.by.name}[{_shape(node.operand)}]"


@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        ("powerlaw", "powerlaw"),
        ("constant*tbabs*powerlaw", "(constant*TBabs*powerlaw)"),
        ("constant*tbabs*(powerlaw+gaussian)", "(constant*TBabs*(powerlaw+gaussian))"),
        ("tbabs(po+ga)", "(TBabs*(powerlaw+gaussian))"),
        ("const*tbabs(zphabs*po + gauss) ", "(constant*TBabs*((zphabs*powerlaw)+gaussian))"),
        ("po + tbabs*bbody", "(powerlaw+(TBabs*bbody))"),
        ("gauss+gauss+gauss", "(gaussian+gaussian_2+gaussian_3)"),
        ("tbabs*cflux*powerlaw", "(TBabs*cflux[powerlaw])"),
        ("tbabs*cflux(po+ga)", "(TBabs*cflux[(powerlaw+gaussian)])"),
        ("cflux*tbabs*powerlaw", "cflux[(TBabs*powerlaw)]"),
        ("((powerlaw))*tbabs", "(powerlaw*TBabs)"),
        ("tbabs*tbabs*po", "(TBabs*TBabs_2*powerlaw)"),
    ],
)
def test_an_expression_is_read_as_xspec_reads_it(expression: str, shape: str) -> None:
    assert _shape(parse(expression)[0]) == shape


ERRORS = [
    ("", 0, "empty model expression"),
    ("   ", 0, "empty model expression"),
    ("tbabs*powerlow", 6, "no model is called 'powerlow': did you mean powerlaw"),
    ("tbabs*xyzzy", 6, "no model is called 'xyzzy'"),
    ("tbabs*(powerlaw+gaussian", 6, "this ( is never closed"),
    ("tbabs*powerlaw)", 14, "this ) closes nothing"),
    ("tbabs*", 6, "the expression ends here: expected a model"),
    ("tbabs**powerlaw", 6, "'*' is not expected here: expected a model or ("),
    ("tbabs powerlaw", 6, "'powerlaw' is not expected here: expected + or *"),
    ("(po)(ga)", 4, "'(' is not expected here"),
    ("2*powerlaw", 0, "numbers are not models: use constant"),
    ("powerlaw-gaussian", 8, "'-' is not expected here"),
    ("tbabs", 0, "multiplicative models alone make no spectrum"),
    ("constant*tbabs", 0, "multiplicative models alone make no spectrum"),
    ("powerlaw*gaussian", 0, "two additive models multiplied"),
    ("tbabs*(po+ga)*bbody", 6, "two additive models multiplied"),
    ("powerlaw+tbabs", 9, "only additive models can be added"),
    ("powerlaw(gaussian)", 8, "powerlaw is additive and cannot multiply a bracket"),
    ("tbabs(phabs)*po", 5, "needs an additive model inside its bracket"),
    ("powerlaw*cflux", 9, "a convolution model needs an additive model to its right"),
    ("foo{file.fits}", 0, "only atable, mtable, etable take a file"),
    ("atable{file.fits", 0, "this { is never closed"),
]


@pytest.mark.parametrize(("expression", "position", "problem"), ERRORS)
def test_an_error_says_what_is_wrong_and_points_at_it(
    expression: str, position: int, problem: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(expression)
    assert caught.value.position == position
    first, text, pointer = str(caught.value).split("\n")
    assert problem in first
    assert text == f"  {expression}"
    assert pointer == "  " + " " * position + "^"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("po", "powerlaw"), ("PO", "powerlaw"), ("ga", "gaussian"), ("gauss", "gaussian"),
        ("bb", "bbody"), ("bbodyr", "bbodyrad"), ("const", "constant"), ("cut", "cutoffpl"),
        ("tb", "TBabs"), ("TBABS", "TBabs"), ("ztb", "zTBabs"), ("high", "highecut"),
        ("ed", "edge"), ("wa", "wabs"), ("pha", "phabs"), ("diskbb", "diskbb"), ("lo", "logpar"),
        ("lor", "lorentz"),
    ],
)  # fmt: skip
def test_abbreviations_mean_what_xspec_means(typed: str, name: str) -> None:
    assert full_name(typed) == name


def test_one_letter_is_no_abbreviation() -> None:
    assert find_model("p") is None


@pytest.mark.parametrize(
    "name", ["pexrav", "pexmon", "compTT", "nthComp", "relxill", "xillver", "apec", "bremss"]
)
def test_models_that_only_xspec_has_are_refused_by_name(name: str) -> None:
    with pytest.raises(NeedsHeasoftError, match=rf"^{name} needs HEASoft.*one of: bbody") as caught:
        parse(f"tbabs*{name.lower()}")
    assert caught.value.name == name
    assert caught.value.position == 6


@pytest.mark.parametrize(
    ("expression", "position", "problem"),
    [
        ("(" * 5000 + "po" + ")" * 5000, 60, "more than 60 brackets within each other"),
        ("tbabs(" * 900 + "po" + ")" * 900, 365, "more than 60 brackets within each other"),
        ("cflux*" * 900 + "po", 1200, "more than 200 components"),
        ("+".join(["po"] * 3000), 600, "more than 200 components"),
    ],
)
def test_an_expression_bomb_is_refused(expression: str, position: int, problem: str) -> None:
    with pytest.raises(ExpressionError, match=problem) as caught:
        parse(expression)
    assert caught.value.position == position


def test_a_model_can_be_looked_up_elsewhere() -> None:
    _, components = parse("mine*po", find=lambda name: find_model("tb" if name == "mine" else name))
    assert [c.name for c in components] == ["TBabs", "powerlaw"]


def test_an_abbreviation_of_a_missing_model_is_spelt_out() -> None:
    with pytest.raises(NeedsHeasoftError, match=r"^pexmon \('pex' stands for it\) needs"):
        parse("pex")


def test_components_know_their_place_in_the_text() -> None:
    components = parse("constant * tbabs*(po+ gauss)")[1]
    assert [c.number for c in components] == [1, 2, 3, 4]
    assert [c.position for c in components] == [0, 11, 18, 22]


_ADDITIVE = st.sampled_from(["powerlaw", "gaussian", "bbody", "cutoffpl"])
_FACTOR = st.sampled_from(["constant", "tbabs", "edge", "highecut"])
_EXPRESSIONS = st.recursive(
    _ADDITIVE,
    lambda inner: st.one_of(
        st.tuples(_FACTOR, inner).map(lambda t: f"{t[0]}*({t[1]})"),
        st.tuples(_FACTOR, inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda t: "(" + " + ".join(t) + ")"),
    ),
    max_leaves=8,
)


@given(_EXPRESSIONS)
def test_every_sum_of_products_is_a_model(expression: str) -> None:
    _, components = parse(expression)
    names = [component.name for component in components]
    assert len(names) == len(set(names))
    lengths = [expression[c.position :].lower().startswith(c.spec.name.lower()) for c in components]
    assert all(lengths)


@given(st.text(alphabet="pogatb+*() {}1.-_", max_size=25))
def test_any_text_is_either_a_model_or_an_error_inside_the_text(text: str) -> None:
    assert _verdict(text) <= len(text)


def _verdict(text: str) -> int:
    """Position of the error, or 0 for a model."""
    try:
        parse(text)
    except ExpressionError as problem:
        return problem.position
    except NeedsHeasoftError as problem:
        return len(text) + 1 if problem.name in MODELS else 0
    return 0
