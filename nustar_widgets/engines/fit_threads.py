"""One BLAS thread while fitting.

A fit is thousands of products of a matrix with a vector, 0.1 ms each. Two threads make them no
faster: they take twice the processor time, and three times as long by the clock where one of two
cores is busy, as every product waits for the slower thread. Limiting costs 20 us a call.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


class _Limit:
    """The limit belongs to the process: the first that enters sets it, the last to leave lifts it.

    Without the count, two fits in threads of their own could lift it too early or leave it behind.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._limiter: Any = None

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._limiter = _controller().limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limiter.restore_original_limits()


_LIMIT = _Limit()


@cache
def _controller() -> ThreadpoolController:
    """Look for the BLAS libraries once: it takes some 5 ms."""
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread; as a decorator, for the duration of each call."""
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()
