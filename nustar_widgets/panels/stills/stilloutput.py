"""The second output of a cell that shows a widget: what is seen when the widget is dead.

JupyterLab shows "Error displaying widget: model not found" for a widget whose kernel is gone, and
looks at no other form of that output. So a cell that shows a panel has two outputs: the panel, and
before it plain HTML with the panel's last picture and numbers. The panel hides that HTML while it
is alive; where it is not (a notebook opened again, without a kernel, not trusted, on a web site)
nothing does. In a trusted notebook the HTML in its turn hides the message about the dead widget.

The HTML is made anew some seconds after the last change, never while something moves. Where nobody
looks (a notebook that a program runs) it is made at the end of the cell, for later is too late.
"""

from __future__ import annotations

import html
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from nustar_widgets.panels.cells import current_run
from nustar_widgets.panels.stills.still import Still, whole_html

_LOG = logging.getLogger(__name__)

QUIET_S: Final = 4.0
"""How long nothing must have changed before a picture is made [s]."""

LONGEST_S: Final = 60.0
"""After so long one is made although changes go on, as while jobs run [s]."""

_LONGEST_READING_S: Final = 30.0  # a million events take a second
_LOOK_S: Final = 0.1
_NEXT: Final = ".jp-OutputArea-child:has(.nw-still-{uid}) + .jp-OutputArea-child"
# Only where the output has no element: then what it holds is a message.
_DEAD: Final = f"<style>{_NEXT} > .jupyter-widgets.jp-OutputArea-output:not(:has(*))"


class Publish(Protocol):
    """What shows an output, or another content of it."""

    def __call__(self, data: dict[str, str], *, name: str, update: bool) -> Any:
        """Show data by their media type; ``name`` is the same for all contents of an output."""
        ...


def hiding(uid: str) -> str:
    """Return the style by which a widget hides its still output while it is in the page.

    Parameters
    ----------
    uid
        As of the `StillOutput`.
    """
    return (
        f"<style>.nw-still-{uid}, .jp-OutputArea-child:has(.nw-still-{uid}) "
        "{ display: none !important; }</style>"
    )


class StillOutput:
    """Keeps the still output of a widget up to date.

    Parameters
    ----------
    uid
        Letters and digits that no other widget has.
    take
        Asked what is to be seen, on a thread of its own; the most important first.
    publish
        Shows it; in the notebook by default, if there is one.
    quiet_s
        How long nothing must have changed [s].
    is_whole
        Asked whether what it shows is there, or still being read.
    """

    def __init__(
        self,
        uid: str,
        take: Callable[[], Sequence[Still]],
        *,
        publish: Publish | None = None,
        quiet_s: float = QUIET_S,
        is_whole: Callable[[], bool] = lambda: True,
    ) -> None:
        self._uid, self._take, self._quiet_s, self._is_whole = uid, take, quiet_s, is_whole
        self._publish = publish
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._changed_at = self._waits_since = 0.0
        self._is_shown = self._is_closed = False
        self._last = ""

    def show(self) -> None:
        """Place the output: the widget is about to be shown."""
        publish = self._publish or in_notebook()
        if publish is None or self._is_closed:
            return
        # Empty at first: it is seen until the page has the widget, and nothing should jump.
        empty = {"text/html": f'<div class="nw-still-{self._uid}"></div>', "text/plain": ""}
        publish(empty, name=self._uid, update=False)
        self._publish, self._is_shown, self._last = publish, True, ""
        if not (nobody_looks() and after_cell(self._at_end_of_cell)):
            self.changed()

    def changed(self) -> None:
        """Make another picture when it has been quiet for a while; costs nothing."""
        if not self._is_shown or self._is_closed:
            return
        with self._lock:
            self._changed_at = time.monotonic()
            if self._timer is None:
                self._waits_since = self._changed_at
                self._wait(self._quiet_s)

    def close(self) -> None:
        """Leave the output as it is."""
        self._is_closed = True
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()

    def now(self) -> None:
        """Make the picture at once, if there is another one."""
        if not self._is_shown or self._is_closed or self._publish is None:
            return
        stills = self._take()
        content = whole_html(stills)
        if content == self._last:
            return
        self._last = content
        text = "\n\n".join(still.to_text() for still in stills)
        data = {"text/html": self._html(content), "text/plain": f"{_caption()}\n{text}"}
        self._publish(data, name=self._uid, update=True)

    def _at_end_of_cell(self) -> None:
        until = time.monotonic() + _LONGEST_READING_S
        while not self._is_whole() and time.monotonic() < until:
            time.sleep(_LOOK_S)
        self._made()

    def _wait(self, for_s: float) -> None:
        self._timer = threading.Timer(for_s, self._waited)
        self._timer.daemon = True
        self._timer.start()

    def _waited(self) -> None:
        with self._lock:
            now = time.monotonic()
            rest = self._changed_at + self._quiet_s - now
            if rest > 0.0 and now < self._waits_since + LONGEST_S and not self._is_closed:
                self._wait(rest)
                return
            self._timer = None
        self._made()

    def _made(self) -> None:
        try:
            self.now()
        except Exception:  # a picture for later must not disturb now
            _LOG.exception("making the still output of a panel")

    def _html(self, content: str) -> str:
        dead = f"{_DEAD.format(uid=self._uid)} {{ display: none; }}</style>"
        return (
            f'<div class="nw-still nw-still-{self._uid}">{dead}'
            f'<div style="margin:0 0 6px"><i>{html.escape(_caption())}</i></div>{content}</div>'
        )


def in_notebook() -> Publish | None:
    """Return what shows outputs in the notebook this runs in; ``None`` where there is none."""
    shell = _shell()
    if shell is None:
        return None
    publisher = shell.display_pub

    def publish(data: dict[str, str], *, name: str, update: bool) -> None:
        publisher.publish(data, {}, transient={"display_id": f"nw-still-{name}"}, update=update)

    return publish


def nobody_looks() -> bool:
    """Whether a program runs the notebook: no cell is named, and Voila is not what shows it."""
    return current_run() is None and not os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def after_cell(act: Callable[[], Any]) -> bool:
    """Do something once, when the cell that runs now has ended; return whether it will be done.

    Parameters
    ----------
    act
        What to do.
    """
    shell = _shell()
    if shell is None:
        return False

    def once(_: Any) -> None:
        shell.events.unregister("post_run_cell", once)
        act()

    shell.events.register("post_run_cell", once)
    return True


def _shell() -> Any:
    """Return IPython's shell in a kernel; ``None`` elsewhere."""
    # Who has not imported IPython is not inside it.
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    return None if getattr(shell, "kernel", None) is None else shell


def _caption() -> str:
    now = datetime.now().astimezone()
    return f"Last state, of {now:%Y-%m-%d %H:%M %Z}. Run the cell to go on."
