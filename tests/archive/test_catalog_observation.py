"""What a row of the catalogue says about its data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nustar_widgets.archive.columns import COLUMNS, Kind
from nustar_widgets.archive.mjd import date_to_mjd, mjd_to_iso, now_mjd
from nustar_widgets.archive.observation import Observation


def observation(**changes: Any) -> Observation:
    good: dict[str, Any] = {
        "obsid": "60001110002",
        "status": "archived",
        "mode": "SCIENCE",
        "exposure_a_s": 49000.0,
        "exposure_b_s": 48900.0,
        "public_mjd": 56700.0,
        "start_mjd": 56235.25,
    }
    return Observation(**(good | changes))


def told(**changes: Any) -> dict[str, str]:
    return {flag.kind: flag.text for flag in observation(**changes).flags}


def test_good_data_have_no_flags_and_can_be_downloaded() -> None:
    assert observation().flags == ()
    assert observation().can_download
    assert observation().why_not is None


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        (
            {"status": "accepted", "exposure_a_s": -30000.0, "exposure_b_s": -30000.0,
             "public_mjd": None, "start_mjd": None, "obsid": "61101001"},
            "planned", "planned, 30000 s: not observed yet",
        ),
        ({"status": "ACCEPTED", "exposure_a_s": None, "exposure_b_s": None},
         "planned", "planned: not observed yet"),
        ({"public_mjd": None}, "proprietary",
         "proprietary: no public date yet, the files are encrypted"),
        ({"public_mjd": 88069.0}, "proprietary",
         "proprietary until 2100-01-01: the files are encrypted"),
        ({"exposure_a_s": 0.0, "exposure_b_s": None}, "no exposure",
         "no exposure: there are no data to analyse"),
        ({"status": ""}, "unavailable", "status '': not in the archive"),
        ({"obsid": "../../etc"}, "unavailable",
         "obsid '../../etc' is not one of an observation (11 digits)"),
    ],
)  # fmt: skip
def test_what_cannot_be_downloaded_says_why(changes: Any, kind: str, text: str) -> None:
    assert told(**changes) == {kind: text}
    assert not observation(**changes).can_download
    assert observation(**changes).why_not == text


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"mode": "SLEW"},
         {"slew": "slew: taken while the telescope turned, no SCIENCE (mode 01) events"}),
        ({"solar_activity": "M1.2"}, {"solar activity": "solar activity: M1.2"}),
        ({"solar_activity": "none"}, {}),
        ({"data_gap": 2.0}, {"data gap": "data gap: 2"}),
        ({"data_gap": 0.0, "nupsdout": 0.0}, {}),
        ({"nupsdout": 1.5}, {"metrology": "metrology laser outside its calibrated grid: 1.5"}),
        ({"has_issue": True, "data_gap": 1.0, "solar_activity": "C"},
         {"issue": "known issue: solar activity, data gap", "solar activity": "solar activity: C",
          "data gap": "data gap: 1"}),
        ({"has_issue": True, "comments": "odd setting"}, {"issue": "known issue: odd setting"}),
        ({"has_issue": True}, {"issue": "known issue: see the comments"}),
    ],
)  # fmt: skip
def test_oddities_are_told_in_words_and_hide_nothing(changes: Any, flags: dict[str, str]) -> None:
    assert told(**changes) == flags
    assert observation(**changes).can_download


def test_the_gravest_flag_comes_first() -> None:
    both = observation(public_mjd=None, mode="SLEW", has_issue=True)
    assert [flag.kind for flag in both.flags] == ["proprietary", "slew", "issue"]
    assert str(both.flags[0]) == "proprietary: no public date yet, the files are encrypted"


def test_one_module_with_exposure_is_enough() -> None:
    assert observation(exposure_a_s=0.0).can_download
    assert observation(exposure_a_s=0.0).exposure_s == 48900.0


def test_data_become_public_on_their_day() -> None:
    assert observation(public_mjd=now_mjd() - 0.01).can_download
    assert not observation(public_mjd=now_mjd() + 0.01).can_download


def test_days_are_written_for_people() -> None:
    row = observation(start_mjd=58304.68482851852, end_mjd=58306.3376062963)
    assert (row.start, row.end) == ("2018-07-05T16:26:09", "2018-07-07T08:06:09")
    assert row.public == "2014-02-12"
    assert observation(public_mjd=None, start_mjd=None).start == ""
    assert observation(public_mjd=None).public == ""


def test_days_count_as_modified_julian_dates() -> None:
    assert mjd_to_iso(51544.5) == "2000-01-01T12:00:00"
    assert date_to_mjd(date(2000, 1, 1)) == 51544
    assert mjd_to_iso(0.0, day_only=True) == "1858-11-17"
    assert mjd_to_iso(1e12) == mjd_to_iso(float("inf")) == mjd_to_iso(float("nan")) == ""
    today = datetime(1858, 11, 17, tzinfo=UTC) + timedelta(days=now_mjd())
    assert abs(datetime.now(UTC) - today) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Kind.TEXT, "  a b ", "a b"),
        (Kind.TEXT, None, ""),
        (Kind.TEXT, "null", ""),
        (Kind.TEXT, "--", ""),
        (Kind.TEXT, 101, "101"),
        (Kind.NUMBER, 1, 1.0),
        (Kind.NUMBER, "1.5 ", 1.5),
        (Kind.NUMBER, -1.0, -1.0),
        (Kind.NUMBER, 0, 0.0),
        (Kind.NUMBER, "", None),
        (Kind.NUMBER, None, None),
        (Kind.NUMBER, float("nan"), None),
        (Kind.DAY, 0.0, None),
        (Kind.DAY, "0", None),
        (Kind.DAY, 56700.0, 56700.0),
        (Kind.YES, 1, True),
        (Kind.YES, "1", True),
        (Kind.YES, 0, False),
        (Kind.YES, None, False),
    ],
)
def test_values_are_read_however_the_catalogue_writes_them(
    kind: Kind, value: Any, expected: Any
) -> None:
    read = kind.read(value)
    assert read == expected
    assert type(read) is type(expected)


def test_a_value_of_the_wrong_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="could not convert string to float"):
        Kind.NUMBER.read("many")


def test_a_row_comes_back_as_it_was() -> None:
    row = observation(has_issue=True, data_gap=None, title="AGN & <x>", row="101")
    names = [column.name for column in COLUMNS]
    assert Observation.from_row(dict(zip(names, row.to_row(), strict=True))) == row
