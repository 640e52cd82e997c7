"""Start values guessed from the data, for parameters that nobody has set.

A few values of each shape parameter are tried one after the other on coarse bins of the first
spectrum, each with its best norms; the constants of further spectra follow from their counts. The
same data give the same values, always inside the limits. What it finds is where a fit may begin and
nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

import numpy as np

from nustar_widgets.engines.fit_parameters import FitParameter, ParameterTable
from nustar_widgets.errors import SelectionError
from nustar_widgets.fits.trials import CoarseSpectrum, Trials
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.expression import Component, Convolved, Node
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.modelspec import Kind

_SLOPES: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
_TEMPERATURES_KEV: Final = (0.3, 0.6, 1.0, 1.6, 2.5, 4.0, 8.0)
_ENERGIES_KEV: Final = (10.0, 14.0, 19.0, 25.0, 32.0, 40.0, 55.0)

_TRIED: Final[dict[str, tuple[float, ...]]] = {
    "PhoIndex": _SLOPES,
    "PhoIndx1": _SLOPES,
    "PhoIndx2": _SLOPES,
    "HighECut": (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0),
    "cutoffE": (5.0, 8.0, 12.0, 17.0, 24.0),
    "foldE": (4.0, 8.0, 15.0, 30.0, 60.0, 120.0),
    "kT": _TEMPERATURES_KEV,
    "Tin": _TEMPERATURES_KEV,
    "nH": (0.1, 1.0, 5.0, 20.0, 60.0, 200.0),
    "BreakE": (5.0, 7.0, 10.0, 15.0, 22.0, 32.0),
    "E0": _ENERGIES_KEV,
    "Depth0": (0.1, 0.5, 1.5),
}
"""Values tried of a parameter, by its name; in this order of parameters, the
first two of a model together, then each twice."""

_PLAIN: Final[dict[tuple[str, str], float]] = {
    ("edge", "edgeE"): 7.11,  # K edge of neutral iron
    ("zedge", "edgeE"): 7.11,
    ("edge", "MaxTau"): 0.1,
    ("zedge", "MaxTau"): 0.1,
    ("gabs", "Sigma"): 2.0,
    ("gabs", "Strength"): 1.0,
    ("cyclabs", "Width0"): 5.0,
    ("cyclabs", "Depth2"): 0.1,
}
"""Values that suit NuSTAR where the model's own default does not."""

_LINES_KEV: Final = (6.4, 6.97, 7.47)
"""Iron K alpha, neutral and hydrogen-like; nickel K alpha."""

_ROUNDS: Final = 2
_APART_KEV: Final = 0.3
"""How near a line is to one of these to be it."""

LINES: Final = ("gaussian", "zgauss", "lorentz")
"""Models that are a line and nothing else."""

_MOST_OF_A_LINE: Final = 0.1
"""A line begins with this part of all counts at most: it would take what the continuum misses."""


def guessed(
    choice: FitChoice, datasets: Sequence[SpectralData], *, keep: Collection[str] | None = None
) -> tuple[ParameterChoice, ...]:
    """Guess start values.

    Parameters
    ----------
    choice
        Model, and what the user set.
    datasets
        The spectra, with the bins in use.
    keep
        Full names of parameters to leave alone; None: all that have a value in the choice.
        Frozen and linked ones always are.

    Returns
    -------
    What to set for the others: values, and what better is frozen.

    Raises
    ------
    NeedsHeasoftError
        The model has components only XSPEC has: nothing can be folded here.
    SelectionError
        There is no spectrum, or no bin in use.
    ParameterError
        What was set cannot be used.
    """
    if not datasets or not datasets[0].n_bins:
        raise SelectionError("guess: no bin of a spectrum is in use: load one, or notice a range")
    model = Model.parse(
        choice.expression, abundance=choice.abundance, cross_section=choice.cross_section
    )
    fixed = _fixed(model, {item.name for item in choice.parameters})
    chosen = [_within(model, item) for item in choice.parameters]
    table = ParameterTable(model, len(datasets), (*chosen, *fixed))
    valued = {table.place(item.name) for item in choice.parameters if item.value is not None}
    kept = valued if keep is None else {table.place(name) for name in keep}
    guess = _Guess(model, table, datasets, valued=frozenset(valued), kept=frozenset(kept))
    return (*fixed, *guess.values())


def with_guess(
    choice: FitChoice, datasets: Sequence[SpectralData], *, keep: Collection[str] | None = None
) -> FitChoice:
    """Return a choice with guessed start values beside what was set; see `guessed`."""
    known = {item.name: item for item in choice.parameters}
    for item in guessed(choice, datasets, keep=keep):
        old = known.get(item.name)
        known[item.name] = item if old is None else replace(old, value=item.value)
    return replace(choice, parameters=tuple(known.values()))


def _within(model: Model, item: ParameterChoice) -> ParameterChoice:
    """Put a default into limits that were set around something else."""
    if item.value is not None or item.link or (item.min is None and item.max is None):
        return item
    spec = model.parameters[model.index(item.name.partition("[")[0])].spec
    low = spec.hard_min if item.min is None else item.min
    high = spec.hard_max if item.max is None else item.max
    return replace(item, value=min(max(spec.default, low), high))


def _fixed(model: Model, known: set[str]) -> list[ParameterChoice]:
    """Freeze what would do the same as another parameter: XSPEC's habits.

    The constant that multiplies all is 1 for the first spectrum; within ``cflux`` a norm is fixed.
    """
    names = [_constant(model), *_inside_cflux(model.tree)]
    return [
        ParameterChoice(name=name, value=1.0, frozen=True)
        for name in names
        if name is not None and name not in known
    ]


def _constant(model: Model) -> str | None:
    """Name of the first factor that multiplies the whole model."""
    return next(
        (
            parameter.name
            for place, parameter in enumerate(model.parameters)
            if place in model.scales and parameter.spec.name == "factor"
        ),
        None,
    )


def _inside_cflux(node: Node) -> Iterable[str]:
    if isinstance(node, Convolved):
        first = next((c for c in _leaves(node.operand) if c.kind is Kind.ADDITIVE), None)
        if first is not None and node.by.spec.name == "cflux":
            yield f"{first.name}.norm"
        return
    if not isinstance(node, Component):
        for inner in _inner(node):
            yield from _inside_cflux(inner)


def _leaves(node: Node) -> Iterable[Component]:
    if isinstance(node, Component):
        yield node
        return
    for inner in _inner(node):
        yield from _leaves(inner)


def _inner(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Component):
        return ()
    if isinstance(node, Convolved):
        return node.by, node.operand
    return node.factors if hasattr(node, "factors") else node.terms


class _Guess:
    """What is found of the open parameters, step by step."""

    def __init__(
        self,
        model: Model,
        table: ParameterTable,
        datasets: Sequence[SpectralData],
        *,
        valued: frozenset[int],
        kept: frozenset[int],
    ) -> None:
        self._model, self._table, self._datasets = model, table, datasets
        self._valued, self._kept = valued, kept
        self._places = tuple(i for i in table.free if i < table.per_group and i not in kept)
        norms = [i for i in self._places if table.rows[i].is_norm]
        self._trials = Trials(model, datasets[0], table, norms)
        self._band = float(datasets[0].lo_kev[0]), float(datasets[0].hi_kev[-1])

    def values(self) -> list[ParameterChoice]:
        found = self._first()
        chi, found = self._trials.solved(found)
        scanned = self._scanned()
        chi, found = self._scan(scanned[:2], chi, found)
        for place in scanned * _ROUNDS:
            chi, found = self._scan([place], chi, found)
        found = self._fluxes(self._small_lines(found))
        rows = self._table.rows
        made = [
            ParameterChoice(name=rows[place].name, value=_neat(found[place], rows[place]))
            for place in self._places
        ]
        return made + self._constants(found)

    def _first(self) -> dict[int, float]:
        """Return values before anything is tried: lines at iron's energies, the rest as usual."""
        lines = self._lines_left()
        found: dict[int, float] = {}
        for place in self._places:
            row, name = self._table.rows[place], self._own(place)
            found[place] = row.value
            if place in self._valued:
                continue
            model = self._component(place).spec.name
            value = _PLAIN.get((model, name), row.value)
            if name == "LineE":
                inside = (min(max(value, self._band[0]), self._band[1]) for value in lines)
                middle = float(np.sqrt(self._band[0] * self._band[1]))
                value = 25.0 if model == "gabs" else next(inside, middle)
            found[place] = _inside(value, row)
        return found

    def _lines_left(self) -> Iterator[float]:
        """Yield the energies of lines that are not in the model yet [keV]."""
        known = [i for i in self._kept | self._valued if i < self._table.per_group]
        there = [self._table.rows[place].value for place in known if self._own(place) == "LineE"]
        for energy in _LINES_KEV:
            if all(abs(energy - other) > _APART_KEV for other in there):
                yield energy

    def _scanned(self) -> list[int]:
        order = list(_TRIED)
        named = [(order.index(self._own(i)), i) for i in self._places if self._own(i) in _TRIED]
        return [place for _, place in sorted(named)]

    def _scan(
        self, places: Sequence[int], chi: float, found: dict[int, float]
    ) -> tuple[float, dict[int, float]]:
        """Try some values of one parameter, or of some together; keep the best."""
        best = found
        tried = [self._tried(place, found[place]) for place in places]
        for values in product(*tried):
            trial, new = self._trials.solved({**found, **dict(zip(places, values, strict=True))})
            if trial < chi:
                chi, best = trial, new
        return chi, best

    def _tried(self, place: int, present: float) -> list[float]:
        row = self._table.rows[place]
        others = [value for value in _TRIED[self._own(place)] if row.min <= value <= row.max]
        return [present, *(value for value in others if value != present)]

    def _small_lines(self, found: Mapping[int, float]) -> dict[int, float]:
        made = dict(found)
        for place in self._trials.norms:
            if self._component(place).spec.name not in LINES:
                continue
            others = {other: 0.0 for other in self._trials.norms if other != place}
            alone = self._trials.coarse.matrix @ self._trials.photons({**made, **others})
            share = float(alone.sum()) / self._trials.total
            if share > _MOST_OF_A_LINE:
                made[place] *= _MOST_OF_A_LINE / share
        return made

    def _fluxes(self, found: Mapping[int, float]) -> dict[int, float]:
        """Scale a flux that is a parameter so that as many counts are predicted as there are."""
        made = dict(found)
        for place in self._places:
            if self._own(place) == "lg10Flux":
                predicted = float((self._trials.coarse.matrix @ self._trials.photons(made)).sum())
                if predicted > 0.0:
                    made[place] += float(np.log10(self._trials.total / predicted))
        return made

    def _constants(self, found: Mapping[int, float]) -> list[ParameterChoice]:
        """Return the factors of further spectra, from their counts."""
        name = _constant(self._model)
        made = []
        for number, data in enumerate(self._datasets[1:], start=2):
            if name is None or not self._is_open(f"{name}[{number}]"):
                continue
            row = self._table.rows[self._table.place(f"{name}[{number}]")]
            ratio = _ratio(self._trials, data, found)
            made.append(ParameterChoice(name=row.name, value=_neat(ratio, row), frozen=False))
        return made

    def _is_open(self, name: str) -> bool:
        """Whether the factor of a later spectrum is to be guessed."""
        place = self._table.place(name)
        row = self._table.rows[place]
        ties = row.link is None or row.link == name.partition("[")[0]
        return ties and not row.frozen and place not in self._kept

    def _own(self, place: int) -> str:
        return self._model.parameters[place].spec.name

    def _component(self, place: int) -> Component:
        name = self._model.parameters[place].component
        return next(item for item in self._model.components if item.name == name)


def _ratio(trials: Trials, data: SpectralData, found: Mapping[int, float]) -> float:
    """Net counts of a further spectrum over those predicted with the first one's model."""
    coarse = CoarseSpectrum.of(data, energies=trials.coarse.energies)
    photons = trials.photons(found)
    if coarse.matrix.shape[1] != photons.size:  # another response altogether
        return 1.0
    predicted = float((coarse.matrix @ photons).sum())
    ratio = float(data.net_counts.sum()) / predicted if predicted > 0.0 else 1.0
    return ratio if 1e-3 < ratio < 1e3 else 1.0


def _inside(value: float, row: FitParameter) -> float:
    return min(max(value, row.min), row.max)


def _neat(value: float, row: FitParameter) -> float:
    """Round to four digits, inside the limits."""
    return _inside(float(f"{value:.4g}"), row)
