from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.plotdata import energy_flux_curve, plot_data
from tests.spectra.builders import spectral_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nustar_widgets.spectra.folding import SpectralData


def photons(data: SpectralData) -> np.ndarray[Any, np.dtype[np.float64]]:
    return 0.01 * np.diff(data.edges_kev) / data.edges_kev[1:]


def test_data_are_net_counts_per_second_and_kev() -> None:
    data = spectral_data()
    plot = plot_data(data, "data")
    assert np.allclose(plot.y, data.net_counts / 1000 / (data.hi_kev - data.lo_kev))
    assert np.allclose(plot.y_error, np.sqrt(data.variance()) / 1000 / (2 * plot.x_error))
    assert plot.model is None


def test_joined_bins_reach_the_significance_or_the_number_and_lose_no_counts() -> None:
    data = spectral_data()
    plot = plot_data(data, "counts", rebin=(8.0, 6))
    low, high = plot.x - plot.x_error, plot.x + plot.x_error
    members = np.rint((high - low) / 0.4)
    assert members.sum() == data.n_bins
    assert (members <= 6).all()
    assert np.allclose(low[1:], high[:-1])
    enough = plot.y / plot.y_error >= 8
    assert (enough | (members == 6))[:-1].all()
    assert (plot.y * (high - low)).sum() == pytest.approx(data.net_counts.sum())


def test_unfolded_data_scatter_about_the_unfolded_model_as_the_data_do_about_theirs() -> None:
    data = spectral_data()
    model = photons(data)
    ratio = plot_data(data, "ratio", photons=model)
    unfolded = plot_data(data, "eeufspec", photons=model)
    assert unfolded.model is not None
    inside = data.hi_kev < data.edges_kev[-1]  # there is no model where there is no area
    scatter = unfolded.y[inside] / unfolded.model[inside]
    assert np.allclose(scatter, ratio.y[inside])


def test_area_divides_by_what_the_channels_see_of_the_telescope() -> None:
    data = spectral_data()
    plain, divided = plot_data(data, "data"), plot_data(data, "data", area=True)
    assert np.allclose(plain.y / divided.y, data.response.channel_area())


def test_the_energy_flux_is_photon_flux_times_both_edges() -> None:
    x, y = energy_flux_curve(np.array([2.0, 4.0, 5.0]), np.array([6.0, 1.0]))
    assert x.tolist() == [3.0, 4.5]
    assert y.tolist() == [24.0, 20.0]


def test_a_plot_that_needs_a_model_says_so() -> None:
    with pytest.raises(
        ParameterError, match="'ratio' compares with a model: give photons or counts"
    ):
        plot_data(spectral_data(), "ratio")
    with pytest.raises(ParameterError, match="'chisq': expected one of data, ldata"):
        plot_data(spectral_data(), "chisq")


def test_every_plot_xspec_made_has_the_same_numbers(
    shared: Path, real_data: Callable[[str], SpectralData]
) -> None:
    folder = shared / "fixtures/spectra"
    record = json.loads((folder / "plot_values.json").read_text())
    stored = np.load(folder / "plot_values.npz")
    compared = set()
    for number, file in enumerate(record["files"], 1):
        data = real_data(file).ignore(*record["ignore"])
        edges = data.full_edges_kev
        # XSPEC's own model, from its plot of it: E1 E2 N(E).
        energy_flux = stored[f"eemodel_rebin_{number}_model"]
        model = energy_flux / (edges[:-1] * edges[1:]) * np.diff(edges)
        for name, plot in record["plots"].items():
            wanted = {
                part: stored[f"{name}_{number}_{part}"]
                for part in ("x", "xErr", "y", "yErr", "model", "background")
                if f"{name}_{number}_{part}" in stored.files
            }
            if plot["kind"] == "eemodel":
                x, y = energy_flux_curve(edges, model)
                got: dict[str, Any] = {"x": x, "xErr": np.diff(edges) / 2, "model": y}
            else:
                got = xspec_names(data, plot, model[data.model_rows])
            assert set(wanted) == {part for part, values in got.items() if values is not None}
            for part, values in wanted.items():
                compare(got[part], values, area=plot["area"] and part in ("y", "yErr", "model"))
                compared.add(f"{name}_{number}_{part}")
    assert compared == set(stored.files)


def xspec_names(data: SpectralData, plot: dict[str, Any], model: Any) -> dict[str, Any]:
    rebin = tuple(plot["setRebin"]) if plot["setRebin"] else None
    got = plot_data(
        data,
        plot["kind"],
        photons=model,
        area=plot["area"],
        background=plot["background"],
        rebin=rebin,
    )
    return {
        "x": got.x,
        "xErr": got.x_error,
        "y": got.y,
        "yErr": got.y_error,
        "model": got.model,
        "background": got.background,
    }


def compare(got: Any, wanted: Any, *, area: bool) -> None:
    """To 1e-9; areas agree to 3e-5 only, a constant factor whose cause in XSPEC is not known."""
    assert got.shape == wanted.shape
    smallest = 1e-12 * np.abs(wanted).max()  # differences of nearly equal numbers
    assert np.allclose(got, wanted, rtol=3e-5 if area else 1e-9, atol=smallest)
