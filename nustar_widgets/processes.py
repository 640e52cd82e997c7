"""Processes of the operating system: known again after a restart, and ended with all they began.

A process number is used again once its process has gone, so a process is known by its number and
its start together. Everything a task starts stays in the session of the process that was started
for it (``setsid``), whatever groups a shell makes in between, so that session is what is ended.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

_POLL_S = 0.01


@dataclass(frozen=True, kw_only=True)
class ProcessId:
    """A process that can be told from a later one with the same number.

    Attributes
    ----------
    pid
        Its number.
    started
        When it began: on Linux in clock ticks since the machine's start, which no change of the
        clock moves; elsewhere in seconds since 1970.
    host
        Name of the machine or container it runs on.
    boot
        Which start of that machine it was; empty where the system does not say.
    """

    pid: int
    started: float
    host: str
    boot: str

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """Name a process that runs now.

        Raises
        ------
        ProcessLookupError
            There is none of that number.
        """
        found = _look(pid)
        if found is None:
            raise ProcessLookupError(f"no process {pid}")
        return cls(pid=pid, started=found[0], host=socket.gethostname(), boot=_boot())

    @classmethod
    def own(cls) -> ProcessId:
        """Name the process this code runs in."""
        return cls.of(os.getpid())

    @property
    def is_elsewhere(self) -> bool:
        """Whether it belongs to another machine, whose processes cannot be seen from here."""
        return self.host != socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs here; a process that only waits to be reaped does not."""
        is_here = not self.is_elsewhere and self.boot == _boot()
        return is_here and _look(self.pid) == (self.started, True)

    def terminate(self) -> None:
        """Ask it to end, if it is still there."""
        if self.is_alive:
            _signal([self.pid], signal.SIGTERM)


def available_cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def end_session(leader: ProcessId, *, grace_s: float) -> None:
    """End every process of a session: first asked, after the grace time without asking.

    Parameters
    ----------
    leader
        The process the session was made for; it may have gone already.
    grace_s
        How long they may take to end by themselves [s].
    """
    found = _look(leader.pid)
    is_another = found is not None and found[0] != leader.started
    if is_another or leader.is_elsewhere or leader.boot != _boot():
        return  # the number belongs to somebody else, so nothing of the session is left
    # A session outlives its leader, and its number is not given away meanwhile.
    _end(lambda: _members(os.getsid, leader.pid), grace_s)


def end_group(group: int, *, grace_s: float) -> None:
    """End every process of a process group: first asked, after the grace time without asking.

    Parameters
    ----------
    group
        Number of the group; of a child started by the caller, so that it cannot be another's.
    grace_s
        How long they may take to end by themselves [s].
    """
    _end(lambda: _members(os.getpgid, group), grace_s)


@cache
def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _end(members: Callable[[], list[int]], grace_s: float) -> None:
    _signal(members(), signal.SIGTERM)
    until = time.monotonic() + grace_s
    while members() and time.monotonic() < until:
        time.sleep(_POLL_S)
    while found := members():  # again: one may have started another meanwhile
        _signal(found, signal.SIGKILL)
        time.sleep(_POLL_S)


def _members(number_of: Callable[[int], int], number: int) -> list[int]:
    return [pid for pid in psutil.pids() if _belongs(pid, number_of, number)]


def _belongs(pid: int, number_of: Callable[[int], int], number: int) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        if number_of(pid) == number:
            found = _look(pid)
            return found is not None and found[1]
    return False


def _look(pid: int) -> tuple[float, bool] | None:
    """Return when a process began and whether it runs, or ``None`` where there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except ProcessLookupError:
        return None
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _look_elsewhere(pid)
    # proc(5): the name in parentheses may hold anything; state is field 3, starttime field 22.
    fields = stat.rpartition(b")")[2].split()
    return float(fields[19]), fields[0] not in (b"Z", b"X")


def _look_elsewhere(pid: int) -> tuple[float, bool] | None:
    try:
        process = psutil.Process(pid)
        return process.create_time(), process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # gone by itself
            os.kill(pid, number)
