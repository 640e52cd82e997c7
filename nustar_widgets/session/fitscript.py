"""A fit as files other programs run: an XSPEC command file, a PyXspec script, a Sherpa script.

All are pure text: what they load are the files that were fitted, the bins are those of the fit.
XSPEC's rule for ranges is ours: ``ignore **-3.0 79.0-**`` keeps the bin that starts at 3.0 keV and
drops the one that ends at 79.0 keV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nustar_widgets.session.fitparts import ScriptFit, ScriptParameter, plain_file, plain_folder
from nustar_widgets.session.linktext import xspec_dialect
from nustar_widgets.session.literals import docstring, literal
from nustar_widgets.session.sherpascript import sherpa_lines
from nustar_widgets.version import __version__

if TYPE_CHECKING:
    from nustar_widgets.session.values import SpectrumInput

_COSMOLOGY: Final = "70 0 0.73"
_PERCENT: Final = 90.0
_MAXIMUM: Final = "maximum 1000000.0"  # else XSPEC refuses errors of a poor fit


def to_xcm(fit: ScriptFit) -> str:
    """Return an XSPEC command file in the form ``save all`` writes; run it as ``@fit.xcm``.

    Parameters
    ----------
    fit
        The fit.

    Raises
    ------
    ParameterError
        A file name or link cannot be written.
    """
    lines = [
        f"# {_heading()}",
        *(f"# {note}" for note in fit.notes()),
        f"statistic {fit.choice.statistic}",
        *_xcm_data(fit),
        *_xcm_ignore(fit),
        "",
        "method leven 100 0.0001",
        f"abund {fit.choice.abundance}",
        f"xsect {fit.choice.cross_section}",
        f"cosmo {_COSMOLOGY}",
        "xset delta 0.01",
        "systematic 0",
        f"model  {fit.expression}",
        *(_xcm_parameter(fit, place) for place in range(len(fit.parameters))),
        "bayes off",
        "",
        "query yes",
        "fit",
        *_xcm_measures(fit),
    ]
    return "\n".join(lines) + "\n"


def to_pyxspec(fit: ScriptFit) -> str:
    """Return a Python script that makes the fit with PyXspec.

    Parameters
    ----------
    fit
        The fit.

    Raises
    ------
    ParameterError
        A file name or link cannot be written.
    """
    lines = [
        _docstring(fit),
        "",
        *pyxspec_imports(fit),
        "",
        *pyxspec_data(fit),
        "",
        *pyxspec_model(fit),
        "",
        *pyxspec_fit(fit),
    ]
    return "\n".join(lines) + "\n"


def pyxspec_imports(fit: ScriptFit) -> list[str]:
    """Return the lines that bring what the others use.

    Parameters
    ----------
    fit
        The fit.
    """
    moves = ["import os", ""] if any(folder for folder, _ in fit.folders()) else []
    return [*moves, "from xspec import AllData, AllModels, Fit, Model, Xset"]


def pyxspec_data(fit: ScriptFit) -> list[str]:
    """Return the lines that load the spectra and leave the bins that are fitted.

    Parameters
    ----------
    fit
        The fit.

    Raises
    ------
    ParameterError
        XSPEC cannot read a file name.
    """
    lines = [
        "Xset.allowPrompting = False",
        f"Xset.abund = {fit.choice.abundance!r}",
        f"Xset.xsect = {fit.choice.cross_section!r}",
        *([f"Xset.cosmo = {_COSMOLOGY!r}"] if _has_luminosities(fit) else []),
        'Fit.query = "yes"',
        f"Fit.statMethod = {fit.choice.statistic!r}",
        "",
    ]
    for folder, spectra in fit.folders():
        loaded = " ".join(f"{n}:{n} {plain_file(files.pha)}" for n, files in spectra)
        lines += [f"os.chdir({literal(folder)})"] if folder else []
        lines += [f"AllData({loaded!r})"]
        lines += [line for n, files in spectra for line in _python_files(n, files)]
    return lines + [line for n in range(len(fit.spectra)) for line in _python_ignore(fit, n)]


def pyxspec_model(fit: ScriptFit) -> list[str]:
    """Return the lines that make the model.

    Parameters
    ----------
    fit
        The fit.

    Raises
    ------
    ParameterError
        A link cannot be written.
    """
    lines = [f"Model({fit.expression!r})"]
    return lines + [
        line for place in range(len(fit.parameters)) for line in _python_parameter(fit, place)
    ]


def pyxspec_fit(fit: ScriptFit) -> list[str]:
    """Return the lines that fit, measure and print.

    Parameters
    ----------
    fit
        The fit.
    """
    errors = " ".join(str(place + 1) for place in fit.searched())
    return [
        "Fit.perform()",
        *([f'Fit.error("{_MAXIMUM} {fit.measures.delta} {errors}")'] if errors else []),
        *_PRINT.format(groups=len(fit.spectra), per_group=fit.per_group).splitlines(),
        *_python_fluxes(fit),
    ]


def to_sherpa(fit: ScriptFit) -> str:
    """Return a Python script that makes the fit with Sherpa, built with XSPEC's models.

    Parameters
    ----------
    fit
        The fit.

    Raises
    ------
    ParameterError
        A link cannot be written, or Sherpa lacks the statistic.
    ModelError
        The model cannot be written for Sherpa.
    """
    return "\n".join([_docstring(fit), "", *sherpa_lines(fit)]) + "\n"


def _heading() -> str:
    return f"Written by nustar_widgets {__version__}."


def _docstring(fit: ScriptFit) -> str:
    notes = [line for note in fit.notes() for line in ("", note)]
    return docstring(_heading(), *notes, *([""] if notes else []))


def _xcm_data(fit: ScriptFit) -> list[str]:
    lines = []
    for folder, spectra in fit.folders():
        lines += [f"cd {plain_folder(folder)}"] if folder else []
        lines += [line for number, files in spectra for line in _xcm_files(number, files)]
    return lines


def _xcm_files(number: int, files: SpectrumInput) -> list[str]:
    lines = [f"data {number}:{number} {plain_file(files.pha)}"]
    if files.background:
        lines.append(f"backgrnd {number} {plain_file(files.background)}")
    if files.rmf:
        lines.append(f"response  1:{number} {plain_file(files.rmf)}")
    if files.arf:
        lines.append(f"arf 1:{number} {plain_file(files.arf)}")
    return lines


def _xcm_measures(fit: ScriptFit) -> list[str]:
    errors = " ".join(str(place + 1) for place in fit.searched())
    lines = [f"error {_MAXIMUM} {fit.measures.delta} {errors}"] if errors else []
    wishes = fit.measures.fluxes
    if wishes is None:
        return lines
    ranged = f" err {wishes.draws} {_PERCENT}" if wishes.draws else ""
    bands = [f"{float(low)} {float(high)}" for low, high in wishes.bands_kev]
    lines += [f"flux {band}{ranged}" for band in bands]
    if wishes.redshift:
        lines += [f"lumin {band} {wishes.redshift}{ranged}" for band in bands]
    if wishes.component:
        lines.append(f"eqwidth {fit.component_number(wishes.component)}{ranged}")
    return lines


def _xcm_ignore(fit: ScriptFit) -> list[str]:
    lines = ["ignore bad"] if fit.ignored is None else []
    ranges = [fit.xspec_ranges(group) for group in range(len(fit.spectra))]
    lines += [f"ignore {n}:{','.join(found)}" for n, found in enumerate(ranges, start=1) if found]
    return lines


def _xcm_parameter(fit: ScriptFit, place: int) -> str:
    parameter = fit.parameters[place]
    if parameter.link is not None:
        return f"= {_link(fit, parameter)}"
    value, *others = _six(fit, parameter)
    return f"{value:>15.9g}" + "".join(f" {number:>10.7g}" for number in others)


def _six(fit: ScriptFit, parameter: ScriptParameter) -> tuple[float, ...]:
    """XSPEC's six numbers; a negative step freezes, our limits are hard and soft ones alike."""
    delta = -abs(parameter.delta) if parameter.frozen else abs(parameter.delta)
    low, high = parameter.min, parameter.max
    return fit.value(parameter), delta, low, low, high, high


def _link(fit: ScriptFit, parameter: ScriptParameter) -> str:
    dialect = xspec_dialect(lambda name: fit.place(name) + 1)
    return dialect.write(parameter.name, parameter.link or "")


def _python_files(number: int, files: SpectrumInput) -> list[str]:
    lines = []
    if files.background:
        lines.append(f"AllData({number}).background = {plain_file(files.background)!r}")
    if files.rmf:
        lines.append(f"AllData({number}).response = {plain_file(files.rmf)!r}")
    if files.arf:
        lines.append(f"AllData({number}).response.arf = {plain_file(files.arf)!r}")
    return lines


def _python_ignore(fit: ScriptFit, group: int) -> list[str]:
    lines = [f'AllData({group + 1}).ignore("bad")'] if fit.ignored is None else []
    if ranges := fit.xspec_ranges(group):
        lines.append(f'AllData({group + 1}).ignore("{" ".join(ranges)}")')
    return lines


def _python_parameter(fit: ScriptFit, place: int) -> list[str]:
    if fit.is_tied(place):
        return []  # XSPEC ties it by itself
    parameter = fit.parameters[place]
    group, number = divmod(place, fit.per_group)
    where = f"AllModels({group + 1})({number + 1})"
    shown = f"  # {parameter.name}"
    if parameter.link is not None:
        return [f"{where}.link = {_link(fit, parameter)!r}{shown}"]
    untied = [f'{where}.link = ""'] if group else []
    value, delta, *limits = _six(fit, parameter)
    return [
        *untied,
        f"{where}.values = {[value, abs(delta), *map(float, limits)]!r}{shown}",
        f"{where}.frozen = {parameter.frozen}",
    ]


def _has_luminosities(fit: ScriptFit) -> bool:
    return fit.measures.fluxes is not None and bool(fit.measures.fluxes.redshift)


def _python_fluxes(fit: ScriptFit) -> list[str]:
    wishes = fit.measures.fluxes
    if wishes is None:
        return []
    ranged = f" err {wishes.draws} {_PERCENT}" if wishes.draws else ""
    bands = [f"{float(low)} {float(high)}" for low, high in wishes.bands_kev]
    lines = _measured(fit, "calcFlux", [f"{band}{ranged}" for band in bands], "flux")
    if wishes.redshift:
        words = [f"{band} {wishes.redshift}{ranged}" for band in bands]
        lines += _measured(fit, "calcLumin", words, "lumin")
    if wishes.component:
        number = fit.component_number(wishes.component)
        more = f", err=True, number={wishes.draws}, level={_PERCENT}" if wishes.draws else ""
        lines += [f"AllModels.eqwidth({number}{more})", *_printed(fit, "eqwidth", "", indent="")]
    return lines


def _measured(fit: ScriptFit, measure: str, words: list[str], attribute: str) -> list[str]:
    return [
        f"for band in {words!r}:",
        f"    AllModels.{measure}(band)",
        *_printed(fit, attribute, "band, ", indent="    "),
    ]


def _printed(fit: ScriptFit, attribute: str, more: str, *, indent: str) -> list[str]:
    return [
        f"{indent}for group in range(1, {len(fit.spectra)} + 1):",
        f'{indent}    print("{attribute}", {more}group, AllData(group).{attribute})',
    ]


_PRINT: Final = """
print("statistic", repr(Fit.statistic), "with", Fit.dof, "degrees of freedom")
for group in range(1, {groups} + 1):
    for number in range(1, {per_group} + 1):
        parameter = AllModels(group)(number)
        print(group, parameter.name, parameter.values[0], parameter.sigma, parameter.error)"""
