"""What stands under the plot of a fit, as a person uses it: by mouse and by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.notebook import Notebook

REPOSITORY = Path(__file__).resolve().parents[2]

SET_UP = f"""
import sys; sys.path.insert(0, {str(REPOSITORY)!r})
from dataclasses import replace
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.spectra import LoadedSpectra
from nustar_widgets.panels.background import Background
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.fitting.fitdetails import FitDetails
from nustar_widgets.session.session import Session
from tests.engines.fitcases import made_choice, made_pair

class Host(Panel):
    def _build(self):
        self.background = Background()
        self.details = FitDetails(
            LiveFit.of(self.session), run=self.run, guarded=self.guarded, clicked=self.clicked,
            follow=self.follow,
        )
        return (self.details,)

    def run(self, work):
        self.background.run(
            lambda _: work(), done=lambda _: None, failed=self.guarded(self.strip.fail)
        )

    def _show(self, fields):
        pass

session = Session(fit=replace(made_choice("chi"), notice_kev=((3.0, 20.0),)))
live = LiveFit.of(session)
live.take(LoadedSpectra(inputs=(), datasets=tuple(d.notice("all") for d in made_pair(seed=1))))
panel = Host(session)
panel
"""
PATIENCE_MS = 20_000


@pytest.fixture
def opened(notebook: Notebook) -> Notebook:
    notebook.run(SET_UP)
    expect(notebook.widget(".nw-detail-trace")).to_contain_text("No fit", timeout=PATIENCE_MS)
    return notebook


def show(notebook: Notebook, pane: str) -> None:
    notebook.widget(f".nw-fit-details button:text-is('{pane}')").click()


def press(notebook: Notebook, words: str) -> None:
    notebook.widget(f".nw-detail button:text-is('{words}')").click()


def test_a_fit_draws_its_trace_and_says_how_it_stands(opened: Notebook, screenshots: Path) -> None:
    assert opened.widget(".nw-detail-trace .bqplot").count() == 0
    opened.py("panel.run(live.fit)")
    pane = opened.widget(".nw-detail-trace")
    expect(pane).to_contain_text("converged", timeout=PATIENCE_MS)
    expect(pane).to_contain_text("for 78 degrees of freedom, reduced 0.")
    expect(pane.locator(".bqplot path.line")).to_have_attribute("d", re.compile(r"^M.*L|^M.*V"))
    expect(pane).to_contain_text("Evaluations of the statistic")
    opened.photograph(screenshots)
    assert not opened.watch.console_errors


def test_ranges_are_searched_by_keyboard_for_the_chosen_parameter(opened: Notebook) -> None:
    show(opened, "Errors")
    names = opened.widget(".nw-detail-errors select")
    names.focus()
    names.press("Home")
    names.press("ArrowDown")
    opened.until("panel.details.shown.names.value", "('powerlaw.PhoIndex',)")
    opened.widget(".nw-detail button:text-is('90 %')").press("Enter")
    pane = opened.widget(".nw-detail-errors")
    expect(pane).to_contain_text("90 % ranges", timeout=PATIENCE_MS)
    row = pane.locator("tr", has_text="powerlaw.PhoIndex")
    expect(row).to_contain_text("well")
    expect(pane.locator("tr", has_text="TBabs.nH")).not_to_contain_text("well")


def test_a_contour_fills_in_and_stays_one_picture(opened: Notebook, screenshots: Path) -> None:
    opened.py("live.errors()")
    show(opened, "Contours")
    pane = opened.widget(".nw-detail-contour")
    assert pane.locator(".bqplot").count() == 0
    opened.py(
        "seen = []\n"
        "live.observe(lambda change: seen.append(int((change['new'].statistic > 0).sum())),"
        " 'contour')"
    )
    steps = pane.locator("input[type=number]").last
    steps.fill("40")
    steps.press("Enter")
    press(opened, "Map")
    expect(pane).to_contain_text("1600 points", timeout=PATIENCE_MS)
    opened.until("len(seen) > 2 and seen == sorted(seen) and seen[0] < 1600", "True")
    expect(pane).to_contain_text("TBabs.nH [10^22]")
    expect(pane.locator(".bqplot")).to_have_count(1)
    for level in ("68 %", "90 %", "99 %"):
        expect(pane).to_contain_text(f"{level} of two parameters")
    for line in pane.locator("path.line").all():
        expect(line).to_have_attribute("d", re.compile(r"^M"))
    opened.photograph(screenshots)
    assert not opened.watch.console_errors


def test_what_goes_on_is_stopped_by_its_button(opened: Notebook) -> None:
    opened.py("live.fit()")
    show(opened, "Contours")
    pane = opened.widget(".nw-detail-contour")
    steps = pane.locator("input[type=number]").last
    steps.fill("200")
    steps.press("Enter")
    opened.until("panel.details.shown.steps.value", "200")
    press(opened, "Map")
    expect(opened.widget(".nw-detail-activity")).to_contain_text("mapping TBabs.nH")
    expect(opened.widget(".nw-detail button:text-is('Map')")).to_be_disabled()
    stop = opened.widget(".nw-detail-activity button")
    stop.press("Enter")
    expect(stop).to_be_disabled()
    expect(pane).to_contain_text("of 40000 points", timeout=PATIENCE_MS)
    expect(opened.widget(".nw-detail button:text-is('Map')")).to_be_enabled()


def test_fluxes_are_measured_and_ready_to_copy(opened: Notebook, screenshots: Path) -> None:
    opened.py("live.fit()")
    show(opened, "Fluxes")
    pane = opened.widget(".nw-detail-fluxes")
    bands = pane.locator("input[type=text]")
    bands.fill("3-10; 10-2")
    bands.press("Enter")
    press(opened, "Measure")
    expect(opened.widget(".nw-strip")).to_contain_text("'10-2': expected the lower energy first")
    bands.fill("3-10; 10-20")
    bands.press("Enter")
    press(opened, "Measure")
    expect(pane.locator("tbody tr")).to_have_count(4, timeout=PATIENCE_MS)
    expect(pane.locator(".nw-code-text")).to_contain_text("10-20")
    expect(pane.locator("button:text-is('Copy as text')")).to_be_visible()
    opened.photograph(screenshots)


def test_a_chain_has_a_picture_with_words(opened: Notebook, screenshots: Path) -> None:
    opened.py("live.fit()")
    show(opened, "Chain")
    pane = opened.widget(".nw-detail-chain")
    press(opened, "Run the chain")
    picture = pane.get_by_alt_text(re.compile(r"Corner plot of TBabs.nH, powerlaw.PhoIndex"))
    expect(picture).to_be_visible(timeout=60_000)
    expect(pane).to_contain_text("500 of 500 steps of 20 walkers")
    assert picture.evaluate("image => image.naturalWidth") > 300
    opened.photograph(screenshots)


def test_a_fit_is_noted_compared_and_restored_from_the_history(
    opened: Notebook, screenshots: Path
) -> None:
    opened.py(
        "live.fit(); full = session.fit\n"
        "session.edit('model', fit=replace(full, expression='constant*powerlaw', parameters=()))\n"
        "live.fit()"
    )
    show(opened, "History")
    pane = opened.widget(".nw-detail-history")
    expect(pane.locator("tbody tr")).to_have_count(2)
    pane.locator("select").first.select_option("1: constant*tbabs*powerlaw")
    note = pane.locator("input[type=text]")
    note.fill("<i>with</i> absorption")
    note.press("Enter")
    expect(pane.locator("tbody tr").last).to_contain_text("<i>with</i> absorption")
    pane.locator("select").last.select_option("2: constant*powerlaw")
    expect(pane).to_contain_text("F-test: F =")
    expect(pane).to_contain_text("Protassov")
    opened.photograph(screenshots)
    opened.widget(".nw-detail button:text-is('Restore')").press("Enter")
    opened.until("session.fit == full", "True")
    show(opened, "Fit")
    expect(opened.widget(".nw-detail-trace")).to_contain_text("constant*tbabs*powerlaw")
    opened.py("session.undo()")
    expect(opened.widget(".nw-detail-trace")).to_contain_text("No fit")
