"""A kernel is killed in front of a person; its cells are run again, and one click is enough."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook

PATIENCE_MS = 90_000
FIRST = """
import nustar_widgets as nw
session = nw.Session(work_dir=WORK)
nw.open_in(session, FOLDER);
"""
PANEL = """
panel = nw.LightCurvePanel(session)
panel
"""
BIN = ".nw-lightcurve input[type=number]"


def press(notebook: Notebook, words: str) -> None:
    notebook.widget(".nw-kept").get_by_role("button", name=words).press("Enter")


def test_a_session_is_continued_with_one_click_after_the_kernel_was_killed(
    notebook: Notebook, sample: SimulatedObservation, tmp_path: Path, screenshots: Path
) -> None:
    work = tmp_path / "work"
    first = FIRST.replace("WORK", repr(str(work))).replace("FOLDER", repr(str(sample.path)))
    notebook.run(first, PANEL)
    bin_s = notebook.widget(BIN).first
    expect(bin_s).to_have_value("100", timeout=PATIENCE_MS)
    expect(notebook.widget(".nw-standing")).to_contain_text("Products: none yet", timeout=60_000)
    bin_s.fill("256")
    bin_s.press("Enter")
    notebook.until("(session.bin_s, panel.keeping.saved)", "(256.0, True)", patience_s=60.0)
    expect(notebook.widget(".nw-kept")).to_have_count(0)

    os.kill(int(notebook.py("__import__('os').getpid()")), signal.SIGKILL)
    notebook.page.get_by_role("button", name="Ok", exact=True).click(timeout=PATIENCE_MS)
    notebook.again(0)
    notebook.again(1)
    said = notebook.widget(".nw-kept")
    expect(said).to_contain_text("This folder holds an earlier session", timeout=PATIENCE_MS)
    expect(notebook.widget(BIN).first).to_have_value("100")
    notebook.photograph(screenshots)
    press(notebook, "Continue it")
    expect(notebook.widget(BIN).first).to_have_value("256", timeout=PATIENCE_MS)
    expect(said).to_be_hidden()
    assert notebook.py("session.undo_label") == "'bin the light curve'"

    work.rename(tmp_path / "away")  # and the disk goes
    notebook.py("session.edit('bin', bin_s=64.0)")
    alert = said.get_by_role("alert")
    expect(alert).to_contain_text("its folder has gone", timeout=PATIENCE_MS)
    expect(alert).to_contain_text("Nothing is lost")
    (tmp_path / "refuge").mkdir()
    said.get_by_role("textbox").fill(str(tmp_path / "refuge"))
    said.get_by_role("textbox").press("Tab")
    press(notebook, "Keep it there")
    expect(said).to_contain_text("This session is kept in", timeout=PATIENCE_MS)
    assert len(list((tmp_path / "refuge").glob("session-*.json"))) == 1
