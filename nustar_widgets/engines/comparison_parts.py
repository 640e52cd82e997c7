"""One official product beside the live one: counts place by place, and the factors between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nustar_widgets.engines.comparison_values import Difference, Factor, PartComparison
from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.fitsfile import open_fits
from nustar_widgets.spectra.ogip import LightCurveTable, read_light_curve, read_pha

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT: Final = 20  # differences that are kept; all are counted
_ABSENT = -1  # counts of a channel or bin that one side does not have
_SAME_TIME = 0.01  # of a bin: nulccorr writes TIMEZERO with 14 digits only


def compare_spectra(
    kind: str, official_path: Path, live_path: Path, *, weighted: bool
) -> PartComparison:
    """Compare the COUNTS of two PHA files, channel by channel.

    Parameters
    ----------
    kind
        What they are.
    official_path, live_path
        The files.
    weighted
        BACKSCAL was to be weighted with the exposure map.

    Raises
    ------
    InputFileError
        A file cannot be read, or does not hold counts.
    """
    official, live = read_pha(official_path), read_pha(live_path)
    channels, counts, live_counts = _aligned(
        official.channel,
        _whole(official.counts, official_path),
        live.channel,
        _whole(live.counts, live_path),
    )
    why = "weighted with the exposure map" if weighted else "though runbackscale=no"
    area = float(np.mean(official.backscal) / np.mean(live.backscal))
    factors = (
        Factor(name="BACKSCAL", value=area, meaning=f"of the pixel area: {why}"),
        Factor(
            name="EXPOSURE",
            value=official.exposure_s / live.exposure_s,
            meaning="of the live extraction's",
        ),
    )

    def where(place: int) -> str:
        return f"channel {channels[place]}"

    sides = _Sides(counts, live_counts, unit="channels", where=where)
    return sides.compared(kind, official_path, factors)


def compare_light_curves(
    kind: str, official_path: Path, live_path: Path, *, corrections: str
) -> PartComparison:
    """Compare the counts of two light curves, bin by bin.

    Parameters
    ----------
    kind
        What they are.
    official_path, live_path
        The files.
    corrections
        What nulccorr applied beside the livetime, in words: ``PSF and vignetting``.

    Raises
    ------
    InputFileError
        A file cannot be read, has other bins, or keeps only corrected rates.
    """
    official, live = read_light_curve(official_path), read_light_curve(live_path)
    of_official, of_live = _bins(official, live, official_path), _bins(live, live, live_path)
    numbers, counts, live_counts = _aligned(
        of_official, _counts(official, official_path), of_live, _counts(live, live_path)
    )
    _, here, there = np.intersect1d(of_official, of_live, return_indices=True)
    gain, live_gain = _gain(official)[here], _gain(live)[there]
    known = live.rate_orig is not None
    factors = tuple(_rate_factors(gain, live_gain if known else None, corrections))

    def where(place: int) -> str:
        middle = live.timezero_s + numbers[place] * live.timedel_s
        return f"bin {numbers[place] + 1} (at {middle:.1f} s)"

    sides = _Sides(counts, live_counts, unit="bins", where=where)
    return sides.compared(kind, official_path, factors)


def compare_images(kind: str, official_path: Path, live_path: Path) -> PartComparison:
    """Compare two images, pixel by pixel.

    Parameters
    ----------
    kind
        What they are.
    official_path, live_path
        The files.

    Raises
    ------
    InputFileError
        A file cannot be read, holds no counts image, or one of another size.
    """
    official, live = _image(official_path), _image(live_path)
    if official.shape != live.shape:
        sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (official, live)]
        raise InputFileError(
            official_path, f"{sizes[0]} pixels", f"The live extraction has {sizes[1]}"
        )
    width = live.shape[1]

    def where(place: int) -> str:
        return f"pixel X={place % width + 1} Y={place // width + 1}"

    sides = _Sides(official.ravel(), live.ravel(), unit="pixels", where=where)
    return sides.compared(kind, official_path, ())


@dataclass(frozen=True, eq=False)
class _Sides:
    """Counts that lie place beside place, -1 where a side has no such place."""

    official: NDArray[np.int64]
    live: NDArray[np.int64]
    unit: str
    where: Callable[[int], str]

    def compared(self, kind: str, path: Path, factors: tuple[Factor, ...]) -> PartComparison:
        different = np.flatnonzero(self.official != self.live)
        return PartComparison(
            kind=kind,
            official_path=str(path),
            official_counts=int(self.official.sum(where=self.official != _ABSENT)),
            live_counts=int(self.live.sum(where=self.live != _ABSENT)),
            places=int(self.live.size),
            unit=self.unit,
            n_different=int(different.size),
            differences=tuple(self._difference(place) for place in different[:KEPT].tolist()),
            factors=factors,
        )

    def _difference(self, place: int) -> Difference:
        official, live = (
            None if side[place] == _ABSENT else int(side[place])
            for side in (self.official, self.live)
        )
        return Difference(where=self.where(place), official=official, live=live)


def _aligned(
    official_keys: NDArray[Any],
    official: NDArray[np.int64],
    live_keys: NDArray[Any],
    live: NDArray[np.int64],
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Put counts side by side by channel or bin number, with every number that one of them has."""
    keys = np.union1d(official_keys, live_keys)
    sides = np.full((2, keys.size), _ABSENT)
    sides[0, np.searchsorted(keys, official_keys)] = official
    sides[1, np.searchsorted(keys, live_keys)] = live
    return keys, sides[0], sides[1]


def _whole(values: NDArray[Any], path: Path) -> NDArray[np.int64]:
    """Return counts as the whole numbers they are, to the single precision of rates."""
    numbers: NDArray[np.float64] = np.rint(np.asarray(values, np.float64))
    if not np.all(np.abs(values - numbers) <= 0.01 + 1e-6 * np.abs(numbers)):
        raise InputFileError(
            path,
            "its counts are no whole numbers",
            "Expected counts, or rates as they were before corrections (RATE_ORIG)",
        )
    return numbers.astype(np.int64)


def _counts(curve: LightCurveTable, path: Path) -> NDArray[np.int64]:
    """Return the counts in each bin: the uncorrected rate times the good time."""
    rate = curve.rate if curve.rate_orig is None else curve.rate_orig
    return _whole(rate.astype(np.float64) * curve.fracexp * curve.timedel_s, path)


def _bins(curve: LightCurveTable, live: LightCurveTable, path: Path) -> NDArray[np.int64]:
    """Return the number of each bin, counted from 0 at the live curve's first."""
    if not np.isclose(curve.timedel_s, live.timedel_s, rtol=1e-9, atol=0):
        raise InputFileError(
            path, f"bins of {curve.timedel_s:g} s", f"The live extraction has {live.timedel_s:g} s"
        )
    place = (curve.timezero_s - live.timezero_s + curve.time_s) / live.timedel_s
    numbers = np.rint(place)
    if not np.all(np.abs(place - numbers) < _SAME_TIME):
        raise InputFileError(
            path, "its bins begin at other times", f"The live ones count from {live.timezero_s} s"
        )
    return numbers.astype(np.int64)


def _gain(curve: LightCurveTable) -> NDArray[np.float64]:
    """Return corrected over counted rate of each bin; not a number where nothing was counted."""
    counted = curve.rate if curve.rate_orig is None else curve.rate_orig
    gain = np.full(curve.rate.size, np.nan)
    np.divide(curve.rate, counted, out=gain, where=counted > 0, dtype=np.float64)
    return gain


def _rate_factors(
    gain: NDArray[np.float64], live_gain: NDArray[np.float64] | None, corrections: str
) -> Iterator[Factor]:
    """Yield the gain and, where the live curve knows the livetime, its two halves."""
    yield from _median("RATE", gain, "times the counted rate: median of the bins")
    if live_gain is None:
        return
    here = live_gain > 0
    rest = gain[here] / live_gain[here]
    yield from _median("livetime", live_gain, "of it: dead time, live rates have it too")
    yield from _median(corrections, rest, "of it: applied by nulccorr only")


def _median(name: str, values: NDArray[np.float64], meaning: str) -> Iterator[Factor]:
    """Yield the median of what is a number, nothing where no bin has counts."""
    known = values[np.isfinite(values)]
    if known.size:
        yield Factor(name=name, value=float(np.median(known)), meaning=meaning)


def _image(path: Path) -> NDArray[np.int64]:
    with open_fits(path) as hdus:
        data = hdus[0].data
        if data is None or data.ndim != 2:
            raise InputFileError(path, "no image in its first extension", "Expected a sky image")
        return _whole(data, path)
