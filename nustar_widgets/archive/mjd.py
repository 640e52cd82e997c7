"""Days as the catalogue counts them: modified Julian date (MJD) in UTC, and back to words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

_DAY_S: Final = 86400.0
_MJD_ZERO: Final = datetime(1858, 11, 17, tzinfo=UTC)


def now_mjd() -> float:
    """Return this moment as MJD [d]."""
    return (datetime.now(UTC) - _MJD_ZERO).total_seconds() / _DAY_S


def date_to_mjd(day: date) -> int:
    """Return the MJD [d] at which a UTC day begins."""
    return day.toordinal() - _MJD_ZERO.toordinal()


def mjd_to_iso(mjd: float | None, *, day_only: bool = False) -> str:
    """Write a moment so that people can read it.

    Parameters
    ----------
    mjd
        MJD [d], UTC; ``None`` where the catalogue has none.
    day_only
        Leave out the time of day.

    Returns
    -------
    str
        ``2018-07-05T16:26:09``, or ``2018-07-05``; empty where there is no moment, or none that a
        calendar has.
    """
    if mjd is None:
        return ""
    try:
        moment = _MJD_ZERO + timedelta(seconds=round(mjd * _DAY_S))
    except (OverflowError, ValueError):
        return ""
    return moment.strftime("%Y-%m-%d" if day_only else "%Y-%m-%dT%H:%M:%S")
