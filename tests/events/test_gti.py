"""The algebra of good time intervals, against brute force and against xselect."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import InputFileError, OutputError
from nustar_widgets.events.gti import Gti
from nustar_widgets.instrument import MJDREFF, MJDREFI
from tests.events.builders import gti_extension

# Whole numbers collide often, so touching, equal and nested intervals are common.
ENDS = st.integers(0, 30)
GTIS = st.lists(st.tuples(ENDS, ENDS), max_size=8).map(Gti.from_pairs)
# Midpoints of unit cells say which stretches belong; ends have no length.
CELLS = np.arange(-1, 31) + 0.5


def cells(gti: Gti) -> set[float]:
    """Unit cells inside the intervals, found one by one."""
    return {t for t in CELLS.tolist() if any(start <= t <= stop for start, stop in gti)}


@given(GTIS)
def test_intervals_are_in_order_apart_and_have_length(gti: Gti) -> None:
    assert np.all(gti.start < gti.stop)
    assert np.all(gti.stop[:-1] < gti.start[1:])


@given(st.lists(st.tuples(ENDS, ENDS), max_size=8))
def test_putting_in_order_keeps_the_time_and_nothing_else(pairs: list[tuple[int, int]]) -> None:
    expected = {t for t in CELLS.tolist() if any(start <= t <= stop for start, stop in pairs)}
    assert cells(Gti.from_pairs(pairs)) == expected


@given(GTIS, GTIS)
def test_and_keeps_what_is_in_both(a: Gti, b: Gti) -> None:
    assert cells(a & b) == cells(a) & cells(b)
    assert a & b == b & a


@given(GTIS, GTIS)
def test_or_joins_what_is_in_either(a: Gti, b: Gti) -> None:
    assert cells(a | b) == cells(a) | cells(b)
    assert a | b == b | a


@given(GTIS, GTIS)
def test_minus_removes_what_is_in_the_other(a: Gti, b: Gti) -> None:
    assert cells(a - b) == cells(a) - cells(b)


@given(GTIS, ENDS, ENDS)
def test_the_complement_is_the_rest_of_the_window(a: Gti, low: int, high: int) -> None:
    window = Gti.of(low, high)
    assert cells(a.complement(low, high)) == cells(window) - cells(a)


@given(GTIS, GTIS, GTIS)
def test_the_laws_of_set_algebra_hold(a: Gti, b: Gti, c: Gti) -> None:
    assert (a & b) & c == a & (b & c)
    assert (a | b) | c == a | (b | c)
    assert a & (b | c) == (a & b) | (a & c)
    assert a & a == a | a == a
    assert a & (a | b) == a
    assert (a - b) | (a & b) == a


@given(GTIS)
def test_the_complement_of_the_complement_is_the_original(a: Gti) -> None:
    assert a.complement(-1, 31).complement(-1, 31) == a


@given(GTIS)
def test_equal_intervals_have_equal_hashes(a: Gti) -> None:
    again = Gti.of(a.start[::-1], a.stop[::-1])
    assert again == a
    assert hash(again) == hash(a)


def test_intervals_differ_from_other_things() -> None:
    assert Gti.of(0, 1) != (0, 1)
    assert Gti.of(0, 1) != Gti.of(0, 2)


@given(GTIS, st.lists(st.integers(-4, 124), max_size=30))
def test_both_ends_belong_to_an_interval_whatever_the_order_of_times(
    gti: Gti, quarters: list[int]
) -> None:
    times = np.asarray(quarters, np.float64) / 4
    expected = [any(start <= t <= stop for start, stop in gti) for t in times.tolist()]
    assert gti.contains(times).tolist() == expected
    ascending = np.argsort(times)
    assert gti.contains(times[ascending]).tolist() == np.asarray(expected, bool)[ascending].tolist()


@given(GTIS, st.lists(ENDS, min_size=2, max_size=10, unique=True))
def test_the_overlap_of_bins_is_their_good_time(gti: Gti, edges: list[int]) -> None:
    bounds = np.sort(np.asarray(edges, np.float64))
    overlap = gti.overlap_s(bounds[:-1], bounds[1:])
    expected = [(gti & Gti.of(low, high)).duration_s for low, high in itertools.pairwise(bounds)]
    assert overlap.tolist() == expected


def test_the_duration_is_added_up_in_the_order_of_the_extractor() -> None:
    # Across 2**28 s (July 2018) the times lose a bit, and the order of the sum shows.
    fine, turn = 2.0**-25, 2.0**28
    pairs = [(turn - 100, turn - 50 + fine), (turn + 10, turn + 20), (turn + 30, turn + 70)]
    in_order = in_lengths = 0.0
    for start, stop in pairs:
        in_order = in_order + stop - start
        in_lengths = in_lengths + (stop - start)
    assert in_order != in_lengths
    assert Gti.from_pairs(pairs).duration_s == in_order


def test_no_intervals_have_no_duration_and_hold_no_time() -> None:
    empty = Gti.from_pairs([])
    assert empty.duration_s == 0.0
    assert len(empty) == 0
    assert not empty.contains(np.array([2.0, 1.0])).any()
    assert empty - Gti.of(0, 1) == empty


def test_ends_that_are_not_finite_are_dropped() -> None:
    assert Gti.of([0, np.nan, 5], [1, 2, np.inf]) == Gti.of(0, 1)


def test_intervals_cannot_be_changed_in_place() -> None:
    gti = Gti.of(0, 1)
    with pytest.raises(ValueError, match="read-only"):
        gti.start[0] = 5.0


def test_a_written_file_reads_back_the_same(tmp_path: Path) -> None:
    gti = Gti.of([227805775.020187, 227806547.7], [227806266.003, 227806760.4471])
    gti.write(tmp_path / "user.gti")
    assert Gti.read(tmp_path / "user.gti") == gti


def test_a_written_file_has_what_nuproducts_and_xselect_look_for(tmp_path: Path) -> None:
    Gti.of(10.0, 25.0).write(tmp_path / "user.gti")
    with fits.open(tmp_path / "user.gti") as hdus:
        header = hdus[1].header
        assert header["EXTNAME"] == "STDGTI"
        assert [header["TTYPE1"], header["TTYPE2"]] == ["START", "STOP"]
        assert (header["HDUCLASS"], header["HDUCLAS1"]) == ("OGIP", "GTI")
        assert (header["TIMESYS"], header["TIMEUNIT"]) == ("TT", "s")
        assert (header["MJDREFI"], header["MJDREFF"]) == (MJDREFI, MJDREFF)
        assert (header["TSTART"], header["TSTOP"], header["ONTIME"]) == (10.0, 25.0, 15.0)


def test_a_file_is_not_overwritten_unasked(tmp_path: Path) -> None:
    file = tmp_path / "user.gti"
    Gti.of(0, 1).write(file)
    with pytest.raises(OutputError, match=r"user\.gti: exists already"):
        Gti.of(0, 2).write(file)
    Gti.of(0, 2).write(file, overwrite=True)
    assert Gti.read(file) == Gti.of(0, 2)


def test_any_table_with_start_and_stop_serves_as_user_intervals(tmp_path: Path) -> None:
    file = tmp_path / "user.fits"
    fits.HDUList([fits.PrimaryHDU(), gti_extension([(3.0, 4.0)], name="MYTIMES")]).writeto(file)
    assert Gti.read(file) == Gti.of(3.0, 4.0)


def test_intervals_of_another_epoch_are_refused(tmp_path: Path) -> None:
    table = gti_extension([(3.0, 4.0)])
    table.header["MJDREFI"] = 51910
    file = tmp_path / "user.fits"
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(file)
    with pytest.raises(InputFileError, match=r"count from MJD 51910 .*Expected NuSTAR's MJDREF"):
        Gti.read(file)


def test_the_user_file_of_the_fixtures_filters_as_xselect_does(shared: Path) -> None:
    from nustar_widgets.events.eventlist import EventList

    folder = shared / "fixtures/extraction"
    events = EventList.read(folder / "obs/nu90000000101A01_cl.evt.gz")
    gti = events.gti & Gti.read(folder / "obs/user_gti.fits")
    with np.load(folder / "expected/user_gti.npz") as expected:
        assert np.array_equal(gti.start, expected["gti_start"])
        assert np.array_equal(gti.stop, expected["gti_stop"])
        kept = events.time[gti.contains(events.time) & (events.pi >= 0)]
        assert np.array_equal(np.sort(kept), np.sort(expected["event_times"]))
    assert gti.duration_s == 9361.035472989082


@pytest.mark.parametrize(
    ("file", "intervals"),
    [
        ("NuSTAR+nustar-gen-utils/nustar_gen/templates/usrgti.fits", None),
        ("NuSTAR+nustar_pysolar/nustar_scripts/make_gtis/nu20211002001A06_gti.fits", None),
        ("KriSun95+heasoft-test-base/analysis_selections/good_time_interval/time_gti.fits", None),
        ("ianan+nustar_sac/python/nu90410111001_chu123.fits", "none"),
    ],
)
def test_interval_files_in_the_wild_are_read(
    shared: Path, file: str, intervals: str | None
) -> None:
    if intervals == "none":
        with pytest.raises(InputFileError, match="no good time intervals"):
            Gti.read(shared / "data" / file)
    else:
        assert Gti.read(shared / "data" / file).duration_s > 0
