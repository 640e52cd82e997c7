"""Headers of a FITS file met while reading forwards; parsed by ``astropy.io.fits``."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Final

from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.events.bytesource import DOWNLOAD_AGAIN

if TYPE_CHECKING:
    from pathlib import Path

    from nustar_widgets.events.bytesource import ByteSource

BLOCK: Final = 2880  # FITS standard 4.0, section 3.1
# A header is printable ASCII (section 3.3); a name with an accent in a comment does no harm.
_PRINTABLE: Final = bytes(byte if 32 <= byte < 127 else ord("?") for byte in range(256))


def next_header(source: ByteSource) -> fits.Header | None:
    """Read the header that comes next; None when there is none.

    Parameters
    ----------
    source
        The file, at the end of an extension.

    Raises
    ------
    InputFileError
        The file is empty, not FITS, ends early, or the header cannot be understood.
    """
    start = source.position
    first = source.take(BLOCK)
    if start == 0:
        _check_beginning(source.path, first)
    elif not first.startswith(b"XTENSION"):
        return None  # padding, or special records after the last extension: legal
    text = first
    while not _has_end(text):
        more = source.take(BLOCK)
        if len(more) < BLOCK:
            raise InputFileError(
                source.path, f"the header that starts at byte {start} has no END", DOWNLOAD_AGAIN
            )
        text += more
    return _parsed(source.path, text)


def data_size(path: Path, header: fits.Header) -> int:
    """Count the bytes of data after a header, in whole blocks (FITS standard 4.0, eq. 2).

    Parameters
    ----------
    path
        The file, for messages.
    header
        The header.

    Raises
    ------
    InputFileError
        A keyword that says how much data there are is missing or no number.
    """
    axes = [integer(path, header, f"NAXIS{i + 1}") for i in range(integer(path, header, "NAXIS"))]
    if not axes:
        return 0
    cells = math.prod(axes) + integer(path, header, "PCOUNT", 0)
    bits = abs(integer(path, header, "BITPIX"))
    size = bits // 8 * integer(path, header, "GCOUNT", 1) * cells
    return -(-size // BLOCK) * BLOCK


def integer(path: Path, header: fits.Header, keyword: str, default: int | None = None) -> int:
    """Value of a keyword that must be a whole number, not negative except BITPIX.

    Parameters
    ----------
    path
        The file, for messages.
    header
        The header.
    keyword
        The keyword.
    default
        Value when it is missing; None when it must be there.

    Raises
    ------
    InputFileError
        The keyword is missing or its value is something else.
    """
    value = header.get(keyword, default)
    if not isinstance(value, int) or (value < 0 and keyword != "BITPIX"):
        raise InputFileError(
            path,
            f"extension {header.get('EXTNAME', 'PRIMARY')}: {keyword} = {value!r}",
            "Expected a whole number; the file is damaged",
        )
    return value


def real(path: Path, header: fits.Header, keyword: str, default: float) -> float:
    """Value of a keyword that must be a number; it may be written as text.

    Parameters
    ----------
    path
        The file, for messages.
    header
        The header.
    keyword
        The keyword.
    default
        Value when it is missing.

    Raises
    ------
    InputFileError
        The value is not a finite number.
    """
    value = header.get(keyword, default)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputFileError(
            path,
            f"extension {header.get('EXTNAME', 'PRIMARY')}: {keyword} = {value!r}",
            "Expected a number",
        )
    return number


def _check_beginning(path: Path, first: bytes) -> None:
    if not first.strip(b"\0 "):
        raise InputFileError(path, "the file is empty", "Expected a NuSTAR FITS file")
    if not first.startswith(b"SIMPLE  ="):
        raise InputFileError(path, "this is not a FITS file", "Expected a FITS file, plain or .gz")


def _has_end(text: bytes) -> bool:
    """Whether the last block of a header holds the END card."""
    last = text[-BLOCK:]
    return any(last[i : i + 80].rstrip() == b"END" for i in range(0, len(last), 80))


def _parsed(path: Path, text: bytes) -> fits.Header:
    """Parse every card now: a damaged one must not come up later, wherever it is first used.

    What astropy can put right by itself it does, without the warning it would print.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header = fits.Header.fromstring(text.translate(_PRINTABLE).decode("ascii"))
        for card in header.cards:
            _check(path, card)
    return header


def _check(path: Path, card: fits.Card) -> None:
    try:
        _ = (card.value, card.comment)
    except fits.VerifyError as error:
        raise InputFileError(
            path, f"the header card {card.keyword} cannot be read", DOWNLOAD_AGAIN
        ) from error
