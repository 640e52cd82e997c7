"""Slow work beside the kernel: one thing at a time, the newest wins, all of it can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Starter(Protocol):
    """Starts a function, usually on a thread; tests start it at once."""

    def __call__(self, work: Callable[[], None], /) -> None:
        """Start it."""
        ...


def on_a_thread(work: Callable[[], None]) -> None:
    """Start a function on a thread that does not keep the kernel from ending."""
    threading.Thread(target=work, daemon=True, name="nustar_widgets panel").start()


class Background:
    """Runs one piece of work at a time.

    Parameters
    ----------
    start
        How work is started.
    """

    def __init__(self, start: Starter = on_a_thread) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._generation = 0
        self._cancelled = threading.Event()
        self.is_busy = False
        """Whether the newest piece of work goes on."""

    def run(
        self,
        work: Callable[[threading.Event], T],
        *,
        done: Callable[[T], Any],
        failed: Callable[[Exception], Any],
    ) -> None:
        """Start work; what an earlier piece still comes to is dropped.

        Parameters
        ----------
        work
            Given an event that is set when it is to stop.
        done
            Told the result, on the thread of the work.
        failed
            Told what was raised, likewise.
        """
        with self._lock:
            self._cancelled.set()
            self._cancelled = cancelled = threading.Event()
            self._generation += 1
            generation = self._generation
            self.is_busy = True

        def go() -> None:
            try:
                result = work(cancelled)
            except Exception as error:
                if self._is_current(generation):
                    failed(error)
                return
            if self._is_current(generation):
                done(result)

        self._start(go)

    def cancel(self) -> None:
        """Ask the work that goes on to stop; it reports what it then raises."""
        self._cancelled.set()

    def _is_current(self, generation: int) -> bool:
        with self._lock:
            if generation != self._generation:
                return False
            self.is_busy = False
            return True
