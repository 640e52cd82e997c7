"""Shapes on the sky, and how CFITSIO turns them into pixels.

Centres go through the projection of the grid. A length becomes pixels by stepping that far in
declination, towards the equator, from the centre, whatever the direction it is meant for
(``region.c``); a polygon has no lengths. An angle grows by the rotation of the grid. These are
facts of the region filter every HEASoft tool uses, not the best possible geometry: on NuSTAR's
plane they differ from it by less than 1e-4 pixel.

Every shape is a few floats: hashable, comparable, good for JSON.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from nustar_widgets.events.pixelshapes import (
    PixelAnnulus,
    PixelBox,
    PixelBoxAnnulus,
    PixelCircle,
    PixelEllipse,
    PixelEllipticalAnnulus,
    PixelPoint,
    PixelPolygon,
)
from nustar_widgets.events.rarepixelshapes import PixelPanda

if TYPE_CHECKING:
    from nustar_widgets.events.pixelshapes import PixelShape
    from nustar_widgets.events.skygrid import SkyGrid


@runtime_checkable
class SkyShape(Protocol):
    """What every shape on the sky can do."""

    @property
    def include(self) -> bool:
        """Whether the shape adds its pixels (else it takes them away)."""
        ...

    def to_pixel(self, grid: SkyGrid) -> PixelShape:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        ...


@dataclass(frozen=True)
class SkyCircle:
    """A circle.

    Parameters
    ----------
    ra_deg, dec_deg
        Centre, FK5 [deg].
    radius_arcsec
        Radius [arcsec].
    include
        Adds its pixels, or takes them away.
    """

    ra_deg: float
    dec_deg: float
    radius_arcsec: float
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelCircle:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        anchor = Anchor.at(grid, self.ra_deg, self.dec_deg)
        return PixelCircle(
            anchor.x, anchor.y, anchor.arcsec_to_pixels(self.radius_arcsec), include=self.include
        )


@dataclass(frozen=True)
class SkyAnnulus:
    """A ring.

    Parameters
    ----------
    ra_deg, dec_deg
        Centre, FK5 [deg].
    inner_radius_arcsec, outer_radius_arcsec
        Radii [arcsec].
    include
        Adds its pixels, or takes them away.
    """

    ra_deg: float
    dec_deg: float
    inner_radius_arcsec: float
    outer_radius_arcsec: float
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelAnnulus:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        anchor = Anchor.at(grid, self.ra_deg, self.dec_deg)
        return PixelAnnulus(
            anchor.x,
            anchor.y,
            anchor.arcsec_to_pixels(self.inner_radius_arcsec),
            anchor.arcsec_to_pixels(self.outer_radius_arcsec),
            include=self.include,
        )


@dataclass(frozen=True)
class SkyEllipse:
    """An ellipse.

    Parameters
    ----------
    ra_deg, dec_deg
        Centre, FK5 [deg].
    semi_x_arcsec, semi_y_arcsec
        Semi-axes, along +X (west) and +Y (north) before rotation [arcsec].
    angle_deg
        Rotation from west towards north [deg]; DS9's angle.
    include
        Adds its pixels, or takes them away.
    """

    ra_deg: float
    dec_deg: float
    semi_x_arcsec: float
    semi_y_arcsec: float
    angle_deg: float = 0.0
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelEllipse:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        anchor = Anchor.at(grid, self.ra_deg, self.dec_deg)
        return PixelEllipse(
            anchor.x,
            anchor.y,
            anchor.arcsec_to_pixels(self.semi_x_arcsec),
            anchor.arcsec_to_pixels(self.semi_y_arcsec),
            self.angle_deg + grid.rotation_deg,
            include=self.include,
        )


@dataclass(frozen=True)
class SkyEllipticalAnnulus:
    """The room between two ellipses of one centre and one rotation.

    Parameters
    ----------
    ra_deg, dec_deg
        Centre, FK5 [deg].
    inner_x_arcsec, inner_y_arcsec, outer_x_arcsec, outer_y_arcsec
        Semi-axes of the inner and outer ellipse [arcsec].
    angle_deg
        Rotation from west towards north [deg].
    include
        Adds its pixels, or takes them away.
    """

    ra_deg: float
    dec_deg: float
    inner_x_arcsec: float
    inner_y_arcsec: float
    outer_x_arcsec: float
    outer_y_arcsec: float
    angle_deg: float = 0.0
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelEllipticalAnnulus:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        anchor = Anchor.at(grid, self.ra_deg, self.dec_deg)
        return PixelEllipticalAnnulus(
            anchor.x,
            anchor.y,
            anchor.arcsec_to_pixels(self.inner_x_arcsec),
            anchor.arcsec_to_pixels(self.inner_y_arcsec),
            anchor.arcsec_to_pixels(self.outer_x_arcsec),
            anchor.arcsec_to_pixels(self.outer_y_arcsec),
            self.angle_deg + grid.rotation_deg,
            include=self.include,
        )


@dataclass(frozen=True)
class SkyBox:
    """A rectangle about its centre.

    Parameters
    ----------
    ra_deg, dec_deg
        Centre, FK5 [deg].
    width_arcsec, height_arcsec
        Full sides, along +X (west) and +Y (north) before rotation [arcsec].
    angle_deg
        Rotation from west towards north [deg]; DS9's angle.
    include
        Adds its pixels, or takes them away.
    """

    ra_deg: float
    dec_deg: float
    width_arcsec: float
    height_arcsec: float
    angle_deg: float = 0.0
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelBox:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        anchor = Anchor.at(grid, self.ra_deg, self.dec_deg)
        return PixelBox(
            anchor.x,
            anchor.y,
            anchor.arcsec_to_pixels(self.width_arcsec),
            anchor.arcsec_to_pixels(self.height_arcsec),
            self.angle_deg + grid.rotation_deg,
            include=self.include,
        )


@dataclass(frozen=True)
class SkyBoxAnnulus:
    """The room between two boxes of one centre and one rotation.

    Parameters
    ----------
    ra_deg, dec_deg
        Centre, FK5 [deg].
    inner_width_arcsec, inner_height_arcsec, outer_width_arcsec, outer_height_arcsec
        Full sides of the inner and outer box [arcsec].
    angle_deg
        Rotation from west towards north [deg].
    include
        Adds its pixels, or takes them away.
    """

    ra_deg: float
    dec_deg: float
    inner_width_arcsec: float
    inner_height_arcsec: float
    outer_width_arcsec: float
    outer_height_arcsec: float
    angle_deg: float = 0.0
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelBoxAnnulus:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        anchor = Anchor.at(grid, self.ra_deg, self.dec_deg)
        return PixelBoxAnnulus(
            anchor.x,
            anchor.y,
            anchor.arcsec_to_pixels(self.inner_width_arcsec),
            anchor.arcsec_to_pixels(self.inner_height_arcsec),
            anchor.arcsec_to_pixels(self.outer_width_arcsec),
            anchor.arcsec_to_pixels(self.outer_height_arcsec),
            self.angle_deg + grid.rotation_deg,
            include=self.include,
        )


@dataclass(frozen=True)
class SkyPanda:
    """A sector of a ring.

    Parameters
    ----------
    ra_deg, dec_deg
        Centre, FK5 [deg].
    start_deg, stop_deg
        Angles the sector runs between, from west towards north [deg].
    inner_radius_arcsec, outer_radius_arcsec
        Radii of the ring [arcsec].
    include
        Adds its pixels, or takes them away.
    """

    ra_deg: float
    dec_deg: float
    start_deg: float
    stop_deg: float
    inner_radius_arcsec: float
    outer_radius_arcsec: float
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelPanda:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        anchor = Anchor.at(grid, self.ra_deg, self.dec_deg)
        return PixelPanda(
            anchor.x,
            anchor.y,
            self.start_deg + grid.rotation_deg,
            self.stop_deg + grid.rotation_deg,
            anchor.arcsec_to_pixels(self.inner_radius_arcsec),
            anchor.arcsec_to_pixels(self.outer_radius_arcsec),
            include=self.include,
        )


@dataclass(frozen=True)
class SkyPoint:
    """A single pixel: the one that holds the position.

    Parameters
    ----------
    ra_deg, dec_deg
        Position, FK5 [deg].
    include
        Adds its pixel, or takes it away.
    """

    ra_deg: float
    dec_deg: float
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelPoint:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        x, y = grid.sky_to_pixel(self.ra_deg, self.dec_deg)
        return PixelPoint(x, y, include=self.include)


@dataclass(frozen=True)
class SkyPolygon:
    """A polygon.

    Parameters
    ----------
    vertices
        (RA, Dec) of three or more corners, in order, FK5 [deg].
    include
        Adds its pixels, or takes them away.
    """

    vertices: tuple[tuple[float, float], ...]
    include: bool = True

    def to_pixel(self, grid: SkyGrid) -> PixelPolygon:
        """Return the shape in the pixels of a grid, as CFITSIO converts it."""
        corners = tuple(grid.sky_to_pixel(ra, dec) for ra, dec in self.vertices)
        return PixelPolygon(corners, include=self.include)


@dataclass(frozen=True)
class Anchor:
    """The first position of a shape, from which CFITSIO steps to measure lengths.

    Parameters
    ----------
    grid
        The pixel plane.
    ra_deg, dec_deg
        The position as written in the region [deg].
    x, y
        The position in pixels.
    """

    grid: SkyGrid
    ra_deg: float
    dec_deg: float
    x: float
    y: float

    @classmethod
    def at(cls, grid: SkyGrid, ra_deg: float, dec_deg: float) -> Anchor:
        """Place the anchor at a sky position [deg]."""
        return cls(grid, ra_deg, dec_deg, *grid.sky_to_pixel(ra_deg, dec_deg))

    def arcsec_to_pixels(self, length_arcsec: float) -> float:
        """Pixels in a length [arcsec]."""
        return self.degrees_to_pixels(length_arcsec / 3600.0)

    def degrees_to_pixels(self, length_deg: float) -> float:
        """Pixels in a length [deg]: a step towards the equator, so that no pole is passed."""
        step = length_deg if self.dec_deg < 0.0 else -length_deg
        x, y = self.grid.sky_to_pixel(self.ra_deg, self.dec_deg + step)
        dx, dy = x - self.x, y - self.y
        return math.sqrt(dx * dx + dy * dy)
