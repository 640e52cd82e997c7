"""Suggesting good time without background flares.

Near the South Atlantic Anomaly and in solar storms the background rises for minutes. The light
curve of a region without sources shows it: bins above median + k sigma, with sigma from the median
absolute deviation of the bins kept, repeated until nothing changes, are cut out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.extract import extract_light_curve
from nustar_widgets.events.fieldmap import FieldMap
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.radialprofile import radial_profile
from nustar_widgets.events.suggest_source import source_centre
from nustar_widgets.instrument import N_CHANNELS, PI_LOW_DEFAULT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.events.eventlist import EventList
    from nustar_widgets.events.lightcurve import LightCurve
    from nustar_widgets.events.pixelmask import PixelMask
    from nustar_widgets.events.regions import SkyRegion

BIN_S_DEFAULT: Final = 100.0
K_DEFAULT: Final = 4.0
FLARE_BAND: Final = (PI_LOW_DEFAULT, N_CHANNELS - 1)  # 3-165 keV: flares are hard
_MAD_TO_SIGMA: Final = 1.4826  # of a normal distribution
_LEAST_BINS: Final = 8
_LEAST_FRACEXP: Final = 0.3
_LEAST_COUNTS: Final = 4
_ROUNDS: Final = 50


@dataclass(frozen=True, eq=False, kw_only=True)
class FlareSuggestion:
    """Good time without flares and why.

    Parameters
    ----------
    good
        Intervals to keep; the event list's own where nothing flares.
    flares
        Intervals to leave out; none where nothing flares.
    threshold
        Rate above which a bin is a flare [count/s].
    median, sigma
        Of the bins kept [count/s].
    curve
        The background light curve that was judged.
    lost_s
        Good time given up [s].
    reason
        What was found, in words.
    messages
        What to watch out for.
    """

    good: Gti
    flares: Gti
    threshold: float
    median: float
    sigma: float
    curve: LightCurve
    lost_s: float
    reason: str
    messages: tuple[str, ...] = ()


def suggest_flare_gti(
    events: EventList,
    *,
    region: SkyRegion | None = None,
    bin_s: float = BIN_S_DEFAULT,
    k: float = K_DEFAULT,
    band: tuple[int, int] = FLARE_BAND,
) -> FlareSuggestion:
    """Suggest good time intervals without background flares.

    Parameters
    ----------
    events
        The event list.
    region
        Background region; if ``None`` the whole field away from the brightest source.
    bin_s
        Bin of the light curve [s].
    k
        Threshold above the median, in sigma.
    band
        First and last PI channel to count.

    Raises
    ------
    SelectionError
        Too few counts or too few bins to judge by, or nothing would be left.
    """
    curve, messages = background_curve(events, region=region, bin_s=bin_s, band=band)
    return judge_flares(curve, events.gti, k=k, messages=messages)


def background_curve(
    events: EventList,
    *,
    region: SkyRegion | None = None,
    bin_s: float = BIN_S_DEFAULT,
    band: tuple[int, int] = FLARE_BAND,
) -> tuple[LightCurve, tuple[str, ...]]:
    """Light curve flares are judged by, and what to watch out for.

    Parameters
    ----------
    events
        The event list.
    region
        Background region; if ``None`` the whole field away from the brightest source.
    bin_s
        Bin of the light curve [s].
    band
        First and last PI channel to count.

    Raises
    ------
    SelectionError
        The bin size cannot be used.
    """
    mask, messages = _background_pixels(events, region)
    return extract_light_curve(events, mask, bin_s=bin_s, band=band), messages


def judge_flares(
    curve: LightCurve, gti: Gti, *, k: float = K_DEFAULT, messages: tuple[str, ...] = ()
) -> FlareSuggestion:
    """Suggest good time by a background light curve; quick, so that k can follow a slider.

    Parameters
    ----------
    curve
        Background light curve.
    gti
        Good time intervals it was made of.
    k
        Threshold above the median, in sigma.
    messages
        What to watch out for, passed on.

    Raises
    ------
    SelectionError
        Too few counts or too few bins to judge by, or nothing would be left.
    """
    used = curve.fracexp >= _LEAST_FRACEXP
    if np.count_nonzero(used) < _LEAST_BINS:
        raise SelectionError(
            f"{np.count_nonzero(used)} bins of {curve.bin_s:g} s: expected {_LEAST_BINS} or more "
            "to tell a flare from the usual. Use shorter bins or set the intervals by hand."
        )
    _check_counts(curve, used)
    rate = curve.rate.astype(np.float64)
    median, sigma = _usual(rate[used], curve.exposure_s[used])
    threshold = median + k * sigma
    flares = _intervals(gti, curve, rate > _limits(curve, median, sigma=sigma, k=k))
    good = gti - flares
    if not len(good):
        raise SelectionError(
            f"every bin lies above {threshold:.3g} count/s: nothing would be left. Raise k "
            f"(now {k:g}) or set the intervals by hand."
        )
    lost = gti.duration_s - good.duration_s
    return FlareSuggestion(
        good=good,
        flares=flares,
        threshold=threshold,
        median=median,
        sigma=sigma,
        curve=curve,
        lost_s=lost,
        reason=_reason(flares, lost, median=median, threshold=threshold, k=k),
        messages=messages,
    )


def _check_counts(curve: LightCurve, used: NDArray[np.bool_]) -> None:
    """Refuse bins with so few counts that chance alone makes flares."""
    typical = float(np.median(curve.counts[used]))
    if typical >= _LEAST_COUNTS:
        return
    raise SelectionError(
        f"a bin of {curve.bin_s:g} s usually holds {typical:g} background counts: expected "
        f"{_LEAST_COUNTS} or more to tell a flare from chance. Use longer bins, a larger region "
        "or a wider band."
    )


def _background_pixels(
    events: EventList, region: SkyRegion | None
) -> tuple[PixelMask, tuple[str, ...]]:
    if region is not None:
        return region.to_pixel(events.grid).mask(events.grid), ()
    field = FieldMap.of(events)
    try:
        x, y = source_centre(field, None)
        clean = radial_profile(field, x, y).clean_radius_arcsec() / field.grid.pixel_arcsec
    except SelectionError as reason:
        everywhere = np.ones(field.inside.shape, dtype=np.bool_)
        return field.only(everywhere), (
            f"the whole field is judged, sources included, because: {reason}",
        )
    return field.only(field.distance2(x, y) > clean**2), ()


def _usual(rate: NDArray[np.float64], exposure_s: NDArray[np.float64]) -> tuple[float, float]:
    """Median and sigma of the bins that do not stand out; never below the Poisson error."""
    kept = np.ones(rate.size, dtype=np.bool_)
    median = sigma = 0.0
    for _ in range(_ROUNDS):
        median = float(np.median(rate[kept]))
        spread = _MAD_TO_SIGMA * float(np.median(np.abs(rate[kept] - median)))
        # A bin of few counts has error 1 count at least.
        typical = float(np.median(exposure_s[kept]))
        poisson = math.sqrt(max(median * typical, 1.0)) / typical
        sigma = max(spread, poisson)
        stays = rate <= median + 3.0 * sigma
        if np.array_equal(stays, kept):
            break
        kept = stays
    return median, sigma


def _limits(curve: LightCurve, median: float, *, sigma: float, k: float) -> NDArray[np.float64]:
    """(n,) threshold of each bin: a short one is allowed its own, larger Poisson error."""
    own = np.sqrt(np.maximum(median * curve.exposure_s, 1.0)) / curve.exposure_s
    return median + k * np.maximum(sigma, own)


def _intervals(gti: Gti, curve: LightCurve, flaring: NDArray[np.bool_]) -> Gti:
    """Good time inside flaring bins, neighbours joined."""
    start = curve.time_s[flaring] + (curve.timezero - 0.5 * curve.bin_s)
    return gti & Gti.of(start, start + curve.bin_s)


def _reason(flares: Gti, lost_s: float, *, median: float, threshold: float, k: float) -> str:
    usual = f"the background is usually {median:.3g} count/s"
    if not len(flares):
        return f"no flare: {usual} and never above {threshold:.3g} (median + {k:g} sigma)."
    return (
        f"{len(flares)} intervals above {threshold:.3g} count/s (median + {k:g} sigma), where "
        f"{usual}: {lost_s:.0f} s of good time given up."
    )
