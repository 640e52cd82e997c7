"""The application without a browser: steps, panels, what comes next, and what goes wrong."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from nustar_widgets.app import steps
from nustar_widgets.app.application import App
from nustar_widgets.app.place import Place
from nustar_widgets.app.steps import Step
from nustar_widgets.errors import SessionError
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.panels.lightcurve import LightCurvePanel
from nustar_widgets.panels.search import SearchPanel
from nustar_widgets.panels.sky import SkyPanel
from nustar_widgets.session.session import Session
from nustar_widgets.simulate import SimulatedObservation
from tests.app.conftest import placed
from tests.panels.conftest import at_once


def following(app: App) -> dict[str, str]:
    found: dict[str, str] = app.bar.state["next"]
    return found


def go_on(app: App) -> None:
    """Press the button of what comes next."""
    app.command({"kind": "next", "act": following(app)["act"]})


def mark(app: App, key: str) -> str:
    return next(str(step["mark"]) for step in app.bar.state["steps"] if step["key"] == key)


def living() -> set[str]:
    """Return the widgets that are registered."""
    from ipywidgets.widgets import widget

    return set(widget._instances)


def places(app: App) -> list[Place]:
    return [part for part in app.panes.children if isinstance(part, Place)]


def test_a_new_application_has_one_panel_and_says_what_to_do(app: App) -> None:
    assert app.step == steps.OBSERVATION
    assert [type(place.panel) for place in places(app)] == [SearchPanel]
    assert app.bar.state["title"] == "no observation yet"
    assert following(app)["button"] == "Choose an observation"


def test_its_session_is_kept_in_work_and_found_again(here: Path) -> None:
    first = App(start=at_once, has_page=False)
    first.session.edit("bin", bin_s=50.0)
    first.keeping.flush()
    assert first.bar.state["saved"]["ok"]
    again = App(start=at_once, has_page=False)
    assert (here / "work" / "session.json").is_file()
    assert again.session.bin_s == 50.0
    first.close()
    again.close()


def test_the_whole_way_by_the_button_of_what_comes_next(
    app: App, here: Path, sample: SimulatedObservation
) -> None:
    placed(here, sample)
    app.command({"kind": "sample"})
    assert app.step == steps.REGIONS
    assert app.bar.state["title"] == "simulated sample"
    go_on(app)  # takes the suggestion
    assert app.session.undo_label == "take the suggested regions"
    assert "signal-to-noise" in app.strip.text
    assert following(app)["button"] == "Run 4 steps"
    go_on(app)
    assert app.step == steps.JOBS
    queue_in(app.session.work_dir).wait(timeout_s=120.0)
    app.lookout.look()
    assert following(app)["words"] == "fit constant*tbabs*powerlaw"
    assert mark(app, steps.JOBS) == "DONE"
    go_on(app)
    assert app.step == steps.FIT
    assert app.session.undo_label == "fit"
    app.lookout.look()
    assert following(app)["button"] == "90 % ranges"
    go_on(app)
    app.lookout.look()
    assert following(app)["button"] == "Show the code"
    assert mark(app, steps.FIT) == "DONE"
    app.session.edit("bin", bin_s=50.0)
    app.lookout.look()
    assert mark(app, steps.JOBS) == "STALE"
    assert "because binsize was 100, is now 50" in following(app)["words"]
    assert mark(app, steps.FIT) == "STALE"


def test_panels_are_made_when_first_opened_and_kept(app: App) -> None:
    search = app.panel(steps.OBSERVATION)
    assert app.panel(steps.LIGHT_CURVE) is None
    app.go_to(steps.LIGHT_CURVE)
    assert isinstance(app.panel(steps.LIGHT_CURVE), LightCurvePanel)
    app.go_to(steps.OBSERVATION)
    assert app.panel(steps.OBSERVATION) is search
    assert [place.layout.display for place in places(app)] == ["flex", "none"]


def test_a_hidden_panel_rests_and_shows_what_has_changed_when_it_is_seen(app: App) -> None:
    app.go_to(steps.LIGHT_CURVE)
    curve = app.panel(steps.LIGHT_CURVE)
    app.go_to(steps.OBSERVATION)
    app.session.edit("bin", bin_s=50.0)
    assert curve.form.bin.value == 100.0
    app.go_to(steps.LIGHT_CURVE)
    assert curve.form.bin.value == 50.0


def test_a_panel_that_cannot_be_made_says_so_in_its_tab_and_can_be_tried_again(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Step) -> None:
        raise RuntimeError("<b>no ink</b>")

    with monkeypatch.context() as patch:
        patch.setattr(Step, "make", property(fail))
        app.go_to(steps.REGIONS)
    (said,) = places(app)[1].children
    strip, again = said.children
    assert "no ink" in strip.text
    assert "<b>no" not in strip.value
    app.go_to(steps.OBSERVATION)
    assert isinstance(app.panel(steps.OBSERVATION), SearchPanel)
    app.go_to(steps.REGIONS)
    assert isinstance(app.panel(steps.REGIONS), SkyPanel)
    assert again.comm is None  # closed with what it stood in


def test_undo_and_redo_are_named_and_done(app: App) -> None:
    app.session.edit("bin the light curve", bin_s=50.0)
    assert app.bar.state["undo"] == "bin the light curve"
    app.command({"kind": "undo"})
    assert app.session.bin_s == 100.0
    assert (app.bar.state["undo"], app.bar.state["redo"]) == ("", "bin the light curve")
    app.command({"kind": "redo"})
    assert app.session.bin_s == 50.0


def test_what_the_bar_says_of_undo_and_redo_is_of_one_moment(app: App) -> None:
    app.session.edit("bin the light curve", bin_s=50.0)
    app.lookout.close()  # so that nobody looks meanwhile
    app.session.undo()
    app._show_bar()
    assert (app.bar.state["undo"], app.bar.state["redo"]) == ("bin the light curve", "")
    app.lookout.glance()
    app._show_bar()
    assert (app.bar.state["undo"], app.bar.state["redo"]) == ("", "bin the light curve")


def test_a_click_on_what_was_next_a_moment_ago_does_nothing(app: App) -> None:
    app.command({"kind": "next", "act": "run"})
    assert app.step == steps.OBSERVATION
    assert not queue_in(app.session.work_dir).jobs


def test_another_session_takes_the_place_of_the_first_with_its_panels(app: App, here: Path) -> None:
    first, panel = app.session, app.panel(steps.OBSERVATION)
    app.command({"kind": "new"})
    assert app.session is not first
    assert app.session.work_dir == str(here / "work-2")
    assert panel.comm is None
    assert app.panel(steps.OBSERVATION).session is app.session
    first.edit("bin", bin_s=50.0)
    assert app.bar.state["undo"] == ""


def test_recent_sessions_are_in_the_menu_and_open(app: App, here: Path) -> None:
    app.session.edit("select 60001110002", obsid="60001110002")
    app.keeping.flush()
    first = app.session
    app.command({"kind": "new"})
    app.session.edit("bin", bin_s=50.0)
    app.keeping.flush()
    app.command({"kind": "menu"})
    rows = [row for row in app.bar.state["recent"] if str(here) in row["path"]]
    assert [row["current"] for row in rows] == [True, False]
    assert rows[1]["title"] == "60001110002"
    app.command({"kind": "recent", "path": rows[1]["path"]})
    assert app.session is first


def test_a_recent_session_that_cannot_be_read_leaves_all_as_it_was(app: App, here: Path) -> None:
    before = app.session
    (here / "broken.json").write_text("{")
    with pytest.raises(SessionError):
        app.turn_to(here / "broken.json")
    app.bar._handle_custom_msg({"kind": "recent", "path": str(here / "broken.json")}, [])
    assert app.session is before
    assert "not a saved session" in app.strip.text


def test_the_sample_does_not_take_the_place_of_an_observation(
    here: Path, sample: SimulatedObservation
) -> None:
    placed(here, sample)
    session = Session(obsid="60001110002", work_dir=str(here / "work"))
    app = App(session, start=at_once, has_page=False)
    app.command({"kind": "sample"})
    assert session.obsid == "60001110002"
    assert app.session.obsid == "00000000001"
    app.close()


def test_a_step_that_is_not_one_is_refused_by_name(app: App) -> None:
    with pytest.raises(SessionError, match="no step 'regons': expected one of observation, reg"):
        app.go_to("regons")


def test_what_was_said_of_a_step_goes_with_the_next_edit(
    here: Path, sample: SimulatedObservation, opened: Session
) -> None:
    app = App(opened, start=at_once, has_page=False)
    app.lookout.look()
    go_on(app)
    assert app.strip.text
    opened.edit("bin", bin_s=50.0)
    assert not app.strip.text
    app.close()


def test_a_closed_application_leaves_no_widget_and_hears_of_nothing(here: Path) -> None:
    before = living()
    session = Session(work_dir=str(here / "work"))
    app = App(session, start=at_once, has_page=False)
    app.go_to(steps.LIGHT_CURVE)
    state = app.bar.state
    app.close()
    session.edit("bin", bin_s=50.0)
    assert app.bar.state is state
    assert living() <= before


def test_a_session_is_not_kept_alive_by_an_application_that_was_closed(here: Path) -> None:
    session = Session(work_dir=str(here / "work"))
    app = App(session, start=at_once, has_page=False)
    app.close()
    gone = weakref.ref(session)
    del app, session
    gc.collect()
    assert gone() is None


def test_a_page_without_our_view_gets_plain_buttons_that_do_the_same(app: App) -> None:
    app._page.lacks_the_view = True
    app._page_told()
    plain = app.plain
    assert plain is not None
    assert app.head.children[0] is plain
    plain.steps.value = steps.LIGHT_CURVE
    assert app.step == steps.LIGHT_CURVE
    app.session.edit("bin", bin_s=50.0)
    assert not plain.undo.disabled
    plain.undo.click()
    assert app.session.bin_s == 100.0
    assert plain.next.description == "Choose an observation"
    plain.next.click()
    assert app.step == steps.OBSERVATION


def test_plain_steps_are_sent_again_only_when_one_has_changed(app: App) -> None:
    app._page.lacks_the_view = True
    app._page_told()
    plain = app.plain
    assert plain is not None
    sent: list[str] = []
    plain.steps.observe(lambda change: sent.append(change.name), ["_options_labels", "index"])
    app.session.edit("bin", bin_s=50.0)
    assert sent == []
    app.go_to(steps.LIGHT_CURVE)
    assert sent == ["index"]
    app._show_bar()
    assert sent == ["index"]


def test_an_application_is_whole_for_a_still_when_the_open_panel_is(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.still_is_whole
    monkeypatch.setattr(SearchPanel, "still_is_whole", property(lambda _: False))
    assert not app.still_is_whole


def test_plain_buttons_go_when_the_page_answers_late(app: App) -> None:
    app._page.lacks_the_view = True
    app._page_told()
    plain = app.plain
    app._page.lacks_the_view = False
    app._page_told()
    assert app.head.children[0] is app.bar
    assert plain not in app.head.children


def test_names_from_outside_are_shown_as_text(app: App) -> None:
    from nustar_widgets.session.values import Target

    app._page.lacks_the_view = True
    app._page_told()
    app.session.edit("select", target=Target(name="<img onerror=alert(1)>"))
    assert app.plain is not None
    assert app.bar.state["title"] == "<img onerror=alert(1)>"
    assert "<img" not in app.plain.title.value
