"""Point sources in the image of a field: where they are and how significant.

A peak of the smoothed image is a source if the box around it holds significantly more than a frame
around that box predicts. A bright source's wings and the steps at chip gaps also make peaks; they
differ from sources by little contrast or by lying beside something far brighter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import ndimage

from nustar_widgets.errors import SelectionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.events.fieldmap import FieldMap

SIGNIFICANCE: Final = 5.0
_SMOOTHING: Final = 3.0  # pixels: 7 arcsec, about the core of the point-spread function
_BOX, _FRAME_INNER, _FRAME_OUTER = 13, 27, 49
_LEAST_CONTRAST: Final = 0.25  # of net counts over the frame's prediction
_SHADOW: Final = 40.0  # pixels within which a far brighter source explains a peak
_FAR_BRIGHTER: Final = 15.0
_CLIP: Final = 8.0  # pixels


@dataclass(frozen=True)
class Detection:
    """One point source.

    Parameters
    ----------
    x, y
        Sky pixel of its centroid.
    ra_deg, dec_deg
        The same on the sky [deg].
    significance
        Net counts of the box over their error.
    net_counts
        Counts of the box above what the frame predicts.
    """

    x: float
    y: float
    ra_deg: float
    dec_deg: float
    significance: float
    net_counts: float


def find_sources(field: FieldMap, *, significance: float = SIGNIFICANCE) -> tuple[Detection, ...]:
    """Return the point sources of a field, the most significant first; there may be none.

    Parameters
    ----------
    field
        The field.
    significance
        Least net counts over their error, sqrt(N + a^2 B).
    """
    net, sigma = _contrast(field)
    candidates = _peaks(field) & (sigma > significance)
    rows, columns = np.nonzero(candidates)
    order = np.argsort(-sigma[rows, columns], kind="stable")
    found: list[Detection] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        x, y = centroid(field, *field.to_plane(float(row), float(column)))
        if not _in_shadow(x, y, float(net[row, column]), found):
            ra_deg, dec_deg = field.grid.pixel_to_sky(x, y)
            strength = float(sigma[row, column]), float(net[row, column])
            found.append(Detection(x, y, ra_deg, dec_deg, *strength))
    return tuple(found)


def brightest(field: FieldMap) -> Detection:
    """Return the most significant source.

    Parameters
    ----------
    field
        The field.

    Raises
    ------
    SelectionError
        There is none.
    """
    sources = find_sources(field)
    if not sources:
        raise SelectionError(
            f"no source stands out by {SIGNIFICANCE:g} sigma in {int(field.counts.sum())} events; "
            "expected one to suggest a region around. Draw the region by hand, or give its "
            "position, or widen the energy band."
        )
    return sources[0]


def centroid(field: FieldMap, x: float, y: float) -> tuple[float, float]:
    """Mean position of the events within 8 pixels, iterated until it rests.

    Parameters
    ----------
    field
        The field.
    x, y
        Where to begin, sky pixel. Returned as it is if no event lies near.
    """
    for _ in range(30):
        weight = np.where(field.distance2(x, y) <= _CLIP**2, field.counts, 0)
        if not weight.any():
            return x, y
        row, column = ndimage.center_of_mass(weight)
        before, (x, y) = (x, y), field.to_plane(float(row), float(column))
        if math.dist(before, (x, y)) < 0.01:
            break
    return x, y


def _contrast(field: FieldMap) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Net counts of the box around every pixel, and those over their error."""
    counts, covered = field.counts.astype(np.float64), field.inside.astype(np.float64)
    box, box_area = _box_sum(counts, _BOX), _box_sum(covered, _BOX)
    frame = _box_sum(counts, _FRAME_OUTER) - _box_sum(counts, _FRAME_INNER)
    frame_area = _box_sum(covered, _FRAME_OUTER) - _box_sum(covered, _FRAME_INNER)
    # A box over the edge of the field, or a frame without one, says nothing.
    usable = (box_area > 0.5 * _BOX**2) & (frame_area > _BOX**2)
    ratio = np.divide(box_area, frame_area, out=np.zeros_like(box), where=usable)
    net = box - ratio * frame
    sigma = np.zeros_like(box)
    seen = usable & (box > 0) & (net > _LEAST_CONTRAST * ratio * frame)
    sigma[seen] = net[seen] / np.sqrt(box[seen] + ratio[seen] ** 2 * frame[seen])
    return net, sigma


def _peaks(field: FieldMap) -> NDArray[np.bool_]:
    smooth = ndimage.gaussian_filter(field.counts.astype(np.float64), _SMOOTHING)
    highest = ndimage.maximum_filter(smooth, size=_BOX)
    return np.asarray((smooth == highest) & (smooth > 0) & field.inside)


def _box_sum(image: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Sum over a square box; rounded, because the filter divides and the sums are whole."""
    mean = ndimage.uniform_filter(image, size, mode="constant")
    return np.asarray(np.rint(mean * size**2))


def _in_shadow(x: float, y: float, net: float, found: list[Detection]) -> bool:
    for source in found:
        distance = math.dist((x, y), (source.x, source.y))
        if distance < _BOX or (distance < _SHADOW and source.net_counts > _FAR_BRIGHTER * net):
            return True
    return False
