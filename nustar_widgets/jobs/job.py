"""A job as it is at one moment, read off its folder."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.engines.base import Product
from nustar_widgets.jobs.record import JobRecord, JobSpec, JobState, Progress, Result
from nustar_widgets.processes import end_session

ENDED = {
    JobState.FAILED: "failed",
    JobState.CANCELLED: "was cancelled",
    JobState.SKIPPED: "was skipped",
    JobState.DIED: "died",
    JobState.NOT_STARTED: "was not started",
}
"""What became of a job that is over and not done, for sentences."""

_REASONS = {
    JobState.CANCELLED: "stopped on request",
    JobState.DIED: "its process has gone without a word: ended from outside, or out of memory",
    JobState.NOT_STARTED: "the kernel it was queued in has gone",
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it is at one moment.

    Attributes
    ----------
    id
        Its name.
    spec
        What is run.
    state
        Where it is.
    progress
        Sub-tasks it has come to.
    began, ended
        When [s since 1970]; ``None`` while it has not.
    reason
        Why it did not end well; empty where it did or has not ended.
    products
        What it made.
    result
        All that is known of its end, or ``None``.
    """

    id: str
    spec: JobSpec
    state: JobState
    progress: Progress
    began: float | None = None
    ended: float | None = None
    reason: str = ""
    products: tuple[Product, ...] = ()
    result: Result | None = None

    @property
    def elapsed_s(self) -> float:
        """How long it has run [s]."""
        if self.began is None:
            return 0.0
        return (time.time() if self.ended is None else self.ended) - self.began

    def describe(self) -> str:
        """Say in one line where it is."""
        words = [self.spec.label, str(self.state)]
        if self.state is JobState.RUNNING and self.progress.steps:
            number = len(self.progress.steps)
            total = f" of {max(number, self.progress.expected)}" if self.progress.expected else ""
            words.append(f"{self.progress.steps[-1].name} ({number}{total})")
        if self.began is not None:
            words.append(f"{self.elapsed_s:.0f} s")
        return ": ".join([", ".join(words), self.reason] if self.reason else [", ".join(words)])


def as_on_disk(record: JobRecord) -> Job:
    """Return the job of a folder that has been made whole."""
    spec, state, result = record.spec(), record.state(), record.result()
    assert spec is not None  # records without one are left out when they are found
    return Job(
        id=spec.id,
        spec=spec,
        state=state,
        progress=record.progress(),
        began=record.began,
        ended=None if result is None else result.ended,
        reason=_REASONS.get(state, "") if result is None else result.reason,
        products=() if result is None else result.products,
        result=result,
    )


def clear_up(record: JobRecord, job: Job) -> None:
    """End what a job without a result has left running, remove what it left lying, and say so."""
    process = record.process()
    if process is None or process.is_elsewhere:
        return
    end_session(process, grace_s=0.0)
    for path in (job.spec.staging, Path(job.spec.scratch)):
        shutil.rmtree(path, ignore_errors=True)
    record.write_result(Result(state=job.state, ended=time.time(), reason=_REASONS[job.state]))
