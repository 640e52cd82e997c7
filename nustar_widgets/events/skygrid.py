"""The X, Y pixel plane of an event list and its place on the sky.

Regions are exact only if sky positions become pixels by the very arithmetic HEASoft uses. That is
CFITSIO's (``wcsutil.c``: the classic AIPS routine), with a degree-to-radian constant cut to ten
digits; astropy's WCS differs from it by up to 1e-7 pixel, enough to move a pixel that lies on an
edge. So the gnomonic (TAN) pair is written out here with that constant and in that order of
operations; scalars go through ``math``, the same C library CFITSIO calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nustar_widgets.errors import InputFileError, RegionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# CFITSIO's own value, to its ten digits (wcsutil.c): the full double would not be exact.
DEGREE: Final = 0.01745329252
TURN: Final = 6.28318530717959

_REQUIRED: Final = ("TCTYP", "TCRVL", "TCRPX", "TCDLT", "TLMAX")


@dataclass(frozen=True, kw_only=True)
class SkyGrid:
    """The sky pixel plane: its size and its tangent projection.

    Parameters
    ----------
    nx, ny
        Number of pixels along X and Y.
    x_min, y_min
        Value of X and Y in the first column and row (TLMIN).
    crpix_x, crpix_y
        Pixel of the tangent point.
    crval_ra_deg, crval_dec_deg
        Right ascension and declination of the tangent point [deg].
    cdelt_x_deg, cdelt_y_deg
        Pixel size [deg]; that of X is negative, as right ascension grows to the left.
    rotation_deg
        Rotation of the plane, TCROT of Y [deg].
    frame
        Equatorial frame of the positions, as the header names it, in lower case.
    """

    nx: int
    ny: int
    crpix_x: float
    crpix_y: float
    crval_ra_deg: float
    crval_dec_deg: float
    cdelt_x_deg: float
    cdelt_y_deg: float
    x_min: int = 1
    y_min: int = 1
    rotation_deg: float = 0.0
    frame: str = "fk5"

    @classmethod
    def from_header(
        cls,
        header: Mapping[str, Any],
        x_column: int,
        y_column: int,
        *,
        path: str | Path = "event list",
    ) -> SkyGrid:
        """Read the plane from the header of an EVENTS extension.

        Parameters
        ----------
        header
            Header of the extension.
        x_column, y_column
            One-based numbers of the X and Y columns.
        path
            File the header came from, for messages.

        Raises
        ------
        InputFileError
            A keyword is missing or not a number, or the projection is not TAN.
        """
        read = _ColumnKeywords(header, path)
        read.check_projection(x_column, y_column)
        x_min, y_min = read.integer("TLMIN", x_column, 1), read.integer("TLMIN", y_column, 1)
        return cls(
            nx=read.integer("TLMAX", x_column) - x_min + 1,
            ny=read.integer("TLMAX", y_column) - y_min + 1,
            x_min=x_min,
            y_min=y_min,
            crpix_x=read.number("TCRPX", x_column),
            crpix_y=read.number("TCRPX", y_column),
            crval_ra_deg=read.number("TCRVL", x_column),
            crval_dec_deg=read.number("TCRVL", y_column),
            cdelt_x_deg=read.number("TCDLT", x_column),
            cdelt_y_deg=read.number("TCDLT", y_column),
            rotation_deg=read.number("TCROT", y_column, 0.0),
            frame=str(header.get("RADECSYS", header.get("RADESYS", "fk5"))).strip().lower(),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(ny, nx) of an image of the plane."""
        return self.ny, self.nx

    @property
    def pixel_arcsec(self) -> float:
        """Pixel size along Y [arcsec]."""
        return abs(self.cdelt_y_deg) * 3600.0

    def sky_to_pixel(self, ra_deg: float, dec_deg: float) -> tuple[float, float]:
        """Sky position to pixel, as CFITSIO's ``fits_world_to_pix`` (ffxypx) does.

        Parameters
        ----------
        ra_deg, dec_deg
            Position in the frame of the plane [deg].

        Returns
        -------
        tuple of float
            X and Y; pixel centres are whole numbers.

        Raises
        ------
        RegionError
            The position is 90 degrees or more from the tangent point.
        """
        if ra_deg - self.crval_ra_deg > 180:
            ra_deg -= 360
        elif ra_deg - self.crval_ra_deg < -180:
            ra_deg += 360
        east, north = self._project(ra_deg * DEGREE, dec_deg * DEGREE)
        dx, dy = east / DEGREE, north / DEGREE
        cos_r, sin_r = self._rotation()
        return (
            (dx * cos_r + dy * sin_r) / self.cdelt_x_deg + self.crpix_x,
            (dy * cos_r - dx * sin_r) / self.cdelt_y_deg + self.crpix_y,
        )

    def pixel_to_sky(self, x: float, y: float) -> tuple[float, float]:
        """Pixel to sky position, as CFITSIO's ``fits_pix_to_world`` (ffwldp) does.

        Parameters
        ----------
        x, y
            Pixel; centres are whole numbers.

        Returns
        -------
        tuple of float
            Right ascension (0 to 360) and declination [deg].
        """
        dx = (x - self.crpix_x) * self.cdelt_x_deg
        dy = (y - self.crpix_y) * self.cdelt_y_deg
        cos_r, sin_r = self._rotation()
        east = (dx * cos_r - dy * sin_r) * DEGREE
        north = (dy * cos_r + dx * sin_r) * DEGREE
        ra, dec = self._unproject(east, north)
        return ra / DEGREE, dec / DEGREE

    def _rotation(self) -> tuple[float, float]:
        angle = self.rotation_deg * DEGREE
        return math.cos(angle), math.sin(angle)

    def _project(self, ra: float, dec: float) -> tuple[float, float]:
        """Tangent-plane offsets [rad] of a position [rad]."""
        ra0, dec0 = self.crval_ra_deg * DEGREE, self.crval_dec_deg * DEGREE
        cos0, sin0 = math.cos(dec0), math.sin(dec0)
        cos_dec, sin_dec = math.cos(dec), math.sin(dec)
        depth = sin_dec * sin0 + cos_dec * cos0 * math.cos(ra - ra0)
        if depth <= 0.0:
            raise RegionError(
                f"position RA {ra / DEGREE:.6f}, Dec {dec / DEGREE:.6f} deg: expected within 90 "
                f"deg of the field centre (RA {self.crval_ra_deg}, Dec {self.crval_dec_deg}); "
                "check that the coordinates belong to this observation"
            )
        if cos0 < 0.001:  # within 0.06 deg of a pole: first-order expansion
            north = (cos_dec * math.cos(ra - ra0)) / (sin_dec * sin0)
            north = (-north + cos0 * (1.0 + north * north)) / sin0
        else:
            north = (sin_dec / depth - sin0) / cos0
        # Two equal expressions: the one whose divisor is not small.
        if abs(math.sin(ra0)) < 0.3:
            east = cos_dec * math.sin(ra) / depth - cos0 * math.sin(ra0)
            east = (east + north * math.sin(ra0) * sin0) / math.cos(ra0)
        else:
            east = cos_dec * math.cos(ra) / depth - cos0 * math.cos(ra0)
            east = (east + north * math.cos(ra0) * sin0) / -math.sin(ra0)
        return east, north

    def _unproject(self, east: float, north: float) -> tuple[float, float]:
        """Position [rad] of tangent-plane offsets [rad]."""
        ra0, dec0 = self.crval_ra_deg * DEGREE, self.crval_dec_deg * DEGREE
        cos0, sin0 = math.cos(dec0), math.sin(dec0)
        cos_ra0, sin_ra0 = math.cos(ra0), math.sin(ra0)
        x = cos0 * cos_ra0 - east * sin_ra0 - north * cos_ra0 * sin0
        y = cos0 * sin_ra0 + east * cos_ra0 - north * sin_ra0 * sin0
        z = sin0 + north * cos0
        ra = math.atan2(y, x)
        if ra - ra0 > TURN / 2:
            ra -= TURN
        elif ra - ra0 < -TURN / 2:
            ra += TURN
        return (ra + TURN if ra < 0.0 else ra), math.atan(z / math.sqrt(x * x + y * y))


class _ColumnKeywords:
    """Keywords of one column of a table, with messages that name them."""

    def __init__(self, header: Mapping[str, Any], path: str | Path) -> None:
        self._header = header
        self._path = path

    def check_projection(self, x_column: int, y_column: int) -> None:
        for column, wanted in ((x_column, "RA---TAN"), (y_column, "DEC--TAN")):
            found = str(self._value("TCTYP", column)).strip()
            if found != wanted:
                raise InputFileError(
                    self._path,
                    f"EVENTS: TCTYP{column} is {found!r}",
                    f"Expected {wanted!r}: X, Y must carry the tangent projection nupipeline "
                    "writes; run nucoord or nupipeline again.",
                )

    def number(self, stem: str, column: int, default: float | None = None) -> float:
        found = self._value(stem, column, default)
        try:
            # Solar event lists carry TCRVL as text; CFITSIO reads that as a number too.
            return float(found)
        except (TypeError, ValueError):
            raise InputFileError(
                self._path,
                f"EVENTS: {stem}{column} is {found!r}",
                "Expected a number; run nupipeline again or repair the header.",
            ) from None

    def integer(self, stem: str, column: int, default: int | None = None) -> int:
        return int(self.number(stem, column, default))

    def _value(self, stem: str, column: int, default: float | None = None) -> Any:
        found = self._header.get(f"{stem}{column}", default)
        if found is None:
            raise InputFileError(
                self._path,
                f"EVENTS: keyword {stem}{column} is missing",
                "The X and Y columns need "
                + ", ".join(f"{stem}n" for stem in _REQUIRED)
                + "; give a cleaned (level 2) event list.",
            )
        return found
