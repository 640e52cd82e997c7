"""A server that lacks the page's part of anywidget, as some hubs do: a picture takes its place."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser import server
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab, Notebook
from tests.browser.test_sky_panel import CIRCLE, OPEN

# Six seconds are waited for the page's answer; a busy machine may draw slowly after that.
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def lab(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab that does not know anywidget."""
    home = tmp_path_factory.mktemp("no-anywidget")
    config = home / ".jupyter" / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"disabledExtensions": {"anywidget": True}}), encoding="utf-8")
    with server.lab(home) as running:
        opened = Lab(chromium, running)
        yield opened
        opened.close()


def test_a_picture_and_the_table_edit_the_same_session(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    notebook.run(OPEN.format(path=str(sample.path), background=CIRCLE), "panel")
    picture = notebook.widget(".nw-static-sky")
    expect(picture).to_be_visible(timeout=PATIENCE_MS)
    expect(notebook.widget(".nw-sky-panel")).to_contain_text(
        "This Jupyter server has no anywidget, which the interactive image needs"
    )
    radius = notebook.widget(".nw-shape input[type=text]").nth(2)
    radius.fill("75")
    radius.press("Enter")
    source = "session.regions.fpma.source.shapes[0].radius_arcsec"
    notebook.until(source, "75.0", patience_s=20.0)
