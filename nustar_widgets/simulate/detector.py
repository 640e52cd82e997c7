"""The simulated focal plane: four chips, the gap between them, and how they lie on the sky.

Three planes share one scale: sky pixels, the optics-bench plane (DET2) and the detector plane
(DET1). The roll angle turns sky into DET2; the slow flexing of the mast shifts DET2 into DET1, so
the chip gap is smeared on the sky, as in real observations. Offsets along sky X, Y and along the
detector axes are in arcsec.

Source: NuSTARDAS ``nu_defs.h`` and event headers (32 x 32 pixels a chip, 5 DET1 pixels a physical
pixel, 360 x 360 DET1 and 600 x 600 DET2 planes); Harrison et al. 2013, ApJ 770, 103 (2 x 2 chips).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.instrument import SKY_PIXEL_ARCSEC
from nustar_widgets.simulate.optics import surface_density
from nustar_widgets.simulate.timeline import ORBIT_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHIP_PIXELS: Final = 32
RAW_PIXEL_ARCSEC: Final = 5.0 * SKY_PIXEL_ARCSEC
CHIP_ARCSEC: Final = CHIP_PIXELS * RAW_PIXEL_ARCSEC
GAP_ARCSEC: Final = 12.0

_DET1_CENTRE: Final = 180.5
_DET2_CENTRE: Final = 300.5


@dataclass(frozen=True, kw_only=True)
class FocalPlane:
    """One module's chips and pose.

    Parameters
    ----------
    chip_of_quadrant
        DET_ID in the quadrants (x<0,y<0), (x>0,y<0), (x<0,y>0), (x>0,y>0).
    source_arcsec
        Mean place of the source on the detector, from the crossing of the gaps.
    axis_arcsec
        Place of the optical axis, from the same point.
    roll_deg
        Angle from sky X, Y to the detector axes.
    flex_arcsec
        Amplitude of the orbital mast motion along x and y.
    """

    chip_of_quadrant: tuple[int, int, int, int]
    source_arcsec: tuple[float, float]
    axis_arcsec: tuple[float, float]
    roll_deg: float
    flex_arcsec: tuple[float, float] = (14.0, 9.0)

    @property
    def off_axis_arcsec(self) -> float:
        """Mean distance of the source from the optical axis [arcsec]."""
        return math.dist(self.source_arcsec, self.axis_arcsec)

    def flex(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) shift of the detector image at a mission time [arcsec]."""
        phase = 2.0 * math.pi * time / ORBIT_S
        return np.column_stack(
            (self.flex_arcsec[0] * np.cos(phase), self.flex_arcsec[1] * np.sin(phase))
        )

    def to_bench(self, sky: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) sky offsets from the source to the optics-bench plane [arcsec]."""
        return np.asarray(sky @ self._turn() + np.array(self.source_arcsec))

    def to_sky(self, bench: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) places on the optics-bench plane to sky offsets from the source [arcsec]."""
        return np.asarray((bench - np.array(self.source_arcsec)) @ self._turn().T)

    def chip(self, place: NDArray[np.float64]) -> NDArray[np.uint8]:
        """(n,) DET_ID of the quadrant each place on the detector lies in.

        Parameters
        ----------
        place
            (n, 2) from the crossing of the gaps [arcsec].
        """
        quadrant = (place[:, 0] > 0).astype(np.int64) + 2 * (place[:, 1] > 0)
        return np.array(self.chip_of_quadrant, dtype=np.uint8)[quadrant]

    def captured_fraction(self, radius_arcsec: float) -> float:
        """Fraction of the source's light inside a circle around it *and* on a chip.

        The point-spread function summed over a 1" grid, averaged over the mast motion.

        Parameters
        ----------
        radius_arcsec
            Radius of the extraction circle [arcsec].
        """
        half = math.ceil(radius_arcsec)
        axis = np.arange(-half, half + 1.0)
        sky = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        distance = np.hypot(sky[:, 0], sky[:, 1])
        sky, distance = sky[distance <= radius_arcsec], distance[distance <= radius_arcsec]
        density = surface_density(distance)
        bench, phases = self.to_bench(sky), np.arange(16) / 16 * ORBIT_S
        alive = [on_chip(bench + shift) for shift in self.flex(phases)]
        return float(density @ np.mean(alive, axis=0))

    def _turn(self) -> NDArray[np.float64]:
        angle = math.radians(self.roll_deg)
        return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


def on_chip(place: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whether places on the detector lie on a chip: neither in the gap nor outside.

    Parameters
    ----------
    place
        (n, 2) from the crossing of the gaps [arcsec].
    """
    inner = np.abs(place) - 0.5 * GAP_ARCSEC
    return np.asarray(np.all((inner >= 0.0) & (inner < CHIP_ARCSEC), axis=1))


def raw_pixels(place: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(n, 2) RAWX, RAWY: physical pixels of a chip, counted outward from the gap crossing.

    Parameters
    ----------
    place
        (n, 2) on the detector, from the crossing of the gaps [arcsec].
    """
    outward = (np.abs(place) - 0.5 * GAP_ARCSEC) / RAW_PIXEL_ARCSEC
    return np.clip(outward, 0, CHIP_PIXELS - 1).astype(np.uint8)


def det1_pixels(place: NDArray[np.float64]) -> NDArray[np.int16]:
    """(n, 2) DET1X, DET1Y of places on the detector [arcsec]."""
    return np.rint(place / SKY_PIXEL_ARCSEC + _DET1_CENTRE).astype(np.int16)


def det2_pixels(bench: NDArray[np.float64]) -> NDArray[np.int16]:
    """(n, 2) DET2X, DET2Y of places on the optics-bench plane [arcsec]."""
    return np.rint(bench / SKY_PIXEL_ARCSEC + _DET2_CENTRE).astype(np.int16)
