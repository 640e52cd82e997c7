"""Positions as astronomers write them: what the panels show, and what may be typed."""

from __future__ import annotations

import math
import re
from typing import Final

from nustar_widgets.archive.coordinates import Position, read_position
from nustar_widgets.errors import QueryError, RegionError

_CS_PER_TURN: Final = 24 * 3600 * 100  # hundredths of a second of time
_HOLDS_BOTH: Final = re.compile(r"[,;]|[\d.\"'sd]\s*[+−–-]\s*\d")
_RA_EXPECTED: Final = (
    "expected right ascension as 21:27:45.00 or 21h27m45s, or in degrees from 0 to below 360, as "
    "321.94"
)
_DEC_EXPECTED: Final = (
    "expected declination as +56:56:36.0 or +56d56m36s, or in degrees from -90 to 90, as 56.94"
)


def ra_text(ra_deg: float) -> str:
    """Write a right ascension [deg] in hours, to 0.01 s of time."""
    if not math.isfinite(ra_deg):
        return str(ra_deg)
    total = round(ra_deg / 15.0 * 3600.0 * 100.0) % _CS_PER_TURN
    seconds, hundredths = divmod(total, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{hundredths:02d}"


def dec_text(dec_deg: float) -> str:
    """Write a declination [deg] in degrees, to 0.1 arcsec."""
    if not math.isfinite(dec_deg):
        return str(dec_deg)
    seconds, tenths = divmod(round(abs(dec_deg) * 36000.0), 10)
    minutes, seconds = divmod(seconds, 60)
    degrees, minutes = divmod(minutes, 60)
    sign = "-" if dec_deg < 0.0 else "+"
    return f"{sign}{degrees:02d}:{minutes:02d}:{seconds:02d}.{tenths}"


def read_ra(text: str) -> float:
    """Read a right ascension [deg] as typed, in hours or degrees.

    Raises
    ------
    RegionError
        It cannot be read.
    """
    return _half(f"{text.strip()},0", text, _RA_EXPECTED).ra_deg


def read_dec(text: str) -> float:
    """Read a declination [deg] as typed.

    Raises
    ------
    RegionError
        It cannot be read.
    """
    return _half(f"0,{text.strip()}", text, _DEC_EXPECTED).dec_deg


def read_both(text: str) -> tuple[float, float] | None:
    """Read right ascension and declination [deg] where a text holds both, as when pasted.

    Raises
    ------
    RegionError
        It looks like both and cannot be read.
    """
    if not _HOLDS_BOTH.search(text):
        return None
    found = _half(text, text, "expected right ascension and declination, as 321.94 +56.94")
    return found.ra_deg, found.dec_deg


def _half(pair: str, text: str, expected: str) -> Position:
    try:
        found = read_position(pair)
    except QueryError:
        found = None
    if found is None:
        raise RegionError(f"{text.strip()!r}: {expected}")
    return found
