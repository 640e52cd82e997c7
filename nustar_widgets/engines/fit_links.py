"""Links between parameters: ``2*gaussian_4.norm``, ``constant.factor[2] + 0.1``.

Python reads the text into a syntax tree; only numbers, parameter names, + - * / **, brackets and
a few functions are accepted, and nothing of it is ever executed as Python.
"""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING, Final, TypeAlias

from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Link: TypeAlias = Callable[[Sequence[float]], float]
    Binary: TypeAlias = Callable[[float, float], float]

_BINARY: Final[dict[type[ast.operator], Binary]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: Final[dict[str, Callable[[float], float]]] = {
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "sqrt": math.sqrt,
}

_MAX_LETTERS: Final = 500
_MAX_DEPTH: Final = 50


def compile_link(owner: str, text: str, place: Callable[[str], int]) -> tuple[Link, frozenset[int]]:
    """Turn the text of a link into a function of all parameter values.

    Parameters
    ----------
    owner
        Parameter that has the link, for messages.
    text
        The expression; a leading ``=`` is allowed.
    place
        Finds a parameter's place by its full name; raises ParameterError.

    Returns
    -------
    The function, and the places it reads.

    Raises
    ------
    ParameterError
        If the text is not such an expression, or names an unknown parameter.
    """
    source = text.strip().removeprefix("=").strip()
    if len(source) > _MAX_LETTERS:
        raise ParameterError(
            owner, f"its link is {len(source)} characters long: expected {_MAX_LETTERS} at most"
        )
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as problem:
        raise _wrong(owner, text, problem.msg) from problem
    except (ValueError, RecursionError, MemoryError) as problem:  # zero bytes, endless brackets
        raise _wrong(owner, text, "it cannot be read") from problem
    reads: set[int] = set()
    link = _Compiler(owner, text, place, reads).node(tree)
    return _checked(owner, text, link), frozenset(reads)


class _Compiler:
    def __init__(self, owner: str, text: str, place: Callable[[str], int], reads: set[int]) -> None:
        self.owner, self.text, self.place, self.reads = owner, text, place, reads
        self.depth = 0

    def node(self, node: ast.expr) -> Link:
        """Compile one node with all inside it."""
        if self.depth == _MAX_DEPTH:
            raise _wrong(self.owner, self.text, f"more than {_MAX_DEPTH} steps inside each other")
        self.depth += 1
        link = self._compiled(node)
        self.depth -= 1
        return link

    def _compiled(self, node: ast.expr) -> Link:
        match node:
            case ast.Constant(value=(int() | float()) as value) if not isinstance(value, bool):
                return lambda _values: float(value)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _binary(_BINARY[type(op)], self.node(left), self.node(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.node(operand)
                return lambda values: -inner(values)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand)
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if (
                name in _FUNCTIONS
            ):
                return _call(_FUNCTIONS[name], self.node(argument))
            case (
                ast.Attribute(value=ast.Name())
                | ast.Subscript(
                    value=ast.Attribute(value=ast.Name()), slice=ast.Constant(value=int())
                )
            ):
                return self._parameter(ast.unparse(node))
        raise _wrong(self.owner, self.text, f"{ast.unparse(node)!r} is not allowed")

    def _parameter(self, name: str) -> Link:
        place = self.place(name)
        self.reads.add(place)
        return operator.itemgetter(place)


def _binary(combine: Binary, left: Link, right: Link) -> Link:
    return lambda values: combine(left(values), right(values))


def _call(function: Callable[[float], float], argument: Link) -> Link:
    return lambda values: function(argument(values))


def _checked(owner: str, text: str, link: Link) -> Link:
    """Name the link where its arithmetic fails: a division by zero, a root of a negative number."""

    def checked(values: Sequence[float]) -> float:
        try:
            value = link(values)
        except (ArithmeticError, ValueError) as problem:
            raise ParameterError(owner, f"its link {text!r} has no value: {problem}") from problem
        if isinstance(value, complex) or not math.isfinite(value):
            raise ParameterError(owner, f"its link {text!r} has no finite value")
        return value

    return checked


def _wrong(owner: str, text: str, problem: str) -> ParameterError:
    return ParameterError(
        owner,
        f"link {text!r}: {problem}: expected numbers and parameter names with + - * / **, "
        "as 2*powerlaw.norm",
    )
