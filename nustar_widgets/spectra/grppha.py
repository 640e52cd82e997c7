"""The commands of ``grppha`` that NuSTAR analyses use: bad, good, group.

Unlike ``ftgrouppha`` it marks channels as well: what is left over at the end, too few for a
group, gets QUALITY 2, and ``bad`` sets QUALITY 5. Rules: source of grppha 3.0.1 in HEASoft 6.20.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nustar_widgets.spectra.pha import Spectrum

SET_BAD: Final = 5
LEFT_OVER: Final = 2
EXPECTED: Final = (
    '"bad 0-34 1910-4095", "good 40-50", "group min 30", "group 35 1909 10", joined by "&"'
)


def grppha(spectrum: Spectrum, commands: str) -> Spectrum:
    """Apply grppha commands to a spectrum.

    Parameters
    ----------
    spectrum
        The spectrum; quality and grouping it has are kept where no command changes them.
    commands
        Commands joined by ``&``, for example ``bad 0-34 1910-4095 & group min 30``, which is what
        nuproducts runs.

    Returns
    -------
    Spectrum
        The same counts with new QUALITY and GROUPING.

    Raises
    ------
    ParameterError
        A command or number cannot be used.
    """
    size = spectrum.counts.size
    quality = np.zeros(size, np.int16) if spectrum.quality is None else spectrum.quality.copy()
    grouping = np.ones(size, np.int16) if spectrum.grouping is None else spectrum.grouping.copy()
    for command in commands.split("&"):
        verb, *words = command.lower().split() or ["exit"]
        if verb in ("bad", "good") and words:
            for low, high in _channel_ranges(words, spectrum):
                quality[low : high + 1] = SET_BAD if verb == "bad" else 0
        elif verb == "group" and words[:1] == ["min"]:
            _group_min(spectrum, _minimum(words[1:]), grouping, quality)
        elif verb == "group" and words:
            _group_constant(words, spectrum, grouping)
        elif verb != "exit":
            raise ParameterError("grppha", f"{command.strip()!r}: expected {EXPECTED}")
    return replace(spectrum, quality=quality, grouping=grouping)


def _minimum(words: list[str]) -> int:
    if len(words) != 1 or not words[0].isdigit() or int(words[0]) < 1:
        raise ParameterError(
            "grppha", f"group min {' '.join(words)}: expected one whole number above 0"
        )
    return int(words[0])


def _group_min(
    spectrum: Spectrum, minimum: int, grouping: NDArray[np.int16], quality: NDArray[np.int16]
) -> None:
    """Collect good channels until there are enough counts; bad ones on the way are swallowed."""
    good = quality == 0
    running = np.cumsum(np.where(good, spectrum.counts, 0))
    start, size = 0, running.size
    while start < size:
        if not good[start]:
            grouping[start] = 1
            start += 1
            continue
        before = running[start - 1] if start else 0
        end = int(np.searchsorted(running, before + minimum, side="left"))
        if end == size:
            grouping[start:] = 1
            quality[start:][good[start:]] = LEFT_OVER
            return
        grouping[start] = 1
        grouping[start + 1 : end + 1] = -1
        start = end + 1


def _group_constant(words: list[str], spectrum: Spectrum, grouping: NDArray[np.int16]) -> None:
    """Group so many channels each; a shorter rest and existing groups stay as they are."""
    for low, high, width in _triples(words, spectrum):
        for start in range(low, high - width + 2, width):
            stop = start + width
            follows = grouping[stop] == -1 if stop < grouping.size else False
            if not follows and (grouping[start:stop] != -1).all():
                grouping[start] = 1
                grouping[start + 1 : stop] = -1


def _triples(words: list[str], spectrum: Spectrum) -> Iterator[tuple[int, int, int]]:
    """Read "35 1909 10" or "35-1909 10", several in a row."""
    numbers = " ".join(words).replace("-", " ").split()
    if len(numbers) % 3 or not all(word.isdigit() for word in numbers):
        raise ParameterError(
            "grppha", f"group {' '.join(words)}: expected first channel, last channel, channels"
        )
    for low, high, width in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        first, last = _indices(int(low), int(high), spectrum)
        if int(width) < 1:
            raise ParameterError("grppha", f"group {low} {high} {width}: expected 1 or more")
        yield first, last, int(width)


def _channel_ranges(words: list[str], spectrum: Spectrum) -> Iterator[tuple[int, int]]:
    for word in words:
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", word)
        if not match:
            raise ParameterError("grppha", f"{word!r}: expected a channel or first-last")
        yield _indices(int(match[1]), int(match[2] or match[1]), spectrum)


def _indices(low: int, high: int, spectrum: Spectrum) -> tuple[int, int]:
    first, last = int(spectrum.channel[0]), int(spectrum.channel[-1])
    if not first <= low <= high <= last:
        raise ParameterError(
            "grppha", f"channels {low}-{high}: expected a range within {first}-{last}"
        )
    return low - first, high - first
