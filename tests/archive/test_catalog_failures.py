"""An archive on its bad days: one more try, then one message a user can act on."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.query import Query
from nustar_widgets.errors import (
    NameNotFound,
    NoNetwork,
    NustarWidgetsError,
    SearchCancelled,
    ServerNonsense,
    ServerRefused,
)
from tests.archive import loopback
from tests.archive.loopback import Change, LoopbackArchive, Reply, catalog_at, nobody
from tests.archive.loopback_tables import SOURCE, votable

HERE = Query.from_text("321.9 56.93")
NAMED = Query(name=SOURCE)


def failure(catalog: Catalog, query: Query) -> NustarWidgetsError:
    with pytest.raises(NustarWidgetsError) as caught:
        catalog.search(query)
    return caught.value


@pytest.mark.parametrize(
    "change",
    [loopback.status(500), loopback.status(503), loopback.status(429),
     loopback.status_with_the_answer(502), loopback.hung_up, loopback.dropped],
)  # fmt: skip
def test_one_bad_moment_is_survived(
    archive: LoopbackArchive, catalog: Catalog, change: Change
) -> None:
    archive.next("tap", change)
    assert len(catalog.search(HERE).observations) == 6
    assert archive.count("tap") == 2


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        (loopback.status(500), 500, "said no: HTTP 500 Internal Server Error. Try again later"),
        (loopback.status(503), 503, "said no: HTTP 503 Service Unavailable. Try again later"),
        # pyvo takes an error with a readable answer for success; we do not.
        (loopback.status_with_the_answer(500), 500,
         "said no: HTTP 500 Internal Server Error. Try again later"),
        (loopback.status(429), 429, "said no: HTTP 429 Too Many Requests. Try again later"),
        (loopback.status(599), 599, "said no: HTTP 599. Try again later"),
    ],
)  # fmt: skip
def test_a_server_error_that_stays_is_told_after_two_tries(
    archive: LoopbackArchive, catalog: Catalog, change: Change, status: int, message: str
) -> None:
    archive.always("tap", change)
    error = failure(catalog, HERE)
    assert isinstance(error, ServerRefused)
    assert str(error) == f"{archive.vo_url}: {message}"
    assert (error.url, error.status) == (archive.vo_url, status)
    assert archive.count("tap") == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (loopback.status(404), "said no: HTTP 404 Not Found. Check the address of the archive"),
        (loopback.status(403), "said no: HTTP 403 Forbidden. Check the address of the archive"),
        (loopback.refused_in_words("relation <numaster> does not exist"),
         "refused the query (relation <numaster> does not exist). Try again later, or with fewer "
         "conditions"),
    ],
)  # fmt: skip
def test_a_refusal_is_not_asked_for_twice(
    archive: LoopbackArchive, catalog: Catalog, change: Change, message: str
) -> None:
    archive.always("tap", change)
    error = failure(catalog, HERE)
    assert isinstance(error, ServerRefused)
    assert str(error) == f"{archive.vo_url}: {message}"
    assert archive.count("tap") == 1


def test_a_query_the_archive_does_not_understand_tells_its_words(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    with pytest.raises(ServerRefused, match=r'refused the query \(near "SELEKT": syntax error'):
        catalog.ask(lambda heasarc: heasarc.query_tap("SELEKT 1").to_table())
    assert archive.count("tap") == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (loopback.web_page, "File does not appear to be a VOTABLE"),
        (loopback.cut_off, "unclosed token"),
        (lambda _: Reply(b""), "no element found"),
        (lambda _: Reply(b'{"a": 1}', kind="application/json"), "not well-formed"),
        (lambda _: Reply(votable(("obsid",), (("1",),))), "columns missing: name, ra"),
        (
            lambda reply: replace(reply, body=reply.body.replace(b"<TD>0</TD>", b"<TD>no</TD>")),
            "invalid literal for int",
        ),
    ],
)
def test_nonsense_is_told_as_nonsense(
    archive: LoopbackArchive, catalog: Catalog, change: Change, reason: str
) -> None:
    archive.always("tap", change)
    error = failure(catalog, HERE)
    assert isinstance(error, ServerNonsense)
    assert str(error).startswith(f"{archive.vo_url}: the answer cannot be read (")
    assert str(error).endswith("). Try again later")
    assert reason in str(error)
    assert archive.count("tap") == 1


def test_a_connection_that_breaks_off_twice_is_told(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    archive.always("tap", loopback.dropped)
    error = failure(catalog, HERE)
    assert isinstance(error, NoNetwork)
    assert str(error) == (
        f"{archive.vo_url}: the connection broke off in the middle of the answer. Try again later"
    )
    assert archive.count("tap") == 2


def test_a_server_that_hangs_up_is_told(archive: LoopbackArchive, catalog: Catalog) -> None:
    archive.always("tap", loopback.hung_up)
    error = failure(catalog, HERE)
    assert isinstance(error, NoNetwork)
    assert str(error) == (
        f"{archive.vo_url}: cannot be reached (Remote end closed connection without response). "
        "Check the network, or try again later"
    )


def test_a_silent_server_is_not_waited_for_for_ever(
    archive: LoopbackArchive, tmp_path: Path
) -> None:
    archive.always("tap", loopback.silent(archive))
    with catalog_at(archive, tmp_path, timeout_s=0.2) as catalog:
        error = failure(catalog, HERE)
    assert isinstance(error, NoNetwork)
    assert str(error) == f"{archive.vo_url}: no answer within 0.2 s. Try again later"


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    with nobody() as url, Catalog(vo_url=url, cache_dir=tmp_path, pause_s=0.0) as catalog:
        error = failure(catalog, HERE)
    assert isinstance(error, NoNetwork)
    assert str(error) == (
        f"{url}: cannot be reached (Connection refused). Check the network, or try again later"
    )


def test_an_unknown_server_is_told(tmp_path: Path) -> None:
    url = "http://archive.invalid"  # reserved: never resolves
    with Catalog(vo_url=url, cache_dir=tmp_path, pause_s=0.0) as catalog:
        error = failure(catalog, HERE)
    assert isinstance(error, NoNetwork)
    assert str(error).startswith(f"{url}: cannot be reached (")


def test_the_name_service_gets_one_more_try(archive: LoopbackArchive, catalog: Catalog) -> None:
    archive.next("sesame", loopback.hung_up)
    assert len(catalog.search(NAMED).observations) == 6
    assert archive.count("sesame") == 2


def test_the_second_name_service_is_asked_where_the_first_is_away(
    archive: LoopbackArchive, tmp_path: Path
) -> None:
    with nobody() as url:
        urls = (f"{url}/", archive.sesame_url)
        with catalog_at(archive, tmp_path, sesame_urls=urls) as catalog:
            assert len(catalog.search(NAMED).observations) == 6
    assert archive.count("sesame") == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (loopback.hung_up, "Remote end closed connection without response"),
        (loopback.dropped, "File was supposed to be "),
    ],
)
def test_a_name_service_that_is_away_is_told(
    archive: LoopbackArchive, catalog: Catalog, change: Change, why: str
) -> None:
    archive.always("sesame", change)
    error = failure(catalog, NAMED)
    assert isinstance(error, NoNetwork)
    assert str(error).startswith(f"{archive.sesame_url}: no answer ({why}")
    assert str(error).endswith("or type coordinates or an obsid")
    assert archive.count("sesame") == 2
    assert archive.count("tap") == 0


# astropy leaves the answer of a server that refuses open.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_name_service_that_refuses_is_told(archive: LoopbackArchive, catalog: Catalog) -> None:
    archive.always("sesame", loopback.status(500))
    message = str(failure(catalog, NAMED))
    gc.collect()
    assert message == (
        f"{archive.sesame_url}: no answer (Internal Server Error). Check the network and try "
        "again, or type coordinates or an obsid"
    )


def test_a_silent_name_service_is_not_waited_for_for_ever(
    archive: LoopbackArchive, tmp_path: Path
) -> None:
    archive.always("sesame", loopback.silent(archive))
    with catalog_at(archive, tmp_path, timeout_s=0.2) as catalog:
        error = failure(catalog, NAMED)
    assert isinstance(error, NoNetwork)
    assert "no answer (" in str(error)


@pytest.mark.parametrize(
    "change", [loopback.web_page, loopback.cut_off, lambda _: Reply(b"\xff\xfe%J \xff")]
)
def test_what_is_no_name_service_is_not_believed_that_a_name_is_unknown(
    archive: LoopbackArchive, catalog: Catalog, change: Change
) -> None:
    archive.always("sesame", change)
    error = failure(catalog, NAMED)
    assert isinstance(error, ServerNonsense)
    assert str(error) == (
        f"{archive.sesame_url}: does not answer as a name service does. Try again later, or type "
        "coordinates or an obsid"
    )


def test_a_name_service_is_believed_if_it_knows_what_all_know(
    archive: LoopbackArchive, catalog: Catalog
) -> None:
    assert isinstance(failure(catalog, Query(name="Nowhere X-1")), NameNotFound)
    assert archive.names_asked == ["Nowhere X-1", "M31"]


def test_waiting_for_the_second_try_can_be_cancelled(
    archive: LoopbackArchive, tmp_path: Path
) -> None:
    cancelled = threading.Event()

    def cancel_and_fail(_: Reply) -> Reply:
        cancelled.set()
        return Reply(b"", status=500)

    archive.next("tap", cancel_and_fail)
    with (
        catalog_at(archive, tmp_path, pause_s=30.0) as catalog,
        pytest.raises(SearchCancelled),
    ):
        catalog.search(HERE, cancelled=cancelled)
    assert archive.count("tap") == 1
