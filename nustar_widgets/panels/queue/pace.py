"""Acting not more often than people can follow, however often there is reason to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any


class Pace:
    """Does something soon after it was asked for, and never twice within a while.

    The last request is always answered. It is done on the thread that asks or, where it has to
    wait, on one of its own; never on two at once.

    Parameters
    ----------
    act
        What is done.
    every_s
        The while [s]; 0 does it at once, each time.
    """

    def __init__(self, act: Callable[[], Any], *, every_s: float) -> None:
        self._act = act
        self._every_s = every_s
        self._lock = threading.Lock()
        self._acting = threading.RLock()
        self._timer: threading.Timer | None = None
        self._last = float("-inf")
        self._is_closed = False

    def ask(self) -> None:
        """Ask for it."""
        with self._lock:
            if self._is_closed or self._timer is not None:
                return
            wait = self._last + self._every_s - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._due)
                self._timer.daemon = True
                self._timer.start()
                return
            self._last = time.monotonic()
        self._do()

    def close(self) -> None:
        """Do it no more."""
        with self._lock:
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()

    def _due(self) -> None:
        with self._lock:
            self._timer = None
            if self._is_closed:
                return
            self._last = time.monotonic()
        self._do()

    def _do(self) -> None:
        with self._acting:
            self._act()
