"""Pictures of the application for README and docs: ``python -m tests.browser.pictures docs/img``.

The simulated sample, fitted, as ``nustar-widgets app`` shows it; with as few colours as do, so that
the files are small.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from nustar_widgets.app import acting
from nustar_widgets.jobs.queues import queue_in
from nustar_widgets.opening import open_in
from nustar_widgets.session.keeping import keep
from nustar_widgets.session.opensession import open_session
from nustar_widgets.simulate import simulate_observation
from tests.browser import chromium as browsers
from tests.browser import server
from tests.browser.chromium import Chromium
from tests.browser.test_app import SEEN, act, tab

_NAMES = {"light": "app.png", "dark": "app-dark.png"}
_COLOURS = 128


def main(folder: Path) -> None:
    """Make the pictures."""
    program = browsers.find()
    if program is None:
        sys.exit(browsers.MISSING)
    with tempfile.TemporaryDirectory(prefix="nw_pictures_") as made:
        os.environ["XDG_STATE_HOME"] = made  # not among the user's own sessions
        work = _analysed(Path(made) / "nustar")
        with browsers.launched(program) as chromium:
            for theme, name in _NAMES.items():
                home = Path(made) / theme
                _photograph(chromium, home, work, theme=theme, path=folder / name)


def _analysed(folder: Path) -> Path:
    """Return the work folder of a session that has its products."""
    sample = simulate_observation(folder)
    session = open_session(folder / "work")
    open_in(session, sample.path)
    acting.take_suggestion(session, lambda _: None)
    acting.run(session)
    queue_in(session.work_dir).wait(timeout_s=300.0)
    if not keep(session).flush():
        sys.exit(f"the session could not be kept in {session.work_dir}")
    return folder / "work"


def _photograph(chromium: Chromium, home: Path, work: Path, *, theme: str, path: Path) -> None:
    with (
        chromium.awake(),
        chromium.context() as context,
        server.application(home, work, theme=theme) as (_, address),
    ):
        page = context.new_page()
        page.goto(address)
        _fit(page)
        page.screenshot(path=path)
    with Image.open(path) as whole:
        whole.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _fit(page: Page) -> None:
    app = page.locator(".nw-app")
    for name in ("Fit", "90 % ranges"):
        act(app, name).click()
    act(app, "Show the code")
    tab(app, "Fit").click()
    expect(app.locator(SEEN["Fit"])).to_be_visible()
    expect(app.get_by_role("columnheader", name="90 %")).to_be_visible()
    page.mouse.move(0, 0)
    page.evaluate("() => document.fonts.ready")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
