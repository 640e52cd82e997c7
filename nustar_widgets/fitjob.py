"""The fit of the command line: spectra and a model expression in, a JSON file and a page out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nustar_widgets.atomic import refuse_existing, write_text
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import FitResult, ParameterResult
from nustar_widgets.errors import ParameterError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.loading import load
from nustar_widgets.spectra.models import Model
from nustar_widgets.version import __version__

Progress = Callable[[str], None]

FLUX_BANDS_KEV = ((3.0, 10.0), (10.0, 30.0), (3.0, 79.0))
_CHI_NEEDS_COUNTS = 20  # below some 20 counts a bin, chi-square is biased
_RANGE = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*-\s*(\d+\.?\d*|\.\d+)\s*")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to fit.

    Attributes
    ----------
    spectra
        Source spectra, each a data group.
    backgrounds, rmf, arf
        One a spectrum, or one for all; empty for what the spectra themselves name.
    expression
        XSPEC model expression.
    statistic
        ``chi``, ``cstat`` or ``pgstat``.
    notice_kev
        Energy ranges to fit [keV].
    parameters
        Start values and fixed parameters; a name without its component will do where it is
        unique (``nH``).
    errors
        Search the 90 % range of every free parameter.
    """

    spectra: tuple[Path, ...]
    backgrounds: tuple[Path, ...] = ()
    rmf: tuple[Path, ...] = ()
    arf: tuple[Path, ...] = ()
    expression: str = "constant*tbabs*powerlaw"
    statistic: str = "chi"
    notice_kev: tuple[tuple[float, float], ...] = ((3.0, 79.0),)
    parameters: tuple[ParameterChoice, ...] = ()
    errors: bool = False


def energy_range(text: str) -> tuple[float, float]:
    """Read ``LO-HI`` [keV]."""
    match = _RANGE.fullmatch(text)
    if match is None or not float(match[1]) < float(match[2]):
        raise ParameterError("notice", f"{text!r}: expected LO-HI [keV] with LO < HI, as 3-79")
    return float(match[1]), float(match[2])


def parameter_choices(
    *, freeze: Sequence[str] = (), start: Sequence[str] = ()
) -> tuple[ParameterChoice, ...]:
    """Read ``NAME=VALUE`` texts of parameters to freeze, and of start values."""
    frozen = [ParameterChoice(name=n, value=v, frozen=True) for n, v in map(_assignment, freeze)]
    free = [ParameterChoice(name=n, value=v, frozen=False) for n, v in map(_assignment, start)]
    return (*frozen, *free)


def run(
    request: Request, json_file: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> FitResult:
    """Fit, and write the result as JSON and as a page beside it.

    Parameters
    ----------
    request
        What to fit.
    json_file
        File for the result; the page has the same name with ``.html``.
    overwrite
        Replace existing files.
    progress
        Told what is being done.

    Raises
    ------
    NustarWidgetsError
        An input is wrong or a file cannot be written; then nothing is written.
    """
    from nustar_widgets.report import fitpage  # noqa: PLC0415 - plots take 25 MB of memory

    tell = progress or (lambda _: None)
    page = json_file.with_suffix(".html")
    for path in (json_file, page):
        refuse_existing(path, overwrite=overwrite)
    tell("reading spectra and responses")
    datasets = load_all(request)
    choice = FitChoice(
        expression=request.expression, statistic=request.statistic,
        notice_kev=request.notice_kev, parameters=_full_names(request),
    )  # fmt: skip
    result, engine = fit(datasets, choice, errors=request.errors, progress=tell)
    tell("writing")
    names = [str(path) for path in request.spectra]
    texts = {json_file: to_json(result, names, choice), page: fitpage.render(result, engine)}
    for path, text in texts.items():
        write_text(path, text)
    return result


def fit(
    datasets: Sequence[SpectralData],
    choice: FitChoice,
    *,
    errors: bool,
    progress: Progress,
) -> tuple[FitResult, EmbeddedFit]:
    """Fit spectra in the chosen ranges; ranges and fluxes included in the result."""
    noticed = [notice(data, choice.notice_kev) for data in datasets]
    engine = EmbeddedFit(noticed, choice)
    progress("fitting")
    result = engine.fit()
    if errors:
        result = engine.errors(delta=2.706, progress=lambda name: progress(f"90 % range of {name}"))
    fluxes = tuple(flux for band in FLUX_BANDS_KEV for flux in engine.flux(*band))
    notes = (*result.notes, *_few_counts(noticed, choice.statistic))
    return replace(result, fluxes=fluxes, notes=notes), engine


def notice(data: SpectralData, ranges_kev: Sequence[tuple[float, float]]) -> SpectralData:
    """Keep good bins inside energy ranges, as XSPEC's ``ignore bad; ignore **-LO HI-**``.

    Parameters
    ----------
    data
        A spectrum with all its bins.
    ranges_kev
        (low, high) pairs [keV].
    """
    ordered = sorted(ranges_kev)
    lows = [f"{low:.9f}" for low, _ in ordered]
    highs = [f"{high:.9f}" for _, high in ordered]
    gaps = zip(["**", *highs], [*lows, "**"], strict=True)
    return data.ignore("bad", *(f"{start}-{stop}" for start, stop in gaps))


def load_all(request: Request) -> list[SpectralData]:
    """Load every spectrum with its background and response."""
    n = len(request.spectra)
    files = zip(
        request.spectra,
        _one_each(request.backgrounds, n, "--bkg"),
        _one_each(request.arf, n, "--arf"),
        _one_each(request.rmf, n, "--rmf"),
        strict=True,
    )
    return [
        load(pha, background=background, arf=arf, rmf=rmf, number=number)
        for number, (pha, background, arf, rmf) in enumerate(files, start=1)
    ]


def to_json(result: FitResult, spectra: Sequence[str], choice: FitChoice) -> str:
    """Return a fit as JSON text: parameters, statistic, dof, fluxes, and what was fitted.

    Parameters
    ----------
    result
        The fit.
    spectra
        Names of the files that were fitted.
    choice
        How they were fitted.
    """
    saved = result.to_dict()
    saved["parameters"] = [_parameter_dict(item) for item in result.parameters]
    saved["spectra"] = list(spectra)
    saved["notice_kev"] = [list(band) for band in choice.notice_kev]
    saved["abundance"] = choice.abundance
    saved["cross_section"] = choice.cross_section
    saved["error_confidence"] = None if result.delta is None else 0.9
    saved["made_by"] = f"nustar_widgets {__version__}, embedded fit engine"
    return json.dumps(saved, indent=1) + "\n"


def summary(result: FitResult) -> str:
    """Return a fit as lines for a terminal."""
    from nustar_widgets.report import fitpage  # noqa: PLC0415

    lines = [
        f"{result.expression}: {result.statistic_name} {result.statistic:.2f}, "
        f"{result.dof} degrees of freedom, {result.status}"
    ]
    lines += [f"  {fitpage.parameter_line(item)}" for item in fitpage.own_parameters(result)]
    lines += [f"  Note: {note}" for note in result.notes]
    return "\n".join(lines)


def _assignment(text: str) -> tuple[str, float]:
    name, separator, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        separator = ""
    if not (name.strip() and separator):
        raise ParameterError(text, "expected NAME=VALUE with a number, as TBabs.nH=0.04")
    return name.strip(), number


def _full_names(request: Request) -> tuple[ParameterChoice, ...]:
    names = [item.name for item in Model.parse(request.expression).parameters]
    return tuple(
        replace(item, name=_full_name(item.name, names, request.expression))
        for item in request.parameters
    )


def _full_name(name: str, names: Sequence[str], expression: str) -> str:
    """Complete ``nH`` to ``TBabs.nH`` where only one parameter can be meant."""
    bare, bracket, group = name.partition("[")
    if "." in bare:
        return name
    matches = [full for full in names if full.rpartition(".")[2].lower() == bare.lower()]
    if len(matches) == 1:
        return matches[0] + bracket + group
    found = f"several fit: {', '.join(matches)}" if matches else f"it has {', '.join(names)}"
    raise ParameterError(name, f"{expression} has no one parameter of this name; {found}")


def _one_each(files: tuple[Path, ...], n: int, option: str) -> list[Path | None]:
    if not files:
        return [None] * n
    if len(files) not in (1, n):
        raise ParameterError(option, f"{len(files)} files for {n} spectra: give one, or one each")
    return [*files] if len(files) == n else [files[0]] * n


def _few_counts(datasets: Sequence[SpectralData], statistic: str) -> tuple[str, ...]:
    if statistic != "chi":
        return ()
    return tuple(
        f"{data.spectrum.name}: bins with fewer than {_CHI_NEEDS_COUNTS} counts; chi-square is "
        "biased there: use cstat, or group more"
        for data in datasets
        if (data.source_counts < _CHI_NEEDS_COUNTS).any()
    )


def _parameter_dict(item: ParameterResult) -> dict[str, Any]:
    """One parameter for JSON: component, name and spectrum apart, the full name beside them."""
    base, _, group = item.name.partition("[")
    return {
        "component": item.component,
        "name": base.rpartition(".")[2],
        "spectrum": int(group.rstrip("]")) if group else 1,
        "full_name": item.name,
        "unit": item.unit,
        "value": item.value,
        "sigma": item.sigma,
        "error_low": item.error_low,
        "error_high": item.error_high,
        "error_status": item.status,
        "frozen": item.frozen,
        "link": item.link,
        "at_limit": item.at_limit,
    }
