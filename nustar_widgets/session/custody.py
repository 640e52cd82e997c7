"""Where a session is kept: its file, who else is there, and what lay there before.

All of it works on files, and only one thread at a time may be in here: hold `FILES`.
"""

from __future__ import annotations

import threading
import time
import uuid
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from nustar_widgets.errors import SessionError
from nustar_widgets.session import recents, store, told
from nustar_widgets.session.earlier import described, subject
from nustar_widgets.session.history import SessionState
from nustar_widgets.session.jsonfile import read_bytes
from nustar_widgets.session.keptfile import NAME, InUseError, KeptFile, dated, set_aside
from nustar_widgets.session.told import Told

FILES: Final = threading.RLock()
"""Held while files are read or written; no edit ever waits for it."""

_REMEMBER_S: Final = 60.0  # between two notes in the list of recent sessions

Adopt = Callable[[SessionState], bool]


class Custody:
    """The file of one session.

    Parameters
    ----------
    place
        The file; ``None``: `NAME` in the session's work folder, whichever that is.
    known
        What the session was read from; ``None`` where it was not read.
    adopt
        Gives the session the undo steps of another with the same choices; tells if it did.
    moved
        Called when another session of this kernel has taken the file.
    """

    _all: ClassVar[weakref.WeakSet[Custody]] = weakref.WeakSet()

    def __init__(
        self, place: Path | None, known: bytes | None, *, adopt: Adopt, moved: Callable[[], None]
    ) -> None:
        self.told = Told()
        """What people are to be told."""
        self.file: KeptFile | None = None
        """Where the session is kept; ``None`` while it has no place."""
        self.belongs: Path | None = None
        """Where it is to be kept."""
        self.waits = False
        """Whether the first change is waited for, because something lies where it would go."""
        self._token = uuid.uuid4().hex
        self._place, self._known = place, known
        self._adopt, self._moved = adopt, moved
        self._refuge_from: Path | None = None
        self._has_begun = False
        self._remembered: tuple[Any, ...] = ()
        self._all.add(self)

    @property
    def is_ours(self) -> bool:
        """Whether the file is ours to write."""
        return self.file is not None and self.file.is_ours

    @classmethod
    def at(cls, path: Path) -> Custody | None:
        """Return whose file of this process that is, if it is anybody's."""
        wanted = path.resolve()
        mine = [one for one in cls._all if one.file is not None and one.file.is_ours]
        return next((one for one in mine if one.file and one.file.path.resolve() == wanted), None)

    # -- where --------------------------------------------------------------------------------

    def settle(self, state: SessionState) -> None:
        """Follow a session to its work folder, and look who is there at the beginning."""
        default = default_file(state)
        if self._refuge_from is not None and default != self._refuge_from:
            self._place = self._refuge_from = None
        belongs = self._place or default
        if belongs == self.belongs:
            return
        self._let_go()
        self.belongs = belongs
        self.tell(path="" if belongs is None else str(belongs), holder=None, problem="")
        if belongs is None:
            return
        known, self._known = self._known, None
        self.file = KeptFile(belongs, self._token, content=known)
        if not self._has_begun:
            self._has_begun = True
            self._look_around(self.file, is_known=known is not None)

    def _look_around(self, file: KeptFile, *, is_known: bool) -> None:
        other = file.lock.other()
        if other is not None and not other.is_of_this_process:
            self.waits = True
            self.tell(holder=other, notice=told.in_use(file.path, other))
        elif is_known:
            with suppress(OSError):  # said when there is something to write
                file.claim()
        elif file.path.exists():
            self._meet(file)

    def _meet(self, file: KeptFile) -> None:
        """Meet an earlier session: with the same choices it goes on, else it can be continued."""
        with suppress(SessionError):
            content = read_bytes(file.path)
            if self._adopt(store.understood(content, file.path).state):
                file.know(content)
                return
        self.waits = True
        earlier = described(file.path)
        self.tell(earlier=earlier, notice=told.there_before(earlier))

    def look(self) -> None:
        """Tell other machines that we are there; notice that somebody has taken the file over."""
        if self.file is None or not self.file.is_ours:
            return
        other = self.file.lock.other()
        if other is None:
            self.file.lock.beat()
        else:
            self.file.is_ours = False
            self.tell(holder=other, notice=told.taken_over(self.file.path, other))

    # -- writing --------------------------------------------------------------------------------

    def write(self, state: SessionState) -> None:
        """Write a session where it is kept; beside it where somebody else keeps that file.

        Raises
        ------
        OutputError, SessionError, OSError
            It cannot be written; nothing on disk has changed.
        """
        if self.file is None:
            return
        self.waits = False
        if not self.file.is_ours:
            self._evict(self.file.path)
        try:
            aside = self.file.write(self._text(state, self.file.path))
        except InUseError as found:
            path = self.file.path
            copy = self.write_copy(state)
            self.tell(holder=found.holder, notice=told.kept_beside(path, found.holder, copy))
            return
        self._set_aside(aside)
        self._written(state)

    def write_copy(self, state: SessionState) -> Path:
        """Write a session beside the file it belongs in, and keep it there from now on."""
        if self.belongs is None:
            raise SessionError("the session has no work folder yet: choose one first")
        copy = KeptFile(dated(self.belongs), self._token)
        copy.write(self._text(state, copy.path))
        self._let_go()
        self.file, self.waits = copy, False
        self._written(state)
        return copy.path

    def take_over(self, state: SessionState) -> None:
        """Write a session where it belongs, whoever keeps that file; what is there is set aside."""
        if self.belongs is None:
            return
        self._evict(self.belongs)
        is_copy = self.file is not None and self.file.path != self.belongs
        file = KeptFile(self.belongs, self._token) if is_copy else self.file
        assert file is not None  # it belongs somewhere
        aside = file.write(self._text(state, file.path), by_force=True)
        if is_copy and self.file is not None:
            self.file.remove()
            recents.forget(self.file.path)
        self.file, self.waits = file, False
        self.tell(holder=None, notice="", earlier=None)
        self._set_aside(aside)
        self._written(state)

    def move(self, state: SessionState, to: Path) -> None:
        """Write a session to another place, and keep it there until its work folder changes."""
        file = KeptFile(to, self._token)
        aside = file.write(self._text(state, to))
        self._let_go()
        self.file, self.waits = file, False
        self._place = self.belongs = to
        self._refuge_from = default_file(state)
        self.tell(notice=told.kept_in(to), holder=None, earlier=None)
        self._set_aside(aside)
        self._written(state)

    def make_room(self, earlier: Path, content: bytes) -> None:
        """Prepare for becoming an earlier session: what was written of this one is set aside.

        Parameters
        ----------
        earlier
            The file of the earlier one.
        content
            What was read from it.
        """
        if self.file is None:
            raise SessionError("the session has no work folder yet: choose one first")
        self.waits = False
        self.tell(earlier=None, notice="")
        if self.file.path == earlier:
            self.file.know(content)
        elif self.file.is_ours and self.file.path.exists():
            self._set_aside(set_aside(self.file.path))

    def end(self) -> None:
        """Let go of the file: others may keep it."""
        self._let_go()
        self.belongs = None

    def tell(self, **changes: Any) -> None:
        """Change what people are to be told."""
        self.told = replace(self.told, **changes)

    def _let_go(self) -> None:
        if self.file is not None:
            self.file.release()
            self.file = None

    def _evict(self, path: Path) -> None:
        """Let another session of this kernel go on beside a file it has kept."""
        other = Custody.at(path)
        if other is None or other is self or other.file is None:
            return
        aside = dated(path)
        with suppress(FileNotFoundError):
            path.rename(aside)
        other.file.moved_to(aside)
        other.tell(path=str(aside), notice=told.made_way(path, aside))
        other._moved()
        self._set_aside(aside if aside.exists() else None)

    def _set_aside(self, path: Path | None) -> None:
        if path is None:
            return
        earlier = described(path)
        self.tell(earlier=earlier, notice=told.set_aside_as(earlier))
        if earlier.can_be_read:
            saved = store.read(path)
            _remember(path, saved.state, saved.moment)

    def _written(self, state: SessionState) -> None:
        assert self.file is not None  # it was written just now
        path = self.file.path
        self.tell(path=str(path), problem="")
        now = (path, subject(state), time.monotonic() // _REMEMBER_S)
        if now != self._remembered:
            self._remembered = now
            _remember(path, state, datetime.now(UTC))

    @staticmethod
    def _text(state: SessionState, path: Path) -> str:
        return store.text_of(
            state, folder=str(path.parent), in_work_dir=path.parent == _work_folder(state)
        )


def default_file(state: SessionState) -> Path | None:
    """Return where a session is kept that has no place of its own."""
    folder = _work_folder(state)
    return None if folder is None else folder / NAME


def _work_folder(state: SessionState) -> Path | None:
    work_dir = state.values["work_dir"]
    return Path(work_dir).expanduser().absolute() if work_dir else None


def _remember(path: Path, state: SessionState, when: datetime | None) -> None:
    target, obsid = subject(state)
    recents.remember(
        recents.RecentSession(path=path, target=target, obsid=obsid, when=when or datetime.now(UTC))
    )
