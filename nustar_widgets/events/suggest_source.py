"""Suggesting a source region: the smallest circle that is as good as the best.

Signal-to-noise grows with the radius while light outweighs background, then falls. Around its top
the curve is flat, often over a factor of two in radius; the small end of that plateau has less
background, fewer chips and gaps, and nearly the same signal-to-noise, so that is what is suggested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import RegionError, SelectionError
from nustar_widgets.events.coverage import NOTICEABLE, coverage_of
from nustar_widgets.events.detection import Detection, brightest, centroid, find_sources
from nustar_widgets.events.extract import BAND_DEFAULT
from nustar_widgets.events.fieldmap import FieldMap
from nustar_widgets.events.radialprofile import RadialProfile, radial_profile
from nustar_widgets.events.regions import PixelCircle, PixelRegion, SkyCircle, SkyRegion
from nustar_widgets.instrument import SKY_PIXEL_ARCSEC

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.events.eventlist import EventList
    from nustar_widgets.events.skygrid import SkyGrid

GOOD_ENOUGH: Final = 0.98  # of the best signal-to-noise
LEAST_RADIUS_ARCSEC: Final = 10
_LEAST_BEST: Final = 3.0  # sigma
# Half of a point source's light lies within 29 arcsec (Harrison et al. 2013, ApJ 770, 103).
_POINT_HALF_LIGHT_ARCSEC: Final = 29.0
_EXTENDED: Final = 1.6  # times that
_LARGEST_PIXEL_ARCSEC: Final = 60.0


@dataclass(frozen=True, eq=False)
class SignalToNoiseCurve:
    """Signal-to-noise of circles around one place.

    Parameters
    ----------
    radius_arcsec
        (n,) radii, whole arcsec.
    signal_to_noise
        (n,) net counts over their error, (C - a B) / sqrt(C + a^2 B).
    counts
        (n,) events in each circle.
    pixels
        (n,) covered pixels in each circle.
    background_counts, background_pixels
        B and its area: the far part of the field.
    """

    radius_arcsec: NDArray[np.float64]
    signal_to_noise: NDArray[np.float64]
    counts: NDArray[np.int64]
    pixels: NDArray[np.int64]
    background_counts: int
    background_pixels: int

    @property
    def best(self) -> int:
        """Index of the best radius."""
        return int(np.argmax(self.signal_to_noise))

    @property
    def smallest_good(self) -> int:
        """Index of the smallest radius with 98 % of the best signal-to-noise."""
        good = self.signal_to_noise >= GOOD_ENOUGH * self.signal_to_noise[self.best]
        return int(np.argmax(good))

    def net_counts(self) -> NDArray[np.float64]:
        """(n,) counts above the background in each circle."""
        return self.counts - self.pixels * (self.background_counts / self.background_pixels)


@dataclass(frozen=True, eq=False, kw_only=True)
class SourceSuggestion:
    """A source region and why.

    Parameters
    ----------
    region
        One circle.
    x, y
        Its centre, sky pixel.
    radius_arcsec
        Its radius [arcsec].
    curve
        Signal-to-noise of every radius looked at.
    reason
        Why this one, in words.
    messages
        What to watch out for: gaps, edges, extent.
    """

    region: SkyRegion
    x: float
    y: float
    radius_arcsec: float
    curve: SignalToNoiseCurve
    reason: str
    messages: tuple[str, ...] = ()


def suggest_source_region(
    events: EventList,
    *,
    position: tuple[float, float] | None = None,
    band: tuple[int, int] = BAND_DEFAULT,
    field: FieldMap | None = None,
) -> SourceSuggestion:
    """Suggest a circle around a source.

    Parameters
    ----------
    events
        The event list.
    position
        Right ascension and declination near the source [deg]; the brightest source if ``None``.
        The centre is moved to the centroid of the events there.
    band
        First and last PI channel to count.
    field
        The field of these events, if made already (with its own band).

    Raises
    ------
    SelectionError
        No source stands out, or its background cannot be measured.
    """
    field = field or FieldMap.of(events, band=band)
    x, y = source_centre(field, position)
    others = other_sources(find_sources(field), x, y)
    profile = radial_profile(field, x, y, others=others)
    curve = signal_to_noise_curve(profile)
    radius = good_radius_arcsec(curve)
    ra_deg, dec_deg = field.grid.pixel_to_sky(x, y)
    return SourceSuggestion(
        region=SkyRegion((SkyCircle(ra_deg, dec_deg, radius),)),
        x=x,
        y=y,
        radius_arcsec=radius,
        curve=curve,
        reason=reason_for_radius(curve),
        messages=(
            *_placement(field, x, y, radius),
            *_company(field, x, y, radius, others=others),
            *_extent(curve),
        ),
    )


def source_centre(field: FieldMap, position: tuple[float, float] | None) -> tuple[float, float]:
    """Sky pixel of the source at a position, or of the brightest one.

    Parameters
    ----------
    field
        The field.
    position
        Right ascension and declination [deg], or ``None``.

    Raises
    ------
    SelectionError
        The position lies outside the field, no source stands out, or the sky coordinates are
        not equatorial ones.
    """
    check_pixel_size(field.grid)
    if position is None:
        source = brightest(field)
        return source.x, source.y
    try:
        x, y = field.grid.sky_to_pixel(*position)
    except RegionError:  # on the other side of the sky
        raise _outside(position) from None
    if not np.any(field.inside & (field.distance2(x, y) < 1.0)):
        raise _outside(position)
    return centroid(field, x, y)


def _outside(position: tuple[float, float]) -> SelectionError:
    return SelectionError(
        f"RA {position[0]:.5f}, Dec {position[1]:.5f} deg lies outside the field of these "
        "events. Check the coordinates, or pick the source on the image."
    )


def check_pixel_size(grid: SkyGrid) -> None:
    """Refuse solar event lists, whose sky plane is in arcsec from the Sun's centre.

    Parameters
    ----------
    grid
        The sky plane.

    Raises
    ------
    SelectionError
        Its pixels are far too large for a sky plane.
    """
    if grid.pixel_arcsec > _LARGEST_PIXEL_ARCSEC:
        raise SelectionError(
            f"the sky pixels measure {grid.pixel_arcsec:.0f} arcsec by their header "
            f"(TCDLT): expected about {SKY_PIXEL_ARCSEC:.2f}. In heliocentric event lists X and Y "
            "count arcsec from the Sun, not degrees on the sky. Use the event list from before "
            "that conversion, or draw the region in pixels."
        )


def other_sources(sources: tuple[Detection, ...], x: float, y: float) -> tuple[Detection, ...]:
    """Return the sources that are not the one at a place.

    Parameters
    ----------
    sources
        All detections.
    x, y
        The place, sky pixel.
    """
    return tuple(source for source in sources if math.dist((source.x, source.y), (x, y)) > 13.0)


def signal_to_noise_curve(profile: RadialProfile) -> SignalToNoiseCurve:
    """Signal-to-noise of every whole-arcsec radius from 10 arcsec to the far part of the field.

    Parameters
    ----------
    profile
        Counts around the source, and the far background.
    """
    last = max(profile.far_from * profile.pixel_arcsec, LEAST_RADIUS_ARCSEC + 1)
    radii = np.arange(LEAST_RADIUS_ARCSEC, math.floor(last) + 1, dtype=np.float64)
    counts, pixels = profile.within(radii)
    ratio = pixels / profile.far_pixels
    variance = counts + ratio**2 * profile.far_counts
    net = counts - ratio * profile.far_counts
    signal = np.divide(net, np.sqrt(variance), out=np.zeros_like(net), where=variance > 0)
    return SignalToNoiseCurve(radii, signal, counts, pixels, profile.far_counts, profile.far_pixels)


def good_radius_arcsec(curve: SignalToNoiseCurve) -> float:
    """Smallest radius that is as good as the best [arcsec].

    Parameters
    ----------
    curve
        Signal-to-noise around the place.

    Raises
    ------
    SelectionError
        No radius is good: there is no source at this place.
    """
    best = curve.signal_to_noise[curve.best]
    if not best >= _LEAST_BEST:
        raise SelectionError(
            f"no circle at this place reaches {_LEAST_BEST:g} sigma (best: {best:.1f}). Give "
            "another position, widen the energy band, or draw the region by hand."
        )
    return float(curve.radius_arcsec[curve.smallest_good])


def reason_for_radius(curve: SignalToNoiseCurve) -> str:
    """Say why that radius is suggested.

    Parameters
    ----------
    curve
        Signal-to-noise around the place.
    """
    best, chosen = curve.best, curve.smallest_good
    signal, radii = curve.signal_to_noise, curve.radius_arcsec
    return (
        f"{radii[chosen]:.0f} arcsec is the smallest radius with at least {GOOD_ENOUGH:.0%} of "
        f"the best signal-to-noise: {signal[chosen]:.1f}, against {signal[best]:.1f} at "
        f"{radii[best]:.0f} arcsec. {curve.net_counts()[chosen]:.0f} net counts of "
        f"{curve.counts[chosen]}."
    )


def _placement(field: FieldMap, x: float, y: float, radius_arcsec: float) -> tuple[str, ...]:
    """Warnings about a circle that leaves the field or lies on several chips."""
    circle = PixelRegion((PixelCircle(x, y, radius_arcsec / field.grid.pixel_arcsec),))
    cover = coverage_of(field, circle.mask(field.grid))
    messages = []
    if cover.outside > NOTICEABLE:
        messages.append(
            f"{cover.outside:.0%} of the circle lies outside the field: areas and fluxes need the "
            "exposure map."
        )
    if len(cover.chips) > 1:
        crossed = ", ".join(f"DET{chip}" for chip in cover.chips)
        messages.append(
            f"the circle crosses the gap between {crossed}: areas and fluxes need the exposure map."
        )
    return tuple(messages)


def _company(
    field: FieldMap,
    x: float,
    y: float,
    radius_arcsec: float,
    *,
    others: tuple[Detection, ...],
) -> tuple[str, ...]:
    """Warn of other sources in the circle."""
    away = [math.dist((other.x, other.y), (x, y)) * field.grid.pixel_arcsec for other in others]
    return tuple(
        f"another source lies {distance:.0f} arcsec from the centre, inside the circle: exclude "
        "it, or make the circle smaller."
        for distance in sorted(away)
        if distance < radius_arcsec
    )


def _extent(curve: SignalToNoiseCurve) -> tuple[str, ...]:
    """Warn when the light is spread wider than the point-spread function."""
    net = curve.net_counts()
    half = float(curve.radius_arcsec[np.argmax(net >= 0.5 * net[curve.best])])
    if half <= _EXTENDED * _POINT_HALF_LIGHT_ARCSEC:
        return ()
    return (
        f"half of the light lies within {half:.0f} arcsec, of a point source within "
        f"{_POINT_HALF_LIGHT_ARCSEC:.0f}: it looks extended, and a point-source ARF does not "
        "apply (nuproducts: extended=yes).",
    )
