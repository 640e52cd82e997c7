"""Moving regions on the sky by some arcsec, so that moving back restores them.

East and north are those of the place half way between where a region is and where it goes. Seen
from there the way back is the same way turned round; with the north of the start it would not be,
because meridians run together: at a declination of 60 degrees ten arcsec there and back would
miss by a milliarcsec, and near a pole by arcsec.

All shapes of a region move by one translation in the tangent plane of that place. Sizes and angles
stay: in a region file an angle is one of the image's axes, which a translation leaves alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regions import SkyPolygon, SkyRegion, SkyShape

_ARCSEC: Final = math.radians(1.0 / 3600.0)


def shifted(region: SkyRegion, *, east_arcsec: float, north_arcsec: float) -> SkyRegion:
    """Return a region moved on the sky.

    Parameters
    ----------
    region
        The region; a place that is not a number stays as it is.
    east_arcsec, north_arcsec
        How far to move it [arcsec]. Zero gives the same values, to the last bit. A move the other
        way round gives the first places back, except across a pole.

    Raises
    ------
    RegionError
        The way is not a number, or a shape lies 90 degrees from the first one.
    """
    if not (math.isfinite(east_arcsec) and math.isfinite(north_arcsec)):
        raise RegionError(
            f"shift of {east_arcsec} arcsec east and {north_arcsec} arcsec north: expected two "
            "numbers"
        )
    if not region.shapes or east_arcsec == north_arcsec == 0.0:
        return region
    east, north = east_arcsec * _ARCSEC, north_arcsec * _ARCSEC
    centre = centre_of(region)
    if not all(map(math.isfinite, centre)):
        return region
    return _translated(region, _half_way(*centre, east=east, north=north), east=east, north=north)


def moved_to(region: SkyRegion, *, ra_deg: float, dec_deg: float) -> SkyRegion:
    """Return a region moved so that its centre comes to lie at a place.

    Parameters
    ----------
    region
        The region.
    ra_deg, dec_deg
        The place [deg].

    Raises
    ------
    RegionError
        The region is empty, or lies 90 degrees from the place.
    """
    start = centre_of(region)
    if not all(map(math.isfinite, (*start, ra_deg, dec_deg))):
        raise RegionError(
            f"region at RA {start[0]}, Dec {start[1]} deg cannot go to RA {ra_deg}, Dec {dec_deg} "
            "deg: expected numbers"
        )
    plane = _Plane.at(*_mean((start, (ra_deg, dec_deg))))
    (e_from, n_from), (e_to, n_to) = plane.project(*start), plane.project(ra_deg, dec_deg)
    return _translated(region, plane, east=e_to - e_from, north=n_to - n_from)


def centre_of(region: SkyRegion) -> tuple[float, float]:
    """RA (0 to 360) and Dec of the first shape that includes [deg]; of a polygon its mean corner.

    Parameters
    ----------
    region
        The region.

    Raises
    ------
    RegionError
        The region holds no shape.
    """
    if not region.shapes:
        raise RegionError("region: it is empty and has no centre; draw a shape first")
    first: Any = (region.includes or region.shapes)[0]
    if isinstance(first, SkyPolygon):
        return _mean(first.vertices)
    return first.ra_deg % 360.0 % 360.0, first.dec_deg


@dataclass(frozen=True)
class _Plane:
    """Tangent plane of a place; coordinates east and north [rad]."""

    ra: float
    cos_dec: float
    sin_dec: float

    @classmethod
    def at(cls, ra_deg: float, dec_deg: float) -> _Plane:
        dec = math.radians(dec_deg)
        return cls(math.radians(ra_deg), math.cos(dec), math.sin(dec))

    def project(self, ra_deg: float, dec_deg: float) -> tuple[float, float]:
        turn, dec = math.radians(ra_deg) - self.ra, math.radians(dec_deg)
        sin_dec, across = math.sin(dec), math.cos(dec) * math.sin(turn)
        along = math.cos(dec) * math.cos(turn)
        depth = sin_dec * self.sin_dec + along * self.cos_dec
        if depth <= 0.0:
            raise RegionError(
                f"region: its shape at RA {ra_deg:.6f}, Dec {dec_deg:.6f} deg lies 90 degrees or "
                "more from the place of the others: expected shapes of one field; delete it"
            )
        return across / depth, (sin_dec * self.cos_dec - along * self.sin_dec) / depth

    def unproject(self, east: float, north: float) -> tuple[float, float]:
        x = self.cos_dec - north * self.sin_dec
        z = self.sin_dec + north * self.cos_dec
        ra = math.degrees(self.ra + math.atan2(east, x)) % 360.0
        # A remainder a hair below zero comes out as 360 exactly.
        return ra % 360.0, math.degrees(math.atan2(z, math.hypot(x, east)))


def _half_way(ra_deg: float, dec_deg: float, *, east: float, north: float) -> _Plane:
    """Tangent plane in which the start lies half the way back.

    From sin(dec) sqrt(1 + e^2 + n^2) = sin(d) + n cos(d), where (e, n) is the start seen from the
    place half way, at declination d.
    """
    e, n = -0.5 * east, -0.5 * north
    cos_dec, sin_dec = math.cos(math.radians(dec_deg)), math.sin(math.radians(dec_deg))
    excess = e * e / (1.0 + n * n)
    # Within half the way of a pole no such place exists, and there is hardly an east.
    cos_x = math.sqrt(max(cos_dec * cos_dec - sin_dec * sin_dec * excess, 0.0))
    dec = math.atan2(sin_dec * math.sqrt(1.0 + excess), cos_x) - math.atan(n)
    cos_d, sin_d = math.cos(dec), math.sin(dec)
    return _Plane(math.radians(ra_deg) - math.atan2(e, cos_d - n * sin_d), cos_d, sin_d)


def _translated(region: SkyRegion, plane: _Plane, *, east: float, north: float) -> SkyRegion:
    def move(ra_deg: float, dec_deg: float) -> tuple[float, float]:
        if not (math.isfinite(ra_deg) and math.isfinite(dec_deg)):
            return ra_deg, dec_deg
        e, n = plane.project(ra_deg, dec_deg)
        return plane.unproject(e + east, n + north)

    def moved(shape: Any) -> SkyShape:
        if isinstance(shape, SkyPolygon):
            return replace(shape, vertices=tuple(move(*corner) for corner in shape.vertices))
        ra_deg, dec_deg = move(shape.ra_deg, shape.dec_deg)
        placed: SkyShape = replace(shape, ra_deg=ra_deg, dec_deg=dec_deg)
        return placed

    return SkyRegion(tuple(moved(shape) for shape in region.shapes))


def _mean(places: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """Direction of the sum of unit vectors: right across RA 0 and at the poles."""
    x = y = z = 0.0
    for ra_deg, dec_deg in places:
        if not (math.isfinite(ra_deg) and math.isfinite(dec_deg)):
            return math.nan, math.nan
        ra, dec = math.radians(ra_deg), math.radians(dec_deg)
        x += math.cos(dec) * math.cos(ra)
        y += math.cos(dec) * math.sin(ra)
        z += math.sin(dec)
    ra_deg = math.degrees(math.atan2(y, x)) % 360.0 % 360.0
    return ra_deg, math.degrees(math.atan2(z, math.hypot(x, y)))
