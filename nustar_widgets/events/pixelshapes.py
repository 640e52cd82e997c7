"""Shapes in sky pixels, each with CFITSIO's own rule of what lies inside.

The rules are those of CFITSIO's region filter (``region.c``), which every HEASoft tool uses:
pixels are tested at their centres, every boundary is inclusive, angles are degrees from +X
towards +Y. They were read in its source and are proven pixel for pixel against CFITSIO itself in
``tests/events/test_regions_against_cfitsio.py``. The order of the floating-point operations is
part of the rule, as pixels often lie exactly on an edge.

A shape answers two questions, for arrays of pixel coordinates broadcast against each other:
``bounds`` (x low, x high, y low, y high: no pixel outside them is inside) and ``holds``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from nustar_widgets.events.polygonfill import fill_polygon

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bounds = tuple[float, float, float, float]
    Coordinates = NDArray[np.float64]
    Inside = NDArray[np.bool_]


EVERYWHERE: Final = (-math.inf, math.inf, -math.inf, math.inf)


class PixelShape(Protocol):
    """What every shape in pixels can do."""

    @property
    def include(self) -> bool:
        """Whether the shape adds its pixels (else it takes them away)."""
        ...

    def bounds(self) -> Bounds:
        """Limits of X and Y beyond which no pixel is inside: x low, x high, y low, y high."""
        ...

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels x (1, w), y (h, 1) are inside."""
        ...


@dataclass(frozen=True)
class PixelCircle:
    """A circle.

    Parameters
    ----------
    x, y
        Centre [pixel].
    radius
        Radius [pixel].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    radius: float
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around(self.x, self.y, self.radius)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        dx, dy = x - self.x, y - self.y
        dx *= dx
        dy *= dy
        inside: Inside = dx + dy <= self.radius * self.radius
        return inside


@dataclass(frozen=True)
class PixelAnnulus:
    """A ring; both edges belong to it.

    Parameters
    ----------
    x, y
        Centre [pixel].
    inner_radius, outer_radius
        Radii [pixel].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    inner_radius: float
    outer_radius: float
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around(self.x, self.y, self.outer_radius)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        dx, dy = x - self.x, y - self.y
        distance2 = dx * dx + dy * dy
        inside: Inside = distance2 <= self.outer_radius * self.outer_radius
        inside &= distance2 >= self.inner_radius * self.inner_radius
        return inside


@dataclass(frozen=True)
class PixelEllipse:
    """An ellipse.

    Parameters
    ----------
    x, y
        Centre [pixel].
    semi_x, semi_y
        Semi-axes, along X and Y before rotation [pixel].
    angle_deg
        Rotation from +X towards +Y [deg].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    semi_x: float
    semi_y: float
    angle_deg: float = 0.0
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around_axes(self.x, self.y, self.semi_x, self.semi_y)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        along, across = rotated(x - self.x, y - self.y, self.angle_deg)
        return ~(ellipse_radius2(along, across, self.semi_x, self.semi_y) > 1.0)


@dataclass(frozen=True)
class PixelEllipticalAnnulus:
    """The room between two ellipses of one centre; both edges belong to it.

    Parameters
    ----------
    x, y
        Centre [pixel].
    inner_x, inner_y, outer_x, outer_y
        Semi-axes of the inner and outer ellipse [pixel].
    angle_deg
        Rotation of the outer ellipse from +X towards +Y [deg].
    inner_angle_deg
        Rotation of the inner ellipse, if it differs [deg].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    inner_x: float
    inner_y: float
    outer_x: float
    outer_y: float
    angle_deg: float = 0.0
    inner_angle_deg: float | None = None
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around_axes(self.x, self.y, self.outer_x, self.outer_y)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        dx, dy = x - self.x, y - self.y
        outer = ellipse_radius2(*rotated(dx, dy, self.angle_deg), self.outer_x, self.outer_y)
        inner_angle = self.angle_deg if self.inner_angle_deg is None else self.inner_angle_deg
        inner = ellipse_radius2(*rotated(dx, dy, inner_angle), self.inner_x, self.inner_y)
        return ~((outer > 1.0) | (inner < 1.0))


@dataclass(frozen=True)
class PixelBox:
    """A rectangle about its centre.

    Parameters
    ----------
    x, y
        Centre [pixel].
    width, height
        Full sides, along X and Y before rotation [pixel].
    angle_deg
        Rotation from +X towards +Y [deg].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    width: float
    height: float
    angle_deg: float = 0.0
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around(self.x, self.y, 0.5 * math.hypot(self.width, self.height))

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        along, across = rotated(x - self.x, y - self.y, self.angle_deg)
        return within_box(along, across, 0.5 * self.width, 0.5 * self.height)


@dataclass(frozen=True)
class PixelBoxAnnulus:
    """The room between two boxes of one centre; the inner box's edge does not belong to it.

    Parameters
    ----------
    x, y
        Centre [pixel].
    inner_width, inner_height, outer_width, outer_height
        Full sides of the inner and outer box [pixel].
    angle_deg
        Rotation of the outer box from +X towards +Y [deg].
    inner_angle_deg
        Rotation of the inner box, if it differs [deg].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    inner_width: float
    inner_height: float
    outer_width: float
    outer_height: float
    angle_deg: float = 0.0
    inner_angle_deg: float | None = None
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around(self.x, self.y, 0.5 * math.hypot(self.outer_width, self.outer_height))

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        dx, dy = x - self.x, y - self.y
        outer = within_box(
            *rotated(dx, dy, self.angle_deg), 0.5 * self.outer_width, 0.5 * self.outer_height
        )
        inner_angle = self.angle_deg if self.inner_angle_deg is None else self.inner_angle_deg
        inner = within_box(
            *rotated(dx, dy, inner_angle), 0.5 * self.inner_width, 0.5 * self.inner_height
        )
        return outer & ~inner


@dataclass(frozen=True)
class PixelPolygon:
    """A polygon; where it crosses itself, what is enclosed an odd number of times is inside.

    Parameters
    ----------
    vertices
        (x, y) of three or more corners, in order; the last joins the first [pixel].
    include
        Adds its pixels, or takes them away.
    """

    vertices: tuple[tuple[float, float], ...]
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        xs, ys = zip(*self.vertices, strict=True)
        return min(xs), max(xs), min(ys), max(ys)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        return fill_polygon(self.vertices, x[0], y[:, 0])


@dataclass(frozen=True)
class PixelPoint:
    """A single pixel: the one whose square holds the position.

    Parameters
    ----------
    x, y
        Position [pixel].
    include
        Adds its pixel, or takes it away.
    """

    x: float
    y: float
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around(self.x, self.y, 0.5)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        dx, dy = x - self.x, y - self.y
        inside: Inside = (dx >= -0.5) & (dx < 0.5) & (dy >= -0.5) & (dy < 0.5)
        return inside


def around(x: float, y: float, reach: float) -> Bounds:
    """Limits of a shape that reaches no farther than ``reach`` from (x, y)."""
    # CFITSIO squares radii, so a negative one acts as its absolute value; the margin takes in
    # pixels that rounding puts on the edge.
    reach = abs(reach) + 1e-6
    return x - reach, x + reach, y - reach, y + reach


def around_axes(x: float, y: float, semi_x: float, semi_y: float) -> Bounds:
    """Limits of a shape measured in units of its semi-axes."""
    if semi_x == 0.0 or semi_y == 0.0:
        # Pixels on the axis of zero divide zero by zero, which CFITSIO takes as inside.
        return EVERYWHERE
    return around(x, y, max(abs(semi_x), abs(semi_y)))


def rotated(dx: Coordinates, dy: Coordinates, angle_deg: float) -> tuple[Coordinates, Coordinates]:
    """Offsets along and across an axis turned by an angle from +X towards +Y."""
    angle = math.pi * (angle_deg / 180.0)
    cos, sin = math.cos(angle), math.sin(angle)
    return dx * cos + dy * sin, -dx * sin + dy * cos


def ellipse_radius2(
    along: Coordinates, across: Coordinates, semi_x: float, semi_y: float
) -> Coordinates:
    """Squared radius in units of the ellipse; not a number where an axis of zero meets zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        u, v = along / semi_x, across / semi_y
    u *= u
    v *= v
    u += v
    return u


def within_box(
    along: Coordinates, across: Coordinates, half_width: float, half_height: float
) -> Inside:
    """Whether offsets lie within a box; its edges do."""
    inside: Inside = (along >= -half_width) & (along <= half_width)
    return inside & (across >= -half_height) & (across <= half_height)
