"""How the products of a session stand to what it asks for now, in one line for people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.jobs.job import ENDED, Job
from nustar_widgets.jobs.place import call_label
from nustar_widgets.jobs.plan import PlannedJob, plan
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.standing import queued, why_run
from nustar_widgets.session.session import Session


class Made(StrEnum):
    """How the products of a session stand."""

    NONE = "none yet"
    ELSEWHERE = "made elsewhere"
    RUNNING = "being made"
    CURRENT = "current"
    STALE = "stale"
    PARTLY = "not all made"
    FAILED = "not made"


@dataclass(frozen=True, kw_only=True)
class ProductStep:
    """One step of a plan: what was made by it, and whether that holds.

    Attributes
    ----------
    label
        What people call it: ``nuproducts FPMA``.
    why
        Why it is to be run; ``None`` where what it made is there and current.
    engine
        Who made what is there; empty where nothing is, or nobody knows.
    made_at
        When [s since 1970]; ``None`` where nothing is there, or nobody knows.
    job
        The newest job of this step, whatever became of it.
    is_queued
        Whether it runs now, or waits to.
    """

    label: str
    why: str | None
    engine: str = ""
    made_at: float | None = None
    job: Job | None = None
    is_queued: bool = False

    def words(self) -> str:
        """Return it for people: ``current, made by HEASoft at 12:03``."""
        made = ""
        if self.made_at is not None:
            made = f"made by {_ENGINES[self.engine]} at {clock(self.made_at)}"
        if self.is_queued:
            return "in the queue"
        if self.why is None:
            return ", ".join(filter(None, ("current", made)))
        return ", ".join(filter(None, (made, self.why)))


@dataclass(frozen=True, kw_only=True)
class ProductState:
    """How the products of a session stand to what it asks for now.

    Attributes
    ----------
    made
        In one word.
    about
        The rest: what has changed, which step, when; empty where that is all.
    steps
        The steps of the plan; none while there is no plan.
    """

    made: Made = Made.NONE
    about: str = ""
    steps: tuple[ProductStep, ...] = ()

    def words(self) -> str:
        """Return it for people.

        As ``stale: the source region has changed since nuproducts FPMA ran (12:03)``.
        """
        return f"{self.made}: {self.about}" if self.about else str(self.made)


def product_state(session: Session, jobs: Sequence[Job]) -> ProductState:
    """Look at the products of a session; reads files, so do it beside the kernel.

    Parameters
    ----------
    session
        The session.
    jobs
        Every job known of its work folder, in the order they were asked for.
    """
    if session.spectra:
        names = [Path(item.pha).name for item in session.spectra]
        return ProductState(made=Made.ELSEWHERE, about=", ".join(names))
    if not jobs and not _may_have_products(session):
        return ProductState()
    try:
        planned = plan(session)
    except NustarWidgetsError as problem:
        done = any(job.state is JobState.DONE for job in jobs)
        return ProductState(made=Made.STALE, about=str(problem)) if done else ProductState()
    return _judged(tuple(_step(one, jobs) for one in planned))


def clock(moment: float) -> str:
    """Return a time of day for people, with the day where that is another.

    Parameters
    ----------
    moment
        The time [s since 1970].
    """
    then, now = time.localtime(moment), time.localtime()
    is_today = (then.tm_year, then.tm_yday) == (now.tm_year, now.tm_yday)
    return time.strftime("%H:%M" if is_today else "%d %b %H:%M", then)


def _may_have_products(session: Session) -> bool:
    """Whether there is a folder products of the observation would be in."""
    work = Path(session.work_dir)
    return any((work / name).is_dir() for name in (session.obsid, f"{session.obsid}_p"))


def _step(planned: PlannedJob, jobs: Sequence[Job]) -> ProductStep:
    label = call_label(planned.call)
    like = [job for job in jobs if call_label(job.spec.call) == label]
    done = [job for job in like if job.state is JobState.DONE]
    same = [job for job in done if job.spec.work == planned.work]
    found = (same or done)[-1] if done else None
    return ProductStep(
        label=label,
        why=why_run(planned, jobs),
        engine="" if found is None else found.spec.engine,
        made_at=None if found is None else found.ended,
        job=like[-1] if like else None,
        is_queued=queued(planned, jobs) is not None,
    )


def _judged(steps: tuple[ProductStep, ...]) -> ProductState:
    to_run = [step for step in steps if step.why is not None]
    if busy := [step for step in steps if step.is_queued]:
        return ProductState(made=Made.RUNNING, about=busy[0].label, steps=steps)
    if not to_run:
        return ProductState(made=Made.CURRENT, about=_since(steps), steps=steps)
    stale = [step for step in to_run if step.made_at is not None]
    if stale:
        about = f"{stale[0].why} since {stale[0].label} ran ({clock(stale[0].made_at or 0.0)})"
        return ProductState(made=Made.STALE, about=about, steps=steps)
    if failed := next((step for step in to_run if step.job and step.job.state in ENDED), None):
        return ProductState(made=Made.FAILED, about=_ended(failed), steps=steps)
    if len(to_run) < len(steps):
        return ProductState(made=Made.PARTLY, about=_missing(to_run[0]), steps=steps)
    return ProductState(steps=steps)


def _since(steps: Sequence[ProductStep]) -> str:
    moments = [step.made_at for step in steps if step.made_at is not None]
    return f"made {clock(max(moments))}" if moments else ""


def _ended(step: ProductStep) -> str:
    job = step.job
    assert job is not None  # the caller has looked
    when = "" if job.ended is None else f" ({clock(job.ended)})"
    return f"{step.label} {ENDED[job.state]}{when}"


def _missing(step: ProductStep) -> str:
    return f"{step.label}: {step.why}"


_ENGINES = {"heasoft": "HEASoft", "embedded": "the embedded engine"}
