"""A log that is kept up with and searched on threads: what both ways to show one stand on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nustar_widgets.jobs.logindex import LogIndex
from nustar_widgets.jobs.logsearch import LogSearch
from nustar_widgets.panels.background import Background, Starter, on_a_thread

BETWEEN_S: Final = 0.2
_STEP_BYTES: Final = 1 << 24
_STEP_BLOCKS: Final = 256


class LogFeed:
    """Knows one log at a time, and tells when it has become longer or more was found in it.

    Parameters
    ----------
    changed
        Told so, on a thread; at most once in ``between_s``, and once more when a search is over.
    failed
        Told what was raised.
    start
        How slow work is started.
    between_s
        Shortest time between two tellings [s].
    """

    def __init__(
        self,
        *,
        changed: Callable[[], Any],
        failed: Callable[[Exception], Any],
        start: Starter = on_a_thread,
        between_s: float = BETWEEN_S,
    ) -> None:
        self.index: LogIndex | None = None
        """Where the lines of the log are; ``None`` without a log."""
        self.searched: LogSearch | None = None
        """What was found of the text that is searched; ``None`` without one."""
        self._changed, self._failed, self._between_s = changed, failed, between_s
        self._growth, self._hunt = Background(start), Background(start)
        self._is_behind = False
        self._told: tuple[LogIndex, int, int] | None = None
        self._pacing, self._due = threading.Lock(), 0.0
        self._choosing = threading.RLock()

    def show(self, path: Path | None) -> None:
        """Turn to another log, or to none."""
        self._stop()
        self.index = None if path is None else LogIndex(path)
        self.searched, self._told, self._due = None, None, 0.0
        self._grow()

    def tick(self) -> None:
        """Read what was written since, on a thread; while one still reads, it goes on."""
        self._is_behind = True
        if not self._growth.is_busy:
            self._grow()

    def search(self, text: str) -> None:
        """Search a text on a thread, and go on as the log grows; the search before is dropped."""
        with self._choosing:
            self._hunt.cancel()
            self.searched = None
            if self.index is not None and text:
                self.searched = LogSearch(self.index, text)
                self._hunt_for(self.searched)

    def close(self) -> None:
        """Stop what goes on, and let go of the log."""
        self._stop()
        self.index = self.searched = None

    def _stop(self) -> None:
        self._growth.cancel()
        self._hunt.cancel()

    # -- on threads -------------------------------------------------------------------------

    def _grow(self) -> None:
        if (index := self.index) is not None:
            self._growth.run(
                lambda cancelled: self._keep_up(index, cancelled),
                done=lambda _: self._catch_up(),
                failed=self._failed,
            )

    def _catch_up(self) -> None:
        if self._is_behind:
            self.tick()

    def _keep_up(self, index: LogIndex, cancelled: threading.Event) -> None:
        self._is_behind = False
        is_more = True
        while is_more and not cancelled.is_set():
            before = index.size
            index.grow(_STEP_BYTES)
            is_more = index.size - before == _STEP_BYTES
            if is_more:
                self._tell_if_time()
        state = (index, index.generation, index.size)
        if state != self._told and not cancelled.is_set():
            self._search_on(cancelled)
            self._pause(cancelled)
            if not cancelled.is_set():
                self._told = state
                self._changed()

    def _search_on(self, cancelled: threading.Event) -> None:
        """Search what is new, if it is little; much is searched on the other thread."""
        search = self.searched
        if search is not None and search.is_complete:
            is_much = search.grow(cancelled, most_blocks=_STEP_BLOCKS)
            with self._choosing:
                if is_much and search is self.searched:
                    self._hunt_for(search)

    def _hunt_for(self, search: LogSearch) -> None:
        self._hunt.run(
            lambda cancelled: self._seek(search, cancelled),
            done=lambda _: self._changed(),
            failed=self._failed,
        )

    def _seek(self, search: LogSearch, cancelled: threading.Event) -> None:
        while search.grow(cancelled, most_blocks=_STEP_BLOCKS) and not cancelled.is_set():
            self._tell_if_time()

    def _tell_if_time(self) -> None:
        """Tell how far it is, or go on at once where that was told a moment ago."""
        with self._pacing:
            is_time = time.monotonic() >= self._due
            if is_time:
                self._due = time.monotonic() + self._between_s
        if is_time:
            self._changed()

    def _pause(self, cancelled: threading.Event) -> None:
        """Wait until something may be told again; nobody else tells in the same time."""
        with self._pacing:
            now = time.monotonic()
            wait_s = max(0.0, self._due - now)
            self._due = now + wait_s + self._between_s
        if wait_s:
            cancelled.wait(wait_s)
