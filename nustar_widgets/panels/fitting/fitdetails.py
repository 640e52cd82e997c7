"""What stands under the plot of a fit: its course, ranges, fluxes, contours, chains, history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.panels.fitting.activitybar import ActivityBar
from nustar_widgets.panels.fitting.chainpane import ChainPane
from nustar_widgets.panels.fitting.contourpane import ContourPane
from nustar_widgets.panels.fitting.detailhost import DetailHost, Follow, Work
from nustar_widgets.panels.fitting.detailpane import STYLE, DetailPane
from nustar_widgets.panels.fitting.errorpane import ErrorPane
from nustar_widgets.panels.fitting.fluxpane import FluxPane
from nustar_widgets.panels.fitting.goodnesspane import GoodnessPane
from nustar_widgets.panels.fitting.historypane import HistoryPane
from nustar_widgets.panels.fitting.tracepane import TracePane

PANES: Final[dict[str, type[DetailPane]]] = {
    "Fit": TracePane,
    "Errors": ErrorPane,
    "Fluxes": FluxPane,
    "Contours": ContourPane,
    "Chain": ChainPane,
    "Goodness": GoodnessPane,
    "History": HistoryPane,
}
"""What can be shown, by the words of its button."""


class FitDetails(widgets.VBox):
    """One of several panes at a time; each is made when it is first shown.

    Parameters
    ----------
    live
        The fit.
    run
        Starts slow work beside the kernel; what it raises is shown.
    guarded, clicked, follow
        The panel's own.
    """

    def __init__(
        self,
        live: LiveFit,
        *,
        run: Callable[[Work], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
        clicked: Callable[[Work], Callable[[Any], None]],
        follow: Follow,
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-fit-details")
        self._live = live
        self._host = DetailHost(run=run, guarded=guarded, clicked=clicked, follow=follow)
        self._plain = False
        self.panes: dict[str, DetailPane] = {}
        """Those that were shown so far, by the words of their buttons."""
        self.choice = widgets.ToggleButtons(
            options=list(PANES), style={"button_width": "86px"},
            layout=widgets.Layout(flex="0 1 auto", min_width="0"),
        )  # fmt: skip
        self.activity = ActivityBar(live, self._host)
        self.activity.layout.flex = "1 1 0"
        self.choice.observe(guarded(self._chosen), "value")
        self._bar = widgets.HBox(
            (self.choice, self.activity), layout=widgets.Layout(width="100%", align_items="center")
        )
        self._style = widgets.HTML(STYLE)
        self.show(next(iter(PANES)))

    @property
    def shown(self) -> DetailPane:
        """The pane that is seen."""
        return self.panes[str(self.choice.value)]

    def show(self, name: str) -> None:
        """Show a pane.

        Parameters
        ----------
        name
            The words of its button.
        """
        self.choice.value = name
        pane = self.panes.get(name)
        if pane is None:
            pane = self.panes[name] = PANES[name](self._live, self._host)
            self._tell_plain(pane)
        if pane.is_seen:
            return
        for other in self.panes.values():
            other.rest()
        pane.wake()
        self.children = (self._bar, pane, self._style)

    def show_plainly(self, *, plain: bool) -> None:
        """Do without views of our own, or no longer.

        Parameters
        ----------
        plain
            Whether the page lacks them.
        """
        self._plain = plain
        for pane in self.panes.values():
            self._tell_plain(pane)

    def _tell_plain(self, pane: DetailPane) -> None:
        if isinstance(pane, FluxPane):
            pane.show_plainly(plain=self._plain)

    def _chosen(self, change: Any) -> None:
        self.show(str(change["new"]))
