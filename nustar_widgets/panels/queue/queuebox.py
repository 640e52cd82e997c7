"""The queue as it is shown: which jobs, which one is chosen, and what was clicked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from nustar_widgets.errors import JobError
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.panels.background import Starter
from nustar_widgets.panels.queue.joblist import JobList
from nustar_widgets.panels.queue.jobrows import PAGE, WANTED, job_rows
from nustar_widgets.panels.queue.plainjobs import PlainJobs

Guard = Callable[[Callable[..., Any]], Callable[..., None]]


class QueueBox(widgets.VBox):
    """The list of a queue.

    Parameters
    ----------
    chosen
        Told when another job is looked at.
    badge
        Asked whether what a job made is current, in words.
    guarded
        Wraps what hears the controls, so that errors are shown.
    start
        How slow work is started.
    """

    def __init__(
        self,
        *,
        chosen: Callable[[], Any],
        badge: Callable[[Job], str],
        guarded: Guard,
        start: Starter,
    ) -> None:
        super().__init__()
        self.add_class("nw-queue")
        self.runner: Runner | None = None
        self.chosen_id = ""
        self._chosen, self._badge, self._guarded, self._start = chosen, badge, guarded, start
        self._showing = threading.RLock()
        self._wanted, self._most = "all", PAGE
        self.view = JobList(command=self.command, guarded=guarded)
        self.plain: PlainJobs | None = None
        self.children = (self.view,)

    @property
    def job(self) -> Job | None:
        """The job that is looked at."""
        jobs = () if self.runner is None else self.runner.jobs
        return next((job for job in jobs if job.id == self.chosen_id), None)

    def show_queue(self, runner: Runner) -> None:
        """Show another queue; its newest job is looked at first.

        Parameters
        ----------
        runner
            The queue.
        """
        self.runner, self._most = runner, PAGE
        self.choose(runner.jobs[-1].id if runner.jobs else "")

    def choose(self, job_id: str) -> None:
        """Look at a job.

        Parameters
        ----------
        job_id
            Its id; empty for none.
        """
        self.chosen_id = job_id
        self.show()
        self._chosen()

    def show(self) -> None:
        """Show the jobs as they are now."""
        with self._showing:  # so that what is older is not shown after what is newer
            jobs: Sequence[Job] = () if self.runner is None else self.runner.jobs
            rows = job_rows(
                jobs, wanted=self._wanted, most=self._most, chosen=self.chosen_id,
                badge=self._badge, remaining_s=self._remaining_s,
            )  # fmt: skip
            self.view.show(rows)
            if self.plain is not None:
                self.plain.show(rows)

    def show_plainly(self, *, plain: bool) -> None:
        """Do without a view of our own, or no longer.

        Parameters
        ----------
        plain
            Whether the page lacks the view.
        """
        if plain and self.plain is None:
            self.plain = PlainJobs(command=self.command, guarded=self._guarded)
            self.show()
        self.children = (self.plain,) if plain and self.plain is not None else (self.view,)

    def command(self, asked: dict[str, Any]) -> None:
        """Do what was clicked.

        Parameters
        ----------
        asked
            As `JobList` tells it.
        """
        kind, job_id = str(asked.get("kind")), str(asked.get("id", ""))
        if kind == "choose":
            self.choose(job_id)
        elif kind == "filter" and asked.get("filter") in WANTED:
            self._wanted, self._most = asked["filter"], PAGE
            self.show()
        elif kind == "older":
            self._most += PAGE
            self.show()
        elif self.runner is not None:
            self._act(self.runner, kind, job_id)

    def _act(self, runner: Runner, kind: str, job_id: str) -> None:
        match kind:
            case "cancel":
                runner.cancel(job_id)
            case "retry":
                self.choose(runner.retry(job_id))
            case "retry_from":
                self.choose(runner.retry_from(job_id)[0])
            case "forget":
                self._forget(runner, [job_id])
            case "cancel_all":
                runner.cancel_all()
            case "forget_over":
                over = [job.id for job in runner.jobs if job.state.is_over]
                # There may be thousands of folders to remove.
                self._start(self._guarded(lambda: self._forget(runner, over)))

    def _forget(self, runner: Runner, names: Sequence[str]) -> None:
        for name in names:
            runner.forget(name)
        if self.chosen_id in names:
            self.choose(runner.jobs[-1].id if runner.jobs else "")
        self.show()

    def _remaining_s(self, job: Job) -> float | None:
        try:
            return None if self.runner is None else self.runner.remaining_s(job.id)
        except JobError:  # forgotten a moment ago
            return None
