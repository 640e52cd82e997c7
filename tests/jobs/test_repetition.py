"""Retry from the failed step, on random graphs of jobs and beside a plain model."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import JobError
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.record import JobSpec, JobState, Progress
from nustar_widgets.jobs.repetition import from_failed, repeated
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.processes import ProcessId
from tests.jobs.conftest import standin_call

OWNER = ProcessId(pid=1, started=0.0, host="here", boot="")
BAD = [JobState.FAILED, JobState.DIED, JobState.CANCELLED, JobState.NOT_STARTED]


def job(number: int, state: JobState, after: list[int]) -> Job:
    spec = JobSpec(
        id=str(number), label=f"job {number}", call=standin_call(value=str(number)),
        engine="heasoft", folder=f"/w/{number}", scratch="", created=0.0, owner=OWNER,
        after=tuple(map(str, after)),
    )  # fmt: skip
    return Job(id=spec.id, spec=spec, state=state, progress=Progress())


@st.composite
def queues(draw: st.DrawFn) -> dict[str, Job]:
    """Jobs as a queue leaves them: skipped where one that they need went wrong."""
    jobs: dict[str, Job] = {}
    for number in range(draw(st.integers(1, 12))):
        earlier = st.integers(0, max(number - 1, 0))
        after = draw(st.lists(earlier, max_size=min(number, 3), unique=True))
        states = {jobs[str(name)].state for name in after}
        if states <= {JobState.DONE}:
            chosen = draw(st.sampled_from([JobState.DONE, JobState.DONE, *BAD, JobState.RUNNING]))
        elif all(state.is_over for state in states):
            chosen = draw(st.sampled_from([JobState.SKIPPED, JobState.CANCELLED]))
        else:
            chosen = JobState.WAITING
        jobs[str(number)] = job(number, chosen, after)
    return jobs


def run_all(jobs: dict[str, Job], specs: tuple[JobSpec, ...]) -> dict[str, bool]:
    """Run what is in the queue, every task well; tell of each whether it was run."""
    done = {name: found.state is JobState.DONE for name, found in jobs.items()}
    for name, found in jobs.items():
        if not found.state.is_over:
            done[name] = all(done[other] for other in found.spec.after)
    for spec in specs:
        done[spec.id] = all(done[other] for other in spec.after)
    return done


@given(queues(), st.data())
def test_all_that_waited_in_vain_is_made_and_nothing_twice(
    jobs: dict[str, Job], data: st.DataObject
) -> None:
    over = [name for name, found in jobs.items() if found.state.is_over]
    if not over:
        return
    chosen = data.draw(st.sampled_from(over))
    names = from_failed(jobs, chosen)
    specs = repeated(jobs, names, owner=OWNER)

    wrong = {n for n, found in jobs.items() if found.state.is_over} - {
        n for n, found in jobs.items() if found.state is JobState.DONE
    }
    assert chosen in names
    assert set(names) - {chosen} <= wrong  # what ended well is not run again
    builds_on = {chosen}
    for name, found in jobs.items():  # the model: follow every arrow, one job after another
        if name in wrong and builds_on & set(found.spec.after):
            builds_on.add(name)
    assert builds_on <= set(names)
    assert len({spec.call for spec in specs}) == len(specs) == len(names)
    assert not {spec.id for spec in specs} & set(jobs)
    done = run_all(jobs, specs)
    for name, spec in zip(names, specs, strict=True):
        waits_for_ever = any(other in jobs and jobs[other].state.is_over for other in spec.after)
        assert not waits_for_ever
        assert done[spec.id] or any(not done[other] for other in spec.after)
        kept = [jobs[other].spec.call for other in jobs[name].spec.after
                if other in names or jobs[other].state is not JobState.DONE]  # fmt: skip
        new = {item.id: item.call for item in specs} | {n: f.spec.call for n, f in jobs.items()}
        assert [new[other] for other in spec.after] == kept


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Runner]:
    """A queue that starts nothing."""
    made = Runner(tmp_path / "work", limit=0)
    yield made
    made.close()


def until(runner: Runner, job_id: str, state: JobState) -> None:
    while runner.job(job_id).state is not state:
        time.sleep(0.01)


def test_a_failed_step_and_what_was_skipped_for_it_are_run_again(runner: Runner) -> None:
    def submit(name: str, how: str, *after: str) -> str:
        place = runner.work_dir / name
        return runner.submit(standin_call(how=how, value=name), folder=place, after=after)

    good = submit("good", "well")
    bad = submit("bad", "fail", good)
    child = submit("child", "well", bad)
    grandchild = submit("grandchild", "well", child, good)
    runner.wait(timeout_s=60)
    assert runner.job(grandchild).state is JobState.SKIPPED
    ids = runner.retry_from(bad)
    new = [runner.job(name) for name in ids]
    assert [found.spec.call.get("value") for found in new] == ["bad", "child", "grandchild"]
    assert [found.spec.after for found in new] == [(), (ids[0],), (ids[1],)]
    over = runner.wait(*ids, timeout_s=60)
    assert [found.state for found in over] == [
        JobState.FAILED,
        JobState.SKIPPED,
        JobState.SKIPPED,
    ]


def test_beginning_with_a_skipped_job_begins_with_what_it_was_skipped_for(runner: Runner) -> None:
    bad = runner.submit(standin_call(how="fail"), folder=runner.work_dir / "bad")
    skipped = runner.submit(standin_call(), folder=runner.work_dir / "next", after=[bad])
    runner.wait(timeout_s=60)
    ids = runner.retry_from(skipped)
    assert [runner.job(name).spec.folder[-4:] for name in ids] == ["/bad", "next"]


def test_only_what_is_over_is_begun_with(queue: Runner) -> None:
    waiting = queue.submit(standin_call(), folder=queue.work_dir / "a")
    with pytest.raises(JobError, match="is waiting: only a job that is over can be retried"):
        queue.retry_from(waiting)
    with pytest.raises(JobError, match="no such job"):
        queue.retry_from("nobody")
    queue.cancel(waiting)
    until(queue, waiting, JobState.CANCELLED)
    assert len(queue.retry_from(waiting)) == 1
    queue.cancel_all()
