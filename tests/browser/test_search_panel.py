"""The search panel as a person uses it: type, look, choose, undo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nustar_widgets.simulate import SimulatedObservation
from tests.archive.loopback import LoopbackArchive
from tests.browser.loopback import archive_with
from tests.browser.notebook import Notebook


@pytest.fixture
def archive() -> Iterator[LoopbackArchive]:
    with LoopbackArchive() as running:
        yield running


def open_panel(notebook: Notebook, archive: LoopbackArchive) -> None:
    notebook.run(
        "from nustar_widgets.archive.catalog import Catalog\n"
        "from nustar_widgets.panels.search import SearchPanel\n"
        "from nustar_widgets.session.session import Session\n"
        f"catalog = Catalog(vo_url={archive.vo_url!r}, sesame_urls=[{archive.sesame_url!r}],\n"
        "    cache_dir='cache', pause_s=0.01)\n"
        "session = Session()\n"
        "panel = SearchPanel(session, catalog=catalog)\n"
        "panel",
    )


def search(notebook: Notebook, text: str) -> None:
    box = notebook.widget(".nw-search-form input[type=text]").first
    box.fill(text)
    box.press("Enter")


MANY = """
from datetime import UTC, datetime
from nustar_widgets.archive.observation import Observation
from nustar_widgets.archive.query import Query
from nustar_widgets.archive.result import SearchResult
many = tuple(
    Observation(obsid=f"{60000000000 + n}", name=f"source{n % 977}x", ra_deg=n % 360.0,
        dec_deg=(n % 179) - 89.0, start_mjd=56000.0 + n / 7, exposure_a_s=1000.0 + n,
        status="archived", public_mjd=56100.0)
    for n in range(COUNT)
)
panel._searched(SearchResult(query=Query(pi="Anyone"), position=None, observations=many,
    fetched=datetime.now(UTC)))
"""


def test_twenty_thousand_rows_can_be_paged_sorted_filtered_and_chosen_from(
    notebook: Notebook, archive: LoopbackArchive, screenshots: Path
) -> None:
    open_panel(notebook, archive)
    notebook.py(MANY.replace("COUNT", "20_000"))
    rows = notebook.widget(".nw-results tbody tr")
    expect(rows.first).to_contain_text("60000000000", timeout=20_000)
    order = notebook.widget(".nw-results th .dt-column-order")
    order.nth(3).click()
    order.nth(3).click()
    expect(rows.first).to_contain_text("60000019999")
    rows.first.locator("td").first.click()
    notebook.until("print(session.obsid)", "60000019999")  # the row itself, not its place
    notebook.widget(".nw-results input[type=search]").fill("source976x")
    expect(rows.first).to_contain_text("source976x")
    notebook.widget(".nw-results .dt-paging-button.next").click()
    expect(rows.first).to_contain_text("source976x")
    notebook.photograph(screenshots)


def test_texts_of_the_archive_do_nothing_in_the_page(
    notebook: Notebook, archive: LoopbackArchive
) -> None:
    open_panel(notebook, archive)
    hostile = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"
    code = MANY.replace("COUNT", "3").replace('f"source{n % 977}x"', repr(hostile))
    notebook.py(code)
    rows = notebook.widget(".nw-results tbody tr")
    expect(rows.first).to_contain_text("<script>")
    rows.first.locator("td").first.click()
    expect(notebook.widget(".nw-facts")).to_contain_text("<script>")
    search(notebook, hostile)
    expect(notebook.widget(".nw-strip")).to_contain_text("no source of this name is known")
    assert notebook.page.evaluate("window.hurt") is None


def test_a_click_on_a_pointing_chooses_it(notebook: Notebook, archive: LoopbackArchive) -> None:
    open_panel(notebook, archive)
    search(notebook, "90401331002")
    dot = notebook.widget(".nw-pointings .dot, .nw-pointings .object_grp path").first
    expect(dot).to_be_visible(timeout=20_000)
    dot.click(force=True)
    notebook.until("print(session.obsid)", "90401331002")


def test_a_source_is_searched_for_and_an_observation_chosen(
    notebook: Notebook, archive: LoopbackArchive, screenshots: Path
) -> None:
    open_panel(notebook, archive)
    search(notebook, "SWIFT J2127.4+5654")
    rows = notebook.widget(".nw-results tbody tr")
    expect(rows.filter(has_text="60001110002")).to_have_count(1, timeout=20_000)
    rows.filter(has_text="60001110002").locator("td").first.click()
    notebook.until("print(session.obsid)", "60001110002")
    expect(notebook.widget(".nw-facts")).to_contain_text("SwiftJ2127d4p5654")
    notebook.photograph(screenshots)
    assert notebook.py("session.target.name, session.can_undo") == "('SWIFT J2127.4+5654', True)"
    notebook.py("session.undo()")
    expect(notebook.widget(".nw-facts")).to_have_count(0)


def test_an_observation_is_chosen_by_keys_alone(
    notebook: Notebook, archive: LoopbackArchive
) -> None:
    open_panel(notebook, archive)
    search(notebook, "SWIFT J2127.4+5654")
    rows, keys = notebook.widget(".nw-results tbody tr"), notebook.page.keyboard
    expect(rows).to_have_count(6, timeout=20_000)
    expect(notebook.widget(".nw-results tbody tr[tabindex='0']")).to_have_count(1)
    rows.first.focus()
    keys.press("ArrowUp")
    expect(rows.first).to_be_focused()
    keys.press("End")
    expect(rows.last).to_be_focused()
    keys.press("ArrowUp")
    keys.press("Enter")
    chosen = rows.nth(4)
    expect(chosen).to_have_class(re.compile("selected"))
    expect(chosen).to_be_focused()
    notebook.until("session.obsid", repr(chosen.locator("td").first.inner_text()))
    assert notebook.widget(".nw-results tbody tr[tabindex='0']").count() == 1


def test_an_observation_is_fetched_and_opened_by_mouse(
    notebook: Notebook,
    archive: LoopbackArchive,
    sample: SimulatedObservation,
    tmp_path: Path,
    screenshots: Path,
) -> None:
    with archive_with(sample, tmp_path / "server", panel="panel") as ask_there:
        open_panel(notebook, archive)
        notebook.py(ask_there)
        search(notebook, "SWIFT J2127.4+5654")
        rows = notebook.widget(".nw-results tbody tr")
        rows.filter(has_text=sample.obsid).locator("td").first.click(timeout=20_000)
        fetch = notebook.widget(".nw-data button").filter(has_text=f"Download {sample.obsid}")
        fetch.click()
        strip = notebook.widget(".nw-strip")
        expect(strip).to_contain_text("opened simulated sample", timeout=30_000)
        notebook.until("len(session.inputs)", "2")
        strip.scroll_into_view_if_needed()
        notebook.photograph(screenshots)
    folder = notebook.folder / sample.obsid
    for module in ("FPMA", "FPMB"):
        events = sample.event_file(module)
        fetched = folder / events.relative_to(sample.path)
        assert fetched.read_bytes() == events.read_bytes()
