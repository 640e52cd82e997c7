"""The log of a job as plain text: for pages whose server lacks the front end of the live view."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.jobs.logindex import LogIndex
from nustar_widgets.jobs.logsearch import LogSearch
from nustar_widgets.panels.background import Starter, on_a_thread
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.queue.logfeed import BETWEEN_S, LogFeed

LINES: Final = 500
"""How many of the last lines are shown."""
HITS: Final = 50
"""How many lines that hold what is searched are shown; of errors fewer."""
_ERRORS: Final = 5
_LETTERS: Final = 500  # of a line: all is sent again when there is more


class PlainLog(widgets.VBox):
    """The last lines of a log, its first errors, and a search.

    Parameters
    ----------
    guarded
        Wraps callbacks, so that errors are shown.
    start
        How slow work is started.
    between_s
        Shortest time between two changes of what is shown [s].
    """

    def __init__(
        self,
        *,
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
        start: Starter = on_a_thread,
        between_s: float = BETWEEN_S,
    ) -> None:
        super().__init__()
        self.add_class("nw-plain-log")
        self._showing = threading.RLock()
        self._title = ""
        self.head, self.errors, self.found = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.end = widgets.Textarea(
            description="", rows=18, layout={"width": "100%"}, tooltip="End of the log"
        )
        self.searched = widgets.Text(
            placeholder="Search", continuous_update=False, tooltip="Search the log"
        )
        self.searched.observe(guarded(self._on_search), "value")
        self.children = (self.head, self.errors, self.end, self.searched, self.found)
        self._feed = LogFeed(
            changed=guarded(self._fill), failed=guarded(_raise), start=start, between_s=between_s
        )
        self._fill()

    def show(self, path: Path | None, *, title: str, is_live: bool) -> None:
        """Show a log; of the one that is shown already, what was written since.

        Parameters
        ----------
        path
            The file, which need not exist yet; ``None`` shows none.
        title
            Whose log it is.
        is_live
            Whether a job writes it.
        """
        index = self._feed.index
        self._title = title
        if path == (None if index is None else index.path):
            self._feed.tick()
        else:
            self._feed.show(path)
            self._feed.search(self.searched.value)
        self._fill()

    def tick(self) -> None:
        """Look on a thread for what was written since."""
        self._feed.tick()

    def close(self) -> None:
        """Stop what goes on, and close every widget."""
        self._feed.close()
        close_tree(self)

    def _on_search(self, change: dict[str, Any]) -> None:
        self._feed.search(change["new"])
        self._fill()

    def _fill(self) -> None:
        with self._showing:
            index, search = self._feed.index, self._feed.searched
            self.head.value = html.escape(_head(self._title, index))
            n_lines = 0 if index is None else index.n_lines
            lines = [] if index is None else index.lines(max(0, n_lines - LINES), LINES)
            self.end.value = "\n".join(line[:_LETTERS] for line in lines)
            numbers = () if index is None else index.errors[:_ERRORS]
            words = f"Lines that speak of an error: {0 if index is None else index.n_errors:,}"
            self.errors.value = _listed(words, index, numbers) if numbers else ""
            self.found.value = _found(index, search)


def _head(title: str, index: LogIndex | None) -> str:
    if index is None:
        return "No log to show."
    words = f"{title}: {index.n_lines:,} lines in {index.path}"
    return f"{words}; the last {LINES} of them" if index.n_lines > LINES else words


def _found(index: LogIndex | None, search: LogSearch | None) -> str:
    if search is None:
        return ""
    numbers = [search.number(rank) for rank in range(min(HITS, search.total))]
    first = f"; the first {HITS}" if search.total > HITS else ""
    so_far = "" if search.is_complete else " so far"
    words = f"Lines that hold \u201c{search.text}\u201d: {search.total:,}{so_far}{first}"
    return _listed(words, index, [number for number in numbers if number is not None])


def _listed(words: str, index: LogIndex | None, numbers: Iterable[int]) -> str:
    lines = [
        f"{number + 1:,}  {text[:_LETTERS]}"
        for number in numbers
        for text in ([] if index is None else index.lines(number, 1))
    ]
    style = "max-height:240px;overflow:auto;line-height:1.4;margin:2px 0"
    listed = html.escape("\n".join(lines))
    return f"{html.escape(words)}<pre style='{style}'>{listed}</pre>"


def _raise(error: Exception) -> None:
    raise error
