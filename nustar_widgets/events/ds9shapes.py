"""The shapes of DS9's region files, made from parameters on the sky or in pixels.

DS9 writes rings within rings: ``annulus(x,y,r1,r2,r3)`` is two rings side by side. As a place to
take events from they are one shape, from the first edge to the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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
    SkyAnnulus,
    SkyBox,
    SkyBoxAnnulus,
    SkyCircle,
    SkyEllipse,
    SkyEllipticalAnnulus,
    SkyPanda,
    SkyPoint,
    SkyPolygon,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nustar_widgets.events.regions import PixelShape, SkyShape

SHAPES: Final = (
    "circle",
    "annulus",
    "ellipse",
    "box",
    "polygon",
    "point",
    "panda",
)
SYNONYMS: Final = {"rotbox": "box", "elliptannulus": "ellipse"}


@dataclass(frozen=True)
class Layout:
    """Which parameters of a shape are positions, lengths and angles.

    Parameters
    ----------
    positions, lengths
        How many there are; positions count as two parameters.
    angles
        Indices of the angles among all parameters.
    skipped
        Indices of numbers that only divide the shape for display.
    """

    positions: int
    lengths: tuple[int, ...]
    angles: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()


def layout(shape: str, count: int) -> Layout:
    """Tell the parameters of a shape apart.

    Raises
    ------
    ValueError
        The shape cannot have that many parameters.
    """
    match shape:
        case "circle" if count == 3:
            return Layout(1, (2,))
        case "annulus" if count >= 4:
            return Layout(1, tuple(range(2, count)))
        case "ellipse" | "box" if count >= 4:
            return _with_optional_angle(count)
        case "polygon" if count >= 6 and count % 2 == 0:
            return Layout(count // 2, ())
        case "point" if count == 2:
            return Layout(1, ())
        case "panda" if count == 8:
            return Layout(1, (5, 6), (2, 3), (4, 7))
    raise ValueError(f"{shape} cannot have {count} parameters")


def _with_optional_angle(count: int) -> Layout:
    if count % 2 == 0:
        return Layout(1, tuple(range(2, count)))
    return Layout(1, tuple(range(2, count - 1)), (count - 1,))


def sky_shape(
    shape: str,
    positions: Sequence[tuple[float, float]],
    lengths: Sequence[float],
    angles: Sequence[float],
    *,
    include: bool,
) -> SkyShape:
    """Make a shape on the sky: positions and angles [deg], lengths [arcsec]."""
    if shape == "polygon":
        return SkyPolygon(tuple(positions), include)
    kind, parameters = _constructor_call(shape, lengths, angles)
    return _ON_SKY[kind](*positions[0], *parameters, include=include)


def pixel_shape(
    shape: str,
    positions: Sequence[tuple[float, float]],
    lengths: Sequence[float],
    angles: Sequence[float],
    *,
    include: bool,
) -> PixelShape:
    """Make a shape in pixels: positions and lengths [pixel], angles [deg]."""
    if shape == "polygon":
        return PixelPolygon(tuple(positions), include)
    kind, parameters = _constructor_call(shape, lengths, angles)
    return _IN_PIXELS[kind](*positions[0], *parameters, include=include)


_ON_SKY: Final[dict[str, Callable[..., SkyShape]]] = {
    "circle": SkyCircle,
    "annulus": SkyAnnulus,
    "ellipse": SkyEllipse,
    "ellipse annulus": SkyEllipticalAnnulus,
    "box": SkyBox,
    "box annulus": SkyBoxAnnulus,
    "panda": SkyPanda,
    "point": SkyPoint,
}
_IN_PIXELS: Final[dict[str, Callable[..., PixelShape]]] = {
    "circle": PixelCircle,
    "annulus": PixelAnnulus,
    "ellipse": PixelEllipse,
    "ellipse annulus": PixelEllipticalAnnulus,
    "box": PixelBox,
    "box annulus": PixelBoxAnnulus,
    "panda": PixelPanda,
    "point": PixelPoint,
}


def _constructor_call(
    shape: str, lengths: Sequence[float], angles: Sequence[float]
) -> tuple[str, tuple[float, ...]]:
    """Which shape it really is, and its parameters after the position."""
    if shape == "panda":
        full = angles[0] != angles[1] and (angles[1] - angles[0]) % 360.0 == 0.0
        return ("annulus", tuple(lengths)) if full else ("panda", (*angles, *lengths))
    if shape == "annulus":
        return shape, (lengths[0], lengths[-1])
    if len(lengths) > 2:
        return f"{shape} annulus", (*lengths[:2], *lengths[-2:], *angles)
    return shape, (*lengths, *angles)
