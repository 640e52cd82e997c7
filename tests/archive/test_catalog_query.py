"""What people type, and what becomes of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.archive.adql import adql, number_literal, text_literal
from nustar_widgets.archive.coordinates import Position
from nustar_widgets.archive.query import Query
from nustar_widgets.errors import QueryError

SEXAGESIMAL = (
    "21 27 45 +56 56 36",
    "21 27 45 56 56 36",
    "21 27 45.0, +56 56 36.0",
    "21,27,45,56,56,36",
    "21:27:45 +56:56:36",
    "21:27:45.0 +56:56:36.0",
    "21:27:45+56:56:36",
    "21:27:45 56:56:36",
    "21h27m45s +56d56m36s",
    "21h27m45s+56d56m36s",
    "21h27m45s, +56d56m36s",
    "21H27M45S +56D56M36S",
    "21h 27m 45s +56d 56m 36s",
    "21 h 27 m 45 s +56 d 56 m 36 s",
    "21hr27m45s +56deg56'36\"",
    "21h27m45s +56°56′36″",
    "21h27m45s +56°56'36''",
    "212745+565636",
    "212745.0+565636.0",
    "21 27.75 +56 56.6",
    "21:27.75 +56:56.6",
    "RA 21:27:45 Dec +56:56:36",
    "ra=21h27m45s, dec=+56d56m36s",
    "ra: 21 27 45; decl: +56 56 36",
    "J2000 21 27 45 +56 56 36",
    "21:27:45 +56:56:36 (J2000)",
    "  21 27 45\t+56 56 36\n",
)
DECIMAL = (
    "321.94 56.94",
    "321.94 +56.94",
    "321.94+56.94",
    "321.94, 56.94",
    "321.94,+56.94",
    "321.94; 56.94",
    "321.94d 56.94d",
    "321.94 deg, 56.94 deg",
    "321.94° +56.94°",
    "321.94 degrees +56.94 degrees",
    "RA=321.94 Dec=56.94",
    "icrs 321.94 56.94",
    "+321.94 +56.94",
    "21.462666666667h +56.94d",
)
NAMES = (
    "SWIFT J2127.4+5654",
    "J2127.4+5654",
    "2127.4+5654",
    "0716+714",
    "716+714",
    "1915+105",
    "1H 0707-495",
    "1H0707-495",
    "2S 0114+650",
    "4U 1630-47",
    "1E 1207.4-5209",
    "3C 273",
    "HD 219134",
    "M 82",
    "M31",
    "47 Tuc",
    "Cyg X-1",
    "Sgr A*",
    "2MASX J21274498+5656398",
    "O'Brien's star",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "Ö Cas",
)
IMPOSSIBLE = {
    "361 5": "right ascension: expected 0 to 360 degrees",
    "-10 5": "right ascension: expected 0 to 360 degrees",
    "10 95": "declination: expected -90 to 90 degrees",
    "10 -90.1": "declination: expected -90 to 90 degrees",
    "21:27:45 +90:00:01": "declination: expected -90 to 90 degrees",
    "24:00:00 +10:00:00": "right ascension: expected less than 24 hours",
    "21:61:00 +10:00:00": "expected minutes and seconds below 60",
    "21 27 45 +56 56 76": "expected minutes and seconds below 60",
    "21 27.5 45 +56 56 36": "looks like coordinates and cannot be read; expected right ascension",
    "1 2 3": "looks like coordinates and cannot be read; expected right ascension",
    "1:2:3:4 5": "looks like coordinates and cannot be read; expected right ascension",
    "321.94,": "looks like coordinates and cannot be read; expected right ascension",
    "6000111000": r"has 10 digits; expected an obsid \(11 digits\) or a source name",
    "": "name: nothing but blanks",
    " \t ": "name: nothing but blanks",
    "a" * 201: "name: expected at most 200 printable characters",
    "M\x0031": "name: expected at most 200 printable characters",
}


@pytest.mark.parametrize("text", SEXAGESIMAL)
def test_sexagesimal_coordinates_are_read_in_every_usual_form(text: str) -> None:
    query = Query.from_text(text)
    assert query.name is None
    assert query.ra_deg == pytest.approx(321.9375, abs=1e-9)
    assert query.dec_deg == pytest.approx(56.94333333333, abs=1e-9)


@pytest.mark.parametrize("text", DECIMAL)
def test_decimal_coordinates_are_read_in_every_usual_form(text: str) -> None:
    query = Query.from_text(text)
    assert query.name is None
    assert query.ra_deg == pytest.approx(321.94, abs=1e-9)
    assert query.dec_deg == pytest.approx(56.94, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "dec_deg"),
    [
        ("0 0", 0.0),
        ("00 00 00 -00 30 00", -0.5),
        ("0 -5", -5.0),
        ("0 −5.5", -5.5),
        ("0 -90", -90.0),
    ],
)
def test_a_southern_declination_keeps_its_sign(text: str, dec_deg: float) -> None:
    assert Query.from_text(text).position == Position(ra_deg=0.0, dec_deg=dec_deg)


@pytest.mark.parametrize("text", NAMES)
def test_everything_that_could_be_a_name_stays_one(text: str) -> None:
    assert Query.from_text(text) == Query(name=text)


@pytest.mark.parametrize("text", ["60001110002", "nu60001110002", " 60001110002 "])
def test_eleven_digits_are_an_obsid(text: str) -> None:
    assert Query.from_text(text) == Query(obsid="60001110002")


@pytest.mark.parametrize(("text", "message"), IMPOSSIBLE.items())
def test_what_cannot_be_searched_for_says_why(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        Query.from_text(text)
    assert repr(caught.value.given) in str(caught.value)


@given(st.text(max_size=40) | st.text("0123456789+-.:hmsd'\" ,", max_size=30))
def test_whatever_is_typed_is_a_query_or_an_error_of_ours(text: str) -> None:
    try:
        query = Query.from_text(text)
    except QueryError:
        return
    assert query.position or query.name or query.obsid


@given(st.floats(0.0, 359.999), st.floats(-90.0, 90.0), st.sampled_from([", ", " ", "; ", "\t"]))
def test_decimal_coordinates_come_back_as_they_were(ra: float, dec: float, mark: str) -> None:
    position = Query.from_text(f"{ra:.8f}{mark}{dec:+.8f}").position
    assert position is not None
    assert position.ra_deg == pytest.approx(ra, abs=1e-8)
    assert position.dec_deg == pytest.approx(dec, abs=1e-8)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "nothing to search for: give a source name, coordinates, an obsid or a condition"),
        ({"ra_deg": 1.0}, "expected both right ascension and declination"),
        ({"ra_deg": float("nan"), "dec_deg": 1.0}, "right ascension: expected 0 to 360 degrees"),
        ({"name": "M31", "radius_arcmin": 0.0}, "radius: expected more than 0 arcmin, up to 10800"),
        ({"name": "M31", "radius_arcmin": float("nan")}, "radius: expected more than 0 arcmin"),
        ({"obsid": "6000111000"}, "obsid: expected 11 digits"),
        ({"obsid": "' OR 1=1 --"}, "obsid: expected 11 digits"),
        ({"mode": "science"}, "mode: expected SCIENCE or SLEW, or None for both"),
        ({"mode": "SLEW", "min_exposure_s": -1.0}, "exposure: expected 0 s or more"),
        ({"mode": "SLEW", "min_exposure_s": float("inf")}, "exposure: expected 0 s or more"),
        ({"pi": "  "}, "pi: nothing but blanks; leave it out instead"),
        ({"pi": "a\nb"}, "pi: expected at most 200 printable characters"),
        (
            {"start": date(2018, 1, 2), "end": date(2018, 1, 1)},
            "'2018-01-02 to 2018-01-01': the end is before the start",
        ),
    ],
)
def test_an_impossible_query_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        Query(**values)  # type: ignore[arg-type]


def test_the_radius_is_fifteen_arcminutes_unless_said_otherwise() -> None:
    assert Query(name="M31").radius_arcmin == 15.0


def test_a_position_beside_a_name_makes_the_name_a_label() -> None:
    query = Query(name="my source", ra_deg=321.94, dec_deg=-56.94)
    assert query.target == "my source"
    assert query.position == Position(ra_deg=321.94, dec_deg=-56.94)
    assert replace(query, name=None).target == "321.94 -56.94"


def test_the_conditions_are_told_in_words() -> None:
    query = Query(
        obsid="60001110002",
        start=date(2012, 11, 1),
        end=date(2012, 11, 30),
        min_exposure_s=10000.0,
        pi="Harrison",
        mode="SCIENCE",
        public_only=True,
    )
    assert ", ".join(query.conditions) == (
        "obsid 60001110002, begun on or after 2012-11-01, begun on or before 2012-11-30, "
        "at least 10000 s, PI Harrison, mode SCIENCE, public only"
    )


def test_a_query_becomes_one_select_with_every_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nustar_widgets.archive.adql.now_mjd", lambda: 61000.25)
    query = Query(
        obsid="60001110002",
        start=date(2012, 11, 1),
        end=date(2012, 11, 30),
        min_exposure_s=10000.0,
        pi="O'Brien",
        mode="SCIENCE",
        public_only=True,
        radius_arcmin=6.0,
    )
    columns, _, conditions = adql(query, Position(ra_deg=321.94, dec_deg=-1e-7)).partition(
        " WHERE "
    )
    assert columns.startswith("SELECT name,obsid,ra,dec,")
    assert columns.endswith(",__row FROM numaster")
    assert conditions.split(" AND ") == [
        "CONTAINS(POINT('ICRS',ra,dec),CIRCLE('ICRS',321.94,-0.0000001,0.1))=1",
        "obsid='60001110002'",
        "time>=56232",
        "time<56262",
        "exposure_a>=10000",
        "UPPER(pi_lname)=UPPER('O''Brien')",
        "observation_mode='SCIENCE'",
        "public_date>0",
        "public_date<=61000.25",
    ]


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_no_text_gets_out_of_its_quotes(text: str) -> None:
    base = sqlite3.connect(":memory:")
    try:
        assert base.execute(f"SELECT {text_literal(text)}").fetchone() == (text,)
    finally:
        base.close()


@given(st.floats(-1e9, 1e9))
def test_numbers_are_written_without_an_exponent_and_to_ten_decimals(number: float) -> None:
    written = number_literal(number)
    assert set(written) <= set("0123456789.-")
    assert float(written) == pytest.approx(number, abs=1e-10)


def test_separations_are_right_also_across_zero_and_at_the_pole() -> None:
    assert Position(ra_deg=359.99, dec_deg=0.0).separation_arcmin(0.01, 0.0) == pytest.approx(1.2)
    assert Position(ra_deg=10.0, dec_deg=89.9).separation_arcmin(190.0, 89.9) == pytest.approx(12.0)
    assert Position(ra_deg=10.0, dec_deg=20.0).separation_arcmin(10.0, 20.0) == 0.0
    assert Position(ra_deg=0.0, dec_deg=0.0).separation_arcmin(180.0, 0.0) == pytest.approx(10800.0)
