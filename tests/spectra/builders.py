"""Small spectra and responses made on the spot, so that no test needs real files to be useful."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.ogip import Arf, Rmf, Spectrum, write_arf, write_pha, write_rmf
from nustar_widgets.spectra.response import Response

if TYPE_CHECKING:
    from numpy.typing import NDArray

N_CHANNELS = 60
N_ENERGIES = 50
FIRST_KEV = 1.6
CHANNEL_KEV = 0.4


def an_rmf(*, first_channel: int = 0, instrument: str = "FPMA") -> Rmf:
    """Gaussian lines of 1.6 channels sigma, cut at 5 sigma, and a faint tail down to channel 0."""
    energy = np.linspace(FIRST_KEV, FIRST_KEV + N_CHANNELS * CHANNEL_KEV, N_ENERGIES + 1)
    channel = FIRST_KEV + CHANNEL_KEV * np.arange(N_CHANNELS + 1)
    middle_energy = (energy[1:] + energy[:-1]) / 2
    middle_channel = (channel[1:] + channel[:-1]) / 2
    off = (middle_channel - middle_energy[:, np.newaxis]) / (1.6 * CHANNEL_KEV)
    matrix = np.where(abs(off) < 5, np.exp(-0.5 * off**2), 0.0)
    matrix[20:, ::7] += 1e-4
    matrix /= matrix.sum(axis=1, keepdims=True)
    single = channel.astype(np.float32).astype(np.float64)
    edges = energy.astype(np.float32).astype(np.float64)
    return Rmf.from_dense(
        matrix.astype(np.float32),
        energ_lo=edges[:-1],
        energ_hi=edges[1:],
        e_min=single[:-1],
        e_max=single[1:],
        first_channel=first_channel,
        instrument=instrument,
    )


def an_arf(*, instrument: str = "FPMA", dark_from: int = 44) -> Arf:
    """An area that rises, falls and is zero from one energy bin on, as NuSTAR's above 80 keV."""
    rmf = an_rmf()
    area = 400.0 * np.exp(-(((np.arange(N_ENERGIES) - 18) / 14.0) ** 2))
    area[dark_from:] = 0.0
    return Arf(
        energ_lo=rmf.energ_lo,
        energ_hi=rmf.energ_hi,
        specresp=area.astype(np.float32).astype(np.float64),
        instrument=instrument,
    )


def a_spectrum(counts: NDArray[Any] | None = None, **fields: Any) -> Spectrum:
    """A source spectrum with a Poisson realisation of a falling continuum."""
    if counts is None:
        counts = np.random.default_rng(7).poisson(80 * np.exp(-np.arange(N_CHANNELS) / 18.0))
    counts = np.asarray(counts)
    given: dict[str, Any] = {
        "channel": np.arange(counts.size, dtype=np.int32),
        "counts": counts,
        "exposure_s": 1000.0,
        "backscal": 0.004,
        "n_channels": counts.size,
        "instrument": "FPMA",
    }
    return Spectrum(**(given | fields))


def a_background(counts: NDArray[Any] | None = None, **fields: Any) -> Spectrum:
    """A background of twice the exposure and four times the area."""
    if counts is None:
        counts = np.random.default_rng(8).poisson(30 * np.exp(-np.arange(N_CHANNELS) / 25.0))
    return a_spectrum(counts, **({"exposure_s": 2000.0, "backscal": 0.016} | fields))


def spectral_data(**fields: Any) -> SpectralData:
    """A spectrum with background and response, all bins in use."""
    given: dict[str, Any] = {
        "spectrum": a_spectrum(),
        "background": a_background(),
        "response": Response(an_rmf(), an_arf()),
    }
    return SpectralData(**(given | fields))


def write_observation(folder: Path, **fields: Any) -> Path:
    """Write a spectrum, background, ARF and RMF that name each other; return the spectrum."""
    write_rmf(folder / "a.rmf", an_rmf())
    write_arf(folder / "a.arf", an_arf())
    write_pha(folder / "a_bk.pha", a_background())
    names = {
        "background_file": Path("a_bk.pha"),
        "arf_file": Path("a.arf"),
        "rmf_file": Path("a.rmf"),
    }
    return write_pha(folder / "a.pha", a_spectrum(**(names | fields)))
