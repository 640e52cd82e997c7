"""Numbers for the stand-in, from the embedded engine: close to XSPEC's, and not XSPEC's."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_goodness import value_of_test
from nustar_widgets.errors import InputFileError, ParameterError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.loading import load
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.modelspec import additive, norm, parameter
from nustar_widgets.spectra.registry import MODELS

from . import distances, faults


def _pexrav(grid: Any, values: Any) -> Any:
    """A cut-off power law with a little on top: what matters is that only XSPEC has the name."""
    index, fold, reflection, *_ = values
    cut = MODELS["cutoffpl"].evaluate
    assert cut is not None
    return (1.0 + 0.1 * abs(reflection)) * cut(grid, (index, fold))


def _fixed(name: str, value: float, limits: tuple[float, float, float, float]) -> Any:
    return replace(parameter(name, "", value, limits, ""), frozen=True)


MODELS["pexrav"] = additive(
    "pexrav",
    _pexrav,
    (
        parameter("PhoIndex", "", 2.0, (-10.0, -9.0, 9.0, 10.0), ""),
        parameter("foldE", "keV", 100.0, (1.0, 1.0, 1e6, 1e6), ""),
        parameter("rel_refl", "", 0.0, (0.0, 0.0, 1e6, 1e6), ""),
        _fixed("Redshift", 0.0, (-0.999, -0.999, 10.0, 10.0)),
        _fixed("abund", 1.0, (0.0, 0.0, 1e6, 1e6)),
        _fixed("Fe_abund", 1.0, (0.0, 0.0, 1e6, 1e6)),
        _fixed("cosIncl", 0.45, (0.05, 0.05, 0.95, 0.95)),
        norm("", ""),
    ),
    meaning="",
    formula="",
)


class Numbers:
    """Spectra, and the statistic, fits and fluxes of a state."""

    def __init__(self) -> None:
        self._files: list[dict[str, Any]] = []
        self._data: list[Any] = []
        self._key = ""
        self._engine: Any = None

    # -- data ------------------------------------------------------------------------------

    def load(self, names: list[str], first: int = 1) -> None:
        """Load spectra from a number on; those before it stay."""
        self._files[first - 1 :] = [{"pha": name} for name in names]
        numbers = range(first, first + len(names))
        self._data[first - 1 :] = [self._loaded(number, None) for number in numbers]
        self._key = ""

    def attach(self, number: int, what: str, name: Any) -> None:
        self._files[number - 1]["rmf" if what == "response" else what] = name
        self._data[number - 1] = self._loaded(number, self._data[number - 1])
        self._key = ""

    def _loaded(self, number: int, before: Any) -> Any:
        """Load a spectrum; one without a response is kept, and is of no use until it has one."""
        files: dict[str, Any] = dict(self._files[number - 1])
        try:
            data = load(files.pop("pha"), **files, number=number)
        except InputFileError as error:
            faults.say(f"***Warning: {error}")
            return before
        return data if before is None else replace(data, noticed=before.noticed)

    def ignore(self, number: int, text: str) -> None:
        self._data[number - 1] = self._data[number - 1].ignore(text)
        self._key = ""

    def notice(self, number: int, text: str) -> None:
        self._data[number - 1] = self._data[number - 1].notice(text)
        self._key = ""

    def noticed(self, number: int) -> list[int]:
        return [int(n) + 1 for n in self._data[number - 1].used]

    # -- model -----------------------------------------------------------------------------

    def describe(self, expression: str, abund: str, xsect: str) -> list[Any]:
        model = Model.parse(expression, abundance=abund, cross_section=xsect)
        return [
            [
                component.name,
                [
                    [p.name, p.unit, (p.default, p.delta, p.hard_min, p.soft_min, p.soft_max,
                     p.hard_max), p.frozen]
                    for p in component.spec.parameters
                ],
            ]
            for component in model.components
        ]  # fmt: skip

    def values(self, state: dict[str, Any]) -> list[float]:
        return list(self._at(state).values.values())

    def statistic(self, state: dict[str, Any]) -> float:
        return float(self._at(state).statistic())

    def energies(self, spectrum: int) -> list[float]:
        return list(self._data[spectrum - 1].full_edges_kev)

    def photons(self, state: dict[str, Any], spectrum: int) -> list[float]:
        data = self._data[spectrum - 1]
        whole = np.zeros(data.full_edges_kev.size - 1)
        whole[data.model_rows] = self._at(state).photons()[spectrum - 1]
        return list(map(float, whole))

    def folded(self, state: dict[str, Any], spectrum: int) -> list[float]:
        counts = self._at(state).counts()[spectrum - 1]
        return list(map(float, counts / self._data[spectrum - 1].source_exposure))

    def _names(self, expression: str) -> list[str]:
        names = [p.name for p in Model.parse(expression).parameters]
        groups = range(2, len(self._data) + 1)
        return names + [f"{name}[{group}]" for group in groups for name in names]

    def _at(self, state: dict[str, Any]) -> Any:
        """Return the engine at the values of a state; made anew where more than values changed."""
        rows = state["parameters"]
        same = [(values[2:], frozen, link) for _, _, values, frozen, link in rows]
        key = json.dumps([same, {k: v for k, v in state.items() if k != "parameters"}])
        names = self._names(state["expression"])
        if key != self._key:
            self._engine = self._made(state, names)
            self._key = key
        own = {n: row[2][0] for n, row in zip(names, rows, strict=True) if not row[4]}
        if any(self._engine.values[name] != value for name, value in own.items()):
            self._engine.set(own)
        return self._engine

    def _made(self, state: dict[str, Any], names: list[str]) -> Any:
        n = len(names) // len(self._data)
        choices = []
        for k, (name, row) in enumerate(zip(names, state["parameters"], strict=True)):
            _, _, values, frozen, link = row
            if k >= n and link == f"p{k % n + 1}" and not self._calibrates(state, k % n):
                continue
            if link:
                text = re.sub(r"\bln\(", "log(", re.sub(r"\blog\(", "log10(", link))
                text = re.sub(r"\bp(\d+)", lambda found: names[int(found[1]) - 1], text)
                choices.append(ParameterChoice(name=name, link=text))
            else:
                choices.append(ParameterChoice(
                    name=name, value=values[0], frozen=frozen, min=values[2], max=values[5]
                ))  # fmt: skip
        choice = FitChoice(
            expression=state["expression"], parameters=tuple(choices),
            statistic=state["statistic"], abundance=state["abund"], cross_section=state["xsect"],
        )  # fmt: skip
        return EmbeddedFit(self._data, choice, weight=state["weight"])

    def _calibrates(self, state: dict[str, Any], place: int) -> bool:
        return place == 0 and state["expression"].lower().startswith("const")

    # -- fits ------------------------------------------------------------------------------

    def fit(self, state: dict[str, Any], n: int) -> tuple[bool, Any, Any, Any]:
        engine = self._at(state)
        steps = iter(range(2 * n))  # asked at the start of a step, and where it ends
        result = engine.fit(stop=lambda: next(steps, None) is None)
        sigmas = [-1.0 if p.sigma is None else p.sigma for p in result.parameters]
        square = result.covariance
        triangle = [square[row][column] for row in range(len(square)) for column in range(row + 1)]
        return result.status == "converged", list(engine.values.values()), sigmas, triangle

    def error(self, state: dict[str, Any], number: int, delta: float) -> Any:
        engine = self._at(state)
        result = engine.errors([self._names(state["expression"])[number - 1]], delta=delta)
        found = result.parameters[number - 1]
        ends = (found.error_low or 0.0, found.error_high or 0.0)
        return (*ends, found.status), list(engine.values.values())

    def step(self, state: dict[str, Any], number: int, values: list[float]) -> list[float]:
        found = []
        for value in values:
            rows = list(state["parameters"])
            group, index, six, _, link = rows[number - 1]
            rows[number - 1] = (group, index, (value, *six[1:]), True, link)
            found.append(self._at(state | {"parameters": rows}).fit().statistic)
        return found

    def flux(self, state: dict[str, Any], low: float, high: float, n: int, p: float) -> Any:
        engine = self._fitted(state) if n else self._at(state)
        return [
            (f.energy, *(f.energy_range or (0.0, 0.0)), f.photons, *(f.photons_range or (0.0, 0.0)))
            for f in engine.flux(low, high, draws=n, percent=p)
        ]

    def lumin(
        self, state: dict[str, Any], low: float, high: float, z: float, cosmo: Any, n: int, p: float
    ) -> Any:
        area = distances.area(z, *cosmo)
        six = self.flux(state, low / (1.0 + z), high / (1.0 + z), n, p)
        return [(*(area * number for number in one[:3]), *one[3:]) for one in six]

    def widths(self, state: dict[str, Any], part: float, number: int, n: int, p: float) -> Any:
        engine = self._fitted(state) if n else self._at(state)
        name = engine.model.components[number - 1].name
        try:
            found = engine.width(name, part=part, draws=n, percent=p)
        except ParameterError:
            raise ValueError("Infinite equivalent width due to no continuum") from None
        return [(width.width_kev, *(width.range or (0.0, 0.0))) for width in found]

    def _fitted(self, state: dict[str, Any]) -> Any:
        engine = self._at(state)
        if engine.result().status == "not fitted":
            engine.fit()
        return engine

    def test(self, state: dict[str, Any], test: str) -> float:
        engine = self._at(state)
        known = "chi" if test == "pchi" else test
        return value_of_test(known, engine._folds, list(engine.counts()), state["weight"])
