"""What a session stands for now: who does each task here, and the calls, fitted to what is there.

Nothing is looked up that takes long: this is asked after every edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nustar_widgets.calls.choices import TASKS
from nustar_widgets.engines.choice import engine_for, why_not_heasoft
from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.errors import NustarWidgetsError, SessionError, TaskNotSupported
from nustar_widgets.jobs.plan import completed
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import TaskCall


@dataclass(frozen=True, kw_only=True)
class TaskHere:
    """A task as it is to be had here.

    Attributes
    ----------
    task
        Its name.
    spec
        What it accepts; ``None`` where nobody here has it.
    engine
        Name of the engine that does it; empty where nobody does.
    note
        Why HEASoft does not do it, and how to get it; empty where it does or was not wished for.
    problem
        What will keep the engine from doing it, as calibration that is missing; else empty.
    """

    task: str
    spec: TaskSpec | None
    engine: str = ""
    note: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class CallsNow:
    """The calls a session stands for.

    Attributes
    ----------
    modules
        The modules they are for, in that order.
    calls
        In the order they run; empty while a choice is missing.
    missing
        The choice that is missing, and what to do; empty where none is.
    """

    modules: tuple[str, ...] = ()
    calls: tuple[TaskCall, ...] = ()
    missing: str = ""

    def of(self, task: str, module: str) -> TaskCall | None:
        """Return the call of a task for a module, or ``None``."""
        if module not in self.modules:
            return None
        each = len(self.calls) // len(self.modules)  # the same tasks for each module
        first = self.modules.index(module) * each
        return next((call for call in self.calls[first : first + each] if call.task == task), None)


def task_here(task: str, wish: str) -> TaskHere:
    """Say who does a task here, and what it accepts.

    Parameters
    ----------
    task
        Name of the task.
    wish
        Whom the session wishes for: ``auto``, ``heasoft`` or ``embedded``.
    """
    try:
        chosen = engine_for(task, wish)
        spec = chosen.engine.spec(task)
    except NustarWidgetsError as missing:
        note = missing.problem if isinstance(missing, TaskNotSupported) else str(missing)
        return TaskHere(task=task, spec=None, note=note)
    problem = why_not_heasoft(task) if wish == "heasoft" else ""
    name = chosen.engine.name
    return TaskHere(task=task, spec=spec, engine=name, note=chosen.note, problem=problem)


def tasks_here(wish: str) -> dict[str, TaskHere]:
    """Say of each task of a session who does it here.

    Parameters
    ----------
    wish
        As in `task_here`.
    """
    return {task: task_here(task, wish) for task in TASKS}


def calls_now(session: Session, here: Mapping[str, TaskHere]) -> CallsNow:
    """Return the calls a session stands for, fitted to the tasks as they are to be had here.

    A task nobody here has is called as HEASoft 6.20 would be.

    Parameters
    ----------
    session
        The session.
    here
        As `tasks_here` says.
    """
    try:
        calls = recipe(session)
    except SessionError as missing:
        return CallsNow(missing=str(missing))
    fitted = tuple(_fitted(call, here[call.task].spec, session) for call in calls)
    return CallsNow(modules=session.modules, calls=fitted)


def _fitted(call: TaskCall, spec: TaskSpec | None, session: Session) -> TaskCall:
    return call if spec is None else completed(call, spec, session)
