"""Suggesting a background region: the largest clean circle on the source's own chip.

Each chip has its own background, so the same chip comes first. Clean means: inside the field,
where the source's profile has come down to the far level, and away from other sources.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import ndimage

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.detection import Detection, find_sources
from nustar_widgets.events.extract import BAND_DEFAULT
from nustar_widgets.events.fieldmap import NO_CHIP, FieldMap
from nustar_widgets.events.radialprofile import CLEAN_LEVEL, RadialProfile, radial_profile
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.suggest_source import other_sources, source_centre

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.events.eventlist import EventList

LEAST_RADIUS_ARCSEC: Final = 30
_EDGE: Final = 5.0  # pixels kept from the rim of field and chip
_OTHER_SOURCES: Final = 25.0  # pixels kept from other sources
_CORE: Final = 10.0  # pixels around the source that tell its chip


@dataclass(frozen=True, eq=False, kw_only=True)
class BackgroundSuggestion:
    """A background region and why.

    Parameters
    ----------
    region
        One circle.
    x, y
        Its centre, sky pixel.
    radius_arcsec
        Its radius [arcsec].
    chip
        DET_ID of its chip; ``None`` if it lies on several or the file does not tell.
    counts
        Events in it.
    clean_radius_arcsec
        Distance from which the source no longer matters [arcsec].
    reason
        Why this one, in words.
    messages
        What to watch out for.
    """

    region: SkyRegion
    x: float
    y: float
    radius_arcsec: float
    chip: int | None
    counts: int
    clean_radius_arcsec: float
    reason: str
    messages: tuple[str, ...] = ()


def suggest_background(
    events: EventList,
    *,
    position: tuple[float, float] | None = None,
    band: tuple[int, int] = BAND_DEFAULT,
    field: FieldMap | None = None,
) -> BackgroundSuggestion:
    """Suggest a background circle for a source.

    Parameters
    ----------
    events
        The event list.
    position
        Right ascension and declination near the source [deg]; the brightest source if ``None``.
    band
        First and last PI channel to look at.
    field
        The field of these events, if made already (with its own band).

    Raises
    ------
    SelectionError
        There is no room for a background in these events, or no source to keep away from.
    """
    field = field or FieldMap.of(events, band=band)
    x, y = source_centre(field, position)
    others = other_sources(find_sources(field), x, y)
    profile = radial_profile(field, x, y, others=others)
    clean = profile.clean_radius_arcsec()
    allowed = _allowed(field, x, y, clean_arcsec=clean, others=others)
    chip = _chip_at(field, x, y)
    room = _largest_circle(field, allowed & (field.chip == chip))
    messages: tuple[str, ...] = ()
    if room.radius_arcsec < LEAST_RADIUS_ARCSEC:
        wider = _largest_circle(field, allowed)
        if wider.radius_arcsec < LEAST_RADIUS_ARCSEC:
            raise _no_room(wider.radius_arcsec, clean)
        messages = (
            f"the source's own chip DET{chip} has no room left: this circle lies elsewhere, "
            "where the background may differ by some ten per cent.",
        )
        room, chip = wider, _chip_at(field, wider.x, wider.y)
    return _suggestion(field, room, profile, clean=clean, chip=chip, messages=messages)


@dataclass(frozen=True)
class _Circle:
    x: float
    y: float
    radius_arcsec: float


def _allowed(
    field: FieldMap,
    x: float,
    y: float,
    *,
    clean_arcsec: float,
    others: tuple[Detection, ...],
) -> NDArray[np.bool_]:
    """Pixels of the field that no source reaches."""
    clean = clean_arcsec / field.grid.pixel_arcsec
    allowed = field.inside & (field.distance2(x, y) > clean**2)
    for other in others:
        allowed &= field.distance2(other.x, other.y) > _OTHER_SOURCES**2
    return allowed


def _chip_at(field: FieldMap, x: float, y: float) -> int:
    near = field.chip[field.distance2(x, y) <= _CORE**2]
    near = near[near != NO_CHIP]
    return int(np.bincount(near).argmax()) if near.size else 0


def _largest_circle(field: FieldMap, allowed: NDArray[np.bool_]) -> _Circle:
    """Largest circle within a set of pixels, less a rim; radius 0 if there is none."""
    distance = ndimage.distance_transform_edt(np.pad(allowed, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(distance)), distance.shape)
    x, y = field.to_plane(float(row), float(column))
    radius = max(float(distance[row, column]) - _EDGE, 0.0) * field.grid.pixel_arcsec
    return _Circle(x, y, float(math.floor(radius)))


def _suggestion(
    field: FieldMap,
    circle: _Circle,
    profile: RadialProfile,
    *,
    clean: float,
    chip: int,
    messages: tuple[str, ...],
) -> BackgroundSuggestion:
    ra_deg, dec_deg = field.grid.pixel_to_sky(circle.x, circle.y)
    inside = (
        field.distance2(circle.x, circle.y) <= (circle.radius_arcsec / field.grid.pixel_arcsec) ** 2
    )
    counts, pixels = int(field.counts[inside].sum()), int(np.count_nonzero(inside))
    known = None if field.per_chip is None else chip
    where = "in the field" if known is None else f"on DET{known}"
    reason = (
        f"the largest circle {where} that stays {clean:.0f} arcsec from the source, where its "
        f"profile has fallen below {CLEAN_LEVEL:g} of the far level, and clear of edges and other "
        f"sources: {counts} counts in {pixels} pixels, {counts / pixels:.3g} per pixel against "
        f"{profile.far_level:.3g} in the far field."
    )
    return BackgroundSuggestion(
        region=SkyRegion((SkyCircle(ra_deg, dec_deg, circle.radius_arcsec),)),
        x=circle.x,
        y=circle.y,
        radius_arcsec=circle.radius_arcsec,
        chip=known,
        counts=counts,
        clean_radius_arcsec=clean,
        reason=reason,
        messages=messages,
    )


def _no_room(radius_arcsec: float, clean_arcsec: float) -> SelectionError:
    return SelectionError(
        f"no room for a background circle: the largest clean one has {radius_arcsec:.0f} arcsec, "
        f"expected {LEAST_RADIUS_ARCSEC} or more, {clean_arcsec:.0f} arcsec away from the source. "
        "Draw the background by hand, or give an event list that is not cut to a region."
    )
