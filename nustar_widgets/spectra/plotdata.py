"""The numbers of XSPEC's ``plot``, without the plot.

Conventions, each checked against XSPEC 12.9.1: x is the arithmetic middle of a bin; y is net of
background; ``setplot area`` divides by the mean over the bin's channels of the column sums of
ARF x RMF, not by the ARF; ``setplot rebin m n`` joins bins until net/error reaches m or n bins
are joined, and never across the end of the spectrum; ``eeufspec`` multiplies the mean photon flux
of a bin by its lower and its upper edge; unfolded data are data/model times unfolded model.
Not checked against XSPEC, but so that a bin is as wide as what is in it: no bins are joined
across bins that are not in use.
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
class PlotBins:
    """Bins of one spectrum as a plot joins them: all that does not change with the model.

    Attributes
    ----------
    data
        The spectrum.
    low_kev, high_kev
        (n,) edges of the bins that are plotted [keV].
    net, variance, background
        (n,) net counts, their variance and the background expected among the counts, divided by
        what the plot divides by.
    per
        (n_bins,) what counts are divided by: nothing, or seconds, or seconds times cm2.
    starts
        (n,) first bin of each that is plotted; ``None`` where none are joined.
    """

    data: SpectralData
    low_kev: Array
    high_kev: Array
    net: Array
    variance: Array
    background: Array
    per: Array
    starts: NDArray[np.intp] | None

    @classmethod
    def of(
        cls,
        data: SpectralData,
        kind: str,
        *,
        area: bool = False,
        rebin: tuple[float, int] | None = None,
    ) -> PlotBins:
        """Make the bins of one of XSPEC's plots; see :func:`plot_data`.

        Parameters
        ----------
        data
            The spectrum.
        kind
            One of :data:`KINDS`.
        area, rebin
            XSPEC's ``setplot``.
        """
        per = np.ones(data.n_bins) if kind in ("counts", "lcounts") else data.source_exposure
        if area and kind in PER_AREA:
            per = per * data.binning.mean(_channel_area(data))[data.used]
        net, variance = data.net_counts / per, data.variance() / per**2
        starts = None if rebin is None else _starts(net, variance, rebin, np.diff(data.used) > 1)
        return cls(
            data=data,
            low_kev=data.lo_kev if starts is None else data.lo_kev[starts],
            high_kev=_ends(data.hi_kev, starts),
            net=_joined(net, starts),
            variance=_joined(variance, starts),
            background=_joined(_expected(data) / per, starts),
            per=per,
            starts=starts,
        )

    @property
    def width_kev(self) -> Array:
        """(n,) widths of the bins [keV]."""
        return self.high_kev - self.low_kev

    def joined(self, counts: Array) -> Array:
        """Predicted counts as the plot joins and divides them.

        Parameters
        ----------
        counts
            (n_bins,) counts.
        """
        return _joined(counts / self.per, self.starts)

    def flux(self, kind: str, photons: Array) -> Array:
        """Mean flux of a model in the bins.

        Photons are counted between the nominal edges of each bin; inside a model bin they are
        spread evenly.

        Parameters
        ----------
        kind
            ufspec [photons/cm2/s/keV] or eeufspec [keV photons/cm2/s].
        photons
            (n_energy,) photons/cm2/s in each bin of ``data.edges_kev``.
        """
        running = np.concatenate([[0.0], np.cumsum(photons)])
        edges = self.data.edges_kev
        upper, lower = (np.interp(e, edges, running) for e in (self.high_kev, self.low_kev))
        factor = self.low_kev * self.high_kev if kind == "eeufspec" else 1.0
        return np.asarray((upper - lower) / self.width_kev * factor, np.float64)

    def points(
        self, kind: str, *, counts: Array | None = None, photons: Array | None = None
    ) -> tuple[Array, Array, Array | None]:
        """Points, their errors and the curve.

        Parameters
        ----------
        kind
            One of :data:`KINDS`, the one the bins were made for.
        counts
            (n_bins,) predicted counts; ``None`` without a model.
        photons
            (n_energy,) the model, for ufspec and eeufspec.

        Raises
        ------
        ParameterError
            The kind needs a model and has none.
        """
        if counts is None:
            if kind in NEED_MODEL:
                raise ParameterError(
                    "plot", f"{kind!r} compares with a model: give photons or counts"
                )
            return self.net / self.width_kev, np.sqrt(self.variance) / self.width_kev, None
        error, model = np.sqrt(self.variance), self.joined(counts)
        if kind == "ratio":
            return self.net / model, error / model, None
        if kind == "delchi":
            return (self.net - model) / error, np.ones(error.size), None
        if kind == "resid":
            return (self.net - model) / self.width_kev, error / self.width_kev, None
        if kind in ("ufspec", "eeufspec"):
            if photons is None:
                raise ParameterError("plot", f"{kind!r} unfolds with a model: give photons")
            flux = self.flux(kind, photons)
            return self.net / model * flux, error / model * flux, flux
        return self.net / self.width_kev, error / self.width_kev, model / self.width_kev


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
    bins = PlotBins.of(data, kind, area=area, rebin=rebin)
    folded = None if photons is None else data.fold(photons)
    y, y_error, model = bins.points(kind, counts=folded, photons=photons)
    return PlotData(
        x=(bins.low_kev + bins.high_kev) / 2,
        x_error=bins.width_kev / 2,
        y=y,
        y_error=y_error,
        model=model,
        background=bins.background / bins.width_kev if background else None,
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


def _expected(data: SpectralData) -> Array:
    """Background expected in the source region [counts]."""
    if data.alpha is None or data.background_counts is None:
        return np.zeros(data.n_bins)
    return data.alpha * data.background_counts


def _starts(
    net: Array, variance: Array, rebin: tuple[float, int], gaps: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """First bins of the groups that `rebin` makes; what is left before a gap is a group too."""
    significance, most = rebin
    starts, first, signal, noise = [], 0, 0.0, 0.0
    ends_run = [*gaps.tolist(), True]
    for place, (value, spread) in enumerate(zip(net.tolist(), variance.tolist(), strict=True)):
        signal, noise = signal + value, noise + spread
        is_full = signal >= significance * noise**0.5 or place - first + 1 >= most
        if is_full or ends_run[place]:
            starts.append(first)
            first, signal, noise = place + 1, 0.0, 0.0
    return np.array(starts, dtype=np.intp)


def _joined(values: Array, starts: NDArray[np.intp] | None) -> Array:
    if starts is None or not values.size:
        return values
    return np.asarray(np.add.reduceat(values, starts), np.float64)


def _ends(high: Array, starts: NDArray[np.intp] | None) -> Array:
    """Upper edges of the bins that are plotted."""
    if starts is None or not high.size:
        return high
    ends: Array = high[np.append(starts[1:], high.size) - 1]
    return ends
