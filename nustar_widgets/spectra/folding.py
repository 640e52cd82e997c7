"""One spectrum ready to fit: its bins, its counts and the matrix that folds a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.errors import SelectionError
from nustar_widgets.spectra.belonging import check_background, check_spectrum
from nustar_widgets.spectra.binning import Binning
from nustar_widgets.spectra.selection import Bins, select
from nustar_widgets.spectra.weights import rate_variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nustar_widgets.spectra.pha import Spectrum
    from nustar_widgets.spectra.response import Response

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class SpectralData:
    """One spectrum with its background and response, and the bins in use.

    Nothing in it changes: `ignore` and `notice` give a new one. Arrays have one entry per bin in
    use unless their name says ``all_``. EXPOSURE, BACKSCAL and AREASCAL are rounded to single
    precision before use because XSPEC does so, which moves chi-squared in its seventh digit.

    Attributes
    ----------
    spectrum
        Source region.
    response
        RMF and ARF.
    background
        Background region, or ``None``.
    noticed
        (n_all,) bins in use; ``None`` at the start: all.
    number
        Number of the spectrum in a joint fit, from 1.
    notes
        What the user should know, for example a response of the other module.
    """

    spectrum: Spectrum
    response: Response
    background: Spectrum | None = None
    noticed: NDArray[np.bool_] | None = None
    number: int = 1
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_spectrum(self.spectrum, self.response)
        if self.background is not None:
            check_background(self.spectrum, self.background)

    # -- bins ------------------------------------------------------------------------------

    @cached_property
    def binning(self) -> Binning:
        """Bins of the spectrum, from its GROUPING and QUALITY."""
        return Binning.from_flags(
            self.spectrum.counts.size,
            grouping=self.spectrum.grouping,
            quality=self.spectrum.quality,
        )

    @cached_property
    def all_bins(self) -> Bins:
        """Edges and quality of every bin, in use or not."""
        offset = self.channel_offset
        return Bins(
            lo_kev=self.response.rmf.e_min[self.binning.first + offset],
            hi_kev=self.response.rmf.e_max[self.binning.last + offset],
            bad=self.binning.bad,
            spectrum_number=self.number,
        )

    @cached_property
    def used(self) -> NDArray[np.intp]:
        """(n_bins,) zero-based numbers of the bins in use."""
        noticed = np.ones(self.binning.n_bins, bool) if self.noticed is None else self.noticed
        return np.flatnonzero(noticed)

    @property
    def n_bins(self) -> int:
        """Number of bins in use."""
        return int(self.used.size)

    @cached_property
    def lo_kev(self) -> Array:
        """(n_bins,) lower edges [keV]."""
        return self.all_bins.lo_kev[self.used]

    @cached_property
    def hi_kev(self) -> Array:
        """(n_bins,) upper edges [keV]."""
        return self.all_bins.hi_kev[self.used]

    def ignore(self, *commands: str) -> SpectralData:
        """Take bins out of use, in XSPEC's words.

        Parameters
        ----------
        commands
            ``"bad"``, ``"**-3.0 79.0-**"``, ``"1-35"``: see `nustar_widgets.spectra.selection`.

        Raises
        ------
        ParameterError
            A range that cannot be read.
        """
        return self._selected(commands, notice=False)

    def notice(self, *commands: str) -> SpectralData:
        """Take bins into use, in XSPEC's words; see `ignore`. ``"all"`` brings back bad ones.

        Parameters
        ----------
        commands
            Ranges.
        """
        return self._selected(commands, notice=True)

    def _selected(self, commands: tuple[str, ...], *, notice: bool) -> SpectralData:
        noticed = np.zeros(self.binning.n_bins, bool)
        noticed[self.used] = True
        return replace(self, noticed=select(noticed, self.all_bins, commands, notice=notice))

    def with_spectrum(self, spectrum: Spectrum) -> SpectralData:
        """Return the same background and response with the spectrum grouped anew.

        Parameters
        ----------
        spectrum
            The spectrum with another GROUPING. All its bins are in use, because bin numbers and
            ranges mean something else now.
        """
        return replace(self, spectrum=spectrum, noticed=None)

    def without_background(self) -> SpectralData:
        """Return the same spectrum with no background."""
        return replace(self, background=None)

    def with_counts(self, source: Array, background: Array | None = None) -> SpectralData:
        """Return the same bins and response with other counts, as a simulation needs them.

        Parameters
        ----------
        source
            (n_bins,) counts of the bins in use. All counts of a bin go into its first channel:
            no statistic sees channels, but the result is not to be grouped anew.
        background
            (n_bins,) counts of the background region, where there is one.
        """
        changed = replace(
            self,
            spectrum=replace(self.spectrum, counts=self._placed(source), stat_err=None),
            background=None
            if self.background is None or background is None
            else replace(self.background, counts=self._placed(background), stat_err=None),
        )
        kept = {name: self.__dict__[name] for name in _SAME_BINS if name in self.__dict__}
        changed.__dict__.update(kept)  # what bins and response alone decide
        return changed

    def _placed(self, counts: Array) -> Array:
        placed = np.zeros(self.spectrum.counts.size)
        placed[self.binning.first[self.used]] = counts
        return placed

    # -- counts ----------------------------------------------------------------------------

    @cached_property
    def source_counts(self) -> Array:
        """(n_bins,) counts in the source region."""
        return self._all_source[self.used]

    @cached_property
    def background_counts(self) -> Array | None:
        """(n_bins,) counts in the background region, or ``None`` without a background."""
        return None if self._all_background is None else self._all_background[self.used]

    @property
    def exposure_s(self) -> float:
        """Livetime of the source spectrum [s]."""
        return _single(self.spectrum.exposure_s)

    @cached_property
    def source_exposure(self) -> Array:
        """(n_bins,) livetime times AREASCAL [s]: counts over this are XSPEC's rates."""
        return self._all_source_exposure[self.used]

    @cached_property
    def background_exposure(self) -> Array | None:
        """(n_bins,) livetime times AREASCAL of the background times the ratio of BACKSCAL [s]."""
        exposure = self._all_background_exposure
        return None if exposure is None else exposure[self.used]

    @cached_property
    def alpha(self) -> Array | None:
        """(n_bins,) background counts times this are expected in the source region."""
        exposure = self.background_exposure
        return None if exposure is None else self.source_exposure / exposure

    @cached_property
    def net_counts(self) -> Array:
        """(n_bins,) source counts less the background expected among them."""
        if self.background_counts is None or self.alpha is None:
            return self.source_counts
        return self.source_counts - self.alpha * self.background_counts

    def variance(self, weight: str = "standard") -> Array:
        """Variance of the net counts.

        Parameters
        ----------
        weight
            XSPEC's ``weight``: standard, gehrels or churazov.

        Returns
        -------
        NDArray
            (n_bins,) variance [counts^2], zero in a bin without any counts.
        """
        total = self._source_rate_variance(weight)
        counts, exposure = self._all_background, self._all_background_exposure
        if self.background is not None and counts is not None and exposure is not None:
            rate = counts * (self._per_second(self.background) / self._area_ratio)
            total = total + rate_variance(rate, exposure, weight)
        return (total * self._all_source_exposure**2)[self.used]

    def _source_rate_variance(self, weight: str) -> Array:
        exposure = self._all_source_exposure
        rate = self._all_source * self._per_second(self.spectrum)
        if weight in ("gehrels", "churazov"):
            return rate_variance(rate, exposure, weight)
        if self.spectrum.stat_err is not None:
            statistical = self.binning.sum(self.spectrum.stat_err**2) / exposure**2
        else:
            statistical = rate_variance(rate, exposure, weight)
        return statistical + (self._systematic * rate) ** 2

    @cached_property
    def _systematic(self) -> Array:
        """SYS_ERR of a bin: the largest of its channels', applied to the total rate as in XSPEC."""
        fraction = np.broadcast_to(self.spectrum.sys_err, self.spectrum.counts.shape)
        return self.binning.maximum(np.asarray(fraction, np.float64))

    @cached_property
    def _all_source(self) -> Array:
        return self.binning.sum(self.spectrum.counts)

    @cached_property
    def _all_background(self) -> Array | None:
        return None if self.background is None else self.binning.sum(self.background.counts)

    @cached_property
    def _all_source_exposure(self) -> Array:
        return _scale(self.binning, self.spectrum, "areascal") * self.exposure_s

    @cached_property
    def _all_background_exposure(self) -> Array | None:
        if self.background is None:
            return None
        area = _scale(self.binning, self.background, "areascal")
        return area * _single(self.background.exposure_s) * self._area_ratio

    @cached_property
    def _area_ratio(self) -> Array:
        """BACKSCAL of the background over that of the source, ones without a background."""
        source = _scale(self.binning, self.spectrum, "backscal")
        background = self.background or self.spectrum
        return _scale(self.binning, background, "backscal") / source

    def _per_second(self, spectrum: Spectrum) -> Array:
        """Factor from counts to rate, multiplied in XSPEC's order because the last bit matters."""
        per_area = 1.0 / _scale(self.binning, spectrum, "areascal")
        return per_area / _single(spectrum.exposure_s)

    # -- folding ---------------------------------------------------------------------------

    @property
    def edges_kev(self) -> Array:
        """(n_energy + 1,) photon energies to evaluate a model on [keV]."""
        return self.response.edges_kev

    @property
    def full_edges_kev(self) -> Array:
        """Photon energies of the whole RMF [keV]; a model on them is cut by `model_rows`."""
        return self.response.rmf.edges_kev

    @property
    def model_rows(self) -> slice:
        """Where `edges_kev` lies in `full_edges_kev`."""
        return self.response.rows

    @cached_property
    def matrix(self) -> Array:
        """(n_bins, n_energy) counts per photon/cm2/s: response times exposure times AREASCAL."""
        if not self.n_bins:
            raise SelectionError(
                f"{self.spectrum.name}: no bin is in use: notice an energy range that holds some"
            )
        place = np.full(self.binning.n_bins, -1)
        place[self.used] = np.arange(self.n_bins)
        belongs = np.full(self.response.rmf.n_channels, -1)
        kept = np.flatnonzero(self.binning.bin_of_channel >= 0)
        belongs[kept + self.channel_offset] = place[self.binning.bin_of_channel[kept]]
        matrix = self.response.grouped(belongs, self.n_bins)
        matrix *= self.source_exposure[:, np.newaxis]
        return matrix

    @cached_property
    def matrix_single(self) -> NDArray[np.float32]:
        """`matrix` in single precision: twice as fast, chi-squared off by 1e-6 of itself."""
        return self.matrix.astype(np.float32)

    def fold(self, photons: Array) -> Array:
        """Predict the counts of a model.

        Parameters
        ----------
        photons
            (n_energy,) photons/cm2/s in each bin of `edges_kev`.

        Returns
        -------
        NDArray
            (n_bins,) counts in the source region, background not included.
        """
        return self.matrix @ photons

    def fold_fast(self, photons: Array) -> Array:
        """Predict the counts in single precision, for a curve that follows a slider; see `fold`.

        Parameters
        ----------
        photons
            (n_energy,) photons/cm2/s in each bin of `edges_kev`.
        """
        return (self.matrix_single @ photons.astype(np.float32)).astype(np.float64)

    @property
    def channel_offset(self) -> int:
        """Index of the spectrum's first channel among the channels of the RMF."""
        return int(self.spectrum.channel[0]) - self.spectrum.first_channel


_SAME_BINS = (
    "binning", "all_bins", "used", "lo_kev", "hi_kev", "matrix", "matrix_single", "source_exposure",
    "background_exposure", "alpha", "_systematic", "_all_source_exposure",
    "_all_background_exposure", "_area_ratio",
)  # fmt: skip


def _single(value: float) -> float:
    """Round a number to XSPEC's single precision."""
    return float(np.float32(value))


def _scale(binning: Binning, spectrum: Spectrum, name: str) -> Array:
    """AREASCAL or BACKSCAL of each bin, rounded as XSPEC rounds it."""
    stored = np.asarray(getattr(spectrum, name), np.float32)
    return binning.area_scale(stored.astype(np.float64), spectrum.counts)
