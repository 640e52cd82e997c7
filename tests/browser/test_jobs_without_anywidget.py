"""The job panel on a server without the page's part of anywidget: plain controls do the same."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook
from tests.browser.test_jobs_panel import OPEN
from tests.browser.test_without_anywidget import PATIENCE_MS, lab  # noqa: F401  # a fixture


def test_a_plain_list_takes_the_place_of_ours(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path
) -> None:
    work = str(tmp_path / "w")
    cell = OPEN.format(environ={}, work=work, path=str(sample.path), engine="embedded")
    notebook.run(cell, "panel")
    jobs = notebook.widget(".nw-plain-jobs")
    expect(jobs).to_be_visible(timeout=PATIENCE_MS)
    expect(notebook.widget(".nw-jobs-panel")).to_contain_text(
        "This Jupyter server has no anywidget, which the list of jobs needs"
    )
    run = notebook.widget(".nw-plan-box button").first
    expect(run).to_have_text("Run 4 steps")
    run.click()
    done = jobs.locator("option").filter(has_text="done")
    expect(done).to_have_count(4, timeout=PATIENCE_MS)
    jobs.locator("select").select_option(index=3)
    notebook.widget("button").get_by_text("Look", exact=True).click()
    expect(notebook.widget(".nw-image-look img")).to_be_visible()
    notebook.widget("button").get_by_text("Log", exact=True).click()
    expect(notebook.widget(".nw-plain-log")).to_be_visible()
