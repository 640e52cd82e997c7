"""Norms before a fit: XSPEC's ``renorm``, or at once the best ones where nobody has set them.

The predicted counts are linear in the norms of the components, so that the best norms for given
shapes are a linear least-squares problem, solved exactly. From XSPEC's default norms, all 1, one
common factor would leave a line as strong as its continuum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from scipy.optimize import lsq_linear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_objective import Objective

    Array: TypeAlias = NDArray[np.float64]

_LEAST_SHARE: Final = 1e-3
"""A component keeps this part of all counts: without a norm its shape would have no slope."""


def renormed(objective: Objective, x: Array) -> Array:
    """Start values with better norms.

    Nothing changes where a norm is frozen or the statistic would not fall.

    Parameters
    ----------
    objective
        The statistic.
    x
        (n,) values of the free parameters.
    """
    table = objective.table
    norms = [i for i, row in enumerate(table.rows) if row.is_norm and row.link is None]
    if not norms or not set(norms) <= set(table.free):
        return x
    places = [table.free.index(i) for i in norms]
    best, value = x, objective.value(x)
    for wanted in _candidates(objective, x, places):
        start = np.clip(wanted, objective.low, objective.high)
        if objective.value(start) < value:
            best, value = start, objective.value(start)
    return best


def _candidates(objective: Objective, x: Array, places: list[int]) -> Iterator[Array]:
    total = sum(float(fold.data.net_counts.sum()) for fold in objective.folds)
    yield _scaled(objective, x, places, total)
    if len(places) > 1 and np.array_equal(x[places], _defaults(objective, places)):
        yield _solved(objective, x, places, total)


def _defaults(objective: Objective, places: list[int]) -> list[float]:
    table = objective.table
    rows = [table.free[place] % table.per_group for place in places]
    return [table.model.parameters[row].spec.default for row in rows]


def _scaled(objective: Objective, x: Array, places: list[int], total: float) -> Array:
    """Scale all norms together so that as many counts are predicted as there are."""
    predicted = float(_predicted(objective, x).sum())
    if not (total > 0.0 and 0.0 < predicted < np.inf):
        return x
    scaled = x.copy()
    scaled[places] *= total / predicted
    return scaled


def _solved(objective: Objective, x: Array, places: list[int], total: float) -> Array:
    """Solve for every component's share of the counts, by chi-squared with Gehrels' weights."""
    alone = np.array([_predicted(objective, _only(x, places, place)) for place in places])
    predicted = alone.sum(axis=1)
    if not (total > 0.0 and np.all(predicted > 0.0) and np.all(np.isfinite(predicted))):
        return x
    factors = total / predicted
    data = [fold.data for fold in objective.folds]
    sigma = np.sqrt(np.concatenate([item.variance("gehrels") for item in data]))
    net = np.concatenate([item.net_counts for item in data])
    columns = (alone * factors[:, None] / sigma).T
    shares = lsq_linear(columns, net / sigma, bounds=(_LEAST_SHARE, np.inf), method="bvls").x
    solved = x.copy()
    solved[places] *= shares * factors
    return solved


def _only(x: Array, places: list[int], place: int) -> Array:
    """Values with all norms but one at zero."""
    only = x.copy()
    only[places] = 0.0
    only[place] = x[place]
    return only


def _predicted(objective: Objective, x: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate(objective.counts(x))
