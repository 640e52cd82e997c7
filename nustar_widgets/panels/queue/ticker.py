"""Something done again and again beside the kernel, for as long as there is reason to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Ticker:
    """Does something at even intervals while it is wanted, on a thread of its own.

    Parameters
    ----------
    act
        What is done; it catches its own errors.
    every_s
        The interval [s].
    """

    def __init__(self, act: Callable[[], Any], *, every_s: float) -> None:
        self._act = act
        self._every_s = every_s
        self._lock = threading.Lock()
        self._stopped: threading.Event | None = None

    @property
    def is_ticking(self) -> bool:
        """Whether it goes on."""
        return self._stopped is not None

    def want(self, *, wanted: bool) -> None:
        """Go on, or stop.

        Parameters
        ----------
        wanted
            Whether there is reason to.
        """
        with self._lock:
            if not wanted and self._stopped is not None:
                self._stopped.set()
                self._stopped = None
            elif wanted and self._stopped is None:
                self._stopped = threading.Event()
                threading.Thread(
                    target=self._go, args=(self._stopped,), daemon=True, name="nustar_widgets tick"
                ).start()

    def _go(self, stopped: threading.Event) -> None:
        while not stopped.wait(self._every_s):
            self._act()
