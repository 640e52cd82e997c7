"""Results kept on disk: used while recent, used for want of better, never in the way."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.archive import resultcache
from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.query import Query
from nustar_widgets.errors import NameNotFound, ServerRefused
from tests.archive import loopback
from tests.archive.loopback import LoopbackArchive, catalog_at
from tests.archive.loopback_tables import SOURCE

QUERY = Query(name=SOURCE, start=date(2012, 1, 1), min_exposure_s=10.0)


def only_file(catalog: Catalog) -> Path:
    (file,) = catalog.cache_dir.iterdir()
    return file


def change_file(catalog: Catalog, **changes: Any) -> None:
    kept = json.loads(only_file(catalog).read_text(encoding="utf-8"))
    only_file(catalog).write_text(json.dumps(kept | changes), encoding="utf-8")


def test_a_recent_answer_is_used_without_asking_anybody(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    fresh = catalog.search(QUERY)
    asked = len(archive.asked)
    kept = catalog.search(QUERY)
    assert len(archive.asked) == asked
    assert kept == replace(fresh, from_cache=True)
    assert kept.observations == fresh.observations
    assert kept.fetched == fresh.fetched
    assert kept.hint == ""


def test_it_is_used_by_the_next_session_too(archive: LoopbackArchive, tmp_path: Path) -> None:
    for expected in (False, True):
        with catalog_at(archive, tmp_path) as catalog:
            assert catalog.search(QUERY).from_cache is expected


def test_another_query_or_another_archive_is_another_search(
    archive: LoopbackArchive, catalog: Catalog, tmp_path: Path
) -> None:
    catalog.search(QUERY)
    assert not catalog.search(replace(QUERY, radius_arcmin=14.0)).from_cache
    with LoopbackArchive() as other, catalog_at(other, tmp_path) as elsewhere:
        assert not elsewhere.search(QUERY).from_cache
    assert archive.count("tap") == 2


def test_a_refresh_asks_again(archive: LoopbackArchive, catalog: Catalog) -> None:
    catalog.search(QUERY)
    assert not catalog.search(QUERY, refresh=True).from_cache
    assert archive.count("tap") == 2


def test_an_old_answer_is_not_used_while_the_archive_answers(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    catalog.search(QUERY)
    for away in (timedelta(days=1, seconds=1), timedelta(days=-1)):  # old; or the clock was wrong
        change_file(catalog, fetched=(datetime.now(UTC) - away).isoformat())
        assert not catalog.search(QUERY).from_cache
    assert archive.count("tap") == 3


@pytest.mark.parametrize("refresh", [False, True])
def test_an_old_answer_is_better_than_none_and_says_so(
    archive: LoopbackArchive, catalog: Catalog, refresh: bool
) -> None:
    fresh = catalog.search(QUERY)
    change_file(catalog, fetched="2026-01-02T03:04:05+00:00")
    archive.always("tap", loopback.status(503))
    kept = catalog.search(QUERY, refresh=refresh)
    assert kept.from_cache
    assert kept.stale
    assert kept.observations == fresh.observations
    assert kept.hint == (
        f"as of 2026-01-02 03:04 UTC: {archive.vo_url}: said no: HTTP 503 Service Unavailable. "
        "Try again later"
    )


def test_without_an_old_answer_the_trouble_is_told(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    archive.always("tap", loopback.status(503))
    with pytest.raises(ServerRefused):
        catalog.search(QUERY)
    assert not list(catalog.cache_dir.iterdir())


def test_a_name_that_became_unknown_is_not_covered_by_an_old_answer(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    catalog.search(QUERY)
    archive.names = {"M31": (10.7, 41.3)}
    with pytest.raises(NameNotFound):
        catalog.search(QUERY, refresh=True)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 1}', b'{"format": 99}',
    ],
)  # fmt: skip
def test_a_broken_file_is_ignored_and_written_anew(
    archive: LoopbackArchive, catalog: Catalog, content: bytes
) -> None:
    fresh = catalog.search(QUERY)
    only_file(catalog).write_bytes(content)
    assert catalog.search(QUERY).observations == fresh.observations
    assert archive.count("tap") == 2
    assert catalog.search(QUERY).from_cache


@pytest.mark.parametrize(
    "changes",
    [
        {"fetched": "yesterday"},
        {"fetched": None},
        {"position": [400.0, 0.0]},
        {"rows": [["too short"]]},
        {"rows": None},
        {"rows": [["x"] * 30]},
        {"columns": ["name"]},
        {"query": {}},
    ],
)
def test_a_file_with_a_wrong_value_is_ignored(
    archive: LoopbackArchive, catalog: Catalog, changes: dict[str, Any]
) -> None:
    catalog.search(QUERY)
    change_file(catalog, **changes)
    assert not catalog.search(QUERY).from_cache
    assert archive.count("tap") == 2


def test_a_folder_that_cannot_be_made_only_costs_time(
    archive: LoopbackArchive, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with catalog_at(archive, tmp_path / "file" / "cache") as catalog:
        assert len(catalog.search(QUERY).observations) == 5
        assert not catalog.search(QUERY).from_cache


def test_the_oldest_results_go(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resultcache, "MOST_FILES", 2)
    queries = [Query(ra_deg=1.0, dec_deg=2.0, radius_arcmin=radius) for radius in (1.0, 2.0, 3.0)]
    for age, query in zip((300, 200, 100), queries, strict=True):
        catalog.search(query)
        newest = max(catalog.cache_dir.iterdir(), key=lambda file: file.stat().st_mtime)
        moment = newest.stat().st_mtime - age
        os.utime(newest, (moment, moment))
    assert [catalog.search(query).from_cache for query in queries[1:]] == [True, True]
    assert len(list(catalog.cache_dir.iterdir())) == 2


def test_nothing_half_written_is_left(catalog: Catalog) -> None:
    catalog.search(QUERY)
    assert only_file(catalog).suffix == ".json"
    kept = json.loads(only_file(catalog).read_text(encoding="utf-8"))
    assert kept["query"]["name"] == SOURCE
    assert kept["query"]["start"] == "2012-01-01"


def test_the_users_own_cache_folder_is_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name, appauthor: f"/cache/{name}")
    assert Catalog().cache_dir == Path("/cache/nustar_widgets/searches")
