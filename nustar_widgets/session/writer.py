"""One thread of this process that does what is due: sessions are written beside the kernel."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

_LOG = logging.getLogger(__name__)

Task = Callable[[], float | None]
"""Does something; returns in how many seconds it is to be done again, or ``None``."""


class Writer:
    """Does tasks when they are due, one after the other, on a thread of its own.

    A task that is asked for again before it was done is done once, at the earlier time. Asking
    never waits and may happen anywhere, also while Python clears up.
    """

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[Task, float]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def ask(self, task: Task, *, after_s: float = 0.0) -> None:
        """Ask for a task.

        Parameters
        ----------
        task
            What to do; known again by equality.
        after_s
            When [s from now].
        """
        self._asked.put((task, time.monotonic() + after_s))
        if self._thread is None and self._starting.acquire(blocking=False):
            try:
                self._start()
            finally:
                self._starting.release()

    def _start(self) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._run, daemon=True, name="nustar_widgets session")
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        due: dict[Task, float] = {}
        while True:
            task = min(due, key=lambda one: due[one], default=None)
            wait_s = None if task is None else due[task] - time.monotonic()
            if task is not None and wait_s is not None and wait_s <= 0.0:
                del due[task]
                self._do(task, due)
                continue
            try:
                asked, when = self._asked.get(timeout=wait_s)
            except queue.Empty:
                continue
            due[asked] = min(when, due.get(asked, when))

    @staticmethod
    def _do(task: Task, due: dict[Task, float]) -> None:
        try:
            again_s = task()
        except Exception:  # the other sessions are to be written all the same
            _LOG.exception("while a session was written")
            return
        if again_s is not None:
            due[task] = time.monotonic() + again_s

    def forget_thread(self) -> None:
        """Begin anew in a forked process, which has no threads."""
        self.__init__()  # type: ignore[misc]


WRITER: Final = Writer()
"""Of this process."""

os.register_at_fork(after_in_child=WRITER.forget_thread)
