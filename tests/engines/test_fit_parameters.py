"""Parameters of a joint fit: data groups, defaults, links and limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.fit_links import compile_link
from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.errors import ParameterError
from nustar_widgets.session.values import ParameterChoice
from nustar_widgets.spectra.models import Model


def _table(expression: str, n_groups: int, *choices: ParameterChoice) -> ParameterTable:
    return ParameterTable(Model.parse(expression), n_groups, choices)


def test_a_leading_constant_calibrates_the_later_spectra() -> None:
    table = _table("constant*tbabs*powerlaw", 3)
    assert table.names == (
        "TBabs.nH", "powerlaw.PhoIndex", "powerlaw.norm",
        "constant.factor[2]", "constant.factor[3]",
    )  # fmt: skip
    assert table.rows[0].frozen
    assert table.rows[0].value == 1.0


def test_a_constant_elsewhere_is_an_ordinary_parameter() -> None:
    table = _table("tbabs*(powerlaw+constant*gaussian)", 2)
    assert "constant.factor" in table.names
    assert "constant.factor[2]" not in table.names


def test_later_spectra_follow_the_first() -> None:
    table = _table("constant*tbabs*powerlaw", 2)
    first, second = table.groups((5.0, 1.8, 0.02, 1.04))
    assert first == (1.0, 5.0, 1.8, 0.02)
    assert second == (1.04, 5.0, 1.8, 0.02)
    assert table.rows[table.place("powerlaw.norm[2]")].link == "powerlaw.norm"


def test_setting_a_parameter_of_a_later_spectrum_unties_it() -> None:
    table = _table("powerlaw", 2, ParameterChoice(name="powerlaw.norm[2]", value=0.5))
    assert table.names == ("powerlaw.PhoIndex", "powerlaw.norm", "powerlaw.norm[2]")
    assert table.groups((1.7, 1.0, 0.5)) == [(1.7, 1.0), (1.7, 0.5)]


def test_an_untied_parameter_starts_where_the_first_is() -> None:
    choices = (
        ParameterChoice(name="powerlaw.PhoIndex[2]", frozen=False),
        ParameterChoice(name="powerlaw.PhoIndex", value=2.2),
    )
    assert _table("powerlaw", 2, *choices).start == (2.2, 1.0, 2.2)


def test_redshifts_are_frozen_until_thawed() -> None:
    assert "zpowerlw.Redshift" not in _table("zpowerlw", 1).names
    thawed = ParameterChoice(name="zpowerlw.Redshift", frozen=False)
    assert "zpowerlw.Redshift" in _table("zpowerlw", 1, thawed).names


def test_a_link_follows_an_expression() -> None:
    table = _table(
        "powerlaw+gaussian+gaussian",
        1,
        ParameterChoice(name="gaussian_3.norm", link="= 0.5*gaussian.norm + 1e-4"),
        ParameterChoice(name="gaussian_3.LineE", link="gaussian.LineE*(7.06/6.4)"),
    )
    assert table.names[-1] == "gaussian_3.Sigma"
    values = table.groups((1.8, 1.0, 6.4, 0.1, 2e-3, 0.2))[0]
    assert values[5:] == pytest.approx((7.06, 0.2, 1.1e-3))


def test_links_may_chain_in_any_order() -> None:
    table = _table(
        "gaussian+gaussian+gaussian",
        1,
        ParameterChoice(name="gaussian.norm", link="2*gaussian_2.norm"),
        ParameterChoice(name="gaussian_2.norm", link="3*gaussian_3.norm"),
    )
    values = table.groups((6.4, 0.1, 7.0, 0.1, 8.0, 0.1, 0.5))[0]
    assert (values[2], values[5], values[8]) == (3.0, 1.5, 0.5)


def test_links_in_a_circle_are_refused() -> None:
    choices = (
        ParameterChoice(name="gaussian.norm", link="gaussian_2.norm"),
        ParameterChoice(name="gaussian_2.norm", link="gaussian.norm"),
    )
    with pytest.raises(ParameterError, match="links go round in a circle: gaussian"):
        _table("gaussian+gaussian", 1, *choices)


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("2*", "invalid syntax"),
        ("__import__('os').system('x')", "is not allowed"),
        ("powerlaw.norm if 1 else 2", "is not allowed"),
        ("powerlaw", "'powerlaw' is not allowed"),
        ("powerlaw.norm[0.5]", "is not allowed"),
        ("True", "'True' is not allowed"),
        ("open(powerlaw.norm)", "is not allowed"),
    ],
)
def test_a_link_is_arithmetic_and_nothing_else(link: str, problem: str) -> None:
    with pytest.raises(ParameterError, match=r"powerlaw\.PhoIndex: link ") as caught:
        _table("powerlaw", 1, ParameterChoice(name="powerlaw.PhoIndex", link=link))
    assert problem in str(caught.value)
    assert "as 2*powerlaw.norm" in str(caught.value)


def test_a_link_without_a_value_names_itself() -> None:
    with pytest.raises(ParameterError, match=r"its link '1/0' has no value: .*division"):
        _table("powerlaw", 1, ParameterChoice(name="powerlaw.norm", link="1/0"))
    with pytest.raises(ParameterError, match=r"no finite value"):
        _table("powerlaw", 1, ParameterChoice(name="powerlaw.norm", link="(-2)**0.5"))


@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e3))
def test_link_arithmetic_is_that_of_python(a: float, b: float) -> None:
    places = {"x.a": 0, "x.b": 1}
    link, reads = compile_link(
        "p", "-x.a*2 + x.b**2/4 - sqrt(abs(x.a)) + log10(x.b)", places.__getitem__
    )
    assert reads == {0, 1}
    assert link((a, b)) == pytest.approx(-a * 2 + b**2 / 4 - math.sqrt(abs(a)) + math.log10(b))


def test_values_outside_the_limits_are_refused_in_words() -> None:
    with pytest.raises(ParameterError) as caught:
        _table("powerlaw", 1, ParameterChoice(name="powerlaw.PhoIndex", value=12.0))
    assert str(caught.value) == (
        "powerlaw.PhoIndex: 12 is outside its limits -3 to 10: "
        "choose a value inside, or widen the limits"
    )
    with pytest.raises(ParameterError, match=r"gaussian\.LineE: -1 keV is outside its limits 0 to"):
        _table("gaussian", 1, ParameterChoice(name="gaussian.LineE", value=-1.0))


def test_wider_limits_admit_the_value() -> None:
    wide = ParameterChoice(name="cutoffpl.HighECut", value=900.0, max=1000.0)
    assert _table("cutoffpl", 1, wide).start[1] == 900.0


def test_limits_the_wrong_way_round_are_refused() -> None:
    wrong = ParameterChoice(name="powerlaw.norm", min=2.0, max=1.0)
    with pytest.raises(ParameterError, match=r"limits 2 to 1: expected min < max"):
        _table("powerlaw", 1, wrong)


def test_unknown_parameters_and_spectra_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"expected one of powerlaw\.PhoIndex, powerlaw\.norm"):
        _table("powerlaw", 1, ParameterChoice(name="powerlaw.Gamma", value=1.0))
    with pytest.raises(ParameterError, match=r"norm\[3\]: there is no spectrum 3: 2 are loaded"):
        _table("powerlaw", 2, ParameterChoice(name="powerlaw.norm[3]", value=1.0))


def test_a_parameter_that_is_not_free_says_why() -> None:
    table = _table("constant*powerlaw", 2)
    with pytest.raises(ParameterError, match="it is not free but frozen: thaw it first"):
        table.free_index("constant.factor")
    with pytest.raises(ParameterError, match=r"linked to powerlaw\.norm: unlink it first"):
        table.free_index("powerlaw.norm[2]")


def test_moving_leaves_the_table_as_it_was() -> None:
    table = _table("constant*powerlaw", 2)
    moved = table.moved((1.9, 0.5, 1.1), {"constant.factor": 0.9})
    assert moved.groups(moved.start) == [(0.9, 1.9, 0.5), (1.1, 1.9, 0.5)]
    assert table.start == (1.0, 1.0, 1.0)
    with pytest.raises(ParameterError, match=r"it follows powerlaw\.norm: unlink it to set it"):
        table.moved(table.start, {"powerlaw.norm[2]": 1.0})
    with pytest.raises(ParameterError, match="nan is not a number"):
        table.moved(table.start, {"powerlaw.norm": math.nan})
