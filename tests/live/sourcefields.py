"""Fields with a source, four chips and a background, ready to be counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from nustar_widgets.events.pixelindex import Binning, PixelIndex
from nustar_widgets.events.regions import SkyBox, SkyCircle, SkyRegion
from nustar_widgets.live.module import LiveModule
from tests.events.test_suggest import GRID, PIXEL_ARCSEC, event_list, field_and_source

SOURCE = (560.0, 545.0)


def module_with(
    *others: tuple[tuple[float, float], int], chips: bool = True, **given: Any
) -> LiveModule:
    """A module whose field holds a source, and others of so many events at places [pixel].

    Parameters
    ----------
    others
        Place and number of events of each other source.
    chips
        Whether the event list tells the chips: quadrants around pixel 500.5.
    given
        As `field_and_source` takes.
    """
    x, y = field_and_source(source=SOURCE, **given)
    rng = np.random.default_rng(7)
    for place, number in others:
        more = rng.normal(place, 4.0, (number, 2)).T
        x, y = np.concatenate((x, more[0])), np.concatenate((y, more[1]))
    module = LiveModule(PixelIndex.build(event_list(x, y, chips=chips)), Binning())
    module.surroundings.warm()
    return module


def circle(x: float, y: float, radius_arcsec: float, *, include: bool = True) -> SkyRegion:
    """A circle around a sky pixel."""
    return SkyRegion((SkyCircle(*GRID.pixel_to_sky(x, y), radius_arcsec, include),))


def box(x: float, y: float, width_arcsec: float) -> SkyRegion:
    """A square around a sky pixel."""
    return SkyRegion((SkyBox(*GRID.pixel_to_sky(x, y), width_arcsec, width_arcsec),))


__all__ = ["GRID", "PIXEL_ARCSEC", "SOURCE", "box", "circle", "module_with"]
