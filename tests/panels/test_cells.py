"""Panels leave nothing behind: not when they are closed, not when their cell runs again."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import bqplot
import ipywidgets as widgets
import pytest
import traitlets
from ipywidgets.widgets import widget as registry

from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.jobs.liveproducts import LiveProducts
from nustar_widgets.panels import base
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.cells import CellRun, PanelsByCell, current_run, run_of
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.search import SearchPanel
from nustar_widgets.session.keeping import keep
from nustar_widgets.session.session import Session
from tests.archive.loopback import LoopbackArchive
from tests.panels.conftest import at_once


def registered() -> set[str]:
    """Return the model ids of all widgets the kernel knows."""
    return set(registry._instances)


def observers_of(source: traitlets.HasTraits) -> int:
    """Return how many callbacks a value with traits would call."""
    return sum(len(calls) for kinds in source._trait_notifiers.values() for calls in kinds.values())


class Results(traitlets.HasTraits):
    """Results that hang beside a session."""

    counts = traitlets.Int(0)


class Plotted(Panel):
    """A panel with a plot, a part that is not shown, and results it follows."""

    FIELDS: ClassVar[tuple[str, ...]] = ("obsid", "bin_s")

    def __init__(self, session: Session, results: Results | None = None) -> None:
        self.results = results or Results()
        self.shown: list[int] = []
        super().__init__(session)
        self.follow(self.results, lambda change: self.shown.append(change["new"]), ["counts"])

    def _build(self) -> Sequence[widgets.Widget]:
        scales = {"x": bqplot.LogScale(), "y": bqplot.LinearScale()}
        line = bqplot.Lines(x=[1, 2], y=[1, 2], scales=scales, tooltip=bqplot.Tooltip(fields=["x"]))
        axes = [bqplot.Axis(scale=scales["x"]), bqplot.Axis(scale=scales["y"], side="left")]
        self.figure = bqplot.Figure(marks=[line], axes=axes)
        self.figure.interaction = bqplot.PanZoom(scales={"x": [scales["x"]]})
        self.hidden = {"later": [widgets.Accordion([widgets.FloatSlider()])]}
        self.title = widgets.Label()
        return (self.title, widgets.HBox([self.figure]))

    def _show(self, fields: Sequence[str]) -> None:
        self.title.value = self.session.obsid


@pytest.fixture
def archive_panel(tmp_path: Path) -> Callable[[Session], SearchPanel]:
    """Return a function that makes a search panel which asks nobody."""

    def make(session: Session) -> SearchPanel:
        return SearchPanel(session, catalog=Catalog(cache_dir=tmp_path), start=at_once)

    return make


def results_stay(session: Session) -> None:
    """Make what stays beside a session for good, whichever panel comes and goes."""
    keep(session)
    LiveProducts.of(session)


def test_a_closed_panel_leaves_no_widget_and_no_observer() -> None:
    session, results = Session(), Results()
    results_stay(session)
    before = registered(), observers_of(session), observers_of(results)
    for _ in range(50):
        Plotted(session, results).close()
    assert (registered(), observers_of(session), observers_of(results)) == before


def test_a_closed_search_panel_leaves_no_widget_and_no_observer(
    archive_panel: Callable[[Session], SearchPanel],
) -> None:
    session = Session()
    results_stay(session)
    before = registered(), observers_of(session)
    for _ in range(50):
        archive_panel(session).close()
    assert (registered(), observers_of(session)) == before


def test_a_search_panel_that_has_searched_leaves_nothing_either(tmp_path: Path) -> None:
    session = Session()
    before = registered()
    with LoopbackArchive() as archive:
        catalog = Catalog(
            vo_url=archive.vo_url,
            sesame_urls=[archive.sesame_url],
            cache_dir=tmp_path,
            pause_s=0.01,
        )
        panel = SearchPanel(session, catalog=catalog, start=at_once)
        panel.form.text.value = "SWIFT J2127.4+5654"
        searched_once = len(registered())
        panel.form.text.value = "SWIFT J2127.4+5654 "
        panel.search()
        assert panel.result is not None
        assert len(registered()) == searched_once
        panel.close()
        catalog.close()
    assert registered() == before


def test_a_closed_panel_follows_nothing_any_more() -> None:
    session, results = Session(), Results()
    panel = Plotted(session, results)
    results.counts = 1
    panel.close()
    results.counts = 2
    session.edit("choose", obsid="60001110002")
    assert panel.shown == [1]
    assert panel.title.value == ""


def test_a_closed_panel_is_let_go_of() -> None:
    session, results = Session(), Results()
    panel = Plotted(session, results)
    alive = weakref.ref(panel)
    panel.close()
    del panel
    gc.collect()
    assert alive() is None


def test_closing_twice_is_closing_once() -> None:
    panel = Plotted(Session())
    panel.close()
    panel.close()


def test_widgets_of_others_stay() -> None:
    theirs = widgets.Label("theirs")
    panel = Plotted(Session())
    panel.close()
    assert theirs.model_id in registered()
    close_tree(theirs)
    assert theirs.comm is None


REQUEST = {
    "header": {"msg_id": "run-1", "msg_type": "execute_request"},
    "metadata": {"cellId": "cell-a"},
}


def test_a_request_to_run_a_cell_names_the_cell_and_the_run() -> None:
    assert run_of(REQUEST) == CellRun("cell-a", "run-1")


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"header": {"msg_id": "run-1", "msg_type": "execute_request"}, "metadata": {}},
        {**REQUEST, "header": {"msg_id": "run-1", "msg_type": "comm_msg"}},
        {"header": None, "metadata": None},
    ],
)
def test_other_messages_name_no_cell(request_: dict[str, Any]) -> None:
    assert run_of(request_) is None


def test_outside_ipython_there_is_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert current_run() is None
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert current_run() is None


def test_a_shell_without_requests_has_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = SimpleNamespace(get_ipython=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "IPython", terminal)
    assert current_run() is None


def test_inside_a_notebook_the_shell_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(get_parent=lambda: REQUEST)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert current_run() == CellRun("cell-a", "run-1")


@pytest.fixture
def run_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Plotted]:
    """Return a function that makes a panel as a run of a cell would."""
    monkeypatch.setattr(base, "BY_CELL", PanelsByCell())

    def make(cell: str, execution: str) -> Plotted:
        monkeypatch.setattr(base, "current_run", lambda: CellRun(cell, execution))
        return Plotted(Session())

    return make


def is_open(panel: Panel) -> bool:
    return panel.comm is not None


def test_running_a_cell_again_closes_the_panels_it_made_before(
    run_in: Callable[[str, str], Plotted],
) -> None:
    first, second = run_in("a", "1"), run_in("a", "1")
    assert is_open(first)
    assert is_open(second)
    third = run_in("a", "2")
    assert not is_open(first)
    assert not is_open(second)
    assert is_open(third)


def test_panels_of_different_cells_live_side_by_side(
    run_in: Callable[[str, str], Plotted],
) -> None:
    first, other = run_in("a", "1"), run_in("b", "2")
    again = run_in("a", "3")
    assert [is_open(panel) for panel in (first, other, again)] == [False, True, True]


def test_fifty_runs_of_a_cell_leave_the_widgets_of_one(
    run_in: Callable[[str, str], Plotted],
) -> None:
    run_in("a", "0")
    one = len(registered())
    for number in range(50):
        last = run_in("a", f"{number + 1}")
    assert len(registered()) == one
    last.close()


def test_panels_made_by_no_cell_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "current_run", lambda: None)
    first, second = Plotted(Session()), Plotted(Session())
    assert is_open(first)
    assert is_open(second)
    first.close()
    second.close()


def test_an_old_panel_that_cannot_be_closed_is_no_obstacle(
    run_in: Callable[[str, str], Plotted], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_in("a", "1")

    def refuse(_: Plotted) -> None:
        raise RuntimeError("stuck")

    with monkeypatch.context() as patched:
        patched.setattr(Plotted, "close", refuse)
        second = run_in("a", "2")
    assert is_open(second)
    first.close()
    second.close()
