"""The same fit in Sherpa, stock: its own folding, minimiser, ``conf`` and ``reg_proj``.

Sherpa without XSPEC has no tbabs, so it gets a user model with our cross sections, and the ARF on
the energies of the RMF, where XSPEC and this package evaluate models. Then both minimise the very
same function, which ``fitting`` checks before it times anything.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sherpa.astro.data import DataARF, DataPHA
from sherpa.astro.instrument import Response1D
from sherpa.astro.io import read_rmf
from sherpa.data import DataSimulFit
from sherpa.estmethods import Confidence
from sherpa.fit import Fit
from sherpa.models import ArithmeticModel, Parameter, PowLaw1D, Scale1D, SimulFitModel
from sherpa.optmethods import LevMar
from sherpa.plot import RegionProjection
from sherpa.stats import Chi2XspecVar

from nustar_widgets.spectra.absorption import AbsorptionChoice, cross_section
from nustar_widgets.spectra.folding import SpectralData

if TYPE_CHECKING:
    from numpy.typing import NDArray

logging.getLogger("sherpa").setLevel(logging.ERROR)  # it tells every step of conf

SIGMA_90 = 1.644853627  # standard deviations of a two-sided 90 % range


class TBabs(ArithmeticModel):  # type: ignore[misc]
    """Absorption, XSPEC's TBabs from our own table."""

    def __init__(self, name: str = "tbabs") -> None:
        self.nh = Parameter(name, "nh", 1.0, 0.0, 100.0)
        self._sigma: NDArray[np.float64] | None = None
        super().__init__(name, (self.nh,))

    def calc(self, p: Any, x: Any, xhi: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Transmission of every bin."""
        if self._sigma is None or self._sigma.size != x.size:
            edges = np.append(x, xhi[-1])
            self._sigma = cross_section("tbabs", AbsorptionChoice()).bin_mean(edges)
        return np.exp(-p[0] * self._sigma)


class SherpaFit:
    """A joint fit of two spectra.

    Parameters
    ----------
    datasets
        FPMA and FPMB.
    rmf_path
        Their redistribution matrix.
    """

    def __init__(self, datasets: Sequence[SpectralData], rmf_path: Path) -> None:
        rmf = read_rmf(str(rmf_path))
        absorption, power_law = TBabs(), PowLaw1D("pl")
        factors = [Scale1D(f"factor{number}") for number in (1, 2)]
        for factor in factors:
            factor.integrate = False  # a factor, not a density
        factors[0].c0.freeze()
        self._parameters = {
            "TBabs.nH": absorption.nh,
            "powerlaw.PhoIndex": power_law.gamma,
            "powerlaw.norm": power_law.ampl,
            "constant.factor[2]": factors[1].c0,
        }
        spectra = [_pha(data, rmf) for data in datasets]
        models = [
            Response1D(pha)(factor * absorption * power_law)
            for pha, factor in zip(spectra, factors, strict=True)
        ]
        self._fit = Fit(
            DataSimulFit("pair", tuple(spectra)),
            SimulFitModel("pair", tuple(models)),
            stat=Chi2XspecVar(),
            method=LevMar(),
            estmethod=Confidence(),
        )
        self._fit.estmethod.sigma = SIGMA_90

    @property
    def n_bins(self) -> int:
        """Bins in use, both spectra."""
        return int(self._fit.data.to_fit(None)[0].size)

    def set(self, values: Mapping[str, float]) -> None:
        """Put parameters at given values."""
        for name, value in values.items():
            self._parameters[name].val = value

    def statistic(self) -> float:
        """Chi-squared at the present values."""
        return float(self._fit.calc_stat())

    def fit(self) -> float:
        """Minimise; return chi-squared."""
        return float(self._fit.fit().statval)

    def errors(self) -> dict[str, tuple[float, float]]:
        """90 % ranges, by our names; NaN where ``conf`` found no end."""
        found = self._fit.est_errors()
        ranges = zip(found.parvals, found.parmins, found.parmaxes, strict=True)
        names = {parameter.fullname: name for name, parameter in self._parameters.items()}
        return {
            names[fullname]: (best + (low or np.nan), best + (high or np.nan))
            for fullname, (best, low, high) in zip(found.parnames, ranges, strict=True)
        }

    def contour(
        self, name_x: str, name_y: str, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(n_y, n_x) chi-squared over two parameters, by ``reg_proj``."""
        projection = RegionProjection()
        projection.prepare(
            fast=True,
            min=(x[0], y[0]), max=(x[-1], y[-1]), nloop=(x.size, y.size),
        )  # fmt: skip
        projection.calc(self._fit, self._parameters[name_x], self._parameters[name_y])
        return np.asarray(projection.y).reshape(y.size, x.size)


def _pha(data: SpectralData, rmf: Any) -> DataPHA:
    spectrum, background, arf = data.spectrum, data.background, data.response.arf
    assert background is not None  # the pair has both
    assert arf is not None
    source = DataPHA(
        f"spectrum {data.number}", spectrum.channel, spectrum.counts,
        exposure=spectrum.exposure_s, backscal=spectrum.backscal,
        grouping=spectrum.grouping, quality=np.zeros_like(spectrum.channel),
    )  # fmt: skip
    area = DataARF("area", rmf.energ_lo, rmf.energ_hi, np.asarray(arf.specresp, float))
    source.set_response(area, rmf)
    blank = DataPHA(
        f"background {data.number}", background.channel, background.counts,
        exposure=background.exposure_s, backscal=background.backscal,
    )  # fmt: skip
    source.set_background(blank)
    source.subtract()
    source.set_analysis("energy")
    source.notice(data.lo_kev[0] + 1e-3, data.hi_kev[-1] - 1e-3)
    return source
