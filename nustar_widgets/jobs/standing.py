"""How a plan and a queue stand to each other: why a step runs, and whether what was made holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.place import call_label
from nustar_widgets.jobs.plan import NOT_MADE, PlannedJob
from nustar_widgets.jobs.record import JobState
from nustar_widgets.session.provenance import Provenance, why_stale
from nustar_widgets.session.taskcall import TaskCall


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether what a job made is what the session asks for now.

    Attributes
    ----------
    is_current
        Whether it is.
    why
        What differs; empty where nothing does.
    """

    is_current: bool
    why: str = ""

    def words(self) -> str:
        """Return it for people: ``current``, or ``stale: binsize was 100, is now 256``."""
        return "current" if self.is_current else f"stale: {self.why}"


def standing(job: Job, plan: Sequence[PlannedJob]) -> Standing | None:
    """Compare what a job made with what the session asks for now.

    Parameters
    ----------
    job
        The job.
    plan
        The present plan.

    Returns
    -------
    Standing or None
        ``None`` for a job that made nothing.
    """
    if job.state is not JobState.DONE:
        return None
    for planned in plan:
        if planned.work == job.spec.work:
            return Standing(is_current=planned.why is None, why=planned.why or "")
    likely = [planned for planned in plan if call_label(planned.call) == call_label(job.spec.call)]
    if not likely:
        return Standing(is_current=False, why="no step of the present plan makes it")
    return Standing(is_current=False, why=_difference(job, likely[0]))


def why_run(planned: PlannedJob, jobs: Sequence[Job]) -> str | None:
    """Say why a step is to be run: what differs from the newest run of the same step, if any.

    Parameters
    ----------
    planned
        The step. Where other choices have other folders, it only knows that its own is empty.
    jobs
        Every job known, in the order they were asked for.

    Returns
    -------
    str or None
        ``None`` where it is not to be run.
    """
    if planned.why != NOT_MADE:
        return planned.why
    label = call_label(planned.call)
    for job in reversed(jobs):
        is_like = job.state is JobState.DONE and call_label(job.spec.call) == label
        if is_like and job.spec.work != planned.work:
            return _difference(job, planned)
        if is_like:
            return "what it made is gone"
    return planned.why


def queued(planned: PlannedJob, jobs: Sequence[Job]) -> Job | None:
    """Return the job that does a step now or is going to, if there is one.

    Parameters
    ----------
    planned
        The step.
    jobs
        Every job known.
    """
    return next(
        (job for job in jobs if not job.state.is_over and job.spec.work == planned.work), None
    )


def _difference(job: Job, planned: PlannedJob) -> str:
    if job.spec.engine != planned.engine:
        return f"made by {_NAMES[job.spec.engine]}, {_NAMES[planned.engine]} is to make it"
    difference = _why_call_differs(job.spec.call, planned.call)
    if difference is not None:
        return difference
    if planned.why is not None and planned.why != NOT_MADE:  # what it is made from comes first
        return planned.why
    made_from = "another spectrum" if planned.call.task == "ftgrouppha" else "other cleaned events"
    return f"made from {made_from}"


_NAMES = {"heasoft": "HEASoft", "embedded": "the embedded engine"}


def _why_call_differs(old: TaskCall, new: TaskCall) -> str | None:
    made = Provenance(call=old, inputs=(), engine="", made_at="")
    return why_stale(made, new)
