from __future__ import annotations

from pathlib import Path

import pytest

from nustar_widgets.calls.current import task_here, tasks_here
from nustar_widgets.session.values import Regions
from tests.calls.observed import now, session
from tests.standins.here import Here


@pytest.fixture(autouse=True)
def _without_heasoft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADAS", raising=False)
    monkeypatch.setenv("CONDA_PREFIX", "/nowhere")


def test_who_does_each_task_and_what_is_missing_is_told() -> None:
    here = tasks_here("auto")
    assert [(name, found.engine) for name, found in here.items()] == [
        ("nupipeline", ""), ("nuproducts", "embedded"), ("ftgrouppha", "embedded"),
    ]  # fmt: skip
    assert here["nupipeline"].spec is None
    assert here["nupipeline"].note.startswith("needs HEASoft, which is not set up here. Start")


def test_a_wish_that_cannot_be_granted_is_told() -> None:
    found = task_here("nuproducts", "heasoft")
    assert (found.spec, found.engine) == (None, "")
    assert found.note.startswith("needs HEASoft, which is not set up here")


def test_heasoft_without_calibration_is_taken_where_it_is_wished_for_and_says_so(
    standin: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADAS", str(standin.headas))
    monkeypatch.setenv("PYTHONPATH", standin.environ.get("PYTHONPATH", ""))
    monkeypatch.delenv("CALDB", raising=False)
    found = task_here("nuproducts", "heasoft")
    assert found.engine == "heasoft"
    assert found.problem.startswith("CALDB is not set. Remote CALDB: export CALDB=")
    assert task_here("nuproducts", "auto").engine == "embedded"


def test_calls_are_found_by_task_and_module(tmp_path: Path) -> None:
    calls = now(session(tmp_path))
    assert [call.task for call in calls.calls] == ["nuproducts", "ftgrouppha"] * 2
    for module in ("FPMA", "FPMB"):
        products, groups = calls.of("nuproducts", module), calls.of("ftgrouppha", module)
        assert products is not None
        assert groups is not None
        assert products.get("instrument") == module
        assert str(groups.get("infile")).startswith(f"nu60001110002{module[-1]}")
    assert calls.of("nupipeline", "FPMA") is None
    assert now(session(tmp_path, modules=("FPMB",))).of("nuproducts", "FPMA") is None


def test_a_missing_choice_leaves_no_calls(tmp_path: Path) -> None:
    calls = now(session(tmp_path, regions=Regions()))
    assert calls.calls == ()
    assert calls.missing == "FPMA: no source region; draw one or take the suggestion"
