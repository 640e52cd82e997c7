"""Light curve files in the layout of HEASoft's extractor (OGIP memo OGIP/93-003)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from nustar_widgets import instrument
from nustar_widgets.spectra.extensions import (
    RegionRow,
    add_cards,
    gti_table,
    primary,
    region_table,
)
from nustar_widgets.spectra.fitsfile import (
    column,
    has_column,
    number,
    open_fits,
    table,
    write_whole,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class LightCurveTable:
    """The RATE extension of a light curve file.

    Attributes
    ----------
    time_s
        (n,) middle of the bins after `timezero_s` [s].
    rate, error
        (n,) count rate and its error [counts/s].
    fracexp
        (n,) exposed fraction of the bin.
    rate_orig, error_orig
        (n,) rate and error before nulccorr's corrections; ``None`` for an uncorrected curve.
    timezero_s
        Mission time that `time_s` counts from [s].
    timedel_s
        Length of a bin [s].
    timepixr
        Place in the bin that `time_s` means: 0.5 for the middle.
    mjdref
        Integer and fractional part of the MJD of mission time 0.
    gti
        Start and stop of the good time intervals, mission time [s], or ``None``.
    path
        Where it was read from.
    header
        Header of the RATE extension.
    """

    time_s: NDArray[np.float64]
    rate: NDArray[np.float32]
    error: NDArray[np.float32]
    fracexp: NDArray[np.float32]
    rate_orig: NDArray[np.float32] | None = None
    error_orig: NDArray[np.float32] | None = None
    timezero_s: float
    timedel_s: float
    timepixr: float = 0.5
    mjdref: tuple[int, float] = (instrument.MJDREFI, instrument.MJDREFF)
    gti: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    path: Path | None = None
    header: Any = field(default_factory=fits.Header, repr=False)


def read_light_curve(path: str | Path) -> LightCurveTable:
    """Read a light curve of the extractor, nuproducts or this package.

    Parameters
    ----------
    path
        The file, plain or gzipped.

    Raises
    ------
    InputFileError
        It is no light curve, or lacks a column or keyword.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        hdu = table(hdus, path, "RATE", hduclas="LIGHTCURVE")
        header = hdu.header.copy()
        rate = column(hdu, path, "RATE").astype(np.float32)
        return LightCurveTable(
            time_s=column(hdu, path, "TIME").astype(np.float64),
            rate=rate,
            error=column(hdu, path, "ERROR").astype(np.float32),
            fracexp=_or_none(hdu, path, "FRACEXP", np.ones(rate.size, np.float32)),
            rate_orig=_or_none(hdu, path, "RATE_ORIG"),
            error_orig=_or_none(hdu, path, "ERROR_ORIG"),
            timezero_s=_timezero(header, path),
            timedel_s=number(header, path, "TIMEDEL"),
            timepixr=number(header, path, "TIMEPIXR", 0.5),
            mjdref=_mjdref(header, path),
            gti=_gti(hdus, path),
            path=path,
            header=header,
        )


def _or_none(hdu: Any, path: Path, name: str, default: Any = None) -> Any:
    return column(hdu, path, name).astype(np.float32) if has_column(hdu, name) else default


def _timezero(header: Any, path: Path) -> float:
    """One keyword, or integer and fraction apart as OGIP also allows."""
    if "TIMEZERO" in header:
        return number(header, path, "TIMEZERO")
    return number(header, path, "TIMEZERI", 0.0) + number(header, path, "TIMEZERF", 0.0)


def _mjdref(header: Any, path: Path) -> tuple[int, float]:
    if "MJDREF" in header:
        whole = int(number(header, path, "MJDREF"))
        return whole, number(header, path, "MJDREF") - whole
    return (
        int(number(header, path, "MJDREFI", float(instrument.MJDREFI))),
        number(header, path, "MJDREFF", instrument.MJDREFF),
    )


def _gti(hdus: Any, path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    names = [hdu.name for hdu in hdus]
    found = [name for name in ("GTI", "STDGTI") if name in names]
    if not found:
        return None
    hdu = table(hdus, path, *found)
    start, stop = (column(hdu, path, name).astype(np.float64) for name in ("START", "STOP"))
    return start, stop


def write_light_curve(
    path: str | Path,
    curve: LightCurveTable,
    *,
    header: Mapping[str, Any] | None = None,
    region: Sequence[RegionRow] = (),
    overwrite: bool = False,
) -> Path:
    """Write a light curve in the layout of the extractor.

    Parameters
    ----------
    path
        The file to write.
    curve
        Its contents; `rate_orig` and `error_orig` become columns where they are not ``None``.
    header
        Keywords of every extension, value or (value, comment).
    region
        Shapes of the region in sky pixels.
    overwrite
        Replace an existing file.

    Raises
    ------
    OutputError
        The file exists or cannot be written.
    """
    hdus = [primary(None, header), _rate_table(curve, header)]
    if curve.gti is not None:
        hdus.append(gti_table(*curve.gti, header))
    if region:
        hdus.append(region_table(region, header))
    return write_whole(fits.HDUList(hdus), path, overwrite=overwrite)


def _rate_table(curve: LightCurveTable, header: Mapping[str, Any] | None) -> Any:
    optional = (("RATE_ORIG", curve.rate_orig), ("ERROR_ORIG", curve.error_orig))
    columns = [
        fits.Column("TIME", "D", unit="s", array=curve.time_s),
        fits.Column("RATE", "E", unit="count/s", array=curve.rate),
        fits.Column("ERROR", "E", unit="count/s", array=curve.error),
        fits.Column("FRACEXP", "E", array=curve.fracexp),
        *(
            fits.Column(name, "E", unit="count/s", array=values)
            for name, values in optional
            if values is not None
        ),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="RATE")
    fixed = {
        "HDUCLASS": "OGIP",
        "HDUCLAS1": "LIGHTCURVE",
        "HDUCLAS2": "TOTAL",
        "HDUCLAS3": "RATE",
        "TIMESYS": "TT",
        "TIMEUNIT": "s",
        "MJDREFI": curve.mjdref[0],
        "MJDREFF": curve.mjdref[1],
        "TIMEZERO": (float(curve.timezero_s), "start time of the first bin's middle [s]"),
        "TIMEDEL": (float(curve.timedel_s), "length of a bin [s]"),
        "TIMEPIXR": (float(curve.timepixr), "TIME is the middle of the bin"),
    }
    add_cards(hdu.header, {"TELESCOP": instrument.TELESCOP} | fixed)
    add_cards(hdu.header, header)
    return hdu
