"""Regions: shapes that add and take away pixels, composed as CFITSIO composes them.

The order of shapes matters, and not always as people expect (``region.c``):

* an exclude takes its pixels away from the includes written *before* it, never from later ones;
* a region that begins with an exclude begins with the whole plane: what that exclude leaves is
  selected in addition to every include, and no later exclude touches it.

``PixelRegion.mask`` follows that order to the letter. Regions of this package are written with
the includes first (``regionfile.write_region_file``), where both readings agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.pixelshapes import (
    PixelAnnulus,
    PixelBox,
    PixelBoxAnnulus,
    PixelCircle,
    PixelEllipse,
    PixelEllipticalAnnulus,
    PixelPoint,
    PixelPolygon,
    PixelShape,
)
from nustar_widgets.events.rarepixelshapes import (
    PixelBoxPanda,
    PixelDiamond,
    PixelEllipticalPanda,
    PixelLine,
    PixelPanda,
    PixelRectangle,
    PixelSector,
)
from nustar_widgets.events.skyshapes import (
    SkyAnnulus,
    SkyBox,
    SkyBoxAnnulus,
    SkyCircle,
    SkyEllipse,
    SkyEllipticalAnnulus,
    SkyPanda,
    SkyPoint,
    SkyPolygon,
    SkyShape,
)

if TYPE_CHECKING:
    from nustar_widgets.events.pixelshapes import Bounds
    from nustar_widgets.events.skygrid import SkyGrid

__all__ = [
    "PixelAnnulus",
    "PixelBox",
    "PixelBoxAnnulus",
    "PixelBoxPanda",
    "PixelCircle",
    "PixelDiamond",
    "PixelEllipse",
    "PixelEllipticalAnnulus",
    "PixelEllipticalPanda",
    "PixelLine",
    "PixelMask",
    "PixelPanda",
    "PixelPoint",
    "PixelPolygon",
    "PixelRectangle",
    "PixelRegion",
    "PixelSector",
    "PixelShape",
    "SkyAnnulus",
    "SkyBox",
    "SkyBoxAnnulus",
    "SkyCircle",
    "SkyEllipse",
    "SkyEllipticalAnnulus",
    "SkyPanda",
    "SkyPoint",
    "SkyPolygon",
    "SkyRegion",
    "SkyShape",
]


@dataclass(frozen=True)
class SkyRegion:
    """Shapes on the sky, in the order they apply.

    Parameters
    ----------
    shapes
        The shapes; may be empty while the user has drawn nothing.
    """

    shapes: tuple[SkyShape, ...] = ()

    @property
    def includes(self) -> tuple[SkyShape, ...]:
        """Shapes that add pixels."""
        return tuple(shape for shape in self.shapes if shape.include)

    @property
    def excludes(self) -> tuple[SkyShape, ...]:
        """Shapes that take pixels away."""
        return tuple(shape for shape in self.shapes if not shape.include)

    def includes_first(self) -> SkyRegion:
        """Return the region with its includes first: every exclude applies to all of them."""
        return SkyRegion(self.includes + self.excludes)

    def to_pixel(self, grid: SkyGrid) -> PixelRegion:
        """Return the region in the pixels of a grid, as CFITSIO converts it.

        Raises
        ------
        RegionError
            A shape lies 90 degrees or more from the field.
        """
        return PixelRegion(tuple(shape.to_pixel(grid) for shape in self.shapes))


@dataclass(frozen=True)
class PixelRegion:
    """Shapes in sky pixels, in the order they apply.

    Parameters
    ----------
    shapes
        The shapes; a region without any holds no pixel.
    """

    shapes: tuple[PixelShape, ...] = ()

    def mask(self, grid: SkyGrid) -> PixelMask:
        """Return the pixels of the region: exactly those HEASoft selects.

        Parameters
        ----------
        grid
            The pixel plane.
        """
        if len(self.shapes) == 1 and self.shapes[0].include:  # the usual source, at mouse speed
            shape = self.shapes[0]
            window = _Window.within(shape.bounds(), grid)
            return window.holds(shape) if window else PixelMask.nothing()
        return self._composed(grid)

    def _composed(self, grid: SkyGrid) -> PixelMask:
        first_include = next(
            (index for index, shape in enumerate(self.shapes) if shape.include), len(self.shapes)
        )
        leading, rest = self.shapes[:first_include], self.shapes[first_include:]
        if leading:
            selected = PixelMask.everything(grid)
            for shape in leading:
                _apply(selected, shape, grid)
            added = _selected_in(rest, selected, grid)
            selected.inside[:] |= added.inside
            return selected
        window = _Window.around(tuple(shape for shape in rest if shape.include), grid)
        if window is None:
            return PixelMask.nothing()
        return _selected_in(rest, window.empty(), grid)


def _selected_in(shapes: tuple[PixelShape, ...], frame: PixelMask, grid: SkyGrid) -> PixelMask:
    """Pixels of shapes that begin with an include, in the window of another mask."""
    selected = PixelMask(frame.y0, frame.x0, np.zeros_like(frame.inside))
    for shape in shapes:
        _apply(selected, shape, grid)
    return selected


def _apply(selected: PixelMask, shape: PixelShape, grid: SkyGrid) -> None:
    """Add the pixels of a shape to a mask being made, or take them away."""
    window = _Window.within(shape.bounds(), grid, frame=selected)
    if window is None:
        return
    part = window.holds(shape)
    height, width = part.inside.shape
    top, left = part.y0 - selected.y0, part.x0 - selected.x0
    target = selected.inside[top : top + height, left : left + width]
    if shape.include:
        target |= part.inside
    else:
        target &= ~part.inside


class _Window(NamedTuple):
    """A window of the plane, in zero-based columns and rows; the upper ends are not part of it."""

    grid: SkyGrid
    column: int
    column_end: int
    row: int
    row_end: int

    @classmethod
    def within(
        cls, bounds: Bounds, grid: SkyGrid, frame: PixelMask | None = None
    ) -> _Window | None:
        """Smallest window around bounds, cut to the plane or a mask; ``None`` if none is left."""
        row, column, height, width = 0, 0, grid.ny, grid.nx
        if frame is not None:
            row, column, (height, width) = frame.y0, frame.x0, frame.inside.shape
        x_low, x_high, y_low, y_high = bounds
        window = cls(
            grid,
            _first(x_low - grid.x_min, column, column + width),
            _end(x_high - grid.x_min, column, column + width),
            _first(y_low - grid.y_min, row, row + height),
            _end(y_high - grid.y_min, row, row + height),
        )
        empty = window.column >= window.column_end or window.row >= window.row_end
        return None if empty else window

    @classmethod
    def around(cls, shapes: tuple[PixelShape, ...], grid: SkyGrid) -> _Window | None:
        """Smallest window around shapes, cut to the plane; ``None`` if none is left."""
        if not shapes:
            return None
        x_lows, x_highs, y_lows, y_highs = zip(*(shape.bounds() for shape in shapes), strict=True)
        return cls.within((min(x_lows), max(x_highs), min(y_lows), max(y_highs)), grid)

    def empty(self) -> PixelMask:
        """Mask of the window without any pixel."""
        shape = (self.row_end - self.row, self.column_end - self.column)
        return PixelMask(self.row, self.column, np.zeros(shape, dtype=np.bool_))

    def holds(self, shape: PixelShape) -> PixelMask:
        """Pixels of the window that lie inside a shape."""
        left, top = self.column + self.grid.x_min, self.row + self.grid.y_min
        width, height = self.column_end - self.column, self.row_end - self.row
        x = np.arange(left, left + width, dtype=np.float64)
        y = np.arange(top, top + height, dtype=np.float64)
        return PixelMask(self.row, self.column, shape.holds(x[None, :], y[:, None]))


def _first(low: float, start: int, end: int) -> int:
    """First whole number not below ``low``, kept to start..end; ``start`` if ``low`` is NaN."""
    return math.ceil(min(low, end)) if low > start else start


def _end(high: float, start: int, end: int) -> int:
    """One past the last whole number not above ``high``, kept to start..end."""
    return math.floor(max(high, start - 1)) + 1 if high < end - 1 else end
