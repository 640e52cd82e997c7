"""Pixel shapes back onto the sky, so that they select the same pixels again.

Pixel regions often have pixels exactly on their edges, where the last bit decides who is in. The
way to the sky and back costs that bit. So a shape is tried with its edges and centre moved by a
billionth of a pixel in every direction, until one selects exactly the pixels the original does. If
none does, as may happen to a box turned by 90 degrees with pixels on its edges, the nearest shape
is returned: it differs in such pixels only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regions import (
    PixelAnnulus,
    PixelBox,
    PixelBoxAnnulus,
    PixelCircle,
    PixelEllipse,
    PixelEllipticalAnnulus,
    PixelPanda,
    PixelPoint,
    PixelPolygon,
    PixelRegion,
    PixelShape,
    SkyAnnulus,
    SkyBox,
    SkyBoxAnnulus,
    SkyCircle,
    SkyEllipse,
    SkyEllipticalAnnulus,
    SkyPanda,
    SkyPoint,
    SkyPolygon,
    SkyRegion,
    SkyShape,
)
from nustar_widgets.events.skyshapes import Anchor

if TYPE_CHECKING:
    from nustar_widgets.events.pixelmask import PixelMask
    from nustar_widgets.events.pixelshapes import Bounds, Coordinates, Inside
    from nustar_widgets.events.skygrid import SkyGrid

_NUDGE_DEG: Final = 1e-9


def region_to_sky(region: PixelRegion, grid: SkyGrid) -> SkyRegion:
    """Return a region of pixel shapes as shapes on the sky that select the same pixels.

    Raises
    ------
    RegionError
        A shape has no counterpart on the sky.
    """
    return SkyRegion(tuple(shape_to_sky(shape, grid) for shape in region.shapes))


def shape_to_sky(shape: PixelShape, grid: SkyGrid) -> SkyShape:
    """Return one pixel shape as a shape on the sky that selects the same pixels.

    Raises
    ------
    RegionError
        The shape has no counterpart on the sky.
    """
    wanted = _pixels(shape, grid)
    candidates = (_moved_to_sky(shape, grid, nudge) for nudge in _NUDGES)
    first = next(candidates)
    return next(
        (
            sky
            for sky in (first, *candidates)
            if _pixels(sky.to_pixel(grid), grid).same_pixels(wanted)
        ),
        first,
    )


def _pixels(shape: PixelShape, grid: SkyGrid) -> PixelMask:
    """Pixels of a shape, whether it includes or excludes them."""
    return PixelRegion((_Including(shape),)).mask(grid)


@dataclass(frozen=True)
class _Including:
    """A shape that includes, whatever the one it stands for does."""

    shape: PixelShape
    include: bool = True

    def bounds(self) -> Bounds:
        return self.shape.bounds()

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        return self.shape.holds(x, y)


@dataclass(frozen=True)
class _Nudge:
    """How far to move edges outwards and the centre aside [pixel]."""

    edge: float
    x: float
    y: float


_NUDGES: Final = tuple(
    _Nudge(edge * 1e-9, x * 1e-10, y * 1e-10)
    for x, y in product((0.0, 1.0, -1.0), repeat=2)
    for edge in (0.0, 1.0, -1.0, 0.1, -0.1)
)


def _moved_to_sky(shape: PixelShape, grid: SkyGrid, nudge: _Nudge) -> SkyShape:
    if isinstance(shape, PixelPolygon):
        return SkyPolygon(_swollen(shape, grid, nudge), shape.include)
    if not isinstance(shape, _CENTRED):
        raise RegionError(
            f"{type(shape).__name__.removeprefix('Pixel').lower()}: this shape has no counterpart "
            "on the sky; draw a circle, annulus, ellipse, box or polygon instead"
        )
    ra, dec = grid.pixel_to_sky(shape.x + nudge.x, shape.y + nudge.y)
    return _centred(shape, ra, dec, _Scale(Anchor.at(grid, ra, dec), nudge.edge))


_CENTRED: Final = (
    PixelCircle,
    PixelAnnulus,
    PixelEllipse,
    PixelEllipticalAnnulus,
    PixelBox,
    PixelBoxAnnulus,
    PixelPanda,
    PixelPoint,
)


class _Scale:
    """Lengths in pixels to arcseconds, at one position."""

    def __init__(self, anchor: Anchor, nudge: float) -> None:
        self.rotation_deg = anchor.grid.rotation_deg
        self._nudge = nudge
        self._anchor = anchor

    def inner(self, pixels: float) -> float:
        """Length of an inner edge [arcsec]."""
        return self._arcsec(max(pixels - self._nudge, 0.0))

    def outer(self, pixels: float) -> float:
        """Length of an outer edge [arcsec]."""
        return self._arcsec(max(pixels + self._nudge, 0.0))

    def _arcsec(self, pixels: float) -> float:
        arcsec = pixels * self._anchor.grid.pixel_arcsec
        for _ in range(4):  # CFITSIO's step is all but proportional: each round gains 4+ digits
            arcsec *= pixels / self._anchor.arcsec_to_pixels(arcsec) if pixels else 0.0
        return arcsec


def _centred(shape: PixelShape, ra: float, dec: float, scale: _Scale) -> SkyShape:  # noqa: PLR0911
    include, turn = shape.include, scale.rotation_deg
    inner, outer = scale.inner, scale.outer
    match shape:
        case PixelCircle():
            return SkyCircle(ra, dec, outer(shape.radius), include)
        case PixelAnnulus():
            radii = inner(shape.inner_radius), outer(shape.outer_radius)
            return SkyAnnulus(ra, dec, radii[0], radii[1], include)
        case PixelEllipse():
            axes = outer(shape.semi_x), outer(shape.semi_y)
            return SkyEllipse(ra, dec, axes[0], axes[1], shape.angle_deg - turn, include)
        case PixelEllipticalAnnulus() if shape.inner_angle_deg in (None, shape.angle_deg):
            return SkyEllipticalAnnulus(
                ra,
                dec,
                inner(shape.inner_x),
                inner(shape.inner_y),
                outer(shape.outer_x),
                outer(shape.outer_y),
                shape.angle_deg - turn,
                include,
            )
        case PixelBox():
            sides = outer(shape.width), outer(shape.height)
            return SkyBox(ra, dec, sides[0], sides[1], shape.angle_deg - turn, include)
        case PixelBoxAnnulus() if shape.inner_angle_deg in (None, shape.angle_deg):
            # The inner box's edge is not part of the shape: it too moves outwards.
            return SkyBoxAnnulus(
                ra,
                dec,
                outer(shape.inner_width),
                outer(shape.inner_height),
                outer(shape.outer_width),
                outer(shape.outer_height),
                shape.angle_deg - turn,
                include,
            )
        case PixelPanda():
            sector = shape.start_deg - turn - _NUDGE_DEG, shape.stop_deg - turn + _NUDGE_DEG
            radii = inner(shape.inner_radius), outer(shape.outer_radius)
            return SkyPanda(ra, dec, sector[0], sector[1], radii[0], radii[1], include)
        case PixelPoint():
            return SkyPoint(ra, dec, include)
    raise RegionError(
        "an annulus whose inner and outer part have different angles has no counterpart on the "
        "sky; draw the outer shape and exclude the inner one"
    )


def _swollen(
    polygon: PixelPolygon, grid: SkyGrid, nudge: _Nudge
) -> tuple[tuple[float, float], ...]:
    """Corners on the sky, moved away from their mean and aside."""
    xs, ys = zip(*polygon.vertices, strict=True)
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return tuple(
        grid.pixel_to_sky(
            x + nudge.edge * math.copysign(1.0, x - mean_x) + nudge.x,
            y + nudge.edge * math.copysign(1.0, y - mean_y) + nudge.y,
        )
        for x, y in polygon.vertices
    )
