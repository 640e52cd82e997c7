"""Why HEASoft would not do what a region file says, in plain words.

A trap is there if the two readings of a file select different pixels, or if HEASoft ignores the
file or crashes on it. The quirks noted while the file was read for its meaning then explain it; a
quirk that changes nothing is no trap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nustar_widgets.errors import RegionError

if TYPE_CHECKING:
    from nustar_widgets.events.ds9reading import Meaning
    from nustar_widgets.events.heasoftreading import HeasoftReading
    from nustar_widgets.events.skygrid import SkyGrid

REWRITE: Final = "Accept the region as drawn here and let it be written anew"

# What a quirk of the file does to HEASoft's reading: code, reason, remedy.
_REASONS: Final = {
    "frame": (
        "the coordinate frame is one HEASoft does not know",
        "Convert the region to fk5",
    ),
    "fk4": (
        "HEASoft takes fk4 (B1950) positions as fk5, half a degree off",
        "Convert the region to fk5",
    ),
    "no-frame": (
        "there is no fk5 line, so HEASoft takes the degrees as sky pixels, without a warning",
        "Put a line fk5 before the shapes",
    ),
    "size-without-unit": (
        "a size has no unit: HEASoft takes it as pixels, DS9 as degrees",
        'Write sizes in arcsec, with "',
    ),
    "unit": (
        "HEASoft ignores the unit of a number",
        'Write positions in degrees and sizes in arcsec, with "',
    ),
    "angular-size-in-pixels": (
        "a position in pixels has a size in angular units, which HEASoft cannot convert",
        "Give position and size both on the sky or both in pixels",
    ),
    "exclude-first": (
        "the first shape is an exclude, so HEASoft also selects everything outside it",
        "Write the shapes that include before those that exclude",
    ),
    "shapes-on-one-line": (
        "two shapes on a line are divided by a semicolon, which HEASoft does not understand",
        "Write every shape on a line of its own",
    ),
    "composite": (
        "HEASoft does not understand composite shapes (||)",
        "In DS9, dissolve the composite before saving",
    ),
    "letters-in-coordinates": (
        "HEASoft reads 12h30m or 45d10m only as far as the first letter",
        "Write coordinates with colons or in degrees",
    ),
    "spaces-in-coordinates": (
        "HEASoft reads 12 30 45 only as far as the first space",
        "Write coordinates with colons or in degrees",
    ),
    "spaces-between-arguments": (
        "the numbers are divided by spaces; HEASoft needs commas",
        "Write commas between the numbers",
    ),
    "no-brackets": (
        "the numbers are not in brackets",
        "Write the numbers in brackets, as in circle(...)",
    ),
    "many-rings": (
        "HEASoft reads an annulus with one inner and one outer radius only",
        "Write one annulus from the first to the last radius",
    ),
    "full-turn": (
        "HEASoft folds angles to one turn, so that a whole turn selects almost nothing",
        "Use an annulus instead of a panda",
    ),
    "exclamation-mark": (
        "HEASoft marks an excluded shape by -, not by !",
        "Write - before shapes that exclude",
    ),
    "frame-without-semicolon": (
        "the frame and a shape stand on one line without a semicolon; HEASoft drops the shape",
        "Put the frame on a line of its own",
    ),
    "byte-order-mark": (
        "the file begins with a byte-order mark, which HEASoft takes as part of a shape's name",
        "Save the file as plain text (UTF-8 without BOM)",
    ),
    "line-ends": (
        "lines end as on the old Macintosh; HEASoft sees a single line",
        "Save the file with Unix line ends",
    ),
    "last-line": (
        "the last line does not end with a line end, which HEASoft requires of some lines",
        "Add an empty line at the end of the file",
    ),
}


@dataclass(frozen=True)
class Trap:
    """A way in which HEASoft would not do what a region file says.

    Parameters
    ----------
    code
        Short name, for programs.
    reason
        What happens and why, in plain words.
    remedy
        What to do.
    """

    code: str
    reason: str
    remedy: str


def find_traps(
    heasoft: HeasoftReading, meaning: Meaning | RegionError, grid: SkyGrid
) -> tuple[Trap, ...]:
    """Say where two readings of a file part; empty if HEASoft does what the file says.

    Parameters
    ----------
    heasoft
        What HEASoft makes of the file.
    meaning
        What its author meant, or why that cannot be told.
    grid
        The pixel plane.
    """
    if isinstance(meaning, RegionError):
        return (_trap_without_meaning(heasoft, meaning),)
    if heasoft.region is None:
        return (_trap_of_lost_region(heasoft, meaning),)
    try:
        meant = meaning.to_pixel(grid)
    except RegionError as problem:
        return (_trap_without_meaning(heasoft, problem),)
    theirs, ours = heasoft.mask(grid), meant.mask(grid)
    if not theirs.same_pixels(ours):
        counts = f"HEASoft would select {theirs.n_pixels} sky pixels instead of {ours.n_pixels}"
        return _traps_of_difference(meaning, counts)
    return () if ours.n_pixels else (_NO_PIXEL,)


_NO_PIXEL: Final = Trap(
    "no-pixel",
    "no sky pixel lies inside the region: the spectrum would be empty, with BACKSCAL 1 and "
    "without an error",
    "Move the region onto the field",
)


def _trap_without_meaning(heasoft: HeasoftReading, problem: RegionError) -> Trap:
    if heasoft.outcome == "crash":
        return Trap(
            "no-shape",
            "the file holds no shape HEASoft can see, and its extractor crashes on such files",
            "Draw at least one shape",
        )
    if heasoft.outcome == "whole field":
        return Trap("unreadable", _ignored(heasoft.reason), f"What we read: {problem}")
    if heasoft.region is not None and not any(shape.include for shape in heasoft.region.shapes):
        return Trap(
            "only-excludes",
            "every shape is an exclude: HEASoft selects the whole plane around them",
            "Add the shape to take events from",
        )
    return Trap("unclear", str(problem), "Draw the region anew")


def _trap_of_lost_region(heasoft: HeasoftReading, meaning: Meaning) -> Trap:
    """Explain why HEASoft ends up without the region a person sees in the file."""
    causes = [quirk for quirk in meaning.quirks if quirk != "last-line"] or ["last-line"]
    cause = causes[0] if causes[0] in meaning.quirks else "unreadable"
    why, remedy = _REASONS.get(cause, (heasoft.reason, REWRITE))
    if heasoft.outcome == "crash":
        return Trap(cause, f"HEASoft's extractor crashes on this file: {why}", remedy)
    return Trap(cause, _ignored(why), remedy)


def _ignored(why: str) -> str:
    return (
        f"HEASoft ignores the file and counts every event of the field, with a warning only: {why}"
    )


def _traps_of_difference(meaning: Meaning, counts: str) -> tuple[Trap, ...]:
    found = [(quirk, *_REASONS[quirk]) for quirk in meaning.quirks if quirk != "last-line"]
    if not found:
        found = [("reads-differently", "HEASoft reads this file in its own way", REWRITE)]
    return tuple(Trap(code, f"{reason}; {counts}", remedy) for code, reason, remedy in found)
