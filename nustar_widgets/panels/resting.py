"""What a panel would do while nobody sees it, held back: only the newest of it is done, later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

Told = Callable[[Any], Any]
"""Told a change of a trait."""


class Rest:
    """Holds back what observers would do.

    Of many changes of one trait the newest is kept: what is shown is derived from how things are.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_on = False
        self._owed: dict[Told, dict[str, Any]] = {}

    def held(self, told: Told) -> Told:
        """Wrap an observer: told at once, or while the rest lasts, afterwards.

        Parameters
        ----------
        told
            The observer.
        """

        def call(change: Any) -> None:
            if not self._keep(told, change):
                told(change)

        return call

    def begin(self) -> None:
        """Hold back what comes."""
        with self._lock:
            self._is_on = True

    def end(self) -> dict[Told, dict[str, Any]]:
        """Hold back no more; return the newest changes by observer and name of the trait."""
        with self._lock:
            self._is_on = False
            owed, self._owed = self._owed, {}
        return owed

    def _keep(self, told: Told, change: Any) -> bool:
        with self._lock:
            if self._is_on:
                self._owed.setdefault(told, {})[change["name"]] = change
            return self._is_on
