"""Whether a spectrum, its background and its response belong together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nustar_widgets.errors import InputFileError

if TYPE_CHECKING:
    from nustar_widgets.spectra.pha import Spectrum
    from nustar_widgets.spectra.response import Response


def check_spectrum(spectrum: Spectrum, response: Response) -> None:
    """Refuse a spectrum that its response is not made for, or without exposure.

    Parameters
    ----------
    spectrum
        Source region.
    response
        RMF and ARF.

    Raises
    ------
    InputFileError
        Naming what does not fit.
    """
    _check_exposure(spectrum, "spectrum")
    rmf = response.rmf
    if spectrum.n_channels != rmf.n_channels:
        raise InputFileError(
            spectrum.path or "spectrum",
            f"it has {spectrum.n_channels} channels (DETCHANS), the RMF "
            f"{rmf.path.name if rmf.path else 'in memory'} has {rmf.n_channels}",
            "Expected a response made for this spectrum.",
        )
    first = int(spectrum.channel[0]) - spectrum.first_channel
    consecutive = np.array_equal(np.diff(spectrum.channel), np.ones(spectrum.channel.size - 1))
    if not consecutive or first < 0 or first + spectrum.channel.size > rmf.n_channels:
        raise InputFileError(
            spectrum.path or "spectrum",
            f"its CHANNEL column runs from {spectrum.channel[0]} to {spectrum.channel[-1]}",
            f"Expected consecutive channels among the {rmf.n_channels} from "
            f"{spectrum.first_channel}.",
        )


def check_background(spectrum: Spectrum, background: Spectrum) -> None:
    """Refuse a background of other channels than the source's, or without exposure.

    Parameters
    ----------
    spectrum
        Source region.
    background
        Background region.

    Raises
    ------
    InputFileError
        Naming what does not fit.
    """
    _check_exposure(background, "background")
    if background.counts.size != spectrum.counts.size:
        raise InputFileError(
            background.path or "background",
            f"it has {background.counts.size} channels, the source spectrum {spectrum.counts.size}",
            "Expected a background extracted with the same channels.",
        )


def _check_exposure(spectrum: Spectrum, what: str) -> None:
    if not 0.0 < spectrum.exposure_s < math.inf:
        raise InputFileError(
            spectrum.path or what,
            f"exposure {spectrum.exposure_s:g} s",
            "Expected seconds above 0: without them counts are no rate.",
        )
