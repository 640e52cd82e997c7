"""Parameters that stand for choices made elsewhere in a session: shown linked, not typed twice.

Most of them name files, folders or modules: they follow from what was opened and drawn, can be
overruled, and are in the way of the parameters people set, so that a form may fold them away. A
bin width and the limits of a band are numbers nothing opened or drawn stands for: here is as good
a place to enter them as any, and they stay in sight (`Link.is_entered_here`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from nustar_widgets.engines.taskspec import UNDEFINED
from nustar_widgets.errors import ParameterError
from nustar_widgets.instrument import MODULES, kev_to_pi_range, pi_range_to_kev
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue
from nustar_widgets.session.values import ModuleInputs

Changes = dict[str, Any]
"""New values by field of a session."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A value entered for a parameter.

    Attributes
    ----------
    name
        The parameter.
    value
        What was entered.
    module
        The module it was entered for.
    """

    name: str
    value: ParamValue
    module: str


Write = Callable[[Session, Edit], Changes | None]
"""Turns an edit into changes of a session; ``None``: keep it among the task's own parameters."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where the value of a parameter comes from.

    Attributes
    ----------
    origin
        In words, as ``from the regions drawn``.
    write
        How a value entered for it becomes a choice; ``None`` where it can only be put in the place
        of what comes from there.
    is_entered_here
        It is a number people set here as readily as elsewhere, not what a file, a folder or a
        module is called.
    """

    origin: str
    write: Write | None = None
    is_entered_here: bool = False


def _bin(_: Session, edit: Edit) -> Changes:
    width = _number(edit)
    if not width > 0:
        raise ParameterError(edit.name, f"{width:g}: expected more than 0 s")
    return {"bin_s": width}


def _band(session: Session, edit: Edit) -> Changes:
    low, high = kev_to_pi_range(*session.band_kev)
    channel = int(_number(edit))
    low, high = (channel, high) if edit.name == "pilow" else (low, channel)
    return {"band_kev": pi_range_to_kev(low, high)}


def _number(edit: Edit) -> float:
    if edit.value == UNDEFINED:
        raise ParameterError(edit.name, f"{UNDEFINED}: expected a number")
    return float(edit.value)


def _modules(_: Session, edit: Edit) -> Changes:
    named = str(edit.value).upper()
    return {"modules": MODULES if named == "ALL" else (named,)}


def _data(_: Session, edit: Edit) -> Changes:
    return {"data_dir": str(edit.value)}


def _events(session: Session, edit: Edit) -> Changes | None:
    return None if _is_keyword(edit) else _inputs(session, edit.module, events=str(edit.value))


def _housekeeping(session: Session, edit: Edit) -> Changes | None:
    if _is_keyword(edit):
        return None
    return _inputs(session, edit.module, housekeeping=str(edit.value))


def _inputs(session: Session, module: str, **named: str) -> Changes | None:
    if session.inputs_of(module) is None:
        return None
    changed = (replace(item, **named) if item.module == module else item for item in session.inputs)
    inputs: tuple[ModuleInputs, ...] = tuple(changed)
    return {"inputs": inputs}


def _intervals(_: Session, edit: Edit) -> Changes | None:
    return {"user_gti": None} if str(edit.value).upper() == "NONE" else None


def _is_keyword(edit: Edit) -> bool:
    return str(edit.value).upper() in ("DEFAULT", "NONE", "CALDB")


_OBSERVATION: Final = "from the observation"
_REGIONS: Final = "from the regions drawn"
_BAND: Final = "from the energy band"
_LAYOUT: Final = "from how folders are named"

LINKS: Final[dict[str, dict[str, Link]]] = {
    "nupipeline": {
        "indir": Link(origin=_OBSERVATION, write=_data),
        "steminputs": Link(origin=_OBSERVATION),
        "outdir": Link(origin=_LAYOUT),
        "instrument": Link(origin="from the modules chosen", write=_modules),
        "clobber": Link(origin="so that a run can be repeated"),
    },
    "nuproducts": {
        "indir": Link(origin=_OBSERVATION),
        "infile": Link(origin=_OBSERVATION, write=_events),
        "steminputs": Link(origin=_OBSERVATION),
        "stemout": Link(origin=_OBSERVATION),
        "hkfile": Link(origin=_OBSERVATION, write=_housekeeping),
        "inobebhkfile": Link(origin=_OBSERVATION),
        "outdir": Link(origin=_LAYOUT),
        "instrument": Link(origin="from the modules chosen", write=_modules),
        "srcregionfile": Link(origin=_REGIONS),
        "bkgregionfile": Link(origin=_REGIONS),
        "bkgextract": Link(origin=_REGIONS),
        "pilow": Link(origin=_BAND, write=_band, is_entered_here=True),
        "pihigh": Link(origin=_BAND, write=_band, is_entered_here=True),
        "binsize": Link(origin="from the light curve", write=_bin, is_entered_here=True),
        "usrgtifile": Link(origin="from the good time chosen", write=_intervals),
        "srcra_barycorr": Link(origin="from the target"),
        "srcdec_barycorr": Link(origin="from the target"),
        "orbitfile": Link(origin=_OBSERVATION),
        "clobber": Link(origin="so that a run can be repeated"),
    },
    "ftgrouppha": {
        "infile": Link(origin="from nuproducts"),
        "outfile": Link(origin="from nuproducts"),
        "backfile": Link(origin="from nuproducts"),
        "respfile": Link(origin="from nuproducts"),
        "clobber": Link(origin="so that a run can be repeated"),
    },
}
"""By task and parameter: the values a session brings along."""
