"""Parts of a panel that come late, from the page's thread and from others: each once, or never."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import traitlets

from nustar_widgets.app.application import App
from nustar_widgets.panels import base
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.export import ExportPanel
from nustar_widgets.panels.jobs import JobsPanel
from nustar_widgets.panels.keptline import KeptLine
from nustar_widgets.session.keeping import keep
from nustar_widgets.session.session import Session
from tests.panels.conftest import at_once
from tests.panels.test_kept_line import Bins, leave_session

if TYPE_CHECKING:
    import ipywidgets as widgets

Made = Callable[[Session], Panel]


class Slow(Bins):
    """Something else happens while its parts change: after they were read, before they are set."""

    meanwhile: Callable[[], None] | None = None

    @traitlets.validate("children")
    def _pause(self, proposal: Any) -> Any:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            self.other = threading.Thread(target=act)
            self.other.start()
            self.other.join(timeout=0.3)  # it may have to wait for us
        return proposal.value


class Quick(Bins):
    """Its page is there before its parts are."""

    def _build(self) -> Sequence[widgets.Widget]:
        self._keys.ready = 1
        return super()._build()


def app(session: Session) -> Panel:
    return App(session, start=at_once, has_page=False)


def jobs(session: Session) -> Panel:
    return JobsPanel(session, start=at_once, has_page=False)


def export(session: Session) -> Panel:
    return ExportPanel(session, start=at_once, has_page=False)


@pytest.fixture(params=[Bins, app, jobs, export])
def panel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Panel]:
    """Return a panel that has nothing to say of how its session is kept."""
    made: Made = request.param
    found = made(Session(work_dir=str(tmp_path)))
    yield found
    found.close()


def shown(part: widgets.Widget) -> Iterator[widgets.Widget]:
    """Yield a widget and all that stands in it."""
    yield part
    for child in getattr(part, "children", ()):
        yield from shown(child)


def kept_lines(panel: Panel) -> list[KeptLine]:
    return [part for part in shown(panel) if isinstance(part, KeptLine)]


def news(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Any]) -> None:
    """Let something happen once, after it was found that there is something to say."""
    acts = [meanwhile]

    def has_news(_: Any) -> bool:
        if acts:
            acts.pop()()
        return True

    monkeypatch.setattr(base, "has_news", has_news)


def test_nothing_is_lost_when_two_threads_place_parts_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = Slow(Session(work_dir=str(tmp_path)))
    panel.meanwhile = lambda: setattr(panel._keys, "ready", 1)
    news(monkeypatch, lambda: None)
    panel._show_keeping()
    panel.other.join()
    assert panel.kept is not None
    assert {panel.kept, panel._keys} < set(panel.children)
    panel.close()


def test_keys_of_a_page_that_is_there_first_are_placed(tmp_path: Path) -> None:
    panel = Quick(Session(work_dir=str(tmp_path)))
    assert panel.children.count(panel._keys) == 1
    panel._keys.ready = 2
    assert panel.children.count(panel._keys) == 1
    panel.close()


def test_it_is_said_once_when_two_threads_find_news(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    news(monkeypatch, panel._show_keeping)
    panel._show_keeping()
    assert kept_lines(panel) == [panel.kept]


def test_nothing_is_said_by_a_panel_that_was_told_to_leave_it_meanwhile(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    news(monkeypatch, panel.leave_keeping)
    panel._show_keeping()
    assert (panel.kept, kept_lines(panel)) == (None, [])


def test_nothing_is_placed_in_a_panel_that_was_closed_meanwhile(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    news(monkeypatch, panel.close)
    panel._show_keeping()
    panel._keys.ready = 1
    assert (panel.kept, kept_lines(panel)) == (None, [])
    assert panel._keys not in panel.children


@pytest.mark.parametrize("make", [Bins, app, jobs, export])
def test_message_strip_and_news_are_there_once_with_an_earlier_session(
    tmp_path: Path, make: Made
) -> None:
    leave_session(tmp_path, bin_s=20.0)
    session = Session(work_dir=str(tmp_path))
    keep(session).flush()
    panel = make(session)
    parts = list(shown(panel))
    assert parts.count(panel.strip) == 1
    assert panel.kept is not None
    assert parts.count(panel.kept) == 1
    panel.close()
