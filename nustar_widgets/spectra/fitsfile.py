"""FITS files in and out: opened with errors people can act on, written whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
import warnings
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from astropy.io import fits

from nustar_widgets.atomic import whole_file
from nustar_widgets.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

GZIP_MAGIC: Final = b"\x1f\x8b"


@contextmanager
def open_fits(path: str | Path) -> Iterator[Any]:
    """Open a FITS file, plain or gzipped, for the length of a ``with`` block.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    astropy.io.fits.HDUList
        The file, read into memory rather than mapped, so that nothing stays open behind it.

    Raises
    ------
    InputFileError
        The file is absent, unreadable, not FITS or shorter than its headers say.
    """
    with open_bytes(file_bytes(path), path) as hdus:
        yield hdus


def file_bytes(path: str | Path) -> bytes:
    """Read a file, unpacking it if it is gzipped.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputFileError
        The file is absent, unreadable or a broken gzip file.
    """
    try:
        raw = Path(path).read_bytes()
        return gzip.decompress(raw) if raw.startswith(GZIP_MAGIC) else raw
    except FileNotFoundError as error:
        raise InputFileError(
            path, "there is no such file", "Check the name and the folder."
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputFileError(path, f"it cannot be read ({error})", "Copy it again.") from error


@contextmanager
def open_bytes(raw: bytes, path: str | Path) -> Iterator[Any]:
    """Open the bytes of a FITS file; see `open_fits`.

    Parameters
    ----------
    raw
        The whole file.
    path
        Its name, for the error.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            hdus = fits.open(io.BytesIO(raw), memmap=False, lazy_load_hdus=False)
        except (OSError, ValueError) as error:
            raise InputFileError(
                path, f"it cannot be read as FITS ({error})", "Expected a FITS file."
            ) from error
    with hdus:
        _refuse_truncated(path, [str(warning.message) for warning in said])
        yield hdus


def _refuse_truncated(path: str | Path, messages: list[str]) -> None:
    """Astropy only warns of a file shorter than its header; half a spectrum is no spectrum."""
    for message in messages:
        if "truncated" in message.lower():
            raise InputFileError(path, "the file is cut off", f"Copy it again ({message}).")


def table(hdus: Any, path: str | Path, *names: str, hduclas: str | None = None) -> Any:
    """Find the binary table that goes by one of several extension names or an OGIP class.

    Parameters
    ----------
    hdus
        The open file.
    path
        Its name, for the error.
    names
        Accepted extension names.
    hduclas
        Accepted value of HDUCLAS1 or HDUCLAS2, tried where no name fits.

    Returns
    -------
    astropy.io.fits.BinTableHDU
        The first match.

    Raises
    ------
    InputFileError
        No extension matches; the message lists those that are there.
    """
    tables = [hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU)]
    for name in names:
        for hdu in tables:
            if hdu.name.upper() == name:
                return hdu
    for hdu in tables:
        if hduclas in (_text(hdu.header, "HDUCLAS1"), _text(hdu.header, "HDUCLAS2")):
            return hdu
    there = ", ".join(hdu.name or "(no name)" for hdu in hdus)
    raise InputFileError(
        path, f"no extension {' or '.join(names)}", f"The file has: {there}. Is it the right file?"
    )


def _text(header: Any, key: str) -> str:
    return str(header.get(key, "")).strip().upper()


def column(hdu: Any, path: str | Path, name: str) -> NDArray[Any]:
    """Read one column in the machine's own byte order.

    Parameters
    ----------
    hdu
        The table.
    path
        The file's name, for the error.
    name
        Column name.

    Raises
    ------
    InputFileError
        There is no such column.
    """
    if not has_column(hdu, name):
        there = ", ".join(hdu.columns.names)
        raise InputFileError(
            path, f"extension {hdu.name} has no column {name}", f"Its columns are: {there}."
        )
    values = np.asarray(hdu.data[name])
    return values.astype(values.dtype.newbyteorder("="))


def has_column(hdu: Any, name: str) -> bool:
    """Whether a table has a column; FITS column names do not mind the case."""
    return name.upper() in (known.upper() for known in hdu.columns.names)


def number(header: Any, path: str | Path, key: str, default: float | None = None) -> float:
    """Read a numeric keyword that some writers store as a string (``TLMIN4 = '0'`` in CALDB).

    Parameters
    ----------
    header
        FITS header.
    path
        The file's name, for the error.
    key
        Keyword.
    default
        Value where the keyword is absent; ``None`` if it must be there.

    Raises
    ------
    InputFileError
        The keyword is absent without a default, or is no number.
    """
    value = header.get(key, default)
    if value is None:
        raise InputFileError(path, f"keyword {key} is missing", "Expected a number.")
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InputFileError(path, f"keyword {key} = {value!r}", "Expected a number.") from error


def write_whole(hdus: Any, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a FITS file so that the final name never belongs to half a file.

    Parameters
    ----------
    hdus
        The file's contents.
    path
        Its final name; the temporary file is made in the same folder and renamed.
    overwrite
        Replace an existing file.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The file exists, or the folder is absent, not writable or full.
    """
    with whole_file(path, overwrite=overwrite) as part, part.open("wb") as stream:
        hdus.writeto(stream, output_verify="exception")
        stream.flush()
        os.fsync(stream.fileno())
    return Path(path)
