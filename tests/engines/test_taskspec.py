"""What a task accepts: every kind of value, what is refused and in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.engines.taskhelp import help_for
from nustar_widgets.engines.taskspec import (
    Condition,
    Kind,
    Parameter,
    TaskSpec,
    as_text,
    is_yes,
)
from nustar_widgets.errors import ParameterError
from nustar_widgets.session.taskcall import ParamValue, TaskCall, TextFile

NUMBER = Parameter(name="binsize", kind=Kind.NUMBER, default="10")
WHOLE = Parameter(name="pilow", kind=Kind.WHOLE, default="35")
FLAG = Parameter(name="correctlc", kind=Kind.YES_NO, default="yes")
MODULE = Parameter(name="instrument", choices=("FPMA", "FPMB"))


def spec(*parameters: Parameter, task: str = "dotask") -> TaskSpec:
    return TaskSpec(task=task, parameters=parameters, source="a test")


def call(**params: ParamValue) -> TaskCall:
    return TaskCall(task="dotask", params=tuple(params.items()))


def only_if(name: str, *groups: dict[str, str], **more: Any) -> Parameter:
    conditions = tuple(
        tuple(Condition.from_text(deciding, text) for deciding, text in group.items())
        for group in groups
    )
    return Parameter(name=name, conditions=conditions, **more)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *((NUMBER, value) for value in (1, 0.5, "1e-3", "-7", "INDEF", "indef", "+2.")),
        *((WHOLE, value) for value in (0, -1, "12", "+3", "INDEF")),
        *((FLAG, value) for value in (True, False, "yes", "NO", "Y", "f", "True", "FALSE")),
        *((MODULE, value) for value in ("FPMA", "fpmb")),
        *((Parameter(name="text"), value) for value in ("x", 3, True, "a,b 'c' \"d\"", "ü", "-x")),
        *(
            (Parameter(name="file", kind=Kind.FILE), value)
            for value in ("a b.fits", "NONE", "x[1]")
        ),
        (Parameter(name="flag", choices=("yes", "no")), True),
    ],
)
def test_a_value_of_the_right_kind_has_no_problem(parameter: Parameter, value: ParamValue) -> None:
    assert parameter.problem(value) is None


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        (NUMBER, "ten", "'ten': expected a number"),
        (NUMBER, True, "True: expected a number"),
        (NUMBER, "nan", "'nan': expected a number"),
        (NUMBER, float("inf"), "inf: expected a number"),
        (NUMBER, "1e999", "'1e999': expected a number"),
        (NUMBER, "1_000", "'1_000': expected a number"),
        (NUMBER, "0x10", "'0x10': expected a number"),
        (NUMBER, "1,5", "'1,5': expected a number"),
        (WHOLE, 35.0, "35.0: expected a whole number"),
        (WHOLE, "3 4", "'3 4': expected a whole number"),
        (WHOLE, False, "False: expected a whole number"),
        (WHOLE, 10**400, f"{10**400}: expected a whole number"),
        (WHOLE, "1_0", "'1_0': expected a whole number"),
        (FLAG, "perhaps", "'perhaps': expected yes or no"),
        (FLAG, 1, "1: expected yes or no"),
        (MODULE, "FPMC", "'FPMC': expected one of FPMA, FPMB"),
        (MODULE, "", "is empty; leave it out to have the task's default"),
        (NUMBER, "", "is empty; leave it out to have the task's default"),
        (
            Parameter(name="text"),
            "a\nb",
            r"'a\nb': has a line break or another control character; take it out",
        ),
        (
            Parameter(name="text"),
            "\x7f",
            r"'\x7f': has a line break or another control character; take it out",
        ),
        (WHOLE, "1\t", r"'1\t': has a line break or another control character; take it out"),
        (MODULE, "\0", r"'\x00': has a line break or another control character; take it out"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_what_was_expected(
    parameter: Parameter, value: ParamValue, says: str
) -> None:
    assert parameter.problem(value) == says


@pytest.mark.parametrize(
    ("low", "high", "unit", "good", "bad", "says"),
    [
        (1, 300, "", (1, 300, "INDEF"), (0.9, 301), "expected 1 to 300"),
        (0, None, "s", (0, 1e9), (-0.1,), "expected at least 0 s"),
        (None, 0.5, "keV", (0.5, -1e9), (0.6,), "expected at most 0.5 keV"),
        (0, 360, "deg", ("0", "360."), ("361", "-1"), "expected 0 to 360 deg"),
    ],
)
def test_a_range_includes_its_ends_and_is_said_with_its_unit(
    low: float | None,
    high: float | None,
    unit: str,
    good: tuple[ParamValue, ...],
    bad: tuple[ParamValue, ...],
    says: str,
) -> None:
    ranged = replace(NUMBER, minimum=low, maximum=high, unit=unit)
    assert [ranged.problem(value) for value in good] == [None] * len(good)
    assert [ranged.problem(value) for value in bad] == [f"{value!r}: {says}" for value in bad]


def test_a_range_of_whole_numbers_holds_for_text_and_numbers_alike() -> None:
    chatter = replace(WHOLE, minimum=0, maximum=5)
    assert chatter.problem("5") is None
    assert chatter.problem(6) == "6: expected 0 to 5"
    assert chatter.problem("-1") == "'-1': expected 0 to 5"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("binzise", "binzise: dotask has no such parameter; did you mean binsize?"),
        ("PILOW", "PILOW: dotask has no such parameter; did you mean pilow?"),
        ("zzz", "zzz: dotask has no such parameter; it has binsize, pilow"),
    ],
)
def test_an_unknown_parameter_is_refused_with_the_nearest_named(name: str, says: str) -> None:
    known = spec(NUMBER, WHOLE)
    with pytest.raises(ParameterError) as caught:
        known.check(call(**{name: 3}))
    assert str(caught.value) == says
    assert caught.value.parameter == name
    with pytest.raises(ParameterError) as caught:
        known.parameter(name)
    assert str(caught.value) == says
    assert known.find(name) is None


def test_a_missing_parameter_is_named_with_the_tasks_own_prompt() -> None:
    needed = Parameter(name="indir", required=True, prompt="Directory with the input files")
    with pytest.raises(ParameterError) as caught:
        spec(needed).check(call())
    assert str(caught.value) == (
        "indir: dotask needs it (Directory with the input files); give a value"
    )
    with pytest.raises(ParameterError, match=r"^indir: dotask needs it; give a value$"):
        spec(replace(needed, prompt="")).check(call())
    spec(needed).check(call(indir="x"))


def test_a_parameter_is_required_only_where_it_applies() -> None:
    region = Parameter(name="srcregionfile", kind=Kind.FILE, default="DEFAULT")
    position = only_if("srcra", {"srcregionfile": "DEFAULT"}, required=True)
    known = spec(region, position)
    known.check(call(srcregionfile="src.reg"))
    known.check(call(srcra="10.5"))
    with pytest.raises(ParameterError, match=r"^srcra: dotask needs it"):
        known.check(call())


def test_everything_wrong_with_a_call_is_listed_in_its_own_order() -> None:
    needed = Parameter(name="indir", required=True)
    known = spec(needed, NUMBER, FLAG, only_if("hkfile", {"correctlc": "yes"}))
    wrong = call(hkfile="x", correctlc="no", binsize="ten", nonsense=1)
    assert list(known.problems(wrong)) == [
        (
            "hkfile",
            "applies only with correctlc = yes: leave it out, dotask may abort on it",
        ),
        ("binsize", "'ten': expected a number"),
        (
            "nonsense",
            "dotask has no such parameter; it has indir, binsize, correctlc, hkfile",
        ),
        ("indir", "dotask needs it; give a value"),
    ]
    with pytest.raises(ParameterError, match=r"^hkfile: applies only with correctlc = yes: leave"):
        known.check(wrong)


@pytest.mark.parametrize(
    ("text", "holding", "failing", "reads"),
    [
        ("yes", ("yes", "Y", "true"), ("no", "", "NONE"), "x = yes"),
        ("opt|optmin", ("opt", "OPTMIN"), ("min", "opt|optmin"), "x = opt or optmin"),
        ("!NONE", ("DEFAULT", "a.pha", ""), ("NONE", "none"), "x other than NONE"),
        ("!opt|file", ("min",), ("opt", "FILE"), "x other than opt or file"),
    ],
)
def test_a_condition_compares_without_regard_to_case(
    text: str, holding: tuple[str, ...], failing: tuple[str, ...], reads: str
) -> None:
    condition = Condition.from_text("x", text)
    assert [condition.holds(value) for value in holding] == [True] * len(holding)
    assert [condition.holds(value) for value in failing] == [False] * len(failing)
    assert str(condition) == reads


def test_all_conditions_of_a_group_must_hold_and_the_first_that_fails_is_named() -> None:
    known = spec(
        FLAG,
        Parameter(name="lcfile", default="DEFAULT"),
        only_if("lcenergy", {"correctlc": "yes", "lcfile": "!NONE"}),
    )
    why = known.why_inapplicable
    assert why("lcenergy", {}) is None
    assert why("lcenergy", {"correctlc": True}) is None
    assert why("lcenergy", {"lcfile": "none"}) == "applies only with lcfile other than NONE"
    assert why("lcenergy", {"lcfile": "none", "correctlc": "n"}) == (
        "applies only with correctlc = yes"
    )
    assert why("correctlc", {"lcfile": "NONE"}) is None


def test_one_of_several_groups_is_enough() -> None:
    known = spec(
        Parameter(name="entrystage", kind=Kind.WHOLE, default="1"),
        Parameter(name="runmetrology", kind=Kind.YES_NO, default="yes"),
        only_if("inmastaspectfile", {"entrystage": "2"}, {"runmetrology": "no"}),
    )
    why = known.why_inapplicable
    assert why("inmastaspectfile", {"entrystage": 2}) is None
    assert why("inmastaspectfile", {"runmetrology": False}) is None
    assert why("inmastaspectfile", {}) == (
        "applies only with entrystage = 2, or with runmetrology = no"
    )


def test_a_deciding_parameter_another_version_does_not_have_decides_nothing() -> None:
    known = spec(only_if("hkfile", {"gone": "yes"}))
    assert known.why_inapplicable("hkfile", {}) is None
    known.check(call(hkfile="x"))


def test_a_value_is_the_calls_or_the_default() -> None:
    known = spec(FLAG, WHOLE)
    assert known.value(call(correctlc=False), "correctlc") == "no"
    assert known.value(call(correctlc=False), "pilow") == "35"
    with pytest.raises(ParameterError, match=r"^pihigh: dotask has no such parameter"):
        known.value(call(), "pihigh")


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), (False, "no"), (1, "1"), (0.5, "0.5"), ("it's", "it's"), ("", "")],
)
def test_a_value_is_sent_as_the_tasks_read_it(value: ParamValue, text: str) -> None:
    assert as_text(value) == text


def test_yes_has_four_spellings_in_any_case() -> None:
    assert all(map(is_yes, ("yes", "Y", "TRUE", "t")))
    assert not any(map(is_yes, ("no", "n", "False", "f", "", "1")))


def test_what_does_not_apply_is_left_out_and_all_else_stays_as_it_was() -> None:
    known = spec(FLAG, WHOLE, only_if("hkfile", {"correctlc": "yes"}))
    files = (TextFile(name="src.reg", text="fk5\n"),)
    asked = replace(call(pilow=35, hkfile="x", correctlc="no", typo=1), files=files)
    kept = replace(asked, params=(("pilow", 35), ("correctlc", "no"), ("typo", 1)))
    assert known.without_inapplicable(asked) == kept
    assert known.without_inapplicable(kept) == kept
    with pytest.raises(ParameterError, match=r"^typo: dotask has no such parameter"):
        known.check(known.without_inapplicable(asked))


def test_leaving_one_out_leaves_out_what_hung_on_it() -> None:
    phafile = Parameter(name="phafile", default="DEFAULT")
    rungrppha = only_if("rungrppha", {"phafile": "!NONE"}, kind=Kind.YES_NO, default="no")
    minimum = only_if("grpmincounts", {"rungrppha": "yes"}, kind=Kind.WHOLE, default="30")
    known = spec(minimum, rungrppha, phafile)
    asked = call(grpmincounts=20, rungrppha=True, phafile="NONE")
    assert known.without_inapplicable(asked) == call(phafile="NONE")
    whole = call(grpmincounts=20, rungrppha=True)
    assert known.without_inapplicable(whole) == whole


PLAUSIBLE: st.SearchStrategy[ParamValue] = st.sampled_from(
    ["yes", "no", True, False, "NONE", "DEFAULT", "none", "x.fits", 1, 2]
)


def explained(task: str, defaults: dict[str, str]) -> TaskSpec:
    """Every parameter we have words for, with our conditions and the defaults given."""
    names = help_for(task).parameters
    bare = tuple(Parameter(name=name, default=defaults[name]) for name in names)
    return help_for(task).added_to(TaskSpec(task=task, parameters=bare, source="a test"))


@pytest.mark.parametrize("task", ["nuproducts", "nupipeline", "ftgrouppha"])
@given(data=st.data())
def test_whatever_is_asked_for_nothing_inapplicable_is_left_and_doing_it_again_changes_nothing(
    task: str, data: st.DataObject
) -> None:
    names = sorted(help_for(task).parameters)
    flags = st.sampled_from(["yes", "no", "NONE", "DEFAULT", "1", "2"])
    defaults = data.draw(st.fixed_dictionaries(dict.fromkeys(names, flags)), label="defaults")
    chosen = data.draw(st.dictionaries(st.sampled_from(names), PLAUSIBLE), label="params")
    known = explained(task, defaults)
    asked = TaskCall(task=task, params=tuple(chosen.items()))
    made = known.without_inapplicable(asked)
    values = dict(made.params)
    assert [name for name in values if known.why_inapplicable(name, values)] == []
    assert not any("applies only with" in problem for _, problem in known.problems(made))
    assert known.without_inapplicable(made) == made
    always = {item.name for item in known.parameters if not item.conditions}
    assert [pair for pair in asked.params if pair[0] in always or pair in made.params] == list(
        made.params
    )


def test_the_property_above_is_about_calls_that_do_have_inapplicable_parameters() -> None:
    defaults = dict.fromkeys(help_for("nuproducts").parameters, "yes") | {"extended": "no"}
    known = explained("nuproducts", defaults)
    asked = TaskCall(
        task="nuproducts",
        params=(("runmkarf", False), ("outarffile", "x.arf"), ("psfflag", False), ("pilow", 40)),
    )
    assert [name for name, _ in known.problems(asked)] == ["outarffile", "psfflag"]
    assert [name for name, _ in known.without_inapplicable(asked).params] == ["runmkarf", "pilow"]
