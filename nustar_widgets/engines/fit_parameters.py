"""Parameters of a joint fit: names, data groups, limits, what is free, what follows what.

Every spectrum is a data group of its own, as in XSPEC: the parameters of the second and later
groups equal those of the first unless they are set (``constant.factor[2]``). A constant that leads
the expression calibrates the modules against each other: fixed at 1 for the first spectrum, free
for the others.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from nustar_widgets.engines.fit_links import compile_link
from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nustar_widgets.session.values import ParameterChoice
    from nustar_widgets.spectra.models import Model, ModelParameter

    Array: TypeAlias = NDArray[np.float64]
    Link: TypeAlias = Callable[[Sequence[float]], float]


@dataclass(frozen=True, kw_only=True)
class FitParameter:
    """One parameter of one data group.

    Attributes
    ----------
    name
        Full name; with ``[2]`` for the second group and so on.
    component, unit
        As in the model.
    value
        Start value, or the fixed one.
    min, max
        Hard limits.
    delta
        Step that is small for this parameter.
    frozen
        Kept fixed.
    is_norm
        Whether it is the normalisation of an additive component.
    link
        What it follows; None if it has a value of its own.
    """

    name: str
    component: str
    unit: str
    value: float
    min: float
    max: float
    delta: float
    frozen: bool
    is_norm: bool = False
    link: str | None = None

    @property
    def free(self) -> bool:
        """Whether a fit moves it."""
        return not self.frozen and self.link is None


class ParameterTable:
    """All parameters of a joint fit, and the way from free values to the values of each group.

    Parameters
    ----------
    model
        The model.
    n_groups
        Number of spectra.
    choices
        Departures from the defaults.

    Raises
    ------
    ParameterError
        If a choice names an unknown parameter or spectrum, lies outside the limits, or links go
        round in a circle.
    """

    def __init__(
        self, model: Model, n_groups: int, choices: Iterable[ParameterChoice] = ()
    ) -> None:
        self.model = model
        self.n_groups = n_groups
        self.per_group = len(model.parameters)
        rows = [
            _default(model, parameter, group)
            for group in range(n_groups)
            for parameter in model.parameters
        ]
        chosen = [(self.place(choice.name), choice) for choice in choices]
        for place, choice in sorted(chosen, key=itemgetter(0)):  # the first spectrum leads
            tied = rows[place % self.per_group].value if rows[place].link else rows[place].value
            rows[place] = _chosen(replace(rows[place], value=tied), choice)
        self.rows = tuple(rows)
        self.free = tuple(i for i, row in enumerate(rows) if row.free)
        self._start = [row.value for row in rows]
        self._links = self._ordered_links()
        for row, value in zip(self.rows, self.full(self.start), strict=True):
            _check_inside(row, value)

    @property
    def start(self) -> tuple[float, ...]:
        """Start values of the free parameters."""
        return tuple(self._start[i] for i in self.free)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the free parameters."""
        return tuple(self.rows[i].name for i in self.free)

    @property
    def bounds(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Hard lower and upper limits of the free parameters."""
        rows = [self.rows[i] for i in self.free]
        return tuple(row.min for row in rows), tuple(row.max for row in rows)

    def retold(self, choices: Iterable[ParameterChoice]) -> ParameterTable:
        """Return the parameters of the same model and spectra as other choices have them.

        Parameters
        ----------
        choices
            Departures from the model's defaults.

        Raises
        ------
        ParameterError
            As when a table is made.
        """
        return ParameterTable(self.model, self.n_groups, choices)

    def place(self, name: str) -> int:
        """Place of a parameter among :attr:`rows`, by its full name in any letter case.

        Parameters
        ----------
        name
            As ``powerlaw.norm`` or ``powerlaw.norm[2]``.

        Raises
        ------
        ParameterError
            If there is no such parameter or spectrum.
        """
        match = re.fullmatch(r"(.+?)\s*\[(\d+)\]", name.strip())
        base, group = (match[1], int(match[2])) if match else (name.strip(), 1)
        if not 1 <= group <= self.n_groups:
            raise ParameterError(name, f"there is no spectrum {group}: {self.n_groups} are loaded")
        return (group - 1) * self.per_group + self.model.index(base)

    def free_index(self, name: str) -> int:
        """Place of a parameter among the free ones.

        Raises
        ------
        ParameterError
            If it is unknown or not free.
        """
        place = self.place(name)
        if place not in self.free:
            row = self.rows[place]
            why = "frozen: thaw it" if row.frozen else f"linked to {row.link}: unlink it"
            raise ParameterError(row.name, f"it is not free but {why} first")
        return self.free.index(place)

    def full(self, free: Sequence[float] | Array) -> list[float]:
        """Values of all rows for values of the free parameters."""
        values = self._start.copy()
        for place, value in zip(self.free, free, strict=True):
            values[place] = float(value)
        for place, link in self._links:
            values[place] = link(values)
        return values

    def groups(self, free: Sequence[float] | Array) -> list[tuple[float, ...]]:
        """Values of the model's parameters for every group."""
        values, n = self.full(free), self.per_group
        return [tuple(values[i : i + n]) for i in range(0, n * self.n_groups, n)]

    def moved(self, free: Sequence[float] | Array, new: Mapping[str, float]) -> ParameterTable:
        """Return the same table with free parameters moved and others set by name.

        Parameters
        ----------
        free
            New values of the free parameters.
        new
            Further values by full name, of free or frozen parameters.

        Raises
        ------
        ParameterError
            If a value lies outside the limits, or the parameter follows another.
        """
        table = object.__new__(ParameterTable)
        table.__dict__.update(self.__dict__)
        table._start = self.full(free)
        for name, value in new.items():
            place = self.place(name)
            row = self.rows[place]
            if row.link is not None:
                raise ParameterError(row.name, f"it follows {row.link}: unlink it to set it")
            table._start[place] = _number(row, value)
            _check_inside(row, table._start[place])
        table.full(table.start)  # a link that has no value there is told now
        return table

    def _ordered_links(self) -> list[tuple[int, Link]]:
        links: dict[int, Link] = {}
        reads: dict[int, frozenset[int]] = {}
        for place, row in enumerate(self.rows):
            if row.link is not None:
                links[place], reads[place] = compile_link(row.name, row.link, self.place)
        try:
            order = list(TopologicalSorter(reads).static_order())
        except CycleError as problem:
            circle = " -> ".join(self.rows[i].name for i in problem.args[1])
            raise ParameterError(
                self.rows[problem.args[1][0]].name, f"links go round in a circle: {circle}"
            ) from problem
        return [(place, links[place]) for place in order if place in links]


def _default(model: Model, parameter: ModelParameter, group: int) -> FitParameter:
    spec = parameter.spec
    calibrates = (
        model.components[0].spec.name == "constant"
        and parameter.component == model.components[0].name
    )
    own = group == 0 or calibrates
    return FitParameter(
        name=parameter.name if group == 0 else f"{parameter.name}[{group + 1}]",
        component=parameter.component,
        unit=spec.unit,
        value=spec.default,
        min=spec.hard_min,
        max=spec.hard_max,
        delta=spec.delta,
        frozen=group == 0 if calibrates else spec.frozen,
        is_norm=spec.name == "norm",
        link=None if own else parameter.name,
    )


def _chosen(row: FitParameter, choice: ParameterChoice) -> FitParameter:
    """Apply a choice; anything but a link unties a parameter of a later group."""
    if choice.link is not None:
        return replace(row, link=choice.link, frozen=False)
    low = row.min if choice.min is None else choice.min
    high = row.max if choice.max is None else choice.max
    if not low < high:
        raise ParameterError(row.name, f"limits {low:g} to {high:g}: expected min < max")
    return replace(
        row,
        value=row.value if choice.value is None else _number(row, choice.value),
        frozen=row.frozen if choice.frozen is None else choice.frozen,
        min=low,
        max=high,
        link=None,
    )


def _number(row: FitParameter, value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as problem:
        raise ParameterError(row.name, f"{str(value)[:40]!r}: expected a number") from problem


def _check_inside(row: FitParameter, value: float) -> None:
    if not math.isfinite(value):
        raise ParameterError(row.name, f"{value} is not a number: expected a finite one")
    if not row.min <= value <= row.max:
        unit = f" {row.unit}" if row.unit else ""
        raise ParameterError(
            row.name,
            f"{value:g}{unit} is outside its limits {row.min:g} to {row.max:g}{unit}: choose a "
            "value inside, or widen the limits",
        )
