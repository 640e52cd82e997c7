"""The two simulated modules: alike, but never twins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import SKY_PIXEL_ARCSEC, SKY_PIXEL_DEG, SKY_SIZE
from nustar_widgets.simulate.detector import FocalPlane
from nustar_widgets.simulate.truth import SOURCE_DEC_DEG, SOURCE_RA_DEG

# Pointing: puts the crossing of FPMA's gaps at the centre of the sky plane (a test holds it).
POINTING_RA_DEG: Final = 322.00612
POINTING_DEC_DEG: Final = 56.93961
CENTRE_PIXEL: Final = 0.5 * (SKY_SIZE + 1)

GRID: Final = SkyGrid(
    nx=SKY_SIZE,
    ny=SKY_SIZE,
    crpix_x=CENTRE_PIXEL,
    crpix_y=CENTRE_PIXEL,
    crval_ra_deg=POINTING_RA_DEG,
    crval_dec_deg=POINTING_DEC_DEG,
    cdelt_x_deg=-SKY_PIXEL_DEG,
    cdelt_y_deg=SKY_PIXEL_DEG,
)


@dataclass(frozen=True, kw_only=True)
class Module:
    """One telescope and its detector.

    Parameters
    ----------
    name
        ``FPMA`` or ``FPMB``.
    letter
        ``A`` or ``B``, as in file names.
    factor
        Flux scale over that of the response files.
    offset_arcsec
        Astrometric error along sky X and Y [arcsec].
    plane
        Chips and pose.
    chip_background
        Background level of DET_ID 0 to 3 over their mean.
    """

    name: str
    letter: str
    factor: float
    offset_arcsec: tuple[float, float]
    plane: FocalPlane
    chip_background: tuple[float, float, float, float]

    @property
    def source_pixel(self) -> tuple[float, float]:
        """Sky pixel at which the source appears."""
        x, y = GRID.sky_to_pixel(SOURCE_RA_DEG, SOURCE_DEC_DEG)
        return (
            x + self.offset_arcsec[0] / SKY_PIXEL_ARCSEC,
            y + self.offset_arcsec[1] / SKY_PIXEL_ARCSEC,
        )

    @property
    def quadrant_background(self) -> tuple[float, ...]:
        """Background levels in the order of the plane's quadrants."""
        return tuple(self.chip_background[chip] for chip in self.plane.chip_of_quadrant)


MODULES: Final = (
    Module(
        name="FPMA",
        letter="A",
        factor=1.0,
        offset_arcsec=(2.1, -1.4),
        plane=FocalPlane(
            chip_of_quadrant=(2, 3, 1, 0),
            source_arcsec=(104.0, 88.0),
            axis_arcsec=(52.0, 41.0),
            roll_deg=33.0,
        ),
        chip_background=(0.98, 1.11, 0.89, 1.02),
    ),
    Module(
        name="FPMB",
        letter="B",
        factor=1.03,
        offset_arcsec=(-3.0, 2.6),
        plane=FocalPlane(
            chip_of_quadrant=(2, 1, 3, 0),
            source_arcsec=(92.0, 110.0),
            axis_arcsec=(30.0, 61.0),
            roll_deg=33.0,
        ),
        chip_background=(1.08, 0.91, 1.05, 0.96),
    ),
)
