"""Where data lie, whatever the archive's datalink service says or does not say."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from nustar_widgets.archive import location
from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.location import DataLocation, locate, locate_by_rule
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.query import Query
from nustar_widgets.errors import ParameterError, SearchCancelled
from tests.archive import loopback
from tests.archive.loopback import LoopbackArchive, folders_as_before
from tests.archive.loopback_tables import SOURCE

TUTORIAL = "60001110002"
PATH = "/FTP/nustar/data/obs/00/6/60001110002/"
UNSAID = "the archive does not say where it is"


@pytest.fixture
def archive() -> Iterator[LoopbackArchive]:
    with LoopbackArchive(links=folders_as_before) as opened:
        yield opened


def found(catalog: Catalog) -> tuple[Observation, ...]:
    return catalog.search(Query.from_text(SOURCE)).observations


def located(catalog: Catalog) -> dict[str, DataLocation]:
    return {place.obsid: place for place in locate(catalog, found(catalog))}


def test_the_archive_says_where_data_are(archive: LoopbackArchive, catalog: Catalog) -> None:
    place = located(catalog)[TUTORIAL]
    assert place == DataLocation(
        obsid=TUTORIAL,
        path=PATH,
        source="datalink",
        server=archive.root,
        content_length=202_000_000,
    )
    assert place.aws == f"s3://nasa-heasarc{PATH.removeprefix('/FTP')}"
    assert place.heasarc == f"{archive.root}{PATH}"
    assert place.sciserver == PATH


def test_there_is_one_location_an_observation_in_their_order(catalog: Catalog) -> None:
    observations = found(catalog)
    for order in (observations, observations[::-1]):
        places = locate(catalog, order)
        assert [place.obsid for place in places] == [row.obsid for row in order]
    assert locate(catalog, ()) == ()


@pytest.mark.parametrize("shuffled", [False, True])
def test_rows_are_joined_by_id_and_never_by_position(
    archive: LoopbackArchive, catalog: Catalog, shuffled: bool
) -> None:
    keys = [row.row for row in found(catalog)]

    def odd(archive: LoopbackArchive, key: str) -> Sequence[Any]:
        if key == "102":  # missing
            return []
        rows = folders_as_before(archive, key)
        return rows[::-1] if shuffled else rows

    def all_at_once(archive: LoopbackArchive, key: str) -> Sequence[Any]:
        order = reversed(keys) if shuffled else keys
        return [row for one in order for row in odd(archive, one)] if key == keys[0] else []

    archive.links = all_at_once
    places = located(catalog)
    assert places[TUTORIAL].path == PATH
    assert places[TUTORIAL].source == "datalink"
    assert places["60402008002"].path == "/FTP/nustar/data/obs/04/6/60402008002/"
    missing = places["60001110005"]
    assert (missing.source, missing.note, missing.problem) == ("path rule", UNSAID, None)
    assert missing.path == "/FTP/nustar/data/obs/00/6/60001110005/"


def test_the_answer_of_2026_is_empty_and_the_rule_takes_over(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    archive.links = loopback.public_folders
    place = located(catalog)[TUTORIAL]
    assert archive.count("datalink") == 1
    assert place == DataLocation(
        obsid=TUTORIAL, path=PATH, source="path rule", server=archive.root, note=UNSAID
    )
    assert place.content_length is None


def test_proprietary_data_have_no_row_and_a_problem(catalog: Catalog) -> None:
    place = located(catalog)["61001001002"]
    assert place.problem == "proprietary until 2100-01-01: the files are encrypted"
    assert place.source == "path rule"
    assert place.path == "/FTP/nustar/data/obs/10/6/61001001002/"


def test_what_is_planned_has_no_place_and_is_not_asked_for(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    place = located(catalog)["61101001"]
    assert (place.path, place.aws, place.heasarc, place.sciserver) == (None, None, None, None)
    assert place.problem == "planned, 30000 s: not observed yet"
    assert archive.asked[-1].form["ID"] == ["106", "101", "102", "103", "104"]


def test_a_refusal_of_the_archive_is_told(archive: LoopbackArchive, catalog: Catalog) -> None:
    def refusing(archive: LoopbackArchive, key: str) -> Sequence[Any]:
        row = {"ID": key, "access_url": "", "content_type": "", "error_message": "NotFound: none"}
        return [row] if key == "101" else folders_as_before(archive, key)

    archive.links = refusing
    place = located(catalog)[TUTORIAL]
    assert place.problem == "the archive refuses: NotFound: none"
    assert place.source == "path rule"


def test_a_folder_of_another_observation_is_not_believed(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    def swapped(archive: LoopbackArchive, key: str) -> Sequence[Any]:
        wrong = folders_as_before(archive, "102")
        return [row | {"ID": f"ivo://nasa.heasarc/numaster?{key}"} for row in wrong]

    archive.links = swapped
    place = located(catalog)[TUTORIAL]
    assert (place.path, place.source) == (PATH, "path rule")


def test_refusals_without_an_address_break_astroquery_but_not_us(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    archive.links = lambda _, key: [{"ID": key, "error_message": "DefaultFault: proprietary"}]
    places = located(catalog)
    assert places[TUTORIAL].path == PATH
    assert places[TUTORIAL].source == "path rule"


@pytest.mark.parametrize(
    ("route", "change", "why"),
    [
        ("tables", loopback.status(500), "HTTP 500 Internal Server Error"),
        ("tables", loopback.cut_off, "the answer cannot be read"),
        ("datalink", loopback.status(500), "HTTP 500 Internal Server Error"),
        ("datalink", loopback.web_page, "the answer cannot be read"),
        ("datalink", loopback.cut_off, "the answer cannot be read"),
        ("datalink", loopback.dropped, "broke off in the middle"),
        ("datalink", loopback.hung_up, "cannot be reached"),
        ("datalink", loopback.refused_in_words("no"), "refused the query (no)"),
    ],
)
def test_an_archive_that_does_not_answer_is_no_error(
    archive: LoopbackArchive, catalog: Catalog, route: str, change: loopback.Change, why: str
) -> None:
    archive.always(route, change)
    place = located(catalog)[TUTORIAL]
    assert (place.path, place.source, place.problem) == (PATH, "path rule", None)
    assert place.note.startswith("the archive cannot be asked where its data are (")
    assert why in place.note


def test_one_bad_moment_is_survived(archive: LoopbackArchive, catalog: Catalog) -> None:
    archive.next("datalink", loopback.status(500))
    assert located(catalog)[TUTORIAL].source == "datalink"
    assert archive.count("datalink") == 2


def test_many_are_asked_for_in_batches(
    archive: LoopbackArchive, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(location, "_BATCH", 2)
    assert located(catalog)[TUTORIAL].source == "datalink"
    assert archive.count("datalink") == 3
    assert archive.count("tables") == 1


def test_it_can_be_cancelled(archive: LoopbackArchive, catalog: Catalog) -> None:
    cancelled = threading.Event()
    observations = found(catalog)
    archive.next("datalink", loopback.setting(cancelled))
    with pytest.raises(SearchCancelled):
        locate(catalog, observations, cancelled=cancelled)


def test_an_observation_known_only_by_its_number_is_located_by_the_rule(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    (place,) = locate(catalog, [Observation(obsid="90901333002", status="archived")])
    assert place.path == "/FTP/nustar/data/obs/09/9/90901333002/"
    assert archive.asked == []


def test_the_rule_needs_nobody() -> None:
    place = locate_by_rule(TUTORIAL)
    assert place.path == PATH
    assert place.heasarc == f"https://heasarc.gsfc.nasa.gov{PATH}"
    assert place.aws == "s3://nasa-heasarc/nustar/data/obs/00/6/60001110002/"
    assert place.problem is None
    with pytest.raises(ParameterError, match="expected eleven digits"):
        locate_by_rule("../../etc")
