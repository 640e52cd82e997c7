"""Numbers as people write them in region files: coordinates, lengths and angles.

``187.29``, ``12:29:10.1``, ``12h29m10.1s``, ``-36d30m35s``, ``12 29 10.1``, ``45"``, ``1.5'``,
``0.02d``, ``20p``. Every reader raises ``ValueError`` on what it cannot understand.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, Literal

Notation = Literal["decimal", "colons", "letters", "spaces", "pixels"]

_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_VALUE_AND_UNIT: Final = re.compile(rf"({_NUMBER})(\D*)")
_SEXAGESIMAL: Final[tuple[tuple[Notation, re.Pattern[str]], ...]] = (
    ("colons", re.compile(r"([+-]?)(\d+):(\d+)(?::(\d+(?:\.\d*)?))?()")),
    ("letters", re.compile(r"([+-]?)(\d+)[hd](\d+)[m'](?:(\d+(?:\.\d*)?)[s\"]?)?()")),
    ("spaces", re.compile(r"([+-]?)(\d+)\s+(\d+)\s+(\d+(?:\.\d*)?)()")),
)
# Arcseconds per unit; the letters are DS9's, the words what people write.
_ARCSEC: Final = {
    '"': 1.0,
    "''": 1.0,
    "″": 1.0,
    "arcsec": 1.0,
    "'": 60.0,
    "′": 60.0,
    "arcmin": 60.0,
    "d": 3600.0,
    "°": 3600.0,
    "deg": 3600.0,
    "r": math.degrees(3600.0),
}
_COMMON_UNITS: Final = ('"', "'", "d", "deg")
_PIXEL_UNITS: Final = ("p", "i", "pix", "pixel", "pixels", "px")


@dataclass(frozen=True)
class Coordinate:
    """A coordinate as written.

    Parameters
    ----------
    value
        Degrees, hours or pixels.
    notation
        How it was written.
    in_hours
        The letters say that the value is hours.
    """

    value: float
    notation: Notation
    in_hours: bool = False

    @property
    def is_sexagesimal(self) -> bool:
        """Whether it was written with minutes and seconds: surely a sky coordinate."""
        return self.notation in ("colons", "letters", "spaces")


@dataclass(frozen=True)
class Length:
    """A length as written.

    Parameters
    ----------
    value
        Arcseconds if ``unit`` is ``"arcsec"``, else the bare number.
    unit
        What it is measured in; ``None`` if the file does not say.
    is_common
        The unit is written in a way HEASoft reads too.
    """

    value: float
    unit: Literal["arcsec", "pixel"] | None
    is_common: bool = True


def read_coordinate(word: str) -> Coordinate:
    """Read a coordinate in any notation."""
    text = word.strip().lower()
    for notation, pattern in _SEXAGESIMAL:
        match = pattern.fullmatch(text)
        if match:
            sign, whole, minutes, seconds = match.group(1, 2, 3, 4)
            return Coordinate(_sixtieths(sign, whole, minutes, seconds), notation, "h" in text)
    length = read_length(word)
    if length.unit == "pixel":
        return Coordinate(length.value, "pixels")
    return Coordinate(length.value if length.unit is None else length.value / 3600.0, "decimal")


def read_length(word: str) -> Length:
    """Read a length with or without unit."""
    match = _VALUE_AND_UNIT.fullmatch(word.strip().lower())
    if match is None:
        raise ValueError(f"{word.strip()!r} is not a number with a unit")
    value = float(match[1])
    unit = match[2].strip()
    if not unit:
        return Length(value, None)
    if unit in _PIXEL_UNITS:
        return Length(value, "pixel", is_common=False)
    if unit in _ARCSEC:
        return Length(value * _ARCSEC[unit], "arcsec", is_common=match[2] in _COMMON_UNITS)
    raise ValueError(f"{word.strip()!r} has an unknown unit")


def read_angle(word: str) -> float:
    """Read an angle [deg]."""
    length = read_length(word)
    if length.unit == "pixel":
        raise ValueError(f"{word.strip()!r} is not an angle")
    return length.value if length.unit is None else length.value / 3600.0


def _sixtieths(sign: str, whole: str, minutes: str, seconds: str | None) -> float:
    parts = float(minutes), float(seconds or 0.0)
    if max(parts) > 60.0:  # 60.000 comes out of rounding programs
        raise ValueError(f"{sign}{whole} {minutes} {seconds}: minutes and seconds go up to 60")
    value = float(whole) + parts[0] / 60.0 + parts[1] / 3600.0
    return -value if sign == "-" else value
