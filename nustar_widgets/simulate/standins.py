"""Small stand-ins for the files of an observation folder that nothing here computes with.

They have the official names, so that code which looks for them finds them, and one small table
each: what the simulation knows (pointing, mast motion, optical axis, orbit) or nothing at all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.simulate.cards import table, write_file
from nustar_widgets.simulate.detector import det1_pixels, det2_pixels
from nustar_widgets.simulate.modules import (
    MODULES,
    POINTING_DEC_DEG,
    POINTING_RA_DEG,
    Module,
)
from nustar_widgets.simulate.timeline import ORBIT_S
from nustar_widgets.simulate.truth import OBSID

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io import fits
    from numpy.typing import NDArray

    from nustar_widgets.simulate.timeline import Timeline

_STEP_S = 60.0
# Circular orbit of 6 degrees inclination, 630 km up (Harrison et al. 2013, ApJ 770, 103).
_ORBIT_RADIUS_KM = 7000.0
_INCLINATION_DEG = 6.0
_EMPTY_HK = {
    "_ceb.hk": "HK1CEB",
    "_chu123.fits": "CHU1",
    "_met.fits": "METROLOGY",
    "_obeb.hk": "HK1OBEB",
    "A_dspx.fits": "DSPX",
    "B_dspx.fits": "DSPX",
}


def write_stand_ins(folder: Path, timeline: Timeline) -> None:
    """Write every stand-in of the folder, and its catalogue of files last.

    Parameters
    ----------
    folder
        The observation folder; ``auxil``, ``hk``, ``event_uf`` and ``event_cl`` exist in it.
    timeline
        When the telescope looks.
    """
    stem = f"nu{OBSID}"
    moments = np.arange(timeline.start[0], timeline.stop[-1] + _STEP_S, _STEP_S)
    shared = {
        f"auxil/{stem}_att.fits": _attitude(moments),
        f"auxil/{stem}_orb.fits": _orbit(moments),
        f"event_cl/{stem}_att.fits": _attitude(moments),
        f"event_cl/{stem}_mast.fits": _mast(moments),
        f"event_cl/{stem}_psd.fits": _nothing("PSD"),
        f"event_cl/{stem}_psdcorr.fits": _nothing("PSDCORR"),
    }
    shared |= {f"hk/{stem}{end}": _nothing(name) for end, name in _EMPTY_HK.items()}
    for name, hdu in shared.items():
        write_file(folder / name, [hdu], timeline=timeline)
    for module in MODULES:
        for end, hdu in _module_tables(module, moments).items():
            name = f"{stem}{module.letter}{end}"
            place = "event_uf" if end == "_uf.evt" else "event_cl"
            write_file(folder / place / name, [hdu], timeline=timeline, instrument=module.name)
    _write_catalogue(folder, timeline)


def _module_tables(module: Module, moments: NDArray[np.float64]) -> dict[str, fits.BinTableHDU]:
    flex = module.plane.flex(moments)
    axis = det2_pixels(np.array(module.plane.axis_arcsec) - flex)
    shift = det1_pixels(flex)
    return {
        "_uf.evt": _nothing("EVENTS"),
        ".attorb": _nothing("ATTORB"),
        ".mkf": _nothing("FILTER"),
        "_bp.fits": _nothing("BADPIX"),
        "_hp.fits": _nothing("BADPIX"),
        "_oa.fits": table("OPTICAL_AXIS", _tracks(moments, "OA", axis)),
        "_det1.fits": table("DET1_REFPOINT", _tracks(moments, "DET1", shift)),
    }


def _tracks(
    moments: NDArray[np.float64], plane: str, place: NDArray[np.int16]
) -> list[tuple[str, str, str, NDArray[np.generic]]]:
    return [
        ("TIME", "D", "s", moments),
        (f"X_{plane}", "E", "pixel", place[:, 0]),
        (f"Y_{plane}", "E", "pixel", place[:, 1]),
    ]


def _attitude(moments: NDArray[np.float64]) -> fits.BinTableHDU:
    pointing = (POINTING_RA_DEG, POINTING_DEC_DEG, MODULES[0].plane.roll_deg)
    return table(
        "ATTITUDE",
        [
            ("TIME", "D", "s", moments),
            ("POINTING", "3D", "deg", np.tile(pointing, (len(moments), 1))),
        ],
    )


def _orbit(moments: NDArray[np.float64]) -> fits.BinTableHDU:
    phase = 2.0 * math.pi * moments / ORBIT_S
    tilt = math.radians(_INCLINATION_DEG)
    position = _ORBIT_RADIUS_KM * _on_orbit(np.cos(phase), np.sin(phase), tilt)
    speed = 2.0 * math.pi / ORBIT_S * _ORBIT_RADIUS_KM
    velocity = speed * _on_orbit(-np.sin(phase), np.cos(phase), tilt)
    return table(
        "ORBIT",
        [
            ("TIME", "D", "s", moments),
            ("POSITION", "3E", "km", position),
            ("VELOCITY", "3E", "km/s", velocity),
        ],
    )


def _on_orbit(
    along: NDArray[np.float64], across: NDArray[np.float64], tilt: float
) -> NDArray[np.float64]:
    return np.column_stack((along, across * math.cos(tilt), across * math.sin(tilt)))


def _mast(moments: NDArray[np.float64]) -> fits.BinTableHDU:
    flex = MODULES[0].plane.flex(moments)
    return table(
        "MAST_ASPECT",
        [
            ("TIME", "D", "s", moments),
            ("DX", "E", "arcsec", flex[:, 0]),
            ("DY", "E", "arcsec", flex[:, 1]),
        ],
    )


def _nothing(name: str) -> fits.BinTableHDU:
    hdu = table(name, [("TIME", "D", "s", np.zeros(0))])
    hdu.header.add_comment("Empty stand-in: this file is here for its name only.")
    return hdu


def _write_catalogue(folder: Path, timeline: Timeline) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    sizes = [path.stat().st_size for path in files]
    columns = [("FILENAME", "64A", None, names), ("FILESIZE", "J", "byte", sizes)]
    write_file(folder / f"nu{OBSID}.cat", [table("CATALOG", columns)], timeline=timeline)
