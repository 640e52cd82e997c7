"""The shapes of CFITSIO's region files: names, parameter counts and meaning of parameters.

Angles a file leaves out are zero. A box or ellipse with six or more parameters is the room between
two of its kind; with seven, one angle holds for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nustar_widgets.events.regions import (
    PixelAnnulus,
    PixelBox,
    PixelBoxAnnulus,
    PixelBoxPanda,
    PixelCircle,
    PixelDiamond,
    PixelEllipse,
    PixelEllipticalAnnulus,
    PixelEllipticalPanda,
    PixelLine,
    PixelPanda,
    PixelPoint,
    PixelPolygon,
    PixelRectangle,
    PixelSector,
    PixelShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Number of parameters each shape may have; a polygon any even number from 6.
_COUNTS: Final = {
    "circle": (3,),
    "annulus": (4,),
    "ellipse": (4, 5, 6, 7, 8),
    "elliptannulus": (6, 8),
    "box": (4, 5, 6, 7, 8),
    "rectangle": (4, 5),
    "diamond": (4, 5),
    "sector": (4,),
    "point": (2,),
    "line": (4,),
    "panda": (8,),
    "epanda": (10, 11),
    "bpanda": (10, 11),
}
_SYNONYMS: Final = {
    "rotbox": "box",
    "rotrectangle": "rectangle",
    "rotdiamond": "diamond",
    "rhombus": "diamond",
    "rotrhombus": "diamond",
    "pie": "sector",
}
_RINGS: Final = {
    "box": "box annulus",
    "ellipse": "ellipse annulus",
    "elliptannulus": "ellipse annulus",
}

# Number of parameters once the angles left out are filled in, and which ones are angles that
# count from the sky's west.
_FULL_LENGTH: Final = {
    "ellipse": 5,
    "box": 5,
    "rectangle": 5,
    "diamond": 5,
    "ellipse annulus": 8,
    "box annulus": 8,
    "epanda": 11,
    "bpanda": 11,
}
_ANGLES: Final = {
    "ellipse": (4,),
    "box": (4,),
    "rectangle": (4,),
    "diamond": (4,),
    "ellipse annulus": (6, 7),
    "box annulus": (6, 7),
    "sector": (2, 3),
    "panda": (2, 3),
    "epanda": (2, 3, 10),
    "bpanda": (2, 3, 10),
}


def canonical(written: str, count: int) -> str:
    """Return the kind of shape a name and its number of parameters stand for.

    Raises
    ------
    ValueError
        CFITSIO does not know the shape, or not with so many parameters.
    """
    name = _SYNONYMS.get(written.lower(), written.lower())
    if name != "polygon" and name not in _COUNTS:
        raise ValueError(f"{written!r} is not a shape or frame HEASoft knows")
    right = count >= 6 and count % 2 == 0 if name == "polygon" else count in _COUNTS[name]
    if not right:
        raise ValueError(f"{written} has {count} parameters, not as many as HEASoft expects")
    return _RINGS.get(name, name) if count >= 6 else name


def n_coordinates(shape: str, count: int) -> int:
    """How many of the parameters are coordinates."""
    return {"polygon": count, "line": 4, "rectangle": 4}.get(shape, 2)


def turned(shape: str, values: Sequence[float], rotation_deg: float) -> list[float]:
    """Return the parameters with all angles present and turned by a rotation [deg]."""
    padded = list(values)
    if len(padded) == 7 and shape in ("ellipse annulus", "box annulus"):
        padded.append(padded[6])
    padded += [0.0] * (_FULL_LENGTH.get(shape, 0) - len(padded))
    for index in _ANGLES.get(shape, ()):
        padded[index] += rotation_deg
    return padded


def build(shape: str, values: Sequence[float], *, include: bool) -> PixelShape:
    """Make a shape from its parameters, all present, in pixels and degrees."""
    return _BUILDERS[shape](values, include)


def _other_angle(values: Sequence[float]) -> float | None:
    """Angle of the inner part of a ring, if it has one of its own."""
    return None if values[6] == values[7] else values[6]


def _polygon(values: Sequence[float], include: bool) -> PixelPolygon:
    return PixelPolygon(tuple(zip(values[::2], values[1::2], strict=True)), include)


_BUILDERS: Final[dict[str, Callable[[Sequence[float], bool], PixelShape]]] = {
    "circle": lambda v, include: PixelCircle(v[0], v[1], v[2], include),
    "annulus": lambda v, include: PixelAnnulus(v[0], v[1], v[2], v[3], include),
    "ellipse": lambda v, include: PixelEllipse(v[0], v[1], v[2], v[3], v[4], include),
    "ellipse annulus": lambda v, include: PixelEllipticalAnnulus(
        v[0], v[1], v[2], v[3], v[4], v[5], v[7], _other_angle(v), include
    ),
    "box": lambda v, include: PixelBox(v[0], v[1], v[2], v[3], v[4], include),
    "box annulus": lambda v, include: PixelBoxAnnulus(
        v[0], v[1], v[2], v[3], v[4], v[5], v[7], _other_angle(v), include
    ),
    "rectangle": lambda v, include: PixelRectangle(v[0], v[1], v[2], v[3], v[4], include),
    "diamond": lambda v, include: PixelDiamond(v[0], v[1], v[2], v[3], v[4], include),
    "sector": lambda v, include: PixelSector(v[0], v[1], v[2], v[3], include),
    "point": lambda v, include: PixelPoint(v[0], v[1], include),
    "line": lambda v, include: PixelLine(v[0], v[1], v[2], v[3], include),
    "polygon": _polygon,
    "panda": lambda v, include: PixelPanda(v[0], v[1], v[2], v[3], v[5], v[6], include),
    "epanda": lambda v, include: PixelEllipticalPanda(
        v[0], v[1], v[2], v[3], v[5], v[6], v[7], v[8], v[10], include
    ),
    "bpanda": lambda v, include: PixelBoxPanda(
        v[0], v[1], v[2], v[3], v[5], v[6], v[7], v[8], v[10], include
    ),
}
