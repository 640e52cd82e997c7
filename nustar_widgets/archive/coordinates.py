"""Positions on the sky, and the many ways people type them.

A text is a position only if it looks like nothing else: ``1H 0707-495``, ``0716+714`` and
``J2127.4+5654`` are names. A text that is a position, but an impossible one, is an error.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from nustar_widgets.errors import QueryError

_EXPECTED: Final = (
    "expected right ascension and declination as '321.94 56.94' (degrees), "
    "'21 27 45 +56 56 36', '21:27:45.0 +56:56:35.9' or '21h27m45s +56d56m36s'"
)

_SINGLE = re.compile(r"([+-]?)(\d{1,3}(?:\.\d*)?|\.\d+)\s*([dh]?)")
_SEXAGESIMAL = re.compile(
    r"([+-]?)(\d{1,3})(?:\s*([hd:])\s*|\s+)(\d{1,2}(?:\.\d*)?)"
    r"(?:\s*m?|\s*'?|(?:\s*[m':]\s*|\s+)(\d{1,2}(?:\.\d*)?)\s*[s\"]?)"
)
_COMPACT = re.compile(r"([+-]?)(\d\d)(\d\d)(\d\d(?:\.\d*)?)")
_GLUED = re.compile(r"[\d.]+[+-][\d.]+")
_SIGN_INSIDE = re.compile(r"(.*?\S)\s*([+-].*)")
_LABELLED = re.compile(r"ra\s*[=:]?\s*(.+?)[\s,;]*\bde(?:c|cl)?\b\.?\s*[=:]?\s*(.+)")
_FRAME = re.compile(r"^(?:j2000|icrs|fk5)[\s:]+|\s+\(?(?:j2000|icrs|fk5)\)?$")


@dataclass(frozen=True, kw_only=True)
class Position:
    """A position on the sky.

    Attributes
    ----------
    ra_deg, dec_deg
        ICRS right ascension, 0 to 360, and declination, -90 to 90 [deg].

    Raises
    ------
    QueryError
        There is no such position.
    """

    ra_deg: float
    dec_deg: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.ra_deg < 360.0:
            raise QueryError(self.ra_deg, "right ascension: expected 0 to 360 degrees (0 to 24 h)")
        if not -90.0 <= self.dec_deg <= 90.0:
            raise QueryError(self.dec_deg, "declination: expected -90 to 90 degrees")

    def separation_arcmin(self, ra_deg: float, dec_deg: float) -> float:
        """Return the angle [arcmin] to another position, given in degrees (haversine formula)."""
        dec, other = math.radians(self.dec_deg), math.radians(dec_deg)
        half_ra = math.radians(ra_deg - self.ra_deg) / 2.0
        chord = (
            math.sin((other - dec) / 2.0) ** 2
            + math.cos(dec) * math.cos(other) * math.sin(half_ra) ** 2
        )
        return math.degrees(2.0 * math.asin(math.sqrt(min(chord, 1.0)))) * 60.0


def read_position(text: str) -> Position | None:
    """Read a position as typed.

    Parameters
    ----------
    text
        What was typed.

    Returns
    -------
    Position or None
        ``None`` if the text is not a position; then it may be a name.

    Raises
    ------
    QueryError
        The text is meant as a position and cannot be one.
    """
    plain = _plain(text)
    if not re.match(r"[\d+.-]", plain):
        return None
    named = _GLUED.fullmatch(plain) is not None
    try:
        return _position(*_halves(plain))
    except QueryError as error:
        if named:
            return None
        raise QueryError(text, error.problem) from None
    except ValueError:
        if named or re.search("[a-z]", plain) or not re.search(r"[\s,;:]", plain):
            return None
        raise QueryError(text, f"looks like coordinates and cannot be read; {_EXPECTED}") from None


def _plain(text: str) -> str:
    """Reduce the ways signs, units and labels are written to one."""
    plain = " ".join(text.split()).lower()
    for signs, one in (("−–", "-"), ("°º", "d"), ("′’‘", "'"), ("″”“", '"')):
        plain = re.sub(f"[{signs}]", one, plain)
    plain = plain.replace("''", '"')
    plain = re.sub(r"(?<=[\d.\s])(?:degrees|degree|deg)(?![a-z])", "d", plain)
    plain = re.sub(r"(?<=[\d.\s])(?:hours|hour|hr)(?![a-z])", "h", plain)
    plain = _FRAME.sub("", plain)
    labelled = _LABELLED.fullmatch(plain)
    return ",".join(labelled.groups()) if labelled else plain


def _halves(plain: str) -> tuple[str, str]:
    """Part right ascension from declination: at the comma, at the sign, or in the middle."""
    parts = [part.strip() for part in re.split("[,;]", plain)]
    if len(parts) == 2:
        return parts[0], parts[1]
    plain = " ".join(parts)
    signed = _SIGN_INSIDE.fullmatch(plain)
    if signed:
        return signed[1], signed[2]
    words = plain.split()
    if len(words) % 2:
        raise ValueError(plain)
    middle = len(words) // 2
    return " ".join(words[:middle]), " ".join(words[middle:])


def _position(ra: str, dec: str) -> Position:
    if _COMPACT.fullmatch(ra) and _COMPACT.fullmatch(dec):
        ra, dec = (_COMPACT.sub(r"\1\2:\3:\4", half) for half in (ra, dec))
    ra_value, ra_unit = _angle(ra)
    dec_value, dec_unit = _angle(dec)
    if dec_unit == "h":
        raise ValueError(dec)
    hours = ra_unit in ("h", ":")
    if hours and ra_value >= 24.0:
        raise QueryError(ra, "right ascension: expected less than 24 hours")
    return Position(ra_deg=ra_value * 15.0 if hours else ra_value, dec_deg=dec_value)


def _angle(half: str) -> tuple[float, str]:
    """Value of one half and its unit: ``h``, ``d``, ``:`` for sexagesimal without a unit."""
    single = _SINGLE.fullmatch(half)
    if single:
        sign, number, unit = single.groups()
        return float(f"{sign}{number}"), unit or "d"
    parted = _SEXAGESIMAL.fullmatch(half)
    if not parted:
        raise ValueError(half)
    sign, whole, unit, minutes, seconds = parted.groups()
    if seconds and "." in minutes:
        raise ValueError(half)
    if float(minutes) >= 60.0 or float(seconds or 0.0) >= 60.0:
        raise QueryError(half, "expected minutes and seconds below 60")
    value = float(whole) + float(minutes) / 60.0 + float(seconds or 0.0) / 3600.0
    return (-value if sign == "-" else value), unit or ":"
