"""The application as a page of its own, in Voila, and in Notebook 7."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from nustar_widgets.app import acting, serving
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.opening import open_in
from nustar_widgets.session.keeping import keep
from nustar_widgets.session.opensession import open_session
from nustar_widgets.simulate import SimulatedObservation
from tests.browser import server
from tests.browser.axe import violations
from tests.browser.chromium import Chromium
from tests.browser.test_app import PATIENCE_MS, SEEN, TABS, act, tab
from tests.browser.watch import Watch


@pytest.fixture
def analysed(tmp_path: Path, sample: SimulatedObservation) -> Path:
    """Return the work folder of a session that has its products."""
    session = open_session(tmp_path / "work")
    open_in(session, sample.path)
    acting.take_suggestion(session, lambda _: None)
    acting.run(session)
    queue_in(session.work_dir).wait(timeout_s=300.0)
    assert keep(session).flush()
    return tmp_path / "work"


# Notebook 7's own, whatever it shows: https://github.com/jupyter/notebook/issues/7862
SHORTCUTS_RACE = re.compile(r"reading 'schema'.*notebook_core", re.DOTALL)
IDLE = "jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


def shown(app: Locator) -> None:
    expect(app.get_by_role("tab")).to_have_count(len(TABS), timeout=PATIENCE_MS)


def test_the_page_is_dark_goes_on_with_its_session_and_is_for_whoever_has_the_token(
    chromium: Chromium, tmp_path: Path, analysed: Path
) -> None:
    with (
        chromium.awake(),
        chromium.context() as context,
        server.application(tmp_path / "home", analysed, theme="dark") as (running, address),
    ):
        watch, page = Watch(context, running.url), context.new_page()
        without_token = context.request.get(running.url)
        assert "nw-app" not in without_token.text()
        assert without_token.status in (401, 403) or "login" in without_token.url
        page.goto(address)
        app = page.locator(".nw-app")
        expect(app.locator(".nw-app-bar")).to_be_visible(timeout=PATIENCE_MS)
        shown(app)
        assert page.title() == "nustar_widgets"
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
        act(app, "Fit").click()
        act(app, "90 % ranges")
        for name in TABS:
            tab(app, name).click()
            expect(app.locator(SEEN[name]).first).to_be_visible(timeout=PATIENCE_MS)
            assert violations(page, ".nw-app") == [], name
        expect(app.locator(".nw-app-saved")).to_have_text("saved", timeout=PATIENCE_MS)
        page.reload()  # another kernel
        expect(app.get_by_role("heading", name="simulated sample")).to_be_visible(
            timeout=PATIENCE_MS
        )
        expect(tab(app, "Fit", selected=True)).to_be_visible()
        undo = app.locator(".nw-app-bar").get_by_role("button", name=re.compile("^Undo: fit"))
        expect(undo).to_be_enabled()
        expect(app.get_by_text("is open in another kernel")).to_have_count(0)  # it has ended
        assert not watch.outside
        assert not watch.page_errors


def test_the_notebook_lab_starts_from_works_in_notebook_7(
    chromium: Chromium, tmp_path: Path, sample: SimulatedObservation
) -> None:
    home = tmp_path / "home"
    serving.lab(home / "root")
    shutil.copytree(sample.path, home / "root" / sample.path.name, copy_function=os.link)
    with (
        chromium.awake(),
        chromium.context() as context,
        server.notebook7(home) as running,
    ):
        watch, page = Watch(context, running.url), context.new_page()
        page.goto(f"{running.url}/notebooks/{serving.START}")
        page.wait_for_function(f"() => window.{IDLE}", timeout=PATIENCE_MS)
        page.locator(".jp-Notebook .jp-CodeCell").first.click()
        page.get_by_role("button", name=re.compile("^Run this cell")).click()
        app = page.locator(".nw-app")
        shown(app)
        app.get_by_role("button", name="Simulated sample", exact=True).click()
        act(app, "Take the suggestion").click()
        expect(app.locator("g.nw-source").first).to_be_visible(timeout=PATIENCE_MS)
        act(app, "Run 4 steps")
        assert (home / "root" / "work" / "session.json").is_file()
        assert not watch.outside
        assert not [text for text in watch.page_errors if not SHORTCUTS_RACE.search(text)]
