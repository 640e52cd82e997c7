"""A notebook a test writes, runs in JupyterLab and asks from both sides: the page and Python."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import nbformat
from playwright.sync_api import Error

from tests.browser.chromium import Chromium
from tests.browser.server import Server
from tests.browser.watch import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SCRIPT = Path(__file__).with_name("harness.js")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
KERNEL = {"name": "python3", "display_name": "Python 3"}
POLL_MS = 50.0
KNOWN = "from ipywidgets.widgets import widget; len(widget._instances)"
PANELS = """
from ipywidgets.widgets import widget
from nustar_widgets.panels.base import Panel
sum(isinstance(one, Panel) for one in widget._instances.values())
"""
LONGEST_NAME = 150

_numbers = count(1)


class PythonError(AssertionError):
    """Python failed in the notebook; the text is its traceback."""


@dataclass
class Lab:
    """One JupyterLab page, kept from test to test; a failed test's is not trusted any more."""

    chromium: Chromium
    server: Server
    _watch: Watch | None = None
    _page: Page | None = None

    @contextmanager
    def lend(
        self, name: str, screenshots: Path, failed: Callable[[], bool] = lambda: False
    ) -> Iterator[Notebook]:
        """Give a test its notebook; afterwards fail for what the page did wrong.

        Where that happened, or the test ``failed`` by itself, a screenshot is left and the page
        is closed.
        """
        with self.chromium.awake():
            page, watch = self._opened()
            watch.forget()
            name = re.sub(r"\W+", "_", name).strip("_")[:LONGEST_NAME]
            lent = Notebook(page=page, watch=watch, folder=self.server.root, name=name)
            try:
                yield lent
            except BaseException:
                self._part_from(lent, screenshots)
                raise
            lent.settle()
            if failed() or watch.noted:
                self._part_from(lent, screenshots)
            else:
                lent.close()
                lent.settle()
            watch.check()

    def _opened(self) -> tuple[Page, Watch]:
        if self._page is None or self._watch is None:
            context = self.chromium.context()
            context.add_init_script(path=SCRIPT)
            watch, page = Watch(context, self.server.url), context.new_page()
            page.goto(f"{self.server.url}/lab?reset")
            page.evaluate("harness.start()")
            self._page, self._watch = page, watch
        return self._page, self._watch

    def _part_from(self, failed: Notebook, screenshots: Path) -> None:
        failed.remarks += [f"console: {text}" for text in failed.watch.console_errors]
        try:
            failed.remarks.insert(0, f"screenshot: {failed.photograph(screenshots)}")
            failed.close()  # so that its kernel ends
        except Error as met:  # beyond an orderly end
            failed.remarks.append(f"and then: {met.message}")
        finally:
            self.close()

    def close(self) -> None:
        """Close the page; the next use opens another one."""
        with self.chromium.awake():
            if self._page is not None:
                self._page.context.close()
        self._page = self._watch = None


@dataclass
class Notebook:
    """The notebook of one test.

    Attributes
    ----------
    page
        The page it is shown in.
    watch
        Requests to the outside and errors so far.
    folder
        Where notebooks and their kernels run.
    remarks
        After a failure: where the screenshot is, and what the console said.
    """

    page: Page
    watch: Watch
    folder: Path
    name: str
    remarks: list[str] = field(default_factory=list)
    _id: str | None = field(default=None, init=False)

    def run(self, *cells: str) -> None:
        """Open a new notebook with these cells and run them; the one before is closed.

        Raises
        ------
        PythonError
            If a cell fails.
        """
        self.close()
        path = self.folder / f"{self.name}-{next(_numbers)}.ipynb"
        written = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(dedent(cell).strip()) for cell in cells],
            metadata={"kernelspec": KERNEL},
        )
        nbformat.write(written, path)
        self._id = str(self._ask("open", path.name))
        failed: list[str] = self._ask("run", self._id)
        if failed:
            raise PythonError(plain("\n".join(failed)))

    def save(self) -> Path:
        """Save the notebook as a person does; return its path."""
        return self.folder / str(self._ask("save", self._id))

    def open(self, path: Path) -> None:
        """Open a notebook as it is on disk, with a new kernel; the one before is closed."""
        self.close()
        self._id = str(self._ask("open", path.name))

    def again(self, cell: int) -> None:
        """Run one of the cells again, by its number from 0.

        Raises
        ------
        PythonError
            If it fails.
        """
        failed: str | None = self._ask("again", self._id, cell)
        if failed is not None:
            raise PythonError(plain(failed))

    def models(self) -> int:
        """Return how many widget models the page holds for this notebook."""
        return int(self._ask("models", self._id))

    def known(self) -> int:
        """Return how many widgets the kernel knows."""
        return int(self.py(KNOWN))

    def panels(self) -> int:
        """Return how many panels the kernel knows."""
        return int(self.py(PANELS))

    def settled(self, *, patience_s: float = 30.0) -> int:
        """Wait until the page holds as many models as the kernel knows; return that number.

        Raises
        ------
        AssertionError
            It never does: something was left behind.
        """
        deadline = time.monotonic() + patience_s
        while (held := self.models()) != (known := self.known()):
            if time.monotonic() > deadline:
                raise AssertionError(f"the page holds {held} models, the kernel knows {known}")
            self.page.wait_for_timeout(POLL_MS)
        return held

    def py(self, code: str) -> str:
        """Run code in the same kernel; return what it prints and the value of its last line.

        As in any console, the value ``None`` says nothing.

        Raises
        ------
        PythonError
            If it fails.
        """
        told = self._ask("py", self._id, code)
        if told["error"]:
            raise PythonError(plain(told["error"]))
        return str(told["out"]).strip()

    def until(self, code: str, expected: str, *, patience_s: float = 10.0) -> None:
        """Wait until Python says what is expected: a change in the page needs time to arrive.

        Raises
        ------
        AssertionError
            If it says something else to the end; an error of the code counts as an answer.
        """
        deadline = time.monotonic() + patience_s
        while (told := self._answer(code)) != expected:
            if time.monotonic() > deadline:
                raise AssertionError(f"{code} says {told or 'nothing'}, expected {expected}")
            self.page.wait_for_timeout(POLL_MS)

    def _answer(self, code: str) -> str:
        try:
            return self.py(code)
        except PythonError as met:
            return str(met)

    def widget(self, css: str) -> Locator:
        """Return what matches inside this notebook; Playwright waits for it when it is used."""
        return self.page.locator(f"[id='{self._id}']").locator(css)

    def drag(self, target: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the mouse at one place of an element and let go at another one.

        Places are fractions of its width and height, from the upper left.
        """
        self.point(target, *start)
        self.page.mouse.down()
        self.point(target, *end)
        self.page.mouse.up()

    def point(self, target: Locator, x: float, y: float) -> None:
        """Move the mouse to a place of an element, as fractions of its width and height."""
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None, "it is not on the screen"
        self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=10)

    def photograph(self, folder: Path) -> Path:
        """Write a screenshot of the page and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.png"
        self.page.screenshot(path=path)
        return path

    def settle(self) -> None:
        """Let the page finish what it has begun, so that its errors are known."""
        with suppress(Error):  # a page that has crashed
            self.page.evaluate("new Promise(next => setTimeout(next))")

    def close(self) -> None:
        """End the kernel and close the notebook."""
        if self._id is not None:
            closed, self._id = self._id, None
            self._ask("close", closed)

    def _ask(self, what: str, *words: object) -> Any:
        return self.page.evaluate(f"words => harness.{what}(...words)", list(words))


def plain(text: str) -> str:
    """Return a text without the colours IPython puts in."""
    return ANSI.sub("", text)
