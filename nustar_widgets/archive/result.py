"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nustar_widgets.archive.columns import COLUMNS, Column, Kind
from nustar_widgets.archive.coordinates import Position
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.query import Query

if TYPE_CHECKING:
    from astropy.table import Table


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """What a search found, and how far it can be trusted.

    Attributes
    ----------
    query
        What was searched for.
    position
        Centre of the cone, resolved from the name if need be; ``None`` if there was none.
    observations
        What was found, oldest first; what is only planned comes last.
    fetched
        When the archive said so (UTC).
    truncated
        The archive has more than it sent.
    from_cache
        It was kept from an earlier search.
    stale
        It was kept from an earlier search because the archive does not answer now.
    problem
        Why the archive does not answer, if it is stale.
    """

    query: Query
    position: Position | None
    observations: tuple[Observation, ...]
    fetched: datetime
    truncated: bool = False
    from_cache: bool = False
    stale: bool = False
    problem: str = ""

    @property
    def hint(self) -> str:
        """What the user should know or try, in one line; empty if all is well."""
        if self.stale:
            return f"as of {self.fetched:%Y-%m-%d %H:%M} UTC: {self.problem}"
        if self.truncated:
            return (
                f"only the first {len(self.observations)} observations: the archive has more, "
                "narrow the search"
            )
        return "" if self.observations else self._nothing()

    @property
    def offsets_arcmin(self) -> tuple[float | None, ...]:
        """How far each pointing is from the position [arcmin]; ``None`` where that means nothing.

        One value an observation, in their order.
        """
        return tuple(self._offset(observation) for observation in self.observations)

    @cached_property
    def table(self) -> Table:
        """The observations as an astropy Table with units, made when first asked for.

        The catalogue's own columns under its own names (days as MJD), and ``search_offset``
        [arcmin], ``start``, ``end`` and ``public`` (days as text), ``flags`` and ``can_download``.
        What the catalogue does not have is masked.
        """
        from astropy.table import MaskedColumn, Table  # noqa: PLC0415  (0.4 s)

        offset = MaskedColumn(
            [value or 0.0 for value in self.offsets_arcmin],
            mask=[value is None for value in self.offsets_arcmin],
            dtype=float,
            unit="arcmin",
            description="distance of the pointing from the position searched for",
        )
        rows = self.observations
        table = Table({column.name: self._column(column) for column in COLUMNS})
        extra = {
            "search_offset": offset,
            "start": _words([row.start for row in rows], "start (UTC)"),
            "end": _words([row.end for row in rows], "end (UTC)"),
            "public": _words([row.public for row in rows], "first public day (UTC)"),
            "flags": _words(
                ["; ".join(str(flag) for flag in row.flags) for row in rows],
                "what must be known before the data are used",
            ),
        }
        for place, (name, column) in enumerate(extra.items(), start=2):
            table.add_column(column, name=name, index=place)
        table["can_download"] = [row.can_download for row in rows]
        return table

    def _column(self, column: Column) -> Any:
        from astropy.table import MaskedColumn  # noqa: PLC0415

        values = [getattr(row, column.field) for row in self.observations]
        about = {"description": column.meaning, "unit": column.unit}
        if column.kind is Kind.TEXT:
            return _words(values, column.meaning)
        if column.kind is Kind.YES:
            return MaskedColumn(values, dtype=bool, **about)
        missing = [value is None for value in values]
        return MaskedColumn([value or 0.0 for value in values], mask=missing, dtype=float, **about)

    def _offset(self, observation: Observation) -> float | None:
        if self.position is None or observation.ra_deg is None or observation.dec_deg is None:
            return None
        return self.position.separation_arcmin(observation.ra_deg, observation.dec_deg)

    def _nothing(self) -> str:
        conditions = ", ".join(self.query.conditions)
        if self.position is None:
            return f"nothing with {conditions}; check it, or ask for less"
        where = f"nothing within {self.query.radius_arcmin:g} arcmin of {self.query.target}"
        if conditions:
            return f"{where} with {conditions}; try a larger radius or fewer conditions"
        return f"{where}; try a larger radius"


def _words(values: list[str], meaning: str) -> Any:
    from astropy.table import Column as Plain  # noqa: PLC0415

    return Plain(values, dtype=str if values else "U1", description=meaning)
