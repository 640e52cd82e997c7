"""The fit engine that asks XSPEC, which runs in a process of its own.

The same spectra, bins, parameter names, limits and results as the embedded engine, and every model
XSPEC has. A crash, a hang or a question of XSPEC costs the step that was asked for: another process
is started and brought where the old one was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from nustar_widgets.engines.fitting import NOT_FITTED, Contour, FitResult, FitStep
from nustar_widgets.engines.xspec import messages as ask
from nustar_widgets.engines.xspec.home import xspec_problem
from nustar_widgets.engines.xspec.keeper import StoppedError
from nustar_widgets.engines.xspec.loaded import arrays_of
from nustar_widgets.engines.xspec.outcome import Found
from nustar_widgets.engines.xspec.sampled import SampledModel
from nustar_widgets.engines.xspec.watching import FitWatch
from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]
    Progress: TypeAlias = Callable[[str], None]
    WatchFit: TypeAlias = Callable[[FitStep], None]
    WatchErrors: TypeAlias = Callable[[FitResult], None]
    WatchContour: TypeAlias = Callable[[Contour], None]

__all__ = ["XspecFit", "xspec_problem"]

_MAX_NEW_MINIMA: Final = 5


class XspecFit(SampledModel):
    """A joint fit of one model to several spectra, by XSPEC.

    Parameters
    ----------
    datasets
        The spectra with the bins in use, each a data group of its own.
    choice
        Model, parameters, statistic, abundances. Its ``notice_kev`` is not applied here.
    weight
        For ``chi``: XSPEC's ``weight``.
    environ
        Environment to look for HEASoft in; None for this process's.
    local_models
        Package and folder of models to load, as XSPEC's ``lmod``.
    keeper
        XSPEC to use, by this fit alone; None for one of
        :data:`~nustar_widgets.engines.xspec.home.HOME`.

    Raises
    ------
    FitError
        If there is no XSPEC, or it cannot load the spectra.
    ModelError
        If XSPEC does not know the model.
    ParameterError
        If a parameter, link or limit is wrong.
    SelectionError
        If there is no spectrum, or one has no bin in use.
    """

    name: Final = "xspec"

    # -- fitting ---------------------------------------------------------------------------

    def fit(self, *, stop: Stop | None = None, watch: WatchFit | None = None) -> FitResult:
        """Move the free parameters to the best fit, one iteration of XSPEC's after another.

        Parameters
        ----------
        stop
            True ends the fit after the present iteration, or XSPEC where that takes too long.
        watch
            Told where the fit is.

        Raises
        ------
        FitError
            If XSPEC cannot fit this, or failed.
        """
        if not self._table.free:
            self._standing = replace(self._standing, status="converged")
            return self.result()
        watching = FitWatch(self._table, watch)
        try:
            answer = self._ask(ask.Fit(), stop=stop, told=watching.told)
            self._standing = self._told(answer, str(answer.get("status")))
        except StoppedError:
            if watching.last is not None:
                self._standing = self._told(watching.last, NOT_FITTED)
                self._keeper.bring(ask.SetValues(self._own(self._standing.values)))
            self._standing = replace(self._standing, status="stopped")
        else:
            self._remember()
        watching.finish(self._standing.statistic, self.values)
        return self.result()

    def _remember(self) -> None:
        """Let the next process begin where this one is."""
        self._keeper.remember(ask.SetValues(self._own(self._standing.values)))

    def errors(
        self,
        names: Sequence[str] | None = None,
        *,
        delta: float = 2.706,
        stop: Stop | None = None,
        progress: Progress | None = None,
        watch: WatchErrors | None = None,
    ) -> FitResult:
        """Search the confidence ranges of free parameters, all others fitted along.

        Where XSPEC finds a lower statistic the fit is done again and all ranges are searched anew.

        Parameters
        ----------
        names
            Full names; None: all free parameters.
        delta
            Rise of the statistic: 1.0 for 68 %, 2.706 for 90 % of one parameter.
        stop
            True ends the search; ranges not found by then stay None.
        progress
            Told the name of every parameter when its range is searched.
        watch
            Told the result so far after every parameter.

        Raises
        ------
        ParameterError
            If a name is unknown or not free, or ``delta`` is not positive.
        FitError
            If XSPEC cannot do it, or failed.
        """
        if not delta > 0.0:
            raise ParameterError("delta", f"{delta:g}: expected a rise above 0, as 2.706 for 90 %")
        places = [self._table.free_index(name) for name in names or self._table.names]
        if self._standing.status == NOT_FITTED:
            self.fit(stop=stop)
        renewed = False
        for _ in range(_MAX_NEW_MINIMA):
            self._standing = replace(self._standing, ranges={}, delta=delta)
            if not self._search(places, delta, stop, progress, watch, renewed):
                break
            renewed = True
            self.fit(stop=stop)
        return self.result()

    def _search(
        self,
        places: Sequence[int],
        delta: float,
        stop: Stop | None,
        progress: Progress | None,
        watch: WatchErrors | None,
        renewed: bool,
    ) -> bool:
        """Search the ranges; whether it must be begun again from a lower statistic."""
        for place in places:
            if stop is not None and stop():
                return False
            if progress is not None:
                progress(self._table.names[place])
            row = self._table.free[place]
            try:
                answer = self._ask(ask.Errors(*self._where(row), delta), stop=stop)
            except StoppedError:
                return False
            if self._is_lower(answer):
                self._standing = self._told(answer, self._standing.status)
                self._remember()
                return True
            found = Found.told(answer, self._table.rows[row])
            if renewed:
                found = replace(found, letters="T" + found.letters[1:])
            here = self._told(answer, self._standing.status)
            self._standing = replace(
                self._standing,
                statistic=here.statistic,
                values=here.values,
                ranges={**self._standing.ranges, row: found},
            )
            self._remember()
            if watch is not None:
                watch(self.result())
        return False

    def _is_lower(self, answer: Mapping[str, Any]) -> bool:
        """Whether the search left XSPEC at a lower statistic than the best fit."""
        return float(answer["statistic"]) < self._standing.statistic - 1e-2

    def contour(
        self,
        name_x: str,
        name_y: str,
        *,
        x: Sequence[float] | Array,
        y: Sequence[float] | Array,
        stop: Stop | None = None,
        watch: WatchContour | None = None,
    ) -> Contour:
        """Map the statistic over two free parameters, row by row (``steppar``).

        Parameters
        ----------
        name_x, name_y
            Full names.
        x, y
            Values of the two.
        stop
            True ends the search; the rest is NaN.
        watch
            Told the picture after every row.

        Raises
        ------
        ParameterError
            If a name is unknown or not free, or a value is outside the limits.
        FitError
            If XSPEC cannot do it, or failed.
        """
        table = self._table
        places = table.free_index(name_x), table.free_index(name_y)
        if places[0] == places[1]:
            raise ParameterError(name_y, "a contour needs two different parameters")
        grids = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        for name, grid in zip((name_x, name_y), grids, strict=True):
            for value in (grid.min(), grid.max()):
                table.moved(self._standing.free(table), {name: float(value)})
        if self._standing.status == NOT_FITTED:
            self.fit(stop=stop)
        picture = Contour(
            name_x=table.names[places[0]],
            name_y=table.names[places[1]],
            x=grids[0],
            y=grids[1],
            statistic=np.full((grids[1].size, grids[0].size), np.nan),
            best=self._standing.statistic,
        )
        self._fill(picture, (table.free[places[0]], table.free[places[1]]), stop, watch)
        return picture

    def _fill(
        self,
        picture: Contour,
        rows: tuple[int, int],
        stop: Stop | None,
        watch: WatchContour | None,
    ) -> None:
        x, y = (self._where(row) for row in rows)
        along = tuple(map(float, picture.x))
        for number, at in enumerate(map(float, picture.y)):
            if stop is not None and stop():
                return
            try:
                frame = self._keeper.ask(ask.Row(x, y, at, along), stop=stop)
            except StoppedError:
                return
            picture.statistic[number] = arrays_of(frame)[0]
            if watch is not None:
                watch(replace(picture, statistic=picture.statistic.copy()))
