"""What to watch out for in the regions of one module, said while they are dragged.

The rules of nuproducts are those of `events.regionlint`; here is what the field says of a region:
chips, edges, sources, wings. Everything that depends on the field alone is in the module's
`surroundings`; what is left for each step are a few windows of pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from nustar_widgets.errors import RegionError, SelectionError
from nustar_widgets.events.coverage import NOTICEABLE, Coverage, coverage_of
from nustar_widgets.events.detection import Detection
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.radialprofile import CLEAN_LEVEL
from nustar_widgets.events.regionfile import RegionFile
from nustar_widgets.events.regionlint import Finding, ProductFlags, Role, lint_region
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.live.module import (
    LiveModule,
    Region,
    chosen_region,
    region_mask,
    written_region,
)
from nustar_widgets.session.values import ModuleRegions, RegionText

_ROLES: Final[tuple[Role, Role]] = ("source", "background")
_LIVE_ONLY: Final = "nuproducts corrects for that with its exposure map; the numbers here do not."


def check_regions(
    module: LiveModule, regions: ModuleRegions, *, flags: ProductFlags
) -> tuple[Finding, ...]:
    """Check the regions of a module; quick enough for every step of a drag.

    Parameters
    ----------
    module
        The module.
    regions
        Its regions.
    flags
        The nuproducts parameters that decide which regions it accepts.

    Returns
    -------
    tuple of Finding
        What aborts nuproducts first; each message begins with the region it is about. Empty where
        there is nothing to say, also while no region is chosen.
    """
    findings: list[Finding] = []
    placed: dict[Role, PixelMask] = {}
    chosen = _chosen(regions)
    for role, region in chosen.items():
        try:
            placed[role] = region_mask(region, module.grid)
        except RegionError as problem:
            findings.append(Finding("unusable", f"{_name(role)}: {problem}", "abort"))
            continue
        findings += _rules(region, role, flags, module.grid)
    findings += field_findings(module, placed.get("source"), placed.get("background"))
    if "source" in chosen and "background" not in chosen:
        findings.append(_NO_BACKGROUND)
    return tuple(sorted(findings, key=lambda finding: finding.severity != "abort"))


def field_findings(
    module: LiveModule, source: PixelMask | None, background: PixelMask | None
) -> list[Finding]:
    """Say what the field makes of regions: chips, edges, sources, wings.

    Parameters
    ----------
    module
        The module.
    source, background
        Pixels of its regions, or ``None``.
    """
    placed = [(role, mask) for role, mask in zip(_ROLES, (source, background), strict=True) if mask]
    findings: list[Finding] = []
    for role, mask in placed:
        if mask.n_pixels:  # without any, the rules have said so
            findings += [*_placement(module, role, mask), *_content(module, role, mask)]
    if source is not None and background is not None:
        findings += [*_overlap(source, background), *_wings(module, source, background)]
    return findings


def held(sources: tuple[Detection, ...], mask: PixelMask, grid: SkyGrid) -> list[int]:
    """Tell which sources lie in a region, by their place in the tuple.

    Parameters
    ----------
    sources
        The sources.
    mask
        The region.
    grid
        The sky plane.
    """
    height, width = mask.inside.shape
    inside = []
    for number, source in enumerate(sources):
        row = round(source.y) - grid.y_min - mask.y0
        column = round(source.x) - grid.x_min - mask.x0
        if 0 <= row < height and 0 <= column < width and mask.inside[row, column]:
            inside.append(number)
    return inside


def _chosen(regions: ModuleRegions) -> dict[Role, Region]:
    """Regions by role; one without any shape is none."""
    by_role = {role: chosen_region(getattr(regions, role)) for role in _ROLES}
    return {role: region for role, region in by_role.items() if region is not None}


def _name(role: Role) -> str:
    return role.capitalize()


_NO_BACKGROUND: Final = Finding(
    "no-background",
    "Background: none is chosen, so nothing will be subtracted from the source. Draw one, or take "
    "the suggestion.",
    "note",
)


@lru_cache(maxsize=64)
def _rules(region: Region, role: Role, flags: ProductFlags, grid: SkyGrid) -> tuple[Finding, ...]:
    """Say what nuproducts will; remembered, because only one region moves at a time."""
    found = lint_region(written_region(region, grid), role=role, flags=flags, grid=grid)
    said = {finding.code for finding in found}
    traps = [trap for trap in _traps(region, grid) if trap.code not in said]
    return tuple(
        replace(finding, message=f"{_name(role)}: {finding.message}")
        for finding in (*traps, *found)
    )


def _traps(region: Region, grid: SkyGrid) -> Iterator[Finding]:
    """Where HEASoft takes a region file for something else than its author: nothing of use."""
    if isinstance(region, RegionText):
        for trap in RegionFile.from_text(region.text).traps(grid):
            yield Finding(trap.code, f"{trap.reason}. {trap.remedy}.", "abort")


def _placement(module: LiveModule, role: Role, mask: PixelMask) -> Iterator[Finding]:
    try:
        cover = coverage_of(module.surroundings.field, mask)
    except SelectionError:  # no event at all: there is no field to speak of
        return
    if cover.outside > NOTICEABLE:
        yield _outside(role, cover)
    if len(cover.chips) > 1:
        yield _across(role, cover)


def _outside(role: Role, cover: Coverage) -> Finding:
    if cover.outside == 1.0:
        text = (
            "it lies outside the field of view, where nothing was seen. Move it onto the image, or "
            "check that it was drawn for this observation."
        )
    else:
        text = (
            f"{cover.outside:.0%} of its area lies outside the field of view. {_LIVE_ONLY} Move it "
            "inside, or make it smaller."
        )
    return Finding("outside-field", f"{_name(role)}: {text}", "note")


def _across(role: Role, cover: Coverage) -> Finding:
    chips = " and ".join(f"DET{det} ({share:.0%})" for det, share in cover.chips.items())
    if role == "source":
        text = (
            f"The gap holds hardly any events: {_LIVE_ONLY} Make it smaller where that loses "
            "little."
        )
    else:
        text = (
            "Each chip has its own background. Keep to the chip of the source, or take the "
            "suggested background."
        )
    return Finding(
        "across-gap", f"{_name(role)}: it crosses the gap between {chips}. {text}", "note"
    )


def _content(module: LiveModule, role: Role, mask: PixelMask) -> Iterator[Finding]:
    counts, in_band = module.binned.counts(mask)
    if not in_band:
        where = "in the band shown" if counts else "at any energy, in the intervals that count"
        yield Finding(
            "no-events",
            f"{_name(role)}: it holds no event {where}. Move it, make it larger, or widen the "
            "band or the intervals.",
            "note",
        )
    sources = _sources(module)
    inside = [sources[number] for number in held(sources, mask, module.grid)]
    if role == "source" and len(inside) > 1:
        yield Finding(
            "several-sources",
            f"Source: {len(inside)} sources lie inside, of {_net_counts(inside)} net counts. Make "
            "it smaller, or exclude the others.",
            "note",
        )
    if role == "background" and inside:
        yield Finding(
            "source-in-background",
            f"Background: a source of {_net_counts(inside)} net counts lies inside. Move the "
            "region, or exclude the source.",
            "note",
        )


def _net_counts(sources: list[Detection]) -> str:
    return " and ".join(f"{source.net_counts:.0f}" for source in sources)


def _overlap(source: PixelMask, background: PixelMask) -> Iterator[Finding]:
    shared = _common(source, background)
    if shared:
        yield Finding(
            "overlap",
            f"Background: {shared / background.n_pixels:.0%} of it lies inside the source region, "
            "so the source is subtracted from itself. Move it away, or exclude the source from it.",
            "note",
        )


def _common(one: PixelMask, other: PixelMask) -> int:
    """Pixels two regions share."""
    (height, width), (other_height, other_width) = one.inside.shape, other.inside.shape
    top, left = max(one.y0, other.y0), max(one.x0, other.x0)
    bottom = min(one.y0 + height, other.y0 + other_height)
    right = min(one.x0 + width, other.x0 + other_width)
    if top >= bottom or left >= right:
        return 0
    mine = one.inside[top - one.y0 : bottom - one.y0, left - one.x0 : right - one.x0]
    theirs = other.inside[top - other.y0 : bottom - other.y0, left - other.x0 : right - other.x0]
    return int(np.count_nonzero(mine & theirs))


@dataclass(frozen=True)
class _Wings:
    """The source whose wings matter and how far they do [arcsec]."""

    source: Detection
    reach_arcsec: float


def _wings(module: LiveModule, source: PixelMask, background: PixelMask) -> Iterator[Finding]:
    wings = _strongest(module, source)
    if wings is None or not background.n_pixels:
        return
    above = f"{CLEAN_LEVEL - 1:.0%}"
    if math.isinf(wings.reach_arcsec):
        text = (
            f"the source is so bright that its light is more than {above} of the background "
            "everywhere in the field, so too much is subtracted. Draw it as far away as the field "
            "allows, or take the background from another pointing."
        )
        yield Finding("in-wings", f"Background: {text}", "note")
        return
    share = _share_within(module.grid, background, wings)
    if share > NOTICEABLE:
        text = (
            f"{share:.0%} of it lies within {wings.reach_arcsec:.0f} arcsec of the source, where "
            f"its light is still more than {above} of the background, so too much is subtracted. "
            "Move it further away, or take the suggested background."
        )
        yield Finding("in-wings", f"Background: {text}", "note")


def _strongest(module: LiveModule, source: PixelMask) -> _Wings | None:
    """Most significant source of a region, if it has wings that are known."""
    sources = _sources(module)
    for number in held(sources, source, module.grid):
        reach = module.surroundings.reaches_arcsec[number]
        return None if math.isnan(reach) else _Wings(sources[number], reach)
    return None


def _share_within(grid: SkyGrid, mask: PixelMask, wings: _Wings) -> float:
    height, width = mask.inside.shape
    dx = np.arange(width) + (mask.x0 + grid.x_min - wings.source.x)
    dy = np.arange(height) + (mask.y0 + grid.y_min - wings.source.y)
    near = dx[None, :] ** 2 + dy[:, None] ** 2 < (wings.reach_arcsec / grid.pixel_arcsec) ** 2
    return int(np.count_nonzero(near & mask.inside)) / mask.n_pixels


def _sources(module: LiveModule) -> tuple[Detection, ...]:
    try:
        return module.surroundings.sources
    except SelectionError:  # no event at all
        return ()
