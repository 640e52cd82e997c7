"""A page of JupyterLab in which image panels are timed: ours and the peer's alike."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.timing import Timing
from tests.browser import server
from tests.browser.chromium import Chromium
from tests.browser.notebook import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

SCRIPT = Path(__file__).with_name("skywatch.js").read_text(encoding="utf-8")
WINDOW: ViewportSize = {"width": 1440, "height": 1000}
STEP_S = 1 / 60


@contextmanager
def opened(chromium: Chromium, *, python: str) -> Iterator[Lab]:
    """Run the JupyterLab of a Python."""
    with (
        tempfile.TemporaryDirectory(prefix="nw_bench_") as folder,
        server.lab(Path(folder) / "lab", python=python) as running,
    ):
        lab = Lab(chromium, running)
        try:
            yield lab
        finally:
            lab.close()


@contextmanager
def lent(lab: Lab) -> Iterator[Notebook]:
    """Lend a notebook in a fresh page, with the watching script in it."""
    lab.close()
    with lab.lend("sky", lab.server.root) as notebook:
        notebook.page.set_viewport_size(WINDOW)
        notebook.page.evaluate(SCRIPT)
        yield notebook
        notebook.close()
        notebook.settle()
        notebook.watch.forget()  # a peer's widgets may fail while their kernel ends


@dataclass(frozen=True)
class Images:
    """How long it took from the start of a cell until its images were on the screen.

    Parameters
    ----------
    first
        In a page that has shown no widget yet.
    again
        In a page that has shown the same before, with a new kernel.
    """

    first: Timing
    again: Timing


def images(
    lab: Lab, *, imports: str, cell: str, css: str, count: int, pages: int, more: int
) -> Images:
    """Time a cell in several pages, and in each again.

    Parameters
    ----------
    imports
        What runs before the clock starts, in a kernel of its own each time.
    cell
        What is timed.
    css, count
        Where the images are, and how many there must be.
    pages
        How many pages are opened.
    more
        How often each page shows it again.
    """
    first: list[float] = []
    again: list[float] = []
    for _ in range(pages):
        with lent(lab) as notebook:
            for repeat in range(1 + more):
                notebook.run(imports)
                ms = notebook.page.evaluate("words => skywatch.image(...words)", [cell, css, count])
                (again if repeat else first).append(ms / 1e3)
    return Images(Timing(tuple(first)), Timing(tuple(again)))


def drag(
    notebook: Notebook, start: tuple[float, float], *, steps: int, reach_px: float
) -> tuple[float, float]:
    """Press the mouse, move it at 60 Hz one and a half times around, let go.

    Returns
    -------
    tuple
        Where it was let go: the reach below the start.
    """
    x, y = start
    angles = [3 * math.pi * step / steps for step in range(1, steps + 1)]
    return drag_along(
        notebook,
        start,
        [
            (x + reach_px * math.sin(angle), y + reach_px * (1 - math.cos(angle)) / 2)
            for angle in angles
        ],
    )


def drag_along(
    notebook: Notebook, start: tuple[float, float], path: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Press the mouse, move it through places at 60 Hz, let go.

    Returns
    -------
    tuple
        Where it was let go: the last place.
    """
    to = start
    with _mouse(notebook) as mouse:
        mouse("mouseMoved", to)
        mouse("mousePressed", to)
        due = time.monotonic()
        for to in path:
            due = max(due + STEP_S, time.monotonic() - STEP_S)
            mouse("mouseMoved", to)
            time.sleep(max(0.0, due - time.monotonic()))
        mouse("mouseReleased", to)
    return to


@contextmanager
def _mouse(notebook: Notebook) -> Iterator[Callable[[str, tuple[float, float]], None]]:
    """Move the mouse by Chromium's own command.

    Playwright's looks for drag and drop with scripts in the page around every move, which takes
    70 ms instead of 20 and is work for the page that is measured.
    """
    session = notebook.page.context.new_cdp_session(notebook.page)
    held = False

    def send(kind: str, to: tuple[float, float]) -> None:
        nonlocal held
        held = kind == "mousePressed" or (held and kind == "mouseMoved")
        button = "none" if kind == "mouseMoved" and not held else "left"
        words = {"type": kind, "x": to[0], "y": to[1], "button": button, "buttons": int(held)}
        session.send("Input.dispatchMouseEvent", {**words, "clickCount": int(kind != "mouseMoved")})

    yield send
    session.detach()


def timed_after(notebook: Notebook, kind: str, test: str, act: Callable[[], Any]) -> float:
    """Time from an event of the page that ``act`` brings about until ``test`` holds [s]."""
    notebook.page.evaluate(
        "([kind, test]) => { window.awaited = skywatch.after(kind, test); }", [kind, test]
    )
    act()
    return float(notebook.page.evaluate("() => window.awaited")) / 1e3
