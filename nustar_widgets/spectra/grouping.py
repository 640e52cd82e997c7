"""Channels into groups, in the words of ``ftgrouppha``.

Like ``ftgrouppha`` this decides GROUPING alone and never QUALITY: ``ignore bad`` or an energy
range still has to remove what is no good. Channels that are left over at the end, too few for
another group, and channels outside ``minchannel`` .. ``maxchannel`` stay single.

Rules: help page of ftgrouppha and the public-domain heasp library it is made of. HEASoft 6.20
has no ftgrouppha, so this has not been compared with one; where one is installed, it should be.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nustar_widgets.errors import InputFileError, ParameterError
from nustar_widgets.spectra.fitsfile import file_bytes
from nustar_widgets.spectra.optimal import optimal_end, optimal_widths
from nustar_widgets.spectra.pha import Spectrum, read_pha

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nustar_widgets.spectra.rmf import Rmf

    Flags = NDArray[np.int16]
    GroupEnd = Callable[[int], int]

GROUPTYPES: Final = ("min", "bmin", "constant", "snmin", "opt", "optmin", "optsnmin", "file")
SCALED: Final = ("min", "bmin", "constant", "snmin", "optmin", "optsnmin")


def group(
    spectrum: Spectrum,
    grouptype: str,
    groupscale: float | None = None,
    *,
    background: Spectrum | None = None,
    rmf: Rmf | None = None,
    minchannel: int | None = None,
    maxchannel: int | None = None,
    template: str | Path | None = None,
) -> Spectrum:
    """Group a spectrum as ``ftgrouppha`` does.

    Parameters
    ----------
    spectrum
        Source spectrum; a GROUPING it has is replaced.
    grouptype
        ``min``: at least `groupscale` counts a group; ``bmin``: in the background; ``constant``:
        so many channels a group; ``snmin``: at least this signal-to-noise, background subtracted
        if one is given; ``opt``: optimal binning (see `nustar_widgets.spectra.optimal`);
        ``optmin`` and ``optsnmin``: a group ends where both rules allow it; ``file``: as in
        `template`.
    groupscale
        Counts, channels or signal-to-noise.
    background
        Background spectrum, needed for ``bmin``.
    rmf
        Redistribution matrix, needed for the ``opt`` kinds.
    minchannel, maxchannel
        First and last channel to group, both included; ``None`` for all. Not used by ``opt`` and
        ``file``.
    template
        For ``file``: a PHA file with GROUPING, or text with lines "first last factor".

    Returns
    -------
    Spectrum
        The spectrum with its new GROUPING.

    Raises
    ------
    ParameterError
        A parameter is missing, unknown or out of range.
    InputFileError
        The template cannot be used.
    """
    _check(grouptype, groupscale, background, rmf, template)
    first, last = _limits(spectrum, minchannel, maxchannel, whole=grouptype == "opt")
    if grouptype == "file":
        return replace(spectrum, grouping=_from_template(Path(str(template)), spectrum))
    ends = [
        _rule(kind, float(groupscale or 0), spectrum, background, rmf) for kind in _kinds(grouptype)
    ]
    flags = _greedy(ends, spectrum.counts.size, first, last, keep_short=grouptype == "constant")
    return replace(spectrum, grouping=flags)


def _kinds(grouptype: str) -> list[str]:
    """Split ``optmin`` and ``optsnmin`` into the two rules they join."""
    other = grouptype.removeprefix("opt")
    return [kind for kind in ("opt" if grouptype.startswith("opt") else "", other) if kind]


def _check(
    grouptype: str,
    groupscale: float | None,
    background: Spectrum | None,
    rmf: Rmf | None,
    template: str | Path | None,
) -> None:
    if grouptype not in GROUPTYPES:
        raise ParameterError("grouptype", f"{grouptype!r}: expected one of {', '.join(GROUPTYPES)}")
    if grouptype in SCALED and not (groupscale is not None and groupscale > 0):
        raise ParameterError(
            "groupscale", f"{groupscale!r}: grouptype {grouptype} needs a number above 0"
        )
    if grouptype == "constant" and groupscale != int(groupscale or 0):
        raise ParameterError("groupscale", f"{groupscale!r}: expected whole channels a group")
    needs = {"bmin": ("backfile", background), "file": ("templatefile", template)}
    name, given = needs.get(grouptype, ("respfile", rmf))
    if given is None and (grouptype in needs or grouptype.startswith("opt")):
        raise ParameterError(name, f"missing: grouptype {grouptype} needs it")


def _limits(
    spectrum: Spectrum, minchannel: int | None, maxchannel: int | None, *, whole: bool
) -> tuple[int, int]:
    """Return the indices of the first and last channel to group."""
    lowest, highest = int(spectrum.channel[0]), int(spectrum.channel[-1])
    low = lowest if minchannel is None or whole else minchannel
    high = highest if maxchannel is None or whole else maxchannel
    if not lowest <= low <= high <= highest:
        raise ParameterError(
            "minchannel, maxchannel",
            f"{low} to {high}: expected a range within the channels {lowest} to {highest}",
        )
    return low - lowest, high - lowest


def _rule(
    kind: str, scale: float, spectrum: Spectrum, background: Spectrum | None, rmf: Rmf | None
) -> GroupEnd:
    """Return the function that tells where a group that starts at a channel ends."""
    if kind == "opt" and rmf is not None:
        widths = optimal_widths(spectrum.counts, rmf)
        return lambda start: optimal_end(widths, start)
    if kind == "constant":
        return lambda start: start + int(scale) - 1
    if kind == "snmin":
        signal, variance = _signal_and_variance(spectrum, background)
        return _reach_signal_to_noise(signal, variance, scale)
    counted = background.counts if kind == "bmin" and background else spectrum.counts
    return _reach_sum(np.asarray(counted), scale)


def _reach_sum(values: NDArray[Any], wanted: float) -> GroupEnd:
    """End of the shortest group with a sum of at least `wanted`; values must not be negative."""
    running = np.cumsum(values)

    def end(start: int) -> int:
        before = running[start - 1] if start else 0
        return int(np.searchsorted(running, before + wanted, side="left"))

    return end


def _reach_signal_to_noise(
    signal: NDArray[np.float64], variance: NDArray[np.float64], wanted: float
) -> GroupEnd:
    """End of the shortest group with a signal-to-noise of at least `wanted`.

    The net signal can fall as well as rise, so the running sums cannot be searched by bisection.
    """

    def end(start: int) -> int:
        width = 64
        while True:
            stop = min(start + width, signal.size)
            noise = np.sqrt(np.cumsum(variance[start:stop]))
            reached = np.cumsum(signal[start:stop]) >= wanted * noise
            enough = np.flatnonzero(reached & (noise > 0))
            if enough.size or stop == signal.size:
                return start + int(enough[0]) if enough.size else signal.size
            width *= 4

    return end


def _signal_and_variance(
    spectrum: Spectrum, background: Spectrum | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return counts per channel net of background, and their Poisson variance."""
    counts = spectrum.counts.astype(np.float64)
    if background is None:
        return counts, counts
    scale = _weight(spectrum) / _weight(background)
    return counts - scale * background.counts, counts + scale**2 * background.counts


def _weight(spectrum: Spectrum) -> NDArray[np.float64]:
    area = np.asarray(spectrum.areascal, np.float64)
    return np.multiply(area, spectrum.backscal) * spectrum.exposure_s


def _greedy(ends: list[GroupEnd], size: int, first: int, last: int, *, keep_short: bool) -> Flags:
    """Set groups one after the other, each ending where the last of the rules is content."""
    flags = np.ones(size, np.int16)
    start = first
    while start <= last:
        end = max(rule(start) for rule in ends)
        if end > last and not keep_short:
            break
        flags[start + 1 : min(end, last) + 1] = -1
        start = end + 1
    return flags


def _from_template(path: Path, spectrum: Spectrum) -> Flags:
    if file_bytes(path)[:9].startswith(b"SIMPLE  ="):
        flags = read_pha(path).grouping
        if flags is None or flags.size != spectrum.counts.size:
            raise InputFileError(
                path, "it has no GROUPING for these channels", "Expected a grouped PHA file."
            )
        return flags
    return _from_text(path, spectrum)


def _from_text(path: Path, spectrum: Spectrum) -> Flags:
    """Lines "first last factor": channels first to last in groups of factor channels."""
    flags = np.ones(spectrum.counts.size, np.int16)
    lowest = int(spectrum.channel[0])
    for number, line in enumerate(file_bytes(path).decode("ascii", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            low, high, factor = (int(word) for word in line.split())
        except ValueError as error:
            raise InputFileError(
                path, f"line {number}: {line.strip()!r}", 'Expected "first last factor".'
            ) from error
        if factor < 1 or not lowest <= low <= high <= int(spectrum.channel[-1]):
            raise InputFileError(
                path,
                f"line {number}: {line.strip()!r}",
                f"Expected channels {lowest} to {spectrum.channel[-1]} and a factor above 0.",
            )
        place = np.arange(high - low + 1)
        flags[low - lowest : high - lowest + 1] = np.where(place % factor, -1, 1)
    return flags
