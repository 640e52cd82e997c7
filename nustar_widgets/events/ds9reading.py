"""What the author of a DS9 region file wanted.

DS9's format is looser than what HEASoft reads (``heasoftreading``), and people write looser
files still. Here a file is read for its meaning: as DS9 would where DS9's rule is clear, and with
common sense where only one reading makes sense on this field, such as degrees with a size in
arcsec that fall on the field though the ``fk5`` line is missing. What stays ambiguous is refused,
never guessed.

On the way, whatever HEASoft may trip over is noted by a code; ``regionfile`` explains the codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nustar_widgets.errors import RegionError
from nustar_widgets.events.ds9numbers import (
    Coordinate,
    Length,
    read_angle,
    read_coordinate,
    read_length,
)
from nustar_widgets.events.ds9shapes import SHAPES, SYNONYMS, layout, pixel_shape, sky_shape
from nustar_widgets.events.pixeltosky import shape_to_sky
from nustar_widgets.events.regions import PixelRegion, SkyRegion, SkyShape
from nustar_widgets.events.skyframes import OTHER_FRAMES, SAME_AS_FK5, to_fk5
from nustar_widgets.events.skyshapes import Anchor

if TYPE_CHECKING:
    from nustar_widgets.events.regions import PixelShape
    from nustar_widgets.events.skygrid import SkyGrid

_PIXEL_FRAMES: Final = ("image", "physical")
_UNSUPPORTED_FRAMES: Final = ("linear", "detector", "amplifier", "supergalactic")
_FRAMES: Final = (*SAME_AS_FK5, *OTHER_FRAMES, *_PIXEL_FRAMES, *_UNSUPPORTED_FRAMES)
_HEASOFT_FRAMES: Final = ("fk5", "icrs", "image", "physical")

_GLUED_FRAME: Final = re.compile(rf"({'|'.join(_FRAMES)})\s+(?=[-+!]?\s*[a-z]+\s*\()", re.I)
_SHAPE: Final = re.compile(r"\s*([-+!]?)\s*([a-z]+)\s*\(([^()]*)\)", re.I)
_BARE_SHAPE: Final = re.compile(r"\s*([-+!]?)\s*([a-z]+)\s+([^()]+)", re.I)
_DIVISION: Final = re.compile(r"\s*n\s*=\s*\d+\s*", re.I)


@dataclass(frozen=True)
class Meaning:
    """What a region file says to a person.

    Parameters
    ----------
    shapes
        Shapes on the sky or in pixels, in the order they apply.
    quirks
        Codes of what HEASoft may read differently, in order of appearance.
    """

    shapes: tuple[SkyShape | PixelShape, ...]
    quirks: tuple[str, ...]

    def to_sky(self, grid: SkyGrid) -> SkyRegion:
        """Return the region on the sky."""
        return SkyRegion(tuple(_on_sky(shape, grid) for shape in self.shapes))

    def to_pixel(self, grid: SkyGrid) -> PixelRegion:
        """Return the region in pixels."""
        return PixelRegion(tuple(_in_pixels(shape, grid) for shape in self.shapes))


def _on_sky(shape: SkyShape | PixelShape, grid: SkyGrid) -> SkyShape:
    return shape if isinstance(shape, SkyShape) else shape_to_sky(shape, grid)


def _in_pixels(shape: SkyShape | PixelShape, grid: SkyGrid) -> PixelShape:
    return shape.to_pixel(grid) if isinstance(shape, SkyShape) else shape


def read_as_meant(text: str, grid: SkyGrid) -> Meaning:
    """Read the text of a region file for its meaning.

    Parameters
    ----------
    text
        Content of the file.
    grid
        The pixel plane of the field it was made for.

    Raises
    ------
    RegionError
        The text cannot be understood, is ambiguous, or includes nothing.
    """
    reader = _Ds9Reader(grid)
    if text.startswith("\ufeff"):
        reader.note("byte-order-mark")
        text = text[1:]
    if "\r" in text.replace("\r\n", ""):
        reader.note("line-ends")
    if not text.endswith("\n"):
        reader.note("last-line")
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            reader.read_line(line.strip())
        except ValueError as problem:
            raise RegionError(
                f"region file, line {number}: {line.strip()!r}: {problem}; correct the line or "
                "draw the region anew"
            ) from None
    return reader.meaning()


class _Ds9Reader:
    """The state of a region file while it is read."""

    def __init__(self, grid: SkyGrid) -> None:
        self._grid = grid
        self._frame: str | None = None
        self._shapes: list[SkyShape | PixelShape] = []
        self._quirks: dict[str, None] = {}

    def note(self, quirk: str) -> None:
        self._quirks[quirk] = None

    def meaning(self) -> Meaning:
        shapes = self._shapes
        if not shapes:
            raise RegionError("region file: it holds no shape; draw at least one")
        start = next((i for i, shape in enumerate(shapes) if shape.include), None)
        if start is None:
            raise RegionError(
                "region file: every shape is an exclude, so it would select the whole plane around "
                "them; add the shape to take events from"
            )
        if start:
            self.note("exclude-first")
        return Meaning((*shapes[start:], *shapes[:start]), tuple(self._quirks))

    def read_line(self, line: str) -> None:
        if line.startswith("#") or line.lower().startswith("global"):
            return
        body = line.split("#", 1)[0]
        if "||" in body:
            self.note("composite")
            body = re.sub(r"\|\||composite\s*=\s*1", ";", body)
        statements = [part for part in body.split(";") if part.strip()]
        if sum("(" in part for part in statements) > 1:
            self.note("shapes-on-one-line")
        for statement in statements:
            self._read_statement(statement.strip())

    def _read_statement(self, statement: str) -> None:
        if statement.lower() in _FRAMES:
            self._set_frame(statement.lower())
            return
        glued = _GLUED_FRAME.match(statement)
        if glued:
            self.note("frame-without-semicolon")
            self._set_frame(glued[1].lower())
            statement = statement[glued.end() :]
        while statement:
            match = _SHAPE.match(statement)
            if match is None:
                match = _BARE_SHAPE.fullmatch(statement)
                self.note("no-brackets")
            if match is None:
                raise ValueError("expected a frame such as fk5 or a shape such as circle(...)")
            self._read_shape(match[1], match[2], match[3])
            statement = statement[match.end() :].strip()

    def _set_frame(self, frame: str) -> None:
        if frame in _UNSUPPORTED_FRAMES:
            raise ValueError(f"frame {frame}: expected fk5, icrs, galactic, image or physical")
        if frame not in _HEASOFT_FRAMES:
            self.note("fk4" if frame == "fk4" else "frame")
        self._frame = frame

    def _read_shape(self, sign: str, written: str, arguments: str) -> None:
        shape = SYNONYMS.get(written.lower(), written.lower())
        if shape not in SHAPES:
            raise ValueError(f"shape {written}: expected one of {', '.join(SHAPES)}")
        if sign == "!":
            self.note("exclamation-mark")
        words = self._words(arguments)
        plan = layout(shape, len(words))
        coordinates = [read_coordinate(word) for word in words[: 2 * plan.positions]]
        lengths = [read_length(words[index]) for index in plan.lengths]
        angles = [read_angle(words[index]) for index in plan.angles]
        self._note_parameters(shape, coordinates, lengths, angles)
        make = self._in_sky if self._frame_of(coordinates, lengths) else self._in_pixels
        self._shapes.append(make(shape, coordinates, lengths, angles, include=sign in ("", "+")))

    def _words(self, arguments: str) -> list[str]:
        if "," in arguments:
            words = arguments.split(",")
        else:
            self.note("spaces-between-arguments")
            words = arguments.split()
        kept = [word for word in words if not _DIVISION.fullmatch(word)]
        if len(kept) < len(words):
            self.note("many-rings")
        return kept

    def _note_parameters(
        self,
        shape: str,
        coordinates: list[Coordinate],
        lengths: list[Length],
        angles: list[float],
    ) -> None:
        notations = {coordinate.notation for coordinate in coordinates}
        for notation in ("letters", "spaces"):
            if notation in notations:
                self.note(f"{notation}-in-coordinates")
        if len(lengths) > 2 and shape == "annulus":
            self.note("many-rings")
        if not all(length.is_common for length in lengths):
            self.note("unit")
        if shape == "panda" and (angles[1] - angles[0]) % 360.0 == 0.0:
            self.note("full-turn")

    def _frame_of(self, coordinates: list[Coordinate], lengths: list[Length]) -> bool:
        """Whether a shape is on the sky; settles the frame where the file does not name it."""
        if self._frame is not None and self._frame not in _PIXEL_FRAMES:
            return True
        if any(coordinate.is_sexagesimal for coordinate in coordinates):
            return True
        if any(coordinate.notation == "pixels" for coordinate in coordinates):
            self.note("unit")
            return False
        angular = any(length.unit == "arcsec" for length in lengths)
        if self._frame is None:
            x, y = coordinates[0].value, coordinates[1].value
            in_pixels = _on_plane(self._grid, x, y)
            if self._on_field(x, y) and (angular or not in_pixels):
                self.note("no-frame")
                return True
            if angular and not in_pixels:
                raise ValueError(
                    "no frame is given and the position lies neither on this field in degrees nor "
                    "on its plane in pixels: expected a line fk5 before the shape"
                )
        if angular:
            self.note("angular-size-in-pixels")
        return False

    def _on_field(self, ra_deg: float, dec_deg: float) -> bool:
        if not (0.0 <= ra_deg <= 360.0 and -90.0 <= dec_deg <= 90.0):
            return False
        try:
            return _on_plane(self._grid, *self._grid.sky_to_pixel(ra_deg, dec_deg))
        except RegionError:
            return False

    def _in_sky(
        self,
        shape: str,
        coordinates: list[Coordinate],
        lengths: list[Length],
        angles: list[float],
        *,
        include: bool,
    ) -> SkyShape:
        frame = self._frame if self._frame not in (None, *_PIXEL_FRAMES) else "fk5"
        degrees = [
            (_longitude(first, frame), second.value)
            for first, second in zip(coordinates[::2], coordinates[1::2], strict=True)
        ]
        if any(not -90.0 <= latitude <= 90.0 for _, latitude in degrees):
            raise ValueError("a declination or latitude lies outside -90 to 90 degrees")
        north = 0.0
        if frame in OTHER_FRAMES:
            converted = [to_fk5(frame, *position) for position in degrees]
            degrees = [(ra, dec) for ra, dec, _ in converted]
            north = converted[0][2]
        sizes = [self._arcsec(length) for length in lengths]
        turned = [angle + north for angle in angles]
        return sky_shape(shape, degrees, sizes, turned, include=include)

    def _arcsec(self, length: Length) -> float:
        """Length on the sky; a bare number is degrees, as in DS9, if that fits the field."""
        if length.unit == "arcsec":
            return length.value
        if length.unit == "pixel":
            return length.value * self._grid.pixel_arcsec
        self.note("size-without-unit")
        if length.value > self._grid.ny * self._grid.pixel_arcsec / 3600.0:
            raise ValueError(
                f"size {length.value:g} has no unit: DS9 takes degrees, HEASoft takes pixels; "
                f'write {length.value:g}" for arcsec'
            )
        return length.value * 3600.0

    def _in_pixels(
        self,
        shape: str,
        coordinates: list[Coordinate],
        lengths: list[Length],
        angles: list[float],
        *,
        include: bool,
    ) -> PixelShape:
        values = [coordinate.value for coordinate in coordinates]
        positions = list(zip(values[::2], values[1::2], strict=True))
        anchor = Anchor.at(self._grid, *self._grid.pixel_to_sky(*positions[0]))
        sizes = [
            anchor.arcsec_to_pixels(length.value) if length.unit == "arcsec" else length.value
            for length in lengths
        ]
        return pixel_shape(shape, positions, sizes, angles, include=include)


def _longitude(coordinate: Coordinate, frame: str | None) -> float:
    """Right ascension or longitude [deg]: hours where the frame or the letters say so."""
    hours = coordinate.in_hours or (
        coordinate.notation in ("colons", "spaces") and frame not in ("galactic", "ecliptic")
    )
    return coordinate.value * 15.0 if hours else coordinate.value


def _on_plane(grid: SkyGrid, x: float, y: float) -> bool:
    return grid.x_min <= x < grid.x_min + grid.nx and grid.y_min <= y < grid.y_min + grid.ny
