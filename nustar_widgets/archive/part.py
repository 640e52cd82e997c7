"""A file on its way: it grows under a name of its own and takes its real one when it is whole.

The name of the growing file tells which state of the remote file it is of, so that an interrupted
download goes on only where it may; nothing else has to be remembered. A lock that dies with its
process keeps a second download off it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nustar_widgets.archive.files import PART_SUFFIX
from nustar_widgets.archive.patience import Trouble
from nustar_widgets.errors import DownloadError


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file on its way.

    Attributes
    ----------
    final
        What it will be called.
    size
        How long it will be [bytes].
    version
        What the server calls this state of the file.
    """

    final: Path
    size: int
    version: str = ""

    @property
    def path(self) -> Path:
        """Where it grows: beside its place, hidden."""
        tag = hashlib.sha256(f"{self.size} {self.version}".encode()).hexdigest()[:8]
        return self.final.with_name(f".{self.final.name}.{tag}{PART_SUFFIX}")

    @property
    def is_whole(self) -> bool:
        """Whether the file is in its place with its full length."""
        return _length(self.final) == self.size

    @property
    def n_bytes(self) -> int:
        """Bytes of it that are here, whole or on their way; a wrong length counts nothing."""
        if self.is_whole:
            return self.size
        there = _length(self.path) or 0
        return there if there <= self.size else 0

    @contextmanager
    def opened(self, at: int) -> Iterator[BinaryIO]:
        """Open it for writing from a byte on; what comes after is cut off.

        Parameters
        ----------
        at
            Where to go on [bytes].

        Raises
        ------
        DownloadError
            Another download has it open.
        Trouble
            It was finished or shortened meanwhile.
        """
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", 0) as stream:
            self._lock(stream)
            state = os.fstat(stream.fileno())
            if not _is_same(self.path, state) or state.st_size < at:
                raise Trouble("another download has touched it")
            if state.st_size > at:  # only then: ext4 writes out what was once cut to nothing
                stream.truncate(at)
            stream.seek(at)
            yield stream

    def take_place(self) -> None:
        """Give the file its real name; it must be whole, and still be open and so locked.

        It is not forced to the disk, which would take half as long again: if the power fails it
        may come out short, and is then fetched again like every file of a wrong length.
        """
        self.path.replace(self.final)

    def _lock(self, stream: BinaryIO) -> None:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadError(
                str(self.final),
                "another download is writing this file",
                "Wait until it has ended, or end it; then start again",
            ) from error
        except OSError:  # a file system without locks, as Lustre often is: then without
            return


def remove_stale(parts: Iterable[Part]) -> None:
    """Remove what was begun of other states of these files, which nothing can go on from.

    Parameters
    ----------
    parts
        The files on their way.
    """
    expected = {part.path: part.final.name for part in parts}
    names = set(expected.values())
    for folder in {path.parent for path in expected}:
        for path in folder.glob(f".*{PART_SUFFIX}"):
            is_ours = path.name[1:].removesuffix(PART_SUFFIX).rpartition(".")[0] in names
            if is_ours and path not in expected:
                path.unlink(missing_ok=True)


def write_all(stream: BinaryIO, block: bytes) -> None:
    """Write a block to an unbuffered file, which may take it in pieces.

    Parameters
    ----------
    stream
        The file.
    block
        What to write.
    """
    rest = memoryview(block)
    while rest:
        rest = rest[stream.write(rest) :]


def _length(path: Path) -> int | None:
    try:
        state = path.stat()
    except OSError:  # not there, or gone this moment
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else None


def _is_same(path: Path, state: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), state)
    except FileNotFoundError:
        return False
