"""One pane of the plot of a fit: a figure whose vertical axis follows what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.fits.plotpaths import stacked
from nustar_widgets.panels.bqplots import BARE, LEFT
from nustar_widgets.panels.fitting.axisrange import steady_range, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nustar_widgets.panels.fitting.energyaxis import EnergyAxis
    from nustar_widgets.panels.fitting.livelines import LiveLines

    Single = NDArray[np.float32]

_LABELLED: Final = {"top": 8, "bottom": 40, "left": 70, "right": 14}
_BARE: Final = {"top": 8, "bottom": 20, "left": 70, "right": 14}
_NOTHING: Final = np.ones(2, np.float32)  # zero has no place on a logarithmic axis


class Pane(widgets.VBox):
    """A figure over the energy axis.

    Parameters
    ----------
    energy
        The axis all panes share.
    log
        Whether the vertical axis is logarithmic.
    height_px
        Height [pixel].
    most_ticks
        Ticks of the vertical axis that have room.
    """

    def __init__(
        self, energy: EnergyAxis, *, log: bool, height_px: int, most_ticks: int = 8
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%", overflow="hidden"))
        self.energy, self.is_log, self._most_ticks = energy, log, most_ticks
        self.scale = (
            bqplot.LogScale(min=0.1, max=10.0)
            if log
            else bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        )
        self.energy_axis = energy.axis()
        self.value_axis = bqplot.Axis(
            scale=self.scale, **LEFT, label_offset="4em", grid_lines="solid",
            grid_color="rgba(128, 128, 128, 0.18)", tick_style={"transform": "translateX(-3px)"},
        )  # fmt: skip
        self._band = energy.band()
        self.figure = bqplot.Figure(
            marks=[], axes=[self.energy_axis, self.value_axis], fig_margin=_LABELLED,
            animation_duration=0, padding_x=0.0, padding_y=0.0, **BARE,
            layout=widgets.Layout(width="100%", height=f"{height_px}px", margin="0"),
        )  # fmt: skip
        self._follows = True
        self._own_range = False
        self.scale.observe(self._on_range, ["min", "max"])
        self._tick()
        self.children = (self.figure,)

    def lines(self, **style: Any) -> bqplot.Lines:
        """Make a mark of lines that shows nothing yet."""
        return bqplot.Lines(
            x=_NOTHING, y=_NOTHING, scales={"x": self.energy.scale, "y": self.scale},
            visible=False, colors=["black"], preserve_domain={"x": True, "y": True}, **style,
        )  # fmt: skip

    def show_marks(self, *marks: bqplot.Mark) -> None:
        """Put marks into the figure; none before there are data."""
        wanted = [self._band, *marks]
        if self.figure.marks != wanted:
            self.figure.marks = wanted

    def show_label(self, text: str, *, energy: bool) -> None:
        """Say what the axes show.

        Parameters
        ----------
        text
            Of the vertical axis, with its unit.
        energy
            Whether the energy axis is labelled here, or by a pane below.
        """
        self.value_axis.label = text
        self.energy_axis.label = "Energy [keV]" if energy else ""
        self.figure.fig_margin = _LABELLED if energy else _BARE

    def follow(self, low: float, high: float, *, fresh: bool, passing: bool = False) -> None:
        """Let the vertical axis follow values, unless somebody has zoomed.

        Parameters
        ----------
        low, high
            Smallest and largest value.
        fresh
            Whether to forget the range shown.
        passing
            Whether other values will come at once.
        """
        if fresh:
            self._follows = True
        if not self._follows:
            return
        now = None if fresh else (float(self.scale.min), float(self.scale.max))
        ends = steady_range(low, high, now, log=self.is_log, passing=passing)
        if ends != now:
            self._own_range = True
            with self.scale.hold_sync():
                self.scale.min, self.scale.max = ends
            self._own_range = False
            self._tick()

    def _on_range(self, _: Any) -> None:
        if not self._own_range:
            self._follows = False
            self._tick()

    def _tick(self) -> None:
        low, high = float(self.scale.min), float(self.scale.max)
        if low < high and (low > 0 or not self.is_log):
            with self.value_axis.hold_sync():
                self.value_axis.tick_values, self.value_axis.tick_format = ticks(
                    low, high, log=self.is_log, most=self._most_ticks
                )


def move(mark: bqplot.Lines, y: Sequence[Single], hand: LiveLines | None) -> None:
    """Show other heights of rows that are placed.

    Parameters
    ----------
    mark
        The mark.
    y
        The rows, as many and as long as before.
    hand
        What draws them while the hand moves, if it can; ``None`` at rest.
    """
    if hand is None or not hand.take(mark, y):
        put(mark, y)


def put(
    mark: bqplot.Lines,
    y: Sequence[Single],
    x: Sequence[Single] | None = None,
    colours: Sequence[str] = (),
) -> None:
    """Show rows in one mark, in one message, with only what is new.

    Parameters
    ----------
    mark
        The mark.
    y
        The rows; none hides it.
    x, colours
        Their places and colours; left out where they are as before.
    """
    with mark.hold_sync():
        if y:
            if x is not None:
                mark.x, mark.colors = stacked(x), list(colours)
            mark.y = stacked(y)
        mark.visible = bool(y)
