"""Source text stands for exactly the value it was made from."""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.session.literals import call, docstring, literal, member, one_line

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_a_literal_is_its_value(value: Any) -> None:
    assert eval(compile(literal(value), "literal", "eval"), {"float": float}) == value


def test_numbers_of_numpy_and_what_is_no_number_are_written_as_plain_ones() -> None:
    assert literal(np.float64(0.1)) == "0.1"
    assert literal(float("inf")) == "float('inf')"
    assert math.isnan(eval(literal(float("nan"))))
    assert literal(np.str_("a")) == "'a'"


@given(st.text())
def test_one_line_is_one_line_of_letters_that_can_be_seen(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1


@given(st.lists(st.text(), max_size=3))
def test_a_docstring_ends_where_it_seems_to(lines: list[str]) -> None:
    (statement,) = ast.parse(docstring(*lines)).body
    assert isinstance(statement, ast.Expr)
    assert ast.literal_eval(statement.value) == "\n".join(map(one_line, lines))


@given(st.lists(st.tuples(st.text(), VALUES), max_size=4))
def test_a_call_is_made_with_the_arguments_it_was_written_from(
    arguments: list[tuple[str, Any]],
) -> None:
    seen: dict[str, Any] = {}
    exec(call("f", arguments), {"f": lambda **given: seen.update(given), "float": float})
    assert seen == dict(arguments)


@pytest.mark.parametrize("name", ["lambda", "a-b", "", "\N{LATIN SMALL LIGATURE FI}le", "x)#"])
def test_a_name_python_would_not_take_as_it_is_travels_as_text(name: str) -> None:
    assert f"{name!r}: 1" in call("f", [(name, 1)])
    assert member("tasks", name) == f"getattr(tasks, {name!r})"
