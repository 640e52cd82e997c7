"""Regions of a run: given, or suggested; safe in HEASoft, and with something in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nustar_widgets.analysis.inputs import Inputs
from nustar_widgets.analysis.request import Request
from nustar_widgets.errors import NustarWidgetsError, RegionError, SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_spectrum
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regionfile import RegionFile, read_region_file
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.suggest import (
    FieldMap,
    SourceSuggestion,
    suggest_background,
    suggest_source_region,
)
from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.session.values import ModuleRegions, RegionText, region_text


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice:
    """The regions of one module and where they came from.

    Attributes
    ----------
    regions
        For the session.
    source_mask, background_mask
        Their pixels.
    suggestion
        The source suggestion, with its signal-to-noise curve, if it was one.
    reasons
        Why these regions, in words.
    cautions
        What to watch out for.
    """

    regions: ModuleRegions
    source_mask: PixelMask
    background_mask: PixelMask | None
    suggestion: SourceSuggestion | None
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Part:
    """One region with what is to be said of it."""

    region: SkyRegion | RegionText | None
    reason: str
    cautions: tuple[str, ...] = ()
    suggestion: SourceSuggestion | None = None


def choose_regions(
    request: Request, inputs: Inputs, progress: Callable[[str], None]
) -> dict[str, Choice]:
    """Choose the regions of every module.

    Raises
    ------
    RegionError
        A region file cannot be used, or HEASoft would read it as something else.
    SelectionError
        A region is empty: no pixel, or no event.
    """
    progress("regions")
    fields = {module: _field(events, request) for module, events in inputs.events.items()}
    sources = {
        module: _source(request, events, fields[module]) for module, events in inputs.events.items()
    }
    radius = request.radius_arcsec or _common_radius(list(sources.values()))
    choices = {}
    for module, events in inputs.events.items():
        source = _with_radius(sources[module], radius)
        background = _background(request, events, fields[module], source)
        choices[module] = _finished(request, events, source, background)
    return choices


def _field(events: EventList, request: Request) -> FieldMap | None:
    try:
        return FieldMap.of(events, band=kev_to_pi_range(*request.band_kev))
    except NustarWidgetsError:  # nothing in the band: the suggestion will say so
        return None


def _source(request: Request, events: EventList, field: FieldMap | None) -> _Part:
    if request.source is not None:
        return _given(request.source, events, as_heasoft=request.as_heasoft)
    band = kev_to_pi_range(*request.band_kev)
    try:
        found = suggest_source_region(events, band=band, field=field)
    except SelectionError as problem:
        return _everything(events, str(problem))
    return _Part(found.region, f"source: {found.reason}", found.messages, found)


def _background(
    request: Request, events: EventList, field: FieldMap | None, source: _Part
) -> _Part:
    if request.background is not None:
        return _given(request.background, events, as_heasoft=request.as_heasoft)
    mask = _mask(source.region, events)
    try:
        found = suggest_background(
            events,
            position=_centre(mask, events),
            band=kev_to_pi_range(*request.band_kev),
            field=field,
        )
    except SelectionError as problem:
        caution = f"no background: {problem} Spectrum and light curve hold source and background."
        return _Part(None, "background: none", (caution,))
    return _Part(found.region, f"background: {found.reason}", found.messages)


def _given(path: Path, events: EventList, *, as_heasoft: bool) -> _Part:
    file = read_region_file(path)
    cautions: tuple[str, ...] = ()
    if as_heasoft:
        reading = file.as_heasoft(events.grid)
        if reading.outcome == "crash":
            raise RegionError(
                f"{path}: {reading.reason}, and HEASoft crashes on it; draw one shape"
            )
        cautions = tuple(f"{path.name}: {trap.reason}" for trap in file.traps(events.grid))
    else:
        file.require_safe(events.grid)
    return _Part(RegionText(text=file.text, origin=str(path)), f"region file {path}", cautions)


def _everything(events: EventList, why: str) -> _Part:
    """Take a circle around every event, where a file is too small or too odd to suggest one."""
    grid = events.grid
    placed = (events.x >= grid.x_min) & (events.y >= grid.y_min) & (events.pi >= 0)
    placed &= (events.x < grid.x_min + grid.nx) & (events.y < grid.y_min + grid.ny)
    if not placed.any():
        raise SelectionError(f"{events.path}: no event has a sky position; nothing to extract")
    x, y = events.x[placed].astype(float), events.y[placed].astype(float)
    centre = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    radius = float(np.hypot(x - centre[0], y - centre[1]).max()) + 1.0
    text = f"image\ncircle({centre[0]:.1f},{centre[1]:.1f},{radius:.1f})\n"
    caution = f"no source region could be suggested: {why} The circle holds every event."
    return _Part(RegionText(text=text, origin="all events"), "source: all events", (caution,))


def _common_radius(parts: list[_Part]) -> float | None:
    """Return the largest suggested radius, so that both modules see the same part of the source."""
    radii = [part.suggestion.radius_arcsec for part in parts if part.suggestion is not None]
    return max(radii, default=None)


def _with_radius(part: _Part, radius_arcsec: float | None) -> _Part:
    if part.suggestion is None or radius_arcsec is None:
        return part
    circle = part.suggestion.region.shapes[0]
    assert isinstance(circle, SkyCircle)  # what suggest_source_region gives
    if circle.radius_arcsec == radius_arcsec:
        return part
    region = SkyRegion((SkyCircle(circle.ra_deg, circle.dec_deg, radius_arcsec),))
    reason = f"{part.reason} Radius set to {radius_arcsec:g} arcsec, alike in all modules."
    return _Part(region, reason, part.cautions, part.suggestion)


def _mask(region: SkyRegion | RegionText | None, events: EventList) -> PixelMask:
    if region is None:
        return PixelMask.nothing()
    return RegionFile.from_text(region_text(region)).as_heasoft(events.grid).mask(events.grid)


def _centre(mask: PixelMask, events: EventList) -> tuple[float, float] | None:
    """Middle of a region on the sky [deg]; ``None`` for an empty one."""
    rows, columns = np.nonzero(mask.inside)
    if not rows.size:
        return None
    x = events.grid.x_min + mask.x0 + float(columns.mean())
    y = events.grid.y_min + mask.y0 + float(rows.mean())
    return events.grid.pixel_to_sky(x, y)


def _finished(request: Request, events: EventList, source: _Part, background: _Part) -> Choice:
    masks = _mask(source.region, events), _mask(background.region, events)
    if not request.as_heasoft:
        _check_not_empty("source", source, masks[0], events)
        if background.region is not None:
            _check_not_empty("background", background, masks[1], events)
    return Choice(
        regions=ModuleRegions(source=source.region, background=background.region),
        source_mask=masks[0],
        background_mask=None if background.region is None else masks[1],
        suggestion=source.suggestion,
        reasons=(source.reason, background.reason),
        cautions=(*source.cautions, *background.cautions),
    )


def _check_not_empty(role: str, part: _Part, mask: PixelMask, events: EventList) -> None:
    origin = part.region.origin if isinstance(part.region, RegionText) else "suggested"
    where = f"{role} region ({origin}) on {events.path.name}"
    if mask.n_pixels == 0:
        raise SelectionError(
            f"{where}: it holds no sky pixel: it lies outside the field or has no area. Expected "
            f"pixels within X {events.grid.x_min}..{events.grid.x_min + events.grid.nx - 1}, "
            f"Y {events.grid.y_min}..{events.grid.y_min + events.grid.ny - 1}; draw it on the field"
        )
    if not extract_spectrum(events, mask).counts.any():
        raise SelectionError(
            f"{where}: its {mask.n_pixels} sky pixels hold no event. Draw it where the field has "
            "events"
        )
