"""One XSPEC process from outside: asked, watched, ended. It never outlives a fault of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, RLock, Thread
from typing import Any, Final

from nustar_widgets.engines.xspec.frames import Frame, FrameError, FrameReader, encode, readable
from nustar_widgets.engines.xspec.messages import Request
from nustar_widgets.engines.xspec.messages import stop as stop_message

Stop = Callable[[], bool]
Told = Callable[[dict[str, Any]], None]

_PIECE: Final = 1 << 16
_TAIL_LINES: Final = 8
_KEPT: Final = 1 << 14
_CATCH_UP_S: Final = 0.2


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long XSPEC is waited for, and how much it may print.

    Attributes
    ----------
    start_s
        For the import of PyXspec [s].
    silence_s
        For a sign of life while something is asked that takes long [s].
    quick_s
        For an answer to anything else, as one evaluation of the model [s].
    stop_s
        For an answer after a stop; then the process is ended [s].
    poll_s
        How often a caller is asked whether to stop [s].
    print_bytes
        What XSPEC may print while one thing is asked: more is a question it asks itself for ever.
    """

    start_s: float = 120.0
    silence_s: float = 900.0
    quick_s: float = 60.0
    stop_s: float = 0.7
    poll_s: float = 0.05
    print_bytes: int = 8 << 20


class WorkerLost(Exception):
    """The process is gone, or was ended because nothing more could be expected of it."""


class WorkerStopped(WorkerLost):
    """The process was ended because the caller asked to stop and it did not answer."""


class WorkerRefused(Exception):
    """XSPEC could not do it; the process goes on."""


class _Printed:
    """What a process prints: its last lines, and how much it was."""

    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._last: deque[bytes] = deque()
        self._kept = 0
        self._lock = Lock()
        self.total = 0
        self.thread = Thread(target=self._drain, name="xspec-output", daemon=True)
        self.thread.start()

    def _drain(self) -> None:
        try:
            while self._take():
                pass
        finally:
            os.close(self._stream)

    def _take(self) -> bool:
        """Take what is printed next; False at the end."""
        readable(self._stream, None)
        with self._lock:
            piece = os.read(self._stream, _PIECE)
            self.total += len(piece)
            self._last.append(piece[-_KEPT:])
            self._kept += len(self._last[-1])
            while self._kept - len(self._last[0]) > _KEPT:
                self._kept -= len(self._last.popleft())
        return bool(piece)

    def lines(self, since: int) -> list[str]:
        """Lines that tell of errors, or the last ones; none that are empty.

        Parameters
        ----------
        since
            What :attr:`total` was where they begin.
        """
        self._catch_up()
        with self._lock:
            new = min(self.total - since, _KEPT)
            text = b"".join(self._last)[-new:] if new > 0 else b""
        lines = text.decode(errors="replace").splitlines()
        return _telling([line.rstrip() for line in lines if line.strip()])[-_TAIL_LINES:]

    def _catch_up(self) -> None:
        """Let the thread take what is in the pipe already: an answer may come before the words."""
        until = time.monotonic() + _CATCH_UP_S
        while self.thread.is_alive() and time.monotonic() < until:
            if not readable(self._stream):
                return
            time.sleep(0.001)


def _telling(lines: list[str]) -> list[str]:
    """Return lines of errors, each with the next; all where there are none.

    XSPEC says that there is no such model, and then names all that it has.
    """
    errors = [n for n, line in enumerate(lines) if "error" in line.lower()]
    kept = sorted({n + k for n in errors for k in (0, 1) if n + k < len(lines)})
    return [lines[n] for n in kept] or lines


class XspecProcess:
    """One process, from its start to its end.

    Parameters
    ----------
    environ
        Environment in which PyXspec can be imported.
    folder
        Where the process works: the spectra lie there.
    patience
        How long it is waited for.
    """

    def __init__(self, environ: Mapping[str, str], folder: Path, patience: Patience) -> None:
        self.patience = patience
        self._connection, theirs = socket.socketpair()
        printed, writing = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", f"{__package__}.worker", str(theirs.fileno())],
                env=dict(environ),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError:
            self._connection.close()
            os.close(printed)
            raise
        finally:
            theirs.close()
            os.close(writing)
        self._printed = _Printed(printed)
        self._reader = FrameReader()
        self._frames: deque[Frame] = deque()
        self._ended = Event()
        self._closing = Lock()
        self._using = RLock()  # whoever holds it reads or writes the socket
        self._asked = 0
        self._printed_before = 0
        self.version: str | None = None

    @property
    def is_alive(self) -> bool:
        """Whether something can be asked."""
        return not self._ended.is_set() and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Number of the process, which is that of its group."""
        return self._process.pid

    def close(self) -> None:
        """End the process and all it has started, at once; harmless when it is gone already."""
        with self._closing:
            if self._ended.is_set():
                return
            self._ended.set()
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        with self._using:  # whoever still waits has found the other end closed by now
            self._connection.close()
        self._printed.thread.join(timeout=1.0)

    def speaks(self, stop: Stop | None) -> bool:
        """Wait for a word of the process; False where the caller asked to stop before.

        Unlike a request that is stopped, this leaves the process alone: it only starts.
        """
        until = time.monotonic() + self.patience.start_s
        while not self._frames and time.monotonic() < until:
            if stop is not None and stop():
                return False
            try:
                if readable(self._connection.fileno(), self.patience.poll_s):
                    return True
            except (OSError, ValueError):  # closed meanwhile: whoever listens next finds out
                return True
        return True

    def ready(self) -> str:
        """Wait until PyXspec is imported; return XSPEC's version.

        Raises
        ------
        WorkerLost
            The process ended, or took too long.
        WorkerRefused
            PyXspec cannot be imported.
        """
        if self.version is None:
            with self._fatal("was starting"):
                answer = self._answer(0, self.patience.start_s, None, None)
            self.version = str(answer.message.get("version", ""))
        return self.version

    def send(self, request: Request) -> int:
        """Send a request without waiting; return its number, for :meth:`receive`.

        Raises
        ------
        WorkerLost
            The process is gone.
        """
        self._asked += 1
        self._printed_before = self._printed.total
        with self._fatal(request.doing):
            self._connection.settimeout(self.patience.start_s)
            self._connection.sendall(encode(request.to_dict(self._asked)))
        return self._asked

    def receive(
        self, number: int, request: Request, *, stop: Stop | None = None, told: Told | None = None
    ) -> Frame:
        """Wait for the answer to a request.

        Parameters
        ----------
        number
            Of the request.
        request
            What was asked.
        stop
            Asked some 20 times a second; True asks XSPEC to answer soon, and ends it if not.
        told
            Told of progress.

        Raises
        ------
        WorkerLost
            The process ended, was ended, or said what is no message.
        WorkerRefused
            XSPEC could not do it.
        """
        patience = self.patience
        with self._fatal(request.doing):
            silence_s = patience.silence_s if request.is_long else patience.quick_s
            return self._answer(number, silence_s, stop, told)

    # -- waiting ---------------------------------------------------------------------------

    def _answer(self, number: int, silence_s: float, stop: Stop | None, told: Told | None) -> Frame:
        limit = _Limit(self.patience, silence_s, stop, self._printed.total)
        while True:
            while self._frames:
                frame = self._frames.popleft()
                limit.heard()
                if frame.message.get("id") != number:
                    continue  # progress of a request that was given up
                kind = frame.message.get("kind")
                if kind == "done":
                    return frame
                if kind == "refused":
                    raise WorkerRefused(str(frame.message.get("problem", "")))
                if told is not None:
                    told(frame.message)
            if limit.stop_now():
                self._connection.sendall(encode(stop_message(number)))
            limit.check(self._printed.total)
            self._listen()

    def _listen(self) -> None:
        """Take what arrives, for a moment at most."""
        if readable(self._connection.fileno(), self.patience.poll_s):
            piece = self._connection.recv(_PIECE)
            if not piece:
                raise ConnectionResetError
            self._frames.extend(self._reader.feed(piece))

    def _fatal(self, doing: str) -> _Fatal:
        return _Fatal(self, doing)

    def told_last(self) -> str:
        """Return what XSPEC printed last while it was asked, as part of a message."""
        lines = self._printed.lines(self._printed_before)
        return "\nIts last lines:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""

    def how_it_ended(self) -> str:
        """Say how the process ended, in words."""
        if self._ended.is_set():
            return "was closed"
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)
        status = self._process.returncode
        if status is None:
            return "closed its connection"
        if status >= 0:
            return f"ended (exit status {status})"
        with suppress(ValueError):
            return f"crashed or was killed ({signal.Signals(-status).name})"
        return f"crashed or was killed (signal {-status})"


class _Fatal:
    """What ends a process: its own end, silence, nonsense, a flood, a stop it does not hear."""

    def __init__(self, process: XspecProcess, doing: str) -> None:
        self.process = process
        self.doing = doing

    def __enter__(self) -> None:
        self.process._using.acquire()

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is not None and not isinstance(error, WorkerRefused):
                self._end(error)
        finally:
            self.process._using.release()

    def _end(self, error: BaseException) -> None:
        process, doing = self.process, self.doing
        if isinstance(error, FrameError):
            what = f"XSPEC {doing} and sent what is no answer ({error})"
        elif isinstance(error, WorkerLost):
            what = f"XSPEC {doing} and {error}"
        elif isinstance(error, (OSError, ValueError)):  # ValueError: closed while waiting
            what = f"XSPEC {doing} and {process.how_it_ended()}"
        else:  # an error of the caller's, or an interrupt: what XSPEC is at is not known any more
            process.close()
            return
        process.close()
        lost = WorkerStopped if isinstance(error, WorkerStopped) else WorkerLost
        raise lost(what + process.told_last()) from error


class _Limit:
    """When the waiting ends."""

    def __init__(
        self, patience: Patience, silence_s: float, stop: Stop | None, printed: int
    ) -> None:
        self._patience = patience
        self._silence_s = silence_s
        self._stop = stop
        self._printed = printed
        self._heard = time.monotonic()
        self._stopped: float | None = None

    def heard(self) -> None:
        self._heard = time.monotonic()

    def stop_now(self) -> bool:
        """Whether the caller has asked to stop just now."""
        if self._stopped is None and self._stop is not None and self._stop():
            self._stopped = time.monotonic()
            return True
        return False

    def check(self, printed: int) -> None:
        now = time.monotonic()
        if self._stopped is not None and now - self._stopped > self._patience.stop_s:
            raise WorkerStopped("did not stop when asked to")
        if now - self._heard > self._silence_s:
            raise WorkerLost(f"gave no sign of life for {self._silence_s:g} s")
        if printed - self._printed > self._patience.print_bytes:
            raise WorkerLost("printed without end, as at a question nobody can answer")
