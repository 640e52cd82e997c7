"""The model of a choice changes: what was set goes along, and what is lost is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.errors import ExpressionError, ModelError, NeedsHeasoftError, ParameterError
from nustar_widgets.fits import edits
from nustar_widgets.fits.outline import outline
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.models import Model

LINES = FitChoice(
    expression="constant*tbabs*(powerlaw+gaussian+gaussian)",
    parameters=(
        ParameterChoice(name="constant.factor[2]", value=1.02),
        ParameterChoice(name="TBabs.nH", value=0.3, frozen=True),
        ParameterChoice(name="powerlaw.PhoIndex", value=1.7),
        ParameterChoice(name="gaussian.LineE", value=6.4, min=6.0, max=7.0),
        ParameterChoice(name="gaussian_5.LineE", value=7.06),
        ParameterChoice(name="gaussian_5.norm", link="0.13*gaussian.norm"),
    ),
)


def settings(choice: FitChoice) -> dict[str, ParameterChoice]:
    return {item.name: item for item in choice.parameters}


def usable(choice: FitChoice, n_groups: int = 2) -> FitChoice:
    ParameterTable(Model.parse(choice.expression), n_groups, choice.parameters)
    return choice


# -- the expression


def test_what_was_set_is_carried_to_components_that_are_still_there() -> None:
    new = usable(edits.with_expression(LINES, " constant*tbabs*(cutoffpl+gaussian+gaussian) "))
    assert new.expression == "constant*tbabs*(cutoffpl+gaussian+gaussian)"
    kept = settings(new)
    assert list(kept) == [
        "constant.factor[2]", "TBabs.nH", "gaussian.LineE", "gaussian_5.LineE", "gaussian_5.norm",
    ]  # fmt: skip
    assert kept["gaussian.LineE"].max == 7.0


def test_numbers_of_components_are_followed_in_names_and_links() -> None:
    new = usable(edits.with_expression(LINES, "constant*(powerlaw+gaussian+gaussian)"))
    kept = settings(new)
    assert kept["gaussian_4.LineE"].value == 7.06
    assert kept["gaussian_4.norm"].link == "0.13*gaussian.norm"
    longer = usable(edits.with_expression(new, "constant*tbabs*(powerlaw+bbody+gaussian+gaussian)"))
    assert settings(longer)["gaussian_6.norm"].link == "0.13*gaussian.norm"


def test_components_that_move_keep_what_was_set() -> None:
    new = usable(edits.with_expression(LINES, "constant*(gaussian+powerlaw+gaussian)*tbabs"))
    assert settings(new).keys() >= {"TBabs.nH", "powerlaw.PhoIndex", "gaussian.LineE"}


def test_what_is_lost_is_told_in_words() -> None:
    carried = edits.carried(LINES, "constant*tbabs*(powerlaw+bbody)")
    assert carried.notes == (
        "gaussian.LineE (6.4, at least 6, at most 7): gaussian is no longer in the model",
        "gaussian_5.LineE (7.06): gaussian_5 is no longer in the model",
        "gaussian_5.norm (linked to 0.13*gaussian.norm): gaussian_5 is no longer in the model",
    )
    assert edits.carried(LINES, LINES.expression) == edits.Carried(choice=LINES)


def test_a_link_to_what_is_gone_is_dropped_and_told() -> None:
    linked = edits.with_link(LINES, "TBabs.nH", "0.1*powerlaw.norm")
    carried = edits.carried(linked, "constant*tbabs*(gaussian+gaussian)")
    assert settings(carried.choice)["TBabs.nH"] == ParameterChoice(name="TBabs.nH", value=0.3)
    assert carried.notes[0] == (
        "TBabs.nH was linked to 0.1*powerlaw.norm, but powerlaw.norm is no longer in the model: "
        "the link is dropped"
    )


def test_an_error_knows_its_place_in_the_text() -> None:
    with pytest.raises(ExpressionError, match="did you mean powerlaw") as wrong:
        edits.with_expression(LINES, "tbabs*powerlow")
    assert edits.place_of(wrong.value) == 6
    with pytest.raises(NeedsHeasoftError, match="apec needs HEASoft") as missing:
        edits.with_expression(LINES, "tbabs*(po+apec)")
    assert edits.place_of(missing.value) == 10
    assert edits.place_of(ModelError("no place")) is None


def test_with_xspec_its_models_may_be_named() -> None:
    choice = replace(LINES, engine="xspec")
    new = edits.with_expression(choice, "constant*tbabs*(apec+gaussian+apec)")
    assert [c.name for c in outline(new.expression).components][-1] == "apec_5"
    set_ = edits.with_value(new, "apec_5.kT", 4.0)
    swapped = edits.with_expression(set_, "constant*(apec+gaussian+apec)")
    assert settings(swapped)["apec_4.kT"].value == 4.0
    with pytest.raises(ExpressionError, match="no model is called"):
        edits.with_expression(choice, "tbabs*xyzzy")


def test_a_choice_whose_old_expression_is_wrong_can_be_mended() -> None:
    broken = replace(LINES, expression="constant*tbabs*(powerlaw+gaussian+gaussian")
    mended = edits.with_expression(broken, LINES.expression)
    assert mended == LINES


# -- components


@pytest.mark.parametrize(
    ("before", "name", "where", "after"),
    [
        ("constant*tbabs*po", "gaussian", None, "constant*tbabs*(po+gaussian)"),
        ("const*tbabs(po+ga)", "bb", None, "const*tbabs*(po+ga+bbody)"),
        ("po", "tbabs", None, "TBabs*po"),
        ("tbabs*po", "const", None, "constant*tbabs*po"),
        ("constant*tbabs*po", "ztbabs", None, "constant*tbabs*zTBabs*po"),
        ("po*tbabs", "highecut", None, "highecut*po*tbabs"),
        ("tbabs*(po+ga)", "zphabs", "powerlaw", "tbabs*(zphabs*po+ga)"),
        ("tbabs*(po+ga)", "cflux", "gaussian", "tbabs*(po+cflux*ga)"),
        ("tbabs*po", "cflux", None, "tbabs*cflux*po"),
        ("(cflux*po)*tbabs", "ga", "powerlaw", "(cflux*(po+gaussian))*tbabs"),
        ("zphabs*po+bbody", "ga", "powerlaw", "zphabs*(po+gaussian)+bbody"),
        ("tbabs*po", "phabs", "tbabs", "phabs*tbabs*po"),
    ],
)
def test_a_component_is_put_where_it_is_wanted(
    before: str, name: str, where: str | None, after: str
) -> None:
    assert edits.with_component(FitChoice(expression=before), name, where).expression == after


@pytest.mark.parametrize(
    ("before", "component", "after"),
    [
        ("const*tbabs*(po+ga+ga)", "gaussian_5", "const*tbabs*(po+ga)"),
        ("tbabs*(zphabs*po+ga)", "powerlaw", "tbabs*ga"),
        ("tbabs*cflux*po", "cflux", "tbabs*po"),
        ("tbabs*(po+ga)", "powerlaw_2", "tbabs*ga"),
        ("tbabs*po", "tbabs", "po"),
    ],
)
def test_a_component_is_taken_out(before: str, component: str, after: str) -> None:
    assert edits.without_component(FitChoice(expression=before), component).expression == after


def test_of_two_equal_components_the_right_one_goes() -> None:
    first = usable(edits.without_component(LINES, "gaussian"))
    assert settings(first)["gaussian.LineE"].value == 7.06
    second = usable(edits.without_component(LINES, "gaussian_5"))
    assert settings(second)["gaussian.LineE"].value == 6.4


def test_what_emits_cannot_all_go() -> None:
    with pytest.raises(ModelError, match="powerlaw is all that emits in tbabs\\*po: add another"):
        edits.without_component(FitChoice(expression="tbabs*po"), "powerlaw")
    with pytest.raises(ModelError, match="has no component bbody: expected one of TBabs, powerlaw"):
        edits.without_component(FitChoice(expression="tbabs*po"), "bbody")
    with pytest.raises(ModelError, match="gaussian is additive and cannot stand beside tbabs"):
        edits.with_component(FitChoice(expression="tbabs*po"), "ga", "tbabs")
    with pytest.raises(ModelError, match="no model is called 'zz9'"):
        edits.with_component(FitChoice(expression="tbabs*po"), "zz9")
    with pytest.raises(NeedsHeasoftError, match="pexrav"):
        edits.with_component(FitChoice(expression="tbabs*po"), "pexrav")


_NAMES = st.sampled_from(["powerlaw", "gaussian", "bbody", "tbabs", "zphabs", "constant", "cflux"])


@given(st.lists(_NAMES, max_size=6), st.data())
def test_any_row_of_additions_and_removals_is_a_model_whose_settings_fit(
    names: list[str], data: st.DataObject
) -> None:
    choice = FitChoice(expression="tbabs*powerlaw")
    choice = edits.with_value(choice, "powerlaw.PhoIndex", 2.3)
    for name in names:
        places = [c.name for c in outline(choice.expression).components if c.kind.value[0] == "a"]
        choice = edits.with_component(choice, name, data.draw(st.sampled_from([None, *places])))
        usable(choice)
    mine = next(item.name for item in choice.parameters)
    assert outline(choice.expression).parameter(mine) is not None
    for component in reversed(outline(choice.expression).components):
        if component.name == mine.partition(".")[0]:
            continue
        with_one_less = edits.removed(choice, component.name).choice
        if settings(with_one_less):
            usable(with_one_less)


# -- one parameter


def test_values_limits_and_freezing_are_set_one_by_one() -> None:
    choice = FitChoice(expression="constant*tbabs*powerlaw")
    choice = edits.with_value(choice, "POWERLAW.phoindex", 1.9)
    choice = edits.with_frozen(choice, "powerlaw.PhoIndex", True)
    choice = edits.with_limits(choice, "powerlaw_3.PhoIndex", 1.0, 3.0)
    choice = edits.with_value(choice, "constant.factor[2]", 1.1)
    assert choice.parameters == (
        ParameterChoice(name="powerlaw.PhoIndex", value=1.9, frozen=True, min=1.0, max=3.0),
        ParameterChoice(name="constant.factor[2]", value=1.1),
    )
    assert edits.without(choice, "powerlaw.phoindex").parameters == choice.parameters[1:]


def test_links_are_checked_and_untied() -> None:
    tied = edits.with_link(LINES, "gaussian_5.LineE", "= gaussian.LineE + 0.66")
    assert edits.chosen(tied, "gaussian_5.LineE").link == "gaussian.LineE + 0.66"
    with pytest.raises(ParameterError, match=r"gaussian_5.LineE: it follows gaussian.LineE"):
        edits.with_value(tied, "gaussian_5.LineE", 7.0)
    untied = edits.with_link(tied, "gaussian_5.LineE", None)
    assert edits.chosen(untied, "gaussian_5.LineE").value == 7.06
    own = edits.with_link(LINES, "powerlaw.norm[2]", None)
    assert own.parameters[-1] == ParameterChoice(name="powerlaw.norm[2]")
    assert edits.with_link(LINES, "powerlaw.norm", "").parameters == LINES.parameters


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: edits.with_value(c, "powerlaw.PhoIndx", 2), "has no such parameter: expected"),
        (lambda c: edits.with_value(c, "powerlaw.PhoIndex", 99), "99 is outside its limits -3 to"),
        (lambda c: edits.with_value(c, "powerlaw.norm", float("nan")), "nan is not a number"),
        (lambda c: edits.with_limits(c, "gaussian.LineE", 7.0, 6.0), "expected min < max"),
        (lambda c: edits.with_limits(c, "gaussian.LineE", 6.5, 7.0), "6.4 keV is outside"),
        (lambda c: edits.with_limits(c, "TBabs.nH", float("nan"), None), "a limit is not a number"),
        (lambda c: edits.with_link(c, "TBabs.nH", "2*TBabs.nH"), "links go round in a circle"),
        (lambda c: edits.with_link(c, "TBabs.nH", "__import__('os')"), "is not allowed"),
        (lambda c: edits.with_link(c, "TBabs.nH", "bbody.kT"), "no such parameter"),
    ],
)
def test_what_could_not_be_fitted_is_refused(change: object, told: str) -> None:
    assert callable(change)
    with pytest.raises(ParameterError, match=told):
        change(LINES)


def test_a_choice_that_cannot_be_fitted_can_be_mended_step_by_step() -> None:
    broken = replace(
        LINES,
        parameters=(
            ParameterChoice(name="TBabs.nH", value=-5.0),
            ParameterChoice(name="powerlaw.PhoIndex", value=99.0),
        ),
    )
    half = edits.with_value(broken, "TBabs.nH", 1.0)
    usable(edits.with_value(half, "powerlaw.PhoIndex", 2.0))
