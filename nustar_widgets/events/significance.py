"""Net counts and signal-to-noise of a source region against a background region."""

from __future__ import annotations

import math


def area_ratio(source_pixels: int, background_pixels: int) -> float:
    """Source area over background area, in pixels; nan when there is no background.

    Parameters
    ----------
    source_pixels, background_pixels
        Sky pixels in each region. Exposure differences between the two are not in it; those need
        nubackscale.
    """
    return source_pixels / background_pixels if background_pixels else math.nan


def net_counts(source: int, background: int, ratio: float) -> float:
    """Source counts minus the background scaled to the source area, C - a B.

    Parameters
    ----------
    source, background
        Counts in each region.
    ratio
        Source area over background area.
    """
    return source - ratio * background


def signal_to_noise(source: int, background: int, ratio: float) -> float:
    """Net counts over their Poisson error, (C - a B) / sqrt(C + a^2 B).

    Parameters
    ----------
    source, background
        Counts in each region.
    ratio
        Source area over background area.

    Returns
    -------
    float
        0 when both regions are empty; nan when the ratio is.
    """
    variance = source + ratio * ratio * background
    if variance == 0:
        return 0.0
    return net_counts(source, background, ratio) / math.sqrt(variance)
