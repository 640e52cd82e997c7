"""The application as a person uses it: the whole way by mouse, and by keyboard alone."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.axe import violations
from tests.browser.loopback import archive_with
from tests.browser.notebook import Notebook

PATIENCE_MS = 90_000
TABS = ("Observation", "Regions", "Light curve", "Parameters", "Jobs", "Fit", "Code")
# What is seen of each panel when it is there.
SEEN = {
    "Observation": ".nw-search-form",
    "Regions": ".nw-sky-pane[data-module=FPMA]",
    "Light curve": ".nw-lightcurve .bqplot path.line",
    "Parameters": ".nw-form-section",
    "Jobs": ".nw-job",
    "Fit": ".nw-partable",
    "Code": ".nw-export-panel .nw-code-text",
}
OPEN = """
import os
os.makedirs({folder!r}, exist_ok=True)
os.chdir({folder!r})
import nustar_widgets as nw
app = nw.App()
"""


@pytest.fixture
def folder(tmp_path: Path, sample: SimulatedObservation) -> Path:
    """Return a folder in which the sample is there already: it need not be simulated again."""
    shutil.copytree(sample.path, tmp_path / sample.path.name, copy_function=os.link)
    return tmp_path


def opened(notebook: Notebook, folder: Path) -> Locator:
    notebook.run(OPEN.format(folder=str(folder)), "app")
    app = notebook.widget(".nw-app")
    expect(app.get_by_role("tab")).to_have_count(len(TABS), timeout=PATIENCE_MS)
    return app


def button(app: Locator, name: str) -> Locator:
    found = app.get_by_role("button", name=name, exact=True)
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    return found


def tab(app: Locator, name: str, *, selected: bool | None = None) -> Locator:
    return app.get_by_role("tab", name=re.compile(rf"^\d {name} \("), selected=selected)


def act(app: Locator, name: str) -> Locator:
    """Return the button of what comes next, once it has this name."""
    found = app.locator(".nw-app-act")
    expect(found).to_have_text(name, timeout=PATIENCE_MS)
    return found


def asked_for(app: Locator) -> Locator:
    """Search for the source by keys; return the rows that are found."""
    box = app.locator(".nw-search-form input[type=text]").first
    box.fill("SWIFT J2127.4+5654")
    box.press("Enter")
    return app.locator(".nw-results tbody tr")


def go_to(target: Locator, key: str, *, most: int = 40) -> None:
    """Press a key until something has the focus."""
    for _ in range(most):
        if target.evaluate("node => node === document.activeElement"):
            return
        target.page.keyboard.press(key)
    expect(target).to_be_focused()


def test_the_whole_way_from_a_name_by_mouse_and_axe_finds_nothing(
    notebook: Notebook, tmp_path: Path, sample: SimulatedObservation
) -> None:
    with archive_with(sample, tmp_path / "server", panel="app.panel('observation')") as ask_there:
        app = opened(notebook, tmp_path / "here")
        notebook.py(ask_there)
        asked_for(app).filter(has_text=sample.obsid).locator("td").first.click(timeout=PATIENCE_MS)
        act(app, "Get the files").click()
        button(app, f"Download {sample.obsid}").click()
        expect(app.locator(".nw-search .nw-strip")).to_contain_text("opened", timeout=PATIENCE_MS)
    act(app, "Take the suggestion").click()
    expect(app.locator("g.nw-source").first).to_be_visible(timeout=PATIENCE_MS)
    act(app, "Run 4 steps").click()
    act(app, "Fit").click()
    act(app, "90 % ranges").click()
    act(app, "Show the code").click()
    expect(app.get_by_role("tabpanel", name=re.compile("Code"))).to_be_focused()
    for name in TABS:
        tab(app, name).click()
        expect(tab(app, name, selected=True)).to_be_visible()
        expect(app.locator(SEEN[name]).first).to_be_visible(timeout=PATIENCE_MS)
        assert violations(notebook.page, ".nw-app") == [], name
    expect(app.get_by_role("tab", name=re.compile("done"))).to_have_count(5)
    tab(app, "Fit").click()
    expect(app.get_by_role("columnheader", name="90 %")).to_be_visible()
    app.locator(".nw-app-bar").get_by_role("button", name=re.compile("^Undo: fit")).click()
    notebook.until("app.session.redo_label", "'fit'")


def test_the_whole_way_from_a_name_by_keyboard_alone(
    notebook: Notebook, tmp_path: Path, sample: SimulatedObservation
) -> None:
    with archive_with(sample, tmp_path / "server", panel="app.panel('observation')") as ask_there:
        app, keys = opened(notebook, tmp_path / "here"), notebook.page.keyboard
        notebook.py(ask_there)
        row = asked_for(app).filter(has_text=sample.obsid)
        expect(row).to_be_visible(timeout=PATIENCE_MS)
        go_to(app.locator(".nw-results tbody tr[tabindex='0']"), "Tab")
        go_to(row, "ArrowDown")
        keys.press("Enter")
        act(app, "Get the files")
        go_to(button(app, f"Download {sample.obsid}"), "Tab")
        keys.press("Enter")
        go_to(act(app, "Take the suggestion"), "Shift+Tab")
    for name in ("Take the suggestion", "Run 4 steps", "Fit", "90 % ranges", "Show the code"):
        expect(act(app, name)).to_be_focused()
        keys.press("Enter")
    expect(app.get_by_role("tabpanel", name=re.compile("Code"))).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    expect(tab(app, "Code")).to_be_focused()
    keys.press("Home")
    keys.press("ArrowRight")
    keys.press("Enter")
    expect(tab(app, "Regions", selected=True)).to_be_focused()
    before = notebook.py("app.session.undo_label")
    keys.press("Control+z")
    notebook.until("app.session.redo_label", before)
    keys.press("Control+Shift+z")
    notebook.until("app.session.undo_label", before)


def test_the_sample_is_opened_from_the_menu_by_keys(notebook: Notebook, folder: Path) -> None:
    app, keys = opened(notebook, folder), notebook.page.keyboard
    button(app, "Sessions \u25be").focus()
    keys.press("Enter")
    expect(notebook.page.get_by_role("menu")).to_be_visible()
    keys.press("End")
    keys.press("Enter")
    expect(button(app, "Sessions \u25be")).to_be_focused()
    expect(app.get_by_role("heading", name="simulated sample")).to_be_visible(timeout=PATIENCE_MS)
    expect(app.locator(SEEN["Regions"])).to_be_visible(timeout=PATIENCE_MS)
    keys.press("Tab")
    expect(tab(app, "Regions")).to_be_focused()
    keys.press("Tab")
    expect(act(app, "Take the suggestion")).to_be_focused()


def test_a_cell_run_again_closes_the_application_it_made_before(
    notebook: Notebook, folder: Path
) -> None:
    app = opened(notebook, folder)
    tab(app, "Light curve").click()
    tab(app, "Observation").click()
    expect(app.locator(SEEN["Observation"])).to_be_visible()
    notebook.py("first, panels = app, [place.panel for place in app._places.values()]")
    notebook.again(0)
    notebook.again(1)
    expect(app).to_have_count(1)
    expect(app.locator(SEEN["Observation"])).to_be_visible()
    assert notebook.py("[w.comm is None for w in (first, *panels)]") == "[True, True, True]"
