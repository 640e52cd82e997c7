"""Table models: interpolation, other bins, redshift, and files that are no tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.models import Model

if TYPE_CHECKING:
    from pathlib import Path

INDICES = np.array([1.0, 2.0, 3.0])
CUTOFFS = np.array([10.0, 100.0])
EDGES = np.array([2.0, 4.0, 8.0, 16.0])


def _spectrum(index: float, cutoff: float) -> list[float]:
    """Photons that are linear in the index and in the logarithm of the cutoff."""
    return [index + 10.0, 2.0 * index + np.log(cutoff), 3.0]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two interpolated parameters, the second logarithmic; rows in any order; a redshift."""
    rows = [(i, c) for c in CUTOFFS for i in INDICES][::-1]
    parameters = fits.BinTableHDU.from_columns(
        [
            fits.Column("NAME", "12A", array=["Gamma", "Ecut"]),
            fits.Column("METHOD", "J", array=[0, 1]),
            fits.Column("INITIAL", "E", array=[2.0, 50.0]),
            fits.Column("DELTA", "E", array=[0.01, -1.0]),
            fits.Column("MINIMUM", "E", array=[1.0, 10.0]),
            fits.Column("BOTTOM", "E", array=[1.0, 10.0]),
            fits.Column("TOP", "E", array=[3.0, 100.0]),
            fits.Column("MAXIMUM", "E", array=[3.0, 100.0]),
            fits.Column("NUMBVALS", "J", array=[3, 2]),
            fits.Column("VALUE", "3E", array=[INDICES, [*CUTOFFS, 0.0]]),
        ],
        name="PARAMETERS",
    )
    parameters.header["NINTPARM"] = 2
    parameters.header["NADDPARM"] = 0
    energies = fits.BinTableHDU.from_columns(
        [
            fits.Column("ENERG_LO", "E", array=EDGES[:-1]),
            fits.Column("ENERG_HI", "E", array=EDGES[1:]),
        ],
        name="ENERGIES",
    )
    spectra = fits.BinTableHDU.from_columns(
        [
            fits.Column("PARAMVAL", "2E", array=rows),
            fits.Column("INTPSPEC", "3E", array=[_spectrum(*row) for row in rows]),
        ],
        name="SPECTRA",
    )
    primary = fits.PrimaryHDU()
    primary.header["MODLNAME"] = "mytable"
    primary.header["REDSHIFT"] = True
    path = tmp_path / "table.fits"
    fits.HDUList([primary, parameters, energies, spectra]).writeto(path)
    return path


def test_a_table_has_the_parameters_its_file_names(table: Path) -> None:
    model = Model.parse(f"tbabs*atable{{{table}}}")
    names = [parameter.name for parameter in model.parameters]
    assert names[1:] == ["mytable.Gamma", "mytable.Ecut", "mytable.Redshift", "mytable.norm"]
    assert [p.spec.frozen for p in model.parameters[1:]] == [False, True, True, False]


@pytest.mark.parametrize(("index", "cutoff"), [(1.0, 10.0), (2.0, 100.0), (1.3, 30.0), (2.9, 99.0)])
def test_between_the_points_every_parameter_is_interpolated(
    table: Path, index: float, cutoff: float
) -> None:
    model = Model.parse(f"atable{{{table}}}")
    photons = model.evaluate(EDGES, (index, cutoff, 0.0, 2.0))
    assert photons == pytest.approx(2.0 * np.array(_spectrum(index, cutoff)), rel=1e-6)


def test_photons_are_shared_out_over_other_bins(table: Path) -> None:
    model = Model.parse(f"atable{{{table}}}")
    photons = model.evaluate(np.array([1.0, 3.0, 5.0, 20.0]), (1.0, 10.0, 0.0, 1.0))
    first, second, third = _spectrum(1.0, 10.0)
    expected = [first / 2, first / 2 + second / 4, 0.75 * second + third]
    assert photons == pytest.approx(expected, rel=1e-6)


def test_a_redshift_moves_the_spectrum_and_dilutes_it(table: Path) -> None:
    model = Model.parse(f"atable{{{table}}}")
    moved = model.evaluate(EDGES / 1.5, (2.0, 10.0, 0.5, 1.0))
    at_rest = model.evaluate(EDGES, (2.0, 10.0, 0.0, 1.0))
    assert moved == pytest.approx(at_rest / 1.5, rel=1e-6)


def test_a_multiplicative_table_is_averaged_and_one_outside(table: Path) -> None:
    model = Model.parse(f"mtable{{{table}}}*powerlaw")
    edges = np.array([1.0, 1.5, 2.0, 3.0, 6.0])
    flat = Model.parse("powerlaw").evaluate(edges, (0.0, 1.0))
    factor = model.evaluate(edges, (1.0, 10.0, 0.0, 0.0, 1.0)) / flat
    first, second, _ = _spectrum(1.0, 10.0)
    expected = [1.0, 1.0, first, (first + 2 * second) / 3]
    assert factor == pytest.approx(expected, rel=1e-6)


def test_an_exponential_table_is_an_optical_depth(table: Path) -> None:
    flat = Model.parse("powerlaw").evaluate(EDGES, (0.0, 1.0))
    photons = Model.parse(f"etable{{{table}}}*powerlaw").evaluate(EDGES, (1.0, 10.0, 0.0, 0.0, 1.0))
    assert -np.log(photons / flat) == pytest.approx(_spectrum(1.0, 10.0), rel=1e-6)


def test_a_missing_or_wrong_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"nowhere\.fits: no such table model"):
        Model.parse("atable{nowhere.fits}")
    other = tmp_path / "other.fits"
    fits.PrimaryHDU().writeto(other)
    with pytest.raises(InputFileError, match=r"other\.fits: not a table model .*92-009"):
        Model.parse(f"atable{{{other}}}")
