"""The parameter panel on the Python side: what is entered, what is shown, what is mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.calls.preflight import Level
from nustar_widgets.events.regions import SkyEllipse, SkyRegion
from nustar_widgets.opening import open_in
from nustar_widgets.panels.parameters import ParameterPanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions
from nustar_widgets.simulate import SimulatedObservation
from tests.panels.conftest import at_once
from tests.standins.here import Here


@pytest.fixture(autouse=True)
def _without_heasoft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADAS", raising=False)
    monkeypatch.setenv("CONDA_PREFIX", "/nowhere")


def ellipse(session: Session, sample: SimulatedObservation) -> Regions:
    target = session.target
    ra, dec = (321.939167, 56.943611) if target is None else (target.ra_deg, target.dec_deg)
    assert ra is not None
    assert dec is not None
    shape = SkyEllipse(ra_deg=ra, dec_deg=dec, semi_x_arcsec=60.0, semi_y_arcsec=40.0)
    one = ModuleRegions(source=SkyRegion((shape,)))
    return Regions(fpma=one, fpmb=one)


@pytest.fixture
def session(sample: SimulatedObservation, tmp_path: Path) -> Session:
    made = Session(work_dir=str(tmp_path / "work"))
    open_in(made, sample.path)
    made.edit("draw", regions=ellipse(made, sample))
    return made


def panel_of(session: Session, tmp_path: Path) -> ParameterPanel:
    return ParameterPanel(session, presets=tmp_path / "presets", start=at_once, has_page=False)


def enter(panel: ParameterPanel, name: str, text: str, entry: int = 1) -> None:
    """Do what the page does when a value was entered."""
    panel.form._handle_custom_msg(
        {"kind": "edit", "name": name, "text": text, "page": "p", "entry": entry}, []
    )


def shown(panel: ParameterPanel, name: str) -> dict[str, Any]:
    row: dict[str, Any] = panel.form.states["rows"].get(name, {})
    return row


def test_a_value_entered_is_an_undo_step_and_is_seen_in_the_call(
    session: Session, tmp_path: Path
) -> None:
    panel = panel_of(session, tmp_path)
    enter(panel, "runmkrmf", "no")
    assert session.products == (("runmkrmf", False),)
    assert session.undo_label == "set runmkrmf=no"
    assert "    runmkrmf=False,\n" in panel.call.code.code
    assert shown(panel, "runmkrmf") == {"value": "no", "usual": "yes", "is_changed": True}
    session.undo()
    assert "runmkrmf" not in panel.call.code.code
    assert shown(panel, "runmkrmf") == {}
    panel.close()


def test_a_linked_value_goes_to_the_session(session: Session, tmp_path: Path) -> None:
    panel = panel_of(session, tmp_path)
    enter(panel, "binsize", "256")
    assert session.bin_s == 256.0
    assert shown(panel, "binsize") == {"value": "256", "origin": "from the light curve"}
    panel.close()


def test_a_refused_value_is_told_at_its_row_and_changes_nothing(
    session: Session, tmp_path: Path
) -> None:
    panel = panel_of(session, tmp_path)
    before = session.snapshot()
    enter(panel, "percent", "7")
    assert shown(panel, "percent")["problem"] == "'7': expected 0 to 1"
    assert session.snapshot() == before
    assert panel.form.states["answers"] == {"p": 1}
    enter(panel, "percent", "0.5", entry=2)
    assert shown(panel, "percent") == {"value": "0.5", "usual": "0.02", "is_changed": True}
    panel.close()


def test_what_does_not_apply_is_left_out_and_comes_back(session: Session, tmp_path: Path) -> None:
    panel = panel_of(session, tmp_path)
    enter(panel, "grflag", "no")
    enter(panel, "runmkarf", "no")
    assert "grflag" not in panel.call.code.code
    assert shown(panel, "grflag")["why_not"] == "applies only with runmkarf = yes"
    enter(panel, "runmkarf", "yes")
    assert "    grflag=False,\n" in panel.call.code.code
    panel.close()


def test_reset_takes_one_or_all_back(session: Session, tmp_path: Path) -> None:
    panel = panel_of(session, tmp_path)
    for name in ("runmkarf", "runmkrmf", "cutmaps"):
        enter(panel, name, "no")
    panel.form._handle_custom_msg(
        {"kind": "reset", "names": ["runmkarf"], "page": "p", "entry": 9}, []
    )
    assert session.undo_label == "reset runmkarf"
    panel.form._handle_custom_msg(
        {"kind": "reset", "names": ["runmkrmf", "cutmaps"], "page": "p", "entry": 10}, []
    )
    assert session.products == ()
    assert session.undo_label == "reset 2 parameters of nuproducts"
    panel.close()


def test_each_task_has_its_form_and_is_switched(session: Session, tmp_path: Path) -> None:
    panel = panel_of(session, tmp_path)
    panel.bar.task = "ftgrouppha"
    assert panel.form.form["task"] == "ftgrouppha"
    assert panel.call.code.code.startswith("heasoftpy.ftgrouppha(")
    panel.bar._switch.value = False
    assert session.grouping.grouptype == "none"
    assert panel.call.code.code == "# ftgrouppha is not run"
    enter(panel, "grouptype", "optmin")
    assert session.grouping.grouptype == "optmin"
    assert panel.strip.text == "ftgrouppha will be run: one of its parameters was set"
    panel.close()


def test_a_task_nobody_has_says_what_is_missing_and_how_to_get_it(
    session: Session, tmp_path: Path
) -> None:
    panel = panel_of(session, tmp_path)
    panel.bar.task = "nupipeline"
    (told,) = panel.place.children
    assert "nupipeline cannot be run here." in told.value
    assert "Needs HEASoft, which is not set up here. Start Jupyter where HEASoft" in told.value
    assert "nustar_widgets.doctor()</code> writes the lines that install it" in told.value
    panel.close()


def test_heasofts_own_parameters_are_shown_where_it_is(
    session: Session, tmp_path: Path, standin: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADAS", str(standin.headas))
    monkeypatch.setenv("PYTHONPATH", standin.environ.get("PYTHONPATH", ""))
    panel = panel_of(session, tmp_path)
    assert "the embedded engine" in panel.bar._about.value
    panel.bar._wish.value = "heasoft"
    assert session.engine == "heasoft"
    assert "Done by HEASoft" in panel.bar._about.value
    panel.bar.task = "nupipeline"
    panel.bar._switch.value = True
    assert session.reprocesses
    enter(panel, "statusexpr", "STATUS==b0")
    panel.bar._switch.value = False
    panel.bar._switch.value = True
    assert session.pipeline == (("statusexpr", "STATUS==b0"),)
    assert any(check.text.startswith("nuproducts: CALDB") for check in panel.checks.checks or ())
    panel.close()


def test_a_click_mends_what_would_stop_a_run(
    session: Session, tmp_path: Path, standin: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADAS", str(standin.headas))
    session.edit("heasoft", engine="heasoft")
    panel = panel_of(session, tmp_path)
    assert panel.checks.checks is not None
    at, check = next((at, check) for at, check in enumerate(panel.checks.checks) if check.remedies)
    assert check.level is Level.STOP
    assert check.text.startswith("FPMA, FPMB: Source: numkarf corrects for ghost rays only in")
    panel.checks.children[at].children[1].children[0].click()
    assert session.products == (("grflag", False),)
    assert session.undo_label == "set grflag=no"
    assert check not in panel.checks.checks
    panel.close()


def test_a_preset_is_applied_kept_and_opened(session: Session, tmp_path: Path) -> None:
    panel = panel_of(session, tmp_path)
    bar = panel.presets
    bar.choice.value = "Extended source"
    assert "nw-preset-about" in bar.about.value
    bar.apply.click()
    assert dict(session.products)["extended"] is True
    assert session.undo_label == "preset Extended source"
    bar.keep.click()
    bar.name.value = "mine"
    bar.done.click()
    assert panel.strip.text == f"kept as {tmp_path / 'presets' / 'mine.json'}"
    assert "mine" in bar.choice.options
    session.undo()
    bar.load.click()
    bar.name.value = str(tmp_path / "presets" / "mine.json")
    bar.done.click()
    assert dict(session.products)["extended"] is True
    panel.close()


def test_a_damaged_preset_is_told_by_its_name(session: Session, tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "broken.json").write_text("{")
    panel = panel_of(session, tmp_path)
    assert "broken.json: not a preset, which is JSON" in panel.strip.text
    panel.presets.load.click()
    panel.presets.name.value = str(tmp_path / "none.json")
    panel.presets.done.click()
    assert panel.strip.is_error
    assert panel.strip.text.endswith("none.json: cannot be read (No such file or directory)")
    panel.close()


def test_the_whole_analysis_is_shown_as_a_script(session: Session, tmp_path: Path) -> None:
    panel = panel_of(session, tmp_path)
    panel.call.scope.value = "script"
    assert panel.call.code.code.count("heasoftpy.nuproducts(") == 2
    panel.call.language.value = "Shell"
    assert panel.call.code.code.startswith("#!/bin/sh\n")
    panel.call.scope.value = "call"
    assert panel.call.code.code.startswith("nuproducts \\\n  indir=")
    panel.close()


def test_a_page_without_the_view_gets_one_parameter_at_a_time(
    session: Session, tmp_path: Path
) -> None:
    panel = panel_of(session, tmp_path)
    panel._page.lacks_the_view = True
    panel._page_told()
    assert panel.plain is not None
    assert panel.place.children[1] is panel.plain
    assert panel.call.code.plain is not None
    assert "heasoftpy.nuproducts" in panel.call.code.plain.value
    panel.close()
