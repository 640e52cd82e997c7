"""Nothing a panel is made of comes from another host, so that all works without a network."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import cells
from tests.browser.notebook import Lab, Notebook

FORMULA = "import ipywidgets; ipywidgets.HTMLMath(r'$\\Gamma^2$')"
EXTENSIONS = {"anywidget", "bqplot", "bqscales", "@jupyter-widgets/jupyterlab-manager"}
LOADED = "performance.getEntriesByType('resource').map(one => new URL(one.name).origin)"


def test_everything_the_page_loaded_came_from_its_own_server(lab: Lab, tmp_path: Path) -> None:
    lab.close()  # a new page: another test may have asked for something else, to see it refused
    with lab.lend("everything", tmp_path) as notebook:
        notebook.run(cells.SLIDER, cells.FIGURE, cells.TABLE, FORMULA)
        expect(notebook.widget(".dt-container tbody tr")).to_have_count(3)
        expect(notebook.widget(cells.LINE)).to_be_visible()
        expect(notebook.widget("mjx-container")).to_be_visible()
        assert set(notebook.page.evaluate(LOADED)) == {lab.server.url}


def test_the_front_ends_of_the_widgets_are_installed_with_them(notebook: Notebook) -> None:
    told = json.loads(notebook.page.locator("#jupyter-config-data").inner_text())
    assert {one["name"] for one in told["federated_extensions"]} >= EXTENSIONS
