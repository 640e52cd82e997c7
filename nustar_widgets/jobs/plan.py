"""From a session to the jobs that are to be run: each in its folder, and only what changed.

The calls are those of the recipe, unchanged: what is shown is what runs. In our own layout each
nupipeline and nuproducts call has a folder named after what made it, so that products of other
choices stay where they are; a folder another job fills is linked to where the call looks for it.
In the tutorial's layout all calls run in the work folder.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from nustar_widgets.engines.base import Engine
from nustar_widgets.engines.choice import engine_for
from nustar_widgets.engines.taskspec import TaskSpec, as_text, is_yes
from nustar_widgets.jobs.place import call_label, record_name
from nustar_widgets.jobs.record import Work
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.session.provenance import Provenance, why_stale
from nustar_widgets.session.recipe import events_folder, recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from nustar_widgets.session.values import ModuleInputs

NOT_MADE: Final = "not made yet"
"""Why a step runs whose folder holds nothing of it."""

Responses = tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, kw_only=True)
class PlannedJob:
    """One call of a session's recipe and where it stands.

    Attributes
    ----------
    call
        The call.
    engine
        Name of the engine to run it.
    folder
        Where its relative paths point.
    links
        (name in the folder, path) of what other jobs make.
    needs
        Positions in the plan of the jobs it needs.
    why
        Why it is to be run; ``None`` where what it makes is there and current.
    responses
        (module, ARF, RMF) for the embedded engine.
    """

    call: TaskCall
    engine: str
    folder: Path
    links: tuple[tuple[str, str], ...] = ()
    needs: tuple[int, ...] = ()
    why: str | None = None
    responses: Responses = ()

    @cached_property
    def work(self) -> Work:
        """What is made where and by whom: equal work need not be done twice."""
        return (self.call, self.engine, str(self.folder.resolve()))


def plan(session: Session, engine: Engine | str | None = None) -> tuple[PlannedJob, ...]:
    """List the jobs a session stands for, in an order in which they may run.

    Parameters
    ----------
    session
        The choices; relative paths in it are seen from its work folder.
    engine
        Who is to do the work: ``auto``, ``heasoft``, ``embedded``, or an engine; by default whom
        the session wishes for.

    Returns
    -------
    tuple of PlannedJob
        All calls of the recipe; those whose products are current have no ``why``.

    Raises
    ------
    SessionError
        A choice is still missing.
    TaskNotSupported
        Nobody here has a task the session needs.
    """
    session = absolute(session)
    planner = _Planner(session, session.engine if engine is None else engine)
    for call in recipe(session):
        planner.add(call)
    return tuple(planner.jobs)


def submit(runner: Runner, jobs: Sequence[PlannedJob]) -> tuple[str, ...]:
    """Put the jobs of a plan that are to be run into the queue; return their ids.

    What waits or runs there already is not put in twice: its id is returned, and waited for.

    Parameters
    ----------
    runner
        The queue.
    jobs
        As `plan` lists them.
    """
    there = {job.spec.work: job.id for job in runner.jobs if not job.state.is_over}
    ids: dict[int, str] = {}
    for number, job in enumerate(jobs):
        if job.why is not None:
            ids[number] = there.get(job.work) or runner.submit(
                job.call,
                folder=job.folder,
                engine=job.engine,
                after=[ids[needed] for needed in job.needs if needed in ids],
                links=job.links,
                responses=job.responses,
            )
    return tuple(ids.values())


class _Planner:
    """Adds one call of a recipe after another."""

    def __init__(self, session: Session, engine: Engine | str) -> None:
        self.session = session
        self.wish = engine
        self.jobs: list[PlannedJob] = []
        self.work = Path(session.work_dir).absolute()

    def add(self, call: TaskCall) -> None:
        """Add the next call of the recipe; calls of one module follow each other."""
        engine = self._engine(call.task)
        call = completed(call, engine.spec(call.task), self.session)
        before = self._latest("nupipeline" if call.task == "nuproducts" else "nuproducts", call)
        needs = () if before is None else (before,)
        links = self._links(call, before)
        job = PlannedJob(
            call=call,
            engine=engine.name,
            folder=self._folder(call, engine.name, before, links),
            links=links,
            needs=needs,
            responses=_responses(self.session),
        )
        self.jobs.append(replace(job, why=self._why(job)))

    def _latest(self, task: str, call: TaskCall) -> int | None:
        """Position of the job just added, if it is the one the call builds on."""
        at = len(self.jobs) - 1
        if call.task == "nupipeline" or at < 0 or self.jobs[at].call.task != task:
            return None
        return at

    def _links(self, call: TaskCall, before: int | None) -> tuple[tuple[str, str], ...]:
        events = events_folder(self.session)
        if before is None or call.get("indir") != events or self.session.layout == "tutorial":
            return ()
        return ((events, str(self.jobs[before].folder / events)),)

    def _engine(self, task: str) -> Engine:
        return engine_for(task, self.wish).engine if isinstance(self.wish, str) else self.wish

    def _folder(
        self, call: TaskCall, engine: str, before: int | None, links: tuple[tuple[str, str], ...]
    ) -> Path:
        if self.session.layout == "tutorial":
            return self.work
        if call.task == "ftgrouppha" and before is not None:
            return self.jobs[before].folder  # XSPEC looks for all files of a spectrum in one place
        mark = hashlib.sha256(f"{call.fingerprint()}{engine}{links}".encode())
        return self.work / self.session.obsid / f"{record_name(call)}-{mark.hexdigest()[:8]}"

    def _why(self, job: PlannedJob) -> str | None:
        for needed in job.needs:
            if self.jobs[needed].why is not None:
                return f"{call_label(self.jobs[needed].call)} is to be run"
        made = _made(job)
        if made is None:
            return NOT_MADE
        if (made.exit_status is None) is (job.engine == "heasoft"):
            return f"made by {made.engine}"
        return why_stale(made, job.call, folder=job.folder)


def _made(job: PlannedJob) -> Provenance | None:
    """Return the record of what lies where the job's products go, or ``None``."""
    outputs = job.call.get("outdir") or Path(str(job.call.get("outfile") or ".")).parent
    path = job.folder / str(outputs) / f"{record_name(job.call)}_provenance.json"
    try:
        saved: dict[str, Any] = json.loads(path.read_bytes())
        return Provenance.from_dict(saved)
    except (OSError, ValueError, KeyError, TypeError):  # absent, or nothing of ours
        return None


def completed(call: TaskCall, spec: TaskSpec, session: Session) -> TaskCall:
    """Fit a call to the installed version of its task, and add the files found on disk for it.

    Parameters
    ----------
    call
        A call of the session's recipe.
    spec
        What the installed task accepts.
    session
        The choices, with absolute paths.
    """
    work = Path(session.work_dir).absolute()
    if session.layout != "tutorial":  # there all calls run in the work folder
        call = with_own_files(call, spec, session)
    call = spec.without_inapplicable(call)
    found: dict[str, Path | None] = {}
    if call.task == "nuproducts":
        archived = None if session.reprocesses else (work / str(call.get("indir"))).parent
        found["inobebhkfile"] = _optics_bench(call, archived)
        found["orbitfile"] = _orbit(call, _data(session), archived)
    added = tuple(
        (name, str(path))
        for name, path in found.items()
        if path is not None and spec.find(name) and call.get(name) is None
    )
    return replace(call, params=(*call.params, *added))


def with_own_files(call: TaskCall, spec: TaskSpec, session: Session) -> TaskCall:
    """Find files the user names where the user sees them from: the work folder, not the run's.

    Parameters
    ----------
    call, spec, session
        As of `completed`.
    """
    own = {
        "nupipeline": session.pipeline or (),
        "nuproducts": session.products,
        "ftgrouppha": session.grouping.others,
    }[call.task]
    work = Path(session.work_dir).absolute()

    def located(name: str, value: ParamValue) -> ParamValue:
        known = spec.find(name)
        is_own_file = (name, value) in own and known is not None and known.role == "input"
        return str(work / str(value)) if is_own_file and _is_file(work / str(value)) else value

    return replace(call, params=tuple((name, located(name, value)) for name, value in call.params))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long to be a path at all
        return False


def _optics_bench(call: TaskCall, archived: Path | None) -> Path | None:
    """Find the housekeeping NuSTARDAS 2 wants; the archive has it in ``hk``.

    nupipeline puts it beside the events it makes, where nuproducts finds it by itself.
    """
    return _archived(archived, f"hk/{call.get('steminputs')}_obeb.hk*")


def _orbit(call: TaskCall, *folders: Path | None) -> Path | None:
    """Find the orbit that barycorr needs; the archive has it in ``auxil`` (nuproducts.html)."""
    if not is_yes(as_text(call.get("barycorr") or "no")):
        return None
    name = f"auxil/{call.get('steminputs')}_orb.fits*"
    return next((path for folder in folders if (path := _archived(folder, name))), None)


def _data(session: Session) -> Path | None:
    """Folder of the observation, or ``None`` where it is not chosen."""
    return Path(session.work_dir).absolute() / session.data_dir if session.data_dir else None


def _archived(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    return next(iter(sorted(folder.glob(name))), None)


def absolute(session: Session) -> Session:
    """Return a session whose paths of data are whole; relative ones are seen from its work folder.

    Parameters
    ----------
    session
        The session; it stays as it is.
    """
    work = Path(session.work_dir).absolute()

    def whole(path: str | None) -> str | None:
        return str(work / path) if path else path

    def inputs(item: ModuleInputs) -> ModuleInputs:
        return replace(
            item,
            events=whole(item.events) or "",
            housekeeping=whole(item.housekeeping),
            arf=whole(item.arf),
            rmf=whole(item.rmf),
        )

    changed = {
        "data_dir": whole(session.data_dir),
        "inputs": tuple(inputs(item) for item in session.inputs),
    }
    return Session(**{**session.snapshot(), **changed})


def _responses(session: Session) -> Responses:
    return tuple((item.module, item.arf, item.rmf) for item in session.inputs)
