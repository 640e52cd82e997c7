"""What can be typed of each shape of a region: names, units, limits, meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from nustar_widgets.errors import RegionError
from nustar_widgets.events.ds9numbers import read_angle, read_length
from nustar_widgets.events.regions import (
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
from nustar_widgets.panels.regions.skytext import dec_text, ra_text, read_both, read_dec, read_ra

LARGEST_ARCSEC: Final = 3600.0
"""Largest size that can be typed: more than the whole sky plane of an event list [arcsec]."""

_WEST = "along west before it is turned by the angle"
_NORTH = "along north before it is turned by the angle"
_TURN = "angle, turned from west towards north [deg], as in DS9"


@dataclass(frozen=True, kw_only=True)
class ShapeField:
    """A number of a shape.

    Attributes
    ----------
    name
        Attribute of the shape.
    words
        What it is called in messages and undo steps.
    short
        What stands beside the box it is typed into; empty where a column's title says it.
    meaning
        The whole of it, with the unit.
    below
        Attribute it must be smaller than, for an inner edge.
    above
        Attribute it must be larger than, for an outer edge.
    """

    name: str
    words: str
    short: str
    meaning: str
    below: str | None = None
    above: str | None = None

    @property
    def is_angle(self) -> bool:
        """Whether it is an angle [deg]; otherwise it is a size [arcsec]."""
        return self.name.endswith("_deg")


def _size(name: str, short: str, words: str, which: str = "", **edges: str) -> ShapeField:
    meaning = f"{words} {which}".rstrip() + " [arcsec]"
    return ShapeField(name=f"{name}_arcsec", words=words, short=short, meaning=meaning, **edges)


def _edges(words: str, attribute: str, short: tuple[str, str], which: str = "") -> list[ShapeField]:
    """Return the inner and the outer one of two numbers."""
    inner, outer = f"inner_{attribute}_arcsec", f"outer_{attribute}_arcsec"
    return [
        _size(f"inner_{attribute}", short[0], f"inner {words}", which, below=outer),
        _size(f"outer_{attribute}", short[1], f"outer {words}", which, above=inner),
    ]


_ANGLE = ShapeField(name="angle_deg", words="angle", short="", meaning=_TURN)
_SEMI_X, _SEMI_Y = "semi-axis x", "semi-axis y"
_FIELDS: Final[Mapping[type, tuple[ShapeField, ...]]] = {
    SkyCircle: (_size("radius", "radius", "radius"),),
    SkyAnnulus: tuple(_edges("radius", "radius", ("inner", "outer"))),
    SkyEllipse: (
        _size("semi_x", "semi x", _SEMI_X, _WEST),
        _size("semi_y", "semi y", _SEMI_Y, _NORTH),
        _ANGLE,
    ),
    SkyEllipticalAnnulus: (
        *_edges(_SEMI_X, "x", ("in x", "out x"), _WEST),
        *_edges(_SEMI_Y, "y", ("in y", "out y"), _NORTH),
        _ANGLE,
    ),
    SkyBox: (
        _size("width", "width", "width", _WEST),
        _size("height", "height", "height", _NORTH),
        _ANGLE,
    ),
    SkyBoxAnnulus: (
        *_edges("width", "width", ("in w", "out w"), _WEST),
        *_edges("height", "height", ("in h", "out h"), _NORTH),
        _ANGLE,
    ),
    SkyPanda: (
        *_edges("radius", "radius", ("inner", "outer")),
        ShapeField(
            name="start_deg", words="start angle", short="from °",
            meaning="where the sector begins, from west towards north [deg]",
        ),
        ShapeField(
            name="stop_deg", words="stop angle", short="to °",
            meaning="where the sector ends, from west towards north [deg]",
        ),
    ),
    SkyPoint: (),
    SkyPolygon: (),
}  # fmt: skip


def fields_of(shape: SkyShape) -> tuple[ShapeField, ...]:
    """Return the sizes and angles of a shape, in the order people name them."""
    return _FIELDS[type(shape)]


def number_text(value: float) -> str:
    """Write a size [arcsec] or an angle [deg] without needless digits."""
    return f"{value:.6g}"


def with_number(shape: SkyShape, field: ShapeField, text: str) -> SkyShape:
    """Return a shape with one number as typed.

    A text that says what is shown already changes nothing, though more digits are stored.

    Raises
    ------
    RegionError
        It is no such number; the text says what was expected.
    """
    old = getattr(shape, field.name)
    new = _angle(text) if field.is_angle else _arcsec(text, least=0.0 if field.below else None)
    if new == float(number_text(old)):
        return shape
    _check_edges(shape, field, new)
    return _with(shape, **{field.name: new})


def _with(shape: SkyShape, **changes: Any) -> SkyShape:
    changed: SkyShape = replace(shape, **changes)  # type: ignore[type-var]
    return changed


def _angle(text: str) -> float:
    try:
        value = read_angle(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= 360.0:
        raise RegionError(f"{text.strip()!r}: expected degrees from -360 to 360, as 30")
    return value


def _arcsec(text: str, *, least: float | None) -> float:
    """Read a size; above zero, or from ``least`` on."""
    try:
        length = read_length(text)
        value = math.nan if length.unit == "pixel" else length.value
    except ValueError:
        value = math.nan
    if not ((value > 0.0 if least is None else value >= least) and value <= LARGEST_ARCSEC):
        start = "above 0" if least is None else f"from {least:g}"
        raise RegionError(
            f"{text.strip()!r}: expected a size {start} up to {LARGEST_ARCSEC:g} arcsec, as 60 or "
            "1.5'"
        )
    return value


def _check_edges(shape: SkyShape, field: ShapeField, value: float) -> None:
    if field.below is not None and not value < getattr(shape, field.below):
        limit = number_text(getattr(shape, field.below))
        raise RegionError(f"{value:g}: expected less than the outer one, {limit} arcsec")
    if field.above is not None and not value > getattr(shape, field.above):
        limit = number_text(getattr(shape, field.above))
        raise RegionError(f"{value:g}: expected more than the inner one, {limit} arcsec")


def with_ra(shape: Any, text: str) -> SkyShape:
    """Return a shape with its right ascension, or its whole position where both are typed.

    Raises
    ------
    RegionError
        It cannot be read.
    """
    both = read_both(text)
    if both is not None:
        return _with(shape, ra_deg=both[0], dec_deg=both[1])
    ra_deg = read_ra(text)
    is_shown = math.isfinite(shape.ra_deg) and ra_deg == read_ra(ra_text(shape.ra_deg))
    return shape if is_shown else _with(shape, ra_deg=ra_deg)


def with_dec(shape: Any, text: str) -> SkyShape:
    """Return a shape with its declination.

    Raises
    ------
    RegionError
        It cannot be read.
    """
    dec_deg = read_dec(text)
    is_shown = math.isfinite(shape.dec_deg) and dec_deg == read_dec(dec_text(shape.dec_deg))
    return shape if is_shown else _with(shape, dec_deg=dec_deg)


def corners_text(polygon: SkyPolygon) -> str:
    """Write the corners of a polygon, one a line."""
    return "\n".join(f"{ra_text(ra)} {dec_text(dec)}" for ra, dec in polygon.vertices)


def with_corners(polygon: SkyPolygon, text: str) -> SkyPolygon:
    """Return a polygon with its corners as typed, one a line.

    A line that was left as it is shown keeps its corner to the last digit.

    Raises
    ------
    RegionError
        A line is no position, or there are fewer than three.
    """
    shown = corners_text(polygon).splitlines()
    stored = dict(zip(shown, polygon.vertices, strict=True))
    corners = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        corner = stored.get(line) or _corner(line, number)
        corners.append(corner)
    if len(corners) < 3:
        raise RegionError(
            f"{len(corners)} given: expected three or more, one a line: right ascension and "
            "declination, as 21:27:45.00 +56:56:36.0"
        )
    return replace(polygon, vertices=tuple(corners))


def _corner(line: str, number: int) -> tuple[float, float]:
    found = read_both(line)
    if found is None:
        raise RegionError(
            f"line {number}: {line!r}: expected right ascension and declination, as 21:27:45.00 "
            "+56:56:36.0"
        )
    return found
