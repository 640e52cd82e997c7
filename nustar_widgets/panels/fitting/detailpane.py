"""The shape of what stands under the plot of a fit: one pane of several, seen one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import ipywidgets as widgets

from nustar_widgets.errors import FitError
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.panels.fitting.detailhost import DetailHost, Work

STYLE: Final = """<style>
.nw-detail { font-size: 12px; line-height: 1.45; color: var(--jp-ui-font-color1, #222); }
.nw-detail-table { border-collapse: collapse; font-size: 12px; line-height: 1.55;
  font-variant-numeric: tabular-nums; color: var(--jp-ui-font-color1, #222); }
.nw-detail-table th { text-align: right; font-weight: 600; padding: 0 0 1px 18px;
  color: var(--jp-ui-font-color2, #555); white-space: nowrap;
  border-bottom: 1px solid var(--jp-border-color2, #ccc); }
.nw-detail-table td { text-align: right; padding: 0 0 0 18px; white-space: nowrap;
  vertical-align: top; }
.nw-detail-table th.nw-left, .nw-detail-table td.nw-left { text-align: left; }
.nw-detail-table tr > :first-child { padding-left: 2px; }
.nw-detail-table tr.nw-chosen td { background: var(--jp-layout-color2, #eef3f8); }
.nw-detail-words { font-size: 12px; line-height: 1.45; color: var(--jp-ui-font-color1, #222);
  overflow-wrap: anywhere; }
.nw-detail-words .widget-html-content { line-height: 1.45; }
.nw-detail-quiet { color: var(--jp-ui-font-color2, #666); }
.nw-detail-big { font-size: 14px; font-weight: 600; }
.nw-detail-warn { color: #7a4b00; background: #fff4df; padding: 1px 6px; border-radius: 3px;
  margin: 3px 0; }
.nw-detail-picture { max-width: 100%; height: auto; }
</style>"""


class DetailPane(widgets.VBox):
    """One pane. It follows a fit while it is seen, and is brought up to date when it is next seen.

    Parameters
    ----------
    live
        The fit.
    host
        The panel it stands in.
    """

    WATCHED: ClassVar[tuple[str, ...]] = ()
    """Traits of the fit that are shown; its activity and its generation always are."""

    def __init__(self, live: LiveFit, host: DetailHost) -> None:
        super().__init__(layout=widgets.Layout(width="100%", min_height="270px"))
        self.add_class("nw-detail")
        self.live, self.host = live, host
        self.is_seen = False
        """Whether somebody sees it."""
        self.starts: tuple[widgets.Button, ...] = ()
        """Buttons that start what takes long: they wait while something goes on."""
        self._showing = threading.RLock()
        self._drawn_at = float("-inf")
        self._all = tuple(dict.fromkeys((*self.WATCHED, "activity", "generation")))
        self.children = tuple(self._build())
        host.follow(live, host.guarded(self._moved), self._all)

    def _build(self) -> Sequence[widgets.Widget]:
        """Make what the pane is made of."""
        raise NotImplementedError

    def _show(self, names: Sequence[str]) -> None:
        """Show traits of the fit that have changed."""
        raise NotImplementedError

    def wake(self) -> None:
        """Be seen."""
        self.is_seen = True
        self._show_safely(self._all)

    def rest(self) -> None:
        """Be seen no longer."""
        self.is_seen = False

    def start(self, work: Work) -> None:
        """Start what takes long, unless there is nothing to do it with.

        Parameters
        ----------
        work
            Done beside the kernel.

        Raises
        ------
        FitError
            There is no fit, or something goes on.
        """
        if self.live.engine is None:
            raise FitError(self.live.problem or "there is nothing to fit yet: load spectra first")
        if self.live.activity:
            raise FitError(f"{self.live.activity} goes on: stop it first")
        self.host.run(work)

    def is_due(self, between_s: float) -> bool:
        """Whether it is time to draw what comes quickly; always once nothing goes on any more.

        A page that is sent more than it can draw falls behind, and hears no button.

        Parameters
        ----------
        between_s
            Shortest time between two drawings [s].
        """
        now = time.monotonic()
        if self.live.activity and now - self._drawn_at < between_s:
            return False
        self._drawn_at = now
        return True

    def _moved(self, change: Any) -> None:
        if self.is_seen:
            self._show_safely((change["name"],))

    def _show_safely(self, names: Sequence[str]) -> None:
        with self._showing:  # what a fit tells comes on threads of its own
            waits = bool(self.live.activity) or self.live.engine is None
            for item in self.starts:
                item.disabled = waits
            self._show(names)


def button(text: str, *, tooltip: str = "", width: str = "auto") -> widgets.Button:
    """Make a button.

    Parameters
    ----------
    text, tooltip
        What it says.
    width
        Of the button.
    """
    return widgets.Button(
        description=text, tooltip=tooltip, layout=widgets.Layout(width=width, flex="none")
    )


def row(*parts: widgets.Widget, **layout: Any) -> widgets.HBox:
    """Put parts side by side.

    Parameters
    ----------
    *parts
        The parts.
    **layout
        Of the row.
    """
    given = {"width": "100%", "align_items": "center", "flex": "none"} | layout
    return widgets.HBox(parts, layout=widgets.Layout(**given))


def words(**layout: Any) -> widgets.HTML:
    """Make a place for words.

    Parameters
    ----------
    **layout
        Of the place.
    """
    made = widgets.HTML(layout=widgets.Layout(**({"min_width": "0"} | layout)))
    made.add_class("nw-detail-words")
    return made


def quiet(text: str) -> str:
    """Write words that stand back, in HTML; they are not escaped.

    Parameters
    ----------
    text
        The words.
    """
    return f"<span class='nw-detail-quiet'>{text}</span>"
