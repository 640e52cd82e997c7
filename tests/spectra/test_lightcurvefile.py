from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError, OutputError
from nustar_widgets.spectra.ogip import (
    LightCurveTable,
    RegionRow,
    read_light_curve,
    write_light_curve,
)

if TYPE_CHECKING:
    from pathlib import Path


def a_curve() -> LightCurveTable:
    rate = np.array([1.5, 0.0, 2.25], np.float32)
    return LightCurveTable(
        time_s=np.array([0.0, 10.0, 30.0]),
        rate=rate,
        error=np.sqrt(rate / 10),
        fracexp=np.array([1.0, 0.5, 0.25], np.float32),
        timezero_s=227805780.020187,
        timedel_s=10.0,
        gti=(np.array([227805775.0]), np.array([227805815.0])),
    )


def test_what_is_written_is_read_again_to_the_last_bit(tmp_path: Path) -> None:
    curve = a_curve()
    again = read_light_curve(write_light_curve(tmp_path / "a.lc", curve))
    for name in ("time_s", "rate", "error", "fracexp"):
        assert np.array_equal(getattr(again, name), getattr(curve, name))
    assert (again.timezero_s, again.timedel_s, again.timepixr) == (227805780.020187, 10.0, 0.5)
    assert again.mjdref == (55197, 7.660185e-4)
    assert again.rate_orig is None
    assert again.gti is not None
    assert again.gti[1].tolist() == [227805815.0]


def test_corrected_curves_keep_what_was_before(tmp_path: Path) -> None:
    curve = a_curve()
    corrected = replace(curve, rate=curve.rate * 2, rate_orig=curve.rate, error_orig=curve.error)
    path = write_light_curve(tmp_path / "a.lc", corrected)
    names = ["TIME", "RATE", "ERROR", "FRACEXP", "RATE_ORIG", "ERROR_ORIG"]
    assert fits.getdata(path, "RATE").columns.names == names
    assert np.array_equal(np.asarray(read_light_curve(path).rate_orig), curve.rate)


def test_the_layout_is_the_extractors(tmp_path: Path) -> None:
    path = write_light_curve(
        tmp_path / "a.lc",
        a_curve(),
        header={"OBS_ID": "1", "DEADAPP": True},
        region=[RegionRow(shape="CIRCLE", x=(5.0,), y=(6.0,), r=(2.0,))],
    )
    with fits.open(path) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "RATE", "GTI", "REG00101"]
        header = hdus["RATE"].header
        assert (header["HDUCLASS"], header["HDUCLAS1"]) == ("OGIP", "LIGHTCURVE")
        assert (header["TIMESYS"], header["OBS_ID"], header["DEADAPP"]) == ("TT", "1", True)
        assert [header[f"TFORM{n}"] for n in range(1, 5)] == ["D", "E", "E", "E"]
        assert "NULCCO" not in header  # a correction that was not made is not claimed


def test_a_curve_without_exposure_column_counts_as_fully_exposed(tmp_path: Path) -> None:
    path = write_light_curve(tmp_path / "a.lc", a_curve())
    with fits.open(path) as hdus:
        kept = [column for column in hdus["RATE"].columns if column.name != "FRACEXP"]
        table = fits.BinTableHDU.from_columns(kept, header=hdus["RATE"].header)
        fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "b.lc")
    bare = read_light_curve(tmp_path / "b.lc")
    assert bare.fracexp.tolist() == [1, 1, 1]
    assert bare.gti is None


def test_times_split_into_integer_and_fraction_are_put_together(tmp_path: Path) -> None:
    path = write_light_curve(tmp_path / "a.lc", a_curve())
    with fits.open(path, mode="update") as hdus:
        header = hdus["RATE"].header
        del header["TIMEZERO"], header["MJDREFI"], header["MJDREFF"]
        header["TIMEZERI"], header["TIMEZERF"], header["MJDREF"] = 100, 0.25, 55197.5
    split = read_light_curve(path)
    assert (split.timezero_s, split.mjdref) == (100.25, (55197, 0.5))


def test_a_curve_without_bin_length_is_refused(tmp_path: Path) -> None:
    path = write_light_curve(tmp_path / "a.lc", a_curve())
    fits.delval(path, "TIMEDEL", "RATE")
    with pytest.raises(InputFileError, match="keyword TIMEDEL is missing"):
        read_light_curve(path)


def test_an_existing_curve_is_not_overwritten(tmp_path: Path) -> None:
    write_light_curve(tmp_path / "a.lc", a_curve())
    with pytest.raises(OutputError, match="exists already"):
        write_light_curve(tmp_path / "a.lc", a_curve())


def test_a_real_curve_holds_the_counts_of_the_real_spectrum(shared: Path) -> None:
    folder = shared / "data/bwgref+nustar_axions"
    curve = read_light_curve(folder / "nu20211002001_sun_centerA_sr.lc")
    assert curve.rate_orig is not None
    counts = curve.rate_orig * curve.fracexp * curve.timedel_s
    assert round(float(counts.sum())) == 630
    assert curve.mjdref == (55197, 7.6601852e-4)
