"""How an analysis stands: plain values, told from a session, its jobs and its fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from nustar_widgets.jobs.estimate import TimeEstimate
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.outlook import Outlook
from nustar_widgets.jobs.outlook import Step as PlanStep
from nustar_widgets.jobs.place import call_label
from nustar_widgets.jobs.plan import NOT_MADE, PlannedJob
from nustar_widgets.jobs.record import JobState
from nustar_widgets.session.session import Session

_FAILED = (JobState.FAILED, JobState.DIED)


class Data(Enum):
    """What there is to work on."""

    NONE = "nothing is chosen"
    CHOSEN = "an observation is chosen, without its files"
    RAW = "raw data, without event lists"
    EVENTS = "event lists"
    SPECTRA = "spectra made elsewhere"


@dataclass(frozen=True, kw_only=True)
class JobsNow:
    """How the plan and the queue stand.

    Attributes
    ----------
    n_steps
        Steps of the plan.
    n_to_run
        Those that are to be put into the queue.
    why
        Why the first of these is to run.
    time
        How long they take together, in words; empty where that is not known.
    is_made
        Whether anything of the plan was made before, so that what is to run runs again.
    running
        What runs or waits now, in words; empty where nothing does.
    failed
        The step whose newest run failed, with the reason; empty where none did.
    """

    n_steps: int
    n_to_run: int = 0
    why: str = ""
    time: str = ""
    is_made: bool = False
    running: str = ""
    failed: str = ""

    @property
    def is_current(self) -> bool:
        """Whether all that the session asks for is there."""
        return not (self.n_to_run or self.running or self.failed)


@dataclass(frozen=True, kw_only=True)
class FitNow:
    """How the fit stands.

    Attributes
    ----------
    activity
        What goes on; empty where nothing does.
    problem
        Why there is no fit; empty where there is one, or none was tried.
    is_fitted
        Whether the values are those of a fit of what is chosen now.
    was_fitted
        Whether anything was fitted before.
    has_ranges
        Whether every free parameter has its range, or the search found none.
    note
        What the fit ended with, where that was not well; empty where it was.
    """

    activity: str = ""
    problem: str = ""
    is_fitted: bool = False
    was_fitted: bool = False
    has_ranges: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """How an analysis stands.

    Attributes
    ----------
    data
        What there is to work on.
    obsid
        The observation; empty where it is not known.
    without_source, without_background
        Modules whose region was not chosen yet.
    has_good_time
        Whether intervals were chosen by the user.
    trouble
        Why what was chosen cannot be counted; empty where it can.
    stops
        What would stop a run.
    jobs
        Plan and queue; ``None`` while they are being looked at.
    no_plan
        Why there is no plan; empty where there is one.
    fit
        The fit.
    expression
        The model.
    has_fit_choices
        Whether anything was chosen for a fit.
    """

    data: Data = Data.NONE
    obsid: str = ""
    without_source: tuple[str, ...] = ()
    without_background: tuple[str, ...] = ()
    has_good_time: bool = False
    trouble: str = ""
    stops: tuple[str, ...] = ()
    jobs: JobsNow | None = None
    no_plan: str = ""
    fit: FitNow = FitNow()
    expression: str = ""
    has_fit_choices: bool = False

    @property
    def has_events(self) -> bool:
        """Whether regions can be seen and counted."""
        return self.data is Data.EVENTS

    @property
    def has_products(self) -> bool:
        """Whether there are spectra to fit, all of them what the session asks for."""
        if self.data is Data.SPECTRA:
            return True
        return self.jobs is not None and self.jobs.is_current


def data_of(session: Session) -> Data:
    """Tell what a session has to work on.

    Parameters
    ----------
    session
        The session.
    """
    if session.spectra:
        return Data.SPECTRA
    if any(item.events for item in session.inputs):
        return Data.EVENTS
    if session.inputs:
        return Data.RAW
    return Data.CHOSEN if session.obsid else Data.NONE


def jobs_now(ahead: Outlook, jobs: Sequence[Job]) -> JobsNow:
    """Tell how plan and queue stand.

    Parameters
    ----------
    ahead
        What would run.
    jobs
        Every job known.
    """
    to_run = [step for step in ahead.steps if step.is_to_run]
    return JobsNow(
        n_steps=len(ahead.steps),
        n_to_run=len(to_run),
        why=(to_run[0].why or "") if to_run else "",
        time=_time_words(ahead),
        is_made=any(_is_made(step) for step in ahead.steps),
        running=_running(ahead.steps),
        failed=_failed(to_run, jobs),
    )


def _is_made(step: PlanStep) -> bool:
    """Tell whether something of a step was made before; one that needs others only says so."""
    return step.why is None or (not step.planned.needs and step.why != NOT_MADE)


def _running(steps: Sequence[PlanStep]) -> str:
    """Name what runs now, or waits; and how many of the steps are done."""
    busy = [step for step in steps if step.job is not None]
    if not busy:
        return ""
    first = next((step for step in busy if _state(step) is JobState.RUNNING), busy[0])
    n_done = sum(step.why is None for step in steps)
    return f"{call_label(first.planned.call)} ({n_done} of {len(steps)} steps done)"


def _state(step: PlanStep) -> JobState | None:
    return None if step.job is None else step.job.state


def _failed(to_run: Sequence[PlanStep], jobs: Sequence[Job]) -> str:
    """Name the first step that would only be tried again as it failed before."""
    newest = {job.spec.work: job for job in jobs}
    for step in to_run:
        job = newest.get(step.planned.work)
        if job is not None and job.state in _FAILED:
            reason = f": {job.reason}" if job.reason else ""
            return f"{call_label(step.planned.call)}{reason}"
    return ""


def _time_words(ahead: Outlook) -> str:
    """Say how long all takes together; nothing where one step has no estimate."""
    times = [step.time for step in ahead.steps if step.is_to_run]
    known = [time for time in times if time is not None]
    if not known or len(known) < len(times):
        return ""
    low = _longest(ahead, [0.0 if s.time is None else s.time.low_s for s in ahead.steps])
    high = _longest(ahead, [0.0 if s.time is None else s.time.high_s for s in ahead.steps])
    n_runs = min(time.n_runs for time in known)
    return TimeEstimate(low_s=low, high_s=high, n_runs=n_runs).words()


def _longest(ahead: Outlook, took_s: Sequence[float]) -> float:
    """Return when the last step ends, where those that do not need each other run side by side."""
    ends: list[float] = []
    for step, seconds in zip(ahead.steps, took_s, strict=True):
        needed: PlannedJob = step.planned
        begins = max((ends[at] for at in needed.needs), default=0.0)
        ends.append(begins + (seconds if step.is_to_run else 0.0))
    return max(ends, default=0.0)
