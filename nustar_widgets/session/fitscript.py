"""A fit as files other programs run: an XSPEC command file, a PyXspec script, a Sherpa script.

All are pure text: what they load are the files that were fitted, the bins are those of the fit.
XSPEC's rule for ranges is ours: ``ignore **-3.0 79.0-**`` keeps the bin that starts at 3.0 keV and
drops the one that ends at 79.0 keV.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from nustar_widgets.session.fitparts import ScriptFit, ScriptParameter, plain_file
from nustar_widgets.session.linktext import xspec_dialect
from nustar_widgets.session.sherpascript import sherpa_lines
from nustar_widgets.version import __version__

if TYPE_CHECKING:
    from nustar_widgets.session.values import FitChoice, SpectrumInput

Ignored = Sequence[Sequence[tuple[int, int]]]

_DELTA: Final = 2.706  # 90 % for one parameter
_MAXIMUM: Final = "maximum 1000000.0"  # else XSPEC refuses errors of a poor fit


def to_xcm(
    choice: FitChoice,
    spectra: Sequence[SpectrumInput],
    parameters: Sequence[ScriptParameter],
    *,
    values: Mapping[str, float] | None = None,
    ignored: Ignored | None = None,
) -> str:
    """Return an XSPEC command file in the form ``save all`` writes; run it as ``@fit.xcm``.

    Parameters
    ----------
    choice
        Model, statistic, ranges, abundances.
    spectra
        The files, each a data group.
    parameters
        All parameters, as ``FitEngine.table.rows``.
    values
        Values by full name that win over the start values, as ``FitEngine.values``.
    ignored
        Of every spectrum the bins out of use, first and last, from 1 after grouping; None for the
        ranges of the choice.

    Raises
    ------
    ParameterError
        A file name, link or number of parameters cannot be written.
    ExpressionError
        The model expression holds what no model has.
    """
    fit = ScriptFit(
        choice=choice, spectra=spectra, parameters=parameters, values=values or {}, ignored=ignored
    )
    free = " ".join(str(place + 1) for place in fit.free())
    lines = [
        f"# {_heading()}",
        *(f"# {note}" for note in fit.notes()),
        f"statistic {choice.statistic}",
        *(line for n, files in enumerate(spectra, start=1) for line in _xcm_data(n, files)),
        *_xcm_ignore(fit),
        "",
        "method leven 100 0.0001",
        f"abund {choice.abundance}",
        f"xsect {choice.cross_section}",
        "cosmo 70 0 0.73",
        "xset delta 0.01",
        "systematic 0",
        f"model  {fit.expression}",
        *(_xcm_parameter(fit, place) for place in range(len(parameters))),
        "bayes off",
        "",
        "query yes",
        "fit",
        *([f"error {_MAXIMUM} {_DELTA} {free}"] if free else []),
    ]
    return "\n".join(lines) + "\n"


def to_pyxspec(
    choice: FitChoice,
    spectra: Sequence[SpectrumInput],
    parameters: Sequence[ScriptParameter],
    *,
    values: Mapping[str, float] | None = None,
    ignored: Ignored | None = None,
) -> str:
    """Return a Python script that makes the fit with PyXspec; see :func:`to_xcm`.

    Parameters
    ----------
    choice, spectra, parameters, values, ignored
        As of :func:`to_xcm`.

    Raises
    ------
    ParameterError
        A file name, link or number of parameters cannot be written.
    ExpressionError
        The model expression holds what no model has.
    """
    fit = ScriptFit(
        choice=choice, spectra=spectra, parameters=parameters, values=values or {}, ignored=ignored
    )
    free = " ".join(str(place + 1) for place in fit.free())
    loaded = " ".join(f"{n}:{n} {plain_file(s.pha)}" for n, s in enumerate(spectra, start=1))
    lines = [
        _docstring(fit),
        "",
        "from xspec import AllData, AllModels, Fit, Model, Xset",
        "",
        "Xset.allowPrompting = False",
        f"Xset.abund = {choice.abundance!r}",
        f"Xset.xsect = {choice.cross_section!r}",
        'Fit.query = "yes"',
        f"Fit.statMethod = {choice.statistic!r}",
        "",
        f"AllData({loaded!r})",
        *(line for n, files in enumerate(spectra, start=1) for line in _python_files(n, files)),
        *(line for n in range(len(spectra)) for line in _python_ignore(fit, n)),
        "",
        f"Model({fit.expression!r})",
        *(line for place in range(len(parameters)) for line in _python_parameter(fit, place)),
        "",
        "Fit.perform()",
        *([f'Fit.error("{_MAXIMUM} {_DELTA} {free}")'] if free else []),
        _PRINT.format(groups=len(spectra), per_group=fit.per_group),
    ]
    return "\n".join(lines)


def to_sherpa(
    choice: FitChoice,
    spectra: Sequence[SpectrumInput],
    parameters: Sequence[ScriptParameter],
    *,
    values: Mapping[str, float] | None = None,
) -> str:
    """Return a Python script that makes the fit with Sherpa, built with XSPEC's models.

    Parameters
    ----------
    choice, spectra, parameters, values
        As of :func:`to_xcm`.

    Raises
    ------
    ParameterError
        A link cannot be written, or Sherpa lacks the statistic.
    ModelError
        The model cannot be written for Sherpa.
    """
    fit = ScriptFit(choice=choice, spectra=spectra, parameters=parameters, values=values or {})
    return "\n".join([_docstring(fit), "", *sherpa_lines(fit)]) + "\n"


def _heading() -> str:
    return f"Written by nustar_widgets {__version__}."


def _docstring(fit: ScriptFit) -> str:
    notes = "".join(f"\n\n{note}" for note in fit.notes())
    return f'"""{_heading()}{notes}"""' if not notes else f'"""{_heading()}{notes}\n"""'


def _xcm_data(number: int, files: SpectrumInput) -> list[str]:
    lines = [f"data {number}:{number} {plain_file(files.pha)}"]
    if files.background:
        lines.append(f"backgrnd {number} {plain_file(files.background)}")
    if files.rmf:
        lines.append(f"response  1:{number} {plain_file(files.rmf)}")
    if files.arf:
        lines.append(f"arf 1:{number} {plain_file(files.arf)}")
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


_PRINT: Final = """
print("statistic", repr(Fit.statistic), "with", Fit.dof, "degrees of freedom")
for group in range(1, {groups} + 1):
    for number in range(1, {per_group} + 1):
        parameter = AllModels(group)(number)
        print(group, parameter.name, parameter.values[0], parameter.sigma, parameter.error)
"""
