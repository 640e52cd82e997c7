"""A diagnosis as the result of a notebook's cell: shown at once, and again as the page answers."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from nustar_widgets.diagnosis.findings import Diagnosis
from nustar_widgets.diagnosis.pagefindings import PageAnswer, page_findings
from nustar_widgets.diagnosis.serverfindings import Environment, environment_of
from nustar_widgets.diagnosis.servers import server_of_kernel

if TYPE_CHECKING:
    from nustar_widgets.panels.handshake import Handshake

_LOG = logging.getLogger(__name__)

SCRIPT_AFTER_S: Final = 4.0
"""When a page that has not said what it is is asked in the other way [s]."""

PATIENCE_S: Final = 15.0
"""How long the page is waited for [s]."""

_VOILA_PATIENCE_S: Final = 120.0  # its page comes when all cells have run

# The widgets of the handshake are there to answer, not to be seen, alive or dead.
_STYLE: Final = (
    "<style>.jp-OutputArea-child:has(.nw-doctor-{uid}) + .jp-OutputArea-child "
    "{{ height: 0; overflow: hidden; visibility: hidden; }}</style>"
)


class Consultation:
    """Shows a diagnosis in a notebook and asks the page.

    Parameters
    ----------
    diagnosis
        What is known without the page.
    publisher
        IPython's own, which shows outputs.
    """

    def __init__(self, diagnosis: Diagnosis, publisher: Any) -> None:
        self.diagnosis = diagnosis
        """With what the page has answered so far."""
        self._publisher, self._uid = publisher, uuid.uuid4().hex
        self._lock = threading.RLock()
        self._is_over = self._is_asking_again = False
        self._server: Environment | None = None
        self._handshake: Handshake | None = None
        self._timers: list[threading.Timer] = []

    def begin(self) -> None:
        """Show what is known, and put the widgets that ask into the page."""
        self._server = _server_here()
        is_voila = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
        if not is_voila:
            self._publish(update=False)
        try:
            from nustar_widgets.panels.handshake import Handshake  # noqa: PLC0415
        except ImportError:  # without ipywidgets there is nothing to ask with, and that was said
            return
        self._handshake = Handshake(self._told, board=is_voila)
        self._show()
        shown = self._handshake.shown._repr_mimebundle_()
        self._publisher.publish({**shown, "text/plain": "", "text/html": ""}, {})
        patience_s = _VOILA_PATIENCE_S if is_voila else PATIENCE_S
        self._later(patience_s, self._give_up)
        if not is_voila:
            self._later(SCRIPT_AFTER_S, self._ask_again)

    def _later(self, after_s: float, then: Callable[[], None]) -> None:
        timer = threading.Timer(after_s, then)
        timer.daemon = True
        timer.start()
        self._timers.append(timer)

    def _told(self) -> None:
        with self._lock:
            if not self._is_over:
                self._show()

    def _ask_again(self) -> None:
        with self._lock:
            if self._handshake is None or self._handshake.facts or self._is_over:
                return
            self._is_asking_again = True
            self._show()
            self._is_asking_again = False

    def _give_up(self) -> None:
        with self._lock:
            if not self._is_over:
                self._is_over = True
                self._show()
                self._close()

    def _show(self) -> None:
        """Show the diagnosis with what the page has answered so far."""
        handshake = self._handshake
        if handshake is None:
            return
        answer = PageAnswer(
            asked=handshake.kinds, seen=handshake.seen, facts=handshake.facts,
            is_over=self._is_over,
        )  # fmt: skip
        try:
            found = tuple(page_findings(answer, self._server))
            self.diagnosis = self.diagnosis.with_more(found)
        except Exception:  # whatever a page says must not keep the rest from being read
            _LOG.exception("reading what the page said")
        self._publish(update=True)
        if answer.is_complete and not self._is_over:
            self._is_over = True
            self._close()

    def _close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        if self._handshake is not None:
            self._handshake.close()

    def _publish(self, *, update: bool) -> None:
        board = None if self._handshake is None else self._handshake.board
        if board is not None:  # Voila's page takes no other content of an output
            board.value = f'<div class="nw-doctor">{self.diagnosis.to_html()}</div>'
            return
        content = self.diagnosis.to_html() + _STYLE.format(uid=self._uid)
        if self._is_asking_again and self._handshake is not None:
            content += self._handshake.script
        data = {
            "text/html": f'<div class="nw-doctor nw-doctor-{self._uid}">{content}</div>',
            "text/plain": repr(self.diagnosis),
        }
        name = {"display_id": f"nw-doctor-{self._uid}"}
        self._publisher.publish(data, {}, transient=name, update=update)


def _server_here() -> Environment | None:
    server = server_of_kernel(os.environ)
    return None if server is None else environment_of(server)
