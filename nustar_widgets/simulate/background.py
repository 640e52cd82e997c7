"""The simulated background: light past the aperture stop, the detectors' own, and their lines.

Components and line energies follow Wik et al. 2014, ApJ 792, 48. Levels are rounded to typical
ones of a cleaned science event list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.simulate.redistribution import (
    CENTRES_KEV,
    EDGES_KEV,
    gaussian_redistribution,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Activation and fluorescence lines: energy [keV], share of the line counts.
_LINES: Final = (
    (3.54, 0.05),
    (4.51, 0.05),
    (10.2, 0.03),
    (19.65, 0.04),
    (21.89, 0.11),
    (22.97, 0.08),
    (24.75, 0.08),
    (28.08, 0.16),
    (30.86, 0.18),
    (32.19, 0.05),
    (39.25, 0.05),
    (65.01, 0.03),
    (87.9, 0.04),
    (105.36, 0.05),
)


@dataclass(frozen=True, eq=False)
class BackgroundComponent:
    """One kind of background over the whole field.

    Parameters
    ----------
    name
        Short name.
    rate
        Counts over the whole field, live, on average over the chips [1/s].
    channels
        (n_chan,) rate per channel; only its shape counts.
    gradient
        Relative change from the field centre to the edge, along the aperture's shadow.
    flares
        Whether it rises near the South Atlantic Anomaly.
    """

    name: str
    rate: float
    channels: NDArray[np.float64]
    gradient: float = 0.0
    flares: bool = False


def background_components() -> tuple[BackgroundComponent, ...]:
    """Return the components of one module."""
    fold = gaussian_redistribution().fold
    return (
        BackgroundComponent("aperture", 0.29, fold(_sky_background()), gradient=0.45),
        BackgroundComponent("internal", 0.62, fold(CENTRES_KEV**-0.1), flares=True),
        BackgroundComponent("lines", 0.22, fold(_lines())),
    )


def _sky_background() -> NDArray[np.float64]:
    """Cosmic X-ray background (Boldt 1987), dimmed at low energy by the beryllium window."""
    window = np.exp(-((2.3 / CENTRES_KEV) ** 3))
    return np.asarray(CENTRES_KEV**-1.29 * np.exp(-CENTRES_KEV / 41.13) * window)


def _lines() -> NDArray[np.float64]:
    energy, share = np.array(_LINES).T
    return np.histogram(energy, EDGES_KEV, weights=share)[0].astype(np.float64)


def draw_places(
    rng: np.random.Generator,
    n: int,
    *,
    chip_levels: NDArray[np.float64],
    chip_arcsec: float,
    gap_arcsec: float,
    gradient: float,
) -> NDArray[np.float64]:
    """(n, 2) places on the detector, from the crossing of the gaps [arcsec].

    Parameters
    ----------
    rng
        Source of randomness.
    n
        Number of events.
    chip_levels
        (4,) relative level of the quadrants (x<0,y<0), (x>0,y<0), (x<0,y>0), (x>0,y>0).
    chip_arcsec, gap_arcsec
        Size of a chip and of the gap [arcsec].
    gradient
        Relative change from the centre to the edge along x, below 1.
    """
    quadrant = np.searchsorted(np.cumsum(chip_levels / chip_levels.sum())[:-1], rng.random(n))
    signs = np.column_stack((2 * (quadrant % 2) - 1, 2 * (quadrant // 2) - 1))
    place = signs * (0.5 * gap_arcsec + chip_arcsec * rng.random((n, 2)))
    # Mirroring a point with probability (1 - gradient * x) / 2 makes a flat field a sloping one.
    slope = gradient * place[:, 0] / (chip_arcsec + 0.5 * gap_arcsec)
    mirrored = rng.random(n) < 0.5 * (1.0 - slope)
    if gradient:
        place[mirrored] *= -1.0
    return place
