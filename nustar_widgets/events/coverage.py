"""How much of a region the detector saw, and with which chips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.events.fieldmap import NO_CHIP, FieldMap
from nustar_widgets.events.pixelmask import PixelMask

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTICEABLE: Final = 0.02  # share of a region below which nothing is said


@dataclass(frozen=True, eq=False)
class Coverage:
    """Where the pixels of a region lie.

    Parameters
    ----------
    n_pixels
        Pixels of the region.
    outside
        Share of them outside the field, 0 to 1.
    chips
        Share on each chip that holds a noticeable part, by DET_ID in ascending order; empty where
        the event list does not tell the chips.
    """

    n_pixels: int
    outside: float
    chips: Mapping[int, float]


def coverage_of(field: FieldMap, mask: PixelMask) -> Coverage:
    """Look where a region lies.

    Parameters
    ----------
    field
        The field; chip gaps count as covered and belong to the nearer chip.
    mask
        The region.
    """
    total = mask.n_pixels
    if not total:
        return Coverage(0, 0.0, {})
    height, width = mask.inside.shape
    rows, columns = field.chip.shape
    top, left = max(mask.y0, field.y0), max(mask.x0, field.x0)
    bottom, right = min(mask.y0 + height, field.y0 + rows), min(mask.x0 + width, field.x0 + columns)
    if top >= bottom or left >= right:
        return Coverage(total, 1.0, {})
    inside = mask.inside[top - mask.y0 : bottom - mask.y0, left - mask.x0 : right - mask.x0]
    chip = field.chip[top - field.y0 : bottom - field.y0, left - field.x0 : right - field.x0]
    # One up: what lies outside the field is counted first.
    numbers = np.bincount(chip[inside] - NO_CHIP, minlength=5)
    shares = numbers[1:] / total
    known = field.per_chip is not None
    chips = {det: float(share) for det, share in enumerate(shares) if share > NOTICEABLE and known}
    return Coverage(total, 1.0 - float(numbers[1:].sum()) / total, chips)
