"""Writing the simulated responses as OGIP files (CAL/GEN/92-002).

They lie where nuproducts would put them: beside the event list, ``nu<obsid>A01_sr.arf`` and
``.rmf``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.instrument import N_CHANNELS
from nustar_widgets.simulate.cards import table, write_file
from nustar_widgets.simulate.redistribution import EDGES_KEV, gaussian_redistribution
from nustar_widgets.simulate.source import point_source_arf_cm2

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io import fits

    from nustar_widgets.simulate.modules import Module
    from nustar_widgets.simulate.timeline import Timeline

_OGIP = {"HDUCLASS": "OGIP", "HDUCLAS1": "RESPONSE", "HDUVERS": "1.3.0", "FILTER": "NONE"}


def write_arf(path: Path, module: Module, timeline: Timeline, *, radius_arcsec: float) -> None:
    """Write the effective area for a circle around the source.

    Parameters
    ----------
    path
        The file.
    module
        The module.
    timeline
        For the time keywords.
    radius_arcsec
        Radius of the circle [arcsec].
    """
    area = point_source_arf_cm2(module, radius_arcsec=radius_arcsec)
    hdu = table(
        "SPECRESP",
        [*_energy_columns(), ("SPECRESP", "E", "cm**2", area)],
        {
            **_OGIP,
            "HDUCLAS2": "SPECRESP",
            "SIMRAD": (radius_arcsec, "[arcsec] circle around the source"),
            "SIMFRAC": (
                module.plane.captured_fraction(radius_arcsec),
                "part of the PSF inside it and on a chip",
            ),
            "SIMOFFAX": (module.plane.off_axis_arcsec, "[arcsec] off-axis angle"),
        },
    )
    hdu.header.add_comment("SPECRESP = on-axis area x vignetting at SIMOFFAX x SIMFRAC.")
    hdu.header.add_comment("Not in it: dead time, flux scale between the modules.")
    write_file(path, [hdu], timeline=timeline, instrument=module.name)


def write_rmf(path: Path, module: Module, timeline: Timeline) -> None:
    """Write the Gaussian redistribution matrix; parameters as ``write_arf``."""
    write_file(path, [_channel_bounds(), _matrix()], timeline=timeline, instrument=module.name)


def _energy_columns() -> list[tuple[str, str, str, np.ndarray]]:
    return [("ENERG_LO", "E", "keV", EDGES_KEV[:-1]), ("ENERG_HI", "E", "keV", EDGES_KEV[1:])]


def _channel_bounds() -> fits.BinTableHDU:
    columns = [
        ("CHANNEL", "J", "chan", np.arange(N_CHANNELS)),
        ("E_MIN", "E", "keV", EDGES_KEV[:-1]),
        ("E_MAX", "E", "keV", EDGES_KEV[1:]),
    ]
    cards = {**_OGIP, "HDUCLAS2": "EBOUNDS", "CHANTYPE": "PI", "DETCHANS": N_CHANNELS}
    return table("EBOUNDS", columns, {**cards, "TLMIN1": 0, "TLMAX1": N_CHANNELS - 1})


def _matrix() -> fits.BinTableHDU:
    """One group of channels per energy bin, in a column as wide as the widest group."""
    matrix = gaussian_redistribution()
    columns = [
        *_energy_columns(),
        ("N_GRP", "I", None, np.ones(N_CHANNELS)),
        ("F_CHAN", "I", None, matrix.first),
        ("N_CHAN", "I", None, matrix.width),
        ("MATRIX", f"{matrix.band.shape[1]}E", None, matrix.band),
    ]
    return table(
        "MATRIX",
        columns,
        {
            **_OGIP,
            "HDUCLAS2": "RSP_MATRIX",
            "HDUCLAS3": "REDIST",
            "CHANTYPE": "PI",
            "DETCHANS": N_CHANNELS,
            "NUMGRP": N_CHANNELS,
            "NUMELT": int(matrix.width.sum()),
            "LO_THRES": 0.0,
            "TLMIN4": 0,
            "TLMAX4": N_CHANNELS - 1,
        },
    )
