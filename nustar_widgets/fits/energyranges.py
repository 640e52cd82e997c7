"""Energies to fit as people write them: ``3-79, without 23-27``."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable

    Range = tuple[float, float]
    Ranges = tuple[Range, ...]

WHOLE: Final = ((3.0, 79.0),)
"""Energies NuSTAR is calibrated for [keV]."""
_NUMBER: Final = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE: Final = re.compile(
    rf"\s*({_NUMBER})\s*(?:-|\u2013|to|\.\.)\s*({_NUMBER})\s*(?:kev)?\s*", re.I
)
_WITHOUT: Final = re.compile(r"\b(?:without|except|but not|ignore)\b", re.I)
_BETWEEN: Final = re.compile(r"[,;]|\band\b", re.I)
_EXPECTED: Final = 'expected energies in keV as "3-79", "3-23, 27-79" or "3-79, without 23-27"'


def parsed_ranges(text: str) -> Ranges:
    """Read energies.

    Parameters
    ----------
    text
        As ``3-79, without 23-27 and 40-41``.

    Returns
    -------
    tuple
        Lower and upper end of each range [keV], ascending, none touching another.

    Raises
    ------
    ParameterError
        It cannot be read, or nothing is left.
    """
    wanted, *unwanted = _WITHOUT.split(text)
    ranges = merged(_pieces(wanted)) if wanted.strip(" ,;") else WHOLE
    for part in unwanted:
        for hole in _pieces(part):
            ranges = without(ranges, hole)
    if not ranges:
        raise ParameterError("energies", f"{text.strip()!r} leaves nothing to fit: {_EXPECTED}")
    return ranges


def range_text(ranges: Iterable[Range]) -> str:
    """Write energies so that :func:`parsed_ranges` reads the same.

    Parameters
    ----------
    ranges
        Lower and upper end of each [keV].
    """
    known = merged(ranges)
    if not known:
        return ""
    holes = [(before[1], after[0]) for before, after in itertools.pairwise(known)]
    whole = _written((known[0][0], known[-1][1]))
    return f"{whole}, without {', '.join(map(_written, holes))}" if holes else whole


def merged(ranges: Iterable[Range]) -> Ranges:
    """Join ranges that overlap or touch.

    Parameters
    ----------
    ranges
        Lower and upper end of each [keV], in any order.
    """
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def without(ranges: Iterable[Range], hole: Range) -> Ranges:
    """Take a range out of others.

    Parameters
    ----------
    ranges
        Lower and upper end of each [keV].
    hole
        What is taken out [keV].
    """
    left: list[Range] = []
    for low, high in ranges:
        left += [(low, min(high, hole[0])), (max(low, hole[1]), high)]
    return merged((low, high) for low, high in left if low < high)


def _pieces(text: str) -> list[Range]:
    return [_one(piece) for piece in _BETWEEN.split(text) if piece.strip()]


def _one(piece: str) -> Range:
    match = _RANGE.fullmatch(piece)
    if match is None:
        raise ParameterError("energies", f"cannot read {piece.strip()!r}: {_EXPECTED}")
    low, high = float(match[1]), float(match[2])
    if not 0.0 <= low < high < float("inf"):
        raise ParameterError(
            "energies", f"{piece.strip()!r}: expected the lower energy first, as 3-79"
        )
    return low, high


def _written(ends: Range) -> str:
    return "-".join(_number(end) for end in ends)


def _number(value: float) -> str:
    """Write a number without losing any of it, and without a sign that looks like a range."""
    short = f"{value:.10g}"
    return short if float(short) == value and "e" not in short else f"{value!r}"
