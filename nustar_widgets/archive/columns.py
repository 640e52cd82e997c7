"""The columns of the NuSTAR master catalogue that are asked for, and what they become.

Source of names and meanings: HEASARC's page on the table ``numaster``. The units are ours, because
the catalogue calls days ``mjd``, which is none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

_NULL: Final = {"--": "", "null": ""}
"""What stands for no value: masked, and a null of a database written as text."""


class Kind(Enum):
    """How a value is read; ``None`` where the catalogue is silent."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    YES = "yes"

    def read(self, value: Any) -> str | float | bool | None:
        """Read a value as the catalogue sent it, or as the cache kept it.

        Parameters
        ----------
        value
            Text, number, ``None`` or a masked value.

        Returns
        -------
        str, float, bool or None
            Text without blanks around it, empty if there is none; a number or a moment, ``None``
            if there is none (a day that is zero is none); yes for every number but zero.

        Raises
        ------
        ValueError
            It is no such value.
        """
        if self is Kind.TEXT:
            return "" if value is None else _NULL.get(str(value), str(value).strip())
        number = _number_of(value)
        if self is Kind.YES:
            return bool(number)
        return None if self is Kind.DAY and number is not None and number <= 0.0 else number


def _number_of(value: Any) -> float | None:
    if not isinstance(value, int | float):
        text = "" if value is None else str(value).strip()
        value = float(_NULL.get(text, text) or "nan")
    return None if math.isnan(value) else float(value)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the catalogue.

    Attributes
    ----------
    name
        Its name there.
    field
        The attribute of `Observation` it becomes.
    kind
        How it is read.
    unit
        Of its numbers, as astropy spells it; ``None`` for none.
    meaning
        What it says.
    """

    name: str
    field: str
    kind: Kind
    meaning: str
    unit: str | None = None


def _text(name: str, meaning: str, field: str = "") -> Column:
    return Column(name=name, field=field or name, kind=Kind.TEXT, meaning=meaning)


def _number(name: str, field: str, meaning: str, unit: str | None = None) -> Column:
    return Column(name=name, field=field, kind=Kind.NUMBER, meaning=meaning, unit=unit)


def _day(name: str, field: str, meaning: str) -> Column:
    return Column(name=name, field=field, kind=Kind.DAY, meaning=meaning, unit="d")


COLUMNS: Final = (
    _text("name", "target, as the observatory writes it"),
    _text("obsid", "observation ID"),
    _number("ra", "ra_deg", "pointing, not source: right ascension", "deg"),
    _number("dec", "dec_deg", "pointing, not source: declination", "deg"),
    _number("roll_angle", "roll_deg", "roll angle", "deg"),
    _day("time", "start_mjd", "start, MJD (UTC)"),
    _day("end_time", "end_mjd", "end, MJD (UTC)"),
    _number("exposure_a", "exposure_a_s", "exposure of FPMA; negative while only planned", "s"),
    _number("exposure_b", "exposure_b_s", "exposure of FPMB; negative while only planned", "s"),
    _number("ontime_a", "ontime_a_s", "time on target of FPMA", "s"),
    _number("ontime_b", "ontime_b_s", "time on target of FPMB", "s"),
    _text("status", "accepted (planned), processed or archived"),
    _text("observation_mode", "SCIENCE or SLEW", field="mode"),
    _text("spacecraft_mode", "INERTIAL or STELLAR"),
    _text("obs_type", "kind of time: GO, ToO, calibration, ..."),
    _day("public_date", "public_mjd", "from when the data are public, MJD (UTC)"),
    Column(
        name="issue_flag",
        field="has_issue",
        kind=Kind.YES,
        meaning="something is unusual about the data",
    ),
    _text("solar_activity", "solar activity during the observation"),
    _number("data_gap", "data_gap", "data are missing"),
    _number("nupsdout", "nupsdout", "metrology laser outside its calibrated grid"),
    _text("coordinated", "observatories that looked at the same time"),
    _text("comments", "known issues, in words"),
    _text("subject_category", "subject of the proposal", field="category"),
    _text("pi_lname", "principal investigator, last name"),
    _text("pi_fname", "principal investigator, first name"),
    _text("prnb", "proposal number", field="proposal"),
    _number("cycle", "cycle", "proposal cycle"),
    _text("title", "title of the proposal"),
    _text("caldb_version", "calibration used by the archive"),
    _text("__row", "the archive's own key of this row", field="row"),
)
