from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.spectra.ogip import read_rmf, write_rmf
from tests.spectra.builders import N_CHANNELS, an_rmf

if TYPE_CHECKING:
    from pathlib import Path


def objects(arrays: list[list[float]], kind: Any) -> Any:
    packed = np.empty(len(arrays), object)
    packed[:] = [np.array(array, kind) for array in arrays]
    return packed


def raw_rmf(path: Path, columns: list[Any], **keywords: Any) -> Path:
    """Write a response of two energies and six channels as some other program would."""
    energies = [
        fits.Column("ENERG_LO", "E", array=[1.0, 2.0]),
        fits.Column("ENERG_HI", "E", array=[2.0, 3.0]),
    ]
    matrix = fits.BinTableHDU.from_columns([*energies, *columns], name="SPECRESP MATRIX")
    matrix.header.update(keywords)
    bounds = fits.BinTableHDU.from_columns(
        [
            fits.Column("CHANNEL", "J", array=np.arange(6)),
            fits.Column("E_MIN", "E", array=np.arange(6) * 0.5),
            fits.Column("E_MAX", "E", array=np.arange(1, 7) * 0.5),
        ],
        name="EBOUNDS",
    )
    fits.HDUList([fits.PrimaryHDU(), matrix, bounds]).writeto(path)
    return path


def two_runs(descriptor: str = "P") -> list[Any]:
    """Row 1: channels 0-1 and 4; row 2: channel 3 only, its arrays longer than used."""
    return [
        fits.Column("N_GRP", "I", array=[2, 1]),
        fits.Column("F_CHAN", f"{descriptor}I()", array=objects([[0, 4], [3, 9]], np.int16)),
        fits.Column("N_CHAN", f"{descriptor}I()", array=objects([[2, 1], [1, 9]], np.int16)),
        fits.Column(
            "MATRIX", f"{descriptor}E()", array=objects([[0.5, 0.25, 0.25], [1.0, 7.0]], np.float32)
        ),
    ]


WANTED = [[0.5, 0.25, 0, 0, 0.25, 0], [0, 0, 0, 1.0, 0, 0]]


@pytest.mark.parametrize("descriptor", ["P", "Q"])
def test_only_the_runs_that_n_grp_and_n_chan_speak_of_are_read(
    descriptor: str, tmp_path: Path
) -> None:
    path = raw_rmf(tmp_path / "a.rmf", two_runs(descriptor), TLMIN4=0)
    assert read_rmf(path).dense().tolist() == WANTED


def test_fixed_length_columns_are_read_like_variable_ones(tmp_path: Path) -> None:
    columns = [
        fits.Column("N_GRP", "I", array=[2, 1]),
        fits.Column("F_CHAN", "2I", array=[[0, 4], [3, 0]]),
        fits.Column("N_CHAN", "2I", array=[[2, 1], [1, 0]]),
        fits.Column("MATRIX", "3E", array=[[0.5, 0.25, 0.25], [1.0, 0, 0]]),
    ]
    assert read_rmf(raw_rmf(tmp_path / "a.rmf", columns, TLMIN4=0)).dense().tolist() == WANTED


def test_scalar_columns_hold_one_run_a_row(tmp_path: Path) -> None:
    columns = [
        fits.Column("N_GRP", "I", array=[1, 1]),
        fits.Column("F_CHAN", "I", array=[0, 3]),
        fits.Column("N_CHAN", "I", array=[2, 2]),
        fits.Column("MATRIX", "2E", array=[[0.5, 0.5], [0.25, 0.75]]),
    ]
    dense = read_rmf(raw_rmf(tmp_path / "a.rmf", columns, TLMIN4=0)).dense()
    assert dense.tolist() == [[0.5, 0.5, 0, 0, 0, 0], [0, 0, 0, 0.25, 0.75, 0]]


def test_an_energy_without_any_response_is_an_empty_row(tmp_path: Path) -> None:
    columns = [
        fits.Column("N_GRP", "I", array=[0, 1]),
        fits.Column("F_CHAN", "PI()", array=objects([[], [1]], np.int16)),
        fits.Column("N_CHAN", "PI()", array=objects([[], [1]], np.int16)),
        fits.Column("MATRIX", "PE()", array=objects([[], [1.0]], np.float32)),
    ]
    dense = read_rmf(raw_rmf(tmp_path / "a.rmf", columns, TLMIN4=0)).dense()
    assert dense.tolist() == [[0] * 6, [0, 1, 0, 0, 0, 0]]


def test_tlmin_may_be_a_string_and_is_one_where_it_is_absent(tmp_path: Path) -> None:
    text = read_rmf(raw_rmf(tmp_path / "a.rmf", two_runs(), TLMIN4="0"))
    assert text.dense().tolist() == WANTED
    columns = two_runs()
    columns[1] = fits.Column("F_CHAN", "PI()", array=objects([[1, 5], [4, 9]], np.int16))
    absent = read_rmf(raw_rmf(tmp_path / "b.rmf", columns))
    assert (absent.first_channel, absent.dense().tolist()) == (1, WANTED)


def test_columns_with_a_zero_point_are_read_with_it(tmp_path: Path) -> None:
    columns = two_runs()
    columns[1] = fits.Column(
        "F_CHAN", "2I", bzero=32768, array=np.array([[0, 4], [3, 0]], np.uint16)
    )
    assert read_rmf(raw_rmf(tmp_path / "a.rmf", columns, TLMIN4=0)).dense().tolist() == WANTED


def card(key: str, value: int) -> bytes:
    return f"{key:8}= {value:20d}".encode()


def test_a_gap_before_the_heap_is_skipped(tmp_path: Path) -> None:
    path = raw_rmf(tmp_path / "a.rmf", two_runs(), TLMIN4=0, SPARE=0)
    with fits.open(path) as hdus:
        rows, used = 2 * hdus[1].header["NAXIS1"], hdus[1].header["PCOUNT"]
        start = hdus[1].fileinfo()["datLoc"]
    raw = path.read_bytes()
    head, data = raw[:start], raw[start : start + 2880]
    head = head.replace(card("PCOUNT", used), card("PCOUNT", used + 16))
    head = head.replace(card("SPARE", 0), card("THEAP", rows + 16))
    data = (data[:rows] + bytes(16) + data[rows:])[:2880]
    path.write_bytes(head + data + raw[start + 2880 :])
    assert read_rmf(path).dense().tolist() == WANTED


def test_a_row_that_holds_less_than_it_claims_is_refused(tmp_path: Path) -> None:
    columns = two_runs()
    columns[3] = fits.Column("MATRIX", "PE()", array=objects([[0.5], [1.0]], np.float32))
    path = raw_rmf(tmp_path / "a.rmf", columns, TLMIN4=0)
    with pytest.raises(InputFileError, match="row 1 of MATRIX holds 1 numbers, but N_GRP and N_CH"):
        read_rmf(path)


def test_runs_outside_the_channels_are_refused(tmp_path: Path) -> None:
    path = raw_rmf(tmp_path / "a.rmf", two_runs(), TLMIN4=1)
    with pytest.raises(
        InputFileError, match="F_CHAN and N_CHAN reach outside the 6 channels of EB"
    ):
        read_rmf(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = raw_rmf(tmp_path / "a.rmf", two_runs()[:3], TLMIN4=0)
    with pytest.raises(InputFileError, match="has no column MATRIX"):
        read_rmf(path)


@pytest.mark.parametrize("first_channel", [0, 1])
def test_what_is_written_is_read_again(first_channel: int, tmp_path: Path) -> None:
    rmf = an_rmf(first_channel=first_channel)
    again = read_rmf(write_rmf(tmp_path / "a.rmf", rmf))
    assert np.array_equal(again.dense(), rmf.dense())
    assert again.first_channel == first_channel
    assert np.array_equal(again.edges_kev, rmf.edges_kev)
    assert np.array_equal(again.e_max, rmf.e_max)
    assert (again.instrument, again.n_channels) == ("FPMA", N_CHANNELS)


def test_empty_rows_are_written_and_read_again(tmp_path: Path) -> None:
    matrix = np.zeros((50, N_CHANNELS))
    matrix[3, 7] = 1.0
    rmf = an_rmf()
    sparse = type(rmf).from_dense(
        matrix, energ_lo=rmf.energ_lo, energ_hi=rmf.energ_hi, e_min=rmf.e_min, e_max=rmf.e_max
    )
    assert np.array_equal(read_rmf(write_rmf(tmp_path / "a.rmf", sparse)).dense(), matrix)


def test_the_keywords_of_a_response_are_written(tmp_path: Path) -> None:
    path = write_rmf(tmp_path / "a.rmf", an_rmf(), header={"FILTER": "OPEN"})
    with fits.open(path) as hdus:
        matrix, bounds = hdus["MATRIX"].header, hdus["EBOUNDS"].header
        assert (matrix["HDUCLAS2"], bounds["HDUCLAS2"]) == ("RSP_MATRIX", "EBOUNDS")
        assert (matrix["HDUCLAS3"], matrix["TLMIN4"], matrix["TLMAX4"]) == ("REDIST", 0, 59)
        assert matrix["DETCHANS"] == bounds["DETCHANS"] == 60
        assert matrix["FILTER"] == bounds["FILTER"] == "OPEN"


def test_another_reader_sees_the_same_matrix(tmp_path: Path) -> None:
    rmf = an_rmf()
    with fits.open(write_rmf(tmp_path / "a.rmf", rmf)) as hdus:
        rows = hdus["MATRIX"].data
        for row, wanted in zip(rows, rmf.dense(), strict=True):
            first, length = int(row["F_CHAN"][0]), int(row["N_CHAN"][0])
            assert np.array_equal(row["MATRIX"], wanted[first : first + length])


def test_the_calibration_matrix_is_read_whole(real_rmf: Path) -> None:
    rmf = read_rmf(real_rmf)
    assert rmf.probability.size == rmf.header["NUMELT"] == 8348466
    assert (rmf.first_channel, rmf.n_channels, rmf.energ_lo.size) == (0, 4096, 4096)
    # astropy's own reading of some rows, run by run
    with fits.open(real_rmf) as hdus:
        for index in (0, 700, 2000, 4095):
            row = hdus["MATRIX"].data[index]
            wanted, used = np.zeros(4096, np.float32), 0
            for run in range(row["N_GRP"]):
                first, length = int(row["F_CHAN"][run]), int(row["N_CHAN"][run])
                wanted[first : first + length] = row["MATRIX"][used : used + length]
                used += length
            here = slice(rmf.row_start[index], rmf.row_start[index + 1])
            got = np.zeros(4096, np.float32)
            got[rmf.channel[here]] = rmf.probability[here]
            assert np.array_equal(got, wanted)


def test_a_replaced_field_leaves_the_rest() -> None:
    assert replace(an_rmf(), instrument="FPMB").instrument == "FPMB"
