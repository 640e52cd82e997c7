"""A preset: parameters that belong together, put into a session in one step.

A preset holds what is to be done, never what it is done to: parameters that name data, positions,
regions or folders are left as they are in the session, and out of what is saved.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nustar_widgets.calls.choices import GROUPING, TASKS
from nustar_widgets.errors import ParameterError, PresetError
from nustar_widgets.instrument import MODULES, kev_to_pi_range, pi_range_to_kev
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue
from nustar_widgets.session.values import LAYOUTS, GroupingChoice

Params = tuple[tuple[str, ParamValue], ...]

_REGIONS = frozenset(
    {
        "srcregionfile", "srcra", "srcdec", "srcradius", "bkgregionfile", "bkgra", "bkgdec",
        "bkgradius1", "bkgradius2", "srcra_barycorr", "srcdec_barycorr", "usrgtifile",
    }
)  # fmt: skip
_OF_A_MODULE = ("infile", "hkfile", "inoptaxisfile", "indet1reffile", "dispixfile", "userbpfile")
_OF_THE_DATA: Final[dict[str, frozenset[str]]] = {
    "nupipeline": _REGIONS
    | {
        "indir", "outdir", "steminputs", "stemoutputs", "instrument", "attfile", "orbitfile",
        "cebhkfile", "metrologyfile", "inmastaspectfile", "inpsdfilecor", "tlefile",
        "chu123hkfile", "productsgtifile",
    }
    | {f"{module}_{name}" for module in ("fpma", "fpmb") for name in _OF_A_MODULE},
    "nuproducts": _REGIONS
    | {
        "indir", "outdir", "steminputs", "stemout", "instrument", "infile", "attfile",
        "mastaspectfile", "det1reffile", "optaxisfile", "hkfile", "inobebhkfile", "orbitfile",
    },
    "ftgrouppha": frozenset({"infile", "outfile", "backfile", "respfile", "templatefile"}),
}  # fmt: skip
_MODULES = [list(MODULES), *([module] for module in MODULES)]


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Parameters that belong together.

    Attributes
    ----------
    name
        What people call it.
    about
        What it is for, in one sentence.
    nupipeline, nuproducts, ftgrouppha
        Parameters by the tasks' own names; ``None``: the task is not named and stays as it is.
    reprocesses
        nupipeline is to run. Without, it does where it did, or where parameters of it are given.
    layout
        How folders are named, or ``None`` to leave that as it is.
    modules
        Modules to extract, or ``None`` to leave them as they are.
    notes
        What to know before using it.

    Raises
    ------
    PresetError
        A name or value is none that a task could take.
    """

    name: str
    about: str = ""
    nupipeline: Params | None = None
    nuproducts: Params | None = None
    ftgrouppha: Params | None = None
    reprocesses: bool = False
    layout: str | None = None
    modules: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise PresetError(f"name {self.name!r}: expected a name for the preset")
        for task in TASKS:
            for parameter, value in self.of(task) or ():
                _refuse_bad(task, parameter, value)
        if self.layout is not None and self.layout not in LAYOUTS:
            raise PresetError(f"layout {self.layout!r}: expected {' or '.join(LAYOUTS)}")
        named = self.modules
        if named is not None and sorted(named) not in _MODULES:
            raise PresetError(f"modules {named!r}: expected FPMA, FPMB or both")

    def of(self, task: str) -> Params | None:
        """Parameters of a task, or ``None`` where it is not named."""
        params: Params | None = getattr(self, task)
        return params


def changes(session: Session, preset: Preset) -> dict[str, Any]:
    """Return what a preset changes in a session, for one `Session.edit`.

    Parameters
    ----------
    session
        The session.
    preset
        What is to be put into it. Of a task it names all parameters are replaced, but for those
        that name data or regions; bin, band and grouping become the session's own.

    Raises
    ------
    PresetError
        A value cannot be a bin, band or grouping.
    """
    made = _pipeline(session, preset)
    if preset.nuproducts is not None:
        given = _for_any_data("nuproducts", preset.nuproducts)
        made |= _linked(session, given)
        rest = {name: value for name, value in given.items() if name not in _LINKED}
        made["products"] = _with_data_of("nuproducts", session.products, rest)
    if preset.ftgrouppha is not None:
        made["grouping"] = _grouping(session.grouping, preset.ftgrouppha)
    if preset.layout is not None:
        made["layout"] = preset.layout
    if preset.modules is not None:
        made["modules"] = preset.modules
    return made


def preset_of(session: Session, name: str, about: str = "") -> Preset:
    """Return what a session has chosen as a preset, without its data and regions.

    Parameters
    ----------
    session
        The session.
    name, about
        For people.

    Raises
    ------
    PresetError
        The name is empty.
    """
    low, high = kev_to_pi_range(*session.band_kev)
    products = {
        "binsize": session.bin_s, "pilow": low, "pihigh": high, **dict(session.products)
    }  # fmt: skip
    choice = session.grouping
    own = {item: getattr(choice, item) for item in GROUPING if getattr(choice, item) is not None}
    return Preset(
        name=name,
        about=about,
        nupipeline=session.pipeline and _params(_for_any_data("nupipeline", session.pipeline)),
        nuproducts=_params(_for_any_data("nuproducts", tuple(products.items()))),
        ftgrouppha=_params(_for_any_data("ftgrouppha", (*own.items(), *choice.others))),
        reprocesses=session.reprocesses,
        layout=session.layout if session.layout != LAYOUTS[0] else None,
        modules=session.modules if session.modules != MODULES else None,
    )


def preset_from(table: Mapping[str, Any]) -> Preset:
    """Build a preset from plain values, as JSON and TOML hold them.

    Parameters
    ----------
    table
        The fields of a `Preset`; tasks are tables of parameters.

    Raises
    ------
    PresetError
        Something is not a field, or of the wrong type; the message names it.
    """
    for name in table:
        if name not in _FIELDS:
            others = [field for field in _FIELDS if field not in TASKS]
            raise PresetError(
                f"{name!r} is neither a task nor another field of a preset; tasks are "
                f"{', '.join(TASKS)}, other fields {', '.join(others)}"
            )
    if "name" not in table:
        raise PresetError("a preset needs a 'name'")
    for name, value in table.items():
        if not isinstance(value, _FIELDS[name]):
            raise PresetError(f"{name}: {value!r}: expected {_WORDS[_FIELDS[name]]}")
    values = {name: _frozen(value) for name, value in table.items()}
    for name in ("modules", "notes"):
        if not all(isinstance(item, str) for item in values.get(name, ())):
            raise PresetError(f"{name}: {table[name]!r}: expected a list of texts")
    return Preset(**values)


_FIELDS: Final[dict[str, type]] = {
    "name": str,
    "about": str,
    **dict.fromkeys(TASKS, dict),
    "reprocesses": bool,
    "layout": str,
    "modules": list,
    "notes": list,
}
_WORDS = {str: "a text", dict: "parameters by name", bool: "true or false", list: "a list"}
_LINKED = ("binsize", "pilow", "pihigh")


def _pipeline(session: Session, preset: Preset) -> dict[str, Any]:
    runs = session.reprocesses or preset.reprocesses or bool(preset.nupipeline)
    if not runs:
        return {}
    if preset.nupipeline is None:
        return {"pipeline": session.pipeline or ()}
    given = _for_any_data("nupipeline", preset.nupipeline)
    return {"pipeline": _with_data_of("nupipeline", session.pipeline or (), given)}


def _for_any_data(task: str, params: Params) -> dict[str, ParamValue]:
    """Parameters that do not name the data they are for."""
    return {name: value for name, value in params if name not in _OF_THE_DATA[task]}


def _with_data_of(task: str, had: Params, given: Mapping[str, ParamValue]) -> Params:
    data = {name: value for name, value in had if name in _OF_THE_DATA[task]}
    return _params({**data, **given})


def _linked(session: Session, given: Mapping[str, ParamValue]) -> dict[str, Any]:
    """Bin and band of the session, as far as nuproducts' parameters name them."""
    made: dict[str, Any] = {}
    if "binsize" in given:
        made["bin_s"] = _number("binsize", given["binsize"])
        if made["bin_s"] <= 0:
            raise PresetError(f"binsize: {given['binsize']!r}: expected more than 0 s")
    if "pilow" in given or "pihigh" in given:
        low, high = kev_to_pi_range(*session.band_kev)
        low = _whole("pilow", given.get("pilow", low))
        high = _whole("pihigh", given.get("pihigh", high))
        try:
            made["band_kev"] = pi_range_to_kev(low, high)
        except ParameterError as problem:
            raise PresetError(str(problem)) from problem
    return made


def _grouping(had: GroupingChoice, params: Params) -> GroupingChoice:
    """Return the grouping; rule and scale have no default and stay where they are not named."""
    given = _for_any_data("ftgrouppha", params)
    data = tuple(item for item in had.others if item[0] in _OF_THE_DATA["ftgrouppha"])
    scale = given.get("groupscale", None if "grouptype" in given else had.groupscale)
    return GroupingChoice(
        grouptype=str(given.get("grouptype", had.grouptype)),
        groupscale=None if scale is None else _number("groupscale", scale),
        minchannel=_channel("minchannel", given),
        maxchannel=_channel("maxchannel", given),
        others=(*data, *(item for item in given.items() if item[0] not in GROUPING)),
    )


def _channel(name: str, given: Mapping[str, ParamValue]) -> int | None:
    """Return a channel limit; -1 is ftgrouppha's own word for none."""
    number = _whole(name, given.get(name, -1))
    return None if number == -1 else number


def _number(name: str, value: ParamValue) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise PresetError(f"{name}: {value!r}: expected a number")
    return number


def _whole(name: str, value: ParamValue) -> int:
    number = _number(name, value)
    if not number.is_integer():
        raise PresetError(f"{name}: {value!r}: expected a whole number")
    return int(number)


def _refuse_bad(task: str, name: object, value: object) -> None:
    # Names become words of printed scripts: nothing but a name may come in with a shared file.
    is_name = isinstance(name, str) and name.isascii() and name.isidentifier()
    if not is_name or keyword.iskeyword(str(name)):
        raise PresetError(
            f"{task}: {name!r} is not the name of a parameter: expected letters, digits and _"
        )
    is_plain = isinstance(value, str | int | float)
    if not is_plain or (isinstance(value, float) and not math.isfinite(value)):
        raise PresetError(f"{task} {name}: {value!r}: expected a text, a number, true or false")


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value


def _params(values: Mapping[str, ParamValue]) -> Params:
    return tuple(values.items())
