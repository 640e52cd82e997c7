from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nustar_widgets.errors import InputFileError, SelectionError
from nustar_widgets.spectra.fitstatistic import Statistic
from nustar_widgets.spectra.folding import SpectralData
from nustar_widgets.spectra.loading import load
from nustar_widgets.spectra.response import Response
from tests.spectra.builders import (
    N_CHANNELS,
    a_background,
    a_spectrum,
    an_arf,
    an_rmf,
    spectral_data,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GROUPS_OF_FOUR = np.where(np.arange(N_CHANNELS) % 4, -1, 1).astype(np.int16)


def a_model(data: SpectralData) -> np.ndarray[Any, np.dtype[np.float64]]:
    low, high = data.edges_kev[:-1], data.edges_kev[1:]
    return 0.01 * (low**-0.8 - high**-0.8)


def test_folding_is_rmf_times_arf_times_exposure_summed_over_each_bin() -> None:
    data = spectral_data(spectrum=a_spectrum(grouping=GROUPS_OF_FOUR, areascal=0.9))
    everywhere = np.zeros(data.full_edges_kev.size - 1)
    everywhere[data.model_rows] = a_model(data)
    channels = (everywhere * an_arf().specresp) @ an_rmf().dense().astype(float)
    expected = channels.reshape(-1, 4).sum(axis=1) * 1000.0 * np.float32(0.9)
    assert np.allclose(data.fold(a_model(data)), expected, rtol=1e-12)


def test_folding_in_single_precision_is_good_to_a_millionth() -> None:
    data = spectral_data()
    model = a_model(data)
    assert np.allclose(data.fold_fast(model), data.fold(model), rtol=3e-6)


def test_energies_without_effective_area_are_not_asked_of_the_model() -> None:
    data = spectral_data()
    assert data.model_rows == slice(0, 44)
    assert data.edges_kev[-1] == an_rmf().edges_kev[44]


def test_the_model_is_evaluated_on_the_energies_of_the_rmf_not_of_the_arf() -> None:
    arf = an_arf()
    shifted = replace(arf, energ_lo=arf.energ_lo + 1e-5, energ_hi=arf.energ_hi + 1e-5)
    data = spectral_data(response=Response(an_rmf(), shifted))
    assert np.array_equal(data.edges_kev, an_rmf().edges_kev[:45])


def test_ignoring_cuts_counts_edges_and_matrix_alike() -> None:
    data = spectral_data(spectrum=a_spectrum(grouping=GROUPS_OF_FOUR))
    cut = data.ignore("1-5 11-**")
    assert cut.n_bins == 5
    assert np.array_equal(cut.source_counts, data.source_counts[5:10])
    assert np.array_equal(cut.lo_kev, data.lo_kev[5:10])
    assert np.allclose(cut.matrix, data.matrix[5:10], rtol=1e-14)
    assert data.n_bins == 15  # the one it came from is as it was


def test_noticing_again_gives_back_what_was_ignored() -> None:
    data = spectral_data().ignore("1-30")
    assert data.notice("11-20").used.tolist() == [*range(10, 20), *range(30, 60)]


def test_the_net_counts_and_their_variance_scale_the_background_by_time_and_area() -> None:
    data = spectral_data()
    source, background = a_spectrum().counts, a_background().counts
    assert data.alpha == pytest.approx(1000 * 0.004 / (2000 * 0.016), rel=1e-6)
    assert np.allclose(data.net_counts, source - background / 8, rtol=1e-5)
    assert np.allclose(data.variance(), source + background / 64, rtol=1e-5)


def test_the_systematic_error_of_a_bin_is_the_largest_and_applies_to_the_total_counts() -> None:
    fraction = np.where(np.arange(N_CHANNELS) % 4 == 1, 0.05, 0.02)
    spectrum = a_spectrum(grouping=GROUPS_OF_FOUR, sys_err=fraction)
    data = spectral_data(spectrum=spectrum, background=None)
    total = spectrum.counts.reshape(-1, 4).sum(axis=1)
    assert np.allclose(data.variance(), total + (0.05 * total) ** 2)


def test_stored_errors_are_used_where_the_file_does_not_ask_for_poisson_errors() -> None:
    error = np.full(N_CHANNELS, 3.0)
    spectrum = a_spectrum(grouping=GROUPS_OF_FOUR, stat_err=error)
    assert np.allclose(spectral_data(spectrum=spectrum, background=None).variance(), 36.0)


def test_without_background_there_is_no_alpha_and_net_is_total() -> None:
    data = spectral_data().without_background()
    assert data.alpha is None
    assert data.background_exposure is None
    assert np.array_equal(data.net_counts, data.source_counts)


def test_a_new_grouping_starts_with_all_bins_in_use() -> None:
    data = spectral_data().ignore("1-30")
    again = data.with_spectrum(a_spectrum(grouping=GROUPS_OF_FOUR))
    assert again.n_bins == 15
    assert again.background is data.background


def test_exposure_is_rounded_to_single_precision_as_in_xspec() -> None:
    data = spectral_data(spectrum=a_spectrum(exposure_s=127218.9761344678))
    assert data.exposure_s == 127218.9765625


def test_a_selection_without_bins_is_told_when_it_is_folded() -> None:
    data = spectral_data().ignore("**")
    assert data.n_bins == 0
    with pytest.raises(SelectionError, match=r"spectrum: no bin is in use: notice an energy"):
        data.fold(a_model(data))


def test_a_response_with_other_channels_is_refused() -> None:
    with pytest.raises(
        InputFileError, match=r"has 12 channels \(DETCHANS\), the RMF in memory has"
    ):
        spectral_data(spectrum=a_spectrum(np.ones(12, int)), background=None)


def test_a_background_with_other_channels_is_refused() -> None:
    with pytest.raises(InputFileError, match="it has 12 channels, the source spectrum 60"):
        spectral_data(background=a_background(np.ones(12, int)))


def test_channels_that_are_not_consecutive_are_refused() -> None:
    channel = np.arange(N_CHANNELS, dtype=np.int32)
    channel[-1] += 3
    with pytest.raises(InputFileError, match="its CHANNEL column runs from 0 to 62"):
        spectral_data(spectrum=a_spectrum(channel=channel))


def test_a_spectrum_of_some_of_the_channels_is_folded_with_these() -> None:
    some = a_spectrum(
        np.arange(1, 21),
        channel=np.arange(15, 35, dtype=np.int32),
        n_channels=N_CHANNELS,
    )
    data = spectral_data(spectrum=some, background=None)
    whole = spectral_data()
    assert np.array_equal(data.lo_kev, whole.lo_kev[15:35])
    assert np.allclose(data.fold(a_model(data)), whole.fold(a_model(whole))[15:35], rtol=1e-14)


def test_counting_channels_from_one_changes_nothing() -> None:
    from_one = a_spectrum(channel=np.arange(1, N_CHANNELS + 1, dtype=np.int32), first_channel=1)
    data = spectral_data(spectrum=from_one, response=Response(an_rmf(first_channel=1), an_arf()))
    assert np.array_equal(data.matrix, spectral_data().matrix)


# -- against XSPEC 12.9.1: every record of folding.json --------------------------------------


@pytest.mark.parametrize(("file", "stored"), [("min20", "grouped"), ("ungr", "ungrouped")])
def test_the_edges_of_all_bins_are_xspecs(
    file: str, stored: str, shared: Path, real_data: Callable[[str], SpectralData]
) -> None:
    bins = real_data(f"nu60001047003A01_sr_{file}.pha").all_bins
    edges = np.load(shared / "fixtures/spectra/bin_edges.npz")[stored]
    assert np.array_equal(np.stack([bins.lo_kev, bins.hi_kev], axis=1), edges)


def test_xspecs_simulated_spectra_have_the_bins_and_rates_it_found(
    shared: Path, real_folder: Path, real_rmf: Path
) -> None:
    folder = shared / "fixtures/spectra"
    for fake in json.loads((folder / "fakes.json").read_text()):
        assert len(fake["fits"]) >= 2
        for fit in fake["fits"].values():
            background = folder / "fake2_dev_bkg.pha" if fit["background_used"] else None
            data = load(
                folder / fit["file"], arf=real_folder / fake["arf"], rmf=real_rmf,
                background=background,
            ).ignore(*fit["ignore"])  # fmt: skip
            assert data.n_bins == fit["n_noticed"]
            assert [data.lo_kev[0], data.hi_kev[0]] == fit["first_bin_keV"]
            assert [data.lo_kev[-1], data.hi_kev[-1]] == fit["last_bin_keV"]
            rate = data.net_counts.sum() / data.exposure_s
            error = np.sqrt(data.variance().sum()) / data.exposure_s
            assert [rate, error] == pytest.approx(fit["rate"][:2], rel=1e-9)


# Records without model values of their own use those of a record with the same model and
# parameters: the photon energies do not depend on the grouping.
SAME_MODEL = {
    "60001047003AB_ungr": "60001047003AB_min20",
    "60001047005AB_ungr": "60001047005AB_min20",
    "60001047005B_ungr": "60001047005B_min20",
}
RECORDS = (
    "60001047003A_min20", "60001047003B_min20", "60001047003AB_min20", "60001047003AB_ungr",
    "60001047005A_min20", "60001047005B_min20", "60001047005AB_min20", "60001047005A_ungr",
    "60001047005B_ungr", "60001047005AB_ungr",
)  # fmt: skip


def test_every_record_is_compared(shared: Path) -> None:
    assert set(json.loads((shared / "fixtures/spectra/folding.json").read_text())) == set(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_folding_rates_and_statistics_are_xspecs(
    name: str, shared: Path, real_data: Callable[[str], SpectralData]
) -> None:
    record = json.loads((shared / "fixtures/spectra/folding.json").read_text())[name]
    stored = np.load(shared / "fixtures/spectra/folding.npz")
    totals = dict.fromkeys(record["statistic"], 0.0)
    for number, file in enumerate(record["files"], 1):
        data = real_data(file).ignore(*record["ignore"])
        photons = stored[f"{SAME_MODEL.get(name, name)}_model_values_{number}"]
        assert np.array_equal(data.full_edges_kev, stored["model_edges_keV"])
        model = data.fold(photons[data.model_rows])
        if name not in SAME_MODEL:
            compare_with_stored(data, model, {
                key.removeprefix(f"{name}_").removesuffix(f"_{number}"): stored[key]
                for key in stored.files
                if key.startswith(f"{name}_") and key.endswith(f"_{number}")
            })  # fmt: skip
        for label in totals:
            totals[label] += statistic(data, label, model)
    for label, value in record["statistic"].items():
        # XSPEC leaves out terms below exp(-20) of the largest in L, hence not 1e-12 for all.
        assert totals[label] == pytest.approx(value, rel=1e-6 if label == "lstat" else 1e-12)


def compare_with_stored(data: SpectralData, model: Any, stored: dict[str, Any]) -> None:
    seconds = data.source_exposure
    assert data.background_exposure is not None
    assert data.background_counts is not None
    assert np.array_equal(data.used + 1, stored["noticed"])
    assert np.array_equal(np.stack([data.lo_kev, data.hi_kev], axis=1), stored["bin_keV"])
    assert np.allclose(model / seconds, stored["folded"], rtol=1e-12, atol=0)
    assert np.allclose(data.source_counts / seconds, stored["data_rate"], rtol=1e-12, atol=0)
    total = data.without_background()
    assert np.allclose(total.variance() / seconds**2, stored["data_variance"], rtol=1e-12, atol=0)
    rate = data.background_counts / data.background_exposure
    assert np.allclose(rate, stored["bkg_rate"], rtol=1e-12, atol=0)
    variance = rate / data.background_exposure
    assert np.allclose(variance, stored["bkg_variance"], rtol=1e-12, atol=0)


def statistic(data: SpectralData, label: str, model: Any) -> float:
    """One of the statistics of a record, by the label it has there."""
    name, _, option = label.partition(", ")
    if option == "background removed":
        data = data.without_background()
    weight = option.removeprefix("weight ") if option.startswith("weight") else "standard"
    return Statistic.bind(data, name, weight=weight).value(model)
