"""Absorption cross sections: the table, its averaging over bins, and what it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import NeedsHeasoftError, ParameterError
from nustar_widgets.spectra.absorption import (
    ABUNDANCES,
    AbsorptionChoice,
    CrossSection,
    cross_section,
    table_origin,
)


def test_the_data_file_says_where_its_numbers_come_from() -> None:
    origin = table_origin()
    assert "XSPEC 12.9.1" in origin
    assert "Wilms, Allen & McCray 2000" in origin


@pytest.mark.parametrize("abundance", ABUNDANCES)
@pytest.mark.parametrize("model", ["tbabs", "ztbabs", "phabs"])
def test_every_abundance_table_is_there_and_falls_between_edges(model: str, abundance: str) -> None:
    section = cross_section(model, AbsorptionChoice(abundance=abundance))
    sigma = section.at(np.geomspace(8.5, 99.0, 500))
    assert np.all(np.diff(sigma) < 0)
    assert 1e-6 < sigma[-1] < sigma[0] < 0.1


def test_tbabs_has_the_iron_edge_of_verner_at_7_124_kev() -> None:
    section = cross_section("tbabs", AbsorptionChoice())
    below, above = section.at(np.array([7.120, 7.128]))
    assert above / below == pytest.approx(1.95, abs=0.15)


def test_dust_hides_some_atoms_from_x_rays() -> None:
    energies = np.geomspace(3.0, 20.0, 50)
    dusty = cross_section("tbabs", AbsorptionChoice()).at(energies)
    gas = cross_section("ztbabs", AbsorptionChoice()).at(energies)
    assert np.all(gas > dusty)
    assert np.max(gas / dusty) < 1.002


def test_a_bin_has_the_mean_cross_section_of_its_two_ends() -> None:
    section = cross_section("tbabs", AbsorptionChoice())
    edges = np.array([7.10, 7.14])
    assert section.bin_mean(edges)[0] == pytest.approx(section.at(edges).mean(), rel=1e-14)
    middle = section.at(np.array([7.12]))[0]
    assert abs(section.bin_mean(edges)[0] / middle - 1) > 0.3


def test_bcmc_is_taken_at_the_middle_of_a_bin() -> None:
    section = cross_section("phabs", AbsorptionChoice(cross_section="bcmc"))
    edges = np.array([3.0, 3.4])
    assert section.bin_mean(edges)[0] == pytest.approx(section.at(np.array([3.2]))[0], rel=1e-14)


def test_nothing_absorbs_above_100_kev() -> None:
    section = cross_section("tbabs", AbsorptionChoice())
    inside, across, beyond = section.bin_mean(np.array([98.0, 99.0, 101.0, 103.0]))
    assert across == pytest.approx(0.5 * section.at(np.array([99.0]))[0])
    assert inside > across > beyond == 0.0


@given(st.floats(-5, -1), st.floats(0.1, 10), st.floats(0.6, 90))
def test_interpolation_returns_a_power_law_exactly(
    slope: float, scale: float, energy: float
) -> None:
    knots = np.log(np.geomspace(0.5, 100, 7))
    section = CrossSection(log_energy=knots, log_sigma=np.log(scale) + slope * knots)
    assert section.at(np.array([energy]))[0] == pytest.approx(scale * energy**slope, rel=1e-10)


def test_bcmc_with_other_abundances_needs_heasoft() -> None:
    choice = AbsorptionChoice(abundance="aspl", cross_section="bcmc")
    with pytest.raises(NeedsHeasoftError, match=r"abundances aspl and cross sections bcmc.*vern"):
        cross_section("phabs", choice)


def test_unknown_tables_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match=r"abundance: 'solar' is not known: .*wilm, angr"):
        AbsorptionChoice(abundance="solar")
    with pytest.raises(ParameterError, match=r"cross_section: 'obcm' .* one of vern, bcmc"):
        AbsorptionChoice(cross_section="obcm")
