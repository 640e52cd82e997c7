"""The light-curve panel as a person uses it: look, mark an interval, keep it, undo, cut flares."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook

CURVES = ".nw-curves .bqplot path.line"
MARKING = ".nw-curves .selectormouse"
PLOT = ".nw-curves .bqplot .plotarea_events"

SET_UP = """
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.suggest import suggest_background, suggest_source_region
from nustar_widgets.opening import open_in
from nustar_widgets.panels.lightcurve import LightCurvePanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions
session = Session()
open_in(session, FOLDER)
events = EventList.read(session.inputs[0].events)
both = ModuleRegions(
    source=suggest_source_region(events).region, background=suggest_background(events).region
)
session.edit("regions", regions=Regions(fpma=both, fpmb=both), work_dir=".")
panel = LightCurvePanel(session)
panel
"""


@pytest.fixture
def opened(notebook: Notebook, sample: SimulatedObservation) -> Notebook:
    notebook.run(SET_UP.replace("FOLDER", repr(str(sample.path))))
    expect(notebook.widget(CURVES).first).to_be_attached(timeout=20_000)
    expect(notebook.widget(".nw-good-time")).to_contain_text("all kept", timeout=20_000)
    return notebook


def button(notebook: Notebook, words: str) -> None:
    notebook.widget(f".nw-lightcurve button:text-is('{words}')").click()


def test_the_curves_are_drawn_with_gaps_and_without_errors_of_the_page(
    opened: Notebook, screenshots: Path
) -> None:
    shown = opened.widget(".nw-curves")
    expect(shown).to_contain_text("FPMA net")
    expect(shown).to_contain_text("Rate [count/s]")
    expect(shown).to_contain_text(re.compile(r"Time since \S+ UTC = MJD [\d.]+ \[ks\]"))
    paths = [item.get_attribute("d") or "" for item in opened.widget(".nw-curves path.line").all()]
    net = max(paths, key=len)
    assert net.count("M") > 1  # a new piece begins after each gap
    assert not any("NaN" in path for path in paths)
    opened.photograph(screenshots)
    assert not opened.watch.console_errors


def test_a_region_that_moves_moves_the_curves(opened: Notebook) -> None:
    net = opened.widget(".nw-curves path.line[style*='1.6']").last  # the steps of the last curve
    before = net.get_attribute("d") or ""
    assert before.startswith("M")
    opened.py(
        "from dataclasses import replace\n"
        "from nustar_widgets.events.regions import SkyRegion\n"
        "(circle,) = both.source.shapes\n"
        "small = replace(both, source=SkyRegion((replace(circle, radius_arcsec=20.0),)))\n"
        "panel.live.preview(Regions(fpma=small, fpmb=small))"
    )
    expect(net).not_to_have_attribute("d", before)


def test_an_interval_is_marked_by_mouse_kept_and_taken_back(
    opened: Notebook, screenshots: Path
) -> None:
    button(opened, "Mark on the plot")
    opened.widget(MARKING).first.wait_for(state="attached")
    plot = opened.widget(PLOT).first
    opened.drag(plot, (0.25, 0.6), (0.25, 0.6))  # a click: the interval follows the mouse now
    opened.point(plot, 0.3, 0.6)
    opened.until("panel.times.marked_ks is not None", "True")
    opened.photograph(screenshots)
    box = plot.bounding_box()
    assert box is not None
    opened.page.mouse.dblclick(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"])
    expect(opened.widget(".nw-good-time")).to_contain_text("would be left")
    start, stop = map(float, opened.py("print(*panel.times.marked_ks)").split())
    opened.point(plot, 0.8, 0.2)  # it stays where it is
    button(opened, "Keep only this")
    opened.until("session.undo_label", "'keep an interval'")
    zero = float(opened.py("print(panel.good_time.zero_s)"))
    begin, end = map(float, opened.py("print(*session.user_gti[0])").split())
    assert begin - zero == pytest.approx(max(1e3 * start, 0.0), abs=1.0)
    assert end - zero == pytest.approx(1e3 * stop, abs=1.0)
    span = float(opened.py("print(panel.good_time.span_s)"))
    assert (begin + end) / 2 - zero == pytest.approx(0.3 * span, abs=0.02 * span)
    expect(opened.widget(".nw-good-time")).to_contain_text("kept of")
    opened.py("session.undo()")
    expect(opened.widget(".nw-good-time")).to_contain_text("all kept")


def test_everything_about_good_time_works_by_keyboard(opened: Notebook) -> None:
    fields = opened.widget(".nw-good-time input[type=number]")
    for field, value in ((fields.nth(0), "0.5"), (fields.nth(1), "1.25")):
        field.fill(value)
        field.press("Enter")
    expect(opened.widget(".nw-good-time")).to_contain_text("Marked 0.5 to 1.25 ks", timeout=20_000)
    opened.widget(".nw-good-time button:text-is('Cut this out')").press("Enter")
    expect(opened.widget(".nw-good-time")).to_contain_text("1 interval cut out", timeout=20_000)
    opened.widget(".nw-good-time button:text-is('Save GTI file')").press("Enter")
    expect(opened.widget(".nw-strip")).to_contain_text("_user_gti.fits", timeout=20_000)
    opened.until("len(list(__import__('pathlib').Path('.').glob('nu*_user_gti.fits')))", "1")
    opened.widget(".nw-good-time button:text-is('All good time')").press("Enter")
    expect(opened.widget(".nw-good-time")).to_contain_text("all kept")


def test_the_threshold_of_flares_follows_its_slider(opened: Notebook, screenshots: Path) -> None:
    button(opened, "Flares ...")
    flares = opened.widget(".nw-flares")
    expect(flares).to_contain_text("median + 4 sigma", timeout=20_000)
    handle = opened.widget(".nw-flares .noUi-handle")
    for _ in range(4):
        handle.press("ArrowRight")
    expect(flares).to_contain_text("median + 5 sigma", timeout=20_000)
    assert opened.py("print(panel.flares.k.value, session.user_gti)") == "5.0 None"
    opened.photograph(screenshots)


def test_a_bin_of_nothing_is_refused_in_the_panel(opened: Notebook) -> None:
    field = opened.widget(".nw-curve-form input[type=number]").first
    field.fill("0")
    field.press("Enter")
    expect(opened.widget(".nw-strip")).to_contain_text("expected a positive number of seconds")
    expect(field).to_have_value("100")
    assert opened.py("session.bin_s") == "100.0"


def test_the_wheel_zooms_in_time_only_while_that_is_wanted(opened: Notebook) -> None:
    plot = opened.widget(PLOT).first
    whole = opened.py("panel.plot.time.max")
    button(opened, "zoom")
    opened.widget(".nw-curves .svg-figure rect[style*='move']").first.wait_for(state="attached")
    opened.point(plot, 0.5, 0.5)
    opened.page.mouse.wheel(0, -300)
    opened.until(f"0.0 < panel.plot.time.min < panel.plot.time.max < {whole}", "True")
    button(opened, "zoom")
    opened.until(f"panel.plot.time.min == 0.0 and panel.plot.time.max == {whole}", "True")


def test_the_hardness_ratio_comes_and_goes(opened: Notebook, screenshots: Path) -> None:
    button(opened, "hardness")
    expect(opened.widget(".nw-curves .bqplot.figure")).to_have_count(2)
    expect(opened.widget(".nw-curves")).to_contain_text("(H - S) / (H + S)")
    opened.photograph(screenshots)
    button(opened, "hardness")
    expect(opened.widget(".nw-curves .bqplot.figure")).to_have_count(1)
