"""Where an observation lies in the archive.

Source of the rule: HEASARC's archive page ("subdirectories 0, 1, 2, 3, etc., determined by the
first digit of their ObsID") and the paths its datalink service gives.
"""

from __future__ import annotations

import re
from typing import Final

from nustar_widgets.errors import ParameterError

ARCHIVE_ROOT: Final = "/FTP/"
_OBSID: Final = re.compile(r"\d{11}", re.ASCII)


def archive_path(obsid: str) -> str:
    """Return the folder of an observation in HEASARC's archive.

    Parameters
    ----------
    obsid
        Observation ID, eleven digits; a string, because leading zeros count.

    Returns
    -------
    str
        ``/FTP/nustar/data/obs/00/6/60001110002/`` for ``60001110002``.

    Raises
    ------
    ParameterError
        It is not an observation ID.
    """
    if not is_obsid(obsid):
        raise ParameterError("obsid", f"{obsid!r}: expected eleven digits, as 60001110002")
    return f"{ARCHIVE_ROOT}nustar/data/obs/{obsid[1:3]}/{obsid[0]}/{obsid}/"


def observation_path(location: str) -> str:
    """Bring what names an observation in the archive into one form.

    Parameters
    ----------
    location
        Observation ID, or the archive's own path (``DataLocation.path`` of a catalogue search).

    Returns
    -------
    str
        Path below ``/FTP/``, with a slash at its end and none doubled.

    Raises
    ------
    ParameterError
        It names no observation.
    """
    if is_obsid(location):
        return archive_path(location)
    parts = [part for part in location.split("/") if part]
    well_formed = location.startswith(ARCHIVE_ROOT) and ".." not in parts
    if not well_formed or not is_obsid(parts[-1]):
        raise ParameterError(
            "location",
            f"{location!r}: expected an observation ID, or an archive path as "
            f"{archive_path('60001110002')}",
        )
    return f"/{'/'.join(parts)}/"


def obsid_of(path: str) -> str:
    """Return the observation ID an archive path ends with."""
    return path.rstrip("/").rpartition("/")[2]


def is_obsid(text: str) -> bool:
    """Whether a text is an observation ID: eleven digits."""
    return _OBSID.fullmatch(text) is not None
