"""The sky as a still picture: for pages whose server lacks the front end of the live view.

Drawn with bqplot alone. Regions are shown, not moved; the table of numbers beside it edits them.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import bqplot
import ipywidgets as widgets
import numpy as np

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regionfile import RegionFile
from nustar_widgets.events.regions import PixelShape, SkyRegion
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import MODULES
from nustar_widgets.panels.bqplots import LEFT
from nustar_widgets.panels.closing import close_tree
from nustar_widgets.panels.images.outlines import outlines_of
from nustar_widgets.panels.images.shapewire import ROLES
from nustar_widgets.panels.images.skypng import log_levels, palette_png
from nustar_widgets.panels.images.skyticks import Ticks, dec_ticks, ra_ticks
from nustar_widgets.session.values import Regions, RegionText

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE_PX: Final = 420
_MARGIN_PX: Final = {"top": 12, "bottom": 56, "left": 106, "right": 16}
_LINES: Final = {  # colour and dashes of source, background and what is excluded
    "source": ("#35d04f", "solid"),
    "background": ("#4fc3ff", "dashed"),
    "exclude": ("#ff5a5a", "dash_dotted"),
}

# What an axis shows, and what where it has no round positions, as beside a pole.
_RA: Final = ("Right ascension (J2000)", "X [sky pixel]")
_DEC: Final = ("Declination (J2000)", "Y [sky pixel]")
_ON_WHITE: Final = {"source": "#14702a", "background": "#0b5f99", "exclude": "#a61b1b"}


@dataclass(frozen=True)
class _Picture:
    grid: SkyGrid
    x: tuple[float, float]
    y: tuple[float, float]
    png: bytes
    brightest: int


class StaticSky(widgets.VBox):
    """One module at a time, with the outlines of its regions and a frame in RA and Dec."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("nw-static-sky")
        self._pictures: dict[str, _Picture] = {}
        self._regions = Regions()
        self.module = widgets.ToggleButtons(options=list(MODULES), style={"button_width": "70px"})
        self.module.observe(lambda _: self._draw(), "value")
        self._x = bqplot.LinearScale(allow_padding=False)
        self._y = bqplot.LinearScale(allow_padding=False)
        scales = {"x": self._x, "y": self._y}
        self.image = bqplot.Image(
            image=widgets.Image(value=palette_png(np.zeros((1, 1), dtype=np.uint8)), format="png"),
            scales=scales,
        )
        self.lines = {
            name: bqplot.Lines(
                x=[np.nan, np.nan], y=[np.nan, np.nan], scales=scales, colors=[colour],
                line_style=dashes, stroke_width=2.0,
            )
            for name, (colour, dashes) in _LINES.items()
        }  # fmt: skip
        self.ra_axis = bqplot.Axis(
            scale=self._x, label=_RA[0], grid_lines="none", label_offset="3.2em"
        )
        self.dec_axis = bqplot.Axis(
            scale=self._y, **LEFT, label=_DEC[0], grid_lines="none",
            label_offset="5.8em",
        )  # fmt: skip
        width = _SIDE_PX + _MARGIN_PX["left"] + _MARGIN_PX["right"]
        height = _SIDE_PX + _MARGIN_PX["top"] + _MARGIN_PX["bottom"]
        self._figure = bqplot.Figure(
            marks=[self.image, *self.lines.values()],
            axes=[self.ra_axis, self.dec_axis],
            fig_margin=dict(_MARGIN_PX),
            padding_x=0.0,
            padding_y=0.0,
            # That of the whole figure, margins included: what is inside them is then square.
            min_aspect_ratio=width / height,
            max_aspect_ratio=width / height,
            animation_duration=0,
            layout=widgets.Layout(width=f"{width}px", height=f"{height}px"),
        )
        self.note = widgets.HTML()
        self._place = widgets.VBox()  # holds the figure when there is something to draw
        self.children = (self.module, self._place, self.note)
        self._draw()

    def show_image(
        self,
        module: str,
        counts: NDArray[np.integer | np.floating],
        *,
        grid: SkyGrid,
        x0: int,
        y0: int,
    ) -> None:
        """Show an image of a module.

        Parameters
        ----------
        module
            ``FPMA`` or ``FPMB``.
        counts
            (ny, nx) events in each sky pixel of a window of the plane.
        grid
            The sky plane.
        x0, y0
            X and Y of the window's first pixel, counted as in the event list [pixel].
        """
        ny, nx = counts.shape
        if not counts.size:
            self._pictures.pop(module, None)
        else:
            self._pictures[module] = _Picture(
                grid=grid,
                x=(x0 - 0.5, x0 + nx - 0.5),
                y=(y0 - 0.5, y0 + ny - 0.5),
                png=palette_png(log_levels(counts)),
                brightest=int(np.nan_to_num(counts, posinf=0.0).max()),
            )
        if module == self.module.value:
            self._draw()

    def show_regions(self, regions: Regions) -> None:
        """Show the outlines of regions.

        Parameters
        ----------
        regions
            Those of the session.
        """
        self._regions = regions
        self._draw_regions()

    def _draw(self) -> None:
        picture = self._pictures.get(self.module.value)
        # Not hidden but absent until there is something: a figure cannot be drawn without a size.
        self._place.children = () if picture is None else (self._figure,)
        if picture is not None:
            self._frame(picture)
            self._put(picture)
        self._draw_regions()

    def _put(self, picture: _Picture) -> None:
        old = self.image.image
        with self.image.hold_sync():
            self.image.x, self.image.y = picture.x, picture.y
            # The mark draws another image anew, but not another content of the same one.
            self.image.image = widgets.Image(value=picture.png, format="png")
        close_tree(old)

    def _frame(self, picture: _Picture) -> None:
        """Show the whole window, with square pixels."""
        middle = [sum(side) / 2.0 for side in (picture.x, picture.y)]
        reach = max(side[1] - side[0] for side in (picture.x, picture.y)) / 2.0
        (x, y) = ((at - reach, at + reach) for at in middle)
        for scale, (low, high) in ((self._x, x), (self._y, y)):
            with scale.hold_sync():
                scale.min, scale.max = low, high
        _label(self.ra_axis, _RA, ra_ticks(picture.grid, x, y[0]))
        _label(self.dec_axis, _DEC, dec_ticks(picture.grid, x[0], y))

    def _draw_regions(self) -> None:
        module = self.module.value
        picture = self._pictures.get(module)
        told: list[str] = []
        lines: dict[str, list[NDArray[np.float64]]] = {name: [] for name in self.lines}
        if picture is not None:
            for role in ROLES:
                try:
                    for shape in self._shapes(role, picture.grid):
                        lines[role if shape.include else "exclude"] += outlines_of(shape)
                except RegionError as error:
                    told.append(f"{role}: {error}")
        for name, mark in self.lines.items():
            with mark.hold_sync():
                mark.x, mark.y = _joined(lines[name])
        self.note.value = _note(module, picture, told)

    def _shapes(self, role: str, grid: SkyGrid) -> Sequence[PixelShape]:
        region: SkyRegion | RegionText | None = getattr(self._regions.of(self.module.value), role)
        if region is None:
            return ()
        if not isinstance(region, RegionText):
            return region.to_pixel(grid).shapes
        read = RegionFile.from_text(region.text).as_heasoft(grid).region
        if read is None:
            raise RegionError("HEASoft does not read the file; nothing is drawn")
        return read.shapes


def _label(axis: bqplot.Axis, names: tuple[str, str], ticks: Ticks) -> None:
    places = [round(place, 2) for place in ticks[0]]
    with axis.hold_sync():
        axis.label = names[0 if places else 1]
        axis.tick_values = np.array(places) if places else None
        # The page looks a label up by its value, written as JavaScript writes numbers.
        axis.tick_labels = {
            f"{place:.10g}": label for place, label in zip(places, ticks[1], strict=True)
        }


def _joined(lines: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], ...]:
    """Return lines as one that is broken between them."""
    gap = np.full((2, 1), np.nan)
    parts = [part for line in lines for part in (line, gap)] or [gap, gap]
    x, y = np.concatenate(parts, axis=1)
    return x, y


def _note(module: str, picture: _Picture | None, told: Sequence[str]) -> str:
    if picture is None:
        words = f"{module}: no image yet; open an observation"
    elif picture.brightest <= 0:
        words = f"{module}: no event in this image; choose another band"
    else:
        words = f"{module}, logarithmic; brightest pixel: {picture.brightest} counts"
    key = ", ".join(
        f"<span style='color:{_ON_WHITE[name]}'>{name} {dashes.replace('_', '-')}</span>"
        for name, (_, dashes) in _LINES.items()
    )
    remarks = "".join(f"<div style='color:#8b1a1a'>{html.escape(line)}</div>" for line in told)
    return f"<small>{html.escape(words)}. Lines: {key}</small>{remarks}"
