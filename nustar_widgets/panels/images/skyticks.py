"""Round right ascensions and declinations along the edges of an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.events.skygrid import SkyGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray

Ticks = tuple[list[float], list[str]]

_SAMPLES = 65
_MOST_UNEVEN = 3.0  # beside a pole labels would crowd where right ascension runs fastest
# Steps people can read off a clock [s of time, or arcsec].
_STEPS: Final = (
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0,
    1800.0, 3600.0, 7200.0, 10800.0, 21600.0,
)  # fmt: skip


def ra_ticks(grid: SkyGrid, x: tuple[float, float], y: float, *, most: int = 4) -> Ticks:
    """Return where round right ascensions lie along a row of pixels.

    Parameters
    ----------
    grid
        The sky plane.
    x
        First and last X of the row [pixel].
    y
        Its Y [pixel].
    most
        How many labels there is room for.

    Returns
    -------
    tuple
        X [pixel], and labels in hours, minutes and seconds. Empty where right ascension does not
        run evenly along the row, as beside a pole.
    """
    along = np.linspace(*x, _SAMPLES)
    ra = np.unwrap([grid.pixel_to_sky(float(at), y)[0] for at in along], period=360.0)
    return _ticks(along, ra / 15.0 * 3600.0, most, _hours)


def dec_ticks(grid: SkyGrid, x: float, y: tuple[float, float], *, most: int = 6) -> Ticks:
    """Return where round declinations lie along a column of pixels.

    Parameters
    ----------
    grid
        The sky plane.
    x
        X of the column [pixel].
    y
        Its first and last Y [pixel].
    most
        How many labels there is room for.

    Returns
    -------
    tuple
        Y [pixel], and labels in degrees, minutes and seconds. Empty where declination does not
        run evenly along the column, as beside a pole.
    """
    along = np.linspace(*y, _SAMPLES)
    dec = np.array([grid.pixel_to_sky(x, float(at))[1] for at in along])
    return _ticks(along, dec * 3600.0, most, _degrees)


def _ticks(
    along: NDArray[np.float64],
    seconds: NDArray[np.float64],
    most: int,
    label: Callable[[float, float], str],
) -> Ticks:
    steps = np.diff(seconds)
    one_way = np.all(steps > 0.0) or np.all(steps < 0.0)
    if not one_way or np.abs(steps).max() > _MOST_UNEVEN * np.abs(steps).min():
        return [], []
    low, high = float(seconds.min()), float(seconds.max())
    step = next((step for step in _STEPS if (high - low) / step <= most), None)
    if step is None:
        return [], []
    values = np.arange(np.ceil(low / step), np.floor(high / step) + 1.0) * step
    order = np.argsort(seconds)
    places = np.interp(values, seconds[order], along[order])
    return [float(at) for at in places], [label(float(value), step) for value in values]


def _hours(seconds: float, step: float) -> str:
    h, m, s = _parted(seconds % 86400.0, step)
    return f"{int(h) % 24:02d}h{m}m{s}s"


def _degrees(arcsec: float, step: float) -> str:
    d, m, s = _parted(abs(arcsec), step)
    return f"{'-' if arcsec < 0.0 else '+'}{d}°{m}'{s}\""


def _parted(value: float, step: float) -> tuple[str, str, str]:
    """Part sixtieths of sixtieths, rounded to what the step needs."""
    tenths = 10 if step < 1.0 else 1
    whole, part = divmod(round(value * tenths), tenths)
    minutes, seconds = divmod(whole, 60)
    upper, minutes = divmod(minutes, 60)
    fraction = f".{part}" if tenths > 1 else ""
    return f"{upper:02d}", f"{minutes:02d}", f"{seconds:02d}{fraction}"
