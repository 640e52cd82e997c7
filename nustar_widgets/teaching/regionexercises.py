"""Exercises on regions, region files and good time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from nustar_widgets.errors import NustarWidgetsError, RegionError
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.regionfile import RegionFile
from nustar_widgets.events.regionlint import ProductFlags
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.significance import area_ratio, signal_to_noise
from nustar_widgets.events.suggest_flares import FlareSuggestion, suggest_flare_gti
from nustar_widgets.live.checks import check_regions
from nustar_widgets.live.module import LiveModule, Region, region_mask
from nustar_widgets.session.values import ModuleRegions
from nustar_widgets.teaching.bench import MODULE, Bench

# -- 1: the source ------------------------------------------------------------------------

RADIUS_ARCSEC: Final = (50.0, 110.0)
_NEAR_ARCSEC: Final = 15.0


def source_problems(bench: Bench) -> Iterator[str]:
    """Ask for one circle on the galaxy, neither small nor large."""
    module = bench.module
    circle = _circle(bench.session.regions.of(MODULE).source)
    if circle is None:
        yield (
            "the source region is to be one circle. In the sky panel press Best radius and take "
            "it, or double-click on the galaxy"
        )
        return
    away = _away_arcsec(module, circle)
    if away > _NEAR_ARCSEC:
        yield (
            f"the circle lies {away:.0f} arcsec from the galaxy. Drag it onto the bright spot, or "
            "press Centre on brightest"
        )
    low, high = RADIUS_ARCSEC
    if not low <= circle.radius_arcsec <= high:
        wanted = "Make it larger" if circle.radius_arcsec < low else "Make it smaller"
        yield (
            f"the radius is {circle.radius_arcsec:.0f} arcsec; between {low:.0f} and {high:.0f} is "
            f"asked for. {wanted}: drag its edge, or type the radius below the images"
        )


def source_praise(bench: Bench) -> str:
    """Tell how many counts the circle holds."""
    source = bench.counts.source
    held = 0 if source is None else source.band_counts
    return f"your circle holds {held} counts of {MODULE} in the band shown"


def _circle(region: object) -> SkyCircle | None:
    """Return the only shape of a region if it is a circle."""
    shapes = region.shapes if isinstance(region, SkyRegion) else ()
    first = shapes[0] if len(shapes) == 1 else None
    return first if isinstance(first, SkyCircle) else None


def _away_arcsec(module: LiveModule, circle: SkyCircle) -> float:
    """How far a circle lies from the brightest source of the field [arcsec]."""
    try:
        x, y = module.grid.sky_to_pixel(circle.ra_deg, circle.dec_deg)
    except RegionError:  # on the other side of the sky
        return math.inf
    source = module.surroundings.sources[0]
    return math.dist((x, y), (source.x, source.y)) * module.grid.pixel_arcsec


# -- 2: the background --------------------------------------------------------------------

_LEAST_AREA: Final = 0.5  # of the source region


def background_problems(bench: Bench) -> Iterator[str]:
    """Ask for a background that nothing speaks against, large enough."""
    module = bench.module
    regions = bench.session.regions.of(MODULE)
    if regions.source is None:
        yield "draw the source region first (exercise 1)"
        return
    if regions.background is None:
        yield "there is no background region. Press Background in the sky panel and take it"
        return
    for finding in check_regions(module, regions, flags=ProductFlags()):
        if finding.message.startswith("Background"):
            yield finding.message
    areas = [_held(module, region)[1] for region in (regions.source, regions.background)]
    ratio = area_ratio(*areas)
    if not ratio * _LEAST_AREA <= 1.0:
        yield (
            f"the source region is {ratio:.1f} times as large as the background: so few background "
            "counts make the difference noisy. Make the background larger"
        )


def background_praise(bench: Bench) -> str:
    """Tell what is left of the counts."""
    counts = bench.counts
    return f"{counts.net:.0f} net counts, with a signal-to-noise of {counts.signal_to_noise:.1f}"


# -- 3: the best radius -------------------------------------------------------------------

_AS_GOOD: Final = 0.998  # of the best signal-to-noise


def radius_problems(bench: Bench) -> Iterator[str]:
    """Ask for the radius [arcsec] with the best signal-to-noise over the session's background."""
    module = bench.module
    regions = bench.session.regions.of(MODULE)
    if _circle(regions.source) is None or regions.background is None:
        yield "it needs a circle on the source and a background: do exercises 1 and 2 first"
        return
    answer = _number(bench.answer)
    if answer is None or not 5.0 <= answer <= 300.0:
        yield f"{bench.answer!r}: give the radius in arcsec, a number from 5 to 300"
        return
    best, reached = _best_radius(module, regions), _signal_to_noise(module, regions, answer)
    if reached < _AS_GOOD * _signal_to_noise(module, regions, best):
        way = "larger" if answer < best else "smaller"
        yield (
            f"{answer:.0f} arcsec gives a signal-to-noise of {reached:.1f}, and there is better: "
            f"try a {way} radius. Drag the edge of the circle and watch S/N"
        )


def radius_praise(bench: Bench) -> str:
    """Tell what that radius gives."""
    module = bench.module
    regions = bench.session.regions.of(MODULE)
    reached = _signal_to_noise(module, regions, float(bench.answer))
    return f"{float(bench.answer):.0f} arcsec gives a signal-to-noise of {reached:.1f}"


def _number(answer: object) -> float | None:
    try:
        value = float(answer)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _best_radius(module: LiveModule, regions: ModuleRegions) -> float:
    radii = [float(radius) for radius in range(10, 201, 2)]
    return max(radii, key=lambda radius: _signal_to_noise(module, regions, radius))


def _signal_to_noise(module: LiveModule, regions: ModuleRegions, radius_arcsec: float) -> float:
    circle = _circle(regions.source)
    assert circle is not None  # the caller has looked
    sized = SkyRegion((replace(circle, radius_arcsec=radius_arcsec),))
    source, source_pixels = _held(module, sized)
    background, background_pixels = _held(module, regions.background)
    return signal_to_noise(source, background, area_ratio(source_pixels, background_pixels))


def _held(module: LiveModule, region: Region | None) -> tuple[int, int]:
    """Return events in the band, and pixels; not by way of what a drag counts."""
    assert region is not None  # the caller has looked
    mask = region_mask(region, module.grid)
    return module.binned.counts(mask)[1], mask.n_pixels


# -- 4: a region file ---------------------------------------------------------------------

BROKEN_REGION: Final = '-circle(321.9600,56.9600,20")\ncircle(321.9362,56.9440,95")\n'
"""A circle with a hole, as one might write it: two traps."""

_MEANT: Final = 'fk5\ncircle(321.9362,56.9440,95")\n-circle(321.9600,56.9600,20")\n'


def file_problems(bench: Bench) -> Iterator[str]:
    """Ask for the text of a region file, mended."""
    module = bench.module
    if not isinstance(bench.answer, str):
        yield "give the text of the region file, as workshop.check(4, text)"
        return
    file, meant = RegionFile.from_text(bench.answer), RegionFile.from_text(_MEANT)
    traps = file.traps(module.grid)
    yield from (f"{trap.reason}. {trap.remedy}" for trap in traps)
    if traps:
        return
    try:
        found, wanted = (
            region_mask(item.as_meant(module.grid), module.grid) for item in (file, meant)
        )
    except NustarWidgetsError as problem:
        yield str(problem)
        return
    if found.n_pixels != wanted.n_pixels:
        yield (
            f"HEASoft reads it without a trap now, but it selects {found.n_pixels} pixels instead "
            f"of {wanted.n_pixels}: the circle of 95 arcsec less the hole of 20 arcsec is wanted"
        )


def file_praise(bench: Bench) -> str:
    """Tell that both read the same."""
    return "DS9 and HEASoft read the same circle with the same hole"


# -- 5: flares ----------------------------------------------------------------------------

_STAYS: Final = 0.25  # of the flares' time may stay
_MORE: Final = 2.0  # times the flares' time may go


def flare_problems(bench: Bench) -> Iterator[str]:
    """Ask for good time without the flares of the background, and with nearly all else."""
    module = bench.module
    if not bench.session.user_gti:
        yield (
            "all good time is still there. Press Flares ... in the light curve panel, then Cut the "
            "flares out; or mark the intervals by hand"
        )
        return
    flares, kept = _flares(module), Gti.from_pairs(bench.session.user_gti)
    good = module.events.gti
    stays, lost = (flares.flares & kept).duration_s, (good - kept).duration_s
    if stays > _STAYS * flares.lost_s:
        yield (
            f"{stays:.0f} s of the flares' {flares.lost_s:.0f} s are still in. Look at the "
            "background curve under Flares ... and cut what rises above the line"
        )
    if lost > _MORE * flares.lost_s:
        yield (
            f"{lost:.0f} s of good time are gone, and the flares last {flares.lost_s:.0f} s: cut "
            "closer to them (Undo takes the last cut back)"
        )


def flare_praise(bench: Bench) -> str:
    """Tell how much good time is left."""
    module = bench.module
    kept = module.events.gti & Gti.from_pairs(bench.session.user_gti)
    lost = module.events.gti.duration_s - kept.duration_s
    return f"{kept.duration_s:.0f} s of good time are left; the cut costs {lost:.0f} s"


def _flares(module: LiveModule) -> FlareSuggestion:
    return suggest_flare_gti(module.events)
