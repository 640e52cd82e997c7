"""The fit engine that asks XSPEC, which runs in a process of its own.

The same spectra, bins, parameter names, limits and results as the embedded engine, and every model
XSPEC has. A crash, a hang or a question of XSPEC costs the step that was asked for: another process
is started and brought where the old one was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.engines.fitting import Contour, FitResult, FitStep, ModelCurve
from nustar_widgets.engines.xspec import messages as ask
from nustar_widgets.engines.xspec.fluxes import flux_results, flux_trials
from nustar_widgets.engines.xspec.home import HOME, xspec_environment, xspec_problem
from nustar_widgets.engines.xspec.keeper import RefusedError, StoppedError
from nustar_widgets.engines.xspec.outcome import Found, Standing
from nustar_widgets.engines.xspec.setup import defined, settings
from nustar_widgets.engines.xspec.staging import stage
from nustar_widgets.engines.xspec.watching import FitWatch
from nustar_widgets.errors import FitError, ParameterError, SelectionError
from nustar_widgets.spectra.modelspec import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.fitting import BandFlux
    from nustar_widgets.engines.xspec.frames import Frame
    from nustar_widgets.engines.xspec.keeper import Keeper
    from nustar_widgets.session.values import FitChoice
    from nustar_widgets.spectra.folding import SpectralData
    from nustar_widgets.spectra.models import Model

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]
    Progress: TypeAlias = Callable[[str], None]
    WatchFit: TypeAlias = Callable[[FitStep], None]
    WatchErrors: TypeAlias = Callable[[FitResult], None]
    WatchContour: TypeAlias = Callable[[Contour], None]

__all__ = ["XspecFit", "xspec_problem"]

_MAX_NEW_MINIMA: Final = 5


class XspecFit:
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

    def __init__(
        self,
        datasets: Sequence[SpectralData],
        choice: FitChoice,
        *,
        weight: str = "standard",
        environ: Mapping[str, str] | None = None,
        local_models: Sequence[tuple[str, str]] = (),
        keeper: Keeper | None = None,
    ) -> None:
        if not datasets:
            raise SelectionError("fit: no spectrum is loaded: load at least one")
        for data in datasets:
            if not data.n_bins:
                raise SelectionError(f"{data.spectrum.name}: no bin is in use: notice some")
        self.datasets = tuple(datasets)
        self.choice = choice
        self._is_lent = keeper is None
        self._keeper = keeper or HOME.lend(xspec_environment(environ))
        try:
            self.model, self._table = self._prepared(weight, tuple(local_models))
        except BaseException:
            self.close()
            raise

    def _prepared(
        self, weight: str, local_models: tuple[tuple[str, str], ...]
    ) -> tuple[Model, ParameterTable]:
        keeper, choice = self._keeper, self.choice
        self.version = keeper.ready()
        loaded = keeper.ask(stage(self.datasets, keeper.folder)).message
        self._check_bins(loaded.get("n_bins"))
        model, components = defined(keeper, choice, local_models)
        table = ParameterTable(model, len(self.datasets), choice.parameters)
        answer = keeper.ask(
            ask.Configure(choice.statistic, weight, settings(table, components)),
        ).message
        self._standing = Standing.told(answer, table, "not fitted")
        return model, table

    def _check_bins(self, found: Any) -> None:
        expected = [data.n_bins for data in self.datasets]
        if found != expected:
            raise FitError(
                f"XSPEC has {found} bins in use where there should be {expected}: it reads the "
                "grouping or the ranges of these spectra another way"
            )

    # -- where the parameters are ----------------------------------------------------------

    @property
    def table(self) -> ParameterTable:
        """Names, limits and links of all parameters."""
        return self._table

    @property
    def values(self) -> dict[str, float]:
        """Present value of every parameter by its full name, linked ones too."""
        pairs = zip(self._table.rows, self._standing.values, strict=True)
        return {row.name: value for row, value in pairs}

    def set(self, values: Mapping[str, float]) -> None:
        """Put parameters at given values; what was fitted before is forgotten.

        Parameters
        ----------
        values
            By full name.

        Raises
        ------
        ParameterError
            If a value is outside its limits, or the parameter is linked.
        FitError
            If XSPEC does not take them, or failed; then all are as before.
        """
        table = self._table.moved(self._standing.free(self._table), values)
        full = table.full(table.start)
        self._go(full)
        self._table = table

    def _go(self, full: Sequence[float]) -> None:
        try:
            answer = self._ask(ask.SetValues(self._own(full)))
        except RefusedError:
            self._ask(ask.SetValues(self._own(self._standing.values)))
            raise
        self._standing = self._told(answer, "not fitted")

    def _own(self, full: Sequence[float]) -> tuple[tuple[int, int, float], ...]:
        """Values of all parameters that follow no other, with data group and place."""
        rows = enumerate(zip(self._table.rows, full, strict=True))
        return tuple((*self._where(i), value) for i, (row, value) in rows if row.link is None)

    def _where(self, row: int) -> tuple[int, int]:
        group, place = divmod(row, self._table.per_group)
        return group + 1, place + 1

    def _told(self, answer: Mapping[str, Any], status: str) -> Standing:
        try:
            return Standing.told(answer, self._table, status)
        except (KeyError, TypeError, ValueError) as error:
            raise FitError(f"XSPEC's answer cannot be used: {error}") from error

    def _ask(
        self, request: ask.Request, *, stop: Stop | None = None, told: Any = None
    ) -> dict[str, Any]:
        return self._keeper.ask(request, stop=stop, told=told).message

    def statistic(self) -> float:
        """Value of the statistic at the present values."""
        return self._standing.statistic

    def photons(self) -> tuple[Array, ...]:
        """(n_energy,) model of every spectrum in the bins of its matrix [photons/cm2/s]."""
        arrays = _arrays(self._keeper.ask(ask.Photons()))
        sizes = [data.full_edges_kev.size - 1 for data in self.datasets]
        if [found.size for found in arrays] != sizes:
            raise FitError("XSPEC evaluates the model on other energies than the response's")
        return tuple(
            found[data.model_rows] for found, data in zip(arrays, self.datasets, strict=True)
        )

    def counts(self) -> tuple[Array, ...]:
        """(n_bins,) predicted counts of every spectrum at the present values."""
        return tuple(curve.total for curve in self.curves())

    def curves(self) -> tuple[ModelCurve, ...]:
        """Folded model of every spectrum and of each of its additive components."""
        additive = [c.name for c in self.model.components if c.kind is Kind.ADDITIVE]
        norms = tuple(self._where(self._table.place(f"{name}.norm"))[1] for name in additive)
        arrays = _arrays(self._keeper.ask(ask.Folded(norms)))
        n = len(self.datasets)
        parts = [arrays[i : i + n] for i in range(0, len(arrays), n)]
        return tuple(
            ModelCurve(
                spectrum=number + 1,
                lo_kev=data.lo_kev,
                hi_kev=data.hi_kev,
                total=parts[0][number] * data.source_exposure,
                components={
                    name: part[number] * data.source_exposure
                    for name, part in zip(additive, parts[1:] or parts, strict=True)
                },
            )
            for number, data in enumerate(self.datasets)
        )

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
                self._standing = self._told(watching.last, "not fitted")
            self._standing = replace(self._standing, status="stopped")
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
        if self._standing.status == "not fitted":
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
            ranges = {**self._standing.ranges, row: found}
            self._standing = replace(self._standing, ranges=ranges, delta=delta)
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
        if self._standing.status == "not fitted":
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
            picture.statistic[number] = _arrays(frame)[0]
            if watch is not None:
                watch(replace(picture, statistic=picture.statistic.copy()))

    # -- what comes out --------------------------------------------------------------------

    def flux(
        self, low_kev: float, high_kev: float, *, draws: int = 0, percent: float = 90.0
    ) -> tuple[BandFlux, ...]:
        """Model flux of every spectrum, by XSPEC's ``flux``.

        Parameters
        ----------
        low_kev, high_kev
            Band [keV].
        draws
            Parameters to draw from the covariance for a range.
        percent
            How much of the draws lies inside the range [%].

        Raises
        ------
        ParameterError
            If the band is empty.
        FitError
            If XSPEC cannot do it, or failed.
        """
        if not 0.0 <= low_kev < high_kev:
            raise ParameterError(
                "band", f"{low_kev:g} to {high_kev:g} keV: expected 0 <= low < high"
            )
        fitted = self._standing.status != "not fitted"
        trials = flux_trials(self.model, self._table, self._standing)
        places = tuple(
            tuple((*self._where(row), value) for row, value in trial.items())
            for trial in trials.values
        )
        request = ask.Flux(low_kev, high_kev, places, draws if fitted else 0, percent)
        arrays = _arrays(self._keeper.ask(request))
        band = (low_kev, high_kev)
        return flux_results(band, arrays, trials, len(self.datasets), percent, request.draws)

    def result(self, *, bands_kev: Sequence[tuple[float, float]] = ()) -> FitResult:
        """Everything known at the present values.

        Parameters
        ----------
        bands_kev
            Bands to give fluxes of [keV].
        """
        here = self._standing
        n_bins = tuple(data.n_bins for data in self.datasets)
        parameters = here.parameters(self._table)
        at_limit = [parameter.name for parameter in parameters if parameter.at_limit]
        notes = [note for data in self.datasets for note in data.notes]
        if at_limit:
            notes.append(f"at a limit: {', '.join(at_limit)}; its sigma is not to be trusted")
        return FitResult(
            expression=self.choice.expression,
            statistic_name=self.choice.statistic,
            statistic=here.statistic,
            dof=sum(n_bins) - len(self._table.free),
            n_bins=n_bins,
            parameters=parameters,
            covariance=tuple(tuple(map(float, row)) for row in here.covariance),
            fluxes=tuple(flux for low, high in bands_kev for flux in self.flux(low, high)),
            delta=here.delta,
            status=here.status,
            notes=tuple(dict.fromkeys(notes)),
        )

    def close(self) -> None:
        """Give XSPEC back for the next fit; one that was handed in stays its owner's."""
        if self._is_lent:
            HOME.give_back(self._keeper)


def _arrays(frame: Frame) -> list[Array]:
    return [np.frombuffer(piece, dtype=np.float64).copy() for piece in frame.arrays]
