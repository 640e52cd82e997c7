"""Region files: both readings of what others wrote, and our own that have only one.

The same file can mean one thing to its author and another to HEASoft: degrees read as pixels, a
line that makes the tool drop the region and count the whole field. ``RegionFile`` keeps the bytes
and offers both readings; where they part, ``traps`` says why, in plain words, and what to do.

Files written here are read alike by everybody: ``fk5``, decimal degrees with every digit, sizes
with ``"``, an include at the start. Reading one back gives the same pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nustar_widgets.atomic import write_text
from nustar_widgets.errors import InputFileError, RegionError, RegionTrapError
from nustar_widgets.events.ds9reading import Meaning, read_as_meant
from nustar_widgets.events.heasoftreading import HeasoftReading, read_as_heasoft
from nustar_widgets.events.regiontext import format_region
from nustar_widgets.events.regiontraps import Trap, find_traps

if TYPE_CHECKING:
    from nustar_widgets.events.regions import SkyRegion
    from nustar_widgets.events.skygrid import SkyGrid

__all__ = [
    "HeasoftReading",
    "RegionFile",
    "Trap",
    "format_region",
    "read_region_file",
    "write_region_file",
]


@dataclass(frozen=True)
class RegionFile:
    """A region file as it was found, and its two readings.

    Parameters
    ----------
    content
        Its bytes, untouched.
    origin
        Where it came from, for messages.
    """

    content: bytes
    origin: str = "region file"

    @classmethod
    def from_text(cls, text: str, origin: str = "region text") -> RegionFile:
        """Make one from text."""
        return cls(text.encode("utf-8"), origin)

    @property
    def text(self) -> str:
        """Its text, byte-order mark included."""
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError:
            return self.content.decode("latin-1")

    def as_heasoft(self, grid: SkyGrid) -> HeasoftReading:
        """Read the file as HEASoft does.

        Parameters
        ----------
        grid
            The pixel plane of the event list it is applied to.
        """
        return read_as_heasoft(self.content.decode("latin-1"), grid)

    def as_meant(self, grid: SkyGrid) -> SkyRegion:
        """Read the file as its author most likely meant it.

        Parameters
        ----------
        grid
            The pixel plane of the field it was made for.

        Raises
        ------
        RegionError
            The file cannot be understood, is ambiguous, or includes nothing.
        """
        return read_as_meant(self.text, grid).to_sky(grid)

    def traps(self, grid: SkyGrid) -> tuple[Trap, ...]:
        """Say where the two readings part; empty if HEASoft does what the file says."""
        try:
            meaning: Meaning | RegionError = read_as_meant(self.text, grid)
        except RegionError as problem:
            meaning = problem
        return find_traps(self.as_heasoft(grid), meaning, grid)

    def require_safe(self, grid: SkyGrid) -> None:
        """Make sure that HEASoft does what the file says.

        Raises
        ------
        RegionTrapError
            It would not; the message names every trap and its remedy.
        """
        traps = self.traps(grid)
        if traps:
            lines = [f"{trap.reason}. {trap.remedy}." for trap in traps]
            raise RegionTrapError(f"{self.origin}: " + " ".join(lines))


def read_region_file(path: str | Path) -> RegionFile:
    """Read a DS9 region file.

    Raises
    ------
    InputFileError
        The file cannot be read, or is a FITS region table.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as problem:
        raise InputFileError(
            path, f"cannot be read ({problem.strerror})", "Give a DS9 region file."
        ) from problem
    if content.startswith(b"SIMPLE  ="):
        raise InputFileError(
            path, "is a FITS table of regions", "Open it in DS9 and save it as a DS9 region file."
        )
    return RegionFile(content, str(path))


def write_region_file(path: str | Path, region: SkyRegion) -> None:
    """Write a region so that HEASoft, DS9 and this package read it alike.

    The file is written whole: under a temporary name, then renamed.

    Parameters
    ----------
    path
        The file; replaced if it exists.
    region
        What to write; see ``format_region``.

    Raises
    ------
    RegionError
        The region is empty, only excludes, or has a number that cannot be written.
    OutputError
        The file cannot be written.
    """
    write_text(path, format_region(region))
