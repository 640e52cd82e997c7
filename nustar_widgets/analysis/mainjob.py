"""Run the main job: choose, extract, group, fit, report; everything or nothing."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import traitlets

from nustar_widgets import fitjob
from nustar_widgets.analysis import reporting
from nustar_widgets.analysis.inputs import Inputs, open_inputs
from nustar_widgets.analysis.regionchoice import Choice, choose_regions
from nustar_widgets.analysis.request import Request
from nustar_widgets.atomic import whole_folder, write_text
from nustar_widgets.engines.base import TaskResult
from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.embedded_run import ResponseFiles
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import FitResult
from nustar_widgets.errors import FitError, SelectionError, SessionError
from nustar_widgets.session import store
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.script import to_python
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import (
    FitChoice,
    ModuleInputs,
    ModuleRegions,
    ParameterChoice,
    Regions,
    Target,
)
from nustar_widgets.simulate import simulate_observation
from nustar_widgets.simulate.truth import EXTRACTION_RADIUS_ARCSEC
from nustar_widgets.spectra.loading import load

Progress = Callable[[str], None]

# Held at what was put in: 30 ks from 3 keV on measure neither the column, nor the cutoff, nor
# place and width of the line.
_DEMO_FIXED = ("TBabs.nH", "cutoffpl.HighECut", "gaussian.LineE", "gaussian.Sigma")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Outcome:
    """What a run made.

    Attributes
    ----------
    folder
        The folder of the products.
    report
        The page.
    session
        The session the products came from.
    results
        Outcome of each task call.
    fit
        The fit, or ``None`` where there was none.
    numbers
        Counts, exposure, signal-to-noise of each module.
    cautions
        What to watch out for.
    """

    folder: Path
    report: Path
    session: Session
    results: tuple[TaskResult, ...]
    fit: FitResult | None
    numbers: tuple[reporting.ModuleNumbers, ...]
    cautions: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([*self.summary(), f"Report: {self.report}"])

    def _repr_html_(self) -> str:
        """Show the report in a notebook, in a frame so that its style stays its own."""
        page = html.escape(self.report.read_text(encoding="utf-8"), quote=True)
        style = "width: 100%; height: 620px; border: 1px solid #dde3e9"
        return f'<div><iframe title="Report" srcdoc="{page}" style="{style}"></iframe></div>'

    def summary(self) -> list[str]:
        """Lines for a terminal."""
        lines = [numbers.line() for numbers in self.numbers]
        lines += [f"Note: {caution}" for caution in self.cautions]
        return lines + ([fitjob.summary(self.fit)] if self.fit else [])


def run(request: Request, *, progress: Progress | None = None) -> Outcome:
    """Extract, group, fit and report what a request asks for.

    Parameters
    ----------
    request
        What to do.
    progress
        Told what is being done.

    Returns
    -------
    Outcome
        Everything that was made.

    Raises
    ------
    NustarWidgetsError
        An input, region or parameter is wrong, or the folder cannot be written; then nothing is
        left behind.
    """
    tell = progress or (lambda _: None)
    with whole_folder(request.out, overwrite=request.overwrite) as folder:
        outcome = _run_in(folder, request, tell)
    return _settled(outcome, request.out)


def demo(out: Path, *, overwrite: bool = False, progress: Progress | None = None) -> Outcome:
    """Simulate an observation and analyse it.

    Parameters
    ----------
    out
        Folder to make: the observation, the products and the report.
    overwrite
        Replace the folder if it exists.
    progress
        Told what is being done.

    Raises
    ------
    OutputError
        The folder exists or cannot be written.
    """
    tell = progress or (lambda _: None)
    with whole_folder(out, overwrite=overwrite) as folder:
        sample = simulate_observation(folder, progress=tell)
        request = Request(
            events=tuple(sample.event_file(module) for module in ("FPMA", "FPMB")),
            out=out,
            # The simulated ARFs are made for this very circle.
            radius_arcsec=EXTRACTION_RADIUS_ARCSEC,
            expression=f"constant*{sample.truth.expression}",
            parameters=tuple(
                ParameterChoice(name=name, value=value, frozen=True)
                for name, value in sample.truth.parameters
                if name in _DEMO_FIXED
            ),
        )
        outcome = _run_in(folder, request, tell)
    return _settled(outcome, out)


def _settled(outcome: Outcome, out: Path) -> Outcome:
    """Name the final folder where the outcome names the one the work was done in."""

    def final(path: Path) -> Path:
        return out / path.relative_to(outcome.folder)

    results = tuple(
        replace(
            result,
            products=tuple(replace(item, path=final(item.path)) for item in result.products),
        )
        for result in outcome.results
    )
    return replace(outcome, folder=out, report=final(outcome.report), results=results)


def _run_in(folder: Path, request: Request, tell: Progress) -> Outcome:
    inputs = open_inputs(request, tell)
    choices = choose_regions(request, inputs, tell)
    session = _session(folder, request, inputs, choices)
    calls = recipe(session)
    engine = EmbeddedEngine(responses=_responses(session))
    results = tuple(engine.run(call, folder=folder, progress=tell) for call in calls)
    fitted, notes = _fit(folder, request, session, tell)
    cautions = (*_cautions(request, inputs, choices), *notes)
    tell("report")
    numbers = tuple(
        reporting.module_numbers(folder, session, events) for events in inputs.events.values()
    )
    page = reporting.page(
        folder, session, inputs, choices, results=results, numbers=numbers, fitted=fitted,
        cautions=cautions,
    )  # fmt: skip
    write_text(folder / "report.html", page)
    write_text(folder / "heasoft.py", to_python(calls, about=reporting.title(session)))
    provenance = [result.provenance.to_dict() for result in results]
    write_text(folder / "provenance.json", json.dumps(provenance, indent=1) + "\n")
    store.save(session, folder / "session.json")
    return Outcome(
        folder=folder, report=folder / "report.html", session=session, results=results,
        fit=fitted[0] if fitted else None, numbers=numbers, cautions=cautions,
    )  # fmt: skip


def _session(folder: Path, request: Request, inputs: Inputs, choices: dict[str, Choice]) -> Session:
    regions = {module: choice.regions for module, choice in choices.items()}
    name = next(iter(inputs.events.values())).object_name
    try:
        return Session(
            target=Target(name=name) if name else None,
            obsid=inputs.obsid,
            inputs=tuple(_as_seen_from(folder, item) for item in inputs.files),
            work_dir=str(request.out),
            modules=tuple(inputs.events),
            regions=Regions(
                fpma=regions.get("FPMA", ModuleRegions()),
                fpmb=regions.get("FPMB", ModuleRegions()),
                linked=False,
            ),
            band_kev=request.band_kev,
            bin_s=request.bin_s,
            user_gti=None if inputs.user_gti is None else tuple(inputs.user_gti),
            fit=FitChoice(
                expression=request.expression or _default_model(inputs),
                parameters=request.parameters,
            ),
        )
    except traitlets.TraitError as problem:
        raise SessionError(str(problem)) from problem


def _as_seen_from(folder: Path, inputs: ModuleInputs) -> ModuleInputs:
    """Make paths relative to the run's folder if they lie in it, absolute otherwise."""

    def seen(path: str | None) -> str | None:
        if path is None:
            return None
        absolute = Path(path).absolute()
        if absolute.is_relative_to(folder.absolute()):
            return os.path.relpath(absolute, folder.absolute())
        return str(absolute)

    return replace(
        inputs,
        events=seen(inputs.events) or "",
        housekeeping=seen(inputs.housekeeping),
        arf=seen(inputs.arf),
        rmf=seen(inputs.rmf),
    )


def _default_model(inputs: Inputs) -> str:
    return "constant*tbabs*powerlaw" if len(inputs.events) > 1 else "tbabs*powerlaw"


def _responses(session: Session) -> dict[str, ResponseFiles]:
    return {
        item.module: ResponseFiles(
            arf=None if item.arf is None else Path(item.arf),
            rmf=None if item.rmf is None else Path(item.rmf),
        )
        for item in session.inputs
    }


def _fit(
    folder: Path, request: Request, session: Session, tell: Progress
) -> tuple[tuple[FitResult, EmbeddedFit] | None, tuple[str, ...]]:
    """Fit if there is what it takes; else say why not."""
    if any(item.arf is None or item.rmf is None for item in session.inputs):
        return None, () if not request.fit else ("no fit: no ARF and RMF for every module",)
    # Loaded also where no fit is wanted: files that do not belong together are found here.
    stems = [reporting.stem(session, module) for module in session.modules]
    # With the RMF as it was given, which has been read already; the copy beside it is the same.
    datasets = [
        load(folder / f"{stem}_sr_grp.pha", rmf=folder / str(item.rmf), number=number)
        for number, (stem, item) in enumerate(zip(stems, session.inputs, strict=True), start=1)
    ]
    if not request.fit:
        return None, ()
    try:
        result, engine = fitjob.fit(datasets, session.fit, errors=True, progress=tell)
    except (FitError, SelectionError, SessionError) as problem:
        return None, (f"no fit: {problem}",)
    names = [data.spectrum.name for data in datasets]
    write_text(folder / "fit.json", fitjob.to_json(result, names, session.fit))
    return (result, engine), ()


def _cautions(request: Request, inputs: Inputs, choices: dict[str, Choice]) -> tuple[str, ...]:
    cautions = [
        f"{module}: {text}"
        for module, events in inputs.events.items()
        for text in (*events.messages, *choices[module].cautions)
    ]
    named = (*request.events, *request.housekeeping, request.gti)
    cautions += [
        f"{path} has a space in its path: HEASoft cannot read it; copy it elsewhere before running "
        "the script"
        for path in named
        if path is not None and " " in str(path.absolute())
    ]
    return tuple(cautions)
