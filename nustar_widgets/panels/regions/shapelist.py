"""A module's shapes as a list, and the edits of one of them.

An exclude acts on the includes written before it. So that it acts on all of them, as people
expect, a shape that is added goes before the excludes if it includes, and to the end if not; what
is there keeps its order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regions import (
    SkyAnnulus,
    SkyBox,
    SkyCircle,
    SkyEllipse,
    SkyPolygon,
    SkyRegion,
    SkyShape,
)
from nustar_widgets.events.shifting import shifted
from nustar_widgets.panels.images.shapewire import ROLES
from nustar_widgets.session.values import ModuleRegions, RegionText

NEW_SIZE_ARCSEC: Final[Mapping[str, float]] = {
    "circle": 60.0,
    "annulus": 120.0,
    "ellipse": 60.0,
    "box": 60.0,
    "polygon": 60.0,
}
"""The kinds that can be added, and how far from its middle a new one reaches [arcsec]."""

_BESIDE_ARCSEC = 20.0  # a copy lies this far west and south, so that both are seen


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A shape, or a region kept word for word, and where it belongs.

    Attributes
    ----------
    role
        ``source`` or ``background``.
    index
        Place among the shapes of the role, from 0.
    what
        The shape, or the text.
    """

    role: str
    index: int
    what: SkyShape | RegionText

    @property
    def words(self) -> str:
        """What it is called: ``source 1``."""
        return f"{self.role} {self.index + 1}"


def entries(regions: ModuleRegions) -> tuple[Entry, ...]:
    """Return the list of a module, sources first."""
    return tuple(_entries(regions))


def _entries(regions: ModuleRegions) -> Iterator[Entry]:
    for role in ROLES:
        region = getattr(regions, role)
        if isinstance(region, RegionText):
            yield Entry(role=role, index=0, what=region)
        else:
            for index, shape in enumerate(_shapes(region)):
                yield Entry(role=role, index=index, what=shape)


def _shapes(region: SkyRegion | None) -> tuple[SkyShape, ...]:
    return () if region is None else region.shapes


def with_region(
    regions: ModuleRegions, role: str, region: SkyRegion | RegionText | None
) -> ModuleRegions:
    """Return the regions of a module with another source or background."""
    return replace(regions, **{role: region})


def with_shape(regions: ModuleRegions, entry: Entry, shape: SkyShape) -> ModuleRegions:
    """Return the regions with another shape in the place of one.

    A shape that begins or ceases to exclude takes the place a new one would.
    """
    shapes = list(_editable(regions, entry.role))
    old = shapes[entry.index]
    if shape.include != old.include:
        return with_added(without(regions, entry), entry.role, shape)
    shapes[entry.index] = shape
    return with_region(regions, entry.role, SkyRegion(tuple(shapes)))


def without(regions: ModuleRegions, entry: Entry) -> ModuleRegions:
    """Return the regions without one shape, or without a text."""
    if isinstance(entry.what, RegionText):
        return with_region(regions, entry.role, None)
    shapes = _editable(regions, entry.role)
    rest = shapes[: entry.index] + shapes[entry.index + 1 :]
    return with_region(regions, entry.role, SkyRegion(rest) if rest else None)


def with_added(regions: ModuleRegions, role: str, shape: SkyShape) -> ModuleRegions:
    """Return the regions with one more shape.

    Raises
    ------
    RegionError
        The region of this role is kept word for word.
    """
    shapes = _editable(regions, role)
    last = max((at + 1 for at, item in enumerate(shapes) if item.include), default=0)
    at = last if shape.include else len(shapes)
    return with_region(regions, role, SkyRegion((*shapes[:at], shape, *shapes[at:])))


def with_role(regions: ModuleRegions, entry: Entry, role: str) -> ModuleRegions:
    """Return the regions with a shape moved to source or background.

    Raises
    ------
    RegionError
        The region it is to belong to is kept word for word.
    """
    return with_added(without(regions, entry), role, cast("SkyShape", entry.what))


def with_copy(regions: ModuleRegions, entry: Entry) -> ModuleRegions:
    """Return the regions with a copy of a shape beside it."""
    copy = _beside(cast("SkyShape", entry.what), -_BESIDE_ARCSEC, -_BESIDE_ARCSEC)
    return with_added(regions, entry.role, copy)


def _editable(regions: ModuleRegions, role: str) -> tuple[SkyShape, ...]:
    region = getattr(regions, role)
    if isinstance(region, RegionText):
        raise RegionError(
            f"{role}: this region is kept word for word: expected one drawn here; make it "
            "editable first, or remove it"
        )
    return _shapes(region)


def _beside(shape: SkyShape, east_arcsec: float, north_arcsec: float) -> SkyShape:
    moved = shifted(SkyRegion((shape,)), east_arcsec=east_arcsec, north_arcsec=north_arcsec)
    return moved.shapes[0]


def new_shape(
    kind: str, place: tuple[float, float], size_arcsec: float, *, include: bool = True
) -> SkyShape:
    """Return a shape of a usual form.

    Parameters
    ----------
    kind
        One of ``NEW_SIZE_ARCSEC``.
    place
        Right ascension and declination of its middle [deg].
    size_arcsec
        How far it reaches [arcsec].
    include
        Adds its pixels, or takes them away.

    Raises
    ------
    RegionError
        There is no such kind.
    """
    if kind not in _NEW:
        raise RegionError(f"kind {kind!r}: expected one of {', '.join(_NEW)}")
    return _NEW[kind](place, size_arcsec, include)


def _square(place: tuple[float, float], size: float, include: bool) -> SkyPolygon:
    corners = [
        cast("Any", _beside(SkyCircle(*place, 1.0), size * east, size * north))
        for east, north in ((-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0))
    ]
    return SkyPolygon(tuple((corner.ra_deg, corner.dec_deg) for corner in corners), include)


_NEW: Final[Mapping[str, Callable[[tuple[float, float], float, bool], SkyShape]]] = {
    "circle": lambda place, size, include: SkyCircle(*place, size, include),
    "annulus": lambda place, size, include: SkyAnnulus(*place, size / 2.0, size, include),
    "ellipse": lambda place, size, include: SkyEllipse(*place, size, size / 2.0, 0.0, include),
    "box": lambda place, size, include: SkyBox(*place, 2.0 * size, size, 0.0, include),
    "polygon": _square,
}
