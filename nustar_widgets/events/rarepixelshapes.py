"""Shapes few people draw but CFITSIO reads, so that reading a file *as HEASoft does* is complete.

Same rules and same form as ``pixelshapes``; ``PixelPanda`` is a sector of a ring ("pie and
annulus"). Angles run from +X towards +Y [deg]; a sector from 0 to 360 holds only the ray at 0,
because CFITSIO folds both ends to 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.events.pixelshapes import (
    EVERYWHERE,
    around,
    around_axes,
    ellipse_radius2,
    rotated,
    within_box,
)

if TYPE_CHECKING:
    from nustar_widgets.events.pixelshapes import Bounds, Coordinates, Inside


@dataclass(frozen=True)
class PixelPanda:
    """A sector of a ring.

    Parameters
    ----------
    x, y
        Centre [pixel].
    start_deg, stop_deg
        Angles the sector runs between, counter-clockwise [deg].
    inner_radius, outer_radius
        Radii of the ring [pixel].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    start_deg: float
    stop_deg: float
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
        ring = (distance2 >= self.inner_radius**2) & (distance2 <= self.outer_radius**2)
        return ring & _in_sector(dx, dy, self.start_deg, self.stop_deg)


@dataclass(frozen=True)
class PixelEllipticalPanda:
    """A sector of an elliptical ring; its angles count from the rotated axis.

    Parameters
    ----------
    x, y
        Centre [pixel].
    start_deg, stop_deg
        Angles the sector runs between, counter-clockwise [deg].
    inner_x, inner_y, outer_x, outer_y
        Semi-axes of the inner and outer ellipse [pixel].
    angle_deg
        Rotation from +X towards +Y [deg].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    start_deg: float
    stop_deg: float
    inner_x: float
    inner_y: float
    outer_x: float
    outer_y: float
    angle_deg: float = 0.0
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around_axes(self.x, self.y, self.outer_x, self.outer_y)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        along, across = rotated(x - self.x, y - self.y, self.angle_deg)
        outer = ellipse_radius2(along, across, self.outer_x, self.outer_y)
        inner = ellipse_radius2(along, across, self.inner_x, self.inner_y)
        ring = ~((outer > 1.0) | (inner < 1.0))
        return ring & _in_sector(along, across, self.start_deg, self.stop_deg)


@dataclass(frozen=True)
class PixelBoxPanda:
    """A sector of the room between two boxes; its angles count from the rotated axis.

    Parameters
    ----------
    x, y
        Centre [pixel].
    start_deg, stop_deg
        Angles the sector runs between, counter-clockwise [deg].
    inner_width, inner_height, outer_width, outer_height
        Full sides of the inner and outer box [pixel].
    angle_deg
        Rotation from +X towards +Y [deg].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    start_deg: float
    stop_deg: float
    inner_width: float
    inner_height: float
    outer_width: float
    outer_height: float
    angle_deg: float = 0.0
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return around(self.x, self.y, 0.5 * math.hypot(self.outer_width, self.outer_height))

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        along, across = rotated(x - self.x, y - self.y, self.angle_deg)
        outer = within_box(along, across, 0.5 * self.outer_width, 0.5 * self.outer_height)
        inner = within_box(along, across, 0.5 * self.inner_width, 0.5 * self.inner_height)
        return outer & ~inner & _in_sector(along, across, self.start_deg, self.stop_deg)


@dataclass(frozen=True)
class PixelSector:
    """A sector without end ("pie"), across the whole plane.

    Parameters
    ----------
    x, y
        Centre [pixel].
    start_deg, stop_deg
        Angles the sector runs between, counter-clockwise [deg].
    include
        Adds its pixels, or takes them away.
    """

    x: float
    y: float
    start_deg: float
    stop_deg: float
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return EVERYWHERE

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        return _in_sector(x - self.x, y - self.y, self.start_deg, self.stop_deg)


@dataclass(frozen=True)
class PixelRectangle:
    """A rectangle given by two opposite corners, which stay its corners when it is rotated.

    Parameters
    ----------
    x0, y0, x1, y1
        Opposite corners [pixel].
    angle_deg
        Rotation of its sides from +X towards +Y [deg].
    include
        Adds its pixels, or takes them away.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    angle_deg: float = 0.0
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        reach = 0.5 * math.hypot(self.x1 - self.x0, self.y1 - self.y0)
        return around(0.5 * (self.x1 + self.x0), 0.5 * (self.y1 + self.y0), reach)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        angle = math.pi * (self.angle_deg / 180.0)
        cos, sin = math.cos(angle), math.sin(angle)
        half_x, half_y = 0.5 * (self.x1 - self.x0), 0.5 * (self.y1 - self.y0)
        along, across = rotated(
            x - 0.5 * (self.x1 + self.x0), y - 0.5 * (self.y1 + self.y0), self.angle_deg
        )
        return within_box(
            along, across, abs(half_x * cos + half_y * sin), abs(half_y * cos - half_x * sin)
        )


@dataclass(frozen=True)
class PixelDiamond:
    """A diamond: a square on its tip, stretched.

    Parameters
    ----------
    x, y
        Centre [pixel].
    width, height
        Full diagonals, along X and Y before rotation [pixel].
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
        return around_axes(self.x, self.y, 0.5 * self.width, 0.5 * self.height)

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        along, across = rotated(x - self.x, y - self.y, self.angle_deg)
        with np.errstate(divide="ignore", invalid="ignore"):
            sum_of_parts = np.abs(along / (0.5 * self.width)) + np.abs(across / (0.5 * self.height))
        inside: Inside = ~(sum_of_parts > 1.0)
        return inside


@dataclass(frozen=True)
class PixelLine:
    """A line one pixel wide, with half a pixel at both ends.

    Parameters
    ----------
    x0, y0, x1, y1
        Ends [pixel].
    include
        Adds its pixels, or takes them away.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    include: bool = True

    def bounds(self) -> Bounds:
        """Limits of X and Y."""
        return (
            min(self.x0, self.x1) - 1.0,
            max(self.x0, self.x1) + 1.0,
            min(self.y0, self.y1) - 1.0,
            max(self.y0, self.y1) + 1.0,
        )

    def holds(self, x: Coordinates, y: Coordinates) -> Inside:
        """(h, w) whether the pixels are inside."""
        run, rise = self.x1 - self.x0, self.y1 - self.y0
        length = math.sqrt(run * run + rise * rise)
        cos, sin = (run / length, rise / length) if length else (1.0, 0.0)
        dx, dy = x - self.x0, y - self.y0
        along, across = dx * cos + dy * sin, -dx * sin + dy * cos
        inside: Inside = (across >= -0.5) & (across < 0.5) & (along >= -0.5)
        return inside & (along < length + 0.5)


def _in_sector(dx: Coordinates, dy: Coordinates, start_deg: float, stop_deg: float) -> Inside:
    """Whether offsets lie between two angles; the centre itself always does."""
    start, stop = _folded(start_deg), _folded(stop_deg)
    angle: Coordinates = np.arctan2(dy, dx) * 180.0 / math.pi
    if start <= stop:
        inside: Inside = (angle >= start) & (angle <= stop)
    else:
        inside = (angle >= start) | (angle <= stop)
    centre: Inside = (dx == 0.0) & (dy == 0.0)
    return inside | centre


def _folded(angle_deg: float) -> float:
    """Angle between -180 (not included) and 180 [deg], by whole turns."""
    while angle_deg > 180.0:
        angle_deg -= 360.0
    while angle_deg <= -180.0:
        angle_deg += 360.0
    return angle_deg
