"""Whether a FITS file is whole, told from its frame alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.engines.heasoft.fitsframe import why_not_whole
from nustar_widgets.simulate import SimulatedObservation

BLOCK = 2880


def table(rows: int = 700) -> fits.BinTableHDU:
    columns = [
        fits.Column("PI", "J", array=np.arange(rows)),
        fits.Column("NAME", "PA(9)", array=np.array(["x" * (n % 9) for n in range(rows)])),
    ]
    return fits.BinTableHDU.from_columns(columns, name="EVENTS")


def write(path: Path, *hdus: object) -> Path:
    fits.HDUList(list(hdus)).writeto(path)
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A primary header, a table with a heap behind it, and an image."""
    image = fits.ImageHDU(np.zeros((33, 70), dtype=np.float64))
    return write(tmp_path / "whole.evt", fits.PrimaryHDU(), table(), image)


def header_of(keywords: int) -> fits.PrimaryHDU:
    hdu = fits.PrimaryHDU(np.ones((3, 3), np.int16))
    for number in range(keywords):
        hdu.header[f"KEY{number}"] = number
    return hdu


def test_a_whole_file_has_no_problem(events: Path) -> None:
    assert events.stat().st_size > 5 * BLOCK
    assert why_not_whole(events) is None


@pytest.mark.parametrize("keywords", [0, 28, 29, 30, 31, 32, 67, 200])
def test_a_header_of_any_length_is_read_to_its_end(tmp_path: Path, keywords: int) -> None:
    assert why_not_whole(write(tmp_path / "x.img", header_of(keywords))) is None


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64])
def test_an_image_of_any_type_is_measured_exactly(tmp_path: Path, kind: type) -> None:
    path = write(tmp_path / "x.img", fits.PrimaryHDU(np.zeros((1, 2881, 2), kind)))
    assert why_not_whole(path) is None
    cut = path.read_bytes()[:-1]
    path.write_bytes(cut)
    assert why_not_whole(path) == "is cut off"


def test_a_compressed_image_and_an_empty_table_are_whole(tmp_path: Path) -> None:
    packed = fits.CompImageHDU(np.arange(10000, dtype=np.int32).reshape(100, 100))
    assert why_not_whole(write(tmp_path / "x.fits", fits.PrimaryHDU(), packed, table(0))) is None


def test_products_of_the_sample_are_whole(sample: SimulatedObservation) -> None:
    paths = [path for path in sample.path.rglob("*") if path.is_file()]
    assert len(paths) > 20
    assert {path.name: why_not_whole(path) for path in paths} == {path.name: None for path in paths}


def test_a_file_cut_anywhere_but_between_its_parts_is_told(events: Path, tmp_path: Path) -> None:
    whole = events.read_bytes()
    with fits.open(events) as hdus:
        ends = {hdu.fileinfo()["datLoc"] + hdu.fileinfo()["datSpan"] for hdu in hdus}
    sizes = {1, 79, 80, BLOCK - 1, *range(BLOCK, len(whole), BLOCK // 2), len(whole) - 1}
    path, told = tmp_path / "cut.evt", set()
    for size in sorted(sizes - ends):
        path.write_bytes(whole[:size])
        problem = why_not_whole(path)
        assert problem is not None, size
        told.add(problem)
    assert told == {"is not a FITS file", "ends inside a header", "is cut off"}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.pha", b"", "is empty"),
        ("x.txt", b"", "is empty"),
        ("x.pha", b"hello", "is not a FITS file"),
        ("x.PHA", b"hello", "is not a FITS file"),
        ("x.lc", b"SIMPLE  = not to the end", "ends inside a header"),
        ("x.evt.gz", b"hello", "cannot be read (Not a gzipped file (b'he'))"),
        ("x.fits", b"X" * 9000, "is not a FITS file"),
    ],
)
def test_what_is_no_fits_file_is_told(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert why_not_whole(tmp_path / name) == says


@pytest.mark.parametrize("name", ["x.txt", "plot.gif", "src.reg", "x.log", "noending", "x.gz"])
def test_a_file_of_another_kind_must_only_have_something_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"hello")
    assert why_not_whole(tmp_path / name) is None


def test_a_packed_file_is_read_through_its_packing(events: Path, tmp_path: Path) -> None:
    packed = gzip.compress(events.read_bytes())
    path = tmp_path / "x.evt.gz"
    path.write_bytes(packed)
    assert why_not_whole(path) is None
    path.write_bytes(packed[: len(packed) // 2])
    assert why_not_whole(path) == (
        "cannot be read (Compressed file ended before the end-of-stream marker was reached)"
    )
    path.write_bytes(gzip.compress(events.read_bytes()[:-1]))
    assert why_not_whole(path) == "is cut off"
    middle = len(packed) // 2
    path.write_bytes(packed[:middle] + bytes(200) + packed[middle + 200 :])
    assert str(why_not_whole(path)).startswith("cannot be read (")


def test_padding_behind_the_last_part_is_legal(events: Path) -> None:
    events.write_bytes(events.read_bytes() + bytes(BLOCK))
    assert why_not_whole(events) is None
