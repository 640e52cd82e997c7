"""The queue: what is run, when, how it ends, what is said of it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.errors import JobError
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.session.taskcall import TaskCall
from tests.jobs.conftest import left_lying, left_running, report_of, standin_call
from tests.standins.here import Here


def submit(runner: Runner, name: str = "job", **more: Any) -> str:
    kept = {key: more.pop(key) for key in ("after", "label", "engine") if key in more}
    return runner.submit(standin_call(**more), folder=runner.work_dir / name, **kept)


def one(runner: Runner, job_id: str) -> Job:
    (job,) = runner.wait(job_id, timeout_s=60)
    return job


def until_running(runner: Runner, job_id: str) -> Job:
    """Wait until the task itself runs, not only its worker."""
    while not runner.job(job_id).progress.steps:
        assert not runner.job(job_id).state.is_over
        time.sleep(0.01)
    return runner.job(job_id)


def test_a_job_makes_its_product_and_keeps_log_and_provenance_beside_it(runner: Runner) -> None:
    job = one(runner, submit(runner, value="7"))
    assert (job.state, job.reason) == (JobState.DONE, "")
    assert sorted(path.name for path in (runner.work_dir / "job").iterdir()) == [
        "out.json",
        "standin_out.log",
        "standin_out_provenance.json",
    ]
    assert report_of(job)["value"] == "7"
    assert "Exit with success" in (runner.work_dir / "job" / "standin_out.log").read_text()
    assert [step.name for step in job.progress.steps] == ["first", "second"]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("fail", "standin: the flux capacitor is empty while first ran"),
        ("nothing", "standin: no file was written (out.json)"),
        ("empty", "standin: out.json is empty"),
        ("crash", "standin: ended by signal 11 (SIGSEGV) while first ran"),
    ],
)
def test_a_job_that_goes_wrong_says_why_first_and_leaves_nothing(
    runner: Runner, how: str, reason: str
) -> None:
    job = one(runner, submit(runner, how=how))
    assert (job.state, job.reason) == (JobState.FAILED, reason)
    assert not (runner.work_dir / "job").exists()
    assert left_lying((job,)) == []
    assert runner.log(job.id).tail(1)[0].endswith(f"failed: {reason}")


def test_a_call_the_task_would_not_take_fails_with_the_parameter_named(runner: Runner) -> None:
    job = one(runner, submit(runner, valeu="7"))
    assert job.reason == "valeu: standin has no such parameter; did you mean value?"


def test_what_is_not_utf8_and_a_question_do_no_harm(runner: Runner) -> None:
    job = one(runner, submit(runner, "a", how="latin1"))
    assert any("M\N{REPLACEMENT CHARACTER}ller" in line for line in runner.log(job.id).tail())
    job = one(runner, submit(runner, "b", how="question"))
    assert "answer: ''" in runner.log(job.id).tail()


def test_litter_and_what_a_task_leaves_running_go_with_the_working_folder(runner: Runner) -> None:
    litter, orphan = (
        one(runner, submit(runner, "a", how="litter")),
        submit(runner, "b", how="orphan"),
    )
    names = {path.name for path in (runner.work_dir / "a").iterdir()}
    assert names == {"out.json", "standin_out.log", "standin_out_provenance.json"}
    jobs = (litter, one(runner, orphan))
    assert left_running(jobs, runner.work_dir) == []
    assert left_lying(jobs) == []


def test_a_job_waits_for_what_it_needs(runner: Runner) -> None:
    first = submit(runner, "a", seconds=0.3)
    second = submit(runner, "b", after=[first])
    one(runner, second)
    before, after = runner.job(first), runner.job(second)
    assert before.ended is not None
    assert after.began is not None
    assert after.began >= before.ended


def test_a_job_whose_need_failed_is_skipped_and_says_so_down_the_chain(runner: Runner) -> None:
    first = submit(runner, "a", how="fail", label="the first")
    second = submit(runner, "b", after=[first], label="the second")
    third = submit(runner, "c", after=[second])
    jobs = runner.wait(second, third, timeout_s=60)
    assert [job.state for job in jobs] == [JobState.SKIPPED] * 2
    assert [job.reason for job in jobs] == [
        "it needs the first, which failed",
        "it needs the second, which was skipped",
    ]


def test_no_more_jobs_run_at_once_than_the_limit(on_standin: Here, tmp_path: Path) -> None:
    runner = Runner(tmp_path / "work", limit=2)
    most = 0

    def look(change: Any) -> None:
        nonlocal most
        most = max(most, sum(job.state is JobState.RUNNING for job in change["new"]))

    runner.observe(look, "jobs")
    for number in range(7):
        submit(runner, str(number), seconds=0.1)
    assert {job.state for job in runner.wait(timeout_s=60)} == {JobState.DONE}
    runner.close()
    assert most == 2


def test_observers_are_told_of_every_change_and_may_ask_back(runner: Runner) -> None:
    seen: list[JobState] = []

    def look(change: Any) -> None:
        seen.extend(runner.job(job.id).state for job in change["new"])

    runner.observe(look, "jobs")
    one(runner, submit(runner))
    while JobState.DONE not in seen:
        time.sleep(0.01)
    assert JobState.RUNNING in seen


def test_an_observer_that_fails_does_not_stop_the_queue(
    runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(change: Any) -> None:
        if any(job.state is JobState.RUNNING for job in change["new"]):
            raise ValueError("a panel's mistake")

    runner.observe(fail, "jobs")
    assert one(runner, submit(runner)).state is JobState.DONE
    assert "a panel's mistake" in caplog.text


def test_a_worker_that_cannot_be_started_is_a_job_that_failed(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(*_: Any) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(runner._workers, "start", no_more)
    job = one(runner, submit(runner))
    assert job.state is JobState.FAILED
    assert job.reason == "its process could not be started (Resource temporarily unavailable)"


@pytest.mark.parametrize("how", ["hang", "stubborn"])
def test_a_cancelled_job_ends_with_all_it_started_and_leaves_nothing(
    runner: Runner, how: str
) -> None:
    job_id = submit(runner, how=how)
    until_running(runner, job_id)
    runner.cancel(job_id)
    job = one(runner, job_id)
    assert (job.state, job.reason) == (JobState.CANCELLED, "stopped on request")
    assert left_running((job,), runner.work_dir) == []
    assert left_lying((job,)) == []
    assert not (runner.work_dir / "job").exists()


def test_a_waiting_job_can_be_cancelled_and_never_starts(runner: Runner) -> None:
    first = submit(runner, "a", how="hang")
    second = submit(runner, "b", after=[first])
    third = submit(runner, "c", after=[second])
    runner.cancel(second)
    assert one(runner, second).state is JobState.CANCELLED
    assert one(runner, third).reason.endswith("which was cancelled")
    assert runner.job(second).began is None


def test_cancelling_what_is_over_changes_nothing(runner: Runner) -> None:
    job = one(runner, submit(runner))
    runner.cancel(job.id)
    assert runner.job(job.id).state is JobState.DONE


def test_a_failed_job_can_be_tried_again_as_a_new_one(runner: Runner) -> None:
    needed = submit(runner, "a")
    failed = one(runner, submit(runner, "b", how="fail", after=[needed]))
    again = runner.retry(failed.id)
    assert again != failed.id
    assert one(runner, again).reason == failed.reason
    assert runner.job(again).spec.after == ()  # what it needed is done


def test_only_what_is_over_can_be_retried_or_forgotten(runner: Runner) -> None:
    job_id = submit(runner, how="hang")
    until_running(runner, job_id)
    with pytest.raises(JobError, match="is running: only a job that is over can be retried"):
        runner.retry(job_id)
    with pytest.raises(JobError, match="is running: cancel it first"):
        runner.forget(job_id)
    runner.cancel(job_id)
    one(runner, job_id)
    runner.forget(job_id)
    assert runner.jobs == ()
    assert list((runner.work_dir / "jobs").iterdir()) == []


def test_an_unknown_job_is_an_error_that_says_where_was_looked(runner: Runner) -> None:
    for ask in (runner.job, runner.cancel, runner.log, runner.retry, runner.remaining_s):
        with pytest.raises(JobError, match=r"nojob: no such job in .*work"):
            ask("nojob")
    with pytest.raises(JobError, match="nojob"):
        submit(runner, after=["nojob"])


def test_a_closed_queue_takes_no_jobs(on_standin: Here, tmp_path: Path) -> None:
    runner = Runner(tmp_path / "work")
    runner.close()
    with pytest.raises(JobError, match="the queue is closed; make a new Runner"):
        submit(runner)


def test_waiting_has_an_end(runner: Runner) -> None:
    with pytest.raises(TimeoutError, match="jobs not over after"):
        runner.wait(submit(runner, how="hang"), timeout_s=0.01)


def test_how_long_it_takes_is_told_only_from_earlier_runs(runner: Runner) -> None:
    first = submit(runner, "a", seconds=0.5)
    assert runner.remaining_s(first) is None
    one(runner, first)
    assert runner.remaining_s(first) == 0.0
    second = submit(runner, "b", how="hang")
    until_running(runner, second)
    left = runner.remaining_s(second)
    assert left is not None
    assert 0.0 <= left < 5.0


def test_a_job_whose_worker_was_killed_is_found_dead_and_cleared_up(runner: Runner) -> None:
    job_id = submit(runner, how="stubborn")
    until_running(runner, job_id)
    process = runner._records[job_id].process()
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    job = one(runner, job_id)
    assert job.state is JobState.DIED
    assert job.reason.startswith("its process has gone without a word")
    assert left_running((job,), runner.work_dir) == []
    assert left_lying((job,)) == []


def test_jobs_outlive_their_queue_and_are_found_by_the_next(
    on_standin: Here, tmp_path: Path
) -> None:
    first = Runner(tmp_path / "work", limit=4)
    running, failed = submit(first, "a", seconds=0.8), submit(first, "b", how="fail")
    one(first, failed)
    until_running(first, running)
    first.close()
    second = Runner(tmp_path / "work")
    assert [job.id for job in second.jobs] == sorted((running, failed))
    assert second.job(failed).state is JobState.FAILED
    assert second.job(running).state is JobState.RUNNING
    assert one(second, running).state is JobState.DONE
    second.close()


def test_another_queue_neither_starts_nor_loses_what_waits_in_this_one(runner: Runner) -> None:
    first = submit(runner, "a", how="hang")
    waiting = submit(runner, "b", after=[first])
    other = Runner(runner.work_dir)
    assert other.job(waiting).state is JobState.WAITING
    until_running(runner, first)
    other.cancel(waiting)
    assert one(runner, waiting).state is JobState.CANCELLED
    other.close()


def test_the_present_environment_is_used_not_that_of_a_worker_kept_ready(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(runner, submit(runner, "a", seconds=0.2))
    monkeypatch.delenv("HEADAS")
    job = one(runner, submit(runner, "b"))
    assert job.reason.startswith("standin: needs HEASoft, which is not set up here.")


def test_the_embedded_engine_runs_as_a_job_too(runner: Runner, sample: Any) -> None:
    call = TaskCall(
        task="nuproducts",
        params=(
            ("indir", str(sample.path / "event_cl")),
            ("instrument", "FPMB"),
            ("steminputs", "nu00000000001"),
            ("srcregionfile", "nowhere.reg"),
            ("bkgextract", False),
        ),
    )
    job = one(runner, runner.submit(call, folder=runner.work_dir / "b", engine="embedded"))
    assert job.state is JobState.FAILED
    assert "nowhere.reg" in job.reason
    assert [step.name for step in job.progress.steps] == ["FPMB: reading"]


def test_folders_with_any_name_are_used_and_no_shell_sees_them(
    runner: Runner, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    name = f'it\'s; touch {canary.name} $(touch {canary.name}) `touch x` "q" ünïcode -x'
    job = one(runner, submit(runner, f"{name}/{'long' * 40}"))
    assert job.state is JobState.DONE
    assert report_of(job)["cwd"].isascii()
    assert len(report_of(job)["cwd"]) < 85  # real xselect fails from 90 on
    assert list(tmp_path.rglob("canary")) == []
    assert not (runner.work_dir / "x").exists()
