"""Exercises on spectral fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nustar_widgets.engines.fitting import FitResult, ParameterResult
from nustar_widgets.simulate.truth import PARAMETERS
from nustar_widgets.teaching.bench import Bench

_NH: Final = 0.765
_LINE_NEAR_KEV: Final = 0.2
_TRUTH: Final = dict(PARAMETERS)


def _ending(result: FitResult, name: str) -> ParameterResult | None:
    """Return the first parameter whose own name is this one."""
    return next((item for item in result.parameters if item.name.endswith(f".{name}")), None)


# -- 8: the continuum ---------------------------------------------------------------------


def continuum_problems(bench: Bench) -> Iterator[str]:
    """Ask for a fit of an absorbed, cut-off power law to both modules, with ranges."""
    result = bench.result
    yield from _model_problems(result)
    column = _ending(result, "nH")
    if column is not None and (not column.frozen or abs(column.value - _NH) > 1e-3):
        yield (
            f"nH is {column.value:.3g}{'' if column.frozen else ' and free'}; that of our Galaxy "
            f"is known here. Type {_NH} and tick Frozen"
        )
    index = _ending(result, "PhoIndex")
    if index is not None and (index.error_low is None or index.error_high is None):
        yield "the photon index has no range yet. Press 90 % errors"


def _model_problems(result: FitResult) -> Iterator[str]:
    if len(result.n_bins) != 2:
        yield f"{len(result.n_bins)} spectrum is fitted; expected those of both modules"
    if _ending(result, "PhoIndex") is None or _ending(result, "HighECut") is None:
        yield (
            f"the model is {result.expression}; expected a cut-off power law, as "
            "constant*tbabs*cutoffpl. Type it under Model and press Apply"
        )
    elif _ending(result, "nH") is None:
        yield f"the model is {result.expression}, without absorption. Multiply it by tbabs"
    elif not any(item.name.startswith("constant") for item in result.parameters):
        yield (
            f"the model is {result.expression}: FPMA and FPMB differ by some per cent, so multiply "
            "it by a constant"
        )


def continuum_praise(bench: Bench) -> str:
    """Tell the photon index."""
    result = bench.result
    index = _ending(result, "PhoIndex")
    assert index is not None  # there were no problems
    return (
        f"photon index {index.value:.2f} ({index.error_low:.2f} to {index.error_high:.2f}), "
        f"{result.statistic_name} {result.statistic:.1f} for {result.dof} degrees of freedom"
    )


# -- 9: the line --------------------------------------------------------------------------


def line_problems(bench: Bench) -> Iterator[str]:
    """Ask for the iron line beside the continuum."""
    result = bench.result
    yield from _model_problems(result)
    line, norm = _ending(result, "LineE"), _norm_of_line(result)
    if line is None or norm is None:
        yield (
            f"the model is {result.expression}, without a line. Under Model add a gaussian beside "
            "cutoffpl"
        )
        return
    if abs(line.value - _TRUTH["gaussian.LineE"]) > _LINE_NEAR_KEV:
        yield (
            f"the line has run away to {line.value:.3g} keV. Iron has its line near 6.4 keV: press "
            "Guess values, or drag LineE there, freeze Sigma at 0.25, and fit again"
        )
    if norm.error_low is None:
        yield "the strength of the line has no range yet. Press 90 % errors"
    elif norm.error_low <= 0.0:
        yield "the range of the line's strength reaches 0: is the line where the bump is?"


def line_praise(bench: Bench) -> str:
    """Tell the energy of the line, and what was put in."""
    line = _ending(bench.result, "LineE")
    assert line is not None  # there were no problems
    return (
        f"a line at {line.value:.2f} keV; {_TRUTH['gaussian.LineE']} keV were put in (6.4 keV, "
        "redshifted)"
    )


def _norm_of_line(result: FitResult) -> ParameterResult | None:
    return next(
        (item for item in result.parameters if item.name.lower().startswith("gauss")
         and item.name.endswith(".norm")),
        None,
    )  # fmt: skip
