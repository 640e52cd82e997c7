"""What a plot shows at an energy, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nustar_widgets.fits.plotlines import MovingSpectrum, Points, StillSpectrum


@dataclass(frozen=True, kw_only=True)
class BinReading:
    """One bin of one spectrum.

    Attributes
    ----------
    name
        Name of the spectrum.
    low_kev, high_kev
        Edges of the bin [keV].
    y, error
        Its value and error, in the unit of the plot; ``None`` where there is none.
    model
        The model there; ``None`` without one.
    residual
        Value in the pane below; ``None`` without one.
    """

    name: str
    low_kev: float
    high_kev: float
    y: float | None = None
    error: float | None = None
    model: float | None = None
    residual: float | None = None


def readings(
    spectra: Sequence[StillSpectrum], moved: Sequence[MovingSpectrum], energy_kev: float
) -> tuple[BinReading, ...]:
    """Read the bins at an energy.

    Parameters
    ----------
    spectra, moved
        What is drawn; ``moved`` is empty without a model.
    energy_kev
        The energy [keV].

    Returns
    -------
    tuple
        One of each spectrum that has a bin in use there.
    """
    followed: Sequence[MovingSpectrum | None] = moved or [None] * len(spectra)
    found = (_reading(item, each, energy_kev) for item, each in zip(spectra, followed, strict=True))
    return tuple(reading for reading in found if reading is not None)


def _reading(
    item: StillSpectrum, moved: MovingSpectrum | None, energy_kev: float
) -> BinReading | None:
    low, high = item.bins.low_kev, item.bins.high_kev
    place = int(np.searchsorted(low, energy_kev, side="right")) - 1
    if place < 0 or energy_kev > high[place]:
        return None
    points = item.points if moved is None or moved.points is None else moved.points
    y, error = _at(points, place)
    return BinReading(
        name=item.name,
        low_kev=float(low[place]),
        high_kev=float(high[place]),
        y=y,
        error=error,
        model=None if moved is None else _number(moved.total[place]),
        residual=None if moved is None else _at(moved.residuals, place)[0],
    )


def _at(points: Points | None, place: int) -> tuple[float | None, float | None]:
    if points is None or place >= points.y.size:
        return None, None
    return _number(points.y[place]), _number(points.error[place])


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
