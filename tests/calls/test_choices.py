"""What is entered goes where the choice lives, or is refused in words; never a call that aborts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import traitlets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nustar_widgets.calls.choices import (
    TASKS,
    entered,
    is_run,
    reset,
    set_by_hand,
    switched,
    with_values,
)
from nustar_widgets.engines.embedded_spec import embedded_specs
from nustar_widgets.engines.heasoft.installation import Installation
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import Parameter, TaskSpec, as_text
from nustar_widgets.errors import ParameterError
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from tests.calls.observed import edit, here_with, now, session
from tests.standins import headas
from tests.standins.here import Here

SPECS = embedded_specs()
PRODUCTS, GROUPS = SPECS["nuproducts"], SPECS["ftgrouppha"]


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("binsize", "256", "bin_s", 256.0),
        ("pilow", "210", "band_kev", (10.0, 78.0)),
        ("pihigh", "1934", "band_kev", (3.0, 79.0)),
        ("instrument", "FPMB", "modules", ("FPMB",)),
        ("usrgtifile", "NONE", "user_gti", None),
        ("runmkarf", "no", "products", (("runmkarf", False),)),
        ("srcregionfile", "mine.reg", "products", (("srcregionfile", "mine.reg"),)),
    ],
)
def test_a_value_goes_where_the_choice_lives(
    name: str, text: str, field: str, value: object, tmp_path: Path
) -> None:
    assert entered(session(tmp_path), PRODUCTS, edit(name, text))[field] == value


def test_what_was_set_by_hand_gives_way_to_the_choice_it_stood_for(tmp_path: Path) -> None:
    chosen = session(tmp_path, products=(("binsize", 5), ("runmkarf", False)))
    changes = entered(chosen, PRODUCTS, edit("binsize", "20"))
    assert changes == {"bin_s": 20.0, "products": (("runmkarf", False),)}


def test_events_and_housekeeping_are_a_modules_own(tmp_path: Path) -> None:
    changes = entered(session(tmp_path), PRODUCTS, edit("infile", "other.evt", "FPMB"))
    assert [item.events.rpartition("/")[2] for item in changes["inputs"]] == [
        "nu60001110002A01_cl.evt",
        "other.evt",
    ]
    changes = entered(session(tmp_path), PRODUCTS, edit("infile", "DEFAULT"))
    assert changes == {"products": (("infile", "DEFAULT"),)}


def test_grouping_has_fields_of_its_own_and_further_parameters(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    for name, text in [("grouptype", "OPTMIN"), ("groupscale", "50"), ("clobber", "no")]:
        chosen.edit(name, **entered(chosen, GROUPS, edit(name, text)))
    choice = chosen.grouping
    assert (choice.grouptype, choice.groupscale) == ("optmin", 50)
    assert choice.others == (("clobber", False),)
    assert set_by_hand(chosen, "ftgrouppha") == {
        "grouptype": "optmin", "groupscale": 50, "clobber": False,
    }  # fmt: skip
    chosen.edit("back", **reset(chosen, "ftgrouppha", ("grouptype", "clobber")))
    assert set_by_hand(chosen, "ftgrouppha") == {"groupscale": 50}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("pilow", "2000", "pilow, pihigh: 2000, 1909: expected PI channels, 0 to 4095, pilow not"),
        ("binsize", "fast", "binsize: 'fast': expected a number"),
        ("stemout", "a;rm -r x", "hands its values to a shell, in which ';' does not stand for"),
        ("gpsfflag", "no", "nuproducts has no such parameter; did you mean psfflag?"),
        ("percent", "2", "percent: '2': expected 0 to 1"),
        ("runmkarf", "", "runmkarf: is empty; leave it out to have the task's default"),
    ],
)
def test_what_a_task_would_not_take_is_refused_in_words(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError) as refused:
        entered(session(tmp_path), PRODUCTS, edit(name, text))
    assert told in str(refused.value)


def test_tasks_are_switched_on_and_off(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    assert [is_run(chosen, task) for task in TASKS] == [False, True, True]
    chosen.edit("on", **switched(chosen, "nupipeline", on=True))
    chosen.edit("off", **switched(chosen, "ftgrouppha", on=False))
    assert [is_run(chosen, task) for task in TASKS] == [True, True, False]
    assert [call.task for call in now(chosen).calls] == ["nupipeline", "nuproducts"] * 2
    assert set_by_hand(chosen, "ftgrouppha") == {}


def test_resetting_all_leaves_nothing_set_by_hand(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    by_task: dict[str, dict[str, ParamValue]] = {
        "nuproducts": {"runmkarf": False, "percent": 0.5},
        "nupipeline": {"saamode": "STRICT"},
        "ftgrouppha": {"grouptype": "bmin", "backfile": "b.pha"},
    }
    for task, values in by_task.items():
        chosen.edit(task, **with_values(chosen, task, values))
        assert set_by_hand(chosen, task) == values
        chosen.edit("reset", **reset(chosen, task, tuple(values)))
        assert set_by_hand(chosen, task) == {}


# -- any sequence of edits ----------------------------------------------------------------

WORDS = st.sampled_from(
    ["", "DEFAULT", "none", "CALDB", "a.fits", "some where/b", "yes", "no", "INDEF", "-1", "1e9"]
)
REFUSALS = ("not compatible with other input", "not found or sintax error", "Parameter name")


def texts(parameter: Parameter) -> st.SearchStrategy[str]:
    """Texts a person may enter: mostly of the right kind."""
    if parameter.choices:
        return st.sampled_from(parameter.choices) | WORDS
    likely: dict[str, st.SearchStrategy[str]] = {
        "yes or no": st.sampled_from(["yes", "no"]),
        "number": st.floats(-10, 5000).map(lambda number: f"{number:g}"),
        "whole number": st.integers(-10, 5000).map(str),
    }
    return likely.get(parameter.kind, st.sampled_from(["x", "src.reg"])) | WORDS


def edits_of(spec: TaskSpec) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Sequences of edits, and resets (``None``)."""
    deciding = {one.parameter for item in spec.parameters for group in item.conditions
                for one in group}  # fmt: skip
    often = [item for item in spec.parameters if item.name in deciding]
    one = st.sampled_from(spec.parameters) | st.sampled_from(often or spec.parameters)
    return st.lists(
        one.flatmap(lambda item: st.tuples(st.just(item.name), texts(item))), max_size=9
    )


def after(chosen: Session, spec: TaskSpec, edits: list[tuple[str, str]]) -> list[str]:
    """Make edits; return the messages of those that were refused."""
    refused = []
    for name, text in edits:
        before = chosen.snapshot()
        try:
            chosen.edit("edit", **entered(chosen, spec, edit(name, text)))
        except (ParameterError, traitlets.TraitError) as problem:
            refused.append(str(problem))
            assert chosen.snapshot() == before
    return refused


def call_after(spec: TaskSpec, edits: list[tuple[str, str]], folder: Path) -> TaskCall | None:
    """The call a session comes to, checked by the spec; ``None`` where a message says why not."""
    on = {"pipeline": ()} if spec.task == "nupipeline" else {}
    chosen = session(folder, **on)
    for message in after(chosen, spec, edits):
        assert len(message) > 10
    here = here_with(spec)
    calls = now(chosen, here)
    if calls.missing:
        return None
    call = calls.of(spec.task, chosen.modules[0])
    assert call is not None
    values = dict(call.params)
    assert [name for name in values if spec.why_inapplicable(name, values)] == []
    for name, problem in spec.problems(call):  # what is missing, never what does not apply
        assert problem.startswith(f"{spec.task} needs it"), (name, problem)
        return None
    return call


@pytest.mark.parametrize("task", TASKS)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edits_come_to_a_call_the_task_takes_or_a_message(
    task: str, data: st.DataObject, shared: Path, tmp_path: Path
) -> None:
    par = tmp_path / f"{task}.par"
    if not par.exists():
        headas.write_reference_par(par, headas.reference(shared)[task])
    spec = read_par_file(par)
    call_after(spec, data.draw(edits_of(spec)), tmp_path)


@pytest.mark.parametrize("task", SPECS)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edits_come_to_a_call_the_embedded_engine_takes_or_a_message(
    task: str, data: st.DataObject, tmp_path: Path
) -> None:
    call_after(SPECS[task], data.draw(edits_of(SPECS[task])), tmp_path)


@pytest.fixture(scope="module")
def nuproducts(
    heasoft: Here, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TaskSpec, Callable[[TaskCall], str]]:
    """What the task accepts, and what it prints for a call: it stops at the missing region file."""
    found = Installation.find(heasoft.environ)
    assert found is not None
    folder = tmp_path_factory.mktemp("nuproducts")
    par = found.par_file("nuproducts")
    (folder / par.name).write_bytes(par.read_bytes())
    program = found.executable("nuproducts")
    environ: dict[str, Any] = {
        **found.environment, "PFILES": f"{folder};{par.parent}",
        "HEADASNOQUERY": "", "HEADASPROMPT": "/dev/null",
    }  # fmt: skip

    def printed(call: TaskCall) -> str:
        words = [f"{name}={as_text(value)}" for name, value in call.params]
        done = subprocess.run(
            [str(program), *words], env=environ, cwd=folder, capture_output=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout.decode(errors="replace")

    return found.spec("nuproducts"), printed


@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nuproducts_itself_aborts_on_no_parameter(
    data: st.DataObject, nuproducts: tuple[TaskSpec, Callable[[TaskCall], str]], tmp_path: Path
) -> None:
    spec, printed = nuproducts
    call = call_after(spec, data.draw(edits_of(spec)), tmp_path)
    if call is not None:
        text = printed(call)
        assert [words for words in REFUSALS if words in text] == [], text


def test_the_task_of_these_tests_does_abort_on_what_does_not_apply(
    nuproducts: tuple[TaskSpec, Callable[[TaskCall], str]], tmp_path: Path
) -> None:
    _, printed = nuproducts
    call = now(session(tmp_path)).of("nuproducts", "FPMA")
    assert call is not None
    wrong = TaskCall(task="nuproducts", params=(*call.params, ("srcradius", 30)))
    assert REFUSALS[0] in printed(wrong)
