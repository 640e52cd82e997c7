"""What a fit does right now, and the button that ends it."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.panels.fitting.detailhost import DetailHost
from nustar_widgets.panels.fitting.detailpane import button, words

STOP_TIP = "End what goes on; a fit keeps the best so far, ranges and pictures what they have"


class ActivityBar(widgets.HBox):
    """The activity of a fit in words, with Stop.

    Parameters
    ----------
    live
        The fit.
    host
        The panel it stands in.
    """

    def __init__(self, live: LiveFit, host: DetailHost) -> None:
        super().__init__(
            layout=widgets.Layout(align_items="center", justify_content="flex-end", min_width="0")
        )
        self.add_class("nw-detail-activity")
        self._live = live
        self.words = words(flex="0 1 auto", margin="0 8px")
        self.stop = button("Stop", tooltip=STOP_TIP, width="76px")
        self.stop.on_click(host.clicked(self._stop))
        self.children = (self.words, self.stop)
        host.follow(live, host.guarded(self._show), ["activity"])
        self._show()

    def _stop(self) -> None:
        self._live.stop()
        if self._live.activity:
            self.stop.disabled = True
            self.words.value = f"{html.escape(self._live.activity)}: stopping ..."

    def _show(self, _: Any = None) -> None:
        activity = self._live.activity
        self.stop.disabled = not activity
        self.words.value = f"{html.escape(activity)} ..." if activity else ""
