"""Links between parameters, written as another program writes them.

Ours are Python expressions over full parameter names, as ``2*gaussian_4.norm``. XSPEC numbers its
parameters, Sherpa has objects for them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from nustar_widgets.errors import ParameterError

_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}


@dataclass(frozen=True, kw_only=True)
class LinkDialect:
    """How a program writes a link.

    Attributes
    ----------
    parameter
        A full name of ours as that program writes it.
    functions
        Its names of ``abs exp log log10 sqrt``, as far as it has them.
    """

    parameter: Callable[[str], str]
    functions: dict[str, str] = field(default_factory=dict)

    def write(self, owner: str, text: str) -> str:
        """Translate a link.

        Parameters
        ----------
        owner
            Parameter that has it, for messages.
        text
            As `nustar_widgets.session.values.ParameterChoice.link` holds it.

        Raises
        ------
        ParameterError
            It is no link, or uses a function the program lacks.
        """
        source = text.strip().removeprefix("=").strip()
        try:
            return self._node(owner, ast.parse(source, mode="eval").body)
        except SyntaxError as problem:
            raise ParameterError(owner, f"link {text!r}: {problem.msg}") from problem

    def _node(self, owner: str, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=(int() | float()) as value) if not isinstance(value, bool):
                return repr(float(value))  # XSPEC may take a whole number for a parameter's
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                sides = self._inner(owner, left), self._inner(owner, right)
                return f"{sides[0]}{_OPERATORS[type(op)]}{sides[1]}"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-1.0*{self._inner(owner, operand)}"
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._node(owner, operand)
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if (
                name in self.functions
            ):
                return f"{self.functions[name]}({self._node(owner, argument)})"
            case ast.Attribute() | ast.Subscript():
                return self.parameter(ast.unparse(node))
        raise ParameterError(
            owner,
            f"link: {ast.unparse(node)!r} cannot be written for the other program: expected "
            "numbers, parameter names and + - * / **",
        )

    def _inner(self, owner: str, node: ast.expr) -> str:
        text = self._node(owner, node)
        return f"({text})" if isinstance(node, (ast.BinOp, ast.UnaryOp)) else text


def xspec_dialect(number: Callable[[str], int]) -> LinkDialect:
    """Return XSPEC's way: ``p5*2.0``.

    Parameters
    ----------
    number
        Finds the number of a parameter among those of all data groups, from 1.
    """
    return LinkDialect(
        parameter=lambda name: f"p{number(name)}",
        functions={"abs": "abs", "exp": "exp", "log": "ln", "log10": "log", "sqrt": "sqrt"},
    )
