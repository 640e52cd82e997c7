"""The plot of a fit as a person uses it: look, read off, zoom, mark energies, choose."""

from __future__ import annotations

import re
from ast import literal_eval
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import expect

from tests.browser.notebook import Notebook

ROOT = Path(__file__).resolve().parents[2]
DATA = ".nw-fit-data .plotarea_events"
LINES = ".nw-fit-figure path.line"
# The last mark of the upper figure: models and their components.
MODELS = ".nw-fit-data .svg-figure > g > g:nth-of-type(1) > g:nth-child(5) path.line"
CANVAS = ".nw-fit-figure canvas.nw-live-lines[data-revision]"

SET_UP = """
import sys
sys.path.insert(0, ROOT)
from dataclasses import replace
import ipywidgets
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.fits.plotlines import PlotChoice
from nustar_widgets.panels.base import MessageStrip
from nustar_widgets.panels.fitting.fitfigure import FitFigure
from tests.engines.fitcases import made_choice, made_pair
from tests.spectra.builders import a_background

strip = MessageStrip()
def guarded(callback):
    def call(*arguments):
        try:
            callback(*arguments)
        except Exception as error:
            strip.fail(error)
    return call

pair = tuple(replace(data, background=a_background()) for data in made_pair(seed=3))
model = "constant*tbabs*(powerlaw+gaussian)"
engine = EmbeddedFit(pair, made_choice(expression=model))
noticed = []
figure = FitFigure(noticed=noticed.append, choice_changed=lambda _: None, guarded=guarded)
figure.show_data(pair, ["FPMA <b>", "FPMB"])
figure.show_model(engine)
shown = ipywidgets.VBox([figure, strip], layout=ipywidgets.Layout(width="640px"))
"""


@pytest.fixture
def opened(notebook: Notebook) -> Notebook:
    notebook.run(SET_UP.replace("ROOT", repr(str(ROOT))), "shown")
    expect(notebook.widget(MODELS)).to_have_count(6, timeout=20_000)
    notebook.widget(".nw-fit-figure").scroll_into_view_if_needed()
    return notebook


def button(notebook: Notebook, words: str) -> None:
    notebook.widget(f".nw-energy-band button:text-is('{words}')").first.click()


def paths(notebook: Notebook) -> list[str]:
    return [line.get_attribute("d") or "" for line in notebook.widget(MODELS).all()]


def picture(notebook: Notebook, pane: str) -> np.ndarray[Any, np.dtype[Any]]:
    """Pixels of a pane, 0 to 1."""
    png = notebook.widget(f".nw-fit-{pane}").screenshot()
    return np.asarray(imread(BytesIO(png)), np.float64)[..., :3]


def test_data_model_and_residuals_are_drawn_without_errors_of_the_page(
    opened: Notebook, screenshots: Path
) -> None:
    shown = opened.widget(".nw-fit-figure")
    for words in ("counts s⁻¹ keV⁻¹", "Energy [keV]", "(data-model)/error", "FPMA <b>", "gaussian"):
        expect(shown).to_contain_text(words)
    drawn = [line.get_attribute("d") or "" for line in opened.widget(LINES).all()]
    assert not any("NaN" in path for path in drawn)
    data = max(drawn, key=lambda path: path.count("M"))
    assert data.count("M") > 50  # crosses with gaps between them
    opened.photograph(screenshots)
    assert not opened.watch.console_errors


def test_spectra_and_components_differ_by_dashes_too(opened: Notebook) -> None:
    dashes = opened.widget(MODELS).evaluate_all(
        "lines => lines.map(line => getComputedStyle(line).strokeDasharray)"
    )
    first, second = dashes[:3], dashes[3:]
    assert first[0] == "none"
    assert second[0] != "none"
    assert first[1:] == second[1:]
    assert len({*first, second[0]}) == 4


def test_the_model_and_the_residuals_follow_the_engine(opened: Notebook) -> None:
    before = paths(opened)
    points = opened.widget(".nw-fit-figure .bqplot").nth(1).locator("path.line").last
    residuals = points.get_attribute("d") or ""
    opened.py("engine.set({'powerlaw.PhoIndex': 1.6})\nfigure.show_model(engine)")
    expect(opened.widget(MODELS).first).not_to_have_attribute("d", before[0])
    expect(points).not_to_have_attribute("d", residuals)


def test_lines_that_pass_are_drawn_over_the_plot_just_where_bqplot_draws_them_at_rest(
    opened: Notebook,
) -> None:
    panes = ("data", "residuals")
    opened.until("figure.live.ready > 0", "True", patience_s=30.0)
    before = [picture(opened, pane) for pane in panes]
    values = "{'powerlaw.PhoIndex': 1.45, 'gaussian.norm': 1e-3}"
    opened.py(f"engine.set({values})\nfigure.show_model(engine, passing=True)")
    expect(opened.widget(CANVAS)).to_have_count(2, timeout=30_000)
    expect(opened.widget(MODELS).first).to_be_hidden()
    passing = [picture(opened, pane) for pane in panes]
    opened.py("figure.show_model(engine)")
    expect(opened.widget(CANVAS)).to_have_count(0, timeout=30_000)
    expect(opened.widget(MODELS).first).to_be_visible()
    for old, drawn, pane in zip(before, passing, panes, strict=True):
        rest = picture(opened, pane)
        n_moved = (np.abs(old - rest).max(axis=-1) > 0.3).sum()
        n_other = (np.abs(drawn - rest).max(axis=-1) > 0.3).sum()
        assert n_moved > 500
        assert n_other < 0.02 * n_moved
    assert not opened.watch.console_errors


def test_the_bin_under_the_mouse_is_read_and_one_typed(opened: Notebook) -> None:
    words = opened.widget(".nw-plot-readout")
    opened.point(opened.widget(DATA), 0.4, 0.5)
    expect(words).to_contain_text(
        re.compile(r"FPMA <b> [\d.]+-[\d.]+ keV: \S+ ± \S+, model \S+, \S+ sigma")
    )
    low, high = map(float, opened.py("print(*figure.energy.ends)").split())
    wanted = low * (high / low) ** 0.4
    opened.until(f"abs(figure.readout.energy_kev / {wanted} - 1) < 0.01", "True")
    opened.page.mouse.move(1, 1)
    expect(words).not_to_contain_text("sigma")
    field = words.locator("input")
    field.fill("10")
    field.press("Enter")
    expect(words).to_contain_text("FPMB 10.00-10.40 keV")


def test_energies_are_left_out_by_mouse_and_by_keyboard(
    opened: Notebook, screenshots: Path
) -> None:
    button(opened, "Ignore")
    plot = opened.widget(DATA)
    opened.widget(".nw-fit-data .selectormouse").first.wait_for(state="attached")
    opened.drag(plot, (0.5, 0.7), (0.5, 0.7))  # a click: the range follows the mouse now
    opened.point(plot, 0.5, 0.8)
    opened.until("figure.selector.selected is not None", "True")
    opened.photograph(screenshots)
    box = plot.bounding_box()
    assert box is not None
    place = (box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"])
    opened.page.mouse.dblclick(*place)  # it holds now
    fields = opened.widget(".nw-energy-band input[type=number]")
    low, high = map(float, (fields.nth(0).input_value(), fields.nth(1).input_value()))
    opened.widget(".nw-energy-band button:text-is('Ignore')").last.click()
    opened.until("len(noticed)", "1")
    (first, second) = literal_eval(opened.py("print(noticed[0])"))
    assert first[1] == pytest.approx(low, abs=0.2)
    assert second[0] == pytest.approx(high, abs=0.2)
    button(opened, "Notice only")
    for field, value in ((fields.nth(0), "5"), (fields.nth(1), "12.5")):
        field.fill(value)
        field.press("Enter")
    opened.widget(".nw-energy-band button:text-is('Notice only')").last.press("Enter")
    opened.until("noticed[-1]", "((5.0, 12.5),)")
    text = opened.widget(".nw-energy-band input[type=text]")
    text.fill("3-20, without 8-9")
    text.press("Enter")
    opened.until("noticed[-1]", "((3.0, 8.0), (9.0, 20.0))")
    text.fill("everything")
    text.press("Enter")
    expect(opened.widget(".nw-strip")).to_contain_text("cannot read 'everything'")
    expect(text).to_have_value("3-20, without 8-9")


def test_the_wheel_zooms_only_while_that_is_wanted_and_the_view_is_reset(opened: Notebook) -> None:
    plot = opened.widget(DATA)
    home = opened.py("print(figure.energy.ends)")
    opened.point(plot, 0.5, 0.5)
    opened.page.mouse.wheel(0, -200)
    button(opened, "Zoom")
    opened.widget(".nw-fit-data .svg-figure rect[style*='move']").first.wait_for(state="attached")
    assert opened.py("print(figure.energy.ends)") == home
    opened.point(plot, 0.5, 0.5)
    opened.page.mouse.wheel(0, -300)
    opened.until(f"{home}[0] < figure.energy.ends[0]", "True")
    button(opened, "Reset view")
    opened.until("figure.energy.ends", home)


def test_every_kind_of_plot_is_drawn_without_errors(opened: Notebook) -> None:
    choices = opened.widget(".nw-plot-choice select")
    below = opened.widget(".nw-fit-figure")
    choices.first.select_option("Unfolded E² N(E)")
    expect(below).to_contain_text("E² N(E) [keV² (photons cm⁻² s⁻¹ keV⁻¹)]")
    choices.nth(1).select_option("data/model")
    expect(opened.widget(".nw-fit-figure .axislabel").last).to_be_attached()
    choices.first.select_option("Counts / keV")
    expect(below).to_contain_text("counts keV⁻¹")
    for words in ("log E", "log y"):
        opened.widget(f".nw-plot-choice label:has-text('{words}') input").click()
        expect(opened.widget(MODELS)).to_have_count(6)
    choices.nth(1).select_option("none")
    expect(opened.widget(".nw-fit-figure .bqplot")).to_have_count(1)
    for words in ("log y", "log E"):
        opened.widget(f".nw-plot-choice label:has-text('{words}') input").click()
        expect(opened.widget(MODELS)).to_have_count(6)
    choices.nth(1).select_option("(data-model)/error")
    expect(opened.widget(".nw-fit-figure .bqplot")).to_have_count(2)
    opened.settle()
    assert not opened.watch.console_errors


def test_a_plot_in_a_hidden_tab_is_drawn_when_it_is_shown(notebook: Notebook) -> None:
    notebook.run(
        SET_UP.replace("ROOT", repr(str(ROOT))),
        "ipywidgets.Tab([ipywidgets.HTML('first'), shown], titles=['one', 'two'])",
    )
    notebook.until("figure.readout.pointer.ready > 0", "True")
    assert notebook.widget(".nw-fit-figure .bqplot").count() == 0
    notebook.widget(".lm-TabBar-tabLabel:text-is('two')").click()
    expect(notebook.widget(MODELS)).to_have_count(6, timeout=20_000)
    box = notebook.widget(DATA).bounding_box()
    assert box is not None
    assert box["width"] > 400
    assert not notebook.watch.console_errors
