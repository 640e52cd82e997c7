"""Components put into an expression and taken out of it, the rest as the user wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from nustar_widgets.errors import ModelError
from nustar_widgets.fits.outline import Outline
from nustar_widgets.spectra.expression import Component, Convolved, Node, Product
from nustar_widgets.spectra.modelspec import Kind

_WORD: Final = re.compile(r"[A-Za-z_]\w*(?:\s*\{[^}]*\})?")


@dataclass(frozen=True)
class _Leaf:
    """A component of the new text: as it is written, and its number in the old one."""

    text: str
    kind: Kind
    number: int | None = None


@dataclass(frozen=True)
class _Many:
    """A sum or a product."""

    parts: tuple[_Part, ...]
    is_sum: bool

    @property
    def kind(self) -> Kind:
        additive = self.is_sum or any(part.kind is Kind.ADDITIVE for part in self.parts)
        return Kind.ADDITIVE if additive else Kind.MULTIPLICATIVE


@dataclass(frozen=True)
class _Over:
    """A convolution of what is to its right."""

    by: _Leaf
    operand: _Part
    kind: Kind = Kind.ADDITIVE


_Part: TypeAlias = _Leaf | _Many | _Over
_Change: TypeAlias = Callable[[_Leaf], _Part | None]


@dataclass(frozen=True)
class Rewritten:
    """A new expression.

    Attributes
    ----------
    text
        The expression.
    origins
        Of each of its components the number it had in the old one; None: it is new.
    """

    text: str
    origins: tuple[int | None, ...]


def text_with(outline: Outline, name: str, kind: Kind, *, beside: str | None = None) -> Rewritten:
    """Add a component.

    Parameters
    ----------
    outline
        The expression.
    name
        The model, as it is to be written.
    kind
        What it does. An additive one is added to what is there, a constant multiplies all from the
        left, others multiply what is emitted, after the factors that are there.
    beside
        Name of a component; the new one is added to it, or multiplies it alone.

    Raises
    ------
    ModelError
        There is no component of that name.
    """
    new = _Leaf(name, kind)
    whole = _part(outline.tree, outline.expression)
    if beside is None:
        return _rewritten(_added(whole, new))
    wanted = outline.component(beside)
    if wanted is None:
        raise ModelError(f"{outline.expression} has no component {beside}: {_known(outline)}")
    return _rewritten(
        _changed(whole, lambda leaf: _beside(leaf, new) if leaf.number == wanted.number else leaf)
    )


def text_without(outline: Outline, component: str) -> Rewritten:
    """Take a component out, with what would have nothing left to act on.

    Parameters
    ----------
    outline
        The expression.
    component
        Its name.

    Raises
    ------
    ModelError
        There is no component of that name, or nothing additive would be left.
    """
    wanted = outline.component(component)
    if wanted is None:
        raise ModelError(f"{outline.expression} has no component {component}: {_known(outline)}")
    whole = _part(outline.tree, outline.expression)
    left = _changed(whole, lambda leaf: None if leaf.number == wanted.number else leaf)
    if left is None:
        raise ModelError(
            f"{wanted.name} is all that emits in {outline.expression}: add another additive model "
            "before it is taken out"
        )
    return _rewritten(left)


def _known(outline: Outline) -> str:
    return "expected one of " + ", ".join(component.name for component in outline.components)


def _part(node: Node, expression: str) -> _Part:
    if isinstance(node, Component):
        match = _WORD.match(expression, node.position)
        assert match is not None  # the parser found it there
        return _Leaf(match[0], node.kind, node.number)
    if isinstance(node, Convolved):
        by = _part(node.by, expression)
        assert isinstance(by, _Leaf)
        return _Over(by, _part(node.operand, expression))
    nodes, is_sum = (node.factors, False) if isinstance(node, Product) else (node.terms, True)
    return _many((_part(inner, expression) for inner in nodes), is_sum=is_sum)


def _many(parts: Iterable[_Part], *, is_sum: bool) -> _Many:
    """Make a sum of sums, or a product of products, one."""
    flat: list[_Part] = []
    for part in parts:
        same = isinstance(part, _Many) and part.is_sum is is_sum
        flat += part.parts if same and isinstance(part, _Many) else (part,)
    return _Many(tuple(flat), is_sum)


def _added(part: _Part, new: _Leaf) -> _Part:
    """Put a component where one usually wants it."""
    if new.kind is not Kind.ADDITIVE:
        return _multiplied(part, new)
    if isinstance(part, _Over):
        return _Over(part.by, _added(part.operand, new))
    if isinstance(part, _Many) and not part.is_sum:
        return _many(
            (_added(p, new) if p.kind is Kind.ADDITIVE else p for p in part.parts), is_sum=False
        )
    return _many((part, new), is_sum=True)


def _multiplied(part: _Part, new: _Leaf) -> _Part:
    """Put a factor before what is emitted, a constant before all."""
    if not isinstance(part, _Many) or part.is_sum:
        return _product(new, (part,))
    if new.text.lower() == "constant":
        return _product(new, part.parts)
    at = next(i for i, inner in enumerate(part.parts) if inner.kind is Kind.ADDITIVE)
    return _many((*part.parts[:at], _product(new, part.parts[at:])), is_sum=False)


def _product(new: _Leaf, parts: tuple[_Part, ...]) -> _Part:
    rest = parts[0] if len(parts) == 1 else _many(parts, is_sum=False)
    if new.kind is Kind.CONVOLUTION:
        return _Over(new, rest)
    return _many((new, rest), is_sum=False)


def _beside(leaf: _Leaf, new: _Leaf) -> _Part:
    """Put a component at one that is there: added to it, or multiplying it."""
    if new.kind is Kind.ADDITIVE and leaf.kind is Kind.ADDITIVE:
        return _many((leaf, new), is_sum=True)
    if new.kind is Kind.ADDITIVE or (
        new.kind is Kind.CONVOLUTION and leaf.kind is not Kind.ADDITIVE
    ):
        raise ModelError(
            f"{new.text} is {new.kind.value} and cannot stand beside {leaf.text}, which is "
            f"{leaf.kind.value}: choose an additive component"
        )
    return _product(new, (leaf,))


def _changed(part: _Part, change: _Change) -> _Part | None:
    """Change leaves; what has nothing left to act on goes."""
    if isinstance(part, _Leaf):
        return change(part)
    if isinstance(part, _Over):
        operand, by = _changed(part.operand, change), change(part.by)
        if operand is None or operand.kind is not Kind.ADDITIVE or by is None:
            return operand if operand is not None and operand.kind is Kind.ADDITIVE else None
        if isinstance(by, _Leaf):
            return _Over(by, operand)
        raise ModelError(f"nothing can stand beside {part.by.text}, a convolution")
    return _changed_many(part, change)


def _changed_many(part: _Many, change: _Change) -> _Part | None:
    parts = [new for inner in part.parts if (new := _changed(inner, change)) is not None]
    if not parts or (
        part.kind is Kind.ADDITIVE and all(inner.kind is not Kind.ADDITIVE for inner in parts)
    ):
        return None
    return parts[0] if len(parts) == 1 else _many(parts, is_sum=part.is_sum)


def _rewritten(part: _Part | None) -> Rewritten:
    assert part is not None  # something is left wherever something is changed
    leaves: list[_Leaf] = []
    return Rewritten(_text(part, leaves), tuple(leaf.number for leaf in leaves))


def _text(
    part: _Part, leaves: list[_Leaf], *, is_last: bool = True, in_product: bool = False
) -> str:
    """Write an expression with the brackets it needs, and note its components."""
    if isinstance(part, _Leaf):
        leaves.append(part)
        return part.text
    if isinstance(part, _Over):
        by = _text(part.by, leaves)
        inner = f"{by}*{_text(part.operand, leaves, in_product=True)}"
        return inner if is_last else f"({inner})"  # or it would take what follows
    if part.is_sum:
        inner = "+".join(_text(term, leaves) for term in part.parts)
        return f"({inner})" if in_product else inner
    last = len(part.parts) - 1
    return "*".join(
        _text(factor, leaves, is_last=is_last and at == last, in_product=True)
        for at, factor in enumerate(part.parts)
    )
