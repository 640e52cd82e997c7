"""What will run and why, how long it takes and how much disk, before anybody presses Run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nustar_widgets.engines.choice import engine_for
from nustar_widgets.jobs.estimate import TimeEstimate, expected_time
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.plan import PlannedJob, plan
from nustar_widgets.jobs.space import Room, Space, read_bytes, rooms, space_of
from nustar_widgets.jobs.standing import queued, why_run
from nustar_widgets.session.session import Session

ASKED_FOR = "asked for"
"""Why a step runs that is current."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a plan as people look at it.

    Attributes
    ----------
    planned
        The step.
    why
        Why it is to be run; ``None`` where what it makes is there and current.
    job
        The job that does it now, or waits to.
    time
        How long it may take; ``None`` where that is not known.
    space
        Disk it takes; ``None`` where that is not known.
    """

    planned: PlannedJob
    why: str | None
    job: Job | None = None
    time: TimeEstimate | None = None
    space: Space | None = None

    @property
    def is_to_run(self) -> bool:
        """Whether it is to be put into the queue."""
        return self.why is not None and self.job is None


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The steps a session stands for, and what they take.

    Attributes
    ----------
    steps
        In an order in which they may run.
    rooms
        Disks that are written to.
    notes
        Why HEASoft does not do a step that it could do, where nobody asked for another engine.
    looked_at
        When files were looked at [s since 1970]; what came to be since is not in it.
    """

    steps: tuple[Step, ...]
    rooms: tuple[Room, ...] = ()
    notes: tuple[str, ...] = ()
    looked_at: float = 0.0

    @property
    def n_to_run(self) -> int:
        """How many steps are to be put into the queue."""
        return sum(step.is_to_run for step in self.steps)

    @property
    def planned(self) -> tuple[PlannedJob, ...]:
        """The plan: what the session asks for, and whether it is there."""
        return tuple(step.planned for step in self.steps)

    @property
    def wanted(self) -> tuple[PlannedJob, ...]:
        """The plan as it is to be run: also what is current, where that was asked for."""
        return tuple(replace(step.planned, why=step.why) for step in self.steps)


def outlook(session: Session, jobs: Sequence[Job], *, everything: bool = False) -> Outlook:
    """Look ahead: read what is there, and compare it with what the session asks for.

    Parameters
    ----------
    session
        The choices.
    jobs
        Every job known.
    everything
        Run also what is current.

    Raises
    ------
    SessionError
        A choice is still missing.
    TaskNotSupported
        Nobody here has a task the session needs.
    """
    looked_at = time.time()
    work_dir = Path(session.work_dir).absolute()
    steps = tuple(_step(job, jobs, everything=everything) for job in plan(session))
    taken = [(step.planned, step.space) for step in steps if step.is_to_run and step.space]
    tasks = dict.fromkeys(step.planned.call.task for step in steps)
    notes = dict.fromkeys(engine_for(task, session.engine).note for task in tasks)
    return Outlook(
        steps=steps, rooms=rooms(taken, work_dir), looked_at=looked_at,
        notes=tuple(note for note in notes if note),
    )  # fmt: skip


def _step(planned: PlannedJob, jobs: Sequence[Job], *, everything: bool) -> Step:
    read = read_bytes(planned.call) if planned.call.task == "nupipeline" else None
    return Step(
        planned=planned,
        why=why_run(planned, jobs) or (ASKED_FOR if everything else None),
        job=queued(planned, jobs),
        time=expected_time(jobs, like=planned, input_bytes=read),
        space=space_of(planned),
    )
