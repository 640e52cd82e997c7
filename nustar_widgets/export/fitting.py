"""The fit of a session as it is to be written: spectra, who fits, and what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath

from nustar_widgets.calls.current import task_here
from nustar_widgets.engines.fit_parameters import FitParameter, ParameterTable
from nustar_widgets.engines.taskspec import as_text, is_yes
from nustar_widgets.errors import FitError
from nustar_widgets.export.written import Written
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.making import table_of
from nustar_widgets.session.fitparts import ScriptFit
from nustar_widgets.session.measures import Measures
from nustar_widgets.session.recipe import grouping_call, spectrum_files
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import GroupingChoice, SpectrumInput
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.pha import read_pha


@dataclass(frozen=True, kw_only=True)
class FitPlan:
    """A fit that is to be written.

    Attributes
    ----------
    engine
        ``embedded`` or ``xspec``.
    script
        The fit. Its spectra are named as seen from ``folder``.
    folder
        Where the spectra lie, seen from where the script works; empty: there.
    regrouped
        Calls that group the spectra for the fit, where XSPEC needs them in files.
    """

    engine: str
    script: ScriptFit
    folder: str = ""
    regrouped: tuple[Written, ...] = ()


def fit_plan(session: Session, calls: Sequence[Written], engine: str) -> FitPlan:
    """Return the fit of a session.

    Parameters
    ----------
    session
        The session.
    calls
        Its task calls as they are written: their products are fitted, unless the session has
        spectra made elsewhere.
    engine
        ``auto``, ``heasoft`` or ``embedded``.

    Raises
    ------
    NustarWidgetsError
        There is nothing that can be fitted, or the model cannot be written; the message says why.
    """
    by = {"heasoft": "xspec", "embedded": "embedded"}.get(engine, session.fit.engine)
    if session.spectra:
        spectra = [_whole(item) for item in session.spectra]
    else:
        spectra = _products(session, calls)
    choice = session.fit
    regrouped: tuple[Written, ...] = ()
    if by == "xspec" and choice.grouping is not None:
        wish = session.engine if engine == "auto" else engine
        runs = task_here("ftgrouppha", wish).engine or "heasoft"
        spectra, regrouped = _regrouped(spectra, choice.grouping, runs)
        choice = replace(choice, grouping=None)
    elif not session.spectra:
        spectra = [SpectrumInput(pha=_grouped(item.pha, calls)) for item in spectra]
    folder, spectra = _in_one_folder(spectra)
    script = ScriptFit(
        choice=choice,
        spectra=tuple(spectra),
        parameters=parameters_of(session, len(spectra), by),
        measures=measures_of(LiveFit.of(session)),
    )
    return FitPlan(engine=by, script=script, folder=folder, regrouped=regrouped)


def parameters_of(session: Session, n_spectra: int, by: str) -> tuple[FitParameter, ...]:
    """Return the parameters of a session's fit, at the values chosen.

    Parameters
    ----------
    session
        The session.
    n_spectra
        How many spectra are fitted.
    by
        Who is to fit: ``embedded`` or ``xspec``.

    Raises
    ------
    NustarWidgetsError
        The model cannot be read here: only XSPEC has it, and XSPEC has not read it yet.
    """
    engine, choice = LiveFit.of(session).engine, session.fit
    if by == "xspec" and engine is not None and engine.choice.expression == choice.expression:
        table = table_of(engine, choice)
        if table is not None and len(engine.datasets) == n_spectra:
            return table.rows
    return ParameterTable(Model.parse(choice.expression), n_spectra, choice.parameters).rows


def measures_of(live: LiveFit) -> Measures:
    """Return what was measured of a fit so far.

    Parameters
    ----------
    live
        The fit.
    """
    result = live.result
    if result is None or result.delta is None:
        return Measures(delta=None, fluxes=live.wishes)
    searched = tuple(item.name for item in result.free if item.status)
    is_all = len(searched) == len(result.free)
    return Measures(delta=result.delta, names=() if is_all else searched, fluxes=live.wishes)


def _products(session: Session, calls: Sequence[Written]) -> list[SpectrumInput]:
    """Spectra the calls make, as nuproducts leaves them."""
    made = [item for item in calls if item.call.task == "nuproducts"]
    for item in made:
        if missing := _missing(session, item):
            raise FitError(f"{item.module}: {missing}")
    return [spectrum_files(session, item.call) for item in made]


def _missing(session: Session, item: Written) -> str:
    """Say what a fit lacks of what a nuproducts call makes; empty where it has all."""
    call = item.call
    if as_text(call.get("phafile") or "").upper() == "NONE":
        return "nuproducts makes no spectrum (phafile=NONE)"
    if not (_is_on(item, "runmkarf") and _is_on(item, "runmkrmf")):
        return "nuproducts makes no responses (runmkarf, runmkrmf), which a fit needs"
    inputs = session.inputs_of(item.module)
    if item.engine == "embedded" and (inputs is None or not (inputs.arf and inputs.rmf)):
        return "there is no ARF and RMF, which a fit needs; making them needs HEASoft"
    return ""


def _is_on(item: Written, flag: str) -> bool:
    """Whether a yes/no parameter of nuproducts, whose default is yes, is on."""
    value = item.call.get(flag)
    return value is None or is_yes(as_text(value))


def _grouped(pha: str, calls: Sequence[Written]) -> str:
    """Name of the spectrum that is grouped from another; of that one where none is."""
    grouped = (item.call for item in calls if item.call.get("infile") == pha)
    return next((str(call.get("outfile")) for call in grouped), pha)


def _regrouped(
    spectra: Sequence[SpectrumInput], choice: GroupingChoice, engine: str
) -> tuple[list[SpectrumInput], tuple[Written, ...]]:
    """Group spectra for the fit: what is grouped in memory here has to be in a file for XSPEC."""
    if choice.grouptype == "none":  # one channel in each bin
        choice = GroupingChoice(grouptype="constant", groupscale=1, minchannel=None,
                                maxchannel=None)  # fmt: skip
    calls, named = [], []
    for item in spectra:
        path = PurePath(item.pha)
        folder = PurePath() if path.is_absolute() else path.parent  # others' folders are theirs
        outfile = str(folder / f"{path.stem}_fit.pha")
        files = _named(item) if path.is_absolute() else item
        calls.append(Written(call=grouping_call(choice, files, outfile), engine=engine))
        named.append(
            replace(files, pha=outfile) if path.is_absolute() else SpectrumInput(pha=outfile)
        )
    return named, tuple(calls)


def _in_one_folder(spectra: Sequence[SpectrumInput]) -> tuple[str, list[SpectrumInput]]:
    """Name the folder relative spectra lie in, and the spectra as seen from there."""
    folders = {str(PurePath(item.pha).parent) for item in spectra}
    folder = folders.pop()
    if folders or folder == "." or PurePath(folder).is_absolute():
        return "", list(spectra)
    return folder, [replace(item, pha=PurePath(item.pha).name) for item in spectra]


def _whole(item: SpectrumInput) -> SpectrumInput:
    """Name the files of a spectrum that was made elsewhere by their whole paths."""
    paths = {name: path and str(Path(path).absolute()) for name, path in asdict(item).items()}
    return SpectrumInput(**paths)


def _named(item: SpectrumInput) -> SpectrumInput:
    """Name also the files that only the header of a spectrum names."""
    header = read_pha(item.pha)

    def path(given: str | None, named: Path | None) -> str | None:
        return given if given or named is None else str(named.absolute())

    return SpectrumInput(
        pha=item.pha,
        background=path(item.background, header.background_file),
        arf=path(item.arf, header.arf_file),
        rmf=path(item.rmf, header.rmf_file),
    )
