"""Something done soon after it was asked for, on a thread of its own, once for many askings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from nustar_widgets.panels.background import Starter, on_a_thread

_LOG = logging.getLogger(__name__)


class Soon:
    """Does one thing a moment after it was asked for; never twice at once.

    Parameters
    ----------
    act
        What is done. It sees all that was done before it was asked for last.
    after_s
        The moment [s].
    start
        How the thread is started.
    """

    def __init__(
        self, act: Callable[[], Any], *, after_s: float, start: Starter = on_a_thread
    ) -> None:
        self._act, self._after_s, self._start = act, after_s, start
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._is_asked = self._is_at_work = False

    def ask(self) -> None:
        """Ask for it."""
        with self._lock:
            self._is_asked = True
            if self._is_at_work or self._closed.is_set():
                return
            self._is_at_work = True
        self._start(self._work)

    def close(self) -> None:
        """Do it no more."""
        self._closed.set()

    def _work(self) -> None:
        while not self._closed.wait(self._after_s) and self._is_due():
            try:
                self._act()
            except Exception:  # what is asked for next must still be done
                _LOG.exception("while looking at an analysis")

    def _is_due(self) -> bool:
        with self._lock:
            due, self._is_asked = self._is_asked, False
            self._is_at_work = due
            return due
