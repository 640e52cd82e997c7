"""A panel that nobody sees does nothing, and shows the newest of what has changed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import traitlets
from traitlets import Bunch

from nustar_widgets.jobs.runner import Runner
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.jobs import JobsPanel
from nustar_widgets.session.session import Session

if TYPE_CHECKING:
    import ipywidgets as widgets


class Results(traitlets.HasTraits):
    """What hangs beside a session."""

    number = traitlets.Int(0)


class Noting(Panel):
    """Notes what it is told."""

    FIELDS: ClassVar[tuple[str, ...]] = ("bin_s", "obsid")

    def __init__(self, session: Session) -> None:
        self.shown: list[tuple[str, ...]] = []
        self.results, self.numbers = Results(), list[int]()
        super().__init__(session)
        self.follow(self.results, lambda change: self.numbers.append(change["new"]), ["number"])

    def _build(self) -> Sequence[widgets.Widget]:
        return ()

    def _show(self, fields: Sequence[str]) -> None:
        self.shown.append(tuple(fields))


def test_a_panel_at_rest_is_not_told_of_edits() -> None:
    panel = Noting(Session())
    panel.rest()
    panel.session.edit("bin", bin_s=50.0)
    panel.results.number = 1
    assert panel.shown == [panel.FIELDS]
    assert not panel.numbers


def test_a_panel_that_wakes_shows_each_field_once_and_the_newest_results() -> None:
    panel = Noting(Session())
    panel.rest()
    for bin_s in (50.0, 60.0):
        panel.session.edit("bin", bin_s=bin_s)
    panel.session.edit("select", obsid="60001110002")
    panel.results.number = 1
    panel.results.number = 2
    panel.wake()
    assert panel.shown == [panel.FIELDS, ("bin_s", "obsid")]
    assert panel.numbers == [2]


def test_a_panel_that_was_woken_is_told_at_once_again() -> None:
    panel = Noting(Session())
    panel.rest()
    panel.wake()
    panel.session.edit("bin", bin_s=50.0)
    assert panel.shown == [panel.FIELDS, ("bin_s",)]


def test_a_panel_that_wakes_without_news_does_nothing() -> None:
    panel = Noting(Session())
    panel.rest()
    panel.wake()
    panel.wake()
    assert panel.shown == [panel.FIELDS]


def test_what_goes_wrong_when_a_panel_wakes_is_shown_in_it() -> None:
    panel = Noting(Session())
    panel.rest()
    panel.session.edit("bin", bin_s=50.0)

    def fail(fields: Sequence[str]) -> None:
        raise RuntimeError("no ink")

    panel._show = fail  # type: ignore[method-assign]
    panel.wake()
    assert panel.strip.is_error
    assert "no ink" in panel.strip.text


def test_a_panel_that_was_closed_at_rest_is_told_nothing() -> None:
    panel = Noting(Session())
    panel.rest()
    panel.close()
    panel.session.edit("bin", bin_s=50.0)
    panel.wake()
    assert panel.shown == [panel.FIELDS]


def test_the_job_panel_at_rest_looks_at_no_queue(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    panel = JobsPanel(
        Session(work_dir=str(tmp_path)), runner=runner, start=lambda work: work(), between_s=0.0
    )
    looked = []
    panel.queue.show = lambda: looked.append(1)  # type: ignore[method-assign]
    panel.rest()
    runner.notify_change(Bunch(name="jobs", new=(), old=(), owner=runner, type="change"))
    assert not looked
    panel.wake()
    assert looked
    panel.close()
    runner.close()
