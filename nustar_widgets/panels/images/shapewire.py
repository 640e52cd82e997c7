"""Shapes on their way between a session and the page: plain JSON, nothing rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, cast

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regionfile import RegionFile
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
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.session.values import ModuleRegions, RegionText, region_text

Wire = dict[str, Any]

_KINDS: Final[dict[str, type[Any]]] = {
    "circle": SkyCircle,
    "annulus": SkyAnnulus,
    "ellipse": SkyEllipse,
    "ellipseannulus": SkyEllipticalAnnulus,
    "box": SkyBox,
    "boxannulus": SkyBoxAnnulus,
    "panda": SkyPanda,
    "point": SkyPoint,
    "polygon": SkyPolygon,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
ROLES: Final = ("source", "background")


def to_wire(regions: ModuleRegions, grid: SkyGrid) -> list[Wire]:
    """Return the shapes of a module as the page draws them, sources first.

    Parameters
    ----------
    regions
        The regions. One kept word for word is drawn as its author meant it.
    grid
        The sky plane of the module.

    Raises
    ------
    RegionError
        A text cannot be understood.
    """
    return [wire for role in ROLES for wire in _of_role(regions, role, grid)]


def from_wire(wires: Sequence[Wire], before: ModuleRegions, grid: SkyGrid) -> ModuleRegions:
    """Return the regions of a module as the page has drawn them.

    Parameters
    ----------
    wires
        The shapes.
    before
        The regions they were; what was not touched stays as it is, word for word.
    grid
        The sky plane of the module.

    Raises
    ------
    RegionError
        A shape is not one, or has a number that is not finite.
    """
    changed: dict[str, SkyRegion | RegionText | None] = {}
    for role in ROLES:
        mine = [wire for wire in wires if wire.get("role") == role]
        if mine == _of_role(before, role, grid):
            changed[role] = getattr(before, role)
        else:
            # Drawn, an exclude is a hole in all of its role, whatever was drawn first.
            drawn = SkyRegion(tuple(map(_shape, mine))).includes_first()
            changed[role] = drawn if mine else None
    return ModuleRegions(**changed)


def shapes_of(region: SkyRegion | RegionText | None, grid: SkyGrid) -> tuple[SkyShape, ...]:
    """Return the shapes of a region, in their order.

    Raises
    ------
    RegionError
        A text cannot be understood.
    """
    if region is None:
        return ()
    if isinstance(region, RegionText):
        return RegionFile.from_text(region.text).as_meant(grid).shapes
    return region.shapes


def clipboard_text(region: SkyRegion | RegionText | None) -> str:
    """Return a region as the text of its file; empty where it has none."""
    try:
        return "" if region is None else region_text(region)
    except RegionError:  # only excludes, while it is being made
        return ""


def _of_role(regions: ModuleRegions, role: str, grid: SkyGrid) -> list[Wire]:
    return [_wire(shape, role) for shape in shapes_of(getattr(regions, role), grid)]


def _wire(shape: SkyShape, role: str) -> Wire:
    wire: Wire = {"kind": _NAMES[type(shape)], "role": role, "include": shape.include}
    if isinstance(shape, SkyPolygon):
        return {**wire, "vertices": [list(corner) for corner in shape.vertices], "size": []}
    centred = cast("Any", shape)
    turn = {"angle": centred.angle_deg} if hasattr(shape, "angle_deg") else {}
    size = [getattr(shape, name) for name in _sizes(type(shape))]
    return {**wire, "ra": centred.ra_deg, "dec": centred.dec_deg, "size": size, **turn}


def _sizes(kind: type[Any]) -> list[str]:
    """Names of the lengths of a shape, and of the limits of a sector, in their order."""
    names = [field.name for field in fields(kind)]
    return [name for name in names if name.endswith("_arcsec") or name in ("start_deg", "stop_deg")]


def _shape(wire: Mapping[str, Any]) -> SkyShape:
    try:
        kind = _KINDS[wire["kind"]]
        include = bool(wire["include"])
        if kind is SkyPolygon:
            corners = tuple((float(ra), float(dec)) for ra, dec in wire["vertices"])
            return SkyPolygon(corners, include)
        values = dict(zip(_sizes(kind), map(float, wire["size"]), strict=True))
        if "angle" in wire and "angle_deg" in kind.__dataclass_fields__:
            values["angle_deg"] = float(wire["angle"])
        made = kind(float(wire["ra"]), float(wire["dec"]), **values, include=include)
    except (KeyError, TypeError, ValueError) as problem:
        raise RegionError(
            f"region: the page sent a shape that is none ({problem!r}): expected a kind, a place "
            "and sizes as numbers; undo, and draw it anew"
        ) from problem
    return cast("SkyShape", made)
