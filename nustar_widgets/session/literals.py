"""Values as source text that stands for exactly them, whatever they hold.

File names, names of targets and labels come from outside: quotes, line breaks, backslashes and what
no page can show must neither end the text they stand in nor begin something else.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Iterable
from typing import Final

_INDENT: Final = "    "

Write = Callable[[object], str]


def literal(value: object) -> str:
    """Return a value as Python source.

    Parameters
    ----------
    value
        A text, number, yes or no, or tuple, list or dict of such; anything else is written as its
        text.
    """
    match value:
        case tuple():
            inside = ", ".join(map(literal, value))
            return f"({inside},)" if len(value) == 1 else f"({inside})"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            pairs = (f"{literal(name)}: {literal(item)}" for name, item in value.items())
            return f"{{{', '.join(pairs)}}}"
    return _plain(value)


def _plain(value: object) -> str:
    match value:
        case None | bool():
            return repr(value)
        case int():  # and its kinds, as numbers of NumPy, which write themselves otherwise
            return repr(int(value))
        case float():
            plain = repr(float(value))
            return plain if math.isfinite(value) else f"float({plain!r})"
    return repr(str(value))


def one_line(text: str) -> str:
    """Return a text as one line of letters that can be seen; what cannot becomes a blank.

    Parameters
    ----------
    text
        Any text.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def docstring(*lines: str) -> str:
    """Return lines as a string in triple quotes.

    Parameters
    ----------
    *lines
        Each becomes one line.
    """
    safe = (one_line(line).replace("\\", r"\\").replace('"', r"\"") for line in lines)
    return '"""' + "\n".join(safe) + '"""'


def call(function: str, arguments: Iterable[tuple[str, object]], *, write: Write = literal) -> str:
    """Return a call with one argument a line.

    Parameters
    ----------
    function
        What is called.
    arguments
        (name, value) of each; where a name is not one that Python takes, they travel as a dict.
    write
        Writes values.
    """
    arguments = tuple(arguments)
    names = [name for name, _ in arguments]
    if all(map(_is_name, names)) and len(set(names)) == len(names):
        lines = (f"{_INDENT}{name}={write(value)},\n" for name, value in arguments)
        return f"{function}(\n{''.join(lines)})"
    lines = (f"{_INDENT}{literal(name)}: {write(value)},\n" for name, value in arguments)
    return f"{function}(**{{\n{''.join(lines)}}})"


def _is_name(text: str) -> bool:
    # Python reads letters beyond ASCII as others that look like them.
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text)


def member(module: str, name: str) -> str:
    """Return the name of something in a module.

    Parameters
    ----------
    module
        The module.
    name
        What is in it.
    """
    return f"{module}.{name}" if _is_name(name) else f"getattr({module}, {literal(name)})"
