"""How long a job will take, told from earlier ones of its kind or not at all.

The one exception is nupipeline, which takes so long that a number from elsewhere is better than
none: 13 to 22 minutes for an observation of 202 MB (60001110002, HEASoft 6.20), taken as growing
with what it reads.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.record import JobState, Progress
from nustar_widgets.session.taskcall import TaskCall

_PIPELINE_S: Final = (13 * 60.0, 22 * 60.0)
_PIPELINE_BYTES: Final = 202e6
_MOST_RUNS: Final = 50  # earlier runs that are asked, the newest

Durations = tuple[tuple[str, float], ...]
"""(sub-task, seconds) pairs of a finished run, in order; what came before the first is ``""``."""


def durations(progress: Progress, *, began: float, ended: float) -> Durations:
    """Return how long each step of a finished run took.

    Parameters
    ----------
    progress
        Its steps.
    began, ended
        When it ran [s since 1970].
    """
    names = ["", *(step.name for step in progress.steps)]
    times = [began, *(step.began for step in progress.steps), ended]
    return tuple(
        (name, max(0.0, until - since))
        for name, since, until in zip(names, times[:-1], times[1:], strict=True)
    )


def remaining_s(
    progress: Progress, *, began: float, now: float, history: Sequence[Durations]
) -> float | None:
    """Estimate the rest of a run [s]: the median of what earlier runs took from its step on.

    Parameters
    ----------
    progress
        Steps it has come to.
    began, now
        When it began, and the present time [s since 1970].
    history
        Earlier runs of the same task by the same engine.

    Returns
    -------
    float or None
        ``None`` where no earlier run went through the same steps: nothing is guessed.
    """
    so_far = ["", *(step.name for step in progress.steps)]
    spent = now - (progress.steps[-1].began if progress.steps else began)
    at = len(so_far) - 1
    rests = [
        max(0.0, run[at][1] - spent) + sum(seconds for _, seconds in run[at + 1 :])
        for run in history
        if [name for name, _ in run[: at + 1]] == so_far
    ]
    return statistics.median(rests) if rests else None


class Kind(Protocol):
    """What is run, planned or in the queue."""

    @property
    def call(self) -> TaskCall:
        """Its call."""
        ...

    @property
    def engine(self) -> str:
        """Who runs it."""
        ...


@dataclass(frozen=True, kw_only=True)
class TimeEstimate:
    """How long a task may take.

    Attributes
    ----------
    low_s, high_s
        Between these [s].
    n_runs
        Earlier runs it is told from; 0 for what was measured elsewhere.
    """

    low_s: float
    high_s: float
    n_runs: int

    def words(self) -> str:
        """Return it for people: ``about 40 s``, or ``about 13 to 22 min, elsewhere``."""
        low, high = duration_words(self.low_s), duration_words(self.high_s)
        if low != high and low.split()[1:] == high.split()[1:]:
            low = low.split()[0]  # the unit once
        span = high if low == high else f"{low} to {high}"
        return f"about {span}" + ("" if self.n_runs else ", elsewhere")


def expected_time(
    jobs: Iterable[Job], *, like: Kind, input_bytes: int | None = None
) -> TimeEstimate | None:
    """Estimate how long a task takes before it is started.

    Parameters
    ----------
    jobs
        Every job known.
    like
        What is to be run: its task and engine count.
    input_bytes
        What nupipeline is to read; ``None`` where that is not known.

    Returns
    -------
    TimeEstimate or None
        The median of earlier runs; ``None`` where there are none and nothing is guessed.
    """
    took = [sum(s for _, s in run) for run in history_of(jobs, like=like)]
    if took:
        middle = statistics.median(took)
        return TimeEstimate(low_s=middle, high_s=middle, n_runs=len(took))
    if like.call.task != "nupipeline" or input_bytes is None:
        return None
    low, high = (seconds * input_bytes / _PIPELINE_BYTES for seconds in _PIPELINE_S)
    return TimeEstimate(low_s=low, high_s=high, n_runs=0)


def history_of(jobs: Iterable[Job], *, like: Kind) -> list[Durations]:
    """Return what the steps of earlier runs took, the newest run first.

    Parameters
    ----------
    jobs
        Every job known; those that did not end well do not count.
    like
        What is run: its task and engine count.
    """
    return [
        durations(job.progress, began=job.began, ended=job.ended)
        for job in islice(_done(jobs, like), _MOST_RUNS)
        if job.began is not None and job.ended is not None
    ]


def _done(jobs: Iterable[Job], like: Kind) -> Iterator[Job]:
    """Yield earlier runs that ended well, the newest first."""
    for job in reversed(tuple(jobs)):
        is_like = (job.spec.call.task, job.spec.engine) == (like.call.task, like.engine)
        if is_like and job.state is JobState.DONE:
            yield job


def duration_words(seconds: float) -> str:
    """Return a duration for people: ``0.4 s``, ``40 s``, ``13 min``, ``2.5 h``.

    Parameters
    ----------
    seconds
        How long [s].
    """
    if seconds < 1.0:
        return f"{max(seconds, 0.1):.1f} s"
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60.0:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:.1f} h"
