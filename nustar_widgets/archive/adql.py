"""A query in ADQL, the language the archive is asked in.

Values enter as literals only: text between quotes with every quote doubled, numbers formatted as
numbers. Nothing a user types can end a literal, so nothing can change what is asked. A source name
never enters at all: it is resolved to a position first.
"""

from __future__ import annotations

from typing import Final

from nustar_widgets.archive.columns import COLUMNS
from nustar_widgets.archive.coordinates import Position
from nustar_widgets.archive.mjd import date_to_mjd, now_mjd
from nustar_widgets.archive.query import Query

CATALOGUE: Final = "numaster"


def adql(query: Query, position: Position | None) -> str:
    """Write a query in ADQL.

    Parameters
    ----------
    query
        What is searched for.
    position
        Centre of the cone; ``None`` for none.

    Returns
    -------
    str
        One SELECT on the NuSTAR master catalogue.
    """
    columns = ",".join(column.name for column in COLUMNS)
    conditions = _cone(query, position) + _conditions(query)
    return f"SELECT {columns} FROM {CATALOGUE} WHERE {' AND '.join(conditions)}"


def text_literal(text: str) -> str:
    """Write a text as an ADQL literal (ADQL 2.0, section 2.1.1: a quote is written twice)."""
    return "'" + text.replace("'", "''") + "'"


def number_literal(number: float) -> str:
    """Write a number as an ADQL literal, to ten decimals and without an exponent."""
    return f"{number:.10f}".rstrip("0").rstrip(".")


def _cone(query: Query, position: Position | None) -> list[str]:
    if position is None:
        return []
    ra, dec = number_literal(position.ra_deg), number_literal(position.dec_deg)
    radius = number_literal(query.radius_arcmin / 60.0)
    return [f"CONTAINS(POINT('ICRS',ra,dec),CIRCLE('ICRS',{ra},{dec},{radius}))=1"]


def _conditions(query: Query) -> list[str]:
    found = []
    if query.obsid is not None:
        found.append(f"obsid={text_literal(query.obsid)}")
    if query.start is not None:
        found.append(f"time>={date_to_mjd(query.start)}")
    if query.end is not None:
        found.append(f"time<{date_to_mjd(query.end) + 1}")
    if query.min_exposure_s is not None:
        found.append(f"exposure_a>={number_literal(query.min_exposure_s)}")
    if query.pi is not None:
        found.append(f"UPPER(pi_lname)=UPPER({text_literal(query.pi)})")
    if query.mode is not None:
        found.append(f"observation_mode={text_literal(query.mode)}")
    if query.public_only:
        found.append(f"public_date>0 AND public_date<={number_literal(now_mjd())}")
    return found
