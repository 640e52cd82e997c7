"""Who keeps a session file: one kernel at a time, known again by its process.

Beside ``session.json`` lies ``.session.json.lock``, which names the process that writes it. An
owner that has ended, was killed, or belongs to an earlier start of the machine does not count, nor
does one that keeps a file of another place: the folder was moved or copied since. Processes of
another machine cannot be looked at; theirs count while they go on touching the file.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import ClassVar, Final

from nustar_widgets.processes import ProcessId

BEAT_S: Final = 20.0
"""How often an owner touches its file [s]."""

_SILENT_S: Final = 120.0  # a machine that is not heard of for so long has given it up
_PATIENCE_S: Final = 2.0  # a write takes milliseconds, so another's is over soon
_LOOK_S: Final = 0.02
_LARGEST_BYTES: Final = 10_000
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who keeps a session file.

    Attributes
    ----------
    process
        The kernel.
    since
        When it began to [s since 1970].
    token
        Which of the sessions of that kernel.
    path
        The file, as that kernel names it.
    """

    process: ProcessId
    since: float
    token: str
    path: str

    def words(self) -> str:
        """Return it for people: ``another kernel (process 4711, since 12:03)``."""
        if self.is_of_this_process:
            return "another session of this kernel"
        since = datetime.fromtimestamp(self.since).strftime("%H:%M")
        where = f" on {self.process.host}" if self.process.is_elsewhere else ""
        return f"another kernel{where} (process {self.process.pid}, since {since})"

    @property
    def is_of_this_process(self) -> bool:
        """Whether it is a session of this kernel."""
        return self.process == ProcessId.own()


class SessionLock:
    """The right to write a session file.

    Parameters
    ----------
    path
        The session file.
    token
        Name of the session that wants it, different for each.
    """

    _tokens: ClassVar[set[str]] = set()

    def __init__(self, path: Path, token: str) -> None:
        self.path, self.token = path, token
        self.file = path.with_name(f".{path.name}.lock")
        self._me = Holder(
            process=ProcessId.own(), since=time.time(), token=token, path=str(path.resolve())
        )
        self._tokens.add(token)

    @contextmanager
    def held(self, *, by_force: bool = False) -> Iterator[Holder | None]:
        """Take it if it is free, and keep everybody from taking or writing within the block.

        Parameters
        ----------
        by_force
            Take it also from another who is there.

        Yields
        ------
        Holder or None
            Who has it; ``None`` where it is ours.

        Raises
        ------
        OSError
            The folder cannot be written, or somebody else has not finished writing.
        """
        with self._alone() as handle:
            holder = self._other(_content(handle), handle)
            if holder is None or by_force:
                self._sign(handle)
                holder = None
            yield holder

    def other(self) -> Holder | None:
        """Return who else has it, without taking it; ``None`` where it is ours or free."""
        try:
            with self.file.open("rb") as stream:
                return self._other(_content(stream.fileno()), stream.fileno())
        except OSError:
            return None

    def beat(self) -> None:
        """Tell other machines that its owner is still there."""
        with suppress(OSError):
            os.utime(self.file)

    def release(self) -> None:
        """Give it up, if it is ours."""
        self._tokens.discard(self._me.token)
        try:
            with self._alone(create=False) as handle:
                found = _content(handle)
                if found is not None and found.token == self._me.token:
                    self.file.unlink(missing_ok=True)
        except OSError:
            return  # the folder has gone, or cannot be written: then nobody else is hindered

    # -- the file -------------------------------------------------------------------------

    @contextmanager
    def _alone(self, *, create: bool = True) -> Iterator[int]:
        """Open the file with nobody else in it; again where it was removed meanwhile."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            handle = os.open(self.file, os.O_RDWR | (os.O_CREAT if create else 0), 0o666)
            try:
                if not _locked(handle):
                    if time.monotonic() > until:
                        raise OSError(errno.EAGAIN, "another kernel is writing it")
                elif _is_at(handle, self.file):
                    yield handle
                    return
            finally:
                os.close(handle)
            time.sleep(_LOOK_S)

    def _other(self, found: Holder | None, handle: int) -> Holder | None:
        """Return an owner that counts, other than this session."""
        if found is None or found.token == self._me.token:
            return None
        if found.process.is_elsewhere:
            return found if self._age_s(handle) < _SILENT_S else None
        if found.is_of_this_process:
            return found if found.token in self._tokens else None
        return found if found.process.is_alive and found.path == self._me.path else None

    def _age_s(self, handle: int) -> float:
        """How long ago the file was touched, by the clock of the disk it is on [s]."""
        now = time.time()
        with suppress(OSError), TemporaryFile(dir=self.file.parent) as probe:
            now = os.fstat(probe.fileno()).st_mtime
        return now - os.fstat(handle).st_mtime

    def _sign(self, handle: int) -> None:
        found = _content(handle)
        if found is not None and found.token == self._me.token:
            return
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(asdict(self._me)).encode(), 0)


def _locked(handle: int) -> bool:
    """Keep others out of an open file; where the disk knows no locks, nobody is kept out."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _NO_LOCKS
    return True


def _is_at(handle: int, path: Path) -> bool:
    try:
        there, opened = path.stat(), os.fstat(handle)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (opened.st_dev, opened.st_ino)


def _content(handle: int) -> Holder | None:
    """Return who a lock file names; nobody where it is empty or holds something else."""
    try:
        saved = json.loads(os.pread(handle, _LARGEST_BYTES, 0))
        process = ProcessId(
            pid=int(saved["process"]["pid"]),
            started=float(saved["process"]["started"]),
            host=str(saved["process"]["host"]),
            boot=str(saved["process"]["boot"]),
        )
        since = float(saved["since"])
        datetime.fromtimestamp(since)  # refuses what is no time
        return Holder(
            process=process,
            since=since,
            token=str(saved["token"]),
            path=str(saved["path"]),
        )
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
