"""The browser tests: a notebook in a real JupyterLab for each test.

    def test_a_slider_moves(notebook: Notebook) -> None:
        notebook.run("import ipywidgets", "slider = ipywidgets.IntSlider(); slider")
        notebook.widget(".noUi-handle").press("ArrowRight")  # a Locator of Playwright
        notebook.until("slider.value", "1")                  # waits for Python
        assert notebook.py("slider.max") == "100"            # asks Python once
        expect(notebook.widget(".widget-readout")).to_have_text("1")  # waits for the page

- `run` writes the cells into a new notebook with a new kernel; a failing cell raises its traceback.
- `again` runs one of the cells again, as a person does; `models` counts the page's widgets.
- `py` runs code in the same kernel; `widget` takes CSS (give panels classes of their own).
- `drag` and `point` move the mouse in fractions of an element; `page` is Playwright's own.
- A request to another host is blocked and fails the test, so does an error of the page; errors in
  the console are in `notebook.watch.console_errors`. A callback that fails in Python shows
  nothing anywhere (ipywidgets logs it): let panels show their errors, and test for that.
- One JupyterLab and one page a process, for all tests; after a failure the page is opened anew, and
  a screenshot is in the folder NUSTAR_WIDGETS_SCREENSHOTS names, or in pytest's temporary one.
- Without a browser (see `chromium.find`) everything here is skipped.
- Never `sleep`. Files the notebook's kernel should find go to `notebook.folder`, its cwd.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import chromium as browsers
from tests.browser import server
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab, Notebook

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and skip it where there is no browser."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    missing = bool(ours) and browsers.find() is None
    for item in ours:
        item.add_marker(pytest.mark.browser)
        if missing:
            item.add_marker(pytest.mark.skip(reason=browsers.MISSING))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Return the one browser of this process."""
    program = browsers.find()
    assert program is not None
    with browsers.launched(program) as running:
        yield running


@pytest.fixture(scope="session")
def lab(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return the one JupyterLab of this process."""
    with server.lab(tmp_path_factory.mktemp("lab")) as running:
        opened = Lab(chromium, running)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder for pictures of failed tests."""
    named = os.environ.get("NUSTAR_WIDGETS_SCREENSHOTS")
    return Path(named) if named else tmp_path_factory.mktemp("screenshots")


@pytest.fixture
def notebook(request: pytest.FixtureRequest, lab: Lab, screenshots: Path) -> Iterator[Notebook]:
    """Return this test's notebook; afterwards fail for what the page did wrong."""
    name = f"{request.path.stem}-{request.node.name}"
    before = request.session.testsfailed
    remarks: list[str] = []
    for kept in lab.server.root.rglob("session*.json"):  # of an earlier test's kernel
        kept.unlink()
    try:
        with lab.lend(
            name, screenshots, failed=lambda: request.session.testsfailed > before
        ) as lent:
            remarks = lent.remarks
            yield lent
    finally:
        if remarks:
            request.node.add_report_section("teardown", "browser", "\n".join(remarks))
