"""HEASARC's NuSTAR tutorial: its own search, against recorded facts and against the archive."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.columns import COLUMNS
from nustar_widgets.archive.location import locate
from nustar_widgets.archive.query import Query
from tests.archive.loopback import LoopbackArchive, catalog_at
from tests.archive.loopback_tables import OBSERVATIONS, SOURCE

OBSID = "60001110002"
PATH = "/FTP/nustar/data/obs/00/6/60001110002/"
RECORDED_TABLES = "data/astropy+astroquery/astroquery/heasarc/tests/data/bca1ec4b.dat"
STRAYCATS = "data/bwgref+straycats/catalog/csv/full_merged.csv"


def recorded_tables(file: Path) -> dict[str, str]:
    """Tables and descriptions of HEASARC, as recorded in 2022."""
    lines = [line.split("|") for line in file.read_text().splitlines() if line.startswith("|")]
    return {line[2].strip(): line[3].strip() for line in lines[1:]}


def test_the_tutorials_search_finds_its_observation(tmp_path: Path) -> None:
    with LoopbackArchive() as archive, catalog_at(archive, tmp_path) as catalog:
        result = catalog.search(Query.from_text(SOURCE))
        selected = result.table[result.table["obsid"] == OBSID]
        assert len(selected) == 1
        assert selected["__row"][0] == "101"
        (observation,) = (row for row in result.observations if row.obsid == OBSID)
        (place,) = locate(catalog, [observation])
        assert place.path == PATH
        assert place.aws == "s3://nasa-heasarc/nustar/data/obs/00/6/60001110002/"


def test_astroquerys_own_way_leads_to_the_same_observations(tmp_path: Path) -> None:
    from astropy.coordinates import SkyCoord

    with LoopbackArchive() as archive, catalog_at(archive, tmp_path) as catalog:
        position = SkyCoord(321.93731, 56.94441, unit="deg")
        table = catalog.ask(lambda heasarc: heasarc.query_region(position, catalog="numaster"))
        ours = catalog.search(Query(ra_deg=321.93731, dec_deg=56.94441))
    assert set(table["obsid"]) == {row.obsid for row in ours.observations}


def test_the_catalogue_is_found_among_all_recorded_tables(shared: Path, tmp_path: Path) -> None:
    tables = recorded_tables(shared / RECORDED_TABLES)
    assert len(tables) > 900
    with LoopbackArchive(tables=tables) as archive, catalog_at(archive, tmp_path) as catalog:
        listed = catalog.ask(lambda heasarc: heasarc.list_catalogs(master=True, keywords="nustar"))
    assert [tuple(row) for row in listed] == [("numaster", "NuSTAR Master Catalog")]


def test_the_facts_called_recorded_are_those_of_straycats(shared: Path) -> None:
    facts = {row["obsid"]: row for row in OBSERVATIONS}
    with (shared / STRAYCATS).open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["SEQID"] in facts]
    assert {row["SEQID"] for row in rows} == {"60001110005", "60402008002", "90401331002"}
    for row in rows:
        fact = facts[row["SEQID"]]
        assert float(row["RA"]) == fact["ra"]
        assert float(row["DEC"]) == fact["dec"]
        if "J2127" in row["Primary Target"]:
            assert row["Primary Target"] == fact["name"]
            assert float(row["Exposure (s)"]) == fact["exposure_a"]
            assert float(row["PA"]) == fact["roll_angle"]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(cache_dir=tmp_path, timeout_s=120.0) as catalog:
        yield catalog


@pytest.mark.network
@pytest.mark.filterwarnings("default")  # of libraries, about a server that is not ours
def test_the_live_archive_answers_the_tutorials_search(live: Catalog) -> None:
    listed = live.ask(lambda heasarc: heasarc.list_catalogs(master=True, keywords="nustar"))
    assert list(listed["name"]) == ["numaster"]
    result = live.search(Query.from_text(SOURCE))
    assert result.position is not None
    assert result.position.separation_arcmin(321.9373, 56.9444) < 0.1
    found = {row.obsid: row for row in result.observations}
    for fact in OBSERVATIONS[1:3]:
        row = found[fact["obsid"]]
        assert row.exposure_a_s == pytest.approx(fact["exposure_a"], rel=1e-3)
        assert row.ra_deg == pytest.approx(fact["ra"], abs=1e-3)
    observation = found[OBSID]
    assert observation.can_download
    assert observation.start.startswith("2012-11-0")
    assert observation.exposure_s > 10000.0
    (place,) = locate(live, [observation])
    assert (place.path, place.problem) == (PATH, None)


@pytest.mark.network
@pytest.mark.filterwarnings("default")  # of libraries, about a server that is not ours
def test_the_live_catalogue_has_every_column_that_is_asked_for(live: Catalog) -> None:
    columns = live.ask(lambda heasarc: heasarc.list_columns("numaster", full=True))
    wanted = {column.name for column in COLUMNS} - {"__row"}
    assert wanted <= {name.lower() for name in columns["name"]}


@pytest.mark.network
@pytest.mark.filterwarnings("default")  # of libraries, about a server that is not ours
@pytest.mark.parametrize("text", ["' OR 1=1 --", "O'Brien"])
def test_the_live_archive_takes_a_text_for_a_text(live: Catalog, text: str) -> None:
    assert len(live.search(Query(pi=text)).observations) < 100
