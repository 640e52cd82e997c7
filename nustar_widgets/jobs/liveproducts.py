"""How the products of a session stand, looked at again beside the kernel whenever that may change.

It is looked at when nothing has changed for a moment, and never while a region is dragged: what
moves under the hand must not share the processor with it.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import traitlets

from nustar_widgets.jobs.productstate import Made, ProductState
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.session.session import Session

if TYPE_CHECKING:
    from nustar_widgets.jobs.job import Job
    from nustar_widgets.jobs.runner import Runner

_LOG = logging.getLogger(__name__)

QUIET_S: Final = 0.4
"""How long nothing has changed when it is looked at [s]."""

_RUNNING_S: Final = 5.0  # between two looks at jobs of a queue in another kernel
_NOT_ASKED: Final = ("target", "fit")  # fields no product is made from


class LiveProducts(traitlets.HasTraits):
    """Products of a session. Use `of`: there is one for each session.

    Parameters
    ----------
    session
        The session.
    start
        How looking is started; on a thread of its own by default.
    """

    state = traitlets.Instance(
        ProductState, allow_none=True, help="How they stand; None until it was looked at"
    )

    _all: ClassVar[weakref.WeakKeyDictionary[Session, LiveProducts]] = weakref.WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(
        self, session: Session, *, start: Callable[[Callable[[], None]], Any] | None = None
    ) -> None:
        super().__init__()
        self._session = weakref.ref(session)
        self._start = start or _on_a_thread
        self._lock = threading.Lock()
        self._due: float | None = None  # when it is to be looked at
        self._is_looking = False
        self._seen: tuple[Any, ...] = ()  # of the session, when it was last looked at
        self._queue: Runner | None = None
        session.observe(self._edited, "revision")
        self._is_listening = False
        self.ask()

    @classmethod
    def of(cls, session: Session) -> LiveProducts:
        """Return the products of a session, the same for all who ask."""
        with cls._making:
            if session not in cls._all:
                cls._all[session] = cls(session)
            return cls._all[session]

    def ask(self, *, after_s: float = QUIET_S) -> None:
        """Look again when nothing has changed for a moment.

        Parameters
        ----------
        after_s
            How long that is [s].
        """
        with self._lock:
            self._due = time.monotonic() + after_s
            is_looking, self._is_looking = self._is_looking, True
        if not is_looking:
            self._start(self._look_until_quiet)

    # -- looking ----------------------------------------------------------------------------

    def _look_until_quiet(self) -> None:
        while True:
            with self._lock:
                if self._due is None:
                    self._is_looking = False
                    return
                wait_s = self._due - time.monotonic()
                if wait_s <= 0.0:
                    self._due = None
            if wait_s > 0.0:
                time.sleep(wait_s)
            elif self._is_under_the_hand():
                self.ask()
            else:
                self._look()

    def _is_under_the_hand(self) -> bool:
        session = self._session()
        live = None if session is None else LiveObservation.known(session)
        return live is not None and live.counts is not None and live.counts.is_passing

    def _look(self) -> None:
        # Not at the top: a panel is on the screen before anybody looks at products.
        from nustar_widgets.jobs.productlook import product_state  # noqa: PLC0415

        session = self._session()
        if session is None:
            self._leave_queue()
            return
        try:
            self._seen = _asked_for(session)
            self.state = product_state(session, self._jobs(_folder(session)))
            if self.state.made is Made.RUNNING and self._queue is None:
                self.ask(after_s=_RUNNING_S)
        except Exception:  # of a file nobody expected: the line says nothing then
            _LOG.exception("while looking at the products")
            self.state = None

    def _jobs(self, folder: Path) -> tuple[Job, ...]:
        """Return the jobs of the work folder, from its queue or else from its files."""
        from nustar_widgets.jobs.job import as_on_disk  # noqa: PLC0415
        from nustar_widgets.jobs.queues import known_queue, on_new_queue  # noqa: PLC0415
        from nustar_widgets.jobs.record import records_in  # noqa: PLC0415

        if not self._is_listening:
            self._is_listening = True
            on_new_queue(self._queue_made)
        queue = known_queue(folder)
        if queue is not self._queue:
            self._leave_queue()
            if queue is not None:
                self._queue = queue
                queue.observe(self._jobs_moved, "jobs")
        if queue is not None:
            return queue.jobs
        return tuple(map(as_on_disk, records_in(folder / "jobs")))

    def _leave_queue(self) -> None:
        if self._queue is not None:
            self._queue.unobserve(self._jobs_moved, "jobs")
            self._queue = None

    # -- what may change it -----------------------------------------------------------------

    def _edited(self, _: Any) -> None:
        session = self._session()
        if session is not None and _asked_for(session) != self._seen:
            self.ask()

    def _jobs_moved(self, change: Any) -> None:
        states = [tuple((job.id, job.state) for job in change[name]) for name in ("old", "new")]
        if states[0] != states[1]:
            self.ask()

    def _queue_made(self, queue: Runner) -> None:
        session = self._session()
        if session is not None and queue.work_dir == _folder(session):
            self.ask()


def _asked_for(session: Session) -> tuple[Any, ...]:
    return tuple(getattr(session, name) for name in Session.FIELDS if name not in _NOT_ASKED)


def _folder(session: Session) -> Path:
    return Path(session.work_dir).expanduser().resolve()


def _on_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True, name="nustar_widgets products").start()
