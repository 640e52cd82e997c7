"""The last steps: the fit, what is measured of it, and a look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import PurePath
from typing import Final

from nustar_widgets.export.analysis import Analysis
from nustar_widgets.export.fitting import FitPlan
from nustar_widgets.export.source import Source
from nustar_widgets.export.step import Step
from nustar_widgets.export.tasksteps import call_step
from nustar_widgets.session.fitparts import ScriptFit
from nustar_widgets.session.fitscript import (
    pyxspec_data,
    pyxspec_fit,
    pyxspec_imports,
    pyxspec_model,
)
from nustar_widgets.session.literals import call, literal
from nustar_widgets.session.values import SpectrumInput

_TITLE: Final = "Fit the spectrum"
_NO_FIT: Final = "There is no fit to make: see the note."
_EMBEDDED: Final = (
    "The model is written as in XSPEC, and so are the names of its parameters; [2] means the "
    "second spectrum. The fit begins where it was left: at the best values, if it was fitted."
)
_XSPEC: Final = (
    "XSPEC reads the files a spectrum names in the folder it is in, so it goes there first. "
    "Channels outside the energies of the fit, and bad ones, are ignored."
)
_MODEL: Final = (
    "The model with all its parameters: value, step, and limits. The fit begins where it was left: "
    "at the best values, if it was fitted."
)
_REGROUP: Final = "For the fit the spectra were grouped in another way than above."
_MEASURES: Final = "What was measured of the fit: confidence ranges, fluxes."
_LOOK: Final = "Data, model and residuals, and the parameters."
_PLOT: Final = """\
Plot.device = "/null"
Plot.xAxis = "keV"
Plot.area = True
fig, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(8, 6), height_ratios=(7, 3))
Plot("data")
for n in range(1, AllData.nSpectra + 1):
    top.errorbar(Plot.x(n), Plot.y(n), Plot.yErr(n), Plot.xErr(n), fmt=".", lw=0.5)
    top.loglog(Plot.x(n), Plot.model(n), lw=0.8, color="black")
Plot("ratio")
for n in range(1, AllData.nSpectra + 1):
    bottom.errorbar(Plot.x(n), Plot.y(n), Plot.yErr(n), Plot.xErr(n), fmt=".", lw=0.5)
bottom.axhline(1.0, lw=0.8, color="black")
top.set_ylabel("Counts/cm$^2$/s/keV")
bottom.set_ylabel("Data / model")
bottom.set_xlabel("Energy [keV]")
plt.show()"""


def fit_steps(analysis: Analysis) -> Iterator[Step]:
    """Yield the steps of the fit.

    Parameters
    ----------
    analysis
        What is written.
    """
    fit = analysis.fit
    if fit is None:
        yield Step(key="fit", title=_TITLE, words=_NO_FIT, notes=(analysis.no_fit,))
    elif fit.engine == "xspec":
        yield from _xspec_steps(fit, Source(data=analysis.data))
    else:
        yield from _embedded_steps(fit, Source(data=analysis.data))


# -- the embedded engine ------------------------------------------------------------------


def _embedded_steps(fit: FitPlan, source: Source) -> Iterator[Step]:
    nw = ("import nustar_widgets as nw",)
    made = call("nw.SpectralFit", _arguments(fit), write=lambda value: _lines(value, source))
    measured = _measured(fit.script)
    code = f"fit = {made}\nresult = fit.fit()" + ("" if measured else "\nprint(fit)")
    yield Step(key="fit", title=_TITLE, words=_EMBEDDED, code=code, imports=nw)
    if measured:
        yield Step(key="measures", words=_MEASURES, code="\n".join([*measured, "print(fit)"]))
    yield Step(key="fit-look", words=_LOOK, code="fit", is_picture=True)


def _arguments(fit: FitPlan) -> Iterator[tuple[str, object]]:
    choice = fit.script.choice
    yield "spectra", [_files(item, fit.folder) for item in fit.script.spectra]
    yield "model", choice.expression
    if choice.parameters:
        yield "parameters", {item.name: _set(asdict(item)) for item in choice.parameters}
    yield "statistic", choice.statistic
    yield "notice_kev", list(choice.notice_kev)
    yield "abundance", choice.abundance
    yield "cross_section", choice.cross_section
    if choice.grouping is not None:
        yield "grouping", asdict(choice.grouping)


def _set(given: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if name != "name" and value is not None}


def _files(item: SpectrumInput, folder: str) -> str | dict[str, object]:
    pha = str(PurePath(folder, item.pha))
    others = {name: value for name, value in asdict(item).items() if value and name != "pha"}
    return {"pha": pha, **others} if others else pha


def _lines(value: object, source: Source) -> str:
    """Write a list or dict with one item a line."""
    match value:
        case [str() | dict(), *_]:
            items = [source.literal(item) for item in value]
            return "[\n" + "".join(f"        {item},\n" for item in items) + "    ]"
        case dict() if value and all(isinstance(item, dict) for item in value.values()):
            pairs = [f"{literal(name)}: {literal(item)}" for name, item in value.items()]
            return "{\n" + "".join(f"        {pair},\n" for pair in pairs) + "    }"
    return source.literal(value)


def _measured(script: ScriptFit) -> list[str]:
    lines, measures = [], script.measures
    if measures.delta is not None:
        names = f"{literal(list(measures.names))}, " if measures.names else ""
        lines.append(f"result = fit.errors({names}delta={measures.delta!r})")
    wishes = measures.fluxes
    if wishes is None:
        return lines
    draws = f", draws={wishes.draws}" if wishes.draws else ""
    lines += [
        f"for low_kev, high_kev in {literal(list(wishes.bands_kev))}:",
        f"    fit.flux(low_kev, high_kev{draws})",
    ]
    if wishes.redshift:
        luminosity = f"fit.luminosity(low_kev, high_kev, redshift={wishes.redshift!r}{draws})"
        lines.append(f'    print(*{luminosity}, sep="\\n")')
    if wishes.component:
        lines.append(f'print(*fit.width({literal(wishes.component)}{draws}), sep="\\n")')
    return lines


# -- XSPEC --------------------------------------------------------------------------------


def _xspec_steps(fit: FitPlan, source: Source) -> Iterator[Step]:
    if fit.regrouped:
        yield Step(key="fit-grouping", title="Group the spectra for the fit", words=_REGROUP)
    for number, item in enumerate(fit.regrouped, start=1):
        yield call_step(source, item, number + 100)  # beside those of the other grouping
    imports = [line for line in pyxspec_imports(fit.script) if line]
    data = "\n".join(pyxspec_data(fit.script))
    if fit.folder:
        data = f"os.chdir({literal(fit.folder)})\n{data}\nos.chdir(work)"
        imports.append("import os")
    yield Step(key="fit-data", title=_TITLE, words=_XSPEC, code=data, imports=tuple(imports))
    model = [*pyxspec_model(fit.script), "", *pyxspec_fit(fit.script)]
    yield Step(key="fit", words=_MODEL, code="\n".join(model))
    yield Step(
        key="fit-look",
        words=_LOOK,
        code=_PLOT,
        imports=("import matplotlib.pyplot as plt", "from xspec import Plot"),
        is_picture=True,
    )
