"""Why a step runs, whether what was made holds, and what is in the queue already."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.jobs.outlook import ASKED_FOR, outlook
from nustar_widgets.jobs.plan import plan, submit
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.jobs.standing import standing, why_run
from nustar_widgets.simulate import SimulatedObservation
from tests.jobs.test_plan import session
from tests.standins.here import Here

if TYPE_CHECKING:
    import pytest


def test_a_changed_choice_is_named_though_its_folder_is_another(
    sample: SimulatedObservation, runner: Runner
) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    assert why_run(plan(chosen)[0], runner.jobs) == "not made yet"
    jobs = runner.wait(*submit(runner, plan(chosen)), timeout_s=120)
    now = plan(chosen)
    assert [why_run(step, runner.jobs) for step in now] == [None, None]
    assert [standing(job, now).words() for job in jobs] == ["current", "current"]  # type: ignore[union-attr]
    chosen.edit("bin", bin_s=256.0)
    now = plan(chosen)
    assert [why_run(step, runner.jobs) for step in now] == [
        "binsize was 100, is now 256",
        "nuproducts FPMA is to be run",
    ]
    assert [standing(job, now).words() for job in jobs] == [  # type: ignore[union-attr]
        "stale: binsize was 100, is now 256",
        "stale: nuproducts FPMA is to be run",
    ]
    chosen.undo()
    shutil.rmtree(jobs[0].spec.folder)
    assert why_run(plan(chosen)[0], runner.jobs) == "what it made is gone"
    chosen.edit("the other one", modules=("FPMB",))
    found = standing(jobs[0], plan(chosen))
    assert found is not None
    assert found.why == "no step of the present plan makes it"


def test_new_regions_do_not_run_nupipeline_again_and_say_so(
    sample: SimulatedObservation, runner: Runner
) -> None:
    chosen = session(
        sample,
        runner.work_dir,
        modules=("FPMA",),
        data_dir=str(sample.path),
        pipeline=(),
        engine="heasoft",
    )
    runner.wait(*submit(runner, plan(chosen)), timeout_s=120)
    truth = sample.truth.of("FPMA")
    source = SkyRegion((SkyCircle(truth.ra_deg, truth.dec_deg, 45.0),))
    regions = replace(chosen.regions, fpma=replace(chosen.regions.fpma, source=source))
    chosen.edit("smaller", regions=regions)
    assert [(step.planned.call.task, step.why) for step in outlook(chosen, runner.jobs).steps] == [
        ("nupipeline", None),
        ("nuproducts", "the source region has changed"),
        ("ftgrouppha", "nuproducts FPMA is to be run"),
    ]
    again = outlook(chosen, runner.jobs, everything=True)
    assert again.steps[0].why == ASKED_FOR
    assert again.planned[0].why is None
    assert again.n_to_run == 3


def test_made_by_another_engine_is_said(sample: SimulatedObservation, runner: Runner) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    (job, _) = runner.wait(*submit(runner, plan(chosen, EmbeddedEngine())), timeout_s=120)
    found = standing(job, plan(chosen, "heasoft"))
    assert found is not None
    assert found.words() == "stale: made by the embedded engine, HEASoft is to make it"


def test_what_is_in_the_queue_is_waited_for_and_not_run_twice(
    sample: SimulatedObservation, on_standin: Here, tmp_path: Path
) -> None:
    runner = Runner(tmp_path / "work", limit=0)  # starts nothing
    try:
        chosen = session(
            sample,
            runner.work_dir,
            modules=("FPMA",),
            data_dir=str(sample.path),
            pipeline=(),
            engine="heasoft",
        )
        first = submit(runner, plan(chosen))
        assert submit(runner, plan(chosen)) == first
        seen = outlook(chosen, runner.jobs)
        assert [step.job is not None for step in seen.steps] == [True] * 3
        assert seen.n_to_run == 0
        chosen.edit("bin", bin_s=256.0)
        pipeline, products, grouped = submit(runner, plan(chosen))
        assert pipeline == first[0]
        assert runner.job(products).spec.after == (pipeline,)
        assert runner.job(grouped).spec.after == (products,)
        assert len(runner.jobs) == 5
    finally:
        runner.cancel_all()
        runner.wait(timeout_s=30)
        runner.close()


def test_all_who_ask_for_a_folder_share_its_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = queue_in(tmp_path / "w")
    monkeypatch.chdir(tmp_path)
    try:
        (tmp_path / "link").symlink_to("w")
        assert queue_in("w") is one
        assert queue_in(tmp_path / "x" / ".." / "w") is one
        assert queue_in(tmp_path / "link") is one
        assert queue_in(tmp_path) is not one
    finally:
        queue_in(tmp_path).close()
        one.close()
    another = queue_in(tmp_path / "w")  # one that is closed takes no more jobs
    assert another is not one
    another.close()


def test_a_job_that_made_nothing_is_neither_current_nor_stale(
    sample: SimulatedObservation, runner: Runner
) -> None:
    chosen = session(sample, runner.work_dir, modules=("FPMA",))
    ids = submit(runner, plan(chosen))
    runner.cancel_all()
    (job, _) = runner.wait(*ids, timeout_s=60)
    assert job.state is JobState.CANCELLED
    assert standing(job, plan(chosen)) is None
