"""How an edit of one module's regions carries over to the other while they are linked."""

from __future__ import annotations

import math
from dataclasses import replace

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.shifting import shifted
from nustar_widgets.instrument import MODULES
from nustar_widgets.session.values import ModuleRegions, Regions, RegionText

Region = SkyRegion | RegionText | None


def with_module(regions: Regions, module: str, changed: ModuleRegions) -> Regions:
    """Return the regions after those of one module were edited.

    Parameters
    ----------
    regions
        Before the edit.
    module
        The module that was edited.
    changed
        Its regions after the edit.

    Returns
    -------
    Regions
        Where the modules are linked, the other one's follow, moved by the offset. A region kept
        as text is taken word for word: it cannot be moved. What was not edited and agrees keeps
        its values to the last bit.

    Raises
    ------
    RegionError
        The module is not one, or a region cannot be moved.
    """
    other = _other(module)
    edited = _put(regions, module, changed)
    if not regions.linked:
        return edited
    before, beside = regions.of(module), regions.of(other)
    offset = _offset_of(regions, other)
    follows = ModuleRegions(
        source=_following(before.source, changed.source, beside.source, offset),
        background=_following(before.background, changed.background, beside.background, offset),
    )
    return _put(edited, other, follows)


def with_linked(regions: Regions, linked: bool, *, follow: str = "FPMA") -> Regions:
    """Return the regions linked or not.

    Parameters
    ----------
    regions
        As they are.
    linked
        Whether an edit of one module is to be one of both. Unlinking moves nothing.
    follow
        The module whose regions count where they are linked anew; what it lacks it takes from the
        other.

    Raises
    ------
    RegionError
        The module is not one, or a region cannot be moved.
    """
    other = _other(follow)
    if not linked:
        return replace(regions, linked=False)
    mine, theirs = regions.of(follow), regions.of(other)
    back = _offset_of(regions, follow)
    # "is None": an empty region is a choice, no region is none.
    whole = ModuleRegions(
        source=_moved(theirs.source, back) if mine.source is None else mine.source,
        background=_moved(theirs.background, back) if mine.background is None else mine.background,
    )
    return with_module(replace(regions, linked=True), follow, whole)


def with_offset(regions: Regions, offset_arcsec: tuple[float, float]) -> Regions:
    """Return the regions with another offset between the modules.

    Parameters
    ----------
    regions
        As they are; where they are linked, those of FPMB move.
    offset_arcsec
        How far FPMB's shapes are to lie east and north of FPMA's [arcsec].

    Raises
    ------
    RegionError
        The offset is not two numbers.
    """
    east, north = offset_arcsec
    if not (math.isfinite(east) and math.isfinite(north)):
        raise RegionError(
            f"offset_arcsec={offset_arcsec}: expected how far FPMB's regions lie east and north of "
            "FPMA's, two numbers [arcsec]"
        )
    changed = replace(regions, offset_arcsec=(float(east), float(north)))
    return with_module(changed, "FPMA", regions.fpma)


def _following(
    before: Region, after: Region, beside: Region, offset: tuple[float, float]
) -> Region:
    """Region of the other module; the very one it has where nothing was edited and it agrees."""
    if after == before and (
        beside == _moved(before, offset) or _moved_back(beside, offset) == before
    ):
        return beside
    return _moved(after, offset)


def _moved(region: Region, offset: tuple[float, float]) -> Region:
    if not isinstance(region, SkyRegion):
        return region
    return shifted(region, east_arcsec=offset[0], north_arcsec=offset[1])


def _moved_back(region: Region, offset: tuple[float, float]) -> Region:
    return _moved(region, (-offset[0], -offset[1]))


def _offset_of(regions: Regions, module: str) -> tuple[float, float]:
    """How far a module's regions lie from the other's [arcsec]."""
    east, north = regions.offset_arcsec
    return (east, north) if module == "FPMB" else (-east, -north)


def _put(regions: Regions, module: str, value: ModuleRegions) -> Regions:
    return replace(regions, fpma=value) if module == "FPMA" else replace(regions, fpmb=value)


def _other(module: str) -> str:
    if module not in MODULES:
        raise RegionError(f"module {module!r}: expected {' or '.join(MODULES)}")
    return "FPMB" if module == "FPMA" else "FPMA"
