"""What the file names of an observation say.

Sources: NuSTARDAS ``nupipeline`` (``%InFilesExt``, names of outputs), ``nusplitsc`` help (names of
mode 06 lists split by star tracker), archive folders. Any of them may end with ``.gz``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a file is for."""

    EVENTS = "cleaned event list"
    GTI = "good time intervals"
    UNFILTERED = "unfiltered event list"
    HOUSEKEEPING = "housekeeping of the detector"
    OBEB = "housekeeping of the optics bench"
    CEB = "housekeeping of the central electronics"
    CHU123 = "star trackers of the spacecraft"
    METROLOGY = "metrology"
    DISABLED_PIXELS = "disabled pixels"
    ATTITUDE = "attitude"
    ORBIT = "orbit"
    ORBIT_ELEMENTS = "orbit elements"
    MAST = "mast aspect"
    PSD = "laser positions"
    PSD_CORRECTED = "corrected laser positions"
    ATTITUDE_ORBIT = "attitude and orbit"
    FILTER = "filter file"
    OPTICAL_AXIS = "optical axis"
    DET1 = "reference point on the detector"
    BAD_PIXELS = "bad pixels"
    HOT_PIXELS = "hot pixels"
    CATALOGUE = "catalogue of files"


_MODULE: Final = r"(?P<module>[AB])"
_MODE: Final = _MODULE + r"(?P<mode>0[1-6])(?:_(?P<split>chu(?:1|2|3|12|13|23|123)_[NS]))?"
_ENDINGS: Final = {
    Role.EVENTS: _MODE + r"_cl\.evt",
    Role.GTI: _MODE + r"_gti\.fits",
    Role.UNFILTERED: _MODULE + r"_uf\.evt",
    Role.HOUSEKEEPING: _MODULE + r"_fpm\.hk",
    Role.OBEB: r"_obeb\.hk",
    Role.CEB: r"_ceb\.hk",
    Role.CHU123: r"_chu123\.fits",
    Role.METROLOGY: r"_met\.fits",
    Role.DISABLED_PIXELS: _MODULE + r"_dspx\.fits",
    Role.ATTITUDE: r"_att\.fits",
    Role.ORBIT: r"_orb\.fits",
    Role.MAST: r"_mast\.fits",
    Role.PSD: r"_psd\.fits",
    Role.PSD_CORRECTED: r"_psdcorr\.fits",
    Role.ATTITUDE_ORBIT: _MODULE + r"\.attorb",
    Role.FILTER: _MODULE + r"\.mkf",
    Role.OPTICAL_AXIS: _MODULE + r"_oa\.fits",
    Role.DET1: _MODULE + r"_det1\.fits",
    Role.BAD_PIXELS: _MODULE + r"_bp\.fits",
    Role.HOT_PIXELS: _MODULE + r"_hp\.fits",
    Role.CATALOGUE: r"\.cat",
}
_PATTERNS: Final = {role: re.compile(ending) for role, ending in _ENDINGS.items()}
_STEM: Final = re.compile(r"nu(\d{11})(?!\d)", re.ASCII)
_ELEMENTS: Final = re.compile(r"NUSTAR_TLE_ARCHIVE\.txt\..+")


@dataclass(frozen=True, kw_only=True)
class FileName:
    """What a file name says.

    Attributes
    ----------
    role
        What the file is for.
    obsid
        Observation ID; empty for a file that belongs to no one observation.
    module
        ``FPMA`` or ``FPMB``; ``None`` for what concerns both.
    mode
        Observing mode, ``01`` (SCIENCE) to ``06`` (SCIENCE_SC); ``None`` where there is none.
    split
        Star trackers and split mode of a part of a mode 06 list, as ``chu12_N``; else empty.
    """

    role: Role
    obsid: str
    module: str | None = None
    mode: str | None = None
    split: str = ""


def parse_name(name: str) -> FileName | None:
    """Understand a file name as the archive and nupipeline give them.

    Parameters
    ----------
    name
        As ``nu60001110002A06_chu12_N_cl.evt.gz``, without folder.

    Returns
    -------
    FileName or None
        What it says; ``None`` for any other file.
    """
    plain = name.removesuffix(".gz")
    if _ELEMENTS.fullmatch(name):
        return FileName(role=Role.ORBIT_ELEMENTS, obsid="")
    obsid = obsid_in(plain)
    if obsid is None:
        return None
    ending = plain[len("nu") + len(obsid) :]
    for role, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(ending):
            return _parsed(role, obsid, match.groupdict())
    return None


def obsid_in(name: str) -> str | None:
    """Return the observation ID after the ``nu`` a file name begins with, or ``None``."""
    match = _STEM.match(name)
    return match[1] if match else None


def _parsed(role: Role, obsid: str, said: dict[str, str | None]) -> FileName:
    letter = said.get("module")
    return FileName(
        role=role,
        obsid=obsid,
        module=f"FPM{letter}" if letter else None,
        mode=said.get("mode"),
        split=said.get("split") or "",
    )
