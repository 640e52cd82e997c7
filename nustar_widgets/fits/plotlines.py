"""What the plot of a fit draws, as numbers: bins that stay, and what follows the model.

Everything is frozen. :func:`still` is made once for spectra and a choice; :func:`moving` is made
for every new set of parameters and does as little as it can.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import numpy as np

from nustar_widgets.engines.fit_threads import one_blas_thread
from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.plotdata import PlotBins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from nustar_widgets.engines.fitting import FitEngine
    from nustar_widgets.spectra.folding import SpectralData

    Array = NDArray[np.float64]

KINDS: Final = ("data", "counts", "eeufspec", "ufspec")
UNFOLDED: Final = ("eeufspec", "ufspec")
RESIDUALS: Final = ("delchi", "ratio", "resid", "none")
_SHOWN_BEYOND: Final = (0.5, 1.5)  # ignored bins are shown so far, in parts of the energies in use
_MOST_IGNORED: Final = 200  # of them; more are joined to be drawn


@runtime_checkable
class KnowsParts(Protocol):
    """An engine that also tells the photons of each component; plots fold them all at once."""

    def parts(self) -> tuple[dict[str, Array], ...]:
        """(n_energy,) each additive component of every spectrum, as the engine's ``photons``."""
        ...


@dataclass(frozen=True, kw_only=True)
class PlotChoice:
    """What the plot of a fit shows, in the words of XSPEC's ``plot`` and ``setplot``.

    Attributes
    ----------
    kind
        data, counts, eeufspec or ufspec.
    residual
        What the pane below shows: delchi, ratio, resid, or none for no pane.
    area
        Divide data and resid by the effective area.
    log_x, log_y
        Logarithmic axes.
    rebin
        Significance to reach [sigma] and most bins to join; for the display only.
    total, components
        Draw the model, and its additive components.
    background
        Draw the background expected in the source region; data only.
    """

    kind: str = "data"
    residual: str = "delchi"
    area: bool = False
    log_x: bool = True
    log_y: bool = True
    rebin: tuple[float, int] | None = None
    total: bool = True
    components: bool = True
    background: bool = True

    def __post_init__(self) -> None:
        for name, known in (("kind", KINDS), ("residual", RESIDUALS)):
            value = getattr(self, name)
            if value not in known:
                raise ParameterError(
                    f"plot {name}", f"{value!r}: expected one of {', '.join(known)}"
                )
        if self.rebin is not None and not (0.0 < self.rebin[0] < np.inf and self.rebin[1] >= 1):
            raise ParameterError(
                "plot rebin",
                f"{self.rebin[0]:g} sigma, at most {self.rebin[1]} bins: expected a significance "
                "above 0 and 1 bin or more",
            )

    @property
    def is_unfolded(self) -> bool:
        """Whether the points depend on the model."""
        return self.kind in UNFOLDED

    @property
    def unit(self) -> str:
        """Unit of the upper plot."""
        if self.kind == "data":
            return "counts cm⁻² s⁻¹ keV⁻¹" if self.area else "counts s⁻¹ keV⁻¹"
        return {
            "counts": "counts keV⁻¹",
            "ufspec": "photons cm⁻² s⁻¹ keV⁻¹",
            "eeufspec": "keV² (photons cm⁻² s⁻¹ keV⁻¹)",
        }[self.kind]

    @property
    def residual_label(self) -> str:
        """What the pane below shows; differences by their unit, for which there is just room."""
        if self.residual == "resid":
            return "cts cm⁻² s⁻¹ keV⁻¹" if self.area else "cts s⁻¹ keV⁻¹"
        return {"delchi": "(data-model)/error", "ratio": "data/model", "none": ""}[self.residual]


@dataclass(frozen=True, eq=False, kw_only=True)
class Points:
    """Points of one spectrum.

    Attributes
    ----------
    low_kev, high_kev
        (n,) edges of the bins [keV].
    y, error
        (n,) values and their errors, in the unit of the plot; NaN where there is no value.
    """

    low_kev: Array
    high_kev: Array
    y: Array
    error: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class StillSpectrum:
    """One spectrum, what stays while parameters move.

    Attributes
    ----------
    name
        As the legend says it.
    data
        The spectrum with the bins in use.
    bins, residual_bins
        Bins of the plot and of the pane below.
    points
        Points of the plot; ``None`` where they depend on the model.
    ignored
        Points of the bins that are not in use.
    background
        (n,) background expected among the counts, in the unit of the plot; ``None`` where there
        is none to show.
    """

    name: str
    data: SpectralData
    bins: PlotBins
    residual_bins: PlotBins
    points: Points | None
    ignored: Points | None
    background: Array | None


@dataclass(frozen=True, eq=False, kw_only=True)
class MovingSpectrum:
    """One spectrum, what follows the model.

    Attributes
    ----------
    total
        (n,) the model in the unit of the plot.
    components
        (n,) each additive component, by its name; empty where they are not to be had, as those of
        an unfolded plot from an engine that is not :class:`KnowsParts`.
    points
        Points of an unfolded plot; ``None`` where they do not depend on the model.
    residuals
        Points of the pane below; ``None`` without one.
    """

    total: Array
    components: Mapping[str, Array]
    points: Points | None
    residuals: Points | None


def still(
    datasets: Sequence[SpectralData],
    names: Sequence[str],
    choice: PlotChoice,
) -> tuple[StillSpectrum, ...]:
    """Make what stays while parameters move.

    Parameters
    ----------
    datasets
        The spectra with the bins in use.
    names
        Their names.
    choice
        What is shown.
    """
    return tuple(_still(data, name, choice) for data, name in zip(datasets, names, strict=True))


@one_blas_thread()
def moving(
    spectra: Sequence[StillSpectrum], engine: FitEngine, choice: PlotChoice
) -> tuple[MovingSpectrum, ...]:
    """Follow the model.

    Parameters
    ----------
    spectra
        What :func:`still` made of the spectra of the engine.
    engine
        Where the parameters are.
    choice
        What is shown.

    Raises
    ------
    ParameterError
        The engine has other spectra.
    """
    if [item.data.n_bins for item in spectra] != [data.n_bins for data in engine.datasets]:
        raise ParameterError("plot", "the fit has other spectra or bins: show its data first")
    models = _models(spectra, engine, choice)
    with np.errstate(all="ignore"):  # of an empty bin, or a model that is zero: NaN is no point
        return tuple(
            _moving(item, model, choice) for item, model in zip(spectra, models, strict=True)
        )


def noticed_kev(datasets: Sequence[SpectralData]) -> tuple[tuple[float, float], ...]:
    """Energies at which at least one spectrum has bins in use.

    Parameters
    ----------
    datasets
        The spectra.

    Returns
    -------
    tuple
        Lower and upper edge of each range [keV], ascending.
    """
    runs = sorted(run for data in datasets for run in _runs(data))
    found: list[tuple[float, float]] = []
    for low, high in runs:
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def _still(data: SpectralData, name: str, choice: PlotChoice) -> StillSpectrum:
    bins = PlotBins.of(data, choice.kind, area=choice.area, rebin=choice.rebin)
    residual = choice.residual if choice.residual != "none" else "delchi"
    is_shown = choice.background and choice.kind == "data" and data.background is not None
    return StillSpectrum(
        name=name,
        data=data,
        bins=bins,
        residual_bins=PlotBins.of(data, residual, area=choice.area, rebin=choice.rebin),
        points=None if choice.is_unfolded else _points(bins, choice.kind),
        ignored=None if choice.is_unfolded or not data.n_bins else _ignored(data, choice),
        background=bins.background / bins.width_kev if is_shown else None,
    )


def _ignored(data: SpectralData, choice: PlotChoice) -> Points | None:
    """Points of bins that are not in use; joined only so that they can be drawn."""
    low, high = _SHOWN_BEYOND[0] * data.lo_kev.min(), _SHOWN_BEYOND[1] * data.hi_kev.max()
    bins = data.all_bins
    unused = (bins.hi_kev > low) & (bins.lo_kev < high)
    unused[data.used] = False
    if not unused.any():
        return None
    rest = replace(data, noticed=unused)
    rebin = (np.inf, -(-int(unused.sum()) // _MOST_IGNORED))
    return _points(PlotBins.of(rest, choice.kind, area=choice.area, rebin=rebin), choice.kind)


def _points(bins: PlotBins, kind: str, **model: Array) -> Points:
    y, error, _ = bins.points(kind, **model)
    return Points(low_kev=bins.low_kev, high_kev=bins.high_kev, y=y, error=error)


@dataclass(frozen=True, eq=False)
class _Model:
    """Of one spectrum: photons/cm2/s, counts, and both of each component as far as known."""

    photons: Array
    counts: Array
    part_photons: Mapping[str, Array]
    part_counts: Mapping[str, Array]


def _models(
    spectra: Sequence[StillSpectrum], engine: FitEngine, choice: PlotChoice
) -> list[_Model]:
    photons = engine.photons()
    if not choice.components:
        return [_folded(item, each, {}) for item, each in zip(spectra, photons, strict=True)]
    if isinstance(engine, KnowsParts):
        together = zip(spectra, photons, engine.parts(), strict=True)
        return [_folded(item, each, parts) for item, each, parts in together]
    curves = zip(photons, engine.curves(), strict=True)
    return [_Model(each, curve.total, {}, curve.components) for each, curve in curves]


def _folded(item: StillSpectrum, photons: Array, parts: Mapping[str, Array]) -> _Model:
    """Fold a model and its components at once: fetching the matrix is what takes time."""
    if not item.data.n_bins:
        return _Model(photons, np.zeros(0), parts, dict.fromkeys(parts, np.zeros(0)))
    rows = np.stack([photons, *parts.values()]).astype(np.float32)
    counts = (item.data.matrix_single @ rows.T).T.astype(np.float64)
    return _Model(photons, counts[0], parts, dict(zip(parts, counts[1:], strict=True)))


def _moving(item: StillSpectrum, model: _Model, choice: PlotChoice) -> MovingSpectrum:
    bins, points, residuals = item.bins, None, None
    if choice.is_unfolded:
        given = {"counts": model.counts, "photons": model.photons}
        points = _points(bins, choice.kind, **given)
        total = bins.flux(choice.kind, model.photons)
        parts = {name: bins.flux(choice.kind, part) for name, part in model.part_photons.items()}
    else:
        total = bins.joined(model.counts) / bins.width_kev
        parts = {name: bins.joined(p) / bins.width_kev for name, p in model.part_counts.items()}
    if choice.residual != "none":
        residuals = _points(item.residual_bins, choice.residual, counts=model.counts)
    return MovingSpectrum(total=total, components=parts, points=points, residuals=residuals)


def _runs(data: SpectralData) -> list[tuple[float, float]]:
    """Edges of bins in use that stand side by side."""
    if not data.n_bins:
        return []
    breaks = np.flatnonzero(np.diff(data.used) > 1) + 1
    pieces = np.split(np.arange(data.n_bins), breaks)
    return [(float(data.lo_kev[p[0]]), float(data.hi_kev[p[-1]])) for p in pieces]
