"""The fit panel as a person uses it: drag, fit, errors, undo, another model, a note of trouble."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Locator, expect

from nustar_widgets.analysis import Request, run
from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook

OPEN = """
from nustar_widgets import FitPanel, Session
from nustar_widgets.session.values import SpectrumInput
session = Session(spectra=tuple(SpectrumInput(pha=path) for path in {paths!r}), work_dir="work")
panel = FitPanel(session)
"""
VALUE = "round(panel.live.engine.values['powerlaw.PhoIndex'], 6)"


@pytest.fixture(scope="module")
def spectra(
    sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ...]:
    """Grouped spectra of both modules."""
    out = tmp_path_factory.mktemp("products") / "out"
    events = tuple(sample.event_file(module) for module in ("FPMA", "FPMB"))
    run(Request(events=events, out=out, fit=False))
    return tuple(sorted(out.rglob("*_sr_grp.pha")))


def open_panel(notebook: Notebook, spectra: tuple[Path, ...]) -> Locator:
    notebook.run(OPEN.format(paths=[str(path) for path in spectra]), "panel")
    panel = notebook.widget(".nw-fit-panel")
    expect(slider(panel, "PhoIndex")).to_be_visible(timeout=20_000)
    return panel


def slider(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("slider", name=name).first


def test_a_slider_moves_the_model_letting_go_is_one_step_and_undo_takes_it_back(
    notebook: Notebook, spectra: tuple[Path, ...]
) -> None:
    panel = open_panel(notebook, spectra)
    drawn = panel.locator(".bqplot path.line")
    expect(drawn.first).to_be_visible()
    handle = slider(panel, "PhoIndex")
    canvas = panel.locator("canvas.nw-live-lines[data-revision]")
    notebook.point(handle, 0.5, 0.5)
    notebook.page.mouse.down()
    notebook.point(handle, 0.8, 0.5)
    expect(canvas).to_have_count(2, timeout=30_000)
    notebook.page.mouse.up()
    expect(canvas).to_have_count(0, timeout=30_000)
    notebook.until("session.undo_label", "'value of powerlaw.PhoIndex'")
    shown = panel.get_by_role("textbox", name="PhoIndex").first
    assert float(shown.input_value()) == pytest.approx(float(notebook.py(VALUE)), rel=1e-3)
    assert notebook.py("panel.live.shown.values == panel.live.engine.values") == "True"
    notebook.py("session.undo()")
    notebook.until(VALUE, "1.0")
    expect(shown).to_have_value("1")


def test_the_page_draws_the_model_under_the_hand_without_the_kernel(
    notebook: Notebook, spectra: tuple[Path, ...]
) -> None:
    panel = open_panel(notebook, spectra)
    handle, canvas = slider(panel, "PhoIndex"), panel.locator("canvas.nw-live-lines").first
    notebook.until("panel.figure.live.ready > 0", "True", patience_s=30.0)
    notebook.point(handle, 0.5, 0.5)
    notebook.page.mouse.down()
    for _ in range(10):  # there and back again, until lines for all of the way have been sent
        for part in (0.55, 0.6, 0.65, 0.6, 0.55):
            notebook.point(handle, part, 0.5)
        if notebook.py("len(panel.figure.live._ladders.now.rungs) > 12") == "True":
            break
    expect(canvas).to_be_visible(timeout=30_000)
    notebook.py("panel.table._dragged = lambda *_: None")  # the kernel draws nothing from now on
    notebook.settle()
    seen = {canvas.get_attribute("data-revision")}
    for part in (0.63, 0.58, 0.61):
        before = canvas.get_attribute("data-revision")
        notebook.point(handle, part, 0.5)
        expect(canvas).not_to_have_attribute("data-revision", str(before), timeout=30_000)
        seen.add(canvas.get_attribute("data-revision"))
    assert len(seen) == 4
    under = picture(panel)
    notebook.page.mouse.up()
    expect(panel.locator("canvas.nw-live-lines")).to_have_count(0, timeout=30_000)
    rest = picture(panel)
    assert (np.abs(under - rest).max(axis=-1) > 0.3).mean() < 1e-3
    assert not notebook.watch.console_errors


def picture(panel: Locator) -> np.ndarray[Any, np.dtype[Any]]:
    """Pixels of the plot of the data, 0 to 1."""
    png = panel.locator(".nw-fit-data").screenshot()
    return np.asarray(imread(BytesIO(png)), np.float64)[..., :3]


def test_fit_and_errors_stand_beside_the_values_and_are_undone(
    notebook: Notebook, spectra: tuple[Path, ...]
) -> None:
    panel = open_panel(notebook, spectra)
    panel.get_by_role("button", name="Fit", exact=True).first.click()
    notebook.until("session.undo_label", "'fit'", patience_s=30.0)
    expect(panel).to_contain_text("1 sigma", timeout=30_000)
    notebook.until("panel.live.activity", "''", patience_s=30.0)
    panel.get_by_role("button", name="90 % errors").click()
    expect(panel.get_by_role("columnheader", name="90 %")).to_be_visible(timeout=60_000)
    fitted = notebook.py(VALUE)
    assert fitted != "1.0"
    notebook.until("panel.live.activity", "''", patience_s=60.0)
    notebook.until("session.undo() or panel.live.engine.values['powerlaw.PhoIndex']", "1.0")


def test_another_model_is_typed_and_a_wrong_one_points_at_its_letter(
    notebook: Notebook, spectra: tuple[Path, ...]
) -> None:
    panel = open_panel(notebook, spectra)
    panel.get_by_role("button", name="Model", exact=True).click()
    box = panel.get_by_role("combobox", name="Model").or_(
        panel.get_by_role("textbox", name="Model")
    ).first  # fmt: skip
    box.fill("constant*tbabs*(cutoffpl+gauss)")
    box.press("Enter")
    notebook.until("session.fit.expression", "'constant*tbabs*(cutoffpl+gauss)'")
    box.fill("constant*tbabs*(cutofpl")
    expect(panel.locator(".nw-model-box")).to_contain_text("cutofpl")
    notebook.until("session.fit.expression", "'constant*tbabs*(cutoffpl+gauss)'")


def test_energies_are_typed_and_the_code_follows(
    notebook: Notebook, spectra: tuple[Path, ...]
) -> None:
    panel = open_panel(notebook, spectra)
    ranges = panel.get_by_role("textbox", name="Fit")
    ranges.fill("4-20")
    ranges.press("Enter")
    notebook.until("session.fit.notice_kev", "((4.0, 20.0),)")
    panel.get_by_role("button", name="Code", exact=True).click()
    expect(panel.locator(".nw-fit-code .nw-code-text")).to_contain_text("ignore 1:**-4.0,20.0-**")


def test_a_cell_that_runs_again_leaves_no_widgets(
    notebook: Notebook, spectra: tuple[Path, ...]
) -> None:
    panel = open_panel(notebook, spectra)
    for _ in range(3):
        notebook.again(0)
        notebook.again(1)
        expect(slider(panel, "PhoIndex")).to_be_visible(timeout=20_000)
    notebook.settled()
    assert notebook.panels() == 1


def test_arrow_keys_in_a_list_do_not_leave_the_panel(
    notebook: Notebook, spectra: tuple[Path, ...]
) -> None:
    panel = open_panel(notebook, spectra)
    engine = panel.get_by_role("combobox", name="Fit with")
    engine.focus()
    expect(engine).to_have_attribute("data-lm-suppress-shortcuts", "true")
    engine.press("ArrowDown")
    expect(engine).to_be_focused()
