"""The job that is looked at: how it stands, its log, what it made and how."""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.jobs.estimate import duration_words
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.record import JobState
from nustar_widgets.jobs.standing import Standing
from nustar_widgets.panels.background import Starter
from nustar_widgets.panels.queue.logview import LogView
from nustar_widgets.panels.queue.plainlog import PlainLog
from nustar_widgets.panels.queue.planbox import ENGINES
from nustar_widgets.panels.queue.productpane import ProductPane
from nustar_widgets.panels.queue.provenancepane import ProvenancePane
from nustar_widgets.panels.queue.ticker import Ticker

Guard = Callable[[Callable[..., Any]], Callable[..., None]]

_STYLE: Final = """<style>
.nw-chosen-job { font-size: 13px; line-height: 1.5; color: var(--jp-ui-font-color1, #222); }
.nw-chosen-job small { color: var(--jp-ui-font-color2, #555); }
.nw-badge { font-size: 11px; padding: 0 7px; border-radius: 9px; margin-left: 6px; }
.nw-badge-current { color: #14532d; background: #dcf5e3; }
.nw-badge-stale { color: #7a4b00; background: #fff4df; }
.nw-why-not { color: #8b1a1a; background: #fdecec; padding: 3px 8px; border-radius: 3px;
  font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 88px;
  overflow: auto; }
</style>"""
_TICK_S: Final = 0.05  # the log is looked at no more often than this
_NONE: Final = "<small>No job is chosen.</small>"


class JobBox(widgets.VBox):
    """One job.

    Parameters
    ----------
    start
        How slow work is started.
    guarded
        Wraps what hears the controls, so that errors are shown.
    failed
        Told what went wrong with reading a product.
    between_s
        Shortest time between two looks at a log that grows [s].
    """

    def __init__(
        self,
        *,
        start: Starter,
        guarded: Guard,
        failed: Callable[[Exception], Any],
        between_s: float,
    ) -> None:
        super().__init__(layout=widgets.Layout(flex="100 1 400px", min_width="0"))
        self.add_class("nw-job-box")
        self._lock = threading.RLock()
        self._shown: tuple[Job, str] | None = None
        self._shown_log: Path | None = None
        self._make_plain_log = partial(PlainLog, guarded=guarded, start=start, between_s=between_s)
        self.head = widgets.HTML(value=_STYLE + _NONE)
        self.tabs = widgets.ToggleButtons(
            options=["Log", "Products", "Details"], style={"button_width": "100px"}
        )
        self.log_view = LogView(guarded=guarded, start=start, between_s=between_s)
        self.log_view.layout.width = "100%"
        self.plain_log: PlainLog | None = None
        self._is_plain = self._is_resting = False
        self.products = ProductPane(start=start, guarded=guarded, failed=failed)
        self.details = ProvenancePane(start=start, guarded=guarded)
        self.ticker = Ticker(guarded(self._tick), every_s=max(between_s, _TICK_S))
        self.pane = widgets.VBox(
            layout=widgets.Layout(width="100%", max_height="560px", overflow="auto")
        )
        self.children = (self.head, self.tabs, self.pane)
        self.tabs.observe(guarded(lambda _: self._show_tab()), "value")
        self._show_tab()

    @property
    def logs(self) -> LogView | PlainLog:
        """What shows the log."""
        return self.plain_log if self._is_plain and self.plain_log is not None else self.log_view

    def show(self, job: Job | None, *, log: Path | None, standing: Standing | None) -> None:
        """Show a job as it is now.

        Parameters
        ----------
        job
            The job; ``None`` for none.
        log
            Its log.
        standing
            Whether what it made is current.
        """
        with self._lock:
            before = None if self._shown is None else self._shown[0]
            badge = "" if standing is None else standing.words()
            if job is not None and self._shown == (job, badge):
                return
            self._shown = None if job is None else (job, badge)
            self.head.value = _STYLE + (_NONE if job is None else _head(job, standing))
            self._shown_log = log
            self._show_log()
            if job is None:
                self.products.show((), nothing="")
            elif before is None or _moved(before, job):
                self.products.show(job.products, nothing=_nothing(job))
                self.details.show(job)
                self.tabs.value = _first_tab(before, job, self.tabs.value)

    def show_plainly(self, *, plain: bool) -> None:
        """Do without views of our own, or no longer.

        Parameters
        ----------
        plain
            Whether the page lacks the views.
        """
        if plain and self.plain_log is None:
            self.plain_log = self._make_plain_log()
        self._is_plain = plain
        self._show_log()
        self._show_tab()
        self.products.show_plainly(plain=plain)
        self.details.show_plainly(plain=plain)

    def rest(self, *, resting: bool) -> None:
        """Look at a log that grows no more, or again.

        Parameters
        ----------
        resting
            Whether nobody sees it.
        """
        with self._lock:
            self._is_resting = resting
            self._show_log()

    def close(self) -> None:
        """Stop looking at the log."""
        self.ticker.want(wanted=False)
        super().close()

    def _tick(self) -> None:
        self.logs.tick()

    def _show_log(self) -> None:
        job = None if self._shown is None else self._shown[0]
        is_live = job is not None and not job.state.is_over
        title = "" if job is None else job.spec.label
        self.logs.show(self._shown_log, title=title, is_live=is_live)
        self.ticker.want(wanted=is_live and not self._is_resting)

    def _show_tab(self) -> None:
        panes = {"Log": self.logs, "Products": self.products, "Details": self.details}
        self.pane.children = (panes[self.tabs.value],)


def _moved(before: Job, job: Job) -> bool:
    """Whether it is another job, or the same one in another state."""
    return (before.id, before.state) != (job.id, job.state)


def _first_tab(before: Job | None, job: Job, now: str) -> str:
    """Say what is wanted first: what went wrong, or what was made; else what was looked at."""
    if job.state is JobState.DONE:
        came = before is None or before.id != job.id or now == "Log"
        return "Products" if came and now != "Details" else now
    return "Log" if job.state is not JobState.WAITING else now


def _nothing(job: Job) -> str:
    if not job.state.is_over:
        return "Products appear here when all of them are complete."
    return "It made nothing: products appear only when all of them are complete."


def _head(job: Job, standing: Standing | None) -> str:
    words = [str(job.state)]
    if job.began is not None:
        words.append(f"begun {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(job.began))}")
        if job.ended is not None:
            words.append(f"took {duration_words(job.elapsed_s)}")
    badge = ""
    if standing is not None:
        kind = "current" if standing.is_current else "stale"
        badge = f"<span class='nw-badge nw-badge-{kind}'>{html.escape(standing.words())}</span>"
    reason = ""
    if job.reason:
        reason = f"<div class='nw-why-not' role='alert'>{html.escape(job.reason)}</div>"
    return (
        f"<div class='nw-chosen-job'><b>{html.escape(job.spec.label)}</b> "
        f"<small>by {html.escape(ENGINES.get(job.spec.engine, job.spec.engine))}: "
        f"{html.escape(', '.join(words))}</small>{badge}</div>{reason}"
    )
