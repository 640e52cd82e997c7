"""The numbers of XSPEC's ``plot``, without the plot.

Conventions, each checked against XSPEC 12.9.1: x is the arithmetic middle of a bin; y is net of
background; ``setplot area`` divides by the mean over the bin's channels of the column sums of
ARF x RMF, not by the ARF; ``setplot rebin m n`` joins bins until net/error reaches m or n bins
are joined, and never across the end of the spectrum; ``eeufspec`` multiplies the mean photon flux
of a bin by its lower and its upper edge; unfolded data are data/model times unfolded model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nustar_widgets.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.spectra.folding import SpectralData

    Array = NDArray[np.float64]

KINDS: Final = (
    "data", "ldata", "counts", "lcounts", "resid", "ratio", "delchi", "ufspec", "eeufspec",
)  # fmt: skip
NEED_MODEL: Final = ("resid", "ratio", "delchi", "ufspec", "eeufspec")
PER_AREA: Final = ("data", "ldata", "resid")


@dataclass(frozen=True, eq=False, kw_only=True)
class PlotData:
    """Points and curves of one spectrum.

    Attributes
    ----------
    x, x_error
        (n,) middle and half width of the bins [keV].
    y, y_error
        (n,) points: counts/s/keV for data and resid (per cm2 with area), counts/keV for counts,
        photons/cm2/s/keV for ufspec, keV photons/cm2/s for eeufspec, no unit for ratio and
        delchi.
    model
        (n,) the model in the same units; ``None`` where the plot shows none.
    background
        (n,) background expected among the counts, where asked for.
    """

    x: Array
    x_error: Array
    y: Array
    y_error: Array
    model: Array | None = None
    background: Array | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class _Sums:
    """Per plotted bin: edges, net counts, variance, model counts, background, photons."""

    low: Array
    high: Array
    net: Array
    variance: Array
    model: Array
    background: Array
    photons: Array

    @property
    def width(self) -> Array:
        return self.high - self.low


def plot_data(
    data: SpectralData,
    kind: str,
    *,
    photons: Array | None = None,
    area: bool = False,
    background: bool = False,
    rebin: tuple[float, int] | None = None,
) -> PlotData:
    """Points of one of XSPEC's plots.

    Parameters
    ----------
    data
        The spectrum.
    kind
        One of data, ldata, counts, lcounts, resid, ratio, delchi, ufspec, eeufspec.
    photons
        (n_energy,) model on `data.edges_kev` [photons/cm2/s per bin]; ``None`` for points alone.
    area
        XSPEC's ``setplot area``; changes data, ldata and resid only.
    background
        Add the expected background of data and ldata.
    rebin
        XSPEC's ``setplot rebin``: significance to reach, and the most bins to join.

    Raises
    ------
    ParameterError
        The kind is unknown, or needs a model and has none.
    """
    if kind not in KINDS:
        raise ParameterError("plot", f"{kind!r}: expected one of {', '.join(KINDS)}")
    if photons is None and kind in NEED_MODEL:
        raise ParameterError("plot", f"{kind!r} compares with a model: give photons")
    per_second = data.source_exposure if kind not in ("counts", "lcounts") else np.ones(data.n_bins)
    if area and kind in PER_AREA:
        per_second = per_second * data.binning.mean(_channel_area(data))[data.used]
    sums = _sums(data, photons, per_second)
    if rebin is not None:
        sums = _joined(sums, _starts(sums.net, sums.variance, rebin))
    points = _points(kind, sums, with_model=photons is not None)
    return PlotData(
        x=(sums.low + sums.high) / 2,
        x_error=sums.width / 2,
        y=points[0],
        y_error=points[1],
        model=points[2],
        background=sums.background / sums.width if background else None,
    )


def energy_flux_curve(edges_kev: Array, photons: Array) -> tuple[Array, Array]:
    """XSPEC's ``eemodel``: E^2 N(E) on the model's own energies.

    Parameters
    ----------
    edges_kev
        (n_energy + 1,) energy bins [keV].
    photons
        (n_energy,) photons/cm2/s in each.

    Returns
    -------
    tuple of NDArray
        (n_energy,) middle energies [keV] and lower edge times upper edge times photon flux
        density [keV photons/cm2/s].
    """
    low, high = edges_kev[:-1], edges_kev[1:]
    return (low + high) / 2, photons / (high - low) * (low * high)


def _channel_area(data: SpectralData) -> Array:
    offset = data.channel_offset
    return data.response.channel_area()[offset : offset + data.spectrum.counts.size]


def _sums(data: SpectralData, photons: Array | None, per: Array) -> _Sums:
    nothing = np.zeros(data.n_bins)
    expected = (
        nothing
        if data.alpha is None or data.background_counts is None
        else data.alpha * data.background_counts
    )
    return _Sums(
        low=data.lo_kev,
        high=data.hi_kev,
        net=data.net_counts / per,
        variance=data.variance() / per**2,
        model=nothing if photons is None else data.fold(photons) / per,
        background=expected / per,
        photons=nothing if photons is None else _photons_in_bins(data, photons),
    )


def _photons_in_bins(data: SpectralData, photons: Array) -> Array:
    """Photons between the nominal edges of each bin; inside a model bin they are spread evenly."""
    running = np.concatenate([[0.0], np.cumsum(photons)])
    upper, lower = (np.interp(edge, data.edges_kev, running) for edge in (data.hi_kev, data.lo_kev))
    return np.asarray(upper - lower, np.float64)


def _starts(net: Array, variance: Array, rebin: tuple[float, int]) -> NDArray[np.intp]:
    """First bins of the groups that `rebin` makes; what is left at the end is a group too."""
    significance, most = rebin
    starts, first, signal, noise = [], 0, 0.0, 0.0
    for place, (value, spread) in enumerate(zip(net.tolist(), variance.tolist(), strict=True)):
        signal, noise = signal + value, noise + spread
        if signal >= significance * noise**0.5 or place - first + 1 >= most:
            starts.append(first)
            first, signal, noise = place + 1, 0.0, 0.0
    if first < net.size:
        starts.append(first)
    return np.array(starts, dtype=np.intp)


def _joined(sums: _Sums, starts: NDArray[np.intp]) -> _Sums:
    ends = np.append(starts[1:], sums.low.size) - 1
    return _Sums(
        low=sums.low[starts],
        high=sums.high[ends],
        net=np.add.reduceat(sums.net, starts),
        variance=np.add.reduceat(sums.variance, starts),
        model=np.add.reduceat(sums.model, starts),
        background=np.add.reduceat(sums.background, starts),
        photons=np.add.reduceat(sums.photons, starts),
    )


def _points(kind: str, sums: _Sums, *, with_model: bool) -> tuple[Array, Array, Array | None]:
    """Points, their errors and the curve."""
    error = np.sqrt(sums.variance)
    if kind == "ratio":
        return sums.net / sums.model, error / sums.model, None
    if kind == "delchi":
        return (sums.net - sums.model) / error, np.ones(error.size), None
    if kind == "resid":
        return (sums.net - sums.model) / sums.width, error / sums.width, None
    if kind in ("ufspec", "eeufspec"):
        flux = sums.photons / sums.width * (sums.low * sums.high if kind == "eeufspec" else 1.0)
        return sums.net / sums.model * flux, error / sums.model * flux, flux
    curve = sums.model / sums.width if with_model else None
    return sums.net / sums.width, error / sums.width, curve
