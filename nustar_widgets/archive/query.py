"""What is searched for, as one frozen value; and what people type, read into it."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Self

from nustar_widgets.archive.coordinates import Position, read_position
from nustar_widgets.archive.paths import is_obsid
from nustar_widgets.errors import QueryError

DEFAULT_RADIUS_ARCMIN: Final = 15.0
"""A little more than NuSTAR's field of view (12 x 12 arcmin) is wide: every pointing that holds
the position, and the next ones to it."""

MODES: Final = ("SCIENCE", "SLEW")
_LONGEST: Final = 200
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is searched for. All that is given must hold; ``None`` asks for nothing.

    Attributes
    ----------
    name
        Source name, as typed. With a position beside it, it is only a label.
    ra_deg, dec_deg
        ICRS position [deg]; both or neither.
    radius_arcmin
        How far a pointing may be from the position [arcmin].
    obsid
        Observation ID, eleven digits.
    start, end
        First and last day (UTC) on which the observation may begin.
    min_exposure_s
        Least exposure of FPMA [s].
    pi
        Last name of the principal investigator, in any case.
    mode
        ``SCIENCE`` or ``SLEW``.
    public_only
        Leave out what is planned or still proprietary.

    Raises
    ------
    QueryError
        A value is impossible, or nothing at all is asked for.
    """

    name: str | None = None
    ra_deg: float | None = None
    dec_deg: float | None = None
    radius_arcmin: float = DEFAULT_RADIUS_ARCMIN
    obsid: str | None = None
    start: date | None = None
    end: date | None = None
    min_exposure_s: float | None = None
    pi: str | None = None
    mode: str | None = None
    public_only: bool = False

    def __post_init__(self) -> None:
        self._check_words()
        self._check_numbers()
        if self.start and self.end and self.start > self.end:
            raise QueryError(f"{self.start} to {self.end}", "the end is before the start")
        if not (self.target or self.conditions):
            raise QueryError(
                "",
                "nothing to search for: give a source name, coordinates, an obsid or a condition",
            )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what was typed into one box: an obsid, coordinates, or else a source name.

        Parameters
        ----------
        text
            As ``60001110002``, ``321.94 56.94``, ``21:27:45.0 +56:56:35.9`` or
            ``SWIFT J2127.4+5654``.

        Raises
        ------
        QueryError
            Nothing was typed, or something that is none of these.
        """
        typed = " ".join(text.split())
        number = re.fullmatch(r"(?:nu)?([0-9]+)", typed)
        if number and is_obsid(number[1]):
            return cls(obsid=number[1])
        if number:
            raise QueryError(
                text, f"has {len(number[1])} digits; expected an obsid (11 digits) or a source name"
            )
        position = read_position(typed) if len(typed) <= _LONGEST else None
        if position:
            return cls(ra_deg=position.ra_deg, dec_deg=position.dec_deg)
        return cls(name=typed)

    @property
    def position(self) -> Position | None:
        """The position asked for; ``None`` while it is only a name, or none."""
        if self.ra_deg is None or self.dec_deg is None:
            return None
        return Position(ra_deg=self.ra_deg, dec_deg=self.dec_deg)

    @property
    def target(self) -> str:
        """What the cone is around, in words; empty where there is none."""
        if self.name:
            return self.name
        return f"{self.ra_deg:g} {self.dec_deg:+g}" if self.position else ""

    @property
    def conditions(self) -> tuple[str, ...]:
        """Everything asked for besides the position, in words."""
        said = (
            (self.obsid, f"obsid {self.obsid}"),
            (self.start, f"begun on or after {self.start}"),
            (self.end, f"begun on or before {self.end}"),
            (self.min_exposure_s, f"at least {self.min_exposure_s or 0:g} s"),
            (self.pi, f"PI {self.pi}"),
            (self.mode, f"mode {self.mode}"),
            (self.public_only, "public only"),
        )
        return tuple(words for given, words in said if given)

    def to_dict(self) -> dict[str, Any]:
        """Return the query as plain JSON values; equal queries give equal values."""
        return {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in asdict(self).items()
        }

    def _check_words(self) -> None:
        for field in ("name", "pi"):
            text = getattr(self, field)
            if text is None:
                continue
            object.__setattr__(self, field, text.strip())
            if not text.strip():
                raise QueryError(text, f"{field}: nothing but blanks; leave it out instead")
            if len(text) > _LONGEST or _UNPRINTABLE.search(text):
                raise QueryError(text, f"{field}: expected at most {_LONGEST} printable characters")
        if self.obsid is not None and not is_obsid(self.obsid):
            raise QueryError(self.obsid, "obsid: expected 11 digits, as '60001110002'")
        if self.mode is not None and self.mode not in MODES:
            raise QueryError(self.mode, f"mode: expected {' or '.join(MODES)}, or None for both")

    def _check_numbers(self) -> None:
        if (self.ra_deg is None) != (self.dec_deg is None):
            raise QueryError(
                (self.ra_deg, self.dec_deg), "expected both right ascension and declination"
            )
        _ = self.position  # which checks itself
        if not 0.0 < self.radius_arcmin <= 180.0 * 60.0:
            raise QueryError(self.radius_arcmin, "radius: expected more than 0 arcmin, up to 10800")
        exposure_s = self.min_exposure_s
        if exposure_s is not None and not (math.isfinite(exposure_s) and exposure_s >= 0.0):
            raise QueryError(exposure_s, "exposure: expected 0 s or more")
