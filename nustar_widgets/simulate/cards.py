"""The header every extension of a simulated observation carries, and the one way to write a file.

Nobody may mistake such a file for a real one, wherever it ends up and whichever extension is
looked at: so no file is written but through :func:`write_file`, which labels every header.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from astropy.io import fits

from nustar_widgets.instrument import MJDREFF, MJDREFI, TELESCOP
from nustar_widgets.simulate.modules import POINTING_DEC_DEG, POINTING_RA_DEG
from nustar_widgets.simulate.timeline import START_DATE, START_S
from nustar_widgets.simulate.truth import OBJECT, OBSID, SOURCE_DEC_DEG, SOURCE_RA_DEG

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nustar_widgets.simulate.timeline import Timeline

LABEL: Final = (
    "SIMULATED DATA: made by nustar_widgets.simulate for teaching, demonstration and tests.",
    "No telescope took these data; responses are rough and good for nothing else.",
)
# Checksums are stamped with this instead of the time of day, so that files repeat bit for bit.
_STAMP: Final = "simulated"


def table(
    name: str,
    columns: Iterable[tuple[str, str, str | None, Any]],
    cards: dict[str, Any] | None = None,
) -> fits.BinTableHDU:
    """Return a binary table.

    Parameters
    ----------
    name
        EXTNAME.
    columns
        (name, TFORM, unit, values) of each column.
    cards
        Further header keywords; a value may be ``(value, comment)``.
    """
    hdu = fits.BinTableHDU.from_columns(
        [
            fits.Column(name=column, format=form, unit=unit, array=values)
            for column, form, unit, values in columns
        ],
        name=name,
    )
    for keyword, value in (cards or {}).items():
        hdu.header[keyword] = value
    return hdu


def write_file(
    path: Path,
    tables: Iterable[fits.BinTableHDU],
    *,
    timeline: Timeline,
    instrument: str | None = None,
    cards: dict[str, Any] | None = None,
) -> None:
    """Write a FITS file whose every header says that it is simulated.

    Parameters
    ----------
    path
        The file; its folder must exist.
    tables
        Extensions after the empty primary one.
    timeline
        When the telescope looks, for the time keywords.
    instrument
        ``FPMA``, ``FPMB``, or ``None`` for what concerns both.
    cards
        Further keywords of every extension.
    """
    common = observation_cards(timeline) | (cards or {})
    if instrument is not None:
        common["INSTRUME"] = (instrument, "Instrument name")
    hdus = fits.HDUList([fits.PrimaryHDU(), *tables])
    for hdu in hdus:
        for keyword, value in common.items():
            if keyword not in hdu.header:
                hdu.header[keyword] = value
        hdu.header["SIMULATD"] = (True, "Simulated: not an observation")
        for line in LABEL:
            hdu.header.add_comment(line)
        hdu.add_checksum(when=_STAMP)
    hdus.writeto(path)


def observation_cards(timeline: Timeline) -> dict[str, Any]:
    """Keywords that name the observation and its time system.

    Parameters
    ----------
    timeline
        When the telescope looks.
    """
    start, stop = float(timeline.start[0]), float(timeline.stop[-1])
    return {
        "TELESCOP": (TELESCOP, "Telescope (mission) name"),
        "OBS_ID": (OBSID, "Observation ID"),
        "TARG_ID": (0, "Target ID"),
        "OBJECT": (OBJECT, "Name of simulated object"),
        "RA_OBJ": (SOURCE_RA_DEG, "[deg] R.A. Object"),
        "DEC_OBJ": (SOURCE_DEC_DEG, "[deg] Dec Object"),
        "RA_NOM": (POINTING_RA_DEG, "[deg] R.A. of nominal aspect point"),
        "DEC_NOM": (POINTING_DEC_DEG, "[deg] Dec of nominal aspect point"),
        "RA_PNT": (POINTING_RA_DEG, "[deg] R.A. pointing"),
        "DEC_PNT": (POINTING_DEC_DEG, "[deg] Dec pointing"),
        "EQUINOX": (2000.0, "Equinox of celestial coord system"),
        "RADECSYS": ("FK5", "celestial coord system"),
        "TIMESYS": ("TT", "time measured from"),
        "MJDREFI": (MJDREFI, "MJD reference day"),
        "MJDREFF": (MJDREFF, "MJD reference (fraction of day)"),
        "TIMEREF": ("LOCAL", "reference time"),
        "TASSIGN": ("SATELLITE", "Time assigned by onboard clock"),
        "TIMEUNIT": ("s", "unit for time keywords"),
        "CLOCKAPP": (False, "no clock correction applied"),
        "TSTART": (start, "time start"),
        "TSTOP": (stop, "time stop"),
        "TELAPSE": (stop - start, "elapsed time"),
        "DATE-OBS": (_date(start), "before launch, on purpose"),
        "DATE-END": (_date(stop), "before launch, on purpose"),
        "ORIGIN": ("SIMULATION", "origin of FITS file"),
        "CREATOR": ("nustar_widgets.simulate", "Creator"),
    }


def _date(mission_s: float) -> str:
    moment = datetime.fromisoformat(START_DATE) + timedelta(seconds=mission_s - START_S)
    return moment.isoformat(timespec="seconds")
