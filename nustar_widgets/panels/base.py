"""The shape every panel has: it shows a session, it edits a session, and it says what went wrong.

A panel observes the fields of the session it shows and edits the session; it knows no other panel
and keeps nothing of its own that a session could hold. Control, ``commit``, session, ``_show`` of
every panel: echoes die because equal values are no change. Exceptions in callbacks, which Jupyter
would only write to its log, appear in the panel's own message strip.
"""

from __future__ import annotations

import functools
import html
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

import ipywidgets as widgets
import traitlets

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.panels.cells import BY_CELL, current_run
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.keptline import TOLD, KeptLine, has_news
from nustar_widgets.panels.ownkeys import OwnKeys
from nustar_widgets.panels.resting import Rest
from nustar_widgets.panels.standingline import StandingLine
from nustar_widgets.panels.stills.choices import choices_table, titled
from nustar_widgets.panels.stills.leaving import LeavesStill
from nustar_widgets.panels.stills.still import Still
from nustar_widgets.session.keeping import keep
from nustar_widgets.session.session import Session

_LOG = logging.getLogger(__name__)

_LATER_S: Final = 0.5  # until it is looked again whether a region is still dragged


# Parts that change often are laid out and painted by themselves: what moves under the hand must not
# wait for the rest of the page.
# Rows go on below where a window is small. Grey words keep their contrast on grey, in both themes.
_STYLE = """<style>
.nw-panel { --jp-ui-font-color2: #575757; --nw-good: #1b7a35; --nw-warn: #7a4b00;
  --nw-bad: #8b1a1a; }
[data-jp-theme-light="false"] .nw-panel { --jp-ui-font-color2: #c6c6c6; --nw-good: #7bd88f;
  --nw-warn: #ffc46b; --nw-bad: #ff9b92; }
.nw-panel .widget-hbox, .nw-panel .widget-toggle-buttons .btn-group { flex-wrap: wrap; }
.nw-panel .widget-box { overflow: visible; }
.nw-panel .bqplot text.axislabel { fill: var(--jp-ui-font-color1, #222) !important; }
.nw-panel .bqplot { contain: layout paint style; will-change: transform; }
.nw-profile { content-visibility: auto; contain-intrinsic-size: auto 330px; }
.nw-moving .nw-panel .bqplot path { shape-rendering: optimizeSpeed; }
.nw-numbers { contain: strict; height: 152px; }
.nw-numbers table { font-size: 12px; line-height: 1.45; border-collapse: collapse;
  font-variant-numeric: tabular-nums; }
.nw-numbers th { text-align: left; font-weight: normal;
  color: var(--jp-ui-font-color2, #575757); padding: 0 8px 0 0;
  white-space: nowrap; }
.nw-numbers th[scope=col] { text-align: right; font-weight: 600; color: inherit; }
.nw-numbers td, .nw-numbers th[scope=col] { text-align: right; padding: 0 0 0 14px; }
</style>"""


class MessageStrip(widgets.HTML):
    """One line for the user; text is shown as text, whatever is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("nw-strip")
        self.text = ""
        self.is_error = False
        """Whether the text tells what went wrong."""

    def say(self, text: str) -> None:
        """Tell how things stand."""
        self._put(text, "status", "#1f5f8b", "#eaf3fa")

    def warn(self, text: str) -> None:
        """Tell what to watch out for."""
        self._put(text, "status", "#7a4b00", "#fff4df")

    def fail(self, error: BaseException | str) -> None:
        """Tell what went wrong."""
        is_ours = isinstance(error, str | NustarWidgetsError | traitlets.TraitError)
        text = str(error) if is_ours else f"{type(error).__name__}: {error}"
        self._put(text, "alert", "#8b1a1a", "#fdecec")

    def clear(self) -> None:
        """Take the message away."""
        self.text, self.value, self.is_error = "", "", False

    def _put(self, text: str, role: str, ink: str, paper: str) -> None:
        self.text, self.is_error = text, role == "alert"
        style = (
            f"color:{ink};background:{paper};padding:4px 8px;border-radius:3px;line-height:1.4;"
            "white-space:pre-wrap;overflow-wrap:anywhere"
        )
        self.value = f'<div role="{role}" style="{style}">{html.escape(text)}</div>'


class Panel(LeavesStill, widgets.VBox):
    """Base of all panels.

    A panel closes those that the same notebook cell made when it ran before. What it shows stays in
    a saved notebook as plain output. Its session is kept on disk from then on.

    Parameters
    ----------
    session
        The session to show and to edit.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ()
    """Fields of the session this panel shows."""

    PRODUCTS: ClassVar[str] = "Products"
    """What the line is about that says whether products are current; empty for no line."""

    _followed: tuple[tuple[traitlets.HasTraits, Callable[[Any], None], list[str]], ...] = ()

    def __init__(self, session: Session) -> None:
        super().__init__()
        BY_CELL.take_place(self, current_run())
        self.session = session
        self.strip = MessageStrip()
        self.add_class("nw-panel")
        self._placing = threading.RLock()  # parts come from the page's thread and from others
        self._rest = Rest()
        self._keys = OwnKeys()
        self.kept: KeptLine | None = None
        """What to know of how the session is kept; ``None`` while there was nothing."""
        self._tells_keeping = True
        self.children = (*self._products_line(), *self._parts())
        self._keys.observe(lambda _: self._keep_keys(), "ready")
        self._keep_keys()
        self.follow(session, self._on_session, self.FIELDS)
        self._show(self.FIELDS)
        self.keeping = keep(session)
        self.follow(self.keeping, lambda _: self._show_keeping(), TOLD)
        self._show_keeping()

    def _build(self) -> Sequence[widgets.Widget]:
        """Make the controls; the message strip comes below them, unless it is among them."""
        raise NotImplementedError

    def _parts(self) -> Sequence[widgets.Widget]:
        parts = self._build()
        if not any(self.strip in (part, *getattr(part, "children", ())) for part in parts):
            parts = (*parts, self.strip)
        return (*parts, widgets.HTML(_STYLE + self.still_style))

    def _show(self, fields: Sequence[str]) -> None:
        """Show fields of the session that have changed."""
        raise NotImplementedError

    def commit(self, label: str, **changes: Any) -> bool:
        """Edit the session; where it refuses, say why and show what it still holds.

        Parameters
        ----------
        label
            What the user did, as the undo button will name it.
        **changes
            New values by field.

        Returns
        -------
        bool
            Whether the session took them.
        """
        try:
            self.session.edit(label, **changes)
        except (traitlets.TraitError, NustarWidgetsError) as error:
            self.strip.fail(error)
            self._show(tuple(changes))
            return False
        return True

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., None]:
        """Wrap a callback so that what it raises is shown in this panel.

        Parameters
        ----------
        callback
            Called with the arguments the event brings.
        """

        @functools.wraps(callback)
        def call(*arguments: Any, **named: Any) -> None:
            try:
                callback(*arguments, **named)
            except Exception as error:
                if not isinstance(error, NustarWidgetsError | traitlets.TraitError):
                    _LOG.exception("in a panel")
                self.strip.fail(error)

        return call

    def clicked(self, act: Callable[[], Any]) -> Callable[[Any], None]:
        """Wrap what a button does: guarded, and without the argument a click brings.

        Parameters
        ----------
        act
            Called for each click.
        """
        call = self.guarded(act)
        return lambda _: call()

    def follow(
        self, source: traitlets.HasTraits, callback: Callable[[Any], None], names: Sequence[str]
    ) -> None:
        """Observe traits until the panel is closed.

        Parameters
        ----------
        source
            The session, or results that hang beside it.
        callback
            Told each change.
        names
            The traits.
        """
        for told in (self._rest.held(callback), lambda _: self.still_changed()):
            source.observe(told, names=list(names))
            self._followed = (*self._followed, (source, told, list(names)))

    @property
    def still_is_whole(self) -> bool:
        """Whether the results it shows are there, or cannot be."""
        live = getattr(self, "live", None)
        return live is None or bool(live.is_settled)

    def stills(self) -> Sequence[Still]:
        """Return what is to be seen of the panel later; what was chosen, where it shows no more."""
        title = titled(type(self).__name__, self.session)
        return (Still(title=title, tables=(choices_table(self.session),)),)

    def leave_keeping(self) -> None:
        """Say nothing of how the session is kept: whoever holds the panel does."""
        with self._placing:
            self._tells_keeping = False
            kept, self.kept = self.kept, None
            self.children = tuple(child for child in self.children if child is not kept)
        if kept is not None:
            close_tree(kept)

    def rest(self) -> None:
        """Do nothing while nobody sees it; what changes meanwhile is shown by `wake`."""
        self._rest.begin()

    def wake(self) -> None:
        """Show what has changed since `rest`."""
        for told, changes in self._rest.end().items():
            if told == self._on_session:
                self.guarded(self._show)(tuple(changes))
                continue
            for change in changes.values():
                told(change)

    def close(self) -> None:
        """Let go of all that is followed, and close every widget the panel is made of."""
        self.close_still()
        followed, self._followed = self._followed, ()
        for source, callback, names in followed:
            source.unobserve(callback, names=names)
        with self._placing:
            close_tree(self)

    def _products_line(self) -> tuple[widgets.Widget, ...]:
        """Make the line that says whether products are current."""
        if not self.PRODUCTS:
            return ()
        line = StandingLine(self.session, heading=self.PRODUCTS)
        self.follow(line.products, lambda _: line.show(), ["state"])
        line.show()
        return (line,)

    def _show_keeping(self) -> None:
        """Show what to know of how the session is kept, where it is seen."""
        if self.kept is None and self._tells_keeping and has_news(self.keeping):
            if _is_dragged(self.session):  # what is above a region must not grow meanwhile
                _later(self._show_keeping)
                return
            self._make_kept()
        if (kept := self.kept) is not None:
            self.guarded(kept.show)()

    def _make_kept(self) -> None:
        with self._placing:  # which may have taken a moment, so that all may be otherwise now
            if self.kept is None and self._tells_keeping and not self._has_closed:
                self.kept = KeptLine(self.keeping, clicked=self.clicked, failed=self.strip.fail)
                self._place_kept(self.kept)

    def _place_kept(self, kept: KeptLine) -> None:
        """Put it where it is seen; nobody else places parts meanwhile."""
        at = 1 if self.PRODUCTS else self.children.index(self.strip)
        self.children = (*self.children[:at], kept, *self.children[at:])

    def _keep_keys(self) -> None:
        with self._placing:
            if self._keys.ready and self._keys not in self.children and not self._has_closed:
                self.children = (*self.children, self._keys)

    @property
    def _has_closed(self) -> bool:
        return self.comm is None

    def _on_session(self, change: Any) -> None:
        self.guarded(self._show)((change["name"],))


def _is_dragged(session: Session) -> bool:
    live = LiveObservation.known(session)
    return live is not None and live.counts is not None and live.counts.is_passing


def _later(act: Callable[[], None]) -> None:
    timer = threading.Timer(_LATER_S, act)
    timer.daemon = True
    timer.start()
