"""Which lines of a log speak of an error: one rule for the tail, the index and the list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

READ_BYTES: Final = 2000
"""How much of a line is looked at: what is shown of it."""

# Each in small letters: one of them is in every line that the rule takes.
_WORDS: Final = (
    b"error", b"fatal", b"cannot open", b"no such file", b"segmentation fault", b"core dumped",
    b"caldb environment variable", b"traceback (most", b"command not found", b" line ",
)  # fmt: skip

# Words of the tasks ("---- nuproducts  error ----", "nuproducts_0.3.3: Error: ..."), of Perl
# ("... at x.pl line 12."), of the shell and of Python.
_ERROR: Final = re.compile(
    rb"\berrors?\b|(?-i:\b[A-Z]\w*Error\b)|\bfatal\b|cannot open|no such file|segmentation fault"
    rb"|core dumped|caldb environment variable|traceback \(most|command not found"
    rb"|\bat \S+ line \d+\b",
    re.IGNORECASE,
)
# "Error" where nothing is wrong: that there was none, an uncertainty, the name of a file; and what
# the parameter library prints at the start of any task as root.
_HARMLESS: Final = re.compile(
    rb"\b(?:no|0|zero|without(?: any)?) (?:fatal )?errors?\b"
    rb"|\berrors? *: *0 *\r?$|\berrors? *= *0(?:\.\d*)?\b"
    rb"|\b(?:statistical|systematic|poisson(?:ian)?|standard|fractional|rms) errors?\b"
    rb"|\berrors? (?:bars?|columns?|circles?|box|radius|propagation)\b"
    rb"|\berrors?\.\w+|error: operation not permitted",
    re.IGNORECASE,
)


def speaks_of_error(line: bytes) -> bool:
    """Return whether a line, without its end, speaks of an error.

    Parameters
    ----------
    line
        The line; of a long one the first ``READ_BYTES`` count.
    """
    return _ERROR.search(_HARMLESS.sub(b"", line[:READ_BYTES])) is not None


def lines_with_errors(text: bytes) -> Iterator[int]:
    r"""Return where those of many lines begin that speak of an error.

    Looks closer only at lines that hold one of a few words, so that a log of a gigabyte takes
    seconds.

    Parameters
    ----------
    text
        Lines that all end in ``\n``.
    """
    small = text.lower()
    starts: set[int] = set()
    for word in _WORDS:
        at = small.find(word)
        while at >= 0:
            starts.add(small.rfind(b"\n", 0, at) + 1)
            at = small.find(word, small.index(b"\n", at))
    for start in sorted(starts):
        if speaks_of_error(text[start : text.index(b"\n", start)]):
            yield start
