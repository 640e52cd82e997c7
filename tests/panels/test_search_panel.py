"""The search panel without a browser: controls are set, the session is looked at."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.archive.catalog import Catalog
from nustar_widgets.archive.content import Content
from nustar_widgets.archive.heasarc import HeasarcHost
from nustar_widgets.archive.paths import archive_path
from nustar_widgets.panels.search import SearchPanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import Regions
from nustar_widgets.simulate import SimulatedObservation
from tests.archive.loopback import LoopbackArchive
from tests.archive.loopback_tables import OBSERVATIONS
from tests.archive.servers import ArchiveServer
from tests.panels.conftest import at_once

SIMULATED = "00000000001"
HOSTILE = "<script>alert(1)</script>"


def rows() -> list[dict[str, Any]]:
    """The archive's observations, one of which can be fetched here and one with a bad name."""
    fetched = {**OBSERVATIONS[0], "obsid": SIMULATED, "__row": "900", "name": HOSTILE}
    return [*OBSERVATIONS, fetched]


@pytest.fixture
def archive() -> Iterator[LoopbackArchive]:
    with LoopbackArchive(rows=rows()) as running:
        yield running


@pytest.fixture
def files(sample: SimulatedObservation, tmp_path: Path) -> Iterator[ArchiveServer]:
    place = tmp_path / "server" / archive_path(SIMULATED).lstrip("/")
    shutil.copytree(sample.path, place)
    with ArchiveServer(tmp_path / "server") as running:
        yield running


def panel_on(
    archive: LoopbackArchive, tmp_path: Path, start: Callable[..., None] = at_once
) -> SearchPanel:
    catalog = Catalog(
        vo_url=archive.vo_url,
        sesame_urls=[archive.sesame_url],
        cache_dir=tmp_path / "cache",
        pause_s=0.01,
    )
    made = SearchPanel(Session(), catalog=catalog, start=start)
    made.data.folder.value = str(tmp_path / "data")
    return made


@pytest.fixture
def panel(archive: LoopbackArchive, tmp_path: Path) -> Iterator[SearchPanel]:
    made = panel_on(archive, tmp_path)
    yield made
    made.close()
    made.catalog.close()


def search(panel: SearchPanel, text: str) -> None:
    panel.form.text.value = text


def test_a_search_shows_what_was_found_and_edits_nothing(panel: SearchPanel) -> None:
    search(panel, "SWIFT J2127.4+5654")
    assert panel.result is not None
    found = [item.obsid for item in panel.result.observations]
    assert "60001110002" in found
    assert panel.strip.text == f"{len(found)} observations"
    assert not panel.session.can_undo
    assert panel.found.children == (panel.table, panel.plot)


def test_choosing_is_one_step_that_can_be_taken_back(panel: SearchPanel) -> None:
    search(panel, "SWIFT J2127.4+5654")
    panel.table.choose("60001110002")
    session = panel.session
    assert session.obsid == "60001110002"
    assert session.target is not None
    assert (session.target.name, session.target.ra_deg) == ("SWIFT J2127.4+5654", 321.93731)
    assert "60001110002" in panel.facts.value
    assert session.undo() == "select 60001110002"
    assert panel.facts.value == ""
    assert not session.can_undo


def test_what_belonged_to_another_observation_is_cleared(panel: SearchPanel) -> None:
    panel.session.edit("cut", user_gti=((1.0, 2.0),))
    search(panel, "60402008002")
    panel.table.choose("60402008002")
    now = panel.session.snapshot()
    assert (now["user_gti"], now["regions"]) == (None, Regions())


def test_texts_of_the_archive_are_shown_as_texts(panel: SearchPanel) -> None:
    search(panel, SIMULATED)
    panel.table.choose(SIMULATED)
    assert "<script" not in panel.facts.value
    assert "&lt;script&gt;" in panel.facts.value
    panel.form.text.value = HOSTILE
    assert "<script" not in panel.strip.value
    assert "no source of this name is known" in panel.strip.text


def test_flags_are_told_with_the_chosen_observation(panel: SearchPanel) -> None:
    search(panel, "SWIFT J2127.4+5654")
    panel.table.choose("60402008002")
    for words in ("known issue", "solar activity: M1.2", "data gap: 2"):
        assert words in panel.facts.value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("600011100", "has 9 digits; expected an obsid (11 digits) or a source name"),
        ("321.94 96.94", "declination"),
        ("Nowhere 17", "no source of this name is known"),
    ],
)
def test_what_cannot_be_searched_for_is_told(panel: SearchPanel, text: str, says: str) -> None:
    search(panel, text)
    assert says in panel.strip.text
    assert 'role="alert"' in panel.strip.value
    assert not panel.form.search.disabled


def test_nothing_found_is_no_error_and_says_what_to_try(panel: SearchPanel) -> None:
    search(panel, "M31")
    assert panel.strip.text.endswith("try a larger radius")
    assert 'role="status"' in panel.strip.value
    assert panel.found.children == ()


def test_conditions_narrow_the_search(panel: SearchPanel) -> None:
    panel.form.exposure_ks.value = 60.0
    panel.form.public_only.value = True
    panel.form.mode.value = "SCIENCE"
    search(panel, "SWIFT J2127.4+5654")
    assert panel.result is not None
    assert {item.obsid for item in panel.result.observations} == {"60001110005", "60402008002"}


def test_a_server_that_fails_is_told_and_the_form_is_free_again(
    panel: SearchPanel, archive: LoopbackArchive
) -> None:
    from tests.archive.loopback import Reply

    archive.always("tap", lambda _: Reply(b"down", status=500, kind="text/plain"))
    search(panel, "60001110002")
    assert "500" in panel.strip.text
    assert not panel.form.search.disabled
    assert panel.form.cancel.disabled


def test_a_search_can_be_cancelled_and_a_newer_one_wins(
    archive: LoopbackArchive, tmp_path: Path
) -> None:
    waiting: list[Callable[[], None]] = []
    panel = panel_on(archive, tmp_path, start=waiting.append)
    search(panel, "60001110002")
    assert panel.form.search.disabled
    assert not panel.form.cancel.disabled
    panel.form.cancel.click()
    waiting.pop()()
    assert panel.strip.text == "search cancelled"
    search(panel, "60402008002")
    search(panel, "90401331002")
    for go_on in waiting:
        go_on()
    assert panel.result is not None
    assert [item.obsid for item in panel.result.observations] == ["90401331002"]
    panel.close()
    panel.catalog.close()


def test_from_a_search_to_an_opened_observation_byte_for_byte(
    panel: SearchPanel, files: ArchiveServer, sample: SimulatedObservation, tmp_path: Path
) -> None:
    panel.data.hosts = lambda _: HeasarcHost(base_url=files.url)
    search(panel, SIMULATED)
    panel.table.choose(SIMULATED)
    assert panel.data.fetch.description == f"Download {SIMULATED}"
    panel.data.content.value = Content.EVERYTHING
    panel.data.fetch.click()
    assert "opened" in panel.strip.text, panel.strip.text
    assert [item.module for item in panel.session.inputs] == ["FPMA", "FPMB"]
    fetched = tmp_path / "data" / SIMULATED
    for path in sample.path.rglob("*"):
        if path.is_file():
            assert (fetched / path.relative_to(sample.path)).read_bytes() == path.read_bytes()
    assert panel.session.data_dir == str(fetched)
    assert panel.session.undo() == f"open {SIMULATED}"
    panel.data.use.click()  # it is there now
    assert len(panel.session.inputs) == 2


def test_a_download_shows_how_far_it_is_and_can_be_stopped_and_continued(
    archive: LoopbackArchive, files: ArchiveServer, tmp_path: Path
) -> None:
    from tests.archive.servers import Fault

    threads: list[threading.Thread] = []

    def start(work: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    panel = panel_on(archive, tmp_path, start=start)
    panel.data.hosts = lambda _: HeasarcHost(base_url=files.url)
    panel.session.edit("choose", obsid=SIMULATED)
    hold = Fault(path="A01_cl.evt", hold_after=4000)
    files.faults.append(hold)
    panel.data.content.value = Content.EVERYTHING
    panel.data.fetch.click()
    while "files" not in panel.data.line.value:
        threads[0].join(0.05)
    assert panel.data.bar.layout.visibility == "visible"
    assert panel.data.fetch.disabled
    panel.data.stop.click()
    threads[0].join(20)
    assert "Start it again to go on from there" in panel.strip.text
    assert panel.data.bar.layout.visibility == "hidden"
    assert panel.session.snapshot()["inputs"] == ()
    hold.go_on.set()
    panel.data.fetch.click()
    threads[1].join(60)
    assert len(panel.session.inputs) == 2, panel.strip.text
    panel.close()
    panel.catalog.close()


def test_a_download_that_ends_after_another_was_chosen_does_not_change_the_session(
    archive: LoopbackArchive, files: ArchiveServer, tmp_path: Path
) -> None:
    waiting: list[Callable[[], None]] = []
    panel = panel_on(archive, tmp_path, start=waiting.append)
    panel.data.hosts = lambda _: HeasarcHost(base_url=files.url)
    panel.session.edit("choose", obsid=SIMULATED)
    panel.data.fetch.click()
    panel.session.edit("choose another", obsid="60001110002")
    waiting.pop()()
    assert panel.strip.text == f"{SIMULATED} is in {tmp_path / 'data' / SIMULATED}"
    assert panel.session.obsid == "60001110002"
    assert panel.session.inputs == ()
    panel.close()


def test_proprietary_data_are_refused_with_the_date(panel: SearchPanel) -> None:
    search(panel, "SWIFT J2127.4+5654")
    panel.table.choose("61001001002")
    assert panel.data.fetch.disabled
    assert "proprietary until" in panel.facts.value


@pytest.mark.parametrize("what", ["folder", "events", "spectrum"])
def test_what_lies_on_disk_is_opened_by_its_path(
    panel: SearchPanel, sample: SimulatedObservation, shared: Path, what: str
) -> None:
    data = shared / "data" / "phajy+Sesto2024" / "data"
    path = {
        "folder": sample.path,
        "events": sample.event_file("FPMB"),
        "spectrum": data / "nu60001047003A01_sr_min20.pha",
    }[what]
    panel.data.path.value = str(path)
    panel.data.open.click()
    assert panel.strip.text.startswith("opened ")
    session = panel.session
    opened = [len(session.inputs), len(session.spectra)]
    assert opened == {"folder": [2, 0], "events": [1, 0], "spectrum": [0, 1]}[what]
    assert path.name in panel.data.opened.value or what == "folder"
    assert session.undo() == f"open {path.name}"


def test_what_cannot_be_opened_is_told_and_the_session_stays(
    panel: SearchPanel, tmp_path: Path
) -> None:
    panel.data.path.value = str(tmp_path / "nothing.evt")
    panel.data.open.click()
    assert "there is nothing here" in panel.strip.text
    assert not panel.session.can_undo


def test_the_simulated_sample_is_one_click_away(panel: SearchPanel, tmp_path: Path) -> None:
    panel.data.sample.click()
    assert panel.session.obsid == SIMULATED
    assert "simulated: not an observation" in panel.strip.text
    assert (tmp_path / "data" / SIMULATED).is_dir()
    assert panel.data.fetch.disabled
    assert panel.data.fetch.tooltip == "It is simulated: the archive does not have it"


def test_a_closed_panel_no_longer_follows_the_session(panel: SearchPanel) -> None:
    session = panel.session
    panel.close()
    session.edit("choose", obsid="60001110002")
    assert panel.data.fetch.description == "Download"
