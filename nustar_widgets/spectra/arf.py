"""ARF files: effective area against photon energy (OGIP memo CAL/GEN/92-002)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.extensions import add_cards
from nustar_widgets.spectra.fitsfile import column, open_fits, table, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Arf:
    """Effective area of one source region.

    Attributes
    ----------
    energ_lo, energ_hi
        (n_energy,) bin edges [keV].
    specresp
        (n_energy,) effective area [cm2].
    telescope, instrument
        ``NuSTAR`` and ``FPMA`` or ``FPMB``.
    path
        Where it was read from; ``None`` for one that is not a file.
    header
        Header of the SPECRESP extension.
    """

    energ_lo: NDArray[np.float64]
    energ_hi: NDArray[np.float64]
    specresp: NDArray[np.float64]
    telescope: str = "NuSTAR"
    instrument: str = ""
    path: Path | None = None
    header: Any = field(default_factory=fits.Header, repr=False)


def read_arf(path: str | Path) -> Arf:
    """Read an ARF.

    Parameters
    ----------
    path
        The file, plain or gzipped.

    Raises
    ------
    InputFileError
        It is no ARF, or holds areas that are negative or not numbers.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        hdu = table(hdus, path, "SPECRESP", hduclas="SPECRESP")
        low, high, area = (
            column(hdu, path, name).astype(np.float64)
            for name in ("ENERG_LO", "ENERG_HI", "SPECRESP")
        )
        header = hdu.header.copy()
    if not (np.isfinite(area).all() and (area >= 0).all()):
        raise InputFileError(
            path, "SPECRESP holds negative or undefined areas", "Make the ARF again."
        )
    return Arf(
        energ_lo=low,
        energ_hi=high,
        specresp=area,
        telescope=str(header.get("TELESCOP", "")).strip(),
        instrument=str(header.get("INSTRUME", "")).strip(),
        path=path,
        header=header,
    )


def write_arf(
    path: str | Path, arf: Arf, *, header: Mapping[str, Any] | None = None, overwrite: bool = False
) -> Path:
    """Write an ARF that XSPEC reads.

    Parameters
    ----------
    path
        The file to write.
    arf
        Its contents; stored in single precision as the calibration is.
    header
        Further keywords of the SPECRESP extension, value or (value, comment).
    overwrite
        Replace an existing file.

    Raises
    ------
    OutputError
        The file exists or cannot be written.
    """
    columns = [
        fits.Column("ENERG_LO", "E", unit="keV", array=arf.energ_lo.astype(np.float32)),
        fits.Column("ENERG_HI", "E", unit="keV", array=arf.energ_hi.astype(np.float32)),
        fits.Column("SPECRESP", "E", unit="cm**2", array=arf.specresp.astype(np.float32)),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="SPECRESP")
    cards = {
        "TELESCOP": arf.telescope,
        "INSTRUME": arf.instrument,
        "FILTER": "NONE",
        "HDUCLASS": "OGIP",
        "HDUCLAS1": "RESPONSE",
        "HDUCLAS2": "SPECRESP",
        "HDUVERS": "1.1.0",
        "ARFVERSN": "1992a",
    }
    add_cards(hdu.header, cards)
    add_cards(hdu.header, header)
    return write_whole(fits.HDUList([fits.PrimaryHDU(), hdu]), path, overwrite=overwrite)
