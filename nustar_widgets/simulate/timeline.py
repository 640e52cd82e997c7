"""When the simulated telescope looks: orbits, good times, SAA passages, dead time.

A low orbit hides the source behind the Earth for part of every revolution, and on some orbits of
a day the South Atlantic Anomaly stops the detectors; near its edges the background rises.

Source: Harrison et al. 2013, ApJ 770, 103 (dead time of 2.5 ms per event, orbit of some 96 min).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORBIT_S: Final = 5760.0
DEAD_TIME_S: Final = 2.5e-3

# 2012-01-01 UTC, five months before launch: no real observation can have this date.
START_S: Final = 63_072_000.0
START_DATE: Final = "2012-01-01T00:00:00"

_VISIBLE_S: Final = 3260.0
_SAA_ORBITS: Final = (1, 2, 3, 4, 5)  # of the 15 of a day
_FLARE_ORBITS: Final = (1, 3)
_ORBITS_PER_DAY: Final = 15
_FLARE_DECAY_S: Final = 90.0
_FLARE_PEAK: Final = 9.0  # background over its quiet level, at the edge of the SAA


@dataclass(frozen=True, eq=False)
class Timeline:
    """Good time intervals and the passages that shape them.

    Parameters
    ----------
    start, stop
        (n,) good time intervals, mission time [s].
    saa
        (m, 2) SAA passages inside visible windows, mission time [s].
    flaring
        (m,) whether the background rises around each passage.
    """

    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    saa: NDArray[np.float64]
    flaring: NDArray[np.bool_]

    @property
    def good_s(self) -> float:
        """Sum of the good time intervals [s]."""
        return float(np.sum(self.stop - self.start))

    def seconds(self) -> NDArray[np.float64]:
        """(k,) starts of the whole seconds housekeeping covers, mission time [s]."""
        first = math.floor(float(self.start[0])) - 30
        last = math.ceil(float(self.stop[-1])) + 30
        return np.arange(first, last, dtype=np.float64)

    def good_before(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Good time elapsed before each moment [s].

        Parameters
        ----------
        time
            (k,) mission time [s].
        """
        edges, elapsed = self._ramp()
        return np.interp(time, edges, elapsed)

    def moment_of(self, good_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mission time at which an amount of good time has elapsed [s].

        Parameters
        ----------
        good_s
            (k,) good time, within 0 to ``good_s`` [s].
        """
        before = np.concatenate(([0.0], np.cumsum(self.stop - self.start)))
        interval = np.clip(
            np.searchsorted(before, good_s, side="right") - 1, 0, len(self.start) - 1
        )
        moment = self.start[interval] + (good_s - before[interval])
        return np.minimum(moment, self.stop[interval])

    def flare(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Background in excess of its quiet level, over that level.

        Parameters
        ----------
        time
            (k,) mission time [s].
        """
        excess = np.zeros_like(time)
        for entry, leave in self.saa[self.flaring]:
            for distance in (entry - time, time - leave):
                near = (distance >= 0.0) & (distance < 10.0 * _FLARE_DECAY_S)
                excess[near] += (_FLARE_PEAK - 1.0) * np.exp(-distance[near] / _FLARE_DECAY_S)
        return excess

    def _ramp(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        edges = np.column_stack((self.start, self.stop)).ravel()
        elapsed = np.cumsum(self.stop - self.start)
        before = np.concatenate(([0.0], elapsed[:-1]))
        return edges, np.column_stack((before, elapsed)).ravel()


def make_timeline(rng: np.random.Generator, good_s: float) -> Timeline:
    """Look at the source orbit after orbit until enough good time is collected.

    Parameters
    ----------
    rng
        Source of randomness.
    good_s
        Good time to collect [s].
    """
    intervals: list[tuple[float, float]] = []
    passages: list[tuple[float, float, bool]] = []
    left, orbit = good_s, 0
    while left > 1e-9:
        window, passage = _one_orbit(rng, orbit)
        if passage is not None:
            passages.append((*passage, orbit % _ORBITS_PER_DAY in _FLARE_ORBITS))
        for start, stop in _without(window, passage):
            length = min(stop - start, left)
            if length > 0.0:
                intervals.append((start, start + length))
                left -= length
        orbit += 1
    good = np.array(intervals)
    saa = np.array([[entry, leave] for entry, leave, _ in passages]).reshape(-1, 2)
    flaring = np.array([is_flaring for *_, is_flaring in passages], dtype=np.bool_)
    return Timeline(good[:, 0], good[:, 1], saa, flaring)


def _one_orbit(
    rng: np.random.Generator, orbit: int
) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """Visible window of one orbit and the SAA passage in it, if any."""
    start = START_S + orbit * ORBIT_S + rng.uniform(0.0, 40.0)
    stop = start + _VISIBLE_S + rng.uniform(-60.0, 60.0)
    lead, length = rng.uniform(900.0, 2000.0), rng.uniform(350.0, 800.0)
    if orbit % _ORBITS_PER_DAY not in _SAA_ORBITS:
        return (start, stop), None
    return (start, stop), (start + lead, start + lead + length)


def _without(
    window: tuple[float, float], passage: tuple[float, float] | None
) -> list[tuple[float, float]]:
    if passage is None:
        return [window]
    return [(window[0], passage[0]), (passage[1], window[1])]


def red_noise(rng: np.random.Generator, timeline: Timeline, rms: float) -> NDArray[np.float64]:
    """(k,) brightness of a variable source each second, with mean 1 over the good time.

    A power spectrum falling as 1/f^2 (Timmer & Koenig 1995, A&A 300, 707), made positive by the
    exponential (Uttley, McHardy & Vaughan 2005, MNRAS 359, 345).

    Parameters
    ----------
    rng
        Source of randomness.
    timeline
        When the source is seen.
    rms
        Fractional root mean square of the variation.
    """
    step, seconds = 64.0, timeline.seconds()
    n = 2 ** math.ceil(math.log2(max(len(seconds) / step * 2.0, 64.0)))
    frequency = np.fft.rfftfreq(n, step)[1:]
    # Below 1e-4 Hz the spectrum flattens: AGN do, and the mean must not depend on the length.
    power = 1.0 / (1.0 + (frequency / 1e-4) ** 2)
    phases = rng.standard_normal((2, len(frequency))) * np.sqrt(power)
    noise = np.fft.irfft(np.concatenate(([0.0], phases[0] + 1j * phases[1])), n)
    noise *= math.sqrt(math.log1p(rms**2)) / noise.std()
    moments = seconds[0] + step * np.arange(n)
    brightness = np.exp(np.interp(seconds + 0.5, moments, noise))
    weight = good_fraction(timeline)
    return np.asarray(brightness / np.average(brightness, weights=weight))


def good_fraction(timeline: Timeline) -> NDArray[np.float64]:
    """(k,) good part of each housekeeping second [s].

    Parameters
    ----------
    timeline
        When the source is seen.
    """
    seconds = timeline.seconds()
    return timeline.good_before(seconds + 1.0) - timeline.good_before(seconds)


def live_seconds(
    rng: np.random.Generator, rate: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Events processed in each second, and the time left alive.

    Every processed event, kept or vetoed, blocks the detector for 2.5 ms: at a true rate r the
    detector processes r / (1 + r tau) events.

    Parameters
    ----------
    rng
        Source of randomness.
    rate
        (k,) true rate of triggers [1/s].

    Returns
    -------
    tuple of arrays
        (k,) number of processed events and (k,) live time [s].
    """
    processed = rng.poisson(rate / (1.0 + rate * DEAD_TIME_S))
    processed = np.minimum(processed, int(0.98 / DEAD_TIME_S))
    return processed, 1.0 - DEAD_TIME_S * processed.astype(np.float64)
