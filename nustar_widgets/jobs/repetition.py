"""What is run again with a job, and what a job still waits for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nustar_widgets.jobs.job import ENDED, Job
from nustar_widgets.jobs.place import new_id
from nustar_widgets.jobs.record import JobSpec, JobState
from nustar_widgets.processes import ProcessId


def from_failed(jobs: Mapping[str, Job], job_id: str) -> tuple[str, ...]:
    """Return the jobs to run again so that a job, and all that waited for it, is made after all.

    Parameters
    ----------
    jobs
        Every job known, by id, each after those it needs.
    job_id
        The job to begin with; it is run again whatever became of it.

    Returns
    -------
    tuple of str
        Its id and those of jobs that are over and did not end well: what builds on it, and what
        these need; each after those it needs.
    """
    wanted = {job_id}
    for name, job in jobs.items():  # those that build on it come after it
        if _went_wrong(job) and wanted.intersection(job.spec.after):
            wanted.add(name)
    for name in reversed(list(jobs)):  # what these need comes before them
        if name in wanted:
            needed = (other for other in jobs[name].spec.after if other in jobs)
            wanted.update(other for other in needed if _went_wrong(jobs[other]))
    return tuple(name for name in jobs if name in wanted)


def repeated(
    jobs: Mapping[str, Job], names: Sequence[str], *, owner: ProcessId
) -> tuple[JobSpec, ...]:
    """Return what is to be run where jobs are repeated: each waits for what has not ended well.

    Parameters
    ----------
    jobs
        Every job known, by id.
    names
        Those to repeat, each after those it needs.
    owner
        Whose queue they wait in now.
    """
    ids: dict[str, str] = {}
    specs = []
    for name in names:
        spec = jobs[name].spec
        needed = (ids.get(other, other) for other in spec.after)
        after = tuple(
            other
            for other in needed
            if other in ids.values() or (other in jobs and jobs[other].state is not JobState.DONE)
        )
        ids[name] = new_id(spec.call)
        specs.append(replace(spec, id=ids[name], created=time.time(), owner=owner, after=after))
    return tuple(specs)


def why_never(jobs: Mapping[str, Job], job: Job) -> str:
    """Say why a job cannot be started any more; empty where it may be.

    Parameters
    ----------
    jobs
        Every job known, by id.
    job
        One that waits.
    """
    for name in job.spec.after:
        needed = jobs.get(name)
        if needed is None:
            return f"it needs {name}, which is not known any more"
        if _went_wrong(needed):
            return f"it needs {needed.spec.label}, which {ENDED[needed.state]}"
    return ""


def _went_wrong(job: Job) -> bool:
    return job.state.is_over and job.state is not JobState.DONE
