"""The rows of the parameter table, from an engine and what it found."""

from __future__ import annotations

from typing import Any

from nustar_widgets.engines.fitting import FitEngine, FitResult, ParameterResult
from nustar_widgets.panels.fitting.parameterrow import ParameterRow, RowResult
from nustar_widgets.panels.fitting.sliderrange import slider_range


def rows_of(engine: FitEngine, result: FitResult | None) -> tuple[ParameterRow, ...]:
    """Return a row for each parameter of each spectrum.

    Parameters
    ----------
    engine
        The engine, at its present values.
    result
        What it found there; ``None`` where nothing was fitted since.
    """
    specs, meanings = _told(engine)
    values = engine.values
    found = results_of(result)
    rows = []
    for row in engine.table.rows:
        base, _, group = row.name.partition("[")
        spec, value, label = specs.get(base), values[row.name], base.rpartition(".")[2]
        slider = slider_range(
            label, value, hard=(row.min, row.max), delta=row.delta,
            soft=None if spec is None else (spec.soft_min, spec.soft_max),
        )  # fmt: skip
        told = found.get(row.name, RowResult(value=value))
        rows.append(
            ParameterRow(
                name=row.name, component=row.component,
                component_meaning=meanings.get(row.component, ""),
                group=int(group.rstrip("]")) if group else 1, label=label, unit=row.unit,
                meaning="" if spec is None else spec.meaning, value=value, frozen=row.frozen,
                min=row.min, max=row.max, link=row.link or "",
                slider_low=slider.low, slider_high=slider.high, log=slider.log,
                error_low=told.error_low, error_high=told.error_high, sigma=told.sigma,
                warnings=told.warnings, at_limit=told.at_limit,
            )
        )  # fmt: skip
    return tuple(rows)


def results_of(result: FitResult | None) -> dict[str, RowResult]:
    """Return what was found of each parameter, by full name.

    Parameters
    ----------
    result
        The fit; ``None`` where nothing was fitted.
    """
    return {} if result is None else {item.name: _row_result(item) for item in result.parameters}


def range_heading(result: FitResult | None) -> str:
    """Name the ranges of a fit: ``90 %`` for a rise of 2.706.

    Parameters
    ----------
    result
        The fit.
    """
    known = {1.0: "1 sigma", 2.706: "90 %", 6.635: "99 %"}
    if result is None or result.delta is None:
        return "1 sigma" if result is not None else "Error"
    return known.get(result.delta, f"rise of {result.delta:g}")


def _row_result(item: ParameterResult) -> RowResult:
    return RowResult(
        value=item.value, error_low=item.error_low, error_high=item.error_high, sigma=item.sigma,
        warnings=item.warnings, at_limit=item.at_limit,
    )  # fmt: skip


def _told(engine: FitEngine) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the model says of its parameters and components; none for XSPEC's own models."""
    model = getattr(engine, "model", None)
    if model is None:
        return {}, {}
    specs = {item.name: item.spec for item in model.parameters}
    return specs, {item.name: item.spec.meaning for item in model.components}
