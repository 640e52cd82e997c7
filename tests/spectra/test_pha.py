from __future__ import annotations

from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError, OutputError
from nustar_widgets.spectra.ogip import RegionRow, SkyMap, read_pha, sky_wcs, write_pha
from tests.spectra.builders import N_CHANNELS, a_spectrum


def raw_pha(path: Path, columns: dict[str, tuple[str, Any]], **keywords: Any) -> Path:
    """Write a spectrum as some other program would."""
    made = [fits.Column(name, form, array=values) for name, (form, values) in columns.items()]
    hdu = fits.BinTableHDU.from_columns(made, name="SPECTRUM")
    hdu.header.update({"EXPOSURE": 100.0, "POISSERR": True} | keywords)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    return path


CHANNEL = ("J", np.arange(3))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    grouping = np.where(np.arange(N_CHANNELS) % 3, -1, 1).astype(np.int16)
    quality = np.where(np.arange(N_CHANNELS) > 50, 2, 0).astype(np.int16)
    spectrum = a_spectrum(
        grouping=grouping,
        quality=quality,
        areascal=0.9,
        sys_err=0.02,
        background_file=Path("/elsewhere/b.pha"),
    )
    again = read_pha(write_pha(tmp_path / "a.pha", spectrum))
    assert np.array_equal(again.counts, spectrum.counts)
    assert again.counts.dtype == np.int64
    assert np.array_equal(np.asarray(again.grouping), grouping)
    assert np.array_equal(np.asarray(again.quality), quality)
    assert (again.exposure_s, again.backscal, again.areascal) == (1000.0, 0.004, 0.9)
    assert (again.sys_err, again.first_channel, again.n_channels) == (0.02, 0, N_CHANNELS)
    assert again.background_file == tmp_path / "b.pha"
    assert again.arf_file is None
    assert again.rmf_file is None
    assert (again.telescope, again.instrument, again.name) == ("NuSTAR", "FPMA", "a.pha")


def test_without_flags_the_keywords_stand_for_the_columns(tmp_path: Path) -> None:
    path = write_pha(tmp_path / "a.pha", a_spectrum())
    header = fits.getheader(path, "SPECTRUM")
    assert (header["GROUPING"], header["QUALITY"], header["TFIELDS"]) == (0, 0, 2)
    assert read_pha(path).grouping is None
    grouped = write_pha(tmp_path / "g.pha", a_spectrum(grouping=np.ones(N_CHANNELS, np.int16)))
    assert "GROUPING" not in fits.getheader(grouped, "SPECTRUM")


def test_scales_per_channel_become_columns_and_come_back(tmp_path: Path) -> None:
    scale = np.linspace(0.1, 0.2, N_CHANNELS)
    path = write_pha(tmp_path / "a.pha", a_spectrum(backscal=scale, stat_err=scale))
    assert "BACKSCAL" not in fits.getheader(path, "SPECTRUM")
    again = read_pha(path)
    assert np.array_equal(again.backscal, scale)
    assert np.array_equal(np.asarray(again.stat_err), scale)


def test_the_keywords_xspec_and_sherpa_ask_for_are_there(tmp_path: Path) -> None:
    header = fits.getheader(write_pha(tmp_path / "a.pha", a_spectrum()), "SPECTRUM")
    wanted = {
        "HDUCLASS": "OGIP",
        "HDUCLAS1": "SPECTRUM",
        "HDUCLAS3": "COUNT",
        "HDUVERS": "1.2.0",
        "CHANTYPE": "PI",
        "DETCHANS": N_CHANNELS,
        "POISSERR": True,
        "TLMIN1": 0,
        "TLMAX1": N_CHANNELS - 1,
        "BACKFILE": "none",
        "CORRFILE": "none",
        "CORRSCAL": 1.0,
        "AREASCAL": 1.0,
        "FILTER": "NONE",
    }
    assert {key: header[key] for key in wanted} == wanted
    assert header["TFORM2"] == "J"


def test_a_product_has_the_extensions_of_nuproducts(tmp_path: Path) -> None:
    wcs = sky_wcs(
        crpix=(500.5, 500.5),
        crval_deg=(204.0, -34.0),
        cdelt_deg=(-6.8e-4, 6.8e-4),
        first_pixel=(501, 445),
    )
    path = write_pha(
        tmp_path / "a.pha",
        a_spectrum(),
        header={"OBS_ID": ("60001047003", "Observation ID"), "HISTORY": ["first", "second"]},
        wmap=SkyMap(image=np.full((4, 5), -1.0, np.float32), header=wcs),
        gti=(np.array([1.0, 5.0]), np.array([3.0, 9.0])),
        region=[
            RegionRow(shape="CIRCLE", x=(510.0,), y=(450.0,), r=(20.0,)),
            RegionRow(shape="!ELLIPSE", x=(510.0,), y=(450.0,), r=(3.0, 2.0), rotation_deg=30.0),
        ],
        region_header={"TCTYP1": "RA---TAN"},
    )
    with fits.open(path) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "SPECTRUM", "GTI", "REG00101"]
        assert all(hdu.header["OBS_ID"] == "60001047003" for hdu in hdus)
        assert list(hdus[1].header["HISTORY"]) == ["first", "second"]
        assert hdus[0].data.shape == (4, 5)
        assert (hdus[0].header["HDUCLAS2"], hdus[0].header["CONTENT"]) == ("WMAP", "SPECTRUM")
        assert (hdus[0].header["CRPIX1"], hdus[0].header["CRPIX2"]) == (0.5, 56.5)
        assert hdus[2].data["STOP"].tolist() == [3.0, 9.0]
        assert hdus[3].data["SHAPE"].tolist() == ["CIRCLE", "!ELLIPSE"]
        assert hdus[3].data["R"].tolist() == [[20.0, 0.0], [3.0, 2.0]]
        assert hdus[3].header["TCTYP1"] == "RA---TAN"
        assert "TCTYP1" not in hdus[1].header


def test_cfitsio_reads_a_product_too(tmp_path: Path) -> None:
    spectrum = a_spectrum(grouping=np.ones(N_CHANNELS, np.int16))
    path = write_pha(tmp_path / "a.pha", spectrum, gti=(np.array([1.0]), np.array([3.0])))
    with fitsio.FITS(str(path)) as hdus:
        assert hdus["SPECTRUM"].get_colnames() == ["CHANNEL", "COUNTS", "GROUPING"]
        assert np.array_equal(hdus["SPECTRUM"]["COUNTS"][:], spectrum.counts)
        assert hdus["GTI"].read_header()["HDUCLAS1"] == "GTI"


def test_keywords_given_win_over_the_writers_own(tmp_path: Path) -> None:
    path = write_pha(tmp_path / "a.pha", a_spectrum(), header={"FILTER": "OPEN"})
    assert fits.getheader(path, "SPECTRUM")["FILTER"] == "OPEN"


def test_an_existing_product_is_not_overwritten(tmp_path: Path) -> None:
    write_pha(tmp_path / "a.pha", a_spectrum())
    with pytest.raises(OutputError, match="exists already"):
        write_pha(tmp_path / "a.pha", a_spectrum())


def test_rates_are_turned_into_counts(tmp_path: Path) -> None:
    path = raw_pha(
        tmp_path / "r.pha",
        {"CHANNEL": CHANNEL, "RATE": ("E", [0.5, 0.25, 0.0]), "STAT_ERR": ("E", [0.1] * 3)},
        POISSERR=False,
    )
    spectrum = read_pha(path)
    assert spectrum.counts.tolist() == [50.0, 25.0, 0.0]
    assert np.asarray(spectrum.stat_err) == pytest.approx([10.0] * 3)


def test_whole_counts_stored_as_floats_are_integers_again(tmp_path: Path) -> None:
    path = raw_pha(tmp_path / "f.pha", {"CHANNEL": CHANNEL, "COUNTS": ("E", [5, 6, 7])})
    assert read_pha(path).counts.dtype == np.int64
    half = raw_pha(tmp_path / "h.pha", {"CHANNEL": CHANNEL, "COUNTS": ("E", [5, 6.5, 7])})
    assert read_pha(half).counts.tolist() == [5, 6.5, 7]


def test_flags_as_keywords_stand_for_every_channel(tmp_path: Path) -> None:
    path = raw_pha(
        tmp_path / "k.pha", {"CHANNEL": CHANNEL, "COUNTS": ("J", [1, 2, 3])}, QUALITY=5, GROUPING=0
    )
    spectrum = read_pha(path)
    assert np.asarray(spectrum.quality).tolist() == [5, 5, 5]
    assert spectrum.grouping is None


@pytest.mark.parametrize("text", ["none", "NONE", " ", ""])
def test_no_file_is_none_however_it_is_spelled(text: str, tmp_path: Path) -> None:
    path = raw_pha(
        tmp_path / "n.pha", {"CHANNEL": CHANNEL, "COUNTS": ("J", [1, 2, 3])}, ANCRFILE=text
    )
    assert read_pha(path).arf_file is None


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"EXPOSURE": 0.0}, "EXPOSURE = 0 s. Expected a positive livetime"),
        ({"BACKSCAL": -1.0}, "BACKSCAL is not positive"),
        ({"AREASCAL": 0.0}, "AREASCAL is not positive"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(
    keywords: dict[str, float], message: str, tmp_path: Path
) -> None:
    path = raw_pha(tmp_path / "b.pha", {"CHANNEL": CHANNEL, "COUNTS": ("J", [1, 2, 3])}, **keywords)
    with pytest.raises(InputFileError, match=message):
        read_pha(path)


def test_a_file_of_several_spectra_is_refused(tmp_path: Path) -> None:
    path = raw_pha(
        tmp_path / "ii.pha",
        {"CHANNEL": ("3J", [[0, 1, 2]] * 2), "COUNTS": ("3J", [[1, 2, 3]] * 2)},
        HDUCLAS4="TYPE:II",
    )
    with pytest.raises(InputFileError, match=r"it holds several spectra \(PHA type II\)"):
        read_pha(path)


def test_a_spectrum_without_rows_is_refused(tmp_path: Path) -> None:
    path = raw_pha(tmp_path / "e.pha", {"CHANNEL": ("J", []), "COUNTS": ("J", [])})
    with pytest.raises(InputFileError, match="its SPECTRUM has no rows"):
        read_pha(path)


@pytest.mark.parametrize(("lowest", "first"), [(0, 0), (1, 1), (5, 1)])
def test_channels_count_from_one_unless_there_is_a_zero(
    lowest: int, first: int, tmp_path: Path
) -> None:
    numbers = ("J", np.arange(lowest, lowest + 3))
    path = raw_pha(tmp_path / "c.pha", {"CHANNEL": numbers, "COUNTS": ("J", [1, 2, 3])})
    assert read_pha(path).first_channel == first


def test_a_file_without_spectrum_lists_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "image.fits"
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(path)
    with pytest.raises(InputFileError, match=r"no extension SPECTRUM. The file has: PRIMARY"):
        read_pha(path)


def test_a_real_file_is_read_as_its_header_says(real_folder: Path) -> None:
    spectrum = read_pha(real_folder / "nu60001047003A01_sr_min20.pha")
    assert spectrum.counts.sum() == spectrum.header["TOTCTS"] == 186803
    assert spectrum.exposure_s == 127219.0
    assert spectrum.background_file == real_folder / "nu60001047003A01_bk.pha"
    assert spectrum.instrument == "FPMA"


def test_a_real_spectrum_survives_being_written(real_folder: Path, tmp_path: Path) -> None:
    spectrum = read_pha(real_folder / "nu60001047003A01_sr_min20.pha")
    again = read_pha(write_pha(tmp_path / "copy.pha", spectrum))
    for name in ("channel", "counts", "grouping", "quality", "exposure_s", "backscal"):
        assert np.array_equal(getattr(again, name), getattr(spectrum, name))
