"""Write a spectrum as nuproducts does, for XSPEC and everything that reads OGIP files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from astropy.io import fits

from nustar_widgets.spectra.extensions import (
    RegionRow,
    SkyMap,
    add_cards,
    gti_table,
    primary,
    region_table,
)
from nustar_widgets.spectra.fitsfile import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nustar_widgets.spectra.pha import Spectrum

WMAP_KEYWORDS: Final = {
    "HDUCLASS": "OGIP",
    "HDUCLAS1": "IMAGE",
    "HDUCLAS2": "WMAP",
    "HDUNAME": "WMAP",
    "CONTENT": "SPECTRUM",
}


def write_pha(
    path: str | Path,
    spectrum: Spectrum,
    *,
    header: Mapping[str, Any] | None = None,
    wmap: SkyMap | None = None,
    gti: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    region: Sequence[RegionRow] = (),
    region_header: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a PHA file of type I.

    Parameters
    ----------
    path
        The file to write.
    spectrum
        Its contents. QUALITY and GROUPING become columns where they are not ``None``; of the
        files it names the basenames are stored, ``none`` for those it does not.
    header
        Keywords of every extension, value or (value, comment): observation, times, provenance,
        and lists of lines for HISTORY and COMMENT. They win over the spectrum's own.
    wmap
        Image of the region's pixels for the primary extension.
    gti
        Start and stop of the good time intervals, mission time [s].
    region, region_header
        Shapes of the region in sky pixels, and the keywords of that extension alone.
    overwrite
        Replace an existing file.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The file exists or cannot be written.
    """
    image = None if wmap is None else replace(wmap, header=WMAP_KEYWORDS | dict(wmap.header))
    hdus = [primary(image, header), _spectrum_table(spectrum, header)]
    if gti is not None:
        hdus.append(gti_table(*gti, header))
    if region:
        hdus.append(region_table(region, dict(header or {}) | dict(region_header or {})))
    return write_whole(fits.HDUList(hdus), path, overwrite=overwrite)


def _spectrum_table(spectrum: Spectrum, header: Mapping[str, Any] | None) -> Any:
    hdu = fits.BinTableHDU.from_columns(_columns(spectrum), name="SPECTRUM")
    add_cards(hdu.header, _keywords(spectrum))
    add_cards(hdu.header, _scalars(spectrum))
    add_cards(hdu.header, header)
    return hdu


def _columns(spectrum: Spectrum) -> list[Any]:
    columns = [
        fits.Column("CHANNEL", "J", array=spectrum.channel),
        _counts_column(spectrum.counts),
    ]
    optional = {
        "STAT_ERR": ("D", spectrum.stat_err),
        "SYS_ERR": ("D", _per_channel(spectrum.sys_err)),
        "QUALITY": ("I", spectrum.quality),
        "GROUPING": ("I", spectrum.grouping),
        "AREASCAL": ("D", _per_channel(spectrum.areascal)),
        "BACKSCAL": ("D", _per_channel(spectrum.backscal)),
    }
    columns += [
        fits.Column(name, form, array=values)
        for name, (form, values) in optional.items()
        if values is not None
    ]
    return columns


def _counts_column(counts: NDArray[Any]) -> Any:
    form = "J" if np.issubdtype(counts.dtype, np.integer) else "D"
    return fits.Column("COUNTS", form, unit="count", array=counts)


def _per_channel(value: float | NDArray[np.float64]) -> NDArray[np.float64] | None:
    return None if np.ndim(value) == 0 else np.asarray(value)


def _keywords(spectrum: Spectrum) -> dict[str, Any]:
    return {
        "HDUCLASS": ("OGIP", "format conforms to OGIP standard"),
        "HDUCLAS1": ("SPECTRUM", "PHA dataset (OGIP memo OGIP-92-007)"),
        "HDUVERS1": ("1.2.0", "obsolete, for backwards compatibility"),
        "HDUVERS": ("1.2.0", "version of format (OGIP memo OGIP-92-007)"),
        "HDUCLAS2": ("TOTAL", "gross spectrum (source and background)"),
        "HDUCLAS3": ("COUNT", "counts, not counts/s"),
        "TLMIN1": (spectrum.first_channel, "lowest legal channel number"),
        "TLMAX1": (spectrum.first_channel + spectrum.n_channels - 1, "highest legal channel"),
        "TELESCOP": spectrum.telescope,
        "INSTRUME": spectrum.instrument,
        "FILTER": ("NONE", "no filter in use"),
        "EXPOSURE": (float(spectrum.exposure_s), "livetime [s]"),
        "BACKFILE": _basename(spectrum.background_file),
        "CORRFILE": "none",
        "CORRSCAL": 1.0,
        "RESPFILE": _basename(spectrum.rmf_file),
        "ANCRFILE": _basename(spectrum.arf_file),
        "PHAVERSN": "1992a",
        "DETCHANS": (spectrum.n_channels, "total number of possible channels"),
        "CHANTYPE": ("PI", "channel type"),
        "POISSERR": (spectrum.stat_err is None, "Poisson errors to be assumed"),
        "TOTCTS": (spectrum.counts.sum().item(), "total counts in spectrum"),
    }


def _scalars(spectrum: Spectrum) -> dict[str, Any]:
    """Keywords that stand in for a column; XSPEC wants one or the other, never both."""
    scalars: dict[str, Any] = {}
    for name, value in (
        ("AREASCAL", spectrum.areascal),
        ("BACKSCAL", spectrum.backscal),
        ("SYS_ERR", spectrum.sys_err),
    ):
        if np.ndim(value) == 0:
            scalars[name] = float(np.asarray(value))
    if spectrum.stat_err is None:
        scalars["STAT_ERR"] = 0
    if spectrum.quality is None:
        scalars["QUALITY"] = 0
    if spectrum.grouping is None:
        scalars["GROUPING"] = 0
    return scalars


def _basename(path: Path | None) -> str:
    return "none" if path is None else path.name
