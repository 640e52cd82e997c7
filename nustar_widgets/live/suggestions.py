"""What one click would make of the regions of a module, to be shown before it is taken."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeVar

from nustar_widgets.errors import RegionError, SelectionError
from nustar_widgets.events.detection import Detection, brightest
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regions import SkyCircle, SkyRegion, SkyShape
from nustar_widgets.events.shifting import centre_of, moved_to
from nustar_widgets.events.suggest_background import suggest_background
from nustar_widgets.events.suggest_source import (
    good_radius_arcsec,
    reason_for_radius,
    suggest_source_region,
)
from nustar_widgets.live.checks import field_findings, held
from nustar_widgets.live.module import LiveModule, Region, chosen_region, region_mask
from nustar_widgets.live.profileview import source_profile
from nustar_widgets.session.values import ModuleRegions, RegionText

Result = TypeVar("Result")

On = Literal["brightest", "nearest"]

# Half the width of the core of the point-spread function (Harrison et al. 2013, ApJ 770, 103).
_NOT_CENTRED_ARCSEC: Final = 9.0


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Regions as they would become.

    Attributes
    ----------
    label
        What it does, as the undo button will name it.
    regions
        The regions of the module after it is taken.
    reason
        Why, in words.
    cautions
        What to watch out for.
    """

    label: str
    regions: ModuleRegions
    reason: str
    cautions: tuple[str, ...] = ()


def found_sources(module: LiveModule) -> tuple[Detection, ...]:
    """Find the point sources of the field in 3 to 78 keV, the most significant first.

    Parameters
    ----------
    module
        The module.

    Returns
    -------
    tuple of Detection
        With place, significance and net counts; at least one.

    Raises
    ------
    SelectionError
        None stands out.
    """
    sources = module.surroundings.sources
    return sources or (brightest(module.surroundings.field),)  # which says why there is none


def centred(module: LiveModule, regions: ModuleRegions, on: On = "brightest") -> Proposal:
    """Propose the source region moved onto a source.

    Parameters
    ----------
    module
        The module.
    regions
        Its regions; without a source region a circle is proposed.
    on
        Onto the brightest source of the field, or the one nearest to the region.

    Raises
    ------
    SelectionError
        No source stands out, there is nothing to be near to, or the region is kept as text.
    """
    sources = found_sources(module)
    region = _shapes(regions.source, "cannot be moved")
    if region is None and on == "nearest":
        raise SelectionError(
            "there is no source region to look near to. Draw one, or centre on the brightest source"
        )
    label = f"centre on {on} source"
    if region is None:
        return _circle(module, regions, sources[0], label)
    start = _centre(region)
    chosen = sources[0] if on == "brightest" else _nearest(module, sources, start)
    moved = _attempt(lambda: moved_to(region, ra_deg=chosen.ra_deg, dec_deg=chosen.dec_deg))
    after = replace(regions, source=moved)
    reason = (
        f"the {on} source lies at RA {chosen.ra_deg:.5f}, Dec {chosen.dec_deg:.5f} deg, "
        f"{_away_arcsec(module, chosen, start):.1f} arcsec from the centre of the region: "
        f"{chosen.net_counts:.0f} net counts, {chosen.significance:.1f} sigma, in 3 to 78 keV."
    )
    return Proposal(label=label, regions=after, reason=reason, cautions=_cautions(module, after))


def best_radius(module: LiveModule, regions: ModuleRegions) -> Proposal:
    """Propose the radius with the best signal-to-noise, around the region's own centre.

    Parameters
    ----------
    module
        The module.
    regions
        Its regions; without a source region, a circle around the brightest source is proposed.

    Raises
    ------
    SelectionError
        No source stands out here, its background cannot be measured, or the region is kept as
        text or cannot be used.
    """
    region = _shapes(regions.source, "has no radius to change")
    label = "best radius"
    if region is None:
        return _circle(module, regions, found_sources(module)[0], label)
    profile = _attempt(lambda: source_profile(module, region))
    radius = good_radius_arcsec(profile.curve)
    sized, messages = _with_radius(region, radius)
    after = replace(regions, source=sized)
    return Proposal(
        label=label,
        regions=after,
        reason=reason_for_radius(profile.curve),
        cautions=(*messages, *_off_centre(module, after), *_cautions(module, after)),
    )


def suggested_background(module: LiveModule, regions: ModuleRegions) -> Proposal:
    """Propose the largest clean background circle on the source's own chip.

    Parameters
    ----------
    module
        The module.
    regions
        Its regions; without a source region the brightest source counts.

    Raises
    ------
    SelectionError
        There is no room for a background, or no source to keep away from.
    """
    position = None
    if isinstance(regions.source, SkyRegion) and regions.source.shapes:
        position = _centre(regions.source)
    found = suggest_background(module.events, position=position, field=module.field)
    after = replace(regions, background=found.region)
    return Proposal(
        label="suggested background",
        regions=after,
        reason=found.reason,
        cautions=(*found.messages, *_cautions(module, after, source=False)),
    )


def _circle(module: LiveModule, regions: ModuleRegions, source: Detection, label: str) -> Proposal:
    """Propose a new circle around a source."""
    place = (source.ra_deg, source.dec_deg)
    found = suggest_source_region(module.events, position=place, field=module.field)
    return Proposal(
        label=label,
        regions=replace(regions, source=found.region),
        reason=found.reason,
        cautions=found.messages,
    )


def _shapes(region: Region | None, trouble: str) -> SkyRegion | None:
    if isinstance(region, RegionText):
        named = f" ({region.origin})" if region.origin else ""
        raise SelectionError(
            f"the source region is a region file kept word for word{named} and {trouble}. Take it "
            "over as shapes, or draw a new region"
        )
    return region if region is not None and region.shapes else None


def _with_radius(region: SkyRegion, radius_arcsec: float) -> tuple[SkyRegion, tuple[str, ...]]:
    """Give the first circle a radius; where the region is no circle, make it one."""
    first = region.includes[0]
    if isinstance(first, SkyCircle) and len(region.includes) == 1:
        sized: tuple[SkyShape, ...] = tuple(
            replace(first, radius_arcsec=radius_arcsec) if shape is first else shape
            for shape in region.shapes
        )
        return SkyRegion(sized), ()
    circle = SkyCircle(*centre_of(region), radius_arcsec)
    what = "one shape that is no circle" if len(region.includes) == 1 else "several shapes"
    return (
        SkyRegion((circle, *region.excludes)),
        (f"a circle takes the place of {what}: the radius is that of circles.",),
    )


def _off_centre(module: LiveModule, regions: ModuleRegions) -> tuple[str, ...]:
    """Warn of a radius that had to grow to reach a source beside the centre."""
    mask, sources = _mask(regions.source, module), module.surroundings.sources
    inside = [] if mask is None else held(sources, mask, module.grid)
    if not inside or not isinstance(regions.source, SkyRegion):
        return ()
    away = _away_arcsec(module, sources[inside[0]], _centre(regions.source))
    if away <= _NOT_CENTRED_ARCSEC:
        return ()
    return (
        f"the source lies {away:.0f} arcsec from the centre of the region: centre it first, then "
        "choose the radius.",
    )


def _nearest(
    module: LiveModule, sources: Sequence[Detection], start: tuple[float, float]
) -> Detection:
    return min(sources, key=lambda source: _away_arcsec(module, source, start))


def _away_arcsec(module: LiveModule, source: Detection, start: tuple[float, float]) -> float:
    x, y = _attempt(lambda: module.grid.sky_to_pixel(*start))
    return math.dist((x, y), (source.x, source.y)) * module.grid.pixel_arcsec


def _centre(region: SkyRegion) -> tuple[float, float]:
    place = centre_of(region)
    if not all(map(math.isfinite, place)):
        raise SelectionError(
            f"the source region lies at RA {place[0]}, Dec {place[1]} deg: expected numbers. Draw "
            "it anew"
        )
    return place


def _cautions(
    module: LiveModule, regions: ModuleRegions, *, source: bool = True
) -> tuple[str, ...]:
    """Say what the field makes of the proposed regions; of the one that is proposed only."""
    masks = [_mask(region, module) for region in (regions.source, regions.background)]
    role = "Source" if source else "Background"
    findings = field_findings(module, *masks)
    return tuple(item.message for item in findings if item.message.startswith(role))


def _mask(region: Region | None, module: LiveModule) -> PixelMask | None:
    region = chosen_region(region)
    if region is None:
        return None
    try:
        return region_mask(region, module.grid)
    except RegionError:  # `check_regions` says so
        return None


def _attempt(what: Callable[[], Result]) -> Result:
    """Do something with a region; where the region is at fault, nothing can be suggested."""
    try:
        return what()
    except RegionError as problem:
        raise SelectionError(f"no suggestion for this source region: {problem}") from problem
