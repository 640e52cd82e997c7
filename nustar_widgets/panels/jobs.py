"""Running things: what will run and why, the queue, and what each job said and made."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.calls.lookahead import look_ahead
from nustar_widgets.calls.preflight import Check, Level, Remedy
from nustar_widgets.errors import NustarWidgetsError, OutputError
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.outlook import Outlook, outlook
from nustar_widgets.jobs.plan import submit
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.jobs.space import refuse_unwritable
from nustar_widgets.jobs.standing import Standing, standing
from nustar_widgets.panels.background import Background, Starter, on_a_thread
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.checklist import CheckList
from nustar_widgets.panels.page import PageWatch, lacking
from nustar_widgets.panels.queue.jobbox import JobBox
from nustar_widgets.panels.queue.jobrows import jobs_table
from nustar_widgets.panels.queue.pace import Pace
from nustar_widgets.panels.queue.planbox import PlanBox
from nustar_widgets.panels.queue.queuebox import QueueBox
from nustar_widgets.panels.stills.choices import choices_table, titled
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.session import Session

BETWEEN_S: Final = 0.25
"""Shortest time between two looks at what moves [s]."""

_NOT_RUN: Final = ("target", "spectra", "fit")
_LACKING: Final = lacking("the list of jobs", "a plain list")


class JobsPanel(Panel):
    """The plan, the queue, and the chosen job.

    Parameters
    ----------
    session
        The session: what it asks for is what runs, in its work folder.
    runner
        The queue to begin with; that of the work folder by default, which all panels share.
    start
        How slow work is started.
    has_page
        Whether a page is to show the panel; asked of IPython where ``None``.
    between_s
        Shortest time between two looks at what moves [s].

    Examples
    --------
    >>> panel = JobsPanel(Session(work_dir="work"))  # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = tuple(
        name for name in Session.FIELDS if name not in _NOT_RUN
    )
    PRODUCTS: ClassVar[str] = ""  # the plan says it, step by step

    def __init__(
        self,
        session: Session,
        *,
        runner: Runner | None = None,
        start: Starter = on_a_thread,
        has_page: bool | None = None,
        between_s: float = BETWEEN_S,
    ) -> None:
        self.outlook: Outlook | None = None
        """What would run; ``None`` while that is not known."""
        self._last: Outlook | None = None  # what was last known of it
        self._given, self._start, self._has_page = runner, start, has_page
        self._between_s = between_s
        self._is_closed = False
        self._opening, self._planning, self._submitting = (Background(start) for _ in range(3))
        self._pace = Pace(self.guarded(self._show_jobs), every_s=between_s)
        self._known: dict[str, str] = {}  # states of the jobs when they were last looked at
        super().__init__(session)

    @property
    def runner(self) -> Runner | None:
        """The queue; ``None`` until it is open."""
        return self.queue.runner

    def _build(self) -> Sequence[widgets.Widget]:
        self.add_class("nw-jobs-panel")
        self._hear_jobs = self._rest.held(self._jobs_moved)
        self.plan = PlanBox(
            run=self.run, look_again=self._plan, folder_typed=self._folder_typed,
            guarded=self.guarded,
        )  # fmt: skip
        self.stops = CheckList(mend=self._mend, clicked=self.clicked)
        self.queue = QueueBox(
            chosen=self._show_chosen, badge=self._badge, guarded=self.guarded, start=self._start
        )
        self.job = JobBox(
            start=self._start, guarded=self.guarded, failed=self.strip.fail,
            between_s=self._between_s,
        )  # fmt: skip
        self._page = PageWatch(
            self.queue.view, self.guarded(self._page_told), has_page=self._has_page
        )
        self.remark = widgets.HTML()
        left = widgets.VBox(
            (self.remark, self.queue),
            layout=widgets.Layout(flex="1 1 400px", max_width="420px", min_width="0"),
        )
        room = widgets.Layout(width="100%", grid_gap="12px")
        self.lower = widgets.HBox((left, self.job), layout=room)
        # What is said is read before what is below it.
        return (self.plan, self.stops, self.strip, self.lower)

    def rest(self) -> None:
        """Do nothing while nobody sees it: a log that grows is not read either."""
        super().rest()
        self.job.rest(resting=True)

    def wake(self) -> None:
        """Show what has changed since `rest`."""
        super().wake()
        self.job.rest(resting=False)

    def close(self) -> None:
        """Let go of the session and of the queue; jobs go on."""
        self._is_closed = True
        self._page.close()
        self._pace.close()
        for work in (self._opening, self._planning, self._submitting):
            work.cancel()
        self._unwatch()
        super().close()

    def stills(self) -> Sequence[Still]:
        """Return the queue as it was."""
        jobs = () if self.runner is None else self.runner.jobs
        title = titled("Jobs", self.session)
        tables = (choices_table(self.session), jobs_table(jobs))
        return (Still(title=title, tables=tables),)

    # -- the session changes --------------------------------------------------------------

    def _show(self, fields: Sequence[str]) -> None:
        if "work_dir" in fields:
            self.plan.show_folder(self.session.work_dir)
            self._open_queue()
        else:
            self._plan()

    def _open_queue(self) -> None:
        """Turn to the queue of the work folder; reading what lies there may take a while."""
        self.outlook = self._last = None
        self.plan.show_busy()
        folder, given = self.session.work_dir, self._given
        self._given = None  # another work folder has a queue of its own

        def work(_: threading.Event) -> Runner:
            return queue_in(folder) if given is None else given

        self._opening.run(work, done=self.guarded(self._opened), failed=self.guarded(self._no_plan))

    def _opened(self, runner: Runner) -> None:
        if self._is_closed:
            return
        self._unwatch()
        self._known = {}
        self.queue.show_queue(runner)
        runner.observe(self._hear_jobs, "jobs")
        self._show_jobs()
        self._plan()

    def _unwatch(self) -> None:
        if self.queue.runner is not None:
            runner, self.queue.runner = self.queue.runner, None
            runner.unobserve(self._hear_jobs, "jobs")

    # -- what will run --------------------------------------------------------------------

    def _plan(self) -> None:
        """Look ahead once more, when the last change is a moment ago."""
        runner = self.queue.runner
        if runner is None:  # it is done when the queue is there
            return
        self.outlook = None
        self.plan.show_busy()
        everything = self.plan.everything.value

        def work(cancelled: threading.Event) -> tuple[Outlook, list[Check]] | None:
            if self._between_s and cancelled.wait(self._between_s):
                return None
            ahead = outlook(self.session, runner.jobs, everything=everything)
            checks = look_ahead(self.session) if ahead.n_to_run else ()
            return ahead, [check for check in checks if check.level is Level.STOP]

        self._planning.run(
            work, done=self.guarded(self._planned), failed=self.guarded(self._no_plan)
        )

    def _planned(self, found: tuple[Outlook, list[Check]] | None) -> None:
        if found is None:
            return
        ahead, stops = found
        self.outlook = self._last = ahead
        self.plan.show(ahead)
        self.stops.show(stops)
        self.queue.show()
        self._show_chosen()

    def _no_plan(self, error: Exception) -> None:
        self._last = None
        self.plan.show_problem(str(error))
        self.stops.show(())
        if not isinstance(error, NustarWidgetsError):
            raise error

    def _mend(self, remedy: Remedy) -> None:
        self.commit(remedy.label, **remedy.changes)

    def run(self) -> None:
        """Put what is to be run into the queue."""
        runner, found = self.queue.runner, self.outlook
        if runner is None or found is None or not found.n_to_run:
            return
        self.outlook = None  # a second click finds nothing to do
        self.plan.show_busy()
        work_dir = self.session.work_dir

        def work(_: threading.Event) -> tuple[str, ...]:
            refuse_unwritable(work_dir)
            return submit(runner, found.wanted)

        self._submitting.run(
            work, done=self.guarded(self._submitted), failed=self.guarded(self._not_submitted)
        )

    def _submitted(self, ids: tuple[str, ...]) -> None:
        self.strip.clear()
        self.plan.everything.value = False
        if ids:
            self.queue.choose(ids[0])
        self._plan()

    def _not_submitted(self, error: Exception) -> None:
        self._plan()
        self.strip.fail(error)

    def _folder_typed(self, typed: str) -> None:
        folder = str(Path(typed).expanduser()) if typed else ""
        try:
            refuse_unwritable(folder)
        except OutputError as error:
            self.strip.fail(error)
            self.plan.show_folder(self.session.work_dir)
            return
        self.strip.clear()
        self.commit(f"work in {folder or 'the present folder'}", work_dir=folder)

    # -- the queue moves ------------------------------------------------------------------

    def _jobs_moved(self, _: Any) -> None:
        self._pace.ask()

    def _show_jobs(self) -> None:
        runner = self.queue.runner
        if runner is None:
            return
        self.queue.show()
        self.still_changed()
        if self.queue.job is None and runner.jobs:  # somebody else asked for the first one
            self.queue.choose(runner.jobs[0].id)
        self._show_chosen()
        before, self._known = self._known, {job.id: str(job.state) for job in runner.jobs}
        if self._known != before:
            self._plan()

    def _show_chosen(self) -> None:
        runner, job = self.queue.runner, self.queue.job
        log = None if runner is None or job is None else runner.log(job.id).path
        self.job.show(job, log=log, standing=None if job is None else self._standing(job))

    def _standing(self, job: Job) -> Standing | None:
        """Judge a job by the last look at the files, if that was after it had ended."""
        if self._last is None or job.ended is None or job.ended > self._last.looked_at:
            return None
        return standing(job, self._last.planned)

    def _badge(self, job: Job) -> str:
        found = self._standing(job)
        return "" if found is None else found.words()

    # -- the page -------------------------------------------------------------------------

    def _page_told(self) -> None:
        plain = self._page.lacks_the_view
        self.remark.value = f"<small>{_LACKING}</small>" if plain else ""
        self.queue.show_plainly(plain=plain)
        self.job.show_plainly(plain=plain)
