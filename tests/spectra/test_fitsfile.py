from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError, OutputError
from nustar_widgets.spectra import fitsfile

if TYPE_CHECKING:
    from pathlib import Path


def a_table() -> fits.HDUList:
    hdu = fits.BinTableHDU.from_columns([fits.Column("N", "J", array=[1, 2])], name="NUMBERS")
    hdu.header["HDUCLAS2"] = "COUNTED"
    hdu.header["TEXT"] = "0"
    hdu.header["WORD"] = "nil"
    return fits.HDUList([fits.PrimaryHDU(), hdu])


def test_plain_and_gzipped_files_are_read_alike(tmp_path: Path) -> None:
    plain = fitsfile.write_whole(a_table(), tmp_path / "t.fits")
    packed = tmp_path / "t.fits.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        with fitsfile.open_fits(path) as hdus:
            assert fitsfile.column(hdus[1], path, "n").tolist() == [1, 2]


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(InputFileError, match=r"no\.pha: there is no such file\. Check the name"),
        fitsfile.open_fits(tmp_path / "no.pha"),
    ):
        pass


def test_a_file_that_is_not_fits_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.pha"
    path.write_text("circle(1,2,3)\n" * 300)
    with (
        pytest.raises(InputFileError, match="it cannot be read as FITS"),
        fitsfile.open_fits(path),
    ):
        pass


def test_a_cut_off_file_is_refused_packed_or_not(tmp_path: Path) -> None:
    whole = fitsfile.write_whole(a_table(), tmp_path / "t.fits").read_bytes()
    short, packed = tmp_path / "short.fits", tmp_path / "short.fits.gz"
    short.write_bytes(whole[:-2000])
    packed.write_bytes(gzip.compress(whole)[:-100])
    with pytest.raises(InputFileError, match="the file is cut off"), fitsfile.open_fits(short):
        pass
    with pytest.raises(InputFileError, match="it cannot be read"), fitsfile.open_fits(packed):
        pass


def test_a_table_is_found_by_name_or_by_its_class() -> None:
    hdus = a_table()
    assert fitsfile.table(hdus, "f", "OTHER", "NUMBERS") is hdus[1]
    assert fitsfile.table(hdus, "f", "OTHER", hduclas="COUNTED") is hdus[1]
    with pytest.raises(
        InputFileError, match=r"f: no extension SPECTRUM\. The file has: PRIMARY, N"
    ):
        fitsfile.table(hdus, "f", "SPECTRUM")


def test_an_absent_column_is_named_beside_those_there_are() -> None:
    with pytest.raises(
        InputFileError, match=r"extension NUMBERS has no column RATE\. Its columns ar"
    ):
        fitsfile.column(a_table()[1], "f", "RATE")


def test_numbers_stored_as_text_are_numbers() -> None:
    header = a_table()[1].header
    assert fitsfile.number(header, "f", "TEXT") == 0.0
    assert fitsfile.number(header, "f", "NONE", 5.0) == 5.0
    with pytest.raises(InputFileError, match="keyword NONE is missing"):
        fitsfile.number(header, "f", "NONE")
    with pytest.raises(InputFileError, match=r"keyword WORD = 'nil'\. Expected a number"):
        fitsfile.number(header, "f", "WORD")


def test_an_existing_file_is_kept_unless_asked_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "t.fits"
    path.write_text("precious")
    with pytest.raises(
        OutputError, match=r"exists already\. Choose another name, or ask for overwrite"
    ):
        fitsfile.write_whole(a_table(), path)
    assert path.read_text() == "precious"
    fitsfile.write_whole(a_table(), path, overwrite=True)
    assert fits.getdata(path, "NUMBERS").size == 2


def test_a_folder_that_is_not_there_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(
        OutputError, match=r"nowhere/t\.fits: cannot be written .*Choose a folder that exists"
    ):
        fitsfile.write_whole(a_table(), tmp_path / "nowhere" / "t.fits")


def test_a_disk_that_fills_up_leaves_neither_half_a_file_nor_the_old_one_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.fits"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        fitsfile.write_whole(a_table(), path, overwrite=True)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.fits"]


def test_a_product_has_the_file_mode_of_any_other_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("")
    path = fitsfile.write_whole(a_table(), tmp_path / "t.fits")
    assert path.stat().st_mode == other.stat().st_mode
