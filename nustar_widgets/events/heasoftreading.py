"""What HEASoft makes of a region file, to the letter.

The tools hand the file to CFITSIO (``region.c``), whose reader knows a small dialect of DS9's
format and guesses boldly at the rest: numbers are cut off where they stop making sense, a colon
or a letter ``d`` anywhere between brackets changes the coordinate system for the rest of the
file, a size without unit is pixels. If it gives up, the extractor prints one warning and carries
on *without any region*; if it finds no shape, the extractor crashes. All of that is kept here, so
that the consequence of a file can be shown before a task runs. For what the author of the file
wanted, see ``ds9reading``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from nustar_widgets.errors import RegionError
from nustar_widgets.events.cfitsioshapes import build, canonical, n_coordinates, turned
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regions import PixelRegion, PixelShape
from nustar_widgets.events.skyshapes import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nustar_widgets.events.skygrid import SkyGrid

Outcome = Literal["region", "whole field", "crash"]

_WHITE: Final = " \t\n\v\f\r"
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")  # nothing else ends a line for C
_NUMBER: Final = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_INTEGER: Final = re.compile(r"[ \t\n\v\f\r]*([+-]?\d+)")
_UNITS_PER_DEGREE: Final = {'"': 3600.0, "'": 60.0, "d": 1.0}

# Words that set the coordinate system in front of a shape, and alone on a line; in the order
# CFITSIO tries them. Whether the coordinates are sky or pixels is all it remembers.
_PREFIXES: Final = {
    "image;": False,
    "physical;": False,
    "linear;": False,
    "fk4;": True,
    "fk5;": True,
    "icrs;": True,
}
_ALONE: Final = {"fk5": True, "fk4": True, "icrs": True, "image": False, "physical": False}


@dataclass(frozen=True)
class HeasoftReading:
    """The outcome of a region file in HEASoft.

    Parameters
    ----------
    outcome
        ``"region"``: the shapes are used. ``"whole field"``: the file is ignored and every event
        counted, with a warning only. ``"crash"``: the extractor ends without any product.
    region
        The shapes, if they are used.
    reason
        Why they are not, in plain words.
    """

    outcome: Outcome
    region: PixelRegion | None = None
    reason: str = ""

    def mask(self, grid: SkyGrid) -> PixelMask:
        """Return the pixels HEASoft counts.

        Raises
        ------
        RegionError
            HEASoft crashes on this file: there is no product.
        """
        if self.outcome == "crash":
            raise RegionError(
                f"{self.reason}: HEASoft's extractor crashes on such a region file; draw at least "
                "one shape and write the file again"
            )
        return PixelMask.everything(grid) if self.region is None else self.region.mask(grid)


def read_as_heasoft(text: str, grid: SkyGrid) -> HeasoftReading:
    """Read the text of a region file exactly as HEASoft does.

    Parameters
    ----------
    text
        Content of the file, one character per byte (Latin-1), line ends untouched.
    grid
        The pixel plane of the event list it is applied to.
    """
    if not text:
        return HeasoftReading("whole field", reason="the file is empty")
    reader = _CfitsioReader(grid)
    try:
        for line in _LINE.findall(text):
            reader.read_line(line)
    except _GivesUpError as problem:
        return HeasoftReading("whole field", reason=str(problem))
    if not reader.shapes:
        return HeasoftReading("crash", reason="the file holds no shape")
    return HeasoftReading("region", PixelRegion(tuple(reader.shapes)))


class _GivesUpError(Exception):
    """CFITSIO stops reading."""


@dataclass(frozen=True)
class _Piece:
    """Text up to a closing bracket or the end of a line."""

    name: str
    parameters: str | None
    count: int


class _CfitsioReader:
    """The state CFITSIO keeps while it reads a file."""

    def __init__(self, grid: SkyGrid) -> None:
        self.shapes: list[PixelShape] = []
        self._grid = grid
        self._sky = False

    def read_line(self, line: str) -> None:
        if line.startswith("#"):
            self._read_comment(line[1:].lstrip(_WHITE).lower())
        elif line[:4].lower() != "glob":
            for piece in self._pieces(line):
                self._read_piece(piece)

    def _read_comment(self, comment: str) -> None:
        """Obey a ``# format:`` comment; skip any other."""
        if not comment.startswith("format:"):
            return
        if self.shapes:
            raise _GivesUpError("a '# format:' line follows a shape")
        found = comment[7:].lstrip(_WHITE)
        if not found.startswith(("pixel", "degree", "hhmmss", "hms")):
            raise _GivesUpError(f"'# format: {found.strip()}' is not pixel, degree or hhmmss")
        self._sky = not found.startswith("pixel")

    def _pieces(self, line: str) -> Iterator[_Piece]:
        """Split a line at closing brackets, as CFITSIO does; its end must be a line end."""
        start = 0
        while start < len(line):
            piece, start = self._next_piece(line, start)
            yield piece

    def _next_piece(self, line: str, start: int) -> tuple[_Piece, int]:
        opened: int | None = None
        count = 1
        for position in range(start, len(line)):
            character = line[position]
            if character == "(":
                if opened is not None:
                    raise _GivesUpError(f"two opening brackets: {line[start:].strip()!r}")
                opened = position + 1
            elif character == ")":
                if opened is None:
                    raise _GivesUpError(f"no opening bracket: {line[start:].strip()!r}")
                name, parameters = line[start : opened - 1], line[opened:position]
                return _Piece(name, parameters, count), position + 1
            elif character in "#\n":
                if opened is not None:
                    break
                return _Piece(line[start:position], None, count), len(line)
            elif opened is not None and character in ":d":
                self._sky = True
            count += character == ","
        if opened is not None:
            raise _GivesUpError(f"no closing bracket: {line[start:].strip()!r}")
        raise _GivesUpError(f"the last line has no line end: {line[start:].strip()!r}")

    def _read_piece(self, piece: _Piece) -> None:
        name = piece.name.lstrip(_WHITE)
        if not name and piece.parameters is None:
            return
        for prefix, sky in _PREFIXES.items():
            if name.lower().startswith(prefix):
                self._sky = sky
                self._read_shape(name[len(prefix) :], piece)
                return
        for word, sky in _ALONE.items():
            if name.lower().startswith(word):
                self._sky = sky  # whatever follows on the way to the bracket is dropped
                return
        self._read_shape(name, piece)

    def _read_shape(self, name: str, piece: _Piece) -> None:
        name = name.lstrip(_WHITE)
        include = not name.startswith("-")
        written = name[name[:1] in ("+", "-") :].strip(_WHITE)
        if not written:
            raise _GivesUpError(f"no shape in {piece.name.strip()!r}")
        try:
            shape = canonical(written, piece.count)
        except ValueError as problem:
            raise _GivesUpError(str(problem)) from None
        values = self._values(shape, (piece.parameters or "").split(","))
        rotation = self._grid.rotation_deg if self._sky else 0.0
        self.shapes.append(build(shape, turned(shape, values, rotation), include=include))

    def _values(self, shape: str, texts: list[str]) -> list[float]:
        """Return the parameters as pixels and degrees."""
        n_leading = n_coordinates(shape, len(texts))
        written = [self._position(texts[i], texts[i + 1]) for i in range(0, n_leading, 2)]
        values = [value for _, pixel in written for value in pixel]
        (first, second), (x, y) = written[0]
        anchor = Anchor(self._grid, first, second, x, y)
        return values + [self._length(text, anchor) for text in texts[n_leading:]]

    def _position(self, first: str, second: str) -> tuple[tuple[float, float], tuple[float, float]]:
        """Coordinates as written, and in pixels."""
        if ":" in first:
            self._sky = True
            x, y = 15.0 * _sexagesimal(first), _signed_sexagesimal(second)
        else:
            x, y = _number(first)[0], _number(second)[0]
        return (x, y), (self._sky_to_pixel(x, y) if self._sky else (x, y))

    def _sky_to_pixel(self, ra_deg: float, dec_deg: float) -> tuple[float, float]:
        try:
            return self._grid.sky_to_pixel(ra_deg, dec_deg)
        except RegionError as problem:
            raise _GivesUpError(str(problem)) from None

    def _length(self, text: str, anchor: Anchor) -> float:
        value, rest = _number(text)
        if rest[:1] not in _UNITS_PER_DEGREE:
            return value
        try:
            return anchor.degrees_to_pixels(value / _UNITS_PER_DEGREE[rest[0]])
        except RegionError as problem:
            raise _GivesUpError(str(problem)) from None


def _number(text: str) -> tuple[float, str]:
    """Read the number a text begins with, 0 if none, and the rest (C's ``strtod``)."""
    match = _NUMBER.match(text)
    return (float(match[1]), text[match.end() :]) if match else (0.0, text)


def _integer(text: str) -> tuple[int, str]:
    """Read the whole number a text begins with, 0 if none, and the rest (C's ``strtol``)."""
    match = _INTEGER.match(text)
    return (int(match[1]), text[match.end() :]) if match else (0, text)


def _sexagesimal(text: str, sign: int = 1) -> float:
    """Read ``whole:minutes:seconds`` as far as it goes; the sign is that of every part."""
    whole, rest = _integer(text)
    minutes, seconds = 0, 0.0
    if rest.startswith(":"):
        minutes, rest = _integer(rest[1:])
        if rest.startswith(":"):
            seconds = _number(rest[1:])[0]
    return sign * whole + sign * minutes / 60.0 + sign * seconds / 3600.0


def _signed_sexagesimal(text: str) -> float:
    text = text.lstrip(_WHITE)
    return _sexagesimal(text[1:], sign=-1) if text.startswith("-") else _sexagesimal(text)
