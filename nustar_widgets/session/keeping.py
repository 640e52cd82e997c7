"""A session that is kept: every edit is on disk within a second, and nothing is written over.

A session is kept as ``session.json`` in its work folder. A thread of its own writes it, so that no
edit waits for a disk. What stands in the way is said in traits that panels show; meanwhile the
session lives on in memory and writing goes on being tried:

- An *earlier* session lies there, as after a restart of the kernel when the first cell has made a
  new session in the same folder. It stays in place until the new one is first changed; then it is
  set aside under a dated name. It can be continued at any time.
- Another kernel keeps the file: the first change goes to a file with a dated name beside it, until
  somebody takes the file over. Another session of this kernel makes way instead.
- The file was changed by somebody else since: what they wrote is set aside.
- The disk is full, the folder is read-only or has gone.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import traitlets

from nustar_widgets.errors import OutputError, SessionError
from nustar_widgets.session import recents
from nustar_widgets.session.custody import FILES, Custody
from nustar_widgets.session.earlier import EarlierSession
from nustar_widgets.session.history import SessionState
from nustar_widgets.session.jsonfile import read_bytes
from nustar_widgets.session.keptfile import NAME, dated, is_kept
from nustar_widgets.session.relocation import relocated
from nustar_widgets.session.session import Session
from nustar_widgets.session.sessionlock import BEAT_S, Holder
from nustar_widgets.session.store import understood
from nustar_widgets.session.told import Told
from nustar_widgets.session.trouble import why_not_written
from nustar_widgets.session.writer import WRITER

_LOG = logging.getLogger(__name__)

SOON_S: Final = 0.15
"""How long an edit waits for others that follow it [s]."""

_LATEST_S: Final = 0.6  # where writing is slow
_AGAIN_S: Final = (1.0, 2.0, 4.0, 8.0)  # until writing is tried again
_TRIES: Final = 5  # of a flush, while edits go on
_AT_EXIT_S: Final = 5.0  # that a hanging disk may keep the kernel from ending

_ALL: Final[weakref.WeakKeyDictionary[Session, Keeping]] = weakref.WeakKeyDictionary()
_MAKING: Final = threading.RLock()


class Keeping(traitlets.HasTraits):
    """How a session is kept. Use `keep`: there is one for each session.

    The traits may change on any thread; while observers are called no lock is held. `flush` and
    what people decide wait for the disk.

    Parameters
    ----------
    session
        The session.
    place
        The file; ``None``: `NAME` in the session's work folder, whichever that is.
    known
        What the session was read from; ``None`` where it was not read.
    is_dirty
        Whether there is something to write.
    """

    saved = traitlets.Bool(True, help="Every edit is on disk")
    problem = traitlets.Unicode("", help="Why it cannot be written now; empty where it can")
    notice = traitlets.Unicode("", help="What else to know of how it is kept")
    path = traitlets.Unicode("", help="The file; empty while the session has no work folder")
    earlier = traitlets.Instance(
        EarlierSession, allow_none=True, help="A session that was there before, to be continued"
    )
    holder = traitlets.Instance(
        Holder, allow_none=True, help="Who else keeps the file this session belongs in"
    )

    # Why no two threads wait for each other here. `_changed` runs while somebody holds the lock of
    # the session, so whoever holds `_lock` may not ask for that; `_lock` is held for a moment only,
    # and no observer is called meanwhile. `FILES` may be held long; `_changed` never wants it.

    def __init__(
        self, session: Session, place: Path | None, *, known: bytes | None, is_dirty: bool
    ) -> None:
        super().__init__()
        self._session = weakref.ref(session)
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._state = session.state()
        self._is_dirty = is_dirty
        self._was_changed = False  # since it is kept
        self._is_asked = False  # the writer, for what has changed
        self._has_ended = False
        self._custody = Custody(
            place, known, adopt=self._adopt, moved=lambda: WRITER.ask(self._work)
        )
        self._told = self._now = Told(saved=not is_dirty)
        self._telling = False
        self._n_failed, self._took_s = 0, 0.0
        session.observe(self._changed, "revision")
        weakref.finalize(session, self._end).atexit = False

    @property
    def session(self) -> Session | None:
        """The session; ``None`` where nobody uses it any more."""
        return self._session()

    def flush(self) -> bool:
        """Write now what is not on disk yet; return whether everything is."""
        for _ in range(_TRIES):
            if self._work() != SOON_S:  # else there is something newer
                break
        return self.saved

    # -- what people decide -----------------------------------------------------------------

    def continue_earlier(self) -> None:
        """Turn the session into the earlier one, undo steps included; what it was is set aside.

        Raises
        ------
        SessionError
            There is none, or it cannot be read any more.
        OutputError
            What the session was cannot be set aside.
        """
        earlier, session = self.earlier, self.session
        if earlier is None or session is None:
            raise SessionError("there is no earlier session to continue")
        self.flush()
        with FILES, _as_output_errors(earlier.path):
            content = read_bytes(earlier.path)
            saved = relocated(understood(content, earlier.path), earlier.path)
            self._custody.make_room(earlier.path, content)
        session.restore(saved.state)
        if self.flush() and self.path != str(earlier.path):
            with FILES, _as_output_errors(earlier.path):
                if not is_kept(earlier.path) and read_bytes(earlier.path) == content:
                    earlier.path.unlink()
                    recents.forget(earlier.path)

    def take_over(self) -> None:
        """Keep the session where it belongs, though another kernel does; that one is told.

        What it has written is set aside.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        self._decide(self._custody.take_over)

    def keep_copy(self) -> None:
        """Keep the session in a file of its own from now on, beside the one it belongs in.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        self._decide(self._custody.write_copy)
        self.dismiss()

    def move(self, place: str | Path) -> None:
        """Keep the session in another file, or in another folder under a dated name.

        It goes to its work folder again when another one is chosen.

        Parameters
        ----------
        place
            A name that ends in ``.json``, or a folder.

        Raises
        ------
        OutputError
            It cannot be written there; it stays where it was.
        """
        to = Path(place).expanduser().absolute()
        to = to if to.suffix == ".json" else dated(to / NAME)
        self._decide(lambda state: self._custody.move(state, to))

    def dismiss(self) -> None:
        """Take away notices that were read."""
        with FILES:
            self._custody.tell(notice="", earlier=None, holder=None)
            self._publish()
        self._tell()

    def _decide(self, act: Callable[[SessionState], Any]) -> None:
        """Do what somebody has decided; what cannot be written is said to whom it asked."""
        with FILES:
            state = self._newest()
            with _as_output_errors(self._custody.belongs):
                self._custody.settle(state)
                act(state)
            self._is_on_disk(state)
        self._tell()

    # -- the session changes ----------------------------------------------------------------

    def _changed(self, _: Any) -> None:
        session = self.session
        if session is None or os.getpid() != self._pid:
            return
        state = session.state()
        with self._lock:
            is_asked, self._is_asked = self._is_asked, True
            self._state, self._is_dirty, self._was_changed = state, True, True
            self._now = replace(self._now, saved=False)
        if not is_asked:
            again_s = _AGAIN_S[0] if self._n_failed else min(3.0 * self._took_s, _LATEST_S)
            WRITER.ask(self._work, after_s=max(SOON_S, again_s))
        self._tell()

    def _adopt(self, state: SessionState) -> bool:
        session = self.session
        return session is not None and session.adopt_steps(state)

    def _newest(self) -> SessionState:
        with self._lock:
            return self._state

    def _end(self) -> None:
        """Write the last of a session that nobody uses any more."""
        self._has_ended = True
        WRITER.ask(self._work)

    # -- on the writer's thread -------------------------------------------------------------

    def _work(self) -> float | None:
        """Write what is not on disk; return when to come again."""
        if os.getpid() != self._pid:  # the copy in a forked process keeps nothing
            return None
        with FILES:
            self._is_asked = False
            again_s = self._step()
            if self._has_ended and not self._is_dirty:
                self._custody.end()
                again_s = None
        self._tell()
        return again_s

    def _step(self) -> float | None:
        state, custody = self._newest(), self._custody
        try:
            custody.settle(state)
            if self._is_dirty and (self._was_changed or not custody.waits):
                began = time.monotonic()
                custody.write(state)
                self._took_s = time.monotonic() - began
                self._is_on_disk(state)
            else:
                custody.look()
                self._publish()
        except (OutputError, SessionError, OSError) as error:
            return self._failed(error)
        self._n_failed = 0
        if self._newest() is not state:
            return SOON_S
        return BEAT_S if custody.is_ours else None

    def _failed(self, error: Exception) -> float:
        custody = self._custody
        at = custody.file.path if custody.file is not None else custody.belongs
        custody.tell(problem=why_not_written(at or Path(NAME), error))
        self._publish()
        self._n_failed += 1
        return _AGAIN_S[min(self._n_failed, len(_AGAIN_S)) - 1]

    # -- telling ----------------------------------------------------------------------------

    def _is_on_disk(self, state: SessionState) -> None:
        """Note what was written, unless there is no place for it yet."""
        with self._lock:
            self._is_dirty = self._is_dirty and (
                self._state is not state or self._custody.file is None
            )
        self._publish()

    def _publish(self) -> None:
        with self._lock:
            saved = not self._is_dirty or (self._custody.waits and not self._was_changed)
            self._now = replace(self._custody.told, saved=saved)

    def _tell(self) -> None:
        """Set the traits to how things stand; one thread at a time, and none of the locks held."""
        while (now := self._news()) is not None:
            try:
                with self.hold_trait_notifications():
                    self.path, self.earlier, self.holder = now.path, now.earlier, now.holder
                    self.notice, self.problem, self.saved = now.notice, now.problem, now.saved
            except Exception:  # of an observer: an edit must not look as if it had failed
                _LOG.exception("while it was told how a session is kept")
            finally:
                with self._lock:
                    self._telling = False

    def _news(self) -> Told | None:
        """Return what to tell now, if anything; whoever gets it does the telling."""
        with self._lock:
            if self._telling or self._told == self._now:
                return None
            self._telling, self._told = True, self._now
            return self._now


def keep(session: Session, path: str | Path | None = None) -> Keeping:
    """Keep a session: write it after every change; what was asked for once goes on.

    Parameters
    ----------
    session
        The session.
    path
        The file; by default ``session.json`` in the session's work folder, as soon as it has one.
    """
    place = None if path is None else Path(path).expanduser().absolute()
    with _MAKING:
        found = _ALL.get(session)
        if found is None:
            is_dirty = path is not None or session.state().was_edited
            found = _ALL[session] = Keeping(session, place, known=None, is_dirty=is_dirty)
            WRITER.ask(found._work)
            return found
    if place is not None and str(place) != found.path:
        found.move(place)
    return found


def keep_as_read(session: Session, place: Path | None, known: bytes | None) -> Keeping:
    """Keep a session that was read from a file just now, or made for a place where none was.

    Parameters
    ----------
    session
        The session.
    place
        The file; ``None``: that of its work folder.
    known
        What it was read from; ``None`` where there was nothing.
    """
    with _MAKING:
        found = _ALL[session] = Keeping(session, place, known=known, is_dirty=known is None)
    found.flush()
    WRITER.ask(found._work, after_s=BEAT_S)
    return found


def kept_at(path: Path) -> Session | None:
    """Return the session of this kernel that is kept in a file, if there is one."""
    custody = Custody.at(path)
    with _MAKING:
        found = [one for one in _ALL.values() if one._custody is custody]
    return found[0].session if custody is not None and found else None


@contextmanager
def _as_output_errors(path: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            path or NAME, f"cannot be written ({error.strerror or error})", "Choose another folder"
        ) from error


def _write_all() -> None:
    """Write every session a last time: the kernel ends."""
    if not FILES.acquire(timeout=_AT_EXIT_S):
        return
    try:
        for one in list(_ALL.values()):
            one._has_ended = True
            one._work()
    finally:
        FILES.release()


atexit.register(_write_all)
