"""Views of our own in the page: their code, and whether the page has it.

Some servers lack the code anywidget needs there. A view's code says that it runs as soon as its
model is made, shown or not: ``initialize`` counts ``ready`` up. A page answers within a second; one
that opens later, as Voila's does, is believed when it does. An answer that comes while a cell runs
is heard when the cell has ended: only the time in which the kernel is free counts.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets

from nustar_widgets.panels.cells import current_run

PATIENCE_S: Final = 6.0
_BEATS: Final = 6  # the patience is counted in so many parts
_AT_ONCE_S: Final = 0.5  # a kernel that takes longer to turn to something is busy
_SHARED: Final = Path(__file__).with_name("front") / "element.js"


@cache
def joined(folder: Path, parts: tuple[str, ...]) -> str:
    """Return plain files of JavaScript, after what all views share, as one ES module.

    Parameters
    ----------
    folder
        Where they lie.
    parts
        Their names, in the order they need each other.
    """
    paths = (_SHARED, *(folder / name for name in parts))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def lacking(what: str, instead: str) -> str:
    """Say in HTML what a page without anywidget shows instead of a view, and the remedy.

    Parameters
    ----------
    what
        What needs anywidget, as ``the interactive image``.
    instead
        What is shown in its place.
    """
    return (
        f"This Jupyter server has no anywidget, which {what} needs. Shown instead: {instead}. "
        "Remedy: <code>pip install anywidget</code> in the environment of the Jupyter "
        "<i>server</i>, then reload the page. <code>nustar_widgets.doctor()</code> says which "
        "it is."
    )


class PageView(anywidget.AnyWidget):
    """Base of the views that have code of their own in the page."""

    ready = traitlets.Int(0, help="Pages that have the view's code").tag(sync=True)


class PageWatch:
    """Waits for the page to say that it has a view.

    Parameters
    ----------
    view
        The view.
    changed
        Told when the time is over, and when ``lacks_the_view`` changes.
    has_page
        Whether there is a page to wait for; ``None`` asks whether a notebook's cell runs.
    """

    def __init__(
        self, view: PageView, changed: Callable[[], Any], *, has_page: bool | None = None
    ) -> None:
        self._view, self._changed = view, changed
        self.lacks_the_view = False
        """Whether the page was waited for in vain, so far."""
        view.observe(self._answered, "ready")
        self._kernel = _running_loop()
        self._closed = threading.Event()
        self.is_awaited = current_run() is not None if has_page is None else has_page
        """Whether there is a page that may yet show the view."""
        if self.is_awaited:
            threading.Thread(target=self._wait, daemon=True, name="nustar_widgets page").start()

    def close(self) -> None:
        """Wait no longer."""
        self._closed.set()

    def _wait(self) -> None:
        free = 0
        while free < _BEATS:
            if self._closed.wait(PATIENCE_S / _BEATS):
                return
            free = free + 1 if self._is_kernel_free() else 0
        self._waited()

    def _is_kernel_free(self) -> bool:
        """Wait until the kernel could hear an answer; tell whether it could at once."""
        turned = threading.Event()
        try:
            if self._kernel is not None:
                self._kernel.call_soon_threadsafe(turned.set)
        except RuntimeError:  # it has ended
            return True
        if self._kernel is None or turned.wait(_AT_ONCE_S):
            return True
        while not self._closed.is_set() and not turned.wait(PATIENCE_S / _BEATS):
            pass
        return False

    def _waited(self) -> None:
        self.lacks_the_view = not self._view.ready
        self._changed()

    def _answered(self, _: Any) -> None:
        if self.lacks_the_view:
            self.lacks_the_view = False
            self._changed()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop by which the kernel hears the page; ``None`` outside a kernel."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
