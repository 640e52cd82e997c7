"""An image of counts as a small PNG: 256 colours, logarithmic.

PNG (ISO/IEC 15948) with a palette is a header, a table of colours and zlib; an imaging library
would take longer to import than this takes to run.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Black, violet, red, orange, yellow: even steps of lightness, told apart in grey too.
_COLOURS: Final = (
    (0, 0, 4), (50, 10, 94), (120, 28, 109), (188, 55, 84), (237, 105, 37), (251, 180, 26),
    (252, 255, 200),
)  # fmt: skip
_PALETTE = 3  # PNG's number for images whose pixels are places in a table of colours


def log_levels(counts: NDArray[np.integer | np.floating]) -> NDArray[np.uint8]:
    """Return the brightness of counts, 0 to 255, in steps of their logarithm.

    Parameters
    ----------
    counts
        Counts per pixel, of any shape; what is below zero or no number counts as zero.
    """
    known = np.nan_to_num(np.asarray(counts, dtype=np.float64), posinf=0.0)
    light = np.log1p(np.maximum(known, 0.0))
    top = light.max(initial=0.0)
    return np.rint(light * (255.0 / top if top else 0.0)).astype(np.uint8)


def palette_png(levels: NDArray[np.uint8]) -> bytes:
    """Return a PNG of an image on the sky.

    Parameters
    ----------
    levels
        (ny, nx) brightness; the first row is the lowest one, as on the sky.
    """
    height, width = levels.shape
    upside_down = levels[::-1]
    # Each row begins with the number of its filter: none.
    rows = np.concatenate([np.zeros((height, 1), dtype=np.uint8), upside_down], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", _colours()),
        (b"IDAT", zlib.compress(rows.tobytes(), 6)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@cache
def _colours() -> bytes:
    """Return the table of 256 colours, three bytes each."""
    at = np.linspace(0.0, len(_COLOURS) - 1.0, 256)
    known = np.arange(len(_COLOURS))
    channels = [np.interp(at, known, channel) for channel in zip(*_COLOURS, strict=True)]
    return bytes(np.rint(np.stack(channels, axis=1)).astype(np.uint8).tobytes())
