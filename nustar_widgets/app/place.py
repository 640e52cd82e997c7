"""Where a step's panel is: made when it is first seen, kept afterwards, at rest while hidden."""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING

import ipywidgets as widgets

from nustar_widgets.app.steps import Step
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.panels.base import MessageStrip, Panel
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)


class Place(widgets.VBox):
    """Where a panel is.

    Parameters
    ----------
    step
        Whose panel.
    """

    children: tuple[widgets.Widget, ...]

    def __init__(self, step: Step) -> None:
        super().__init__(layout=widgets.Layout(display="none", width="100%"))
        self.add_class("nw-app-pane")
        self.add_class(f"nw-app-of-{step.key}")
        self.panel: Panel | None = None
        """The panel; ``None`` until it was first seen, and where it could not be made."""
        self._step = step

    def show(self, session: Session, *, has_page: bool, start: Callable[..., None]) -> None:
        """Show the panel, making it if it is not there.

        Parameters
        ----------
        session
            The session it is of.
        has_page
            Whether a page is to show it.
        start
            How slow work is started.
        """
        self.layout.display = "flex"
        if self.panel is not None:
            self.panel.wake()
            return
        note = f"<small>opening {html.escape(self._step.title)} ...</small>"
        self._put(widgets.HTML(note))
        given = {"has_page": has_page} if self._step.asks_for_page else {}
        try:
            self.panel = self._step.make(session, start=start, **given)
        except Exception as error:  # one step that fails must not take the others with it
            if not isinstance(error, NustarWidgetsError):
                _LOG.exception("while making a panel")
            self._put(self._said(error, lambda: self.show(session, has_page=has_page, start=start)))
            return
        self.panel.leave_keeping()  # the application says it once for all
        self._put(self.panel)

    def hide(self) -> None:
        """Hide it; what changes meanwhile is shown when it is seen again."""
        if self.layout.display != "none":
            self.layout.display = "none"
            if self.panel is not None:
                self.panel.rest()

    def close_all(self) -> None:
        """Close the panel and everything else."""
        close_tree(self)

    def _put(self, *parts: widgets.Widget) -> None:
        before, self.children = self.children, parts
        for part in before:
            close_tree(part)

    def _said(self, error: Exception, again: Callable[[], None]) -> widgets.Widget:
        strip, button = MessageStrip(), widgets.Button(description="Try again")
        strip.fail(error)
        button.on_click(lambda _: again())
        return widgets.VBox((strip, button))
