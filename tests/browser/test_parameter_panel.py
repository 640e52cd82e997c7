"""The parameter panel as a person uses it: find, set, see the call, mend, undo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from nustar_widgets.simulate import SimulatedObservation
from tests.browser.notebook import Notebook
from tests.standins.here import Here

OPEN = """
from pathlib import Path
from nustar_widgets import ParameterPanel, Session, open_in
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.regions import SkyEllipse, SkyRegion
from nustar_widgets.session.values import ModuleRegions, Regions
session = Session(work_dir="work")
open_in(session, {path!r})
place = EventList.read(session.inputs[0].events).grid
shape = SkyEllipse(ra_deg=place.crval_ra_deg, dec_deg=place.crval_dec_deg,
                   semi_x_arcsec=60.0, semi_y_arcsec=40.0)
one = ModuleRegions(source=SkyRegion((shape,)))
session.edit("draw", regions=Regions(fpma=one, fpmb=one))
panel = ParameterPanel(session, presets=Path("presets"))
"""
HEASOFT = """
import os
os.environ.update({environ!r})
"""


def open_panel(notebook: Notebook, sample: SimulatedObservation, *before: str) -> Locator:
    notebook.run(*before, OPEN.format(path=str(sample.path)), "panel")
    notebook.widget(".nw-form").wait_for()
    return notebook.widget(".nw-parameter-panel")


@pytest.fixture
def presets(notebook: Notebook) -> Path:
    """Folder of the user's own presets, empty."""
    folder = notebook.folder / "presets"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def standin_environ(standin: Here) -> dict[str, str]:
    """What names the stand-in HEASoft to a kernel."""
    return {name: standin.environ[name] for name in ("HEADAS", "PYTHONPATH")
            if name in standin.environ}  # fmt: skip


def field(panel: Locator, name: str) -> Locator:
    panel.get_by_placeholder("Find a parameter by name or meaning").fill(name)
    return panel.locator(f"[data-name='{name}']").locator("input, select").last


def code(panel: Locator) -> Locator:
    return panel.locator(".nw-code-text")


def test_a_value_is_found_set_seen_in_the_call_and_undone(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    panel = open_panel(notebook, sample)
    expect(code(panel)).to_contain_text("heasoftpy.nuproducts(")
    bins = field(panel, "binsize")
    bins.fill("256")
    bins.press("Enter")
    expect(code(panel)).to_contain_text("binsize=256,")
    notebook.until("session.bin_s", "256.0")
    switch = field(panel, "runmkrmf")
    switch.focus()
    switch.press("Space")
    expect(code(panel)).to_contain_text("runmkrmf=False,")
    notebook.until("session.undo()", "'set runmkrmf=no'")
    expect(code(panel)).not_to_contain_text("runmkrmf")


def test_the_parameters_people_set_come_first_what_the_session_brings_is_folded(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    panel = open_panel(notebook, sample)
    expect(panel.locator("[data-group='inputs'] .nw-form-brought")).to_contain_text(
        "From the session: indir, instrument, steminputs, outdir"
    )
    expect(panel.locator(".nw-form-row").first).to_have_attribute("data-name", "binsize")
    panel.get_by_role("button", name="Show srcregionfile").click()
    expect(panel.locator("[data-name='srcregionfile']")).to_contain_text(
        "linked: from the regions drawn"
    )


def test_the_call_is_copied_for_python_and_the_shell(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    panel = open_panel(notebook, sample)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.get_by_role("button", name="Copy Python").click()
    expect(panel.locator(".nw-code-told")).to_have_text("copied")
    assert notebook.page.evaluate("navigator.clipboard.readText()") == notebook.py(
        "print(panel.call.code.code)"
    )
    panel.get_by_role("button", name="Shell", exact=True).click()
    expect(code(panel)).to_contain_text("nuproducts \\")
    panel.get_by_role("button", name="Copy Shell").click()
    copied = str(notebook.page.evaluate("navigator.clipboard.readText()"))
    assert copied.startswith("nuproducts \\\n  indir=")


def test_what_would_stop_a_run_is_mended_with_a_click(
    notebook: Notebook, sample: SimulatedObservation, standin_environ: dict[str, str]
) -> None:
    panel = open_panel(notebook, sample, HEASOFT.format(environ=standin_environ))
    panel.get_by_role("combobox", name="Run with").select_option("HEASoft")
    expect(panel.locator(".nw-checks")).to_contain_text("Stop FPMA, FPMB: Source: numkarf")
    panel.get_by_role("button", name="set grflag=no").click()
    expect(panel.locator(".nw-checks")).not_to_contain_text("ghost rays")
    expect(code(panel)).to_contain_text("grflag=False,")
    notebook.until("session.undo_label", "'set grflag=no'")


def test_each_task_has_its_form_also_that_of_heasoft_with_all_its_parameters(
    notebook: Notebook, sample: SimulatedObservation, standin_environ: dict[str, str]
) -> None:
    panel = open_panel(notebook, sample, HEASOFT.format(environ=standin_environ))
    panel.get_by_role("button", name="1 nupipeline").click()
    expect(panel).to_contain_text("nupipeline cannot be run here.CALDB is not set")
    panel.get_by_role("combobox", name="Run with").select_option("HEASoft")
    panel.get_by_role("checkbox", name="Reprocess with nupipeline first").check()
    expect(code(panel)).to_contain_text("heasoftpy.nupipeline(")
    status = field(panel, "statusexpr")
    status.fill("STATUS==b0000xxx00xxxx000&&SHIELD==0")
    status.press("Enter")
    expect(code(panel)).to_contain_text("statusexpr='STATUS==b0000xxx00xxxx000&&SHIELD==0'")
    panel.get_by_role("button", name="3 ftgrouppha").click()
    kind = field(panel, "grouptype")
    kind.select_option("optsnmin")
    expect(code(panel)).to_contain_text("grouptype='optsnmin'")
    expect(code(panel)).to_contain_text("respfile=")


def test_the_help_of_a_parameter_has_that_of_heasoft(
    notebook: Notebook, sample: SimulatedObservation, standin_environ: dict[str, str]
) -> None:
    panel = open_panel(notebook, sample, HEASOFT.format(environ=standin_environ))
    panel.get_by_role("combobox", name="Run with").select_option("HEASoft")
    panel.get_by_role("button", name="Help on binsize").press("Enter")
    told = panel.locator("[data-name='binsize'] .nw-form-help")
    expect(told.get_by_role("heading")).to_have_text("HEASoft's help")
    expect(told).to_contain_text("Bin size of the light curves; partly exposed bins are kept.")


def test_a_preset_is_chosen_and_kept(
    notebook: Notebook, sample: SimulatedObservation, presets: Path
) -> None:
    panel = open_panel(notebook, sample)
    panel.get_by_role("combobox", name="Preset").select_option("Extended source")
    expect(panel.locator(".nw-preset-about")).to_be_visible()
    panel.get_by_role("button", name="Apply").click()
    expect(code(panel)).to_contain_text("extended=True,")
    panel.get_by_role("button", name="Save as ...").click()
    name = panel.get_by_placeholder("name of the preset")
    name.fill("<img src=x onerror=alert(1)>")
    panel.get_by_role("button", name="Save", exact=True).click()
    expect(panel.locator(".nw-strip")).to_contain_text("kept as ")
    assert len(list(presets.glob("*.json"))) == 1
    assert notebook.widget(".nw-parameter-panel img").count() == 0


def test_a_refused_value_stays_with_its_reason(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    panel = open_panel(notebook, sample)
    part = field(panel, "percent")
    part.fill("7")
    part.press("Enter")
    expect(panel.locator("[data-name='percent']")).to_contain_text("'7': expected 0 to 1")
    expect(part).to_have_value("7")
    notebook.until("session.products", "()")


def test_a_cell_that_runs_again_leaves_no_widgets(
    notebook: Notebook, sample: SimulatedObservation
) -> None:
    open_panel(notebook, sample)
    for _ in range(3):
        notebook.again(0)
        notebook.again(1)
        notebook.widget(".nw-form").wait_for()
    notebook.settled()
    assert notebook.panels() == 1
