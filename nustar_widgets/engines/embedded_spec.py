"""What the embedded engine accepts, in the same form as what HEASoft's tasks accept.

Defaults are those of the tasks, because a session's call must mean the same to both engines.
Parameters of corrections this engine does not make are accepted, since a session that will also run
in HEASoft has them; what they ask for is listed as not applied.
"""

from __future__ import annotations

from dataclasses import replace

from nustar_widgets.engines.taskhelp import help_for
from nustar_widgets.engines.taskspec import Kind, Parameter, TaskSpec
from nustar_widgets.instrument import MODULES, PI_HIGH_DEFAULT, PI_LOW_DEFAULT
from nustar_widgets.spectra.grouping import GROUPTYPES

_SOURCE = "embedded"


def _names(kind: Kind, default: str, *names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name=name, kind=kind, default=default) for name in names)


def _needed(name: str, *choices: str) -> Parameter:
    return Parameter(name=name, required=True, choices=choices)


def _only_no(name: str, why: str) -> Parameter:
    return Parameter(name=name, kind=Kind.YES_NO, default="no", choices=("no",), limited=why)


_HOUSEKEEPING = (
    Parameter(name="clobber", kind=Kind.YES_NO, default="no"),
    Parameter(name="history", kind=Kind.YES_NO, default="yes"),
    Parameter(name="chatter", kind=Kind.WHOLE, default="3", minimum=0, maximum=5),
)

_NUPRODUCTS = TaskSpec(
    task="nuproducts",
    source=_SOURCE,
    parameters=(
        _needed("indir"),
        _needed("instrument", *MODULES),
        _needed("steminputs"),
        *_names(Kind.FILE, ".", "outdir"),
        *_names(Kind.TEXT, "DEFAULT", "stemout"),
        *_names(Kind.FILE, "DEFAULT", "infile", "srcregionfile", "bkgregionfile", "hkfile"),
        *_names(Kind.FILE, "DEFAULT", "phafile", "bkgphafile", "lcfile", "bkglcfile", "imagefile"),
        *_names(Kind.FILE, "DEFAULT", "attfile", "mastaspectfile", "det1reffile", "optaxisfile"),
        *_names(Kind.FILE, "DEFAULT", "inobebhkfile"),
        *_names(Kind.FILE, "NONE", "usrgtifile"),
        *_names(Kind.TEXT, "gif", "plotdevice"),
        Parameter(name="binsize", kind=Kind.NUMBER, default="10"),
        Parameter(name="pilow", kind=Kind.WHOLE, default=str(PI_LOW_DEFAULT)),
        Parameter(name="pihigh", kind=Kind.WHOLE, default=str(PI_HIGH_DEFAULT)),
        Parameter(name="pilowarf", kind=Kind.WHOLE, default=str(PI_LOW_DEFAULT)),
        Parameter(name="pihigharf", kind=Kind.WHOLE, default=str(PI_HIGH_DEFAULT)),
        *_names(Kind.YES_NO, "yes", "bkgextract", "correctlc", "runmkarf", "runmkrmf"),
        *_names(Kind.YES_NO, "yes", "runbackscale", "lcpsfflag", "lcexpoflag", "lcvignflag"),
        *_names(Kind.YES_NO, "yes", "psfflag", "vignflag", "apstopflag", "grflag", "detabsflag"),
        *_names(Kind.YES_NO, "yes", "cmprmf", "cutmaps", "cleanup"),
        *_names(Kind.YES_NO, "no", "extended", "flatflagarf", "initseed"),
        _only_no("barycorr", "barycentring moves the times of all events"),
        _only_no("rungrppha", "grouping is a call of its own here: ftgrouppha"),
        Parameter(name="srcra_barycorr", kind=Kind.NUMBER, required=True),
        Parameter(name="srcdec_barycorr", kind=Kind.NUMBER, required=True),
        Parameter(name="orbitfile", kind=Kind.FILE, required=True),
        *_names(Kind.FILE, "CALDB", "clockfile"),
        Parameter(name="lcenergy", kind=Kind.NUMBER, default="10"),
        Parameter(name="percent", kind=Kind.NUMBER, default="0.02", minimum=0, maximum=1),
        Parameter(name="boxsize", kind=Kind.WHOLE, default="20", minimum=4, maximum=600),
        Parameter(name="pixbin", kind=Kind.WHOLE, default="5", minimum=1, maximum=100),
        Parameter(name="phibin", kind=Kind.NUMBER, default="30", minimum=0, maximum=360),
        Parameter(name="apstopphibin", kind=Kind.NUMBER, default="10", minimum=0, maximum=360),
        Parameter(name="grphibin", kind=Kind.NUMBER, default="10", minimum=0, maximum=360),
        *_HOUSEKEEPING,
    ),
)

_FTGROUPPHA = TaskSpec(
    task="ftgrouppha",
    source=_SOURCE,
    parameters=(
        _needed("infile"),
        _needed("outfile"),
        _needed("grouptype", *GROUPTYPES),
        Parameter(name="groupscale", kind=Kind.NUMBER, required=True),
        *_names(Kind.FILE, "", "backfile", "respfile", "templatefile"),
        Parameter(name="minchannel", kind=Kind.WHOLE, default="-1"),
        Parameter(name="maxchannel", kind=Kind.WHOLE, default="-1"),
        *_HOUSEKEEPING,
    ),
)


def embedded_specs() -> dict[str, TaskSpec]:
    """Return what the embedded engine accepts, by task."""
    specs = (help_for(spec.task).added_to(spec) for spec in (_NUPRODUCTS, _FTGROUPPHA))
    return {spec.task: replace(spec, parameters=_own_rules(spec)) for spec in specs}


def _own_rules(spec: TaskSpec) -> tuple[Parameter, ...]:
    """Let housekeeping be named without correctlc too: exposures under user intervals need it.

    nuproducts refuses the name then and looks in ``indir``; this engine reads only what is named.
    """
    return tuple(
        replace(item, conditions=()) if item.name == "hkfile" else item for item in spec.parameters
    )
