"""From a session to the task calls it stands for: pure, so what is shown is what runs.

In the tutorial's layout the calls are those of HEASARC's NuSTAR tutorial, parameter for parameter;
``tests/golden/tutorial_calls.json`` lists where and why they differ.
"""

from __future__ import annotations

from pathlib import PurePath

from nustar_widgets.errors import SessionError
from nustar_widgets.instrument import PI_HIGH_DEFAULT, PI_LOW_DEFAULT, kev_to_pi_range
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import GtiFile, ParamValue, TaskCall, TextFile
from nustar_widgets.session.values import (
    GroupingChoice,
    ModuleInputs,
    SpectrumInput,
    region_text,
)

_USER_GTI = "usrgti.fits"
_BIN_S_DEFAULT = 10.0  # binsize in nuproducts.par

# The number of an observing mode in the names of its event lists (nu_defs.h).
_MODES = {
    "SCIENCE": "01",
    "OCCULTATION": "02",
    "SLEW": "03",
    "SAA": "04",
    "CALIBRATION": "05",
    "SCIENCE_SC": "06",
}

Params = tuple[tuple[str, ParamValue], ...]
CallFile = TextFile | GtiFile


def recipe(session: Session) -> tuple[TaskCall, ...]:
    """Return the task calls a session stands for, in the order they run.

    Parameters
    ----------
    session
        The choices. Observation, event lists and source regions must have been made.

    Returns
    -------
    tuple of TaskCall
        nupipeline where the session asks for it, then nuproducts and ftgrouppha for each module.
        Products and small input files are relative to the folder the calls run in.

    Raises
    ------
    SessionError
        A choice the calls need is still missing; the message names it.
    """
    calls: list[TaskCall] = []
    for module in session.modules:
        inputs = _inputs(session, module)
        if session.reprocesses:
            calls.append(_nupipeline(session, module))
        products = _nuproducts(session, inputs)
        calls.append(products)
        if session.grouping.grouptype != "none":
            calls.append(_ftgrouppha(session, products))
    return tuple(calls)


def product_stem(session: Session, module: str) -> str:
    """Stem of a module's products as nuproducts makes it: ``nu60001110002A01``."""
    return f"nu{session.obsid}{module[-1]}{_mode(session, _inputs(session, module))}"


def events_folder(session: Session) -> str:
    """Folder nupipeline's cleaned events go to, seen from where the calls run."""
    return f"{session.obsid}_p/event_cl" if session.layout == "tutorial" else "event_cl"


def products_folder(session: Session) -> str:
    """Folder the products go to, seen from where the calls run.

    The tutorial keeps light curves, made without responses, and spectra apart.
    """
    if session.layout != "tutorial":
        return "."
    has_response = _is_on(session, "runmkarf", True) or _is_on(session, "runmkrmf", True)
    return f"{session.obsid}_p/{'spec' if has_response else 'lc'}"


def spectrum_files(session: Session, call: TaskCall) -> SpectrumInput:
    """Return the spectrum a nuproducts call makes and what belongs to it, wanted or not.

    Parameters
    ----------
    session
        The session the call is of.
    call
        The call.

    Returns
    -------
    SpectrumInput
        Paths seen from where the call runs; no background where there is none.
    """
    module = str(call.get("instrument"))
    stem = product_stem(session, module)
    has_background = _has_background(session, _inputs(session, module))
    return SpectrumInput(
        pha=_product(call, "phafile", f"{stem}_sr.pha"),
        background=_product(call, "bkgphafile", f"{stem}_bk.pha") if has_background else None,
        arf=_product(call, "outarffile", f"{stem}_sr.arf"),
        rmf=_product(call, "outrmffile", f"{stem}_sr.rmf"),
    )


def grouping_call(choice: GroupingChoice, files: SpectrumInput, outfile: str) -> TaskCall:
    """Return the ftgrouppha call that groups a spectrum.

    Parameters
    ----------
    choice
        How.
    files
        The spectrum, and what belongs to it; the call names what the way of grouping needs.
    outfile
        Where the grouped spectrum goes.
    """
    params: Params = (
        ("infile", files.pha),
        ("outfile", outfile),
        ("grouptype", choice.grouptype),
    )
    if choice.groupscale is not None and choice.grouptype not in ("opt", "file"):
        params += (("groupscale", _number(choice.groupscale)),)
    if choice.grouptype in ("bmin", "snmin", "optsnmin"):
        params += _if_given("backfile", files.background)
    if choice.grouptype.startswith("opt"):
        params += _if_given("respfile", files.rmf)
    if choice.grouptype != "opt":  # opt ignores the channel limits
        params += _if_given("minchannel", choice.minchannel)
        params += _if_given("maxchannel", choice.maxchannel)
    params = _merge((*params, ("clobber", True)), choice.others)
    left_out = {name for name, value in choice.others if str(value).upper() in ("", "NONE")}
    return TaskCall(
        task="ftgrouppha", params=tuple(item for item in params if item[0] not in left_out)
    )


def _inputs(session: Session, module: str) -> ModuleInputs:
    inputs = session.inputs_of(module)
    if inputs is None:
        raise SessionError(f"{module}: no event list chosen; open an observation or an event file")
    return inputs


def _nupipeline(session: Session, module: str) -> TaskCall:
    if not session.data_dir:
        raise SessionError(
            "data_dir: nupipeline needs the observation folder; choose or download it"
        )
    params: Params = (
        ("indir", session.data_dir),
        ("outdir", events_folder(session)),
        ("steminputs", f"nu{session.obsid}"),
        ("instrument", module),
        ("clobber", True),
    )
    return TaskCall(task="nupipeline", params=_merge(params, session.pipeline or ()))


def _nuproducts(session: Session, inputs: ModuleInputs) -> TaskCall:
    region_params, files = _regions(session, inputs)
    params = _event_files(session, inputs) + region_params + _band(session)
    if session.bin_s != _BIN_S_DEFAULT or not _as_tutorial(session):
        params += (("binsize", _number(session.bin_s)),)
    if session.user_gti is not None:
        files = (*files, GtiFile(name=_USER_GTI, intervals=session.user_gti))
        params += (("usrgtifile", _USER_GTI),)
    if not _as_tutorial(session):
        params += (("clobber", True),)
    params = _merge(params, session.products)
    return TaskCall(task="nuproducts", params=params + _barycentre(session), files=files)


def _event_files(session: Session, inputs: ModuleInputs) -> Params:
    indir, infile = _events(session, inputs)
    params: Params = (("indir", indir),)
    if infile is not None:
        params += (("infile", infile),)
    params += (("instrument", inputs.module), ("steminputs", f"nu{session.obsid}"))
    stem = product_stem(session, inputs.module)
    if not _as_tutorial(session) or not _is_default_stem(stem, infile):
        params += (("stemout", stem),)
    params += (("outdir", products_folder(session)),)
    has_housekeeping = inputs.housekeeping is not None and not session.reprocesses
    if has_housekeeping and _is_on(session, "correctlc", True):
        params += (("hkfile", str(inputs.housekeeping)),)
    return params


def _events(session: Session, inputs: ModuleInputs) -> tuple[str, str | None]:
    """Folder of the events, and the event list where nuproducts would take another."""
    if not session.reprocesses:
        return str(PurePath(inputs.events).parent), inputs.events
    folder = events_folder(session)
    if _mode(session, inputs) == "01":  # what nuproducts looks for by itself
        return folder, None
    return folder, f"{folder}/{product_stem(session, inputs.module)}_cl.evt"


def _mode(session: Session, inputs: ModuleInputs) -> str:
    """Observing mode of the events that are used: nupipeline may make those of one mode only."""
    chosen = dict(session.pipeline or ()).get("obsmode", "ALL")
    return _MODES.get(str(chosen).upper(), inputs.mode)


def _is_default_stem(stem: str, infile: str | None) -> bool:
    """Whether nuproducts and the embedded engine both come to a stem by themselves."""
    return infile is None or PurePath(infile).name.removesuffix(".gz") == f"{stem}_cl.evt"


def _regions(session: Session, inputs: ModuleInputs) -> tuple[Params, tuple[CallFile, ...]]:
    """Region parameters and the region files they name; what the user names needs no file."""
    given, regions = dict(session.products), session.regions.of(inputs.module)
    params: Params = ()
    files: tuple[TextFile, ...] = ()
    if "srcregionfile" not in given:
        if regions.source is None:
            raise SessionError(
                f"{inputs.module}: no source region; draw one or take the suggestion"
            )
        files += (_region_file(session, inputs.module, "source"),)
        params += (("srcregionfile", files[-1].name),)
    if "bkgregionfile" in given or not _is_on(session, "bkgextract", True):
        return params, files
    if regions.background is None:
        return (*params, ("bkgextract", False)), files
    files += (_region_file(session, inputs.module, "background"),)
    return (*params, ("bkgregionfile", files[-1].name)), files


def _region_file(session: Session, module: str, which: str) -> TextFile:
    text = _region_text(session, module, which)
    if not _as_tutorial(session):
        ending = {"source": "src", "background": "bkg"}[which]
        return TextFile(name=f"{product_stem(session, module)}_{ending}.reg", text=text)
    name = {"source": "src", "background": "bgd"}[which]
    texts = {_region_text(session, other, which) for other in session.modules} - {""}
    return TextFile(name=f"{name}{module[-1] if len(texts) > 1 else ''}.reg", text=text)


def _region_text(session: Session, module: str, which: str) -> str:
    """Content of a region's file; empty where there is none."""
    region = getattr(session.regions.of(module), which)
    return "" if region is None else region_text(region)


def _barycentre(session: Session) -> Params:
    """Position of the source for barycorr [deg]; where it is on, nuproducts asks for it."""
    given = dict(session.products)
    names = ("srcra_barycorr", "srcdec_barycorr")
    missing = [name for name in names if name not in given]
    if not missing or not _is_on(session, "barycorr", False):
        return ()
    target = session.target
    if target is None or target.ra_deg is None or target.dec_deg is None:
        raise SessionError(
            "target: barycentring needs the position of the source; search for the source, or set "
            "srcra_barycorr and srcdec_barycorr [deg]"
        )
    known = dict(zip(names, (target.ra_deg, target.dec_deg), strict=True))
    return tuple((name, known[name]) for name in missing)


def _ftgrouppha(session: Session, products: TaskCall) -> TaskCall:
    files = spectrum_files(session, products)
    ending = ".grp" if _as_tutorial(session) else "_grp.pha"
    return grouping_call(session.grouping, files, f"{files.pha.removesuffix('.pha')}{ending}")


def _product(call: TaskCall, parameter: str, usual: str) -> str:
    """Path of what a nuproducts call makes, under the name the user gave it or its usual one."""
    given, stem = call.get(parameter), call.get("stemout")
    named = "" if given is None or str(given).upper() in ("DEFAULT", "NONE") else str(given)
    if stem is not None and str(stem).upper() != "DEFAULT":
        usual = f"{stem}_{usual.rpartition('_')[2]}"
    return str(PurePath(str(call.get("outdir") or "."), PurePath(named).name or usual))


def _has_background(session: Session, inputs: ModuleInputs) -> bool:
    """Whether nuproducts makes a background spectrum."""
    is_given = "bkgregionfile" in dict(session.products)
    is_drawn = session.regions.of(inputs.module).background is not None
    return _is_on(session, "bkgextract", True) and (is_given or is_drawn)


def _band(session: Session) -> Params:
    low, high = kev_to_pi_range(*session.band_kev)
    if (low, high) == (PI_LOW_DEFAULT, PI_HIGH_DEFAULT):
        return ()
    return (("pilow", low), ("pihigh", high))


def _as_tutorial(session: Session) -> bool:
    return session.layout == "tutorial"


def _is_on(session: Session, flag: str, default: bool) -> bool:
    """Whether a yes/no parameter of nuproducts is on; ``default`` is nuproducts' own."""
    value = dict(session.products).get(flag, default)
    return value if isinstance(value, bool) else str(value).lower() in ("yes", "y", "true", "t")


def _merge(params: Params, changes: Params) -> Params:
    """Parameters with the user's own put in their place, new ones at the end."""
    return tuple({**dict(params), **dict(changes)}.items())


def _if_given(name: str, value: ParamValue | None) -> Params:
    return () if value is None else ((name, value),)


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)
