"""What a session stands for, gathered for writing: data, calls and who runs them, the fit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from nustar_widgets.archive.paths import is_obsid
from nustar_widgets.calls.current import task_here
from nustar_widgets.engines.heasoft.scratch import PLAIN
from nustar_widgets.errors import NustarWidgetsError, ParameterError, SessionError, TaskNotSupported
from nustar_widgets.export.fitting import FitPlan, fit_plan
from nustar_widgets.export.written import Written
from nustar_widgets.jobs.plan import absolute, completed, with_own_files
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import TaskCall
from nustar_widgets.session.values import ENGINES, ModuleInputs
from nustar_widgets.simulate.truth import OBSID as SIMULATED

_LONGEST_PATH = 100  # what HEASoft tasks append must fit into 128 letters


class Origin(StrEnum):
    """Where data can be had again."""

    ARCHIVE = "archive"
    SAMPLE = "sample"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What is to be written.

    Attributes
    ----------
    title
        What was observed.
    obsid
        Observation ID, or empty.
    data
        Folder of the observation, or empty.
    origin
        Where it can be had again.
    calls
        The task calls, in the order they run.
    inputs
        Input files of the modules: the responses the embedded engine takes.
    fit
        The fit; ``None`` where there can be none.
    no_fit
        Why there is none.
    """

    title: str
    obsid: str
    data: str
    origin: Origin
    calls: tuple[Written, ...]
    inputs: tuple[ModuleInputs, ...]
    fit: FitPlan | None = None
    no_fit: str = ""

    def of(self, task: str) -> tuple[Written, ...]:
        """Return the calls of one task."""
        return tuple(item for item in self.calls if item.call.task == task)

    @property
    def in_order(self) -> tuple[Written, ...]:
        """Every call, task after task as the tutorial has them, also those of the fit."""
        regrouped = () if self.fit is None else self.fit.regrouped
        first = [*self.of("nupipeline"), *self.of("nuproducts"), *self.of("ftgrouppha")]
        return (*first, *regrouped)

    @property
    def work(self) -> str:
        """Name of the folder the code works in."""
        return f"nustar_{self.obsid or 'products'}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What may keep HEASoft from reading these files."""
        values = [
            str(value)
            for item in self.calls
            if item.engine == "heasoft"
            for _, value in item.call.params
        ]
        bad = [text for text in values if "/" in text and not _is_readable(text)]
        return tuple(
            f"HEASoft cannot read this path: {text}. It needs one without blanks and signs, of "
            f"fewer than {_LONGEST_PATH} letters; move the data, or make a link."
            for text in dict.fromkeys(bad)
        )


def analysis_of(session: Session, engine: str = "auto") -> Analysis:
    """Gather what a session stands for.

    Parameters
    ----------
    session
        The session.
    engine
        Who is to run the code: ``heasoft`` (heasoftpy and PyXspec), ``embedded`` (this package),
        or ``auto``: whom the session would use now.

    Raises
    ------
    SessionError
        A choice is still missing; the message names it.
    TaskNotSupported
        The embedded engine is asked for and lacks a task.
    """
    if engine not in ENGINES:
        raise ParameterError("engine", f"{engine!r}: expected one of {', '.join(ENGINES)}")
    whole = absolute(session)
    calls = _calls(whole, session.engine if engine == "auto" else engine)
    fit, no_fit = None, ""
    try:
        fit = fit_plan(session, calls, engine)
    except NustarWidgetsError as problem:
        no_fit = str(problem)
        if not calls:
            raise
    return Analysis(
        title=_title(session),
        obsid=session.obsid,
        data=whole.data_dir,
        origin=_origin(whole),
        calls=calls,
        inputs=whole.inputs,
        fit=fit,
        no_fit=no_fit,
    )


def _calls(session: Session, wish: str) -> tuple[Written, ...]:
    try:
        calls = recipe(session)
    except SessionError:
        if session.spectra:  # made elsewhere: there is only a fit
            return ()
        raise
    return tuple(_written(call, session, wish) for call in calls)


def _written(call: TaskCall, session: Session, wish: str) -> Written:
    here = task_here(call.task, wish)
    if here.spec is None:
        if wish == "embedded":
            raise TaskNotSupported(call.task, here.note)
        return Written(call=call, engine="heasoft")  # as HEASoft 6.20 would be called
    call = completed(call, here.spec, session)
    return Written(call=with_own_files(call, here.spec, session), engine=here.engine)


def _title(session: Session) -> str:
    target = "" if session.target is None else session.target.name
    observation = f"NuSTAR observation {session.obsid}" if session.obsid else "NuSTAR spectra"
    return f"{target}, {observation}" if target else observation


def _origin(session: Session) -> Origin:
    if session.obsid == SIMULATED:
        return Origin.SAMPLE
    known = is_obsid(session.obsid) and PurePath(session.data_dir).name == session.obsid
    return Origin.ARCHIVE if known else Origin.UNKNOWN


def _is_readable(path: str) -> bool:
    return PLAIN.fullmatch(path) is not None and len(path) < _LONGEST_PATH
