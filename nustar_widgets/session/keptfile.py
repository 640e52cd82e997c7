"""One session file that this kernel writes: never over what somebody else has put there."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nustar_widgets.atomic import write_text
from nustar_widgets.errors import SessionError
from nustar_widgets.session.jsonfile import parsed, read_bytes
from nustar_widgets.session.sessionlock import Holder, SessionLock

NAME: Final = "session.json"
"""Name of the file in a session's work folder."""

_LITTER_S: Final = (
    60.0  # half a file of a kernel that was killed is older than that, or grows older
)
_NEWEST: Final = 30  # sessions set aside that are looked at for the same content

Stamp = tuple[int, int, int]


class InUseError(Exception):
    """Another kernel, or another session of this one, keeps the file.

    Parameters
    ----------
    holder
        Who.
    """

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        super().__init__(holder.words())


class KeptFile:
    """A session file, and how it was when it was last read or written here.

    Parameters
    ----------
    path
        The file.
    token
        Name of the session that is kept.
    content
        What was read from it; ``None`` where it was not read.
    """

    def __init__(self, path: Path, token: str, *, content: bytes | None = None) -> None:
        self.path = path
        self.lock = SessionLock(path, token)
        self.is_ours = False
        """Whether it was written here, or claimed."""
        self._digest, self._stamp = b"", None if content is None else _stamp(path)
        if content is not None:
            self._digest = _digest(content)

    def claim(self) -> Holder | None:
        """Take the right to write it; return who has it already, or ``None``.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        with self.lock.held() as other:
            if other is None and not self.is_ours:
                self._clear_up()
            self.is_ours = other is None
            return other

    def write(self, text: str, *, by_force: bool = False) -> Path | None:
        """Write it whole; what lies there and is not ours is set aside.

        Parameters
        ----------
        text
            The content.
        by_force
            Write it also where another kernel keeps it.

        Returns
        -------
        Path or None
            Where something was set aside, if anything.

        Raises
        ------
        InUseError
            Somebody else keeps it; nothing was written.
        OutputError, OSError
            It cannot be written; what was there is as it was.
        """
        if not self.is_ours:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.lock.held(by_force=by_force) as other:
            if other is not None:
                raise InUseError(other)
            if not self.is_ours:
                self._clear_up()
            aside = set_aside(self.path) if self.is_foreign else None
            write_text(self.path, text)
            self.is_ours = True
            self._stamp, self._digest = _stamp(self.path), _digest(text.encode())
        return aside

    @property
    def is_foreign(self) -> bool:
        """Whether what lies there is something else than what was read or written here."""
        now = _stamp(self.path)
        if now is None or now == self._stamp:
            return False
        try:
            is_same = _digest(read_bytes(self.path)) == self._digest
        except SessionError:
            return True
        if is_same:  # copied over itself, as by a program that keeps folders in step
            self._stamp = now
        return not is_same

    def moved_to(self, path: Path) -> None:
        """Go on with the same content under another name."""
        self.release()
        self.path, self.lock = path, SessionLock(path, self.lock.token)
        with suppress(OSError):  # said when there is something to write
            self.claim()

    def know(self, content: bytes) -> None:
        """Take what was read from it for ours: it may be written over."""
        self._stamp, self._digest = _stamp(self.path), _digest(content)

    def remove(self) -> None:
        """Remove it, if it is as it was written here, and give it up."""
        with suppress(OSError), self.lock.held() as other:
            if other is None and self.is_ours and not self.is_foreign:
                self.path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Give it up: others may write it."""
        self.is_ours = False
        self.lock.release()

    def _clear_up(self) -> None:
        """Remove what kernels that were killed have left of a file half written."""
        for part in self.path.parent.glob(f".{self.path.name}.*.part"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > _LITTER_S:
                    part.unlink()


def dated(path: Path) -> Path:
    """Return a free name beside a session file: ``session-2025-11-26-120304.json``."""
    moment = f"{datetime.now():%Y-%m-%d-%H%M%S}"
    number = 1
    while True:
        again = f"-{number}" if number > 1 else ""
        found = path.with_name(f"{path.stem}-{moment}{again}{path.suffix or '.json'}")
        if not os.path.lexists(found):
            return found
        number += 1


def set_aside(path: Path) -> Path:
    """Give a file a second, dated name, so that the first can be written over; return it.

    What lies there under a dated name already, with the same choices and undo steps, is not put
    there twice: the older one goes.

    Raises
    ------
    OSError
        The folder cannot be written; the file is as it was.
    """
    aside = dated(path)
    same = _like(path)
    try:
        os.link(path, aside)
    except OSError:
        if not path.exists():
            raise
        path.rename(aside)  # this disk knows no second names, or it is no file
    for other in same:
        other.unlink(missing_ok=True)
    return aside


def _like(path: Path) -> list[Path]:
    wanted = _held(path)
    if wanted is None:
        return []
    others = sorted(path.parent.glob(f"{path.stem}-*{path.suffix}"), reverse=True)[:_NEWEST]
    return [other for other in others if _held(other) == wanted and not is_kept(other)]


def _held(path: Path) -> Any:
    """Return what a session file holds of the session; ``None`` where it cannot be read."""
    try:
        saved = parsed(read_bytes(path), path)
    except SessionError:
        return None
    return (saved.get("session"), saved.get("history")) if isinstance(saved, dict) else None


def is_kept(path: Path) -> bool:
    """Whether somebody keeps a session in a file."""
    return SessionLock(path, "").other() is not None


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
