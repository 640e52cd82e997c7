"""A model in XSPEC, over spectra it has loaded: where its parameters are, and what it predicts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.engines.fit_rivals import data_key
from nustar_widgets.engines.fitting import NOT_FITTED, ModelCurve
from nustar_widgets.engines.xspec import messages as ask
from nustar_widgets.engines.xspec.home import HOME, xspec_environment
from nustar_widgets.engines.xspec.keeper import RefusedError
from nustar_widgets.engines.xspec.outcome import Standing
from nustar_widgets.engines.xspec.setup import defined, settings
from nustar_widgets.engines.xspec.staging import stage
from nustar_widgets.errors import FitError, SelectionError
from nustar_widgets.spectra.modelspec import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.xspec.frames import Frame
    from nustar_widgets.engines.xspec.keeper import Keeper
    from nustar_widgets.session.values import FitChoice
    from nustar_widgets.spectra.folding import SpectralData
    from nustar_widgets.spectra.models import Model

    Array: TypeAlias = NDArray[np.float64]
    Stop: TypeAlias = Callable[[], bool]


class LoadedModel:
    """A model of XSPEC; see :class:`~nustar_widgets.engines.fit_xspec.XspecFit` for arguments.

    Parameters
    ----------
    datasets, choice, weight, environ, local_models, keeper
        What is fitted, and by which XSPEC.
    """

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
        load = stage(self.datasets, keeper.folder)
        self._files = load.files
        self._check_bins(keeper.ask(load).message.get("n_bins"))
        model, components = defined(keeper, choice, local_models)
        table = ParameterTable(model, len(self.datasets), choice.parameters)
        answer = keeper.ask(
            ask.Configure(choice.statistic, weight, settings(table, components)),
        ).message
        self._standing = Standing.told(answer, table, NOT_FITTED)
        return model, table

    def _check_bins(self, found: Any) -> None:
        expected = [data.n_bins for data in self.datasets]
        if found != expected:
            raise FitError(
                f"XSPEC has {found} bins in use where there should be {expected}: it reads the "
                "grouping or the ranges of these spectra another way"
            )

    @cached_property
    def data_key(self) -> str:
        """Same for engines with the same bins and counts."""
        return data_key(self.datasets)

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
        self._standing = self._told(answer, NOT_FITTED)

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
        arrays = arrays_of(self._keeper.ask(ask.Photons()))
        sizes = [data.full_edges_kev.size - 1 for data in self.datasets]
        if [found.size for found in arrays] != sizes:
            raise FitError("XSPEC evaluates the model on other energies than the response's")
        return tuple(
            found[data.model_rows] for found, data in zip(arrays, self.datasets, strict=True)
        )

    def parts(self) -> tuple[dict[str, Array], ...]:
        """(n_energy,) each additive component of every spectrum, by name, as :meth:`photons`."""
        norms = self._norms()
        arrays = arrays_of(self._keeper.ask(ask.Parts(tuple(norms.values()))))
        n = len(self.datasets)
        return tuple(
            {name: arrays[n * place + number][data.model_rows] for place, name in enumerate(norms)}
            for number, data in enumerate(self.datasets)
        )

    def _norms(self) -> dict[str, int]:
        """Place of the norm of every additive component."""
        additive = [c.name for c in self.model.components if c.kind is Kind.ADDITIVE]
        return {n: self._where(self._table.place(f"{n}.norm"))[1] for n in additive}

    def counts(self) -> tuple[Array, ...]:
        """(n_bins,) predicted counts of every spectrum at the present values."""
        return tuple(curve.total for curve in self.curves())

    def curves(self) -> tuple[ModelCurve, ...]:
        """Folded model of every spectrum and of each of its additive components."""
        norms = self._norms()
        arrays = arrays_of(self._keeper.ask(ask.Folded(tuple(norms.values()))))
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
                    for name, part in zip(norms, parts[1:] or parts, strict=True)
                },
            )
            for number, data in enumerate(self.datasets)
        )

    def close(self) -> None:
        """Give XSPEC back for the next fit; one that was handed in stays its owner's."""
        if self._is_lent:
            HOME.give_back(self._keeper)


def arrays_of(frame: Frame) -> list[Array]:
    """Arrays of an answer."""
    return [np.frombuffer(piece, dtype=np.float64).copy() for piece in frame.arrays]
