"""The log of a job in the page: all its lines can be reached, few of them are there.

The page (``front/log*.js``) holds the lines near its screen and asks for others by their numbers;
what it asks for and what it is told are traits, which hold the newest state and queue nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.jobs.logindex import LogIndex
from nustar_widgets.panels.background import Starter, on_a_thread
from nustar_widgets.panels.page import PageView, joined
from nustar_widgets.panels.queue.logfeed import BETWEEN_S, LogFeed

MOST_LINES: Final = 400
"""How many lines are sent to the page at once."""
_FIRST_LINES: Final = 60
_ERRORS_TOLD: Final = 5
_ERROR_LETTERS: Final = 300

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = ("logscroll.js", "logrows.js", "logfind.js", "logerrors.js", "logview.js")


def front_end() -> str:
    """Return the source of the view in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class LogView(PageView):
    """The lines of a log, its errors first, and a search.

    Parameters
    ----------
    guarded
        Wraps what hears the page, so that errors are shown.
    start
        How slow work is started.
    between_s
        Shortest time between two messages about a log that grows [s].
    """

    _esm = front_end()
    _css = (_FRONT / "logview.css").read_text(encoding="utf-8")

    log = traitlets.Dict(help="Key, title, path, and whether a job writes it").tag(sync=True)
    size = traitlets.Dict(help="Lines, and lines that speak of an error").tag(sync=True)
    errors = traitlets.Dict(help="Numbers of such lines, and the text of the first").tag(sync=True)
    window = traitlets.Dict(help="Lines from a first one on").tag(sync=True)
    found = traitlets.Dict(help="How many lines hold the text, and one of them").tag(sync=True)
    follow = traitlets.Bool(False, help="Whether the end stays in sight").tag(sync=True)
    # Not echoed: an echo would be a second message for each step of scrolling.
    wanted = traitlets.Dict(help="Lines the page wants").tag(sync=True, echo_update=False)
    query = traitlets.Dict(help="Text and match the page wants").tag(sync=True, echo_update=False)

    def __init__(
        self,
        *,
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
        start: Starter = on_a_thread,
        between_s: float = BETWEEN_S,
    ) -> None:
        super().__init__()
        self._telling = threading.RLock()
        self._is_live, self._title, self._shows = False, "", 0
        self._at: tuple[int, int] | None = None  # the match in sight: which of all, and its line
        self._feed = LogFeed(
            changed=guarded(self._tell), failed=guarded(_raise), start=start, between_s=between_s
        )
        self.observe(guarded(lambda change: self._on_wanted(change["new"])), "wanted")
        self.observe(guarded(lambda change: self._on_query(change["new"])), "query")
        self.show(None, title="", is_live=False)

    def show(self, path: Path | None, *, title: str, is_live: bool) -> None:
        """Show a log; of the one that is shown already, only whether it still grows is new.

        Parameters
        ----------
        path
            The file, which need not exist yet; ``None`` shows none.
        title
            Whose log it is.
        is_live
            Whether a job writes it; then its end is followed.
        """
        index = self._feed.index
        is_another = self._shows == 0 or path != (None if index is None else index.path)
        with self._telling:
            self._title, self._is_live = title, is_live
            if is_another:
                self._shows += 1
                self._at = None
                self.follow = is_live
                self._feed.show(path)
            self._tell()
        if not is_another:
            self._feed.tick()

    def tick(self) -> None:
        """Look on a thread for what was written since, and tell the page if there is any."""
        self._feed.tick()

    def close(self) -> None:
        """Stop what goes on, and take the view away."""
        self._feed.close()
        super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take in what the page says, while nothing is told to it by another thread."""
        with self._telling:
            super().set_state(sync_data)

    # -- to the page ------------------------------------------------------------------------

    @property
    def _key(self) -> str:
        index = self._feed.index
        return f"{self._shows}.{0 if index is None else index.generation}"

    def _tell(self) -> None:
        index = self._feed.index
        n_lines = 0 if index is None else index.n_lines
        with self._telling, self.hold_sync():
            self.log = {
                "key": self._key, "title": self._title, "live": self._is_live,
                "path": "" if index is None else str(index.path),
            }  # fmt: skip
            self.size = {"lines": n_lines, "errors": 0 if index is None else index.n_errors}
            self._tell_errors(index)
            self._tell_found()
            asked = self.wanted if self.wanted.get("log") == self._key else {}
            if self.follow or not asked:
                count = _whole(asked.get("rows", _FIRST_LINES))
                first = max(0, n_lines - count) if self.follow else 0
                self._tell_window({**asked, "first": first, "count": count})

    def _tell_errors(self, index: LogIndex | None) -> None:
        numbers = [] if index is None else list(index.errors)
        if index is None or numbers != self.errors.get("numbers"):
            first = numbers[:_ERRORS_TOLD]
            texts = [] if index is None else [line for n in first for line in index.lines(n, 1)]
            self.errors = {"numbers": numbers, "texts": [text[:_ERROR_LETTERS] for text in texts]}

    def _tell_window(self, asked: dict[str, Any]) -> None:
        index, first = self._feed.index, max(0, _whole(asked.get("first")))
        count = min(MOST_LINES, _whole(asked.get("count")))
        lines = [] if index is None else index.lines(first, count)
        self.window = {
            "log": self._key, "view": asked.get("view", ""), "revision": asked.get("revision", 0),
            "first": first, "lines": lines,
        }  # fmt: skip

    def _tell_found(self) -> None:
        search, query = self._feed.searched, self.query
        if search is None:
            self.found = {"revision": query.get("revision", 0), "text": "", "total": 0}
            return
        total, is_complete = search.total, search.is_complete
        if self._at is None and total:
            rank = query.get("rank")
            rank = search.rank_from(_whole(query.get("from"))) if rank is None else _whole(rank)
            if rank < total or is_complete:
                line = search.number(rank % total)
                self._at = None if line is None else (rank % total, line)
        rank, line = (None, None) if self._at is None else self._at
        self.found = {
            "revision": query.get("revision", 0), "text": search.text, "total": total,
            "complete": is_complete, "rank": rank, "line": line,
        }  # fmt: skip

    # -- from the page ----------------------------------------------------------------------

    def _on_wanted(self, asked: dict[str, Any]) -> None:
        if asked.get("log") == self._key:
            self._tell_window(asked)

    def _on_query(self, query: dict[str, Any]) -> None:
        if query.get("log") != self._key:
            return
        self._at = None
        text, search = str(query.get("text", "")), self._feed.searched
        if text != ("" if search is None else search.text):
            self._feed.search(text)
        self._tell_found()


def _whole(value: Any) -> int:
    """Return what the page sent as a whole number; 0 for what is none."""
    return int(value) if isinstance(value, int | float) else 0


def _raise(error: Exception) -> None:
    raise error
