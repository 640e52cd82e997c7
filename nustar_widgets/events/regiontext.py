"""The text of a region file that HEASoft, DS9 and this package read alike."""

from __future__ import annotations

import math
from dataclasses import fields
from decimal import Decimal
from typing import Final

from nustar_widgets.errors import RegionError
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
    SkyRegion,
    SkyShape,
)

_HEADER: Final = "# Region file format: DS9 version 4.1\nfk5\n"


def format_region(region: SkyRegion) -> str:
    """Return the text of a region file: ``fk5``, every digit, sizes in arcsec.

    Shapes keep their order, except that excludes at the start go to the end: HEASoft would take
    them as "everything but".

    Raises
    ------
    RegionError
        The region is empty, only excludes, or has a number that cannot be written.
    """
    start = next((i for i, shape in enumerate(region.shapes) if shape.include), None)
    if start is None:
        found = "is empty" if not region.shapes else "has only excludes"
        raise RegionError(
            f"region: it {found}: expected at least one shape that includes, because HEASoft "
            "would count the whole field or crash; add the shape to take events from"
        )
    ordered = region.shapes[start:] + region.shapes[:start]
    return _HEADER + "".join(f"{_shape_text(shape)}\n" for shape in ordered)


def _shape_text(shape: SkyShape) -> str:
    name, parameters = _name_and_parameters(shape)
    return f"{'' if shape.include else '-'}{name}({','.join(parameters)})"


def _name_and_parameters(shape: SkyShape) -> tuple[str, list[str]]:
    match shape:
        case SkyPolygon():
            return "polygon", [_digits(value) for corner in shape.vertices for value in corner]
        case SkyPoint():
            return "point", [_digits(shape.ra_deg), _digits(shape.dec_deg)]
        case SkyPanda():
            turns = [_digits(shape.start_deg), _digits(shape.stop_deg)]
            radii = [_arcsec(shape.inner_radius_arcsec), _arcsec(shape.outer_radius_arcsec)]
            # A panda also says into how many parts it is divided for display: one each way.
            return "panda", [*_position(shape), *turns, "1", *radii, "1"]
        case SkyCircle() | SkyAnnulus():
            return _NAMES[type(shape)], [*_position(shape), *_sizes(shape)]
        case SkyEllipse() | SkyEllipticalAnnulus() | SkyBox() | SkyBoxAnnulus():
            angle = _digits(shape.angle_deg)
            return _NAMES[type(shape)], [*_position(shape), *_sizes(shape), angle]
    raise RegionError(f"region: a {type(shape).__name__} cannot be written to a region file")


_NAMES: Final[dict[type, str]] = {
    SkyCircle: "circle",
    SkyAnnulus: "annulus",
    SkyEllipse: "ellipse",
    SkyEllipticalAnnulus: "ellipse",
    SkyBox: "box",
    SkyBoxAnnulus: "box",
}

_Centred = (
    SkyCircle | SkyAnnulus | SkyEllipse | SkyEllipticalAnnulus | SkyBox | SkyBoxAnnulus | SkyPanda
)


def _position(shape: _Centred) -> list[str]:
    return [_digits(shape.ra_deg), _digits(shape.dec_deg)]


def _sizes(shape: _Centred) -> list[str]:
    """Lengths of a shape, in the order of its fields, which is DS9's."""
    names = (field.name for field in fields(shape) if field.name.endswith("_arcsec"))
    return [_arcsec(getattr(shape, name)) for name in names]


def _arcsec(length: float) -> str:
    if length < 0:
        raise RegionError(
            f"region: a size of {length:g} arcsec cannot be written: expected zero or more"
        )
    return f'{_digits(length)}"'


def _digits(value: float) -> str:
    """Every digit of a number, without exponent, so that reading it gives the same number."""
    if not math.isfinite(value):
        raise RegionError(f"region: {value} cannot be written to a region file; draw it anew")
    return format(Decimal(repr(float(value))), "f")
