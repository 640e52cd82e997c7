"""A person's other packages: bqplot-gl and bqplot-image-gl bring a second d3 into the page.

With them bqplot's own brushes and draggable points are dead (bqplot 0.13.1, bqplot-gl 0.1.1), so
no panel may need those. The two packages lie in a folder of their own, and only the server of
this module is told of it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser import cells, server
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab, Notebook
from tests.browser.test_sky_panel import middle, open_panel, outline, pull

PACKAGES = ("bqplot-gl==0.1.1", "bqplot-image-gl==1.10.2")
LOADED = "[...document.scripts].map(one => one.src.split('/').at(-3))"


@pytest.fixture(scope="module")
def lab(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab that has the two packages besides everything else."""
    home = tmp_path_factory.mktemp("bqplot-gl")
    packages = home / "packages"
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=20"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(packages), *PACKAGES],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"pip could not get {' and '.join(PACKAGES)}: {done.stderr.strip()[-300:]}")
    environ = {"PYTHONPATH": str(packages), "JUPYTER_PATH": str(packages / "share" / "jupyter")}
    with server.lab(home, environ) as running:
        opened = Lab(chromium, running)
        yield opened
        opened.close()


def test_slider_table_and_lines_work_beside_bqplot_gl(notebook: Notebook) -> None:
    notebook.run("import bqplot_gl, bqplot_image_gl", cells.SLIDER, cells.FIGURE, cells.TABLE)
    assert {"bqplot-gl", "bqplot-image-gl"} <= set(notebook.page.evaluate(LOADED))
    notebook.widget(".noUi-handle").press("ArrowRight")
    expect(notebook.widget(".widget-label").last).to_have_text("at 1")
    notebook.widget(".dt-container tbody tr").nth(1).click()
    notebook.until("table.selected_rows", "[1]")
    expect(notebook.widget(cells.LINE)).to_be_visible()


def test_the_panels_work_beside_bqplot_gl(notebook: Notebook, sample: SimulatedObservation) -> None:
    open_panel(notebook, sample)
    pull(notebook, middle(outline(notebook)), (-30, 10))
    notebook.until("session.undo_label", "'move source'")
    expect(notebook.widget(".nw-spectrum .bqplot path.line").first).to_be_visible()


def test_zoom_and_interval_selector_work_beside_bqplot_gl(notebook: Notebook) -> None:
    notebook.run(cells.FIGURE, cells.PAN_ZOOM)
    plot = notebook.widget(cells.PLOT)
    notebook.widget(cells.PAN_ZOOM_READY).wait_for(state="attached")
    notebook.point(plot, 0.5, 0.5)
    notebook.page.mouse.wheel(0, -300)
    notebook.until("scales['x'].min > 1.0 and scales['x'].max < 3.0", "True")
    notebook.py(cells.FAST_INTERVAL)
    notebook.widget(cells.FAST_INTERVAL_READY).wait_for(state="attached")
    notebook.drag(plot, (0.3, 0.5), (0.3, 0.5))  # the selector follows the mouse after a click
    notebook.point(plot, 0.6, 0.5)
    notebook.until("picked.selected is not None", "True")


@pytest.mark.xfail(raises=AssertionError, strict=False, reason="two d3 in one page: see above")
def test_a_brush_works_beside_bqplot_gl(notebook: Notebook) -> None:
    notebook.run(cells.FIGURE, cells.BRUSH_INTERVAL)
    notebook.widget(cells.BRUSH_INTERVAL_READY).wait_for(state="attached")
    notebook.drag(notebook.widget(cells.PLOT), (0.25, 0.5), (0.5, 0.5))
    notebook.until("picked.selected is not None", "True", patience_s=2.0)
