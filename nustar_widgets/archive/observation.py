"""One row of the catalogue, and what must be known before its data are used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from nustar_widgets.archive.columns import COLUMNS
from nustar_widgets.archive.mjd import mjd_to_iso, now_mjd
from nustar_widgets.archive.paths import is_obsid

_OBSERVED: Final = ("processed", "archived")
_QUIET: Final = ("", "0", "0.0", "n", "no", "none")


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something to know before the data are used.

    Attributes
    ----------
    kind
        ``planned``, ``proprietary``, ``unavailable``, ``no exposure``, ``slew``, ``issue``,
        ``solar activity``, ``data gap`` or ``metrology``.
    text
        The same in words.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One observation, as the catalogue has it; `columns.COLUMNS` says what each field means.

    Days are MJD in UTC. A number the catalogue does not have is ``None``, a text is empty. The
    exposure of an observation that is only planned is negative.
    """

    obsid: str
    name: str = ""
    ra_deg: float | None = None
    dec_deg: float | None = None
    roll_deg: float | None = None
    start_mjd: float | None = None
    end_mjd: float | None = None
    exposure_a_s: float | None = None
    exposure_b_s: float | None = None
    ontime_a_s: float | None = None
    ontime_b_s: float | None = None
    status: str = ""
    mode: str = ""
    spacecraft_mode: str = ""
    obs_type: str = ""
    public_mjd: float | None = None
    has_issue: bool = False
    solar_activity: str = ""
    data_gap: float | None = None
    nupsdout: float | None = None
    coordinated: str = ""
    comments: str = ""
    category: str = ""
    pi_lname: str = ""
    pi_fname: str = ""
    proposal: str = ""
    cycle: float | None = None
    title: str = ""
    caldb_version: str = ""
    row: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row of the catalogue.

        Parameters
        ----------
        row
            Its values by the names of the catalogue's columns.

        Raises
        ------
        KeyError
            A column is missing.
        ValueError
            A value is not of its kind.
        """
        values: dict[str, Any] = {
            column.field: column.kind.read(row[column.name]) for column in COLUMNS
        }
        return cls(**values)

    def to_row(self) -> list[str | float | bool | None]:
        """Return the values as plain JSON, in the order of `columns.COLUMNS`."""
        return [getattr(self, column.field) for column in COLUMNS]

    @property
    def is_planned(self) -> bool:
        """Accepted for observation, and not observed yet."""
        return self.status.lower() == "accepted"

    @property
    def exposure_s(self) -> float:
        """The longer exposure of the two modules [s]; zero while there are no data."""
        return max(self.exposure_a_s or 0.0, self.exposure_b_s or 0.0, 0.0)

    @property
    def start(self) -> str:
        """When it began, as ``2018-07-05T16:26:09`` (UTC); empty if unknown."""
        return mjd_to_iso(self.start_mjd)

    @property
    def end(self) -> str:
        """When it ended, as `start`."""
        return mjd_to_iso(self.end_mjd)

    @property
    def public(self) -> str:
        """The day from which its data are public (UTC); empty if there is none yet."""
        return mjd_to_iso(self.public_mjd, day_only=True)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What must be known before its data are used, the gravest first; as of now."""
        found = [*self._obstacles(), *self._oddities()]
        return tuple(Flag(kind=kind, text=text) for kind, text in found)

    @property
    def why_not(self) -> str | None:
        """Why its data cannot be downloaded; ``None`` if they can."""
        return next((text for _, text in self._obstacles()), None)

    @property
    def can_download(self) -> bool:
        """Whether there are data, and everybody may have them."""
        return self.why_not is None

    def _obstacles(self) -> Iterator[tuple[str, str]]:
        if self.is_planned:
            planned_s = -min(self.exposure_a_s or 0.0, self.exposure_b_s or 0.0, 0.0)
            of = f", {planned_s:g} s" if planned_s else ""
            yield "planned", f"planned{of}: not observed yet"
            return
        if self.public_mjd is None:
            yield "proprietary", "proprietary: no public date yet, the files are encrypted"
        elif self.public_mjd > now_mjd():
            yield "proprietary", f"proprietary until {self.public}: the files are encrypted"
        if self.status.lower() not in _OBSERVED:
            yield "unavailable", f"status {self.status!r}: not in the archive"
        if self.exposure_s == 0.0:
            yield "no exposure", "no exposure: there are no data to analyse"
        if not is_obsid(self.obsid):
            yield "unavailable", f"obsid {self.obsid!r} is not one of an observation (11 digits)"

    def _oddities(self) -> Iterator[tuple[str, str]]:
        if self.mode.upper() == "SLEW":
            yield "slew", "slew: taken while the telescope turned, no SCIENCE (mode 01) events"
        reasons = tuple(self._reasons())
        if self.has_issue:
            named = ", ".join(kind for kind, _ in reasons) or self.comments or "see the comments"
            yield "issue", f"known issue: {named}"
        yield from reasons

    def _reasons(self) -> Iterator[tuple[str, str]]:
        if self.solar_activity.lower() not in _QUIET:
            yield "solar activity", f"solar activity: {self.solar_activity}"
        if self.data_gap:
            yield "data gap", f"data gap: {self.data_gap:g}"
        if self.nupsdout:
            yield "metrology", f"metrology laser outside its calibrated grid: {self.nupsdout:g}"
