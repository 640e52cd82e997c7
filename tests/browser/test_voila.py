"""The same widgets in Voila, which is one of the ways to show a notebook to others."""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.sync_api import expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser import cells, server
from tests.browser.chromium import Chromium
from tests.browser.test_sky_panel import CIRCLE, OPEN
from tests.browser.watch import Watch

# Voila's own templates load the icons of buttons from here: offline, buttons have none.
FONT_AWESOME = "https://cdn.jsdelivr.net/npm/@fortawesome/fontawesome-free@%5E5/css"
ICONS = {f"{FONT_AWESOME}/all.min.css", f"{FONT_AWESOME}/v4-shims.min.css"}


def test_the_sky_panel_works_in_voila(
    chromium: Chromium, tmp_path: Path, sample: SimulatedObservation
) -> None:
    opened = OPEN.format(path=str(sample.path), background=CIRCLE)
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"{opened}\npanel")])
    path = tmp_path / "sky.ipynb"
    nbformat.write(written, path)
    with (
        chromium.awake(),
        chromium.context() as context,
        server.voila(tmp_path / "home", path) as running,
    ):
        watch = Watch(context, running.url)
        page = context.new_page()
        page.goto(running.url, timeout=90_000)  # answers when the notebook has run
        source = page.locator(".nw-sky-pane[data-module=FPMA] g.nw-source")
        source.focus()
        numbers = page.locator(".nw-numbers table")
        before = numbers.inner_text()
        for _ in range(3):
            page.keyboard.press("Shift+ArrowUp")
        expect(numbers).not_to_have_text(before)
        expect(page.locator("button:has-text('Undo')")).to_be_enabled()
        assert not watch.page_errors


def test_voila_shows_the_widgets_and_its_server_ends_with_its_kernel(
    chromium: Chromium, tmp_path: Path
) -> None:
    written = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(cell) for cell in (cells.SLIDER, cells.FIGURE, cells.TABLE)
        ]
    )
    path = tmp_path / "shown.ipynb"
    nbformat.write(written, path)
    with (
        chromium.awake(),
        chromium.context() as context,
        server.voila(tmp_path / "home", path) as running,
    ):
        watch = Watch(context, running.url)
        page = context.new_page()
        page.goto(running.url, timeout=90_000)  # answers when the notebook has run
        expect(page.locator(".dt-container tbody tr")).to_have_count(3)
        expect(page.locator(cells.LINE)).to_be_visible()
        page.locator(".noUi-handle").press("ArrowRight")
        expect(page.locator(".widget-label").last).to_have_text("at 1")
        assert set(watch.outside) == ICONS
        assert not watch.page_errors
        family = running.process.children(recursive=True)
        assert family, "the kernel is a child of the server"
    assert not any(one.is_running() for one in family)
