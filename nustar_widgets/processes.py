"""Processes of the operating system: known again after a restart, and ended with all they began.

A process number is used again once its process has gone, so a process is known by its number and
its start together. Everything a task starts stays in the session of the process that was started
for it (``setsid``), whatever groups a shell makes in between, so that session is what is ended.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

_POLL_S = 0.01
_SAME_START_S = 2.0  # psutil reckons a start from the boot time, which a clock step moves a little


@dataclass(frozen=True, kw_only=True)
class ProcessId:
    """A process that can be told from a later one with the same number.

    Attributes
    ----------
    pid
        Its number.
    started
        When it began [s since 1970].
    """

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """Name a process that runs now.

        Raises
        ------
        psutil.NoSuchProcess
            There is none of that number.
        """
        return cls(pid=pid, started=psutil.Process(pid).create_time())

    @classmethod
    def own(cls) -> ProcessId:
        """Name the process this code runs in."""
        return cls.of(os.getpid())

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; a process that only waits to be reaped does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _SAME_START_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def end_session(leader: ProcessId, *, grace_s: float) -> None:
    """End every process of a session: first asked, after the grace time without asking.

    Parameters
    ----------
    leader
        The process the session was made for; it may have gone already.
    grace_s
        How long they may take to end by themselves [s].
    """
    _end(lambda: _session(leader), grace_s)


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


def _end(members: Callable[[], list[int]], grace_s: float) -> None:
    _signal(members(), signal.SIGTERM)
    until = time.monotonic() + grace_s
    while members() and time.monotonic() < until:
        time.sleep(_POLL_S)
    while found := members():  # again: one may have started another meanwhile
        _signal(found, signal.SIGKILL)
        time.sleep(_POLL_S)


def _session(leader: ProcessId) -> list[int]:
    """Numbers of the living processes of a session."""
    try:
        if abs(psutil.Process(leader.pid).create_time() - leader.started) >= _SAME_START_S:
            return []  # the number belongs to somebody else now, so the session has ended
    except psutil.NoSuchProcess:
        pass  # a session outlives its leader, and its number is not given away meanwhile
    return _members(os.getsid, leader.pid)


def _members(number_of: Callable[[int], int], number: int) -> list[int]:
    return [pid for pid in psutil.pids() if _belongs(pid, number_of, number)]


def _belongs(pid: int, number_of: Callable[[int], int], number: int) -> bool:
    try:
        return number_of(pid) == number and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
        return False


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue  # gone by itself
