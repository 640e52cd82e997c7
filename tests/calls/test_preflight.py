from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.calls.current import TaskHere
from nustar_widgets.calls.preflight import Check, Level, Remedy, preflight
from nustar_widgets.engines.parfile import read_par_file
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.events.regionlint import Finding
from nustar_widgets.events.regions import SkyEllipse, SkyRegion
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import GroupingChoice, ModuleRegions, Regions
from tests.calls.observed import CIRCLE, here_with, now, session
from tests.standins.here import Here

ELLIPSE = SkyRegion(
    (SkyEllipse(ra_deg=187.3, dec_deg=-36.5, semi_x_arcsec=60.0, semi_y_arcsec=40.0),)
)


@pytest.fixture
def specs(standin: Here) -> tuple[TaskSpec, ...]:
    """What the stand-ins of HEASoft's tasks accept."""
    names = ("nupipeline", "nuproducts", "ftgrouppha")
    return tuple(read_par_file(standin.headas / "syspfiles" / f"{name}.par") for name in names)


@pytest.fixture
def observation(tmp_path: Path) -> Path:
    """A folder in which the files a session names are there."""
    for name in ("A01_cl.evt", "B01_cl.evt"):
        (tmp_path / "event_cl").mkdir(exist_ok=True)
        (tmp_path / "event_cl" / f"nu60001110002{name}").touch()
    for name in ("A_fpm.hk", "B_fpm.hk"):
        (tmp_path / "hk").mkdir(exist_ok=True)
        (tmp_path / "hk" / f"nu60001110002{name}").touch()
    return tmp_path


def checks(
    chosen: Session, here: dict[str, TaskHere] | None = None, **named: Any
) -> tuple[Check, ...]:
    here = here or here_with()
    return preflight(chosen, here=here, now=now(chosen, here), **{"findings": None, **named})


def stops(chosen: Session, here: dict[str, TaskHere] | None = None, **named: Any) -> list[str]:
    return [check.text for check in checks(chosen, here, **named) if check.level is Level.STOP]


def mended(chosen: Session, remedy: Remedy) -> Session:
    chosen.edit(remedy.label, **remedy.changes)
    return chosen


def test_where_all_is_there_nothing_stops(observation: Path, specs: tuple[TaskSpec, ...]) -> None:
    assert stops(session(observation)) == []
    assert stops(session(observation), here_with(specs[1])) == []


def test_a_choice_that_is_missing_is_named(tmp_path: Path) -> None:
    assert stops(session(tmp_path, regions=Regions())) == [
        "FPMA: no source region; draw one or take the suggestion"
    ]


def test_a_task_nobody_has_can_be_left_out(observation: Path) -> None:
    chosen = session(observation, pipeline=())
    (check,) = [check for check in checks(chosen) if check.level is Level.STOP]
    assert check.text == "nupipeline: needs HEASoft"
    (remedy,) = check.remedies
    assert remedy.label == "use the events as they are"
    assert stops(mended(chosen, remedy)) == []


def test_without_events_nupipeline_cannot_be_left_out(observation: Path) -> None:
    chosen = session(observation, pipeline=())
    raw = tuple(replace(item, events="") for item in chosen.inputs)
    chosen.edit("raw", inputs=raw)
    assert [check.remedies for check in checks(chosen) if check.task == "nupipeline"] == [()]


def test_an_ellipse_is_mended_with_one_click(
    observation: Path, specs: tuple[TaskSpec, ...]
) -> None:
    regions = ModuleRegions(source=ELLIPSE, background=SkyRegion((CIRCLE,)))
    chosen = session(observation, regions=Regions(fpma=regions, fpmb=regions))
    (first,) = [check for check in checks(chosen, here_with(specs[1])) if check.remedies]
    assert first.level is Level.STOP
    assert first.text.startswith("FPMA, FPMB: numkarf corrects for ghost rays only in a circle")
    (remedy,) = first.remedies
    assert remedy.label == "set grflag=no"
    assert stops(mended(chosen, remedy), here_with(specs[1])) == []


def test_findings_on_the_event_list_take_the_place_of_plain_rules(observation: Path) -> None:
    finding = Finding("outside", "Source: it lies outside the field", "note")
    found = {"FPMA": (finding,), "FPMB": ()}
    notes = [check.text for check in checks(session(observation), findings=found)]
    assert "FPMA: Source: it lies outside the field" in notes


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    events = tmp_path / "event_cl" / "nu60001110002A01_cl.evt"
    assert f"nuproducts infile: there is no {events}; choose another" in stops(session(tmp_path))


def test_what_earlier_steps_make_need_not_be_there(
    observation: Path, specs: tuple[TaskSpec, ...]
) -> None:
    assert stops(session(observation, pipeline=()), here_with(*specs)) == []


def test_a_wrong_value_is_named_with_its_task(observation: Path) -> None:
    (check,) = [
        check
        for check in checks(session(observation, products=(("percent", 7),)))
        if check.level is Level.STOP
    ]
    assert check.text == "nuproducts percent: 7: expected 0 to 1"
    assert (check.task, check.parameter) == ("nuproducts", "percent")


def test_optimal_binning_needs_a_response(observation: Path, specs: tuple[TaskSpec, ...]) -> None:
    chosen = session(
        observation, grouping=GroupingChoice(grouptype="opt"), products=(("runmkrmf", False),)
    )
    here = here_with(specs[1], specs[2])
    found = [check for check in checks(chosen, here) if check.level is Level.STOP]
    assert found[0].text == "FPMA, FPMB: grouptype=opt reads the response (RMF), which is not made"
    made, by_counts = found[0].remedies
    assert (made.label, by_counts.label) == (
        "set runmkarf=yes, runmkrmf=yes",
        "set grouptype=min, groupscale=25",
    )
    other = Session(**chosen.snapshot())
    assert stops(mended(chosen, made), here) == []
    assert stops(mended(other, by_counts), here) == []


def test_a_spectrum_that_is_not_made_cannot_be_grouped(observation: Path) -> None:
    chosen = session(observation, products=(("phafile", "NONE"),))
    found = [check for check in checks(chosen) if check.level is Level.STOP]
    assert found[0].text == "phafile=NONE makes no spectrum to group"
    assert [remedy.label for remedy in found[0].remedies] == [
        "set phafile=DEFAULT",
        "do not group",
    ]


def test_the_embedded_engine_says_that_it_makes_no_responses(observation: Path) -> None:
    notes = [check.text for check in checks(session(observation)) if check.level is Level.NOTE]
    assert notes[0].startswith("FPMA, FPMB: the embedded engine makes no ARF and RMF, which need")


def test_products_in_the_way_are_replaced_with_one_click(
    observation: Path, specs: tuple[TaskSpec, ...]
) -> None:
    chosen = session(observation, layout="tutorial", modules=("FPMA",))
    there = observation / "work" / "60001110002_p" / "spec"
    there.mkdir(parents=True)
    (there / "nu60001110002A01_sr.pha").touch()
    here = here_with(specs[1])
    (check,) = [check for check in checks(chosen, here) if check.level is Level.STOP]
    assert check.text == f"nuproducts: {there} holds products already, which clobber=no keeps"
    assert stops(mended(chosen, check.remedies[0]), here) == []


def test_a_folder_heasoft_cannot_read_is_noted(
    observation: Path, specs: tuple[TaskSpec, ...]
) -> None:
    chosen = session(observation, work_dir=str(observation / "with a space"))
    (check,) = checks(chosen, here_with(specs[1]))
    assert check.level is Level.NOTE
    assert "too long for HEASoft, or not plain letters. Jobs run in a short folder" in check.text


def test_what_keeps_an_engine_from_a_task_stops(
    observation: Path, specs: tuple[TaskSpec, ...]
) -> None:
    here = here_with(specs[1])
    here["nuproducts"] = replace(here["nuproducts"], problem="CALDB is not set")
    assert stops(session(observation), here) == ["nuproducts: CALDB is not set"]


def test_what_only_heasofts_corrections_refuse_is_a_note_without_them(observation: Path) -> None:
    regions = ModuleRegions(source=ELLIPSE, background=SkyRegion((CIRCLE,)))
    chosen = session(observation, regions=Regions(fpma=regions, fpmb=regions))
    assert stops(chosen) == []
    texts = [check.text for check in checks(chosen)]
    assert any(text.startswith("FPMA, FPMB: With HEASoft: numkarf corrects") for text in texts)
