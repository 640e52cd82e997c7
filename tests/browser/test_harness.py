"""The harness shows what a person would see, and fails when it should."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser import cells
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab, Notebook, PythonError


def test_a_slider_moved_by_keyboard_is_seen_in_python(notebook: Notebook) -> None:
    notebook.run(cells.SLIDER)
    for _ in range(3):
        notebook.widget(".noUi-handle").press("ArrowRight")
    expect(notebook.widget(".widget-label").last).to_have_text("at 3")
    assert notebook.py("slider.value") == "3"


def test_a_value_set_in_python_is_seen_in_the_page(notebook: Notebook) -> None:
    notebook.run(cells.SLIDER)
    notebook.py("slider.value = 42")
    expect(notebook.widget(".widget-readout")).to_have_text("42")


def test_a_bqplot_figure_draws_its_line(notebook: Notebook) -> None:
    notebook.run(cells.FIGURE)
    line = notebook.widget(cells.LINE)
    expect(line).to_have_attribute("d", re.compile(r"^M[\d.,L]+$"))
    box = line.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 100


def test_a_drag_over_a_figure_is_seen_in_python(notebook: Notebook) -> None:
    notebook.run(cells.FIGURE, cells.BRUSH_INTERVAL)
    notebook.widget(cells.BRUSH_INTERVAL_READY).wait_for(state="attached")
    notebook.drag(notebook.widget(cells.PLOT), (0.25, 0.5), (0.5, 0.5))
    notebook.until("picked.selected.round(1).tolist()", "[1.5, 2.0]")


def test_a_table_shows_its_rows_sorts_them_and_tells_python_which_is_selected(
    notebook: Notebook,
) -> None:
    notebook.run(cells.TABLE)
    names = notebook.widget(".dt-container tbody tr td:nth-last-child(2)")
    expect(names).to_have_text(["b", "c", "a"])
    notebook.widget("th:has-text('exposure') .dt-column-order").last.click()
    expect(names).to_have_text(["a", "b", "c"])
    names.first.click()
    notebook.until("table.selected_rows", "[2]")


def test_a_request_to_the_outside_is_blocked_and_fails_the_test(notebook: Notebook) -> None:
    reached = notebook.page.evaluate(
        "fetch('https://example.org/x.js').then(() => 'reached', () => 'blocked')"
    )
    assert reached == "blocked"
    with pytest.raises(AssertionError, match=r"outside: https://example\.org/x\.js"):
        notebook.watch.check()


def test_a_socket_to_the_outside_fails_the_test(notebook: Notebook) -> None:
    notebook.page.evaluate(
        "new Promise(next => { new WebSocket('wss://example.org/live').onerror = next })"
        ".then(() => null)"
    )
    notebook.settle()
    with pytest.raises(AssertionError, match=r"outside: wss://example\.org/live"):
        notebook.watch.check()


def test_an_error_of_the_page_fails_the_test(notebook: Notebook) -> None:
    notebook.page.evaluate("void setTimeout(() => { throw new Error('lost the plot') })")
    notebook.settle()
    with pytest.raises(AssertionError, match="error of the page: Error: lost the plot"):
        notebook.watch.check()


def test_a_failed_test_leaves_a_picture_and_the_next_one_gets_a_new_page(
    lab: Lab, tmp_path: Path
) -> None:
    with lab.lend("it[1]", tmp_path, failed=lambda: True) as first:
        first.page.evaluate("window.left_behind = true")
    assert first.remarks == [f"screenshot: {tmp_path / 'it_1.png'}"]
    assert (tmp_path / "it_1.png").read_bytes().startswith(b"\x89PNG")
    with lab.lend("it[2]", tmp_path) as second:
        assert second.page.evaluate("window.left_behind === undefined")
    assert not second.remarks


def test_an_error_in_the_console_is_kept_for_reading(notebook: Notebook) -> None:
    notebook.page.evaluate("console.error('look here')")
    notebook.settle()
    assert "look here" in notebook.watch.console_errors
    notebook.watch.check()


def test_what_a_test_left_in_the_page_fails_that_test(lab: Lab, tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="lost the plot"),
        lab.lend("it", tmp_path) as lent,
    ):
        lent.page.evaluate("void setTimeout(() => { throw new Error('lost the plot') })")
    assert (tmp_path / "it.png").exists()


def test_an_error_of_a_cell_comes_back_as_its_traceback(notebook: Notebook) -> None:
    with pytest.raises(PythonError, match=r"(?s)in f\(\).*ZeroDivisionError: division by zero"):
        notebook.run("def f():\n    return 1 / 0", "f()")


def test_an_error_of_code_asked_for_comes_back_as_its_traceback(notebook: Notebook) -> None:
    notebook.run("x = 1")
    with pytest.raises(PythonError, match="NameError: name 'y' is not defined"):
        notebook.py("x + y")
    assert notebook.py("print('still', end=' ')\nx") == "still 1"


def test_waiting_for_python_ends_with_what_python_said_last(notebook: Notebook) -> None:
    notebook.run("x = 1")
    with pytest.raises(AssertionError, match="x says 1, expected 2"):
        notebook.until("x", "2", patience_s=0.1)
    with pytest.raises(AssertionError, match=r"(?s)y says .*NameError.*, expected 2"):
        notebook.until("y", "2", patience_s=0.1)


def test_the_kernel_is_the_python_of_the_tests(notebook: Notebook) -> None:
    notebook.run("import sys")
    assert notebook.py("print(sys.executable)") == sys.executable


def test_a_notebook_sees_nothing_of_the_one_before_it(notebook: Notebook, lab: Lab) -> None:
    notebook.run("secret = 1", cells.SLIDER)
    before = notebook.py("import os; os.getpid()")
    notebook.run("import os")
    assert notebook.py("'secret' in globals()") == "False"
    assert notebook.py("os.getpid()") != before
    assert notebook.page.locator(".noUi-handle").count() == 0
    with urlopen(f"{lab.server.url}/api/kernels") as answer:
        assert len(json.load(answer)) == 1


def test_asyncio_is_free_for_the_tests_beside_the_browser(chromium: Chromium) -> None:
    async def answer() -> int:
        return 42

    assert chromium.browser.is_connected()
    assert asyncio.run(answer()) == 42
