"""Reading event lists: what is in the file, and what is said when it is not an event list."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from tests.events.builders import OFFICIAL_COLUMNS, gti_extension, write_event_file

TIME = [30.5, 10.25, 999.0]
EVENTS: dict[str, Any] = {
    "time": TIME,
    "x": [1, 500, 1000],
    "y": [1000, 501, 1],
    "pi": [0, 35, 4095],
}


def built(path: Path, **changes: Any) -> Path:
    return write_event_file(path, **{**EVENTS, **changes})


def test_columns_and_header_are_read_as_they_are(tmp_path: Path) -> None:
    events = EventList.read(built(tmp_path / "a.evt"))
    assert events.time.tolist() == TIME
    assert (events.x.tolist(), events.y.tolist()) == (EVENTS["x"], EVENTS["y"])
    assert events.pi.tolist() == EVENTS["pi"]
    assert events.det_id is not None
    assert events.det_id.tolist() == [0, 0, 0]
    assert (events.obsid, events.module, events.object_name) == ("90000000199", "FPMA", "BUILT")
    assert (events.ontime_s, events.deadc, events.exposure_s) == (1000.0, 0.9, 900.0)
    assert events.livetime_s == pytest.approx(900.0)
    assert events.gti == Gti.of(0.0, 1000.0)
    assert events.mjdref == pytest.approx(55197.00076601852)
    assert events.grid.shape == (1000, 1000)
    assert events.messages == ()
    assert len(events) == 3


def test_columns_stay_small_in_memory(tmp_path: Path) -> None:
    events = EventList.read(built(tmp_path / "a.evt"))
    assert events.x.dtype == events.y.dtype == events.pi.dtype == np.int16
    assert events.time.dtype == np.float64


def test_a_compressed_file_reads_the_same(tmp_path: Path) -> None:
    plain = EventList.read(built(tmp_path / "a.evt"))
    packed = EventList.read(built(tmp_path / "a.evt.gz"))
    assert packed.time.tolist() == plain.time.tolist()
    assert packed.gti == plain.gti


def test_a_file_of_several_gzip_members_reads_whole(tmp_path: Path) -> None:
    data = built(tmp_path / "a.evt").read_bytes()
    packed = tmp_path / "b.evt.gz"
    packed.write_bytes(gzip.compress(data[:5000]) + gzip.compress(data[5000:]))
    assert EventList.read(packed).time.tolist() == TIME


def test_compression_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    packed = built(tmp_path / "a.evt.gz").rename(tmp_path / "a.evt")
    assert EventList.read(packed).time.tolist() == TIME


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    order = dict(reversed(OFFICIAL_COLUMNS.items()))
    events = EventList.read(built(tmp_path / "a.evt", columns=order))
    assert (events.x.tolist(), events.time.tolist()) == (EVENTS["x"], TIME)
    assert events.grid.crval_ra_deg == 187.2779


def test_column_names_are_found_in_any_case(tmp_path: Path) -> None:
    file = built(tmp_path / "a.evt")
    with fits.open(file, mode="update") as hdus:
        hdus["EVENTS"].header["TTYPE8"] = "pi"
    assert EventList.read(file).pi.tolist() == EVENTS["pi"]


def test_more_rows_than_one_block_are_all_read(tmp_path: Path) -> None:
    n = 150_001
    time = np.linspace(0.0, 1000.0, n)
    number = np.arange(n)
    events = EventList.read(
        built(
            tmp_path / "a.evt", time=time, x=number % 1000 + 1, y=number // 1000, pi=number % 4096
        )
    )
    assert np.array_equal(events.time, time)
    assert np.array_equal(events.pi, number % 4096)
    assert np.array_equal(events.x, number % 1000 + 1)


def test_a_merged_file_may_have_a_larger_plane_and_wider_pixels(tmp_path: Path) -> None:
    columns = {**OFFICIAL_COLUMNS, "X": "J", "Y": "1J"}
    events = EventList.read(built(tmp_path / "a.evt", columns=columns, size=40000, x=[1, 2, 40000]))
    assert events.x.tolist() == [1, 2, 40000]
    assert (events.grid.nx, events.grid.ny) == (40000, 40000)


def test_nulls_stay_what_they_are(tmp_path: Path) -> None:
    events = EventList.read(built(tmp_path / "a.evt", x=[-1, 5, 6], pi=[-4095, 7, 8]))
    assert events.x[0] == -1
    assert events.pi[0] == -4095


def test_scaled_columns_have_their_scale_applied(tmp_path: Path) -> None:
    keywords = {"TZERO13": 32768, "TSCAL14": 2, "TZERO1": 0.25}
    events = EventList.read(built(tmp_path / "a.evt", x=[-1, 5, 6], keywords=keywords))
    assert events.x.tolist() == [32767, 32773, 32774]
    assert events.y.tolist() == [2 * y for y in EVENTS["y"]]
    assert events.time.tolist() == [t + 0.25 for t in TIME]


def test_timezero_is_added_to_the_times(tmp_path: Path) -> None:
    events = EventList.read(built(tmp_path / "a.evt", keywords={"TIMEZERO": 0.5}))
    assert events.time.tolist() == [t + 0.5 for t in TIME]


def test_timezero_of_the_intervals_is_added_to_them(tmp_path: Path) -> None:
    file = built(tmp_path / "a.evt")
    with fits.open(file, mode="update") as hdus:
        hdus["GTI"].header["TIMEZERO"] = 100.0
    assert EventList.read(file).gti == Gti.of(100.0, 1100.0)


@pytest.mark.parametrize(
    ("name", "keywords", "mode"),
    [
        ("nu90410111001A06_cl_sunpos.evt", {}, "06"),
        ("nu90410111001B01_cl.evt.gz", {"OBS_MODE": "SCIENCE_SC"}, "01"),
        ("renamed.evt", {"OBS_MODE": "SCIENCE_SC"}, "06"),
        ("renamed.evt", {}, "01"),
    ],
)
def test_the_mode_comes_from_the_name_then_from_the_header(
    tmp_path: Path, name: str, keywords: dict[str, Any], mode: str
) -> None:
    assert EventList.read(built(tmp_path / name, keywords=keywords)).mode == mode


def test_a_reference_position_written_as_text_is_understood(tmp_path: Path) -> None:
    events = EventList.read(built(tmp_path / "a.evt", keywords={"TCRVL13": "0.0"}))
    assert events.grid.crval_ra_deg == 0.0


def test_missing_deadc_means_no_correction_and_says_so(tmp_path: Path) -> None:
    missing = {"DEADC": None, "EXPOSURE": None}
    events = EventList.read(built(tmp_path / "a.evt", keywords=missing))
    assert (events.deadc, events.exposure_s) == (1.0, 1000.0)
    assert events.messages == (
        "DEADC is missing: exposures are not corrected for dead time (as in HEASoft)",
    )


def test_missing_ontime_is_the_sum_of_the_intervals(tmp_path: Path) -> None:
    gti = [(0.0, 10.0), (20.0, 45.0)]
    events = EventList.read(built(tmp_path / "a.evt", gti=gti, keywords={"ONTIME": None}))
    assert events.ontime_s == 35.0


def test_the_extension_named_gti_wins_over_other_tables_of_times(tmp_path: Path) -> None:
    others = [
        gti_extension([(0.0, 1.0)], name="BADPIX"),
        gti_extension([(0.0, 2.0)], name="STDGTI"),
        gti_extension([(0.0, 3.0)], name="CHU_GTI"),
    ]
    events = EventList.read(built(tmp_path / "a.evt", others=others))
    assert events.gti == Gti.of(0.0, 1000.0)


def test_of_two_gti_extensions_that_of_the_module_wins(tmp_path: Path) -> None:
    others = [gti_extension([(0.0, 1.0)], module="FPMA")]
    events = EventList.read(built(tmp_path / "b.evt", module="FPMB", others=others))
    assert events.gti == Gti.of(0.0, 1000.0)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputFileError, match=r"no_such\.evt: there is no such file\. Check the"):
        EventList.read("no_such.evt")


def test_a_folder_is_not_an_event_list(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read"):
        EventList.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "the file is empty"),
        (b"# ds9 region file\ncircle(1,2,3)\n", "this is not a FITS file. Expected a FITS file"),
        (gzip.compress(b"hello" * 1000), "this is not a FITS file"),
        (gzip.compress(b""), "the file is empty"),
    ],
    ids=["nothing", "text", "packed text", "packed nothing"],  # packed bytes hold the time
)
def test_a_file_that_is_not_fits_is_told(tmp_path: Path, content: bytes, text: str) -> None:
    file = tmp_path / "a.evt"
    file.write_bytes(content)
    with pytest.raises(InputFileError, match=text) as caught:
        EventList.read(file)
    assert caught.value.path == file


@pytest.mark.parametrize("keep", [100, 3000, 8000, 15000, -2881, -5700])
@pytest.mark.parametrize("name", ["a.evt", "a.evt.gz"])
def test_a_file_cut_anywhere_is_told(tmp_path: Path, name: str, keep: int) -> None:
    n = np.arange(200)
    file = built(tmp_path / "whole.evt", time=n * 1.0, x=n + 1, y=n + 1, pi=n)
    short = file.read_bytes()[:keep]
    cut = tmp_path / name
    cut.write_bytes(gzip.compress(short) if name.endswith(".gz") else short)
    with pytest.raises(InputFileError, match=r"cut short|no good time intervals"):
        EventList.read(cut)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_compressed_file_cut_anywhere_is_told(tmp_path: Path, share: float) -> None:
    n = np.arange(5000)
    rng = np.random.default_rng(1)
    x = rng.integers(1, 1001, n.size)
    data = built(tmp_path / "whole.evt.gz", time=n * 0.1, x=x, y=x[::-1], pi=x).read_bytes()
    cut = tmp_path / "cut.evt.gz"
    cut.write_bytes(data[: int(share * len(data))])
    with pytest.raises(InputFileError, match="download or copy it again"):
        EventList.read(cut)


def test_a_cut_in_an_extension_nobody_reads_is_told(tmp_path: Path) -> None:
    file = built(tmp_path / "a.evt")
    bad_pixels = fits.BinTableHDU.from_columns(
        [fits.Column("RAWX", "B", array=np.zeros(5000, np.uint8))], name="BADPIX"
    )
    with fits.open(file) as hdus:
        fits.HDUList([*hdus, bad_pixels]).writeto(tmp_path / "b.evt")
    cut = tmp_path / "cut.evt"
    cut.write_bytes((tmp_path / "b.evt").read_bytes()[:-3000])
    with pytest.raises(InputFileError, match=r"data of extension BADPIX end at byte \d+ of \d+"):
        EventList.read(cut)


def test_damaged_compressed_data_are_told(tmp_path: Path) -> None:
    data = bytearray(built(tmp_path / "a.evt.gz").read_bytes())
    data[len(data) // 2 :] = bytes(255 - byte for byte in data[len(data) // 2 :])
    file = tmp_path / "damaged.evt.gz"
    file.write_bytes(data)
    with pytest.raises(InputFileError, match=r"compressed data are damaged|cut short"):
        EventList.read(file)


def test_a_file_without_events_extension_is_told(tmp_path: Path) -> None:
    file = tmp_path / "gti.fits"
    fits.HDUList([fits.PrimaryHDU(), gti_extension([(0.0, 1.0)])]).writeto(file)
    with pytest.raises(InputFileError, match=r"no extension EVENTS\. Expected a cleaned event"):
        EventList.read(file)


def test_a_file_without_intervals_is_told(tmp_path: Path) -> None:
    file = built(tmp_path / "a.evt")
    with fits.open(file) as hdus:
        fits.HDUList(hdus[:2]).writeto(tmp_path / "b.evt")
    with pytest.raises(InputFileError, match=r"no good time intervals. Expected an extension GTI"):
        EventList.read(tmp_path / "b.evt")


def test_intervals_of_no_length_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="GTI holds no interval with STOP after START"):
        EventList.read(built(tmp_path / "a.evt", gti=[(5.0, 5.0)]))


@pytest.mark.parametrize("column", ["TIME", "PI", "X", "Y"])
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    columns = {name: form for name, form in OFFICIAL_COLUMNS.items() if name != column}
    with pytest.raises(InputFileError, match=f"EVENTS has no column {column}"):
        EventList.read(built(tmp_path / "a.evt", columns=columns))


def test_a_missing_detector_column_is_no_harm(tmp_path: Path) -> None:
    columns = {name: form for name, form in OFFICIAL_COLUMNS.items() if name != "DET_ID"}
    assert EventList.read(built(tmp_path / "a.evt", columns=columns)).det_id is None


@pytest.mark.parametrize(
    ("keywords", "text"),
    [
        ({"TELESCOP": "SWIFT"}, "TELESCOP = 'SWIFT'. Expected 'NuSTAR'"),
        ({"TELESCOP": None}, "TELESCOP = ''. Expected 'NuSTAR'"),
        ({"INSTRUME": "FPMC"}, "INSTRUME = 'FPMC'. Expected FPMA or FPMB"),
        ({"DEADC": "high"}, "DEADC = 'high'. Expected a number"),
        ({"TFORM8": "Z"}, "TFORM8 = 'Z'. Expected a binary-table format"),
        ({"TFORM1": "E"}, "NAXIS1 = 35, but the columns take 31 bytes"),
    ],
)
def test_a_wrong_keyword_is_shown(tmp_path: Path, keywords: dict[str, Any], text: str) -> None:
    file = built(tmp_path / "a.evt")
    with fits.open(file) as hdus:
        header = hdus["EVENTS"].header.tostring()
        offset, size = hdus["EVENTS"]._header_offset, len(header)
        for keyword, value in keywords.items():
            if value is None:
                del hdus["EVENTS"].header[keyword]
            else:
                hdus["EVENTS"].header[keyword] = value
        changed = hdus["EVENTS"].header.tostring()
    assert len(changed) == size
    data = bytearray(file.read_bytes())
    data[offset : offset + size] = changed.encode()
    file.write_bytes(data)
    with pytest.raises(InputFileError) as caught:
        EventList.read(file)
    assert text in str(caught.value)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_bytes_never_raise_anything_but_our_own_error(tmp_path: Path, seed: int) -> None:
    whole = built(tmp_path / "whole.evt").read_bytes()
    rng = np.random.default_rng(seed)
    file = tmp_path / "damaged.evt"
    for _ in range(20):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 5).tolist():
            data[place] = int(rng.choice([32, 39, 48, 57, 65, 90, 200, 255]))
        file.write_bytes(data)
        try:
            events = EventList.read(file)
        except InputFileError as error:
            assert error.path == file  # noqa: PT017 - most damage does no harm at all
        else:
            assert len(events) > 0


def test_a_damaged_header_card_is_named(tmp_path: Path) -> None:
    file = built(tmp_path / "a.evt")
    card = b"DEADC   =                  0.9"
    file.write_bytes(file.read_bytes().replace(card, b"DEADC   =              0.9 ( 1"))
    with pytest.raises(InputFileError, match="the header card DEADC cannot be read"):
        EventList.read(file)


def test_an_accent_in_a_header_does_no_harm(tmp_path: Path) -> None:
    file = built(tmp_path / "a.evt")
    file.write_bytes(file.read_bytes().replace(b"'BUILT   '", b"'B\xfcILT   '"))
    assert EventList.read(file).object_name == "B?ILT"


def test_positions_that_are_not_whole_pixels_are_refused(tmp_path: Path) -> None:
    columns = {**OFFICIAL_COLUMNS, "X": "E"}
    with pytest.raises(InputFileError, match="column X holds real numbers"):
        EventList.read(built(tmp_path / "a.evt", columns=columns))


def test_channels_beyond_16_bits_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"column PI runs from 0 to 70000. Expected values"):
        EventList.read(built(tmp_path / "a.evt", pi=[0, 1, 70000]))


def test_a_file_with_no_events_is_told(tmp_path: Path) -> None:
    empty = built(tmp_path / "a.evt", time=[], x=[], y=[], pi=[])
    with pytest.raises(InputFileError, match="EVENTS holds no events"):
        EventList.read(empty)


def test_the_real_pulsar_file_is_read(shared: Path) -> None:
    file = shared / "data/NuSTAR+nustar-clock-utils/nuclockutils/tests/data/dummy_evt.evt"
    events = EventList.read(file)
    assert (len(events), len(events.gti)) == (937, 190)
    assert (events.obsid, events.module, events.mode) == ("30101031002", "FPMA", "01")
    assert events.exposure_s == 38221.4331837686
    with fits.open(file) as hdus:
        table = hdus["EVENTS"].data
        assert np.array_equal(events.time, table["TIME"])
        assert np.array_equal(events.x, table["X"])
        assert np.array_equal(events.pi, table["PI"])


def test_the_real_solar_file_is_read(shared: Path) -> None:
    events = EventList.read(shared / "data/ianan+nustar_sac/python/nu90410111001A06_cl_sunpos.evt")
    assert (len(events), events.mode, events.grid.shape) == (9442, "06", (3000, 3000))
    assert events.exposure_s == pytest.approx(70.0321909, abs=5e-8)
