"""OGIP files in and out: spectra, responses, light curves, images. One import for all of them."""

from __future__ import annotations

from nustar_widgets.spectra.arf import Arf, read_arf, write_arf
from nustar_widgets.spectra.extensions import RegionRow, SkyMap
from nustar_widgets.spectra.lightcurvefile import (
    LightCurveTable,
    read_light_curve,
    write_light_curve,
)
from nustar_widgets.spectra.pha import Spectrum, read_pha
from nustar_widgets.spectra.phawriter import write_pha
from nustar_widgets.spectra.rmf import Rmf, read_rmf, write_rmf
from nustar_widgets.spectra.skyimage import sky_wcs, write_sky_image

__all__ = [
    "Arf",
    "LightCurveTable",
    "RegionRow",
    "Rmf",
    "SkyMap",
    "Spectrum",
    "read_arf",
    "read_light_curve",
    "read_pha",
    "read_rmf",
    "sky_wcs",
    "write_arf",
    "write_light_curve",
    "write_pha",
    "write_rmf",
    "write_sky_image",
]
