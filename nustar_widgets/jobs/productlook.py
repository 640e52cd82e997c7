"""Looks how the products of a session stand to what it asks for now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.jobs.job import ENDED, Job
from nustar_widgets.jobs.place import call_label
from nustar_widgets.jobs.plan import PlannedJob, plan
from nustar_widgets.jobs.productstate import Made, ProductState, ProductStep, clock
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.standing import queued, why_run
from nustar_widgets.session.session import Session


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
        failure=_failure(like[-1]) if like else "",
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
    if failed := next((step for step in to_run if step.failure), None):
        about = f"{failed.label} {failed.failure}"
        return ProductState(made=Made.FAILED, about=about, steps=steps)
    if len(to_run) < len(steps):
        return ProductState(made=Made.PARTLY, about=_missing(to_run[0]), steps=steps)
    return ProductState(steps=steps)


def _since(steps: Sequence[ProductStep]) -> str:
    moments = [step.made_at for step in steps if step.made_at is not None]
    return f"made {clock(max(moments))}" if moments else ""


def _failure(job: Job) -> str:
    """Say what became of a job that did not end well; nothing of another."""
    if job.state not in ENDED:
        return ""
    when = "" if job.ended is None else f" ({clock(job.ended)})"
    return f"{ENDED[job.state]}{when}"


def _missing(step: ProductStep) -> str:
    return f"{step.label}: {step.why}"
