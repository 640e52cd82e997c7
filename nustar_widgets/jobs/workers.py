"""Worker processes: one is kept ready while there is work, so that a job need not wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from nustar_widgets.engines.heasoft.installation import Installation
from nustar_widgets.jobs.record import JobRecord
from nustar_widgets.processes import ProcessId

_READY_S = 60.0  # how long a ready worker is kept when there is nothing to do
# Workers nobody waits for: those with a job whose queue was closed go on, those let go without one
# end by themselves. Popen objects complain when thrown away before their process has ended.
_LEFT_RUNNING: list[subprocess.Popen[bytes]] = []


class Workers:
    """Starts worker processes and hands them their jobs; not thread safe."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []
        self._ready: subprocess.Popen[bytes] | None = None
        self._environ: dict[str, str] = {}
        self._last_use = time.monotonic()
        self._runs_heasoft = Installation.find() is not None

    def start(self, engine: str, record: JobRecord) -> None:
        """Hand a job to a worker.

        Parameters
        ----------
        engine
            The engine to run it.
        record
            The job; the worker's process is noted in it.
        """
        self._runs_heasoft |= engine == "heasoft"
        worker = self._take() if engine == "heasoft" else _begin(engine)
        self._last_use = time.monotonic()
        self._started.append(worker)
        # Noted before it is told, so that whatever happens to either of us it will be found.
        record.claim(ProcessId.of(worker.pid))
        assert worker.stdin
        with suppress(BrokenPipeError):  # it has died; its record says which process it was
            worker.stdin.write(f"{record.path}\n".encode())
            worker.stdin.close()

    def keep_ready(self, *, busy: bool) -> None:
        """Have a worker ready for the next HEASoft job, and let it go when none comes for a while.

        Parameters
        ----------
        busy
            Whether jobs run.
        """
        is_wanted = busy or time.monotonic() - self._last_use < _READY_S
        if is_wanted and self._runs_heasoft and self._ready is None:
            self._ready, self._environ = _begin("heasoft"), dict(os.environ)
        elif not is_wanted:
            self._let_go()

    def reap(self) -> None:
        """Take note of workers that have ended."""
        self._started = [worker for worker in self._started if worker.poll() is None]

    def close(self) -> None:
        """Let go of the worker that waits; those with a job go on."""
        self._let_go()
        self.reap()
        _leave(*self._started)

    def _take(self) -> subprocess.Popen[bytes]:
        worker, self._ready = self._ready, None
        if worker is None:
            return _begin("heasoft")
        if worker.poll() is not None or self._environ != dict(os.environ):
            _dismiss(worker)  # HEASoft may have been set up, or changed, since it began
            return _begin("heasoft")
        return worker

    def _let_go(self) -> None:
        if self._ready is not None:
            _dismiss(self._ready)
            self._ready = None


def _begin(engine: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "nustar_widgets.jobs.worker", engine],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # neither Ctrl-C nor the end of the kernel reaches it
        cwd=Path(sys.prefix),  # not the notebook's folder, which may go, or hold a numpy.py
    )


def _dismiss(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdin
    with suppress(BrokenPipeError):
        worker.stdin.close()
    _leave(worker)  # it may still be importing, which nobody is to wait for


def _leave(*workers: subprocess.Popen[bytes]) -> None:
    _LEFT_RUNNING[:] = [worker for worker in (*_LEFT_RUNNING, *workers) if worker.poll() is None]
