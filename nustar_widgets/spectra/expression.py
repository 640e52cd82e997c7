"""Reading XSPEC model expressions: ``constant*tbabs*(powerlaw+gaussian)``.

Grammar, with XSPEC's function-call notation for factors and convolutions::

    sum     := product ("+" product)*
    product := factor ("*" factor)*
    factor  := NAME [ "(" sum ")" ] | TABLE "{" file "}" [ "(" sum ")" ] | "(" sum ")"

``tbabs(po+ga)`` is ``tbabs*(po+ga)``. A convolution model takes everything to its right in its
product. What comes out is a tree of :class:`Component`, :class:`Product`, :class:`Sum` and
:class:`Convolved`, whose structure is checked: sums are of additive models, a product holds at
most one additive factor, the whole is additive. Errors point at the character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from nustar_widgets.errors import ExpressionError, NeedsHeasoftError
from nustar_widgets.spectra.modelspec import Kind, ModelSpec
from nustar_widgets.spectra.registry import find_model, similar_names
from nustar_widgets.spectra.tablemodel import TABLE_KINDS, table_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Find: TypeAlias = "Callable[[str], ModelSpec | None]"

_DEEPEST: Final = 60
"""Brackets within brackets that are read; nobody means more."""

_MOST: Final = 200
"""Components that are read: a tree of more could be too deep to evaluate."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Component:
    """One model of the expression.

    Attributes
    ----------
    spec
        The model.
    name
        XSPEC's name of the component: the model's, with ``_`` and the component's number if an
        earlier component has it (``gaussian_4``).
    number
        Place among all components, counted from 1.
    position
        Zero-based index of its first character in the expression.
    """

    spec: ModelSpec
    name: str
    number: int
    position: int

    @property
    def kind(self) -> Kind:
        """Kind of the model."""
        return self.spec.kind


@dataclass(frozen=True, eq=False)
class Product:
    """Factors, at most one of them additive."""

    factors: tuple[Node, ...]
    kind: Kind


@dataclass(frozen=True, eq=False)
class Sum:
    """Additive terms."""

    terms: tuple[Node, ...]
    kind: Kind = Kind.ADDITIVE


@dataclass(frozen=True, eq=False)
class Convolved:
    """A convolution model applied to an additive node."""

    by: Component
    operand: Node
    kind: Kind = Kind.ADDITIVE


Node: TypeAlias = Component | Product | Sum | Convolved


def parse(expression: str, *, find: Find = find_model) -> tuple[Node, tuple[Component, ...]]:
    """Read a model expression.

    Parameters
    ----------
    expression
        As typed after XSPEC's ``model``.
    find
        Looks a model up by what was typed; None where there is none.

    Returns
    -------
    The tree and its components in the order of the text.

    Raises
    ------
    ExpressionError
        If the text is not a model; the message points at the character.
    NeedsHeasoftError
        If it names a model that only XSPEC has.
    InputFileError
        If the file of a table model cannot be used.
    """
    parser = _Parser(expression, find)
    return parser.whole(), tuple(parser.components)


@dataclass(frozen=True)
class _Token:
    text: str
    position: int


_TOKENS = re.compile(r"\s*(?:([A-Za-z_]\w*\s*\{[^}]*\}?)|([A-Za-z_]\w*)|([-+*/()])|(\S))")


def _tokens(expression: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKENS.match(expression, position):
        index = match.lastindex or 0
        yield _Token(match.group(index), match.start(index))
        position = match.end()
    yield _Token("", len(expression.rstrip()))


class _Parser:
    """Recursive descent over the tokens; one method a rule of the grammar."""

    def __init__(self, expression: str, find: Find) -> None:
        self.expression = expression
        self.find = find
        self.tokens = list(_tokens(expression))
        self.next = 0
        self.depth = 0
        self.components: list[Component] = []

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def fail(self, problem: str, token: _Token | None = None) -> NoReturn:
        raise ExpressionError(self.expression, (token or self.token).position, problem)

    def take(self) -> _Token:
        token = self.token
        self.next += 1
        return token

    def whole(self) -> Node:
        if not self.token.text:
            self.fail("empty model expression: expected a model, as constant*tbabs*powerlaw")
        start = self.token
        node = self.sum()
        if self.token.text == ")":
            self.fail("this ) closes nothing: remove it, or open it with ( further left")
        if self.token.text:
            self.fail(f"{self.token.text!r} is not expected here: expected + or * between models")
        if node.kind is not Kind.ADDITIVE:
            self.fail(_NOTHING_TO_MULTIPLY, start)
        return node

    def sum(self) -> Node:
        starts = [self.token]
        terms = [self.product()]
        while self.token.text == "+":
            self.take()
            starts.append(self.token)
            terms.append(self.product())
        if len(terms) == 1:
            return terms[0]
        for start, term in zip(starts, terms, strict=True):
            if term.kind is not Kind.ADDITIVE:
                self.fail("only additive models can be added, and this term has none", start)
        return Sum(tuple(terms))

    def product(self) -> Node:
        starts = [self.token]
        factors = [self.factor()]
        while self.token.text == "*":
            self.take()
            starts.append(self.token)
            factors.extend([self.factor()])
        return self._multiply(factors, starts)

    def _multiply(self, factors: list[Node], starts: list[_Token]) -> Node:
        """Fold a product from the right, as a convolution takes all that follows it."""
        result: list[Node] = []
        for factor, start in zip(reversed(factors), reversed(starts), strict=True):
            if factor.kind is Kind.CONVOLUTION:
                result = [self._convolve(factor, result, start)]
            elif factor.kind is Kind.ADDITIVE and any(f.kind is Kind.ADDITIVE for f in result):
                self.fail(
                    "two additive models multiplied with each other: "
                    "add them, or put a multiplicative model here",
                    start,
                )
            else:
                result.insert(0, factor)
        return result[0] if len(result) == 1 else _product(result)

    def _convolve(self, by: Node, operand: list[Node], start: _Token) -> Node:
        node = _product(operand) if operand else None
        if not isinstance(by, Component) or node is None or node.kind is not Kind.ADDITIVE:
            self.fail("a convolution model needs an additive model to its right", start)
        return Convolved(by, node)

    def factor(self) -> Node:
        token = self.token
        if token.text == "(":
            self.take()
            return self._closed(token)
        if not re.match(r"[A-Za-z_]", token.text):
            self.fail(_expected_model(token.text))
        self.take()
        component = self._component(token)
        if self.token.text != "(":
            return component
        opening = self.take()
        if component.kind is Kind.ADDITIVE:
            self.fail(f"{component.name} is additive and cannot multiply a bracket", opening)
        inner = self._closed(opening)
        if inner.kind is not Kind.ADDITIVE:
            self.fail(f"{component.name}( ) needs an additive model inside its bracket", opening)
        return self._multiply([component, inner], [token, opening])

    def _closed(self, opening: _Token) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail(f"more than {_DEEPEST} brackets within each other: take some away", opening)
        node = self.sum()
        if self.token.text != ")":
            if self.token.text:
                self.fail(f"{self.token.text!r} is not expected here: expected +, * or )")
            self.fail("this ( is never closed: add )", opening)
        self.take()
        self.depth -= 1
        return node

    def _component(self, token: _Token) -> Component:
        if len(self.components) == _MOST:
            self.fail(f"more than {_MOST} components: take some away", token)
        spec = self._spec(token)
        number = len(self.components) + 1
        taken = any(other.spec.name == spec.name for other in self.components)
        name = f"{spec.name}_{number}" if taken else spec.name
        component = Component(spec=spec, name=name, number=number, position=token.position)
        self.components.append(component)
        return component

    def _spec(self, token: _Token) -> ModelSpec:
        if "{" in token.text:
            return self._table(token)
        try:
            spec = self.find(token.text)
        except NeedsHeasoftError as error:
            error.position = token.position
            raise
        if spec is None:
            similar = similar_names(token.text[:40])
            hint = f": did you mean {' or '.join(similar)}?" if similar else ""
            self.fail(f"no model is called {_short(token.text)!r}{hint}", token)
        return spec

    def _table(self, token: _Token) -> ModelSpec:
        kind, _, rest = token.text.partition("{")
        if kind.strip().lower() not in TABLE_KINDS:
            self.fail(f"only {', '.join(TABLE_KINDS)} take a file in braces", token)
        if not rest.endswith("}"):
            self.fail("this { is never closed: expected } after the file name", token)
        if len(rest) > _LONGEST_NAME:
            self.fail(f"a file name of {len(rest) - 1} characters", token)
        return table_model(kind.strip().lower(), rest[:-1].strip())


_LONGEST_NAME = 1000


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


_NOTHING_TO_MULTIPLY = (
    "multiplicative models alone make no spectrum: multiply an additive one, as tbabs*powerlaw"
)


def _product(factors: list[Node]) -> Node:
    if len(factors) == 1:
        return factors[0]
    flat = [f.factors if isinstance(f, Product) else (f,) for f in factors]
    additive = any(factor.kind is Kind.ADDITIVE for factor in factors)
    return Product(
        tuple(chain.from_iterable(flat)), Kind.ADDITIVE if additive else Kind.MULTIPLICATIVE
    )


def _expected_model(found: str) -> str:
    if not found:
        return "the expression ends here: expected a model"
    if found.isdigit() or found == ".":
        return "numbers are not models: use constant and set constant.factor"
    return f"{found!r} is not expected here: expected a model or ("
