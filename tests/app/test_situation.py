"""How an analysis stands is told from a session, the plan and the queue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nustar_widgets.app.situation import Data, data_of, jobs_now
from nustar_widgets.jobs.estimate import TimeEstimate
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.outlook import Outlook, Step
from nustar_widgets.jobs.plan import NOT_MADE, PlannedJob
from nustar_widgets.jobs.record import JobSpec, JobState, Progress
from nustar_widgets.processes import ProcessId
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.session.values import ModuleInputs, SpectrumInput

EVENTS = ModuleInputs(module="FPMA", events="A.evt")


def planned(task: str, module: str, *, needs: tuple[int, ...] = ()) -> PlannedJob:
    call = TaskCall(task=task, params=(("instrument", module),))
    return PlannedJob(
        call=call, engine="embedded", folder=Path("/nowhere"), needs=needs, why=NOT_MADE
    )


PLAN = (
    planned("nuproducts", "FPMA"), planned("nupipeline", "FPMA", needs=(0,)),
    planned("nuproducts", "FPMB"), planned("nupipeline", "FPMB", needs=(2,)),
)  # fmt: skip
FRESH = tuple(
    Step(planned=job, why="nuproducts is to be run" if job.needs else NOT_MADE) for job in PLAN
)


def job_of(job: PlannedJob, state: JobState, reason: str = "") -> Job:
    spec = JobSpec(
        id=f"{job.call.task}-{state}", label="", call=job.call, engine=job.engine,
        folder=str(job.folder), scratch="", created=0.0, owner=ProcessId.own(),
    )  # fmt: skip
    return Job(id=spec.id, spec=spec, state=state, progress=Progress(), reason=reason)


def lasting(seconds: float) -> TimeEstimate:
    return TimeEstimate(low_s=seconds, high_s=seconds, n_runs=1)


@pytest.mark.parametrize(
    ("session", "data"),
    [
        (Session(), Data.NONE),
        (Session(obsid="60001110002"), Data.CHOSEN),
        (Session(inputs=(replace(EVENTS, events=""),)), Data.RAW),
        (Session(inputs=(EVENTS,)), Data.EVENTS),
        (Session(inputs=(EVENTS,), spectra=(SpectrumInput(pha="a.pha"),)), Data.SPECTRA),
    ],
)
def test_what_there_is_to_work_on_is_told_from_the_session(session: Session, data: Data) -> None:
    assert data_of(session) is data


def test_a_plan_nothing_of_which_was_made_runs_for_the_first_time() -> None:
    now = jobs_now(Outlook(steps=FRESH), ())
    assert (now.n_to_run, now.is_made, now.is_current) == (4, False, False)


def test_what_was_made_from_other_choices_is_made_again_with_the_reason() -> None:
    stale = replace(FRESH[0], why="binsize was 100, is now 256")
    now = jobs_now(Outlook(steps=(stale, *FRESH[1:])), ())
    assert (now.is_made, now.why) == (True, "binsize was 100, is now 256")


def test_products_that_are_all_there_are_current() -> None:
    now = jobs_now(Outlook(steps=tuple(replace(step, why=None) for step in FRESH)), ())
    assert now.is_current
    assert now.n_to_run == 0


def test_the_step_that_runs_is_named_before_one_that_waits() -> None:
    waiting = replace(FRESH[0], job=job_of(PLAN[0], JobState.WAITING))
    running = replace(FRESH[2], job=job_of(PLAN[2], JobState.RUNNING))
    steps = (waiting, replace(FRESH[1], why=None), running)
    assert jobs_now(Outlook(steps=steps), ()).running == "nuproducts FPMB (1 of 3 steps done)"


def test_a_step_that_failed_is_told_with_its_reason_until_it_is_tried_again() -> None:
    failed = job_of(PLAN[0], JobState.FAILED, "no CALDB")
    assert jobs_now(Outlook(steps=FRESH), (failed,)).failed == "nuproducts FPMA: no CALDB"
    again = replace(job_of(PLAN[0], JobState.CANCELLED), id="later")
    assert jobs_now(Outlook(steps=FRESH), (failed, again)).failed == ""


def test_steps_of_both_modules_are_taken_to_run_side_by_side() -> None:
    steps = tuple(replace(step, time=lasting(20.0)) for step in FRESH)
    assert jobs_now(Outlook(steps=steps), ()).time == "about 40 s"


def test_nothing_is_said_of_the_time_where_one_step_has_no_estimate() -> None:
    steps = (replace(FRESH[0], time=lasting(20.0)), *FRESH[1:])
    assert jobs_now(Outlook(steps=steps), ()).time == ""
