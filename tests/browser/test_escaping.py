"""Whatever comes from outside is text wherever it is shown: in every panel, and in the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser import hostile, server
from tests.browser.chromium import Chromium
from tests.browser.hostile import NAME, PANELS, TEXT, Hostile
from tests.browser.notebook import Lab, Notebook
from tests.browser.test_fit_panel import spectra  # noqa: F401  # a fixture

PATIENCE_MS = 90_000
SHOWN = (
    ".nw-search", ".nw-sky-panel", ".nw-parameter-panel", ".nw-jobs-panel", ".nw-fit-panel",
)  # fmt: skip
REPORT = """
from nustar_widgets.analysis import Request, run
outcome = run(Request(events=tuple(path for _, path in {events!r}), out=work / NAME, fit=False))
outcome
"""


@pytest.fixture
def world(
    sample: SimulatedObservation,
    spectra: tuple[Path, ...],  # noqa: F811
    tmp_path: Path,
) -> Hostile:
    return hostile.make(tmp_path, sample, spectra)


@pytest.fixture(scope="module")
def bare_lab(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab that does not know anywidget: panels stand in with plain widgets."""
    home = tmp_path_factory.mktemp("no-anywidget")
    config = home / ".jupyter" / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"disabledExtensions": {"anywidget": True}}), encoding="utf-8")
    with server.lab(home) as running:
        opened = Lab(chromium, running)
        yield opened
        opened.close()


def nothing_ran(page: Page) -> None:
    """Check that nothing from outside became an element, let alone ran, in any frame."""
    for frame in page.frames:
        made = frame.locator("img[src='x'], b:text-is('bold')")
        where = made.evaluate_all("found => found.map(one => one.parentElement.outerHTML)")
        assert where == [], where
        assert frame.evaluate("window.pwned") is None, frame.url


def shown_as_text(notebook: Notebook, css: str, text: str = NAME[:10]) -> None:
    expect(notebook.widget(css).first).to_contain_text(text, timeout=PATIENCE_MS)


def go_through(notebook: Notebook) -> None:
    """Look at what is closed at first, and enter what is refused."""
    notebook.py("jobs.queue.choose('hostile-00000001')")
    notebook.py("search.choose(found[0])")  # its obsid is refused
    notebook.py("search.facts.value = _facts(found[0])")
    notebook.py("sky.strip.warn(TEXT); curves.strip.say(TEXT); code.strip.fail(TEXT)")
    notebook.py("form._edited('binsize', TEXT); form.form.show_parameter('indir')")
    notebook.py("form.presets.choice.value = TEXT")
    notebook.py("fit.sides.value = 'Model'")
    notebook.py("session.edit(TEXT, fit=FitChoice(expression='constant*' + TEXT))")


def everything_is_text(notebook: Notebook, *cells: str) -> None:
    notebook.run(*cells)
    for css in SHOWN:
        shown_as_text(notebook, css)
    go_through(notebook)
    for css in SHOWN:
        shown_as_text(notebook, css)
    nothing_ran(notebook.page)


def test_every_panel_shows_what_comes_from_outside_as_text(
    notebook: Notebook, world: Hostile
) -> None:
    everything_is_text(notebook, world.cell, *PANELS, REPORT.format(events=world.events))
    notebook.widget(".nw-parameter-panel button:has-text('Help')").first.click()
    shown_as_text(notebook, ".nw-parameter-panel", f"{TEXT} Input Directory")
    report = notebook.page.frame_locator("iframe[title=Report]").locator("body")
    expect(report).to_contain_text(NAME, timeout=PATIENCE_MS)
    shown_as_text(notebook, ".nw-app", f"Undo: {TEXT}")
    nothing_ran(notebook.page)

    # What stays in the saved notebook, too.
    notebook.until("bool(sky.still_output._last)", "True", patience_s=60.0)
    notebook.open(notebook.save())
    shown_as_text(notebook, ".nw-still", TEXT)
    nothing_ran(notebook.page)


def test_so_do_the_plain_widgets_that_stand_in_without_anywidget(
    bare_lab: Lab, screenshots: Path, world: Hostile
) -> None:
    with bare_lab.lend("escaping-without-anywidget", screenshots) as notebook:
        everything_is_text(notebook, world.cell, *PANELS)
        notebook.until("jobs._page.lacks_the_view", "True", patience_s=60.0)
        nothing_ran(notebook.page)
