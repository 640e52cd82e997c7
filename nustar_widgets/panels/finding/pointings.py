"""A small sky plot: where the telescope pointed, and how it was rolled, around a position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.archive.observation import Observation
from nustar_widgets.instrument import FIELD_OF_VIEW_ARCMIN
from nustar_widgets.panels.bqplots import LEFT

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN = 500  # more squares than that are a black patch
_CHOSEN, _OTHER, _TARGET = "#d1495b", "#5b7ba5", "#111111"
_MARGIN_ARCMIN = 4.0


class PointingsPlot(widgets.VBox):
    """Fields of view as squares on offsets east and north; a click on a centre chooses it.

    Parameters
    ----------
    on_choose
        Told the obsid of a centre that was clicked.
    """

    def __init__(self, on_choose: Callable[[str], Any]) -> None:
        super().__init__()
        self.add_class("nw-pointings")
        self._on_choose = on_choose
        self._shown: tuple[Observation, ...] = ()
        self._corners = _squares(np.zeros(0), np.zeros(0), ())
        # East is left, as on the sky.
        self._x = bqplot.LinearScale(min=15.0, max=-15.0, allow_padding=False)
        self._y = bqplot.LinearScale(min=-15.0, max=15.0, allow_padding=False)
        scales = {"x": self._x, "y": self._y}
        self._fields = bqplot.Lines(
            x=[0.0, 0.0],
            y=[0.0, 0.0],
            scales=scales,
            colors=[_OTHER],
            stroke_width=1.0,
            opacities=[0.7],
        )
        self._chosen = bqplot.Lines(
            x=[0.0, 0.0], y=[0.0, 0.0], scales=scales, colors=[_CHOSEN], stroke_width=2.5,
            visible=False,
        )  # fmt: skip
        self._centres = bqplot.Scatter(
            x=[0.0], y=[0.0], scales=scales, colors=[_OTHER], default_size=24, marker="circle",
            names=[""], display_names=False, visible=False,
        )  # fmt: skip
        self._centres.tooltip = bqplot.Tooltip(
            fields=["name", "x", "y"], labels=["observation", "east", "north"],
            formats=["", ".1f", ".1f"],
        )  # fmt: skip
        self._target = bqplot.Scatter(
            x=[0.0], y=[0.0], scales=scales, colors=[_TARGET], marker="cross", default_size=90,
            visible=False,
        )  # fmt: skip
        self._centres.on_element_click(self._clicked)
        self._axes = [
            bqplot.Axis(scale=self._x, label="East offset [arcmin]", label_offset="2.3em"),
            bqplot.Axis(scale=self._y, label="North offset [arcmin]", **LEFT, label_offset="3.8em"),
        ]
        figure = bqplot.Figure(
            marks=[self._fields, self._chosen, self._centres, self._target],
            axes=self._axes,
            fig_margin={"top": 12, "bottom": 46, "left": 66, "right": 12},
            min_aspect_ratio=1.0,
            max_aspect_ratio=1.0,
            animation_duration=0,
            layout=widgets.Layout(width="296px", height="296px"),
        )
        self._note = widgets.HTML()
        self.children = (figure, self._note)

    def show(
        self,
        position: tuple[float, float] | None,
        observations: Sequence[Observation],
        chosen: str = "",
    ) -> None:
        """Show pointings.

        Parameters
        ----------
        position
            Right ascension and declination of the middle [deg]; ``None`` for the chosen, or else
            the first, pointing.
        observations
            Those without a position are left out.
        chosen
            The obsid to bring out.
        """
        placed = tuple(item for item in observations if item.ra_deg is not None)
        self._shown = placed[:_SHOWN]
        self._target.visible = position is not None
        left_out = len(placed) - len(self._shown)
        self._note.value = f"<small>{left_out} more are not drawn</small>" if left_out else ""
        if not self._shown:
            for mark in (self._fields, self._centres, self._chosen):
                mark.visible = False
            return
        middle = position or self._place_of(chosen)
        east, north = _offsets(middle, self._shown)
        self._corners = _squares(east, north, self._shown)
        with self._centres.hold_sync(), self._fields.hold_sync():
            self._centres.x, self._centres.y = east, north
            self._centres.names = np.array([item.obsid for item in self._shown])
            self._fields.x, self._fields.y = self._corners
            self._centres.visible = self._fields.visible = True
        self._frame(east, north)
        self.choose(chosen)

    def choose(self, obsid: str) -> None:
        """Bring out one of the pointings shown; none where it is not among them."""
        at = next((at for at, item in enumerate(self._shown) if item.obsid == obsid), None)
        if at is not None:
            with self._chosen.hold_sync():
                self._chosen.x, self._chosen.y = (side[at] for side in self._corners)
        self._chosen.visible = at is not None

    def _place_of(self, obsid: str) -> tuple[float, float]:
        item = next((item for item in self._shown if item.obsid == obsid), self._shown[0])
        return item.ra_deg or 0.0, item.dec_deg or 0.0

    def _frame(self, east: NDArray[np.float64], north: NDArray[np.float64]) -> None:
        reach = max(float(np.abs(east).max()), float(np.abs(north).max()))
        reach += FIELD_OF_VIEW_ARCMIN / np.sqrt(2.0) + _MARGIN_ARCMIN
        self._x.min, self._x.max = reach, -reach
        self._y.min, self._y.max = -reach, reach
        for axis in self._axes:
            axis.tick_values = _ticks(reach)

    def _clicked(self, _: Any, event: dict[str, Any]) -> None:
        index = event.get("data", {}).get("index")
        if isinstance(index, int) and 0 <= index < len(self._shown):
            self._on_choose(self._shown[index].obsid)


def _ticks(reach: float) -> NDArray[np.float64]:
    """Return round numbers inside a range, none in its corners, at most three a side: few fit."""
    rough = reach / 3.5
    unit = 10.0 ** np.floor(np.log10(rough))
    step = unit * min(factor for factor in (1.0, 2.0, 5.0, 10.0) if factor * unit >= rough)
    count = int(0.9 * reach / step)
    return np.asarray(step * np.arange(-count, count + 1), dtype=np.float64)


def _offsets(
    middle: tuple[float, float], observations: Sequence[Observation]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return offsets east and north of a position [arcmin]."""
    from astropy import units as u  # noqa: PLC0415  # a second of import, only when it is shown
    from astropy.coordinates import SkyCoord  # noqa: PLC0415

    places = SkyCoord(
        [item.ra_deg for item in observations], [item.dec_deg for item in observations], unit=u.deg
    )
    east, north = SkyCoord(*middle, unit=u.deg).spherical_offsets_to(places)
    return np.asarray(east.to_value(u.arcmin)), np.asarray(north.to_value(u.arcmin))


def _squares(
    east: NDArray[np.float64], north: NDArray[np.float64], observations: Sequence[Observation]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of the fields of view, closed, (n, 5); rolled from north to east."""
    roll = np.radians([item.roll_deg or 0.0 for item in observations])[:, None]
    half = FIELD_OF_VIEW_ARCMIN / 2.0
    across = half * np.array([-1.0, 1.0, 1.0, -1.0, -1.0])
    up = half * np.array([-1.0, -1.0, 1.0, 1.0, -1.0])
    x = east[:, None] + across * np.cos(roll) + up * np.sin(roll)
    y = north[:, None] - across * np.sin(roll) + up * np.cos(roll)
    return x, y
