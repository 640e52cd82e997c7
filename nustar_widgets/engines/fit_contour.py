"""The statistic over two parameters, the others fitted at each point: XSPEC's ``steppar``.

Points are taken from the best fit outwards, so that every fit starts beside one that is done and
the picture fills in from its middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_follow import follow
from nustar_widgets.engines.fit_minimise import Minimum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from nustar_widgets.engines.fit_objective import Objective

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]
    Watch: TypeAlias = Callable[[Array], None]

_TOLERANCE = 1e-3


def map_statistic(
    objective: Objective,
    best: Minimum,
    places: tuple[int, int],
    grids: tuple[Array, Array],
    *,
    stop: Stop | None = None,
    watch: Watch | None = None,
) -> Array:
    """Map the statistic over two parameters, the others fitted at each point.

    Parameters
    ----------
    objective
        The statistic.
    best
        The best fit.
    places
        The two parameters.
    grids
        Their values.
    stop
        Asked before every point; points not reached are NaN.
    watch
        Told the map so far after every row of it.

    Returns
    -------
    (n_y, n_x) statistic.
    """
    walk = _Walk(objective, best, places, grids)
    middle = int(np.argmin(np.abs(grids[0] - best.x[places[0]])))
    columns = (*range(middle, grids[0].size), *range(middle - 1, -1, -1))
    for row, below in _outwards(grids[1], float(best.x[places[1]])):
        for column in columns:
            if stop is not None and stop():
                return walk.values
            beside = None if column == middle else column - 1 if column > middle else column + 1
            walk.step((row, column), row_done=below, column_done=beside)
        if watch is not None:
            watch(walk.values)
    return walk.values


def _outwards(grid: Array, start: float) -> Iterator[tuple[int, int | None]]:
    """Yield the rows from the nearest one outwards, each with the done one beside it."""
    order = np.argsort(np.abs(grid - start), kind="stable")
    done: list[int] = []
    for row in map(int, order):
        yield row, min(done, key=lambda other: abs(grid[other] - grid[row]), default=None)
        done.append(row)


class _Walk:
    """What was found so far, and how to get from one point to the next."""

    def __init__(
        self,
        objective: Objective,
        best: Minimum,
        places: tuple[int, int],
        grids: tuple[Array, Array],
    ) -> None:
        self.objective = objective
        self.best = best
        self.grids = grids
        self.places = list(places)
        self.held = np.zeros(best.x.size, bool)
        self.held[self.places] = True
        self.curvature: Array | None = objective.parabola(best.x).curvature
        self.ridge = _ridge(self.curvature, np.array(places))
        self.values = np.full((grids[1].size, grids[0].size), np.nan)
        self.found: dict[tuple[int, int], Minimum] = {}

    def step(
        self, point: tuple[int, int], *, row_done: int | None, column_done: int | None
    ) -> None:
        """Fit one point.

        Parameters
        ----------
        point
            Its row and column.
        row_done, column_done
            The row and the column beside it that are done, if any.
        """
        row, column = point
        target = np.array([self.grids[0][column], self.grids[1][row]])
        beside = self._beside(point, row_done, column_done)
        starts = [self._along_ridge(beside.x, target)]
        if row_done is not None and column_done is not None:
            starts.append(self._parallelogram(point, row_done, column_done, target))
        found = follow(
            self.objective,
            min(starts, key=self.objective.value),
            self.held,
            tolerance=_TOLERANCE,
            curvature=self.curvature if beside.curvature is None else beside.curvature,
        )
        self.values[point] = found.value
        self.found[point] = found

    def _beside(
        self, point: tuple[int, int], row_done: int | None, column_done: int | None
    ) -> Minimum:
        if column_done is not None:
            return self.found[point[0], column_done]
        return self.best if row_done is None else self.found[row_done, point[1]]

    def _along_ridge(self, x: Array, target: Array) -> Array:
        """Move a done point along the floor of the parabola at the best fit."""
        return self._placed(x + self.ridge @ (target - x[self.places]), target)

    def _parallelogram(
        self, point: tuple[int, int], row_done: int, column_done: int, target: Array
    ) -> Array:
        """Continue three done points, which follows a bent valley too."""
        row, column = point
        sides = self.found[row, column_done].x + self.found[row_done, column].x
        return self._placed(sides - self.found[row_done, column_done].x, target)

    def _placed(self, x: Array, target: Array) -> Array:
        start = np.clip(x, self.objective.low, self.objective.high)
        start[self.places] = target
        return np.asarray(start)


def _ridge(curvature: Array, held: NDArray[np.intp]) -> Array:
    """(n, n_held) how the other parameters follow the held ones along the floor of the parabola."""
    others = np.setdiff1d(np.arange(curvature.shape[0]), held)
    ridge = np.zeros((curvature.shape[0], held.size))
    among = np.linalg.pinv(curvature[np.ix_(others, others)])
    ridge[others] = -among @ curvature[np.ix_(others, held)]
    return ridge
