"""The simulated galaxy's light, from its model to counts per channel, and the ARF for it.

What the ARF holds: on-axis area x vignetting at the source's mean off-axis angle x the fraction of
the point-spread function inside a circle around the source (100 arcsec unless asked otherwise) that
falls on a chip. It holds neither the flux scale between the modules nor the dead time. For another
circle multiply it by the ratio of :meth:`FocalPlane.captured_fraction`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nustar_widgets.simulate.optics import on_axis_area_cm2, vignetting
from nustar_widgets.simulate.redistribution import (
    CENTRES_KEV,
    EDGES_KEV,
    gaussian_redistribution,
)
from nustar_widgets.simulate.truth import EXPRESSION, PARAMETERS
from nustar_widgets.spectra.models import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nustar_widgets.simulate.modules import Module


def photon_flux() -> NDArray[np.float64]:
    """(n,) photons of the model per energy bin [1/cm2/s]."""
    model = Model.parse(EXPRESSION, abundance="wilm", cross_section="vern")
    return model.evaluate(EDGES_KEV, [value for _, value in PARAMETERS])


def telescope_area_cm2(module: Module) -> NDArray[np.float64]:
    """(n,) area for all the light of the source, wherever it lands [cm2].

    Parameters
    ----------
    module
        The module.
    """
    off_axis = module.plane.off_axis_arcsec
    return on_axis_area_cm2(CENTRES_KEV) * vignetting(CENTRES_KEV, off_axis)


def point_source_arf_cm2(module: Module, *, radius_arcsec: float) -> NDArray[np.float64]:
    """(n,) area for the light inside a circle around the source and on a chip [cm2].

    Parameters
    ----------
    module
        The module.
    radius_arcsec
        Radius of the circle [arcsec].
    """
    return telescope_area_cm2(module) * module.plane.captured_fraction(radius_arcsec)


def channel_rate(module: Module) -> NDArray[np.float64]:
    """(n_chan,) source counts per channel, for all its light, live [1/s].

    Parameters
    ----------
    module
        The module.
    """
    detected = photon_flux() * telescope_area_cm2(module) * module.factor
    return gaussian_redistribution().fold(detected)
