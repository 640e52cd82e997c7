"""Fits XSPEC 12.9.1 made, made again by the engine that asks XSPEC.

On the stand-in this shows that spectra, bins, limits, statistics and results pass through the
process unharmed; ``pytest -m heasoft`` asks the real XSPEC where PyXspec imports.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nustar_widgets.engines.fit_xspec import XspecFit, xspec_problem
from nustar_widgets.engines.xspec.home import xspec_environment
from nustar_widgets.engines.xspec.keeper import Keeper
from tests.engines.test_fits_against_xspec import N_FITS, _file, _fits, recorded
from tests.standins.xspechere import environment

SOME = range(0, N_FITS, 9)
"""Every ninth: all models, both statistics, one and two spectra are among them."""

NEWER = 0.2
"""A newer XSPEC may stop this far from the minimum of 12.9.1."""


@pytest.fixture(
    scope="module", params=["stand-in", pytest.param("real", marks=pytest.mark.heasoft)]
)
def keeper(request: pytest.FixtureRequest) -> Iterator[Keeper]:
    """Return one XSPEC process for all of them."""
    environ = environment()
    if request.param == "real":
        if problem := xspec_problem():
            pytest.skip(problem)
        environ = xspec_environment(os.environ)
    kept = Keeper(environ)
    yield kept
    kept.close()


@pytest.mark.parametrize("number", SOME)
def test_a_stored_fit_is_reproduced(shared: Path, keeper: Keeper, number: int) -> None:
    _, record = _fits(shared)[number]
    engine = XspecFit(*recorded(shared, record), keeper=keeper)
    result = engine.fit()
    assert list(result.n_bins) == [spectrum["n_noticed"] for spectrum in record["spectra"]]
    assert result.dof == record["dof"]
    assert result.statistic < record["statistic"] + NEWER
    limited = record.get("at_limit") or []
    for name, best in record["best"].items():
        sigma = record["sigma"][name]
        assert abs(result[name].value - best) < 0.1 * sigma or name in limited, name
    _compare_fluxes(record, engine)
    _compare_ranges(record, engine)
    engine.set(record["best"])
    assert engine.statistic() == pytest.approx(record["statistic"], abs=5e-3)


def _compare_fluxes(record: dict[str, Any], engine: XspecFit) -> None:
    for band, per_spectrum in record["flux"].items():
        low, high = map(float, band.split("-"))
        for mine, expected in zip(engine.flux(low, high), per_spectrum, strict=True):
            assert mine.energy == pytest.approx(expected["energy_flux_erg_cm2_s"], rel=1e-3)
            assert mine.photons == pytest.approx(expected["photon_flux_ph_cm2_s"], rel=1e-3)


def _compare_ranges(record: dict[str, Any], engine: XspecFit) -> None:
    for name, expected in list((record.get("err90") or {}).items())[:1]:
        result = engine.errors([name])
        width = expected["hi"] - expected["lo"]
        assert result[name].error_low == pytest.approx(expected["lo"], abs=0.05 * width)
        assert result[name].error_high == pytest.approx(expected["hi"], abs=0.05 * width)
        assert result[name].status == expected["status"]


def test_a_stored_grid_of_the_statistic_is_reproduced_row_by_row(
    shared: Path, keeper: Keeper
) -> None:
    record = next(record for _, record in _fits(shared) if record.get("steppar"))
    grid = record["steppar"]
    engine = XspecFit(*recorded(shared, record), keeper=keeper)
    engine.fit()
    shape = (grid["n"], grid["n"])
    x, y = np.reshape(grid["x"], shape)[0], np.reshape(grid["y"], shape)[:, 0]
    contour = engine.contour(grid["par_x"], grid["par_y"], x=x, y=y[:3])
    expected = np.reshape(grid["statistic"], shape)[:3]
    assert contour.statistic == pytest.approx(expected, abs=NEWER)


def test_what_is_compared_has_all_that_matters(shared: Path) -> None:
    records = [_fits(shared)[number][1] for number in SOME]
    assert {len(record["files"]) for record in records} == {1, 2}
    assert {record["statistic_method"].split()[0] for record in records} >= {"chi", "cstat"}
    assert any(record.get("err90") for record in records)
    assert len(_file(shared, "fits.json")["fits"]) == N_FITS
