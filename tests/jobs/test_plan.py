"""From a session to jobs: folders, order, and only what changed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.errors import SessionError, TaskNotSupported
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.plan import plan, submit
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import GroupingChoice, ModuleInputs, ModuleRegions, Regions
from nustar_widgets.simulate import SimulatedObservation
from tests.standins.here import Here

BARE = tuple((name, False) for name in ("correctlc", "runbackscale", "runmkarf", "runmkrmf"))


def session(sample: SimulatedObservation, work_dir: Path, **changes: Any) -> Session:
    truth = sample.truth.of("FPMA")

    def circle(dec_deg: float) -> SkyRegion:
        return SkyRegion((SkyCircle(truth.ra_deg, dec_deg, 60.0),))

    regions = ModuleRegions(source=circle(truth.dec_deg), background=circle(truth.dec_deg + 0.06))
    values: dict[str, Any] = {
        "obsid": "00000000001",
        "work_dir": str(work_dir),
        "inputs": tuple(
            ModuleInputs(module=module, events=str(sample.event_file(module)))
            for module in ("FPMA", "FPMB")
        ),
        "regions": Regions(fpma=regions, fpmb=regions),
        "products": BARE,
        "grouping": GroupingChoice(grouptype="min", groupscale=20.0),
    }
    return Session(**(values | changes))


@pytest.fixture
def engine(on_standin: Here) -> HeasoftEngine:
    return HeasoftEngine()


def run(runner: Runner, chosen: Session, engine: HeasoftEngine | EmbeddedEngine) -> list[Job]:
    ids = submit(runner, plan(chosen, engine))
    return list(runner.wait(*ids, timeout_s=120)) if ids else []


def test_modules_are_independent_and_grouping_follows_its_spectrum(
    sample: SimulatedObservation, tmp_path: Path, engine: HeasoftEngine
) -> None:
    jobs = plan(session(sample, tmp_path / "w"), engine)
    assert [(job.call.task, job.needs) for job in jobs] == [
        ("nuproducts", ()),
        ("ftgrouppha", (0,)),
        ("nuproducts", ()),
        ("ftgrouppha", (2,)),
    ]
    assert jobs[0].folder == jobs[1].folder
    assert jobs[0].folder != jobs[2].folder
    assert jobs[0].folder.parent == tmp_path / "w" / "00000000001"
    assert [job.why for job in jobs] == [
        "not made yet",
        "nuproducts FPMA is to be run",
        "not made yet",
        "nuproducts FPMB is to be run",
    ]


def test_both_modules_are_made_and_then_nothing_is_left_to_run(
    sample: SimulatedObservation, runner: Runner, engine: HeasoftEngine
) -> None:
    chosen = session(sample, runner.work_dir)
    jobs = run(runner, chosen, engine)
    assert [job.describe().split(",")[:2] for job in jobs] == [
        [name, " done"]
        for name in (
            "nuproducts FPMA", "ftgrouppha nu00000000001A01_sr_grp",
            "nuproducts FPMB", "ftgrouppha nu00000000001B01_sr_grp",
        )
    ]  # fmt: skip
    folder = Path(jobs[0].spec.folder)
    assert {path.name for path in folder.iterdir()} == {
        f"nu00000000001A01{ending}"
        for ending in ("_sr.pha", "_bk.pha", "_sr.lc", "_bk.lc", "_sk.img", "_sr_grp.pha",
                       "_src.reg", "_bkg.reg")
    } | {
        f"{name}{ending}"
        for name in ("nuproducts_FPMA", "ftgrouppha_nu00000000001A01_sr_grp")
        for ending in (".log", "_provenance.json")
    }  # fmt: skip
    assert [job.why for job in plan(chosen, engine)] == [None] * 4
    assert submit(runner, plan(chosen, engine)) == ()


def test_the_official_counts_are_compared_with_the_live_ones(
    sample: SimulatedObservation, runner: Runner, engine: HeasoftEngine
) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    job = run(runner, chosen, engine)[0]
    assert job.result is not None
    assert job.result.comparison is not None
    assert {part["kind"] for part in job.result.comparison["parts"]} >= {
        "source spectrum",
        "source light curve",
        "image",
    }
    assert "equal to the live extraction" in "\n".join(runner.log(job.id).tail())


def test_only_what_changed_is_run_again(
    sample: SimulatedObservation, runner: Runner, engine: HeasoftEngine
) -> None:
    chosen = session(sample, runner.work_dir)
    run(runner, chosen, engine)
    chosen.edit("coarser groups", grouping=GroupingChoice(grouptype="min", groupscale=50.0))
    assert [job.why for job in plan(chosen, engine)] == [
        None,
        "groupscale was 20, is now 50",
    ] * 2
    regions = chosen.regions
    moved = replace(regions, fpmb=replace(regions.fpmb, background=None), linked=False)
    chosen.edit("no background for FPMB", regions=moved)
    again = plan(chosen, engine)
    assert [job.why is None for job in again] == [True, False, False, False]
    assert {job.state for job in run(runner, chosen, engine)} == {JobState.DONE}
    # What was made with the other regions is still there, and found again.
    chosen.undo()
    assert [job.why is None for job in plan(chosen, engine)] == [True, True, True, False]


def test_products_are_stale_when_their_input_changes(
    sample: SimulatedObservation, runner: Runner, engine: HeasoftEngine, tmp_path: Path
) -> None:
    events = tmp_path / sample.event_file("FPMA").name
    events.write_bytes(sample.event_file("FPMA").read_bytes())
    chosen = session(
        sample,
        runner.work_dir,
        modules=("FPMA",),
        inputs=(ModuleInputs(module="FPMA", events=str(events)),),
    )
    run(runner, chosen, engine)
    assert [job.why for job in plan(chosen, engine)] == [None, None]
    with events.open("ab") as stream:
        stream.write(b"\0" * 2880)
    why = plan(chosen, engine)[0].why
    assert why == f"input {events} has changed"


def test_products_of_one_engine_do_not_stand_for_the_others(
    sample: SimulatedObservation, runner: Runner, engine: HeasoftEngine
) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",), layout="tutorial")
    assert {job.state for job in run(runner, chosen, EmbeddedEngine())} == {JobState.DONE}
    assert [job.why for job in plan(chosen, EmbeddedEngine())] == [None, None]
    why = plan(chosen, engine)[0].why
    assert why is not None
    assert why.startswith("made by nustar_widgets")


def test_the_tutorials_names_hold_both_modules_and_reprocessed_events(
    sample: SimulatedObservation, runner: Runner, engine: HeasoftEngine
) -> None:
    chosen = session(
        sample, runner.work_dir, layout="tutorial", data_dir=str(sample.path), pipeline=()
    )
    jobs = run(runner, chosen, engine)
    assert [job.reason for job in jobs] == [""] * 6
    made = runner.work_dir / "00000000001_p"
    assert {path.name for path in made.iterdir()} == {"event_cl", "lc"}
    assert {path.name for path in (made / "event_cl").glob("*.evt*")} == {
        sample.event_file(module).name for module in ("FPMA", "FPMB")
    }
    for module in "AB":
        assert (made / "lc" / f"nu00000000001{module}01_sr.grp").is_file()
    assert [job.why for job in plan(chosen, engine)] == [None] * 6
    with_response = session(sample, runner.work_dir, layout="tutorial", products=())
    assert plan(with_response, engine)[0].call.get("outdir") == "00000000001_p/spec"


def test_reprocessed_events_are_made_once_for_many_regions(
    sample: SimulatedObservation, runner: Runner, engine: HeasoftEngine
) -> None:
    chosen = session(
        sample, runner.work_dir, modules=("FPMA",), data_dir=str(sample.path), pipeline=()
    )
    jobs = run(runner, chosen, engine)
    assert [job.reason for job in jobs] == [""] * 3
    events = Path(jobs[0].spec.folder, "event_cl", sample.event_file("FPMA").name)
    saved = json.loads(Path(jobs[1].result.provenance or "").read_bytes())  # type: ignore[union-attr]
    assert str(events) in [item["path"] for item in saved["inputs"]]
    assert not os.path.lexists(Path(jobs[1].spec.folder, "event_cl"))  # only linked while it ran
    assert [job.why for job in plan(chosen, engine)] == [None] * 3
    chosen.edit("bin", bin_s=50.0)
    assert [job.why is None for job in plan(chosen, engine)] == [True, False, False]


def test_relative_paths_of_a_session_are_seen_from_its_work_folder(
    sample: SimulatedObservation, engine: HeasoftEngine
) -> None:
    inputs = tuple(
        ModuleInputs(module=module, events=f"event_cl/{sample.event_file(module).name}")
        for module in ("FPMA", "FPMB")
    )
    jobs = plan(session(sample, sample.path, inputs=inputs), engine)
    assert jobs[0].call.get("infile") == str(sample.event_file("FPMA"))


def test_parameters_that_do_not_apply_are_left_out_of_the_call(
    sample: SimulatedObservation, tmp_path: Path, engine: HeasoftEngine
) -> None:
    chosen = session(
        sample, tmp_path, products=(*BARE, ("srcra", "10.0"), ("hkfile", "x.hk"), ("chatter", 5))
    )
    call = plan(chosen, engine)[0].call
    assert [call.get(name) for name in ("srcra", "hkfile", "chatter")] == [None, None, 5]


def test_what_is_missing_or_cannot_be_done_is_said_before_anything_starts(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    with pytest.raises(SessionError, match="FPMA: no source region"):
        plan(session(sample, tmp_path, regions=Regions()), EmbeddedEngine())
    chosen = session(sample, tmp_path, data_dir=str(sample.path), pipeline=())
    with pytest.raises(TaskNotSupported, match="nupipeline: needs HEASoft"):
        plan(chosen, EmbeddedEngine())
