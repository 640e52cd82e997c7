"""Outlines of shapes in sky pixels, for drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

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
    PixelShape,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Line = NDArray[np.float64]

_CURVE_POINTS: Final = 73  # every 5 degrees: a circle of 200 pixels is 0.2 pixels off at most
_POINT_PIXELS: Final = 3.0  # half the size of the cross that marks a point


def outlines_of(shape: PixelShape) -> list[Line]:
    """Return the lines that bound a shape.

    Parameters
    ----------
    shape
        The shape, in sky pixels.

    Returns
    -------
    list
        Lines as (2, n) arrays of x and y [pixel], closed where they go around.

    Raises
    ------
    RegionError
        Shapes of this kind are not drawn.
    """
    draw = _DRAW.get(type(shape))
    if draw is None:
        raise RegionError(f"a {type(shape).__name__} cannot be drawn; its numbers are in the table")
    return draw(shape)


def _ellipses(shape: PixelEllipticalAnnulus) -> list[Line]:
    inner_angle = shape.angle_deg if shape.inner_angle_deg is None else shape.inner_angle_deg
    return [
        _ellipse(shape.x, shape.y, shape.outer_x, shape.outer_y, shape.angle_deg),
        _ellipse(shape.x, shape.y, shape.inner_x, shape.inner_y, inner_angle),
    ]


def _boxes(shape: PixelBoxAnnulus) -> list[Line]:
    inner_angle = shape.angle_deg if shape.inner_angle_deg is None else shape.inner_angle_deg
    return [
        _box(shape.x, shape.y, shape.outer_width, shape.outer_height, shape.angle_deg),
        _box(shape.x, shape.y, shape.inner_width, shape.inner_height, inner_angle),
    ]


def _circles(shape: PixelAnnulus) -> list[Line]:
    radii = (shape.outer_radius, shape.inner_radius)
    return [_ellipse(shape.x, shape.y, radius, radius) for radius in radii]


def _placed(x: float, y: float, along: Line, across: Line, angle_deg: float) -> Line:
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.stack([x + along * cos - across * sin, y + along * sin + across * cos])


def _ellipse(x: float, y: float, semi_x: float, semi_y: float, angle_deg: float = 0.0) -> Line:
    turn = np.linspace(0.0, 2.0 * np.pi, _CURVE_POINTS)
    return _placed(x, y, semi_x * np.cos(turn), semi_y * np.sin(turn), angle_deg)


def _box(x: float, y: float, width: float, height: float, angle_deg: float) -> Line:
    along = width / 2.0 * np.array([-1.0, 1.0, 1.0, -1.0, -1.0])
    across = height / 2.0 * np.array([-1.0, -1.0, 1.0, 1.0, -1.0])
    return _placed(x, y, along, across, angle_deg)


def _sector(panda: PixelPanda) -> Line:
    stop = panda.start_deg + (panda.stop_deg - panda.start_deg) % 360.0
    turn = np.radians(np.linspace(panda.start_deg, stop, _CURVE_POINTS))
    radius = np.concatenate(
        [np.full(_CURVE_POINTS, panda.outer_radius), np.full(_CURVE_POINTS, panda.inner_radius)]
    )
    there_and_back = np.concatenate([turn, turn[::-1]])
    x, y = radius * np.cos(there_and_back), radius * np.sin(there_and_back)
    line = np.stack([panda.x + x, panda.y + y])
    return np.concatenate([line, line[:, :1]], axis=1)


def _cross(x: float, y: float) -> list[Line]:
    reach = np.array([-_POINT_PIXELS, _POINT_PIXELS])
    flat = np.zeros(2)
    return [np.stack([x + reach, y + flat]), np.stack([x + flat, y + reach])]


_DRAW: Final[Mapping[type, Callable[[Any], list[Line]]]] = {
    PixelCircle: lambda shape: [_ellipse(shape.x, shape.y, shape.radius, shape.radius)],
    PixelAnnulus: _circles,
    PixelEllipse: lambda shape: [
        _ellipse(shape.x, shape.y, shape.semi_x, shape.semi_y, shape.angle_deg)
    ],
    PixelEllipticalAnnulus: _ellipses,
    PixelBox: lambda shape: [_box(shape.x, shape.y, shape.width, shape.height, shape.angle_deg)],
    PixelBoxAnnulus: _boxes,
    PixelPanda: lambda shape: [_sector(shape)],
    PixelPolygon: lambda shape: [np.array([*shape.vertices, shape.vertices[0]], float).T],
    PixelPoint: lambda shape: _cross(shape.x, shape.y),
}
