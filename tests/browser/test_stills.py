"""A saved notebook shows the last picture and numbers where its widgets are dead."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, expect

from nustar_widgets.panels.stills.still import MOST_BYTES
from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook
from tests.browser.test_sky_panel import CIRCLE, OPEN

PATIENCE_MS = 60_000
KEPT = """
def kept():
    return [type(panel).__name__ for panel in (panel, curves) if panel.still_output._last]
"""
DEAD = "Error displaying widget: model not found"


def stills(notebook: Notebook) -> Locator:
    return notebook.widget(".nw-still")


def outputs(path: Path) -> list[dict[str, object]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", [])]


def test_a_saved_notebook_shows_the_last_pictures_and_numbers_without_its_kernel(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    opened = OPEN.format(path=str(sample.path), background=CIRCLE)
    light = "from nustar_widgets import LightCurvePanel\ncurves = LightCurvePanel(session)\ncurves"
    notebook.run(f"{opened}\n{KEPT}\npanel", light)
    notebook.until("kept()", "['SkyPanel', 'LightCurvePanel']", patience_s=60.0)
    # While the panels live, they are all there is to see.
    expect(notebook.widget(".nw-sky-panel")).to_be_visible(timeout=PATIENCE_MS)
    expect(stills(notebook)).to_have_count(2, timeout=PATIENCE_MS)
    for still in stills(notebook).all():
        expect(still).to_be_hidden()
    net = notebook.py("f'{panel.live.counts.net:,.1f}'").strip("'")
    path = notebook.save()
    for output in outputs(path):
        assert len(json.dumps(output)) < MOST_BYTES

    notebook.open(path)
    expect(stills(notebook)).to_have_count(2, timeout=PATIENCE_MS)
    sky, curve = stills(notebook).all()
    expect(sky).to_be_visible()
    expect(sky).to_contain_text("Last state, of ")
    expect(sky).to_contain_text("Run the cell to go on.")
    expect(sky.locator("table").last).to_contain_text(net)
    assert sky.locator("img").evaluate("image => image.naturalWidth") > 500
    expect(curve.locator("img")).to_have_attribute(
        "alt", re.compile("^Light curves over .*FPMA net")
    )
    for message in notebook.page.get_by_text(DEAD).all():
        expect(message).to_be_hidden()

    # Somebody else's notebook: not trusted, so nothing in it may run, nor set styles.
    copy = nbformat.read(path, as_version=4)
    copy.cells.append(nbformat.v4.new_markdown_cell("from elsewhere"))
    other = path.with_name("from-elsewhere.ipynb")
    nbformat.write(copy, other)
    notebook.open(other)
    expect(stills(notebook).first).to_be_visible(timeout=PATIENCE_MS)
    assert stills(notebook).first.locator("img").evaluate("image => image.naturalWidth") > 500
    expect(notebook.page.get_by_text(DEAD)).to_have_count(0)
