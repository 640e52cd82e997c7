"""What a fit says about each of its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.engines.fitting import ParameterResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_parameters import FitParameter, ParameterTable
    from nustar_widgets.engines.fit_ranges import Range

    Array: TypeAlias = NDArray[np.float64]


def parameter_results(
    table: ParameterTable, x: Array, covariance: Array, ranges: Mapping[int, Range]
) -> tuple[ParameterResult, ...]:
    """Sum up every parameter.

    Parameters
    ----------
    table
        The parameters.
    x
        (n_free,) values of the free ones.
    covariance
        (n_free, n_free) their covariance, NaN where unknown; (0, 0) before a fit.
    ranges
        Confidence ranges by place among the free ones.
    """
    sigma = np.full(len(table.free), np.nan)
    sigma[: covariance.shape[0]] = np.sqrt(np.diag(covariance))
    place_of = {row: place for place, row in enumerate(table.free)}
    return tuple(
        _free(row, value, float(sigma[place_of[i]]), ranges.get(place_of[i]))
        if i in place_of
        else _fixed(row, value)
        for i, (row, value) in enumerate(zip(table.rows, table.full(x), strict=True))
    )


def _fixed(row: FitParameter, value: float) -> ParameterResult:
    return ParameterResult(
        component=row.component,
        name=row.name,
        unit=row.unit,
        value=value,
        frozen=row.link is None,
        link=row.link,
    )


def _free(row: FitParameter, value: float, sigma: float, found: Range | None) -> ParameterResult:
    reach = 1e-6 * max(row.delta, abs(value))
    return ParameterResult(
        component=row.component,
        name=row.name,
        unit=row.unit,
        value=value,
        sigma=sigma if np.isfinite(sigma) else None,
        error_low=found.low.end if found else None,
        error_high=found.high.end if found else None,
        status=found.letters if found else "",
        at_limit=value - row.min <= reach or row.max - value <= reach,
    )
