"""The code panel by mouse and by keyboard: what is written is what is shown."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook

OPEN = """
from nustar_widgets import ExportPanel, Session, open_in
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.session.values import ModuleRegions, Regions, Target
session = Session(work_dir="code", target=Target(name="<img src=x onerror=alert(1)>"))
open_in(session, {path!r})
place = EventList.read(session.inputs[0].events).grid
shape = SkyCircle(ra_deg=place.crval_ra_deg, dec_deg=place.crval_dec_deg, radius_arcsec=60.0)
one = ModuleRegions(source=SkyRegion((shape,)))
session.edit("draw", regions=Regions(fpma=one, fpmb=one))
panel = ExportPanel(session)
"""
NAME = "nustar_00000000001.py"


def open_panel(notebook: Notebook, sample: SimulatedObservation) -> Locator:
    notebook.run(OPEN.format(path=str(sample.path)), "panel")
    notebook.widget(".nw-code-text").wait_for()
    return notebook.widget(".nw-export-panel")


def test_code_follows_edits_and_is_written_replaced_and_copied(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    panel = open_panel(notebook, sample)
    code = panel.locator(".nw-code-text")
    expect(code).to_contain_text("tasks.nuproducts(")
    expect(code).to_contain_text("<img src=x onerror=alert(1)>, NuSTAR observation")
    assert panel.locator("img").count() == 0
    panel.get_by_role("button", name=f"Write {NAME}").click()
    expect(panel.locator(".nw-strip")).to_contain_text(f": {NAME}.")
    notebook.py("session.edit('bin', bin_s=256.0)")
    expect(code).to_contain_text("binsize=256,")
    panel.get_by_role("button", name=f"Write {NAME}").click()
    expect(panel.locator(".nw-strip")).to_contain_text("There already, with another content")
    panel.get_by_role("button", name=f"Replace {NAME}").click()
    expect(panel.locator(".nw-strip")).to_contain_text("Replaced in")
    assert "binsize=256," in (notebook.folder / "code" / NAME).read_text()
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.get_by_role("button", name="Copy Python script").click()
    expect(panel.locator(".nw-code-told")).to_have_text("copied")
    copied = str(notebook.page.evaluate("navigator.clipboard.readText()"))
    assert copied == (notebook.folder / "code" / NAME).read_text()


def test_everything_is_reached_by_keyboard_alone(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    panel = open_panel(notebook, sample)
    keys = notebook.page.keyboard
    panel.get_by_role("button", name="Python script", exact=True).focus()
    for _ in range(6):
        keys.press("Tab")
    keys.press("Enter")  # region files
    expect(panel.locator(".nw-code-text")).to_contain_text("# nu00000000001A_src.reg")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")  # no good time was chosen: the kind before the last, then the last
    expect(panel.locator(".nw-code-text")).to_contain_text('"obsid": "00000000001"')
    expect(panel.get_by_role("combobox", name="Runs with")).to_be_hidden()
    panel.get_by_role("button", name="Good time (GTI)").press("Enter")
    expect(panel.locator(".nw-export-lacks")).to_contain_text("all good time is used")
    expect(panel.get_by_role("button", name="Write", exact=True)).to_be_disabled()
    panel.get_by_role("button", name="Write all").press("Enter")
    expect(panel.locator(".nw-strip")).to_contain_text("Not written: Good time (GTI)")
