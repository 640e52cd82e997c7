"""Spectra of both modules drawn from a model, with the responses of the simulated sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.simulate import SimulatedObservation
from nustar_widgets.spectra.arf import read_arf
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.grouping import group
from nustar_widgets.spectra.loading import read_rmf_once
from nustar_widgets.spectra.models import Model
from nustar_widgets.spectra.pha import Spectrum
from nustar_widgets.spectra.response import Response


def drawn_pair(
    sample: SimulatedObservation,
    expression: str,
    values: dict[str, float],
    *,
    exposure_s: float = 3e4,
    seed: int = 3,
) -> tuple[SpectralData, SpectralData]:
    """Return spectra of FPMA and FPMB drawn from a model, 30 counts a bin or more, 3-79 keV."""
    made = [
        _drawn(sample, module, expression, values, (exposure_s, seed + number))
        for number, module in enumerate("AB")
    ]
    return made[0], replace(made[1], number=2)


def _drawn(
    sample: SimulatedObservation,
    module: str,
    expression: str,
    values: dict[str, float],
    how: tuple[float, int],
) -> SpectralData:
    arf = next(sample.path.rglob(f"*{module}01_sr.arf"))
    response = Response(read_rmf_once(arf.with_suffix(".rmf")), read_arf(arf))
    n = response.rmf.n_channels
    empty = Spectrum(
        channel=np.arange(n, dtype=np.int32), counts=np.zeros(n, int), exposure_s=how[0]
    )
    data = SpectralData(spectrum=empty, response=response)
    model = Model.parse(expression)
    row = [values.get(parameter.name, parameter.spec.default) for parameter in model.parameters]
    counts = np.random.default_rng(how[1]).poisson(data.fold(model.evaluate(data.edges_kev, row)))
    grouped = group(replace(empty, counts=counts), "min", 30.0, minchannel=35, maxchannel=1934)
    return data.with_spectrum(grouped).ignore("**-3.0 79.01-**")


def at(choice: FitChoice, values: dict[str, float]) -> FitChoice:
    """Return a choice that begins at given values."""
    known = {item.name: item for item in choice.parameters}
    for name, value in values.items():
        known[name] = replace(known.get(name, ParameterChoice(name=name)), value=value)
    return replace(choice, parameters=tuple(known.values()))
