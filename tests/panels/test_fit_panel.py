"""The fit panel on the Python side: what is set is what the engine has, always."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nustar_widgets.analysis import Request, run
from nustar_widgets.fits.templates import templates
from nustar_widgets.panels.fit import FitPanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import FitChoice, GroupingChoice, SpectrumInput
from nustar_widgets.simulate import SimulatedObservation
from tests.panels.conftest import at_once

NAME = "powerlaw.PhoIndex"


@pytest.fixture(scope="module")
def spectra(
    sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SpectrumInput, ...]:
    """Grouped spectra of both modules with backgrounds and responses."""
    out = tmp_path_factory.mktemp("products") / "out"
    events = tuple(sample.event_file(module) for module in ("FPMA", "FPMB"))
    run(Request(events=events, out=out, fit=False))
    return tuple(SpectrumInput(pha=str(path)) for path in sorted(out.rglob("*_sr_grp.pha")))


@pytest.fixture
def session(spectra: tuple[SpectrumInput, ...], tmp_path: Path) -> Session:
    return Session(spectra=spectra, work_dir=str(tmp_path))


@pytest.fixture
def panel(session: Session) -> Iterator[FitPanel]:
    made = FitPanel(session, start=at_once, has_page=False)
    yield made
    made.close()


def change(panel: FitPanel, name: str, what: str, value: Any, revision: int = 1) -> None:
    """Do what the page does when something was set in the table."""
    commit = {"name": name, "what": what, "value": value, "revision": revision}
    panel.table.hand = {"page": "p", "revision": revision, "values": {}, "commits": [commit]}


def drag(
    panel: FitPanel,
    values: dict[str, float],
    revision: int,
    *,
    slider: dict[str, Any] | None = None,
) -> None:
    """Do what the page does while a slider moves."""
    panel.table.hand = {
        "page": "p", "revision": revision, "values": values, "slider": slider, "commits": [],
    }  # fmt: skip


def value(panel: FitPanel, name: str = NAME) -> float:
    assert panel.live.engine is not None
    return panel.live.engine.values[name]


def in_page(panel: FitPanel, name: str = NAME) -> float:
    return float(panel.table.shown["values"][name])


def test_spectra_are_read_and_their_parameters_shown(panel: FitPanel) -> None:
    names = [row["name"] for row in panel.table.table]
    assert names[:4] == ["constant.factor", "TBabs.nH", NAME, "powerlaw.norm"]
    assert "constant.factor[2]" in names
    assert "FPMA" in panel.source.value
    assert panel.strip.text == ""


SLIDER = {"name": NAME, "low": 1.0, "high": 3.0, "log": False}


def test_lines_sent_ahead_leave_the_model_where_it_is(panel: FitPanel) -> None:
    panel.figure.live.ready = 1
    live, before = panel.live, value(panel)
    drag(panel, {}, 1, slider=SLIDER)
    assert panel.figure.live.ladder["name"] == NAME
    assert live.shown is not None
    assert live.shown.values[NAME] == before
    drag(panel, {NAME: 2.4}, 2, slider=SLIDER)
    assert live.shown.values[NAME] == 2.4
    assert value(panel) == before


@pytest.mark.parametrize("last", [2.4, 99.0])  # beyond the limits: refused
def test_a_slider_let_go_where_it_was_or_refused_leaves_the_plot_at_rest(
    panel: FitPanel, session: Session, last: float
) -> None:
    panel.figure.live.ready = 1
    change(panel, NAME, "value", 2.4)
    drag(panel, {NAME: 2.6}, 2, slider=SLIDER)
    drag(panel, {NAME: 2.4}, 3, slider=SLIDER)
    assert panel.figure.live.marks
    steps = session.undo_label
    change(panel, NAME, "value", last, revision=4)
    assert panel.figure.live.marks == []
    assert session.undo_label == steps
    assert value(panel) == 2.4


def test_the_engine_that_fits_is_not_moved_to_look_ahead(panel: FitPanel) -> None:
    panel.figure.live.ready = 1
    panel.live.shown = panel.live.engine  # as where XSPEC has to draw too
    drag(panel, {}, 1, slider=SLIDER)
    assert panel.figure.live.ladder == {}


def test_a_slider_moves_the_model_and_letting_go_makes_it_a_choice(
    panel: FitPanel, session: Session
) -> None:
    before = panel.figure.moved
    drag(panel, {NAME: 2.4}, 1)
    assert panel.figure.moved is not before
    assert (value(panel), in_page(panel)) == (1.0, 2.4)
    assert not session.can_undo
    change(panel, NAME, "value", 2.4, 2)
    assert value(panel) == in_page(panel) == 2.4
    assert session.undo() == f"value of {NAME}"
    assert value(panel) == in_page(panel) == 1.0


def test_bqplot_draws_the_model_once_the_hand_lets_go_or_gives_up(panel: FitPanel) -> None:
    live, models = panel.figure.live, panel.figure.data.models
    live.ready = 1
    before = np.copy(models.y)
    drag(panel, {NAME: 2.4}, 1)
    under = live.heights
    assert under
    assert np.array_equal(models.y, before, equal_nan=True)
    drag(panel, {NAME: 1.0}, 2)  # given up: it is back where it was
    assert live.heights == b""
    assert np.array_equal(models.y, before, equal_nan=True)
    drag(panel, {NAME: 2.4}, 3)
    assert live.heights == under
    change(panel, NAME, "value", 2.4, 4)
    assert live.heights == b""
    assert under.startswith(np.log10(np.asarray(models.y, "<f4")).tobytes())


def test_a_fit_is_one_undo_step_and_its_errors_stand_beside_the_values(
    panel: FitPanel, session: Session
) -> None:
    panel.fit.click()
    result = panel.live.result
    assert result is not None
    assert value(panel) == in_page(panel) == result[NAME].value
    assert panel.table.results["heading"] == "1 sigma"
    panel.errors.click()
    assert panel.table.results["heading"] == "90 %"
    assert panel.table.results["rows"][NAME]["error_low"] < value(panel)
    change(panel, NAME, "value", 2.0)
    assert panel.table.results["rows"] == {}
    assert [session.undo(), session.undo()] == [f"value of {NAME}", "fit"]


@pytest.mark.parametrize(
    ("what", "given", "told"),
    [
        ("value", 99.0, "powerlaw.PhoIndex: 99 is outside its limits -3 to 10"),
        ("min", 5.0, "is outside its limits 5 to 10"),
        ("link", "2*powerlaw.nrm", "powerlaw.nrm"),
    ],
)
def test_what_the_model_does_not_take_is_told_at_its_row(
    panel: FitPanel, session: Session, what: str, given: Any, told: str
) -> None:
    before = session.fit
    change(panel, NAME, what, given)
    assert told in panel.table.problems[NAME]["text"]
    assert session.fit == before


def test_parameters_are_frozen_linked_and_freed(panel: FitPanel, session: Session) -> None:
    assert panel.live.engine is not None
    change(panel, NAME, "frozen", True, 1)
    assert NAME not in panel.live.engine.table.names
    change(panel, NAME, "link", "2*constant.factor", 2)
    assert value(panel) == 2.0
    change(panel, NAME, "link", "", 3)
    assert value(panel) == 2.0
    assert NAME in panel.live.engine.table.names
    change(panel, NAME, "reset", None, 4)
    assert value(panel) == 1.0
    assert session.fit == FitChoice()


def test_energies_are_chosen_in_the_plot(panel: FitPanel, session: Session) -> None:
    assert panel.live.engine is not None
    n_bins = panel.live.engine.datasets[0].n_bins
    panel._noticed(((3.0, 20.0), (30.0, 40.0)))
    assert panel.live.engine.datasets[0].n_bins < n_bins
    assert session.undo_label == "energies to fit"


def test_without_spectra_it_says_what_to_do(tmp_path: Path) -> None:
    panel = FitPanel(Session(work_dir=str(tmp_path)), start=at_once, has_page=False)
    assert panel.strip.is_error
    assert panel.strip.text.startswith("there is no spectrum yet: run nuproducts in the job panel")
    assert panel.fit.disabled
    panel.close()


def test_files_that_vanish_are_named(tmp_path: Path) -> None:
    session = Session(
        spectra=(SpectrumInput(pha=str(tmp_path / "gone.pha")),), work_dir=str(tmp_path)
    )
    panel = FitPanel(session, start=at_once, has_page=False)
    assert "gone.pha" in panel.strip.text
    panel.close()


def test_files_that_vanish_meanwhile_cost_nothing_that_was_read(
    spectra: tuple[SpectrumInput, ...], tmp_path: Path
) -> None:
    names = [item.pha for item in spectra]
    folder = Path(names[0]).parent
    copies = tmp_path / "copies"
    shutil.copytree(folder, copies)
    inputs = tuple(SpectrumInput(pha=str(copies / Path(name).name)) for name in names)
    panel = FitPanel(Session(spectra=inputs, work_dir=str(tmp_path)), start=at_once, has_page=False)
    shutil.rmtree(copies)
    panel.fit.click()
    assert panel.live.result is not None
    assert panel.live.result.status == "converged"
    panel._load()
    assert "_sr_grp.pha" in panel.strip.text
    assert "there is no such file" in panel.strip.text
    assert panel.live.engine is not None  # what was read is kept
    panel.close()


def test_the_code_of_the_fit_follows_its_values(panel: FitPanel) -> None:
    panel.sides.value = "Code"
    assert "model  constant*tbabs*powerlaw" in panel.code.code.code
    change(panel, NAME, "value", 2.345)
    assert "2.345" in panel.code.code.code
    panel.code.language.value = "PyXspec"
    assert "from xspec import AllData" in panel.code.code.code


def test_a_model_and_a_grouping_are_chosen_beside_the_parameters(
    panel: FitPanel, session: Session
) -> None:
    assert panel.live.engine is not None
    panel.model._added("gaussian", None)
    assert "gaussian" in session.fit.expression
    assert value(panel, "gaussian.LineE") == 6.4
    assert 0.0 < value(panel, "gaussian.norm") < 1e-3
    n_bins = panel.live.engine.datasets[0].n_bins
    panel.model._grouped(GroupingChoice(grouptype="constant", groupscale=40.0))
    assert panel.live.engine.datasets[0].n_bins < n_bins
    template = next(item for item in templates() if not item.needs_xspec)
    panel.model._templated(template)
    assert session.fit.expression == template.expression
    assert session.undo_label == f"template {template.name}"
    panel.model._expressed("constant*tbabs*cutoffpl")
    panel.model._guess()
    assert session.undo_label == "guess start values"
    panel.fit.click()
    assert panel.live.result is not None
    assert panel.live.result.status == "converged"


def test_a_missing_xspec_is_told_and_the_embedded_engine_is_a_choice_away(
    panel: FitPanel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEADAS", raising=False)
    panel.live._start = at_once
    panel.engine.value = "xspec"
    assert panel.strip.is_error
    assert "xspec" in panel.strip.text.lower()
    panel.engine.value = "embedded"
    assert panel.live.problem == ""
    assert panel.live.engine is not None
