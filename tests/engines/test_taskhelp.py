"""Our own words beside the tasks' parameters: complete, well formed, about what there is."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines import taskhelp
from nustar_widgets.engines.taskhelp import GROUPS, help_for
from nustar_widgets.engines.taskspec import Condition, Parameter, TaskSpec
from nustar_widgets.spectra.grouping import GROUPTYPES
from tests.standins import headas

TASKS = ("nuproducts", "nupipeline", "ftgrouppha")
NEWER = {"inobebhkfile", "write_baryevtfile"}  # in NuSTARDAS after 6.20, where the tables are from
KEYS = {"about", "parameters"}
PARAMETER_KEYS = {"group", "help", "unit", "role", "first", "applies", "quoted", "choices"}


def every_parameter() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for task in TASKS:
        for name, known in help_for(task).parameters.items():
            yield task, name, known


def deciding(known: dict[str, Any]) -> list[tuple[str, str]]:
    applies = known.get("applies", {})
    groups = applies if isinstance(applies, list) else [applies]
    return [pair for group in groups for pair in group.items()]


def bare(task: str, *names: str) -> TaskSpec:
    parameters = tuple(Parameter(name=name, prompt=f"The {name}") for name in names)
    return TaskSpec(task=task, parameters=parameters, source="a test")


def test_the_file_holds_the_three_tasks_and_no_key_nobody_reads() -> None:
    path = Path(taskhelp.__file__).with_name("taskhelp.toml")
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(read) == set(TASKS)
    assert all(set(known) == KEYS for known in read.values())
    assert {task: len(known["parameters"]) for task, known in read.items()} == {
        task: len(help_for(task).parameters) for task in TASKS
    }


def test_only_known_keys_groups_and_roles_are_used() -> None:
    seen = 0
    for task, name, known in every_parameter():
        seen += 1
        assert set(known) <= PARAMETER_KEYS, (task, name)
        assert known["group"] in GROUPS[:-1], (task, name)
        assert known.get("role", "input") in ("input", "output"), (task, name)
        assert known.get("first", True) is True, (task, name)
        assert known.get("quoted", True) is True, (task, name)
        assert known.get("unit", "s").strip() != "", (task, name)
    assert seen > 250


def test_every_help_is_a_sentence() -> None:
    for task, name, known in every_parameter():
        text = known["help"]
        assert text.strip(), (task, name)
        assert text == " ".join(text.split()), (task, name)
        assert text.endswith("."), (task, name)
    for task in TASKS:
        about = help_for(task).about
        assert about.endswith("."), task
        assert about == " ".join(about.split()), task


def test_every_condition_is_on_a_parameter_of_the_same_task_and_not_on_itself() -> None:
    conditions = 0
    for task, name, known in every_parameter():
        for other, text in deciding(known):
            conditions += 1
            assert other in help_for(task).parameters, (task, name)
            assert other != name, (task, name)
            assert all(Condition.from_text(other, text).values), (task, name)
    assert conditions > 100


def test_every_group_but_the_last_is_used() -> None:
    assert {known["group"] for _, _, known in every_parameter()} == set(GROUPS[:-1])


@pytest.mark.parametrize("task", TASKS)
def test_some_parameters_matter_first_and_not_too_many(task: str) -> None:
    first = [name for name, known in help_for(task).parameters.items() if known.get("first")]
    assert 3 <= len(first) <= 15
    assert {"indir", "infile"} & set(first)


@pytest.mark.parametrize("task", TASKS)
def test_every_parameter_we_explain_is_one_of_the_task(shared: Path, task: str) -> None:
    there = {item["name"] for item in headas.reference(shared)[task]}
    assert set(help_for(task).parameters) - there <= NEWER
    assert len(there & set(help_for(task).parameters)) > 10


@pytest.mark.parametrize("task", TASKS)
def test_every_condition_compares_with_a_value_the_deciding_parameter_can_have(
    shared: Path, task: str
) -> None:
    there = {item["name"]: item for item in headas.reference(shared)[task]}
    compared = 0
    for name, known in help_for(task).parameters.items():
        for other, text in deciding(known):
            kind = there[other]["type"]
            for value in Condition.from_text(other, text).values:
                compared += 1
                if kind == "b":
                    assert value in ("yes", "no"), (name, other)
                elif kind == "i":
                    low, high = int(there[other]["min"]), int(there[other]["max"])
                    assert low <= int(value) <= high, (name, other)
                elif "enum" in there[other]:
                    assert value in there[other]["enum"], (name, other)
    assert compared


def test_what_we_know_is_put_beside_what_the_task_says() -> None:
    made = help_for("nuproducts").added_to(bare("nuproducts", "srcra", "binsize"))
    srcra, binsize = made.parameters
    assert srcra.help == "Right ascension of the source circle's centre."
    assert (srcra.prompt, srcra.group) == ("The srcra", "regions")
    assert srcra.conditions == ((Condition(parameter="srcregionfile", values=("DEFAULT",)),),)
    assert (binsize.unit, binsize.first, binsize.conditions) == ("s", True, ())
    assert made.about.startswith("Extracts spectra, light curves, an image")


def test_alternatives_become_groups() -> None:
    made = help_for("nupipeline").added_to(bare("nupipeline", "inmastaspectfile"))
    assert len(made.parameters[0].conditions) == 2


def test_a_parameter_never_heard_of_still_shows_with_its_prompt_in_the_last_group() -> None:
    (made,) = help_for("nuproducts").added_to(bare("nuproducts", "brandnew")).parameters
    assert (made.name, made.prompt, made.group, made.help) == (
        "brandnew",
        "The brandnew",
        "other",
        "",
    )
    assert (made.conditions, made.first, made.quoted) == ((), False, False)


def test_a_role_the_task_itself_told_stays_where_we_have_no_word_for_it() -> None:
    known = TaskSpec(
        task="numkarf",
        parameters=(Parameter(name="outfile", role="output"),),
        source="a test",
    )
    assert help_for("numkarf").added_to(known).parameters[0].role == "output"


def test_a_task_never_heard_of_has_parameters_and_no_words() -> None:
    made = help_for("fkeyprint").added_to(bare("fkeyprint", "infile"))
    assert (made.about, made.parameters[0].group) == ("", "other")


@pytest.mark.parametrize(
    ("task", "joins"),
    [("nuproducts", True), ("nupipeline", True), ("numkarf", True), ("ftgrouppha", False)],
)
def test_only_tasks_of_nustardas_are_said_to_join_values_unquoted(task: str, joins: bool) -> None:
    assert help_for(task).added_to(bare(task, "x")).joins_unquoted is joins


def test_only_screening_expressions_are_said_to_be_quoted_by_the_task() -> None:
    quoted = {name for _, name, known in every_parameter() if known.get("quoted")}
    assert "statusexpr" in quoted
    assert all("expr" in name for name in quoted)


def test_the_rules_of_grouping_are_listed_where_the_par_file_lists_none(shared: Path) -> None:
    assert tuple(help_for("ftgrouppha").parameters["grouptype"]["choices"]) == GROUPTYPES
    text = (shared / "reference" / "parameters.json").read_text(encoding="utf-8")
    assert set(GROUPTYPES) == set(json.loads(text)["ftgrouppha"]["grouptypes"])
