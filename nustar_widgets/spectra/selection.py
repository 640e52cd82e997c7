"""XSPEC's ``ignore`` and ``notice``, range by range.

The rule has surprises, and they are kept: what is fitted must be what XSPEC fits. A number with
a decimal point is an energy, one without is a bin number counted from 1 after grouping. An
energy range hits the bins whose upper edge reaches its first number and whose lower edge is
below its second: ``**-3.0`` leaves the bin that starts at 3.0, ``79.0-**`` also takes the bin
that ends at 79.0. Edges are single precision, as stored in the response.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BOUND: Final = r"(?:\*\*|\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+)"
RANGE: Final = re.compile(
    rf"(?:(?P<spectra>\*\*|\d+(?:-\d+)?):)?(?P<low>{BOUND})(?:-(?P<high>{BOUND}))?"
)
EXPECTED: Final = (
    'expected ranges such as "**-3.0 79.0-**" (energies in keV, with a decimal point), "1-35" '
    '(bin numbers), "bad" or "all"'
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Bins:
    """What a selection needs to know of a spectrum.

    Attributes
    ----------
    lo_kev, hi_kev
        (n_bins,) edges of all bins after grouping [keV].
    bad
        (n_bins,) bins that ``bad`` stands for.
    spectrum_number
        Number of the spectrum, from 1: ranges written ``2:3.0-5.0`` are for spectrum 2 only.
    """

    lo_kev: NDArray[np.float64]
    hi_kev: NDArray[np.float64]
    bad: NDArray[np.bool_]
    spectrum_number: int = 1


def select(
    noticed: NDArray[np.bool_], bins: Bins, commands: tuple[str, ...], *, notice: bool
) -> NDArray[np.bool_]:
    """Apply ``ignore`` or ``notice`` commands.

    Parameters
    ----------
    noticed
        (n_bins,) bins in use before.
    bins
        Their edges and quality.
    commands
        Each a list of ranges separated by blanks or commas; the word ignore or notice may lead
        it and then overrides `notice`.
    notice
        Whether the ranges are taken in (True) or out (False).

    Returns
    -------
    NDArray
        (n_bins,) bins in use after.

    Raises
    ------
    ParameterError
        A range that cannot be read.
    """
    noticed = noticed.copy()
    for command in commands:
        words = command.replace(",", " ").split()
        verb = "notice" if notice else "ignore"
        if words and words[0] in ("ignore", "notice"):
            verb, words = words[0], words[1:]
        for hit in _hits(words, bins, verb):
            noticed[hit] = verb == "notice"
    return noticed


def _hits(words: list[str], bins: Bins, verb: str) -> Iterator[NDArray[np.bool_]]:
    """Yield the bins each word stands for; a spectrum number holds until the next one."""
    spectra = "**"
    for word in words:
        if word == "bad":
            yield bins.bad
        elif word == "all":
            yield np.ones(bins.bad.size, bool)
        elif match := RANGE.fullmatch(word):
            spectra = match["spectra"] or spectra
            if _meant(spectra, bins.spectrum_number):
                yield _in_range(match["low"], match["high"] or match["low"], bins)
        else:
            raise ParameterError(verb, f"cannot read {word!r}: {EXPECTED}")


def _meant(spectra: str, number: int) -> bool:
    if spectra == "**":
        return True
    first, _, last = spectra.partition("-")
    return int(first) <= number <= int(last or first)


def _in_range(low: str, high: str, bins: Bins) -> NDArray[np.bool_]:
    """XSPEC: upper edge >= first number and lower edge < second; both ends for bin numbers."""
    first = -math.inf if low == "**" else float(low)
    second = math.inf if high == "**" else float(high)
    first, second = min(first, second), max(first, second)
    if "." in low + high:
        return (bins.hi_kev >= first) & (bins.lo_kev < second)
    numbers = np.arange(1, bins.bad.size + 1)
    return (numbers >= first) & (numbers <= second)
