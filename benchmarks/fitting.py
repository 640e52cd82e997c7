"""Folding and fitting a pair of spectra, beside Sherpa doing the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import realpair
from benchmarks.rows import Row, Table
from benchmarks.spectrumpair import START, SpectrumPair, missing_files
from benchmarks.timing import Timing, measure
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import ParameterResult
from nustar_widgets.spectra.rmf import read_rmf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.sherpapeer import SherpaFit

TITLE = "Fitting, both modules"
DELTA_90 = 2.706
FASTER = 50
NO_SHERPA = (
    "The peer is missing: Sherpa has no wheel. On Debian `apt install build-essential "
    "libfftw3-dev bison flex pkg-config`, then `pip install sherpa`."
)


def run() -> list[Table]:
    """Measure, or say what is missing."""
    if missing := missing_files():
        note = f"Skipped: the responses are not beside this checkout ({missing[0].name})."
        return [Table(title=TITLE, notes=[note]), realpair.table()]
    pair = SpectrumPair.simulate()
    ours = EmbeddedFit(pair.datasets, pair.choice)
    ours.fit()
    peer = _peer(pair)
    notes = [
        f"Bins: {' + '.join(str(data.n_bins) for data in pair.datasets)}, chi-squared, "
        "4 free parameters, `constant*tbabs*powerlaw`; the CALDB's RMF (of FPMA for both), real "
        "ARFs, simulated counts.",
        NO_SHERPA if peer is None else _same_fit(ours, peer),
    ]
    rows = [_evaluation(ours, peer), _fit(ours, peer), _errors(ours, peer), _contour(ours, peer)]
    rows += [*_without_peer(ours, pair), *_preparation(pair)]
    return [Table(title=TITLE, rows=rows, notes=notes), realpair.table()]


def _peer(pair: SpectrumPair) -> SherpaFit | None:
    if find_spec("sherpa") is None:
        return None
    from benchmarks.sherpapeer import SherpaFit  # noqa: PLC0415 - may be absent

    return SherpaFit(pair.datasets, pair.rmf_path)


def _same_fit(ours: EmbeddedFit, peer: SherpaFit) -> str:
    """Check that both have the same statistic before they are timed."""
    ours.set(START)
    peer.set(START)
    mine, theirs = ours.statistic(), peer.statistic()
    if not np.isclose(mine, theirs, rtol=1e-6):
        raise SystemExit(f"chi-squared at the start: {mine} here, {theirs} in Sherpa; a bug")
    best, their_best = ours.fit().statistic, peer.fit()
    return (
        f"Peer: stock Sherpa (levmar, `conf`, `reg_proj`), which uses every core in `conf` and "
        f"`reg_proj`; one run each of these. Chi-squared at the start {mine:.4f} here and "
        f"{theirs:.4f} there, at the best fit {best:.4f} and {their_best:.4f}."
    )


def _evaluation(ours: EmbeddedFit, peer: SherpaFit | None) -> Row:
    """Every parameter moves each time: neither program may answer from memory."""
    places = _places()

    def evaluate(fit: EmbeddedFit | SherpaFit) -> float:
        return fit.statistic()

    return Row(
        what="one evaluation of the statistic",
        timing=measure(
            lambda: evaluate(ours), before=lambda: ours.set(next(places)), repeats=500, warm_up=20
        ),
        median_at_most_s=0.3e-3,
        peer=None
        if peer is None
        else measure(
            lambda: evaluate(peer), before=lambda: peer.set(next(places)), repeats=50, warm_up=5
        ),
        faster_at_least=FASTER,
    )


def _places() -> Iterator[dict[str, float]]:
    for number in count():
        yield {name: value * (1 + 1e-4 * (number % 97)) for name, value in START.items()}


def _fit(ours: EmbeddedFit, peer: SherpaFit | None) -> Row:
    return Row(
        what="fit from afar (nH 1, Gamma 1.5)",
        timing=measure(ours.fit, before=lambda: ours.set(START), repeats=50),
        median_at_most_s=20e-3,
        peer=None
        if peer is None
        else measure(peer.fit, before=lambda: peer.set(START), repeats=5, warm_up=1),
        faster_at_least=FASTER,
    )


def _errors(ours: EmbeddedFit, peer: SherpaFit | None) -> Row:
    return Row(
        what="90 % ranges of 4 parameters",
        timing=measure(lambda: ours.errors(delta=DELTA_90), repeats=20),
        median_at_most_s=100e-3,
        peer=None if peer is None else _once(peer.errors),
        faster_at_least=FASTER,
    )


def _contour(ours: EmbeddedFit, peer: SherpaFit | None) -> Row:
    names = "TBabs.nH", "powerlaw.PhoIndex"
    result = ours.errors(names, delta=DELTA_90)
    x, y = (_across(result[name]) for name in names)
    return Row(
        what="contour of 20 x 20 points, nH and Gamma",
        timing=measure(lambda: ours.contour(*names, x=x, y=y), repeats=5, warm_up=1),
        median_at_most_s=1.0,
        peer=None if peer is None else _once(lambda: peer.contour(*names, x, y)),
        faster_at_least=FASTER,
    )


def _without_peer(ours: EmbeddedFit, pair: SpectrumPair) -> list[Row]:
    """Measure a slider's step, and the W statistic, which is the package's default."""
    places = _places()
    poisson = EmbeddedFit(pair.datasets, replace(pair.choice, statistic="cstat"))

    def slide() -> None:
        ours.set(next(places))
        ours.statistic()
        ours.counts()

    return [
        Row(what="slider step: set, statistic, folded model", timing=measure(slide, repeats=500)),
        Row(
            what="fit with W (cstat)",
            timing=measure(poisson.fit, before=lambda: poisson.set(START), repeats=30),
        ),
        Row(what="90 % ranges with W", timing=measure(poisson.errors, repeats=10)),
    ]


def _across(parameter: ParameterResult) -> NDArray[np.float64]:
    """20 values over its 90 % range."""
    assert parameter.error_low is not None  # this fit has both ends
    assert parameter.error_high is not None
    return np.linspace(parameter.error_low, parameter.error_high, 20)


def _once(work: Callable[[], object]) -> Timing:
    """Time the peer's long work once, without a warm-up."""
    return measure(work, repeats=1, warm_up=0)


def _preparation(pair: SpectrumPair) -> list[Row]:
    """Measure what is paid once a spectrum, before the first evaluation."""

    def fold() -> None:
        replace(pair.datasets[0]).matrix  # noqa: B018 - a fresh copy computes it

    return [
        Row(
            what="read the RMF, 8.4 million elements (once)",
            timing=measure(lambda: read_rmf(pair.rmf_path), repeats=3, warm_up=1),
        ),
        Row(
            what="RMF x ARF, cut and grouped (once a spectrum)",
            timing=measure(fold, repeats=5, warm_up=1),
        ),
    ]
