"""A fit as lines of a Sherpa script; Sherpa must have been built with XSPEC's models.

Every spectrum has components of its own, unless all parameters of a component are those of the
first spectrum: then they share it.
"""

from __future__ import annotations

import re
from math import sqrt
from typing import Final

from nustar_widgets.errors import ExpressionError, ModelError, NeedsHeasoftError, ParameterError
from nustar_widgets.session.fitparts import ScriptFit, gaps
from nustar_widgets.session.linktext import LinkDialect
from nustar_widgets.session.literals import literal
from nustar_widgets.session.measures import DELTA_90
from nustar_widgets.spectra.expression import Component, Convolved, Node, Product, Sum, parse
from nustar_widgets.spectra.registry import full_name

_STATISTICS: Final = {"chi": '"chi2xspecvar"', "cstat": '"wstat" if has_background else "cstat"'}

_CONVOLVING: Final = (
    "cflux clumin cpflux gsmooth ireflect kdblur kdblur2 kerrconv lsmooth partcov rdblur reflect "
    "rfxconv rgsxsrc simpl vashift vmshift xilconv zashift zmshift thcomp relconv relconv_lp "
    "kyconv simplcut"
)
_CONVOLVES: Final = frozenset(_CONVOLVING.split())

_SET: Final = '''\
def set_up(parameter, value, low, high, frozen):
    """XSPEC's own limits in Sherpa may be narrower than those of the fit."""
    low, high = max(low, parameter.hard_min), min(high, parameter.hard_max)
    parameter.set(val=value, min=low, max=high, frozen=frozen)


def ignore(number, ranges_kev):
    """Leave the bins XSPEC leaves: Sherpa's own ignore has another rule for the bins at the ends.

    A range takes the bins whose upper edge reaches its start and whose lower edge is below its end.
    """
    data, rmf = ui.get_data(number), ui.get_rmf(number)
    n = len(data.channel)
    flags = np.ones(n) if data.grouping is None else data.grouping
    bad = np.zeros(n) if data.quality is None else data.quality
    first = np.union1d([0], np.flatnonzero(flags != -1))
    last = np.append(first[1:], n) - 1
    start = int(data.channel[0]) - int(rmf.offset)
    low, high = rmf.e_min[first + start], rmf.e_max[last + start]
    kept = np.maximum.reduceat(bad, first) <= 0
    for begin, end in ranges_kev:
        kept &= ~((high >= begin) & (low < end))
    data.mask = kept
'''


def sherpa_lines(fit: ScriptFit) -> list[str]:
    """Return the lines of the script after its heading.

    Parameters
    ----------
    fit
        What to write.

    Raises
    ------
    ParameterError
        A link cannot be written, or Sherpa lacks the statistic.
    ModelError
        The model cannot be written for Sherpa.
    """
    statistic = _STATISTICS.get(fit.choice.statistic)
    if statistic is None:
        raise ParameterError(
            "statistic", f"Sherpa has no {fit.choice.statistic}: choose chi or cstat"
        )
    spectra = _Spectra(fit)
    n = len(fit.spectra)
    numbers = ", ".join(map(str, range(1, n + 1)))
    return [
        "import numpy as np",
        "from sherpa.astro import ui",
        "",
        "",
        _SET,
        "",
        f"ui.set_xsabund({fit.choice.abundance!r})",
        f"ui.set_xsxsect({fit.choice.cross_section!r})",
        "",
        *(line for number in range(n) for line in _loaded(fit, number)),
        f"has_background = all(ui.list_bkg_ids(i) for i in ({numbers},))",
        *([f"for i in ({numbers},) if has_background else ():", "    ui.subtract(i)"]
          if fit.choice.statistic == "chi" else []),
        f"ui.set_stat({statistic})",
        'ui.set_method("levmar")',
        "",
        *spectra.models(),
        "",
        *spectra.parameters(),
        "",
        f"ui.fit({numbers})",
        *_measured(fit, spectra, numbers),
    ]  # fmt: skip


def _measured(fit: ScriptFit, spectra: _Spectra, numbers: str) -> list[str]:
    """Lines that measure what is to be measured after the fit."""
    lines = []
    if fit.measures.delta is not None:
        chosen = "".join(f", {spectra.named(fit.parameters[i].name)}" for i in fit.searched())
        lines += [
            f"ui.set_conf_opt('sigma', {sqrt(fit.measures.delta):.7g}){_level(fit)}",
            "ui.set_conf_opt('max_rstat', 1e6)  # else Sherpa refuses errors of a poor fit",
            f"ui.conf({numbers}{chosen if fit.measures.names else ''})",
        ]
    if fit.measures.fluxes is not None:
        lines += [
            f"for low, high in {literal(fit.measures.fluxes.bands_kev)}:",
            f"    for i in ({numbers},):",
            '        print("flux", low, high, i, ui.calc_energy_flux(low, high, id=i))',
        ]
    return lines


def _level(fit: ScriptFit) -> str:
    return "  # 90 %" if fit.measures.delta == DELTA_90 else ""


def _loaded(fit: ScriptFit, group: int) -> list[str]:
    """Lines that load a spectrum and leave the bins of the fit."""
    files, number = fit.spectra[group], group + 1
    lines = [f"ui.load_pha({number}, {files.pha!r})"]
    for loader, name in (("bkg", files.background), ("rmf", files.rmf), ("arf", files.arf)):
        if name:
            lines.append(f"ui.load_{loader}({number}, {name!r})")
    ranges = ", ".join(
        f"({low.replace('**', '-np.inf')}, {high.replace('**', 'np.inf')})"
        for low, high in gaps(fit.choice)
    )
    return [*lines, f"ignore({number}, [{ranges}])"]


class _Spectra:
    """The models of all spectra by the names they have in the script."""

    def __init__(self, fit: ScriptFit) -> None:
        self.fit = fit
        self.components = list(dict.fromkeys(p.component for p in fit.parameters[: fit.per_group]))
        self._dialect = LinkDialect(parameter=self.named)

    def _own(self, place: int) -> bool:
        """Whether the component of a parameter belongs to its spectrum alone."""
        fit = self.fit
        group, own = divmod(place, fit.per_group)
        component = fit.parameters[own].component
        start = group * fit.per_group
        return group == 0 or not all(
            fit.is_tied(start + k)
            for k, parameter in enumerate(fit.parameters[: fit.per_group])
            if parameter.component == component
        )

    def _instance(self, component: str, group: int) -> str:
        fit = self.fit
        own = next(k for k, p in enumerate(fit.parameters) if p.component == component)
        place = group * fit.per_group + own
        text = re.sub(r"\W", "_", component.lower())
        return f"{text}_s{group + 1}" if self._own(place) else f"{text}_s1"

    def named(self, name: str) -> str:
        """Write a parameter by its full name."""
        place = self.fit.place(name)
        group, own = divmod(place, self.fit.per_group)
        first = self.fit.parameters[own]
        rest = first.name.removeprefix(first.component)
        return f"{self._instance(first.component, group)}{rest}"

    def models(self) -> list[str]:
        """Lines that make the components and the model of every spectrum."""
        lines = []
        made: set[str] = set()
        for group in range(len(self.fit.spectra)):
            for number, component in enumerate(self.components, start=1):
                instance = self._instance(component, group)
                if instance not in made:
                    made.add(instance)
                    bare = component.removesuffix(f"_{number}")
                    lines.append(f'{instance} = ui.xs{_name(bare)}("{instance}")')
        groups = range(len(self.fit.spectra))
        return lines + [f"ui.set_source({g + 1}, {self._written(g)})" for g in groups]

    def _written(self, group: int) -> str:
        names = [self._instance(component, group) for component in self.components]
        try:
            tree, _ = parse(self.fit.expression)
        except NeedsHeasoftError:
            return _from_words(self.fit.expression, names)
        return _from_tree(tree, names)

    def parameters(self) -> list[str]:
        """Lines that set every parameter."""
        lines = []
        for place, parameter in enumerate(self.fit.parameters):
            if not self._own(place):
                continue
            name = self.named(parameter.name)
            if parameter.link is not None:
                lines.append(f"{name}.link = {self._dialect.write(parameter.name, parameter.link)}")
            else:
                value = self.fit.value(parameter)
                numbers = f"{value!r}, {float(parameter.min)!r}, {float(parameter.max)!r}"
                lines.append(f"set_up({name}, {numbers}, {parameter.frozen})")
        return lines


def _name(component: str) -> str:
    """Sherpa's name of a model, without its xs."""
    if not re.fullmatch(r"\w+", component):
        raise ModelError(f"{component}: table models cannot be written for Sherpa")
    return (full_name(component) or component).lower()


def _from_tree(node: Node, names: list[str]) -> str:
    if isinstance(node, Component):
        return names[node.number - 1]
    if isinstance(node, Convolved):
        return f"{names[node.by.number - 1]}({_from_tree(node.operand, names)})"
    if isinstance(node, Sum):
        return " + ".join(_from_tree(term, names) for term in node.terms)
    assert isinstance(node, Product)
    return " * ".join(
        f"({_from_tree(part, names)})" if isinstance(part, Sum) else _from_tree(part, names)
        for part in node.factors
    )


def _from_words(expression: str, names: list[str]) -> str:
    """Write a model we cannot read, word by word; what convolves would need another form."""
    left = iter(names)

    def written(found: re.Match[str]) -> str:
        name = full_name(found[1]) or found[1]
        if "{" in expression or name in _CONVOLVES:
            raise ModelError(f"{expression}: {name} cannot be written for Sherpa")
        instance = next(left, None)
        if instance is None:
            raise ExpressionError(expression, found.start(), "more models than parameters")
        return instance + (" * (" if found[2] else "")

    return re.sub(r"([A-Za-z_]\w*)(\s*\()?", written, expression)
