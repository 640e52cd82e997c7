"""A whole spectral model: an expression, its parameters, its value on energy bins."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from nustar_widgets.errors import ModelError, ParameterError
from nustar_widgets.spectra.absorption import AbsorptionChoice
from nustar_widgets.spectra.expression import Component, Convolved, Node, Product, Sum, parse
from nustar_widgets.spectra.modelgrid import ModelGrid
from nustar_widgets.spectra.modelspec import Kind, ParameterSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]
    Values: TypeAlias = Sequence[float]


@dataclass(frozen=True, kw_only=True)
class ModelParameter:
    """A parameter of one component of a model.

    Attributes
    ----------
    component
        Name of the component, as ``gaussian_4``.
    spec
        Unit, default, limits, step and meaning.
    """

    component: str
    spec: ParameterSpec

    @property
    def name(self) -> str:
        """Full name, as ``gaussian_4.LineE``."""
        return f"{self.component}.{self.spec.name}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """A spectral model.

    Attributes
    ----------
    expression
        As given.
    tree
        The expression, read.
    components
        In the order of the expression.
    parameters
        Of all components, in XSPEC's order.
    absorption
        Abundances and cross sections of its absorption models.
    """

    expression: str
    tree: Node
    components: tuple[Component, ...]
    parameters: tuple[ModelParameter, ...]
    absorption: AbsorptionChoice

    @classmethod
    def parse(
        cls, expression: str, *, abundance: str = "wilm", cross_section: str = "vern"
    ) -> Model:
        """Read a model expression.

        Parameters
        ----------
        expression
            XSPEC model expression.
        abundance, cross_section
            XSPEC's ``abund`` and ``xsect``.

        Raises
        ------
        ExpressionError
            If the text is not a model.
        NeedsHeasoftError
            If it names a model that only XSPEC has.
        ParameterError
            If the abundance table or cross sections are unknown.
        """
        absorption = AbsorptionChoice(abundance=abundance, cross_section=cross_section)
        tree, components = parse(expression)
        parameters = tuple(
            ModelParameter(component=component.name, spec=spec)
            for component in components
            for spec in component.spec.parameters
        )
        return cls(
            expression=expression,
            tree=tree,
            components=components,
            parameters=parameters,
            absorption=absorption,
        )

    @property
    def defaults(self) -> tuple[float, ...]:
        """Default value of every parameter."""
        return tuple(parameter.spec.default for parameter in self.parameters)

    @property
    def convolves(self) -> bool:
        """Whether a component needs the whole spectrum, not one bin at a time."""
        return any(component.kind is Kind.CONVOLUTION for component in self.components)

    @cached_property
    def scales(self) -> frozenset[int]:
        """Places of the parameters that multiply the whole spectrum, for cheap derivatives."""
        factors = self.tree.factors if isinstance(self.tree, Product) else (self.tree,)
        whole = {f.number for f in factors if isinstance(f, Component)}
        places, start = set(), 0
        for component in self.components:
            stop = start + len(component.spec.parameters)
            if component.number in whole and component.spec.name == "constant":
                places.add(start)
            if component.number in whole and component.kind is Kind.ADDITIVE:
                places.add(stop - 1)
            start = stop
        return frozenset(places)

    def index(self, name: str) -> int:
        """Place of a parameter among :attr:`parameters`.

        Parameters
        ----------
        name
            Full name in any letter case; a component may always be given with its number
            (``powerlaw_3.norm``).

        Raises
        ------
        ParameterError
            If the model has no such parameter.
        """
        place = self._places().get(name.lower())
        if place is None:
            known = ", ".join(parameter.name for parameter in self.parameters)
            raise ParameterError(
                name, f"{self.expression} has no such parameter: expected one of {known}"
            )
        return place

    def _places(self) -> dict[str, int]:
        places: dict[str, int] = {}
        start = 0
        for component in self.components:
            for offset, spec in enumerate(component.spec.parameters):
                numbered = f"{component.spec.name}_{component.number}.{spec.name}"
                places[numbered.lower()] = start + offset
                places[f"{component.name}.{spec.name}".lower()] = start + offset
            start += len(component.spec.parameters)
        return places

    def evaluate(self, edges_kev: Array, values: Values) -> Array:
        """Spectrum on energy bins.

        Parameters
        ----------
        edges_kev
            (n + 1,) bin edges [keV].
        values
            One value for every parameter.

        Returns
        -------
        (n,) photons/cm^2/s per bin.

        Raises
        ------
        ModelError
            If the number of values or the edges are wrong.
        """
        return self.on(ModelGrid(edges_kev, self.absorption)).evaluate(values)

    def on(self, grid: ModelGrid) -> ModelOnGrid:
        """Bind the model to energy bins, for many evaluations."""
        return ModelOnGrid(self, grid)


_N_KEPT: Final = 4


class ModelOnGrid:
    """A model on fixed energy bins; only components whose parameters changed are computed again.

    Parameters
    ----------
    model
        The model.
    grid
        The energy bins.
    """

    def __init__(self, model: Model, grid: ModelGrid) -> None:
        self.model = model
        self.grid = grid
        self._slices: dict[int, slice] = {}
        self._kept: dict[int, OrderedDict[tuple[float, ...], Array]] = {}
        start = 0
        for component in model.components:
            stop = start + len(component.spec.parameters)
            self._slices[component.number] = slice(start, stop)
            self._kept[component.number] = OrderedDict()
            start = stop

    def evaluate(self, values: Values) -> Array:
        """(n,) photons/cm^2/s per bin; one value for every parameter of the model."""
        if len(values) != len(self.model.parameters):
            raise ModelError(
                f"{self.model.expression}: {len(values)} values given, expected one for each of "
                f"its {len(self.model.parameters)} parameters"
            )
        return self._node(self.model.tree, values)

    def additive_components(self, values: Values) -> dict[str, Array]:
        """Spectrum of every additive component alone, with all that multiplies it.

        Parameters
        ----------
        values
            One value for every parameter.

        Returns
        -------
        (n,) photons/cm^2/s per bin by component name; their sum is :meth:`evaluate`, except that
        a flux convolution scales each as it scales their sum.
        """
        names = [c.name for c in self.model.components if c.kind is Kind.ADDITIVE]
        return {name: self._node(self.model.tree, values, only=name) for name in names}

    def _node(self, node: Node, values: Values, only: str | None = None) -> Array:
        """Value of a node; with ``only``, all additive components but one are zero."""
        if isinstance(node, Component):
            return self._component(node, values, only)
        if isinstance(node, Sum):
            total = self._node(node.terms[0], values, only)
            for term in node.terms[1:]:
                total = total + self._node(term, values, only)
            return total
        if isinstance(node, Product):
            result = self._node(node.factors[0], values, only)
            for factor in node.factors[1:]:
                result = result * self._node(factor, values, only)
            return result
        return self._convolved(node, values, only)

    def _convolved(self, node: Convolved, values: Values, only: str | None) -> Array:
        convolve = node.by.spec.convolve
        if convolve is None:
            raise ModelError(f"{node.by.name}: this model has no convolution")
        whole = self._node(node.operand, values)
        result = convolve(self.grid, values[self._slices[node.by.number]], whole)
        if only is None:
            return result
        # Every convolution here scales a spectrum as a whole, so a part keeps its share.
        part = self._node(node.operand, values, only)
        return np.divide(result * part, whole, out=np.zeros_like(whole), where=whole != 0.0)

    def _component(self, component: Component, values: Values, only: str | None) -> Array:
        own = tuple(values[self._slices[component.number]])
        if component.kind is not Kind.ADDITIVE:
            return self._shape(component, own)
        if only is not None and only != component.name:
            return np.zeros(self.grid.size)
        *shape, norm = own
        return norm * self._shape(component, tuple(shape))

    def _shape(self, component: Component, own: tuple[float, ...]) -> Array:
        kept = self._kept[component.number]
        result = kept.get(own)
        if result is None:
            evaluate = component.spec.evaluate
            if evaluate is None:
                raise ModelError(f"{component.name}: a convolution model multiplies nothing")
            result = evaluate(self.grid, own)
            kept[own] = result
            if len(kept) > _N_KEPT:
                kept.popitem(last=False)
        return result
