"""The rows of the list of jobs, as the page is sent them: the newest of those that are wanted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.repetition import from_failed
from nustar_widgets.panels.stills.still import Table

PAGE: Final = 200
"""How many are shown at first, and how many more with each click."""

Row = dict[str, Any]

_WRONG: Final = (JobState.FAILED, JobState.DIED, JobState.SKIPPED, JobState.NOT_STARTED)
_MOST_KEPT: Final = 25  # in a saved notebook
_LONGEST: Final = 300  # letters of a reason: the rest stands with the job

WANTED: Final[Mapping[str, Callable[[Job], bool]]] = {
    "all": lambda _: True,
    "running": lambda job: not job.state.is_over,
    "failed": lambda job: job.state in _WRONG,
}
"""What may be shown: all jobs, those that run or wait, those that went wrong."""


def job_rows(
    jobs: Sequence[Job],
    *,
    wanted: str = "all",
    most: int = PAGE,
    chosen: str = "",
    badge: Callable[[Job], str] = lambda _: "",
    remaining_s: Callable[[Job], float | None] = lambda _: None,
) -> dict[str, Any]:
    """Return what the list shows.

    Parameters
    ----------
    jobs
        Every job known, in the order they were asked for.
    wanted
        Which of them, as in `WANTED`.
    most
        How many of the newest.
    chosen
        Id of the one that is looked at.
    badge
        Asked whether what a job made is current, in words.
    remaining_s
        Asked how much longer a job runs [s].
    """
    now = time.time()
    expected = _usual_steps(jobs)
    matching = [job for job in jobs if WANTED[wanted](job)]
    shown = matching[-most:][::-1]
    by_id = {job.id: job for job in jobs}
    rows = [_row(job, expected=expected) for job in shown]
    for row, job in zip(rows, shown, strict=True):
        row |= {"badge": badge(job), "at": now, "waits_for": _waits_for(by_id, job)}
        row["can"] = _actions(by_id, job, in_full=job.id == chosen)
        row["remaining"] = remaining_s(job) if job.state is JobState.RUNNING else None
    counts = {name: sum(map(test, jobs)) for name, test in WANTED.items()}
    counts["over"] = sum(job.state.is_over for job in jobs)
    return {
        "jobs": rows, "counts": counts, "filter": wanted, "older": len(matching) - len(shown),
        "chosen": chosen, "at": now,
    }  # fmt: skip


def jobs_table(jobs: Sequence[Job]) -> Table:
    """Return the newest jobs as plain text, for a saved notebook.

    Parameters
    ----------
    jobs
        Every job known, in the order they were asked for.
    """
    newest = jobs[-_MOST_KEPT:][::-1]
    rows = [(job.spec.label, job.spec.engine, str(job.state), job.reason) for job in newest]
    more = len(jobs) - len(newest)
    return Table(
        head=("job", "by", "state", ""),
        rows=(*rows, *([(f"and {more} older ones",)] if more else [])),
    )


def _row(job: Job, *, expected: Mapping[tuple[str, str], int]) -> Row:
    steps = job.progress.steps
    usual = expected.get((job.spec.call.task, job.spec.engine), 0)
    return {
        "id": job.id,
        "label": job.spec.label,
        "engine": job.spec.engine,
        "state": str(job.state),
        "step": steps[-1].name if steps else "",
        "n_steps": len(steps),
        "expected": job.progress.expected or usual,
        "began": job.began,
        "ended": job.ended if job.began is not None else None,
        "reason": job.reason[:_LONGEST],
    }


def _waits_for(jobs: Mapping[str, Job], job: Job) -> str:
    """Name the jobs that must be done before one that waits."""
    if job.state is not JobState.WAITING:
        return ""
    needed = (jobs[name] for name in job.spec.after if name in jobs)
    return ", ".join(other.spec.label for other in needed if other.state is not JobState.DONE)


def _usual_steps(jobs: Sequence[Job]) -> dict[tuple[str, str], int]:
    """Count the steps of earlier runs by task and engine, for those that do not tell beforehand."""
    found: dict[tuple[str, str], list[int]] = {}
    for job in jobs:
        if job.state is JobState.DONE and job.progress.steps:
            key = (job.spec.call.task, job.spec.engine)
            found.setdefault(key, []).append(len(job.progress.steps))
    return {key: round(statistics.median(numbers)) for key, numbers in found.items()}


def _actions(jobs: Mapping[str, Job], job: Job, *, in_full: bool) -> list[str]:
    """Return what can be done with a job; whether others wait for it takes a look at all."""
    if not job.state.is_over:
        return ["cancel"]
    more = in_full and job.state is not JobState.DONE and len(from_failed(jobs, job.id)) > 1
    return ["retry", *(["retry_from"] if more else []), "forget"]
