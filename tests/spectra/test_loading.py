from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.loading import load
from nustar_widgets.spectra.ogip import write_arf, write_pha, write_rmf
from tests.spectra.builders import a_spectrum, an_arf, an_rmf, spectral_data, write_observation

if TYPE_CHECKING:
    from pathlib import Path


def test_the_files_the_header_names_are_found_beside_the_spectrum(tmp_path: Path) -> None:
    data = load(write_observation(tmp_path))
    assert np.array_equal(data.matrix, spectral_data().matrix)
    assert data.background is not None
    assert data.background.name == "a_bk.pha"
    assert data.notes == ()


def test_arguments_win_over_the_header(tmp_path: Path) -> None:
    pha = write_observation(tmp_path)
    dark = write_arf(tmp_path / "dark.arf", an_arf(dark_from=20))
    assert load(pha, arf=dark).matrix.shape[1] == 20


def test_a_spectrum_without_background_is_loaded_without(tmp_path: Path) -> None:
    assert load(write_observation(tmp_path, background_file=None)).background is None


def test_a_keyword_without_file_names_keyword_and_argument(tmp_path: Path) -> None:
    pha = write_observation(tmp_path, arf_file=None)
    with pytest.raises(InputFileError) as error:
        load(pha)
    assert str(error.value) == f"{pha}: keyword ANCRFILE names no file. Name one with arf=..."


def test_a_named_file_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    pha = write_observation(tmp_path)
    (tmp_path / "a.rmf").unlink()
    with pytest.raises(InputFileError) as error:
        load(pha)
    assert str(error.value) == (
        f"{pha}: the file {tmp_path / 'a.rmf'}, from keyword RESPFILE or argument rmf, is not "
        "there. Put it there, or name another with rmf=..."
    )


def test_the_arf_of_the_other_module_is_refused(tmp_path: Path) -> None:
    pha = write_observation(tmp_path)
    other = write_arf(tmp_path / "b.arf", an_arf(instrument="FPMB"))
    with pytest.raises(
        InputFileError, match=r"INSTRUME = FPMB, but a\.pha is of FPMA\. Name the ARF"
    ):
        load(pha, arf=other)


def test_the_rmf_of_the_other_module_is_used_and_told(tmp_path: Path) -> None:
    pha = write_observation(tmp_path)
    other = write_rmf(tmp_path / "b.rmf", an_rmf(instrument="FPMB"))
    assert load(pha, rmf=other).notes == ("a.pha (FPMA) is folded with the RMF b.rmf of FPMB",)


def test_two_spectra_share_one_reading_of_the_same_rmf(tmp_path: Path) -> None:
    pha = write_observation(tmp_path)
    first = load(pha).response.rmf
    assert load(pha).response.rmf is first
    write_rmf(tmp_path / "a.rmf", an_rmf(instrument="FPMB"), overwrite=True)
    assert load(pha).response.rmf.instrument == "FPMB"  # a changed file is read again


def test_bad_channels_are_in_use_until_they_are_ignored(tmp_path: Path) -> None:
    quality = np.zeros(60, np.int16)
    quality[40:] = 2
    write_observation(tmp_path)
    pha = write_pha(tmp_path / "q.pha", a_spectrum(quality=quality))
    data = load(pha, arf=tmp_path / "a.arf", rmf=tmp_path / "a.rmf")
    assert (data.n_bins, data.ignore("bad").n_bins) == (60, 40)


def test_spectra_of_another_mission_are_opened_where_they_follow_ogip(tmp_path: Path) -> None:
    write_observation(tmp_path, telescope="SWIFT", instrument="XRT")
    for name in ("a.arf", "a.rmf"):
        (tmp_path / name).unlink()
    write_arf(tmp_path / "a.arf", replace(an_arf(instrument="XRT"), telescope="SWIFT"))
    write_rmf(tmp_path / "a.rmf", replace(an_rmf(instrument="XRT"), telescope="SWIFT"))
    data = load(tmp_path / "a.pha")
    assert np.array_equal(data.matrix, spectral_data().matrix)
    assert data.spectrum.telescope == "SWIFT"


def test_a_matrix_with_the_area_in_it_needs_no_arf(tmp_path: Path) -> None:
    pha = write_observation(tmp_path, arf_file=None)
    with fits.open(tmp_path / "a.rmf", mode="update") as hdus:
        hdus["MATRIX"].header["HDUCLAS3"] = "FULL"
    data = load(pha)
    assert data.response.arf is None
    assert np.array_equal(data.response.area, np.ones(50))


@pytest.mark.parametrize(
    ("extension", "column", "told"),
    [
        ("SPECTRUM", "COUNTS", "a.pha: extension SPECTRUM has no column COUNTS"),
        ("MATRIX", "ENERG_LO", "a.rmf: extension MATRIX has no column ENERG_LO"),
    ],
)
def test_what_does_not_follow_ogip_is_said_with_its_place(
    tmp_path: Path, extension: str, column: str, told: str
) -> None:
    pha = write_observation(tmp_path)
    path = pha if extension == "SPECTRUM" else tmp_path / "a.rmf"
    with fits.open(path) as hdus:
        names = hdus[extension].columns.names
        hdus[extension].columns[names.index(column)].name = "OTHER"
        hdus.writeto(path, overwrite=True)
    with pytest.raises(InputFileError) as error:
        load(pha)
    assert told in str(error.value)
