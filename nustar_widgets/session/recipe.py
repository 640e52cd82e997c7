"""From a session to the task calls it stands for: pure, so what is shown is what runs."""

from __future__ import annotations

from pathlib import PurePath

from nustar_widgets.errors import SessionError
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.instrument import PI_HIGH_DEFAULT, PI_LOW_DEFAULT, kev_to_pi_range
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import GtiFile, ParamValue, TaskCall, TextFile
from nustar_widgets.session.values import ModuleInputs, RegionText, region_text

_USER_GTI = "usrgti.fits"

Params = tuple[tuple[str, ParamValue], ...]


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
        calls.append(_nuproducts(session, inputs))
        if session.grouping.grouptype != "none":
            calls.append(_ftgrouppha(session, inputs))
    return tuple(calls)


def product_stem(session: Session, module: str) -> str:
    """Stem of a module's products as nuproducts makes it: ``nu60001110002A01``."""
    return f"nu{session.obsid}{module[-1]}{_inputs(session, module).mode}"


def events_folder(session: Session) -> str:
    """Folder nupipeline's cleaned events go to, seen from where the calls run."""
    return f"{session.obsid}_p/event_cl" if session.layout == "tutorial" else "event_cl"


def products_folder(session: Session) -> str:
    """Folder the products go to, seen from where the calls run.

    The tutorial keeps light curves, made without responses, and spectra apart.
    """
    if session.layout != "tutorial":
        return "."
    has_response = _is_on(session, "runmkarf") or _is_on(session, "runmkrmf")
    return f"{session.obsid}_p/{'spec' if has_response else 'lc'}"


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
    region_params, region_files = _regions(session, inputs)
    files: tuple[TextFile | GtiFile, ...] = region_files
    params = _event_files(session, inputs) + region_params + _band(session)
    params += (("binsize", _number(session.bin_s)),)
    if session.user_gti is not None:
        files = (*files, GtiFile(name=_USER_GTI, intervals=session.user_gti))
        params += (("usrgtifile", _USER_GTI),)
    params += (("clobber", True),)
    return TaskCall(task="nuproducts", params=_merge(params, session.products), files=files)


def _event_files(session: Session, inputs: ModuleInputs) -> Params:
    stem = product_stem(session, inputs.module)
    common: Params = (
        ("instrument", inputs.module),
        ("steminputs", f"nu{session.obsid}"),
        ("stemout", stem),
        ("outdir", products_folder(session)),
    )
    if session.reprocesses:  # nupipeline's own output has nuproducts' default names
        return (("indir", events_folder(session)), *common)
    params: Params = (
        ("indir", str(PurePath(inputs.events).parent)),
        ("infile", inputs.events),
        *common,
    )
    if inputs.housekeeping is not None and _is_on(session, "correctlc"):
        params += (("hkfile", inputs.housekeeping),)
    return params


def _regions(session: Session, inputs: ModuleInputs) -> tuple[Params, tuple[TextFile, ...]]:
    """Region parameters and the region files they name."""
    stem, regions = product_stem(session, inputs.module), session.regions.of(inputs.module)
    if regions.source is None:
        raise SessionError(f"{inputs.module}: no source region; draw one or take the suggestion")
    source = _region_file(f"{stem}_src.reg", regions.source)
    params: Params = (("srcregionfile", source.name),)
    if regions.background is None:
        return (*params, ("bkgextract", False)), (source,)
    background = _region_file(f"{stem}_bkg.reg", regions.background)
    return (*params, ("bkgregionfile", background.name)), (source, background)


def _ftgrouppha(session: Session, inputs: ModuleInputs) -> TaskCall:
    choice = session.grouping
    stem = str(PurePath(products_folder(session), product_stem(session, inputs.module)))
    params: Params = (
        ("infile", f"{stem}_sr.pha"),
        ("outfile", f"{stem}_sr_grp.pha"),
        ("grouptype", choice.grouptype),
    )
    if choice.groupscale is not None and choice.grouptype not in ("opt", "file"):
        params += (("groupscale", _number(choice.groupscale)),)
    needs_background = choice.grouptype in ("bmin", "snmin", "optsnmin")
    if needs_background and session.regions.of(inputs.module).background is not None:
        params += (("backfile", f"{stem}_bk.pha"),)
    if choice.grouptype.startswith("opt"):
        params += (("respfile", f"{stem}_sr.rmf"),)
    if choice.grouptype != "opt":  # opt ignores the channel limits
        params += _if_given("minchannel", choice.minchannel)
        params += _if_given("maxchannel", choice.maxchannel)
    return TaskCall(task="ftgrouppha", params=(*params, ("clobber", True)))


def _band(session: Session) -> Params:
    low, high = kev_to_pi_range(*session.band_kev)
    if (low, high) == (PI_LOW_DEFAULT, PI_HIGH_DEFAULT):
        return ()
    return (("pilow", low), ("pihigh", high))


def _is_on(session: Session, flag: str) -> bool:
    return dict(session.products).get(flag, True) not in (False, "no")


def _region_file(name: str, region: SkyRegion | RegionText) -> TextFile:
    return TextFile(name=name, text=region_text(region))


def _merge(params: Params, changes: Params) -> Params:
    """Parameters with the user's own put in their place, new ones at the end."""
    return tuple({**dict(params), **dict(changes)}.items())


def _if_given(name: str, value: int | None) -> Params:
    return () if value is None else ((name, value),)


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)
