"""Searches through the real astroquery and pyvo, against the tests' own archive."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from pyvo.dal import DALOverflowWarning

from nustar_widgets.archive import catalog as catalog_module
from nustar_widgets.archive.catalog import TAR_URL, VO_URL, Catalog
from nustar_widgets.archive.query import Query
from nustar_widgets.errors import NameNotFound, QueryError, SearchCancelled
from tests.archive.loopback import LoopbackArchive, Reply, catalog_at, setting
from tests.archive.loopback_tables import OBSERVATIONS, SOURCE

NASTY = ("' OR 1=1 --", "x'; DROP TABLE numaster; --", "<script>alert(1)</script>", '"', "%", "\\'")


def obsids(catalog: Catalog, query: Query) -> list[str]:
    return [observation.obsid for observation in catalog.search(query).observations]


def test_a_name_becomes_a_position_and_a_cone_around_it(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    result = catalog.search(Query.from_text(SOURCE))
    assert archive.names_asked == [SOURCE]
    assert result.position is not None
    assert (result.position.ra_deg, result.position.dec_deg) == (321.93731, 56.94441)
    assert "CIRCLE('ICRS',321.93731,56.94441,0.25)" in archive.queries[0]
    assert [observation.obsid for observation in result.observations] == [
        "60001110001",
        "60001110002",
        "60001110005",
        "60402008002",
        "61001001002",
        "61101001",  # planned: no start, so at the end
    ]
    assert result.hint == ""
    assert not result.from_cache
    assert not result.truncated


def test_coordinates_are_searched_without_asking_for_a_name(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    query = replace(Query.from_text("21:27:41.64 +56:55:32.2"), radius_arcmin=0.5)
    assert obsids(catalog, query) == ["60001110005"]
    assert archive.names_asked == []


def test_a_label_beside_a_position_is_not_resolved(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    query = Query(name="nobody knows it", ra_deg=321.9235, dec_deg=56.9256, radius_arcmin=0.5)
    assert obsids(catalog, query) == ["60001110005"]
    assert archive.names_asked == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(obsid="60001110002"), ["60001110002"]),
        (Query(mode="SLEW"), ["60001110001"]),
        (Query(pi="o'brien"), ["60402008002"]),
        (Query(min_exposure_s=74582.6), ["60001110005"]),
        (Query(start=date(2018, 7, 5), end=date(2018, 7, 5)), ["60402008002"]),
        (Query(start=date(2018, 7, 6), end=date(2018, 8, 13)), ["90401331002"]),
        (Query(end=date(2012, 11, 4)), ["60001110001", "60001110002", "61101001"]),
        (Query(pi="Harrison", public_only=True), ["60001110002", "60001110005"]),
        (
            Query(ra_deg=321.9, dec_deg=56.93, mode="SCIENCE", min_exposure_s=60000.0),
            ["60001110005", "60402008002"],
        ),
    ],
)
def test_every_condition_finds_what_fulfils_it(
    catalog: Catalog, query: Query, expected: list[str]
) -> None:
    assert obsids(catalog, query) == expected


def test_values_units_and_days_of_a_found_observation(catalog: Catalog) -> None:
    (found,) = catalog.search(Query(obsid="60402008002")).observations
    assert (found.name, found.row) == ("SWIFT_J2127d4p5654", "103")
    assert (found.ra_deg, found.dec_deg, found.roll_deg) == (321.9207, 56.9606, 97.9772)
    assert (found.exposure_a_s, found.exposure_b_s) == (71255.0, 70952.1237)
    assert (found.start, found.end) == ("2018-07-05T16:26:09", "2018-07-07T08:06:09")
    assert found.public == "2019-07-16"
    assert found.has_issue
    assert [flag.kind for flag in found.flags] == ["issue", "solar activity", "data gap"]
    assert found.ontime_a_s is None
    assert found.pi_fname == ""


def test_the_table_has_units_readable_days_and_masks(catalog: Catalog) -> None:
    result = catalog.search(Query.from_text(SOURCE))
    table = result.table
    assert table["obsid"].dtype.kind == "U"
    assert table["obsid"].tolist()[1] == "60001110002"
    units = {name: table[name].unit for name in table.colnames if table[name].unit is not None}
    assert units == {
        "search_offset": u.arcmin,
        "ra": u.deg,
        "dec": u.deg,
        "roll_angle": u.deg,
        "time": u.d,
        "end_time": u.d,
        "exposure_a": u.s,
        "exposure_b": u.s,
        "ontime_a": u.s,
        "ontime_b": u.s,
        "public_date": u.d,
    }
    assert table["start"][3] == "2018-07-05T16:26:09"
    assert table["time"][3] == 58304.68482851852
    assert table["public"][3] == "2019-07-16"
    assert table["exposure_a"].quantity[3] == 71255.0 * u.s
    assert np.ma.is_masked(table["time"][5])
    assert table["start"][5] == ""
    assert np.ma.is_masked(table["roll_angle"][0])
    assert table["issue_flag"].tolist() == [False, False, False, True, False, False]
    assert table["can_download"].tolist() == [True, True, True, True, False, False]
    assert table["flags"][4] == "proprietary until 2100-01-01: the files are encrypted"
    assert table["title"][1] == 'AGN & <Extragalactic> "Survey"'
    assert table["time"].description == "start, MJD (UTC)"
    assert result.table is table


def test_offsets_agree_with_astropys(catalog: Catalog) -> None:
    result = catalog.search(Query.from_text(SOURCE))
    centre = SkyCoord(321.93731, 56.94441, unit="deg")
    pointings = SkyCoord(result.table["ra"].quantity, result.table["dec"].quantity)
    offsets = result.table["search_offset"].quantity
    assert u.allclose(offsets, centre.separation(pointings), rtol=1e-9)
    assert result.offsets_arcmin == tuple(offsets.value)


def test_without_a_position_there_are_no_offsets(catalog: Catalog) -> None:
    result = catalog.search(Query(obsid="60001110002"))
    assert result.position is None
    assert result.offsets_arcmin == (None,)
    assert np.ma.is_masked(result.table["search_offset"][0])


def test_rows_of_nothing_but_nulls_are_read(tmp_path: Path) -> None:
    rows = [{"obsid": "60001110002", "ra": 1.0, "dec": 2.0, "__row": "1"}]
    with LoopbackArchive(rows) as archive, catalog_at(archive, tmp_path) as catalog:
        result = catalog.search(Query.from_text("1 2"))
    (found,) = result.observations
    assert (found.name, found.start, found.exposure_a_s, found.has_issue) == ("", "", None, False)
    assert not found.can_download
    assert np.ma.is_masked(result.table["exposure_a"][0])
    assert result.table["name"][0] == ""


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        (Query.from_text("10 10"), "nothing within 15 arcmin of 10 +10; try a larger radius"),
        (
            replace(Query.from_text(SOURCE), radius_arcmin=0.1),
            f"nothing within 0.1 arcmin of {SOURCE}; try a larger radius",
        ),
        (
            Query(ra_deg=10.0, dec_deg=10.0, mode="SLEW", public_only=True),
            "nothing within 15 arcmin of 10 +10 with mode SLEW, public only; "
            "try a larger radius or fewer conditions",
        ),
        (
            Query(obsid="12345678901"),
            "nothing with obsid 12345678901; check it, or ask for less",
        ),
    ],
)
def test_nothing_found_is_no_error_but_says_what_to_try(
    catalog: Catalog, query: Query, hint: str
) -> None:
    result = catalog.search(query)
    assert result.observations == ()
    assert result.hint == hint
    assert len(result.table) == 0
    assert result.table["ra"].unit == u.deg


def test_a_truncated_answer_says_so(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_module, "MAX_ROWS", 3)
    result = catalog.search(Query(mode="SCIENCE"))
    assert result.truncated
    assert result.hint == ("only the first 3 observations: the archive has more, narrow the search")


def test_an_archive_that_sends_less_than_asked_for_says_so_too(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    def overflow(reply: Reply) -> Reply:
        more = b'<INFO name="QUERY_STATUS" value="OVERFLOW"/></RESOURCE>'
        return replace(reply, body=reply.body.replace(b"</RESOURCE>", more))

    archive.next("tap", overflow)
    with pytest.warns(DALOverflowWarning, match="Results truncated at 6 records"):  # pyvo's own
        result = catalog.search(Query(mode="SCIENCE"))
    assert result.truncated


def test_a_name_is_never_part_of_the_query(archive: LoopbackArchive, catalog: Catalog) -> None:
    for name in NASTY:
        with pytest.raises(NameNotFound, match="no source of this name is known to SIMBAD"):
            catalog.search(Query(name=name))
    assert [name for name in archive.names_asked if name != "M31"] == list(NASTY)
    assert archive.queries == []


def test_a_resolved_nasty_name_is_searched_by_its_position(tmp_path: Path) -> None:
    names = dict.fromkeys(NASTY, (321.9235, 56.9256))
    with LoopbackArchive(names=names) as archive, catalog_at(archive, tmp_path) as catalog:
        for name in NASTY:
            query = Query(name=name, radius_arcmin=0.5)
            assert obsids(catalog, query) == ["60001110005"]
    assert len({*archive.queries}) == 1
    assert not any(name in archive.queries[0] for name in NASTY if len(name) > 2)


@pytest.mark.parametrize("text", [*NASTY, "O'Brien' OR '1'='1", "O''Brien", "/*", "x\\"])
def test_a_text_can_not_change_what_is_asked(
    archive: LoopbackArchive, catalog: Catalog, text: str
) -> None:
    assert obsids(catalog, Query(pi=text)) == []
    literal = "'" + text.replace("'", "''") + "'"
    assert archive.queries[0].endswith(f" WHERE UPPER(pi_lname)=UPPER({literal})")
    assert obsids(catalog, Query(pi="O'Brien")) == ["60402008002"]


def test_the_archive_would_obey_a_text_that_got_out(catalog: Catalog) -> None:
    careless = f"SELECT obsid FROM numaster WHERE pi_lname='{NASTY[0]}'"
    found = catalog.ask(lambda heasarc: heasarc.query_tap(careless).to_table())
    assert len(found) == len(OBSERVATIONS)


def test_an_unknown_name_says_what_to_do(catalog: Catalog) -> None:
    with pytest.raises(NameNotFound) as caught:
        catalog.search(Query(name="Nowhere X-1"))
    assert caught.value.name == "Nowhere X-1"
    assert str(caught.value) == (
        "'Nowhere X-1': no source of this name is known to SIMBAD, NED or VizieR. Check the "
        "spelling, or give coordinates or an obsid (11 digits) instead"
    )


def test_a_search_that_is_not_wanted_any_more_asks_nobody(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    cancelled = threading.Event()
    cancelled.set()
    for query in (Query(name=SOURCE), Query(obsid="60001110002")):
        with pytest.raises(SearchCancelled, match="cancelled"):
            catalog.search(query, cancelled=cancelled)
    assert archive.asked == []


def test_a_search_can_be_cancelled_between_two_requests(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    cancelled = threading.Event()
    archive.next("sesame", setting(cancelled))
    with pytest.raises(SearchCancelled):
        catalog.search(Query(name=SOURCE), cancelled=cancelled)
    assert archive.count("sesame") == 1
    assert archive.count("tap") == 0


def test_a_search_can_be_cancelled_while_its_answer_is_read(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    cancelled = threading.Event()
    archive.next("tap", setting(cancelled))
    with pytest.raises(SearchCancelled):
        catalog.search(Query(obsid="60001110002"), cancelled=cancelled)
    assert archive.count("tap") == 1
    assert catalog.search(Query(obsid="60001110002")).from_cache is False


def test_cancelling_one_search_leaves_another_in_peace(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    cancelled, waiting = threading.Event(), threading.Event()
    found: list[str] = []

    def slow() -> None:
        found.extend(obsids(catalog, Query(obsid="60001110002")))

    archive.next("tap", lambda reply: replace(reply, wait=waiting))
    thread = threading.Thread(target=slow)
    thread.start()
    cancelled.set()
    with pytest.raises(SearchCancelled):
        catalog.search(Query(obsid="60001110005"), cancelled=cancelled)
    waiting.set()
    thread.join()
    assert found == ["60001110002"]


def test_two_catalogues_at_two_addresses_do_not_mix(tmp_path: Path) -> None:
    from astroquery.heasarc import Heasarc

    with (
        LoopbackArchive() as one,
        LoopbackArchive(OBSERVATIONS[:1]) as other,
        catalog_at(one, tmp_path) as first,
        catalog_at(other, tmp_path) as second,
    ):
        query = Query(name=SOURCE)
        assert (len(obsids(first, query)), len(obsids(second, query))) == (6, 1)
        assert (one.count("sesame"), other.count("sesame")) == (1, 1)
        addresses = (first.heasarc.VO_URL, first.heasarc.TAR_URL, Heasarc.VO_URL)
        assert addresses == (one.vo_url, one.tar_url, VO_URL)


def test_the_addresses_are_heasarcs_own_unless_said_otherwise(tmp_path: Path) -> None:
    from astroquery.heasarc import conf

    with Catalog(cache_dir=tmp_path) as catalog:
        assert (catalog.vo_url, catalog.tar_url) == (conf.VO_URL, conf.TAR_URL)
        assert (VO_URL, TAR_URL) == (conf.VO_URL, conf.TAR_URL)
        assert catalog.sesame_urls is None


@pytest.mark.parametrize("url", ["heasarc.gsfc.nasa.gov", "file:///etc/passwd", "ftp://x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(QueryError, match=r"not an address: expected http://\.\.\. or https://"):
        Catalog(vo_url=url)


def test_nothing_heavy_is_imported_before_a_search() -> None:
    code = (
        "import sys\n"
        "import nustar_widgets.archive.location, nustar_widgets.archive.catalog\n"
        "nustar_widgets.archive.catalog.Catalog(cache_dir='x')\n"
        "heavy = {'astropy', 'astroquery', 'pyvo', 'requests', 'numpy', 'platformdirs'}\n"
        "print(heavy & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
