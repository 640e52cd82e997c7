"""Whether a FITS file is whole, told from its frame: the sizes its headers give and its own.

Only the frame is read, and by hand: importing ``astropy.io.fits`` takes longer than many tasks.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from pathlib import Path
from typing import Protocol

_BLOCK = 2880  # FITS standard 4.0, section 3.1
_CARD = 80
_PIECE = 1 << 20
_ENDINGS = frozenset(
    {".pha", ".grp", ".lc", ".flc", ".img", ".arf", ".rmf", ".evt", ".fits", ".fit"}
)


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def why_not_whole(path: Path) -> str | None:
    """Say why a file cannot be used, or ``None``.

    Parameters
    ----------
    path
        The file. One whose name is not that of a FITS file must only have something in it.
    """
    if path.stat().st_size == 0:
        return "is empty"
    packed = path.name.endswith(".gz")
    if Path(path.name.removesuffix(".gz")).suffix.lower() not in _ENDINGS:
        return None
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            return _problem(stream)
    except (OSError, EOFError, zlib.error) as error:
        return f"cannot be read ({error})"


def _problem(stream: _Stream) -> str | None:
    block = stream.read(_BLOCK)
    if not block.startswith(b"SIMPLE  ="):
        return "is not a FITS file"
    while block.startswith((b"SIMPLE", b"XTENSION")):
        cards: list[bytes] = []
        while len(block) == _BLOCK and b"END".ljust(_CARD) not in (found := _cards(block)):
            cards += found
            block = stream.read(_BLOCK)
        if len(block) < _BLOCK:
            return "ends inside a header"
        size = _data_size([*cards, *found])
        if _skipped(stream, size) < size:
            return "is cut off"
        block = stream.read(_BLOCK)
    # What follows the last extension is padding, or special records: legal. A packed file is read
    # to its end, where its check sum stands.
    while stream.read(_PIECE):
        pass
    return None


def _cards(block: bytes) -> list[bytes]:
    return [block[at : at + _CARD] for at in range(0, len(block), _CARD)]


def _data_size(cards: list[bytes]) -> int:
    """Bytes of data after a header, in whole blocks (FITS standard 4.0, eq. 2)."""

    def value(name: str, default: int) -> int:
        pattern = re.compile(rf"{name:<8}= +(-?\d+)".encode())
        found = next((match for card in cards if (match := pattern.match(card))), None)
        return int(found[1]) if found else default

    axes = [value(f"NAXIS{axis + 1}", 0) for axis in range(value("NAXIS", 0))]
    if not axes:
        return 0
    cells = value("GCOUNT", 1) * (value("PCOUNT", 0) + math.prod(axes))
    return -(-(abs(value("BITPIX", 8)) // 8 * cells) // _BLOCK) * _BLOCK


def _skipped(stream: _Stream, size: int) -> int:
    done = 0
    while done < size and (piece := stream.read(min(size - done, _PIECE))):
        done += len(piece)
    return done
