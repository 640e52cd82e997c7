"""Engines of a fit: which one is made, and when a change needs another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import FitEngine, FitResult, FitTable
from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.session.values import FitChoice
from nustar_widgets.spectra.folding import SpectralData

Start = Callable[[Callable[[], None]], None]
MakeEngine = Callable[[Sequence[SpectralData], FitChoice], FitEngine]


def make_engine(datasets: Sequence[SpectralData], choice: FitChoice) -> FitEngine:
    """Return the engine a choice asks for, with its spectra and its model.

    Parameters
    ----------
    datasets
        The spectra, with the bins in use.
    choice
        Model, parameters, statistic, engine.

    Raises
    ------
    NustarWidgetsError
        The model cannot be read, or there is no such engine here.
    """
    if choice.engine == "xspec":
        from nustar_widgets.engines.fit_xspec import XspecFit  # noqa: PLC0415  # starts XSPEC

        return XspecFit(datasets, choice)
    return EmbeddedFit(datasets, choice)


def fitted_apart(
    make: MakeEngine,
    datasets: Sequence[SpectralData],
    choice: FitChoice,
    *,
    stop: Callable[[], bool],
) -> FitResult:
    """Return the fit of an engine of its own, which ends with it.

    Parameters
    ----------
    make
        Makes the engine.
    datasets, choice
        What it fits.
    stop
        Whether to end early.

    Raises
    ------
    NustarWidgetsError
        As ``make_engine``, or the fit failed.
    """
    engine = make(datasets, choice)
    try:
        return engine.fit(stop=stop)
    finally:
        engine.close()


def table_of(engine: FitEngine, choice: FitChoice) -> FitTable | None:
    """Return the parameters as a choice has them; ``None`` where it does not fit the model."""
    try:
        return engine.table.retold(choice.parameters)
    except NustarWidgetsError:
        return None


def frame_of(table: FitTable) -> tuple[tuple[str, float, float, bool, str | None], ...]:
    """Return all of a table but the values."""
    return tuple((row.name, row.min, row.max, row.frozen, row.link) for row in table.rows)


def on_a_thread(work: Callable[[], None]) -> None:
    """Make an engine that takes long to start beside the kernel."""
    threading.Thread(target=work, daemon=True, name="nustar_widgets fit engine").start()
