"""Radial profile of a source, its signal-to-noise by radius, and how much of its light is inside.

All of it is counted from the events around the middle of the source region. No point-spread
function file is read: the encircled fraction is one of the net counts seen, and `FRACTION_LABEL`
says so wherever it is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import RegionError, SelectionError
from nustar_widgets.events.detection import Detection
from nustar_widgets.events.fieldmap import FieldMap
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.radialprofile import RadialProfile, radial_profile
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.events.shifting import centre_of
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.events.suggest_source import (
    SignalToNoiseCurve,
    good_radius_arcsec,
    signal_to_noise_curve,
)
from nustar_widgets.live.checks import held
from nustar_widgets.live.module import LiveModule, Region, region_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRACTION_LABEL: Final = "fraction of net counts (from the events, not from the PSF file)"
_FIRST_RING_ARCSEC: Final = 5.0  # two sky pixels
_RING_GROWTH: Final = 1.12
_SAME_SOURCE: Final = 13.0  # pixels: the box sources are found with


@dataclass(frozen=True, eq=False, kw_only=True)
class SourceProfile:
    """What the events around a place say.

    Attributes
    ----------
    ra_deg, dec_deg
        The place: centre of the source region [deg].
    radius_arcsec
        (n,) mean radius of each ring, by area [arcsec].
    inner_arcsec, outer_arcsec
        (n,) edges of the rings [arcsec].
    counts_per_arcsec2, error_per_arcsec2
        (n,) events and their Poisson error, per covered area [count/arcsec^2]; a ring without
        events has no error.
    background_per_arcsec2
        Level far from the source [count/arcsec^2].
    curve
        Signal-to-noise of circles of every radius.
    suggested_arcsec
        Smallest radius that is as good as the best [arcsec]; nan where no source stands out.
    encircled
        Net counts within each radius of `curve` over those within `total_arcsec`.
    total_arcsec
        Radius that holds all the net counts that can be told from the background [arcsec].
    region_radius_arcsec
        Radius of the region; of one that is no circle, that of the circle of its area [arcsec].
    region_fraction
        Encircled fraction at that radius, as nan where it is not known.
    """

    ra_deg: float
    dec_deg: float
    radius_arcsec: NDArray[np.float64]
    inner_arcsec: NDArray[np.float64]
    outer_arcsec: NDArray[np.float64]
    counts_per_arcsec2: NDArray[np.float64]
    error_per_arcsec2: NDArray[np.float64]
    background_per_arcsec2: float
    curve: SignalToNoiseCurve
    suggested_arcsec: float
    encircled: NDArray[np.float64]
    total_arcsec: float
    region_radius_arcsec: float
    region_fraction: float


def source_profile(module: LiveModule, region: Region) -> SourceProfile:
    """Measure the profile around a source region, in the band and intervals of the module.

    Parameters
    ----------
    module
        The module.
    region
        Its source region. Sources outside it are left out of the profile.

    Raises
    ------
    RegionError
        The region cannot be used, or holds no pixel.
    SelectionError
        The field does not reach far enough from it to know its background.
    """
    mask = region_mask(region, module.grid)
    x, y = middle_of(region, mask, module.grid)
    profile = radial_profile(module.field, x, y, others=_others(module, mask, x, y))
    return _measured(module.field, (x, y), profile, radius_arcsec=_radius_of(region, mask, module))


def middle_of(region: Region, mask: PixelMask, grid: SkyGrid) -> tuple[float, float]:
    """Sky pixel of the middle of a region.

    Parameters
    ----------
    region
        The region: the centre of its first shape, or of text, the mean of its pixels.
    mask
        Its pixels.
    grid
        The sky plane.

    Raises
    ------
    RegionError
        It holds no pixel.
    """
    if not mask.n_pixels:
        raise RegionError(
            "source region: it holds no sky pixel, so there is no profile around it. Move it onto "
            "the image, or make it larger."
        )
    if isinstance(region, SkyRegion):
        return grid.sky_to_pixel(*centre_of(region))
    rows, columns = np.nonzero(mask.inside)
    return (
        float(columns.mean()) + mask.x0 + grid.x_min,
        float(rows.mean()) + mask.y0 + grid.y_min,
    )


def _others(module: LiveModule, mask: PixelMask, x: float, y: float) -> list[Detection]:
    """Find the sources that belong to neither the region nor its middle."""
    sources = module.surroundings.sources
    inside = held(sources, mask, module.grid)
    return [
        source
        for number, source in enumerate(sources)
        if number not in inside and math.dist((source.x, source.y), (x, y)) > _SAME_SOURCE
    ]


def _radius_of(region: Region, mask: PixelMask, module: LiveModule) -> float:
    if isinstance(region, SkyRegion) and len(region.shapes) == 1:
        (shape,) = region.shapes
        if isinstance(shape, SkyCircle):
            return shape.radius_arcsec
    return math.sqrt(mask.n_pixels / math.pi) * module.grid.pixel_arcsec


def _measured(
    field: FieldMap,
    place: tuple[float, float],
    profile: RadialProfile,
    *,
    radius_arcsec: float,
) -> SourceProfile:
    ra_deg, dec_deg = field.grid.pixel_to_sky(*place)
    rings = _Rings.of(profile)
    curve = signal_to_noise_curve(profile)
    total_arcsec = _total_radius(profile, curve)
    net = _net(profile, np.array([total_arcsec, radius_arcsec]))
    total = float(net[0])
    known = total > 0.0
    return SourceProfile(
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        radius_arcsec=rings.radius_arcsec,
        inner_arcsec=rings.inner_arcsec,
        outer_arcsec=rings.outer_arcsec,
        counts_per_arcsec2=rings.counts / rings.area_arcsec2,
        error_per_arcsec2=np.sqrt(rings.counts) / rings.area_arcsec2,
        background_per_arcsec2=profile.far_level / profile.pixel_arcsec**2,
        curve=curve,
        suggested_arcsec=_suggested(curve),
        encircled=curve.net_counts() / total if known else np.full(len(curve.counts), np.nan),
        total_arcsec=total_arcsec,
        region_radius_arcsec=radius_arcsec,
        region_fraction=float(net[1]) / total if known else math.nan,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Rings:
    """Rings that grow outwards, so that a logarithmic axis shows them evenly."""

    inner_arcsec: NDArray[np.float64]
    outer_arcsec: NDArray[np.float64]
    counts: NDArray[np.int64]
    area_arcsec2: NDArray[np.float64]

    @classmethod
    def of(cls, profile: RadialProfile) -> _Rings:
        edges = _edges(profile.reach_arcsec)
        counts, pixels = profile.within(edges)
        # A circle of radius 0 holds the pixel it is centred on; the first ring is to have it too.
        counts[0] = pixels[0] = 0
        counts, pixels = np.diff(counts), np.diff(pixels)
        seen = pixels > 0
        return cls(
            inner_arcsec=edges[:-1][seen],
            outer_arcsec=edges[1:][seen],
            counts=counts[seen],
            area_arcsec2=pixels[seen].astype(np.float64) * profile.pixel_arcsec**2,
        )

    @property
    def radius_arcsec(self) -> NDArray[np.float64]:
        return np.sqrt(0.5 * (self.inner_arcsec**2 + self.outer_arcsec**2))


def _edges(reach_arcsec: float) -> NDArray[np.float64]:
    edges = [0.0, _FIRST_RING_ARCSEC]
    while edges[-1] < reach_arcsec:
        edges.append(max(edges[-1] + _FIRST_RING_ARCSEC, edges[-1] * _RING_GROWTH))
    return np.array(edges)


def _total_radius(profile: RadialProfile, curve: SignalToNoiseCurve) -> float:
    """Radius beyond which the source cannot be told from the background [arcsec]."""
    try:
        return max(profile.clean_radius_arcsec(), float(curve.radius_arcsec[0]))
    except SelectionError:  # it reaches to the end of the field
        return float(curve.radius_arcsec[-1])


def _net(profile: RadialProfile, radius_arcsec: NDArray[np.float64]) -> NDArray[np.float64]:
    counts, pixels = profile.within(radius_arcsec)
    return np.asarray(counts - pixels * profile.far_level, dtype=np.float64)


def _suggested(curve: SignalToNoiseCurve) -> float:
    try:
        return good_radius_arcsec(curve)
    except SelectionError:
        return math.nan
