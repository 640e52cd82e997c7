from __future__ import annotations

from pathlib import Path

import pytest

from nustar_widgets.engines.choice import engine_for
from nustar_widgets.errors import TaskNotSupported
from tests.standins.here import Here

NOTHING: dict[str, str] = {"CONDA_PREFIX": "/nowhere"}


@pytest.fixture
def calibrated(standin: Here, tmp_path: Path) -> dict[str, str]:
    """Environment of the stand-in with a calibration database that looks like one."""
    index = tmp_path / "data" / "nustar" / "fpm" / "caldb.indx"
    index.parent.mkdir(parents=True)
    for path in (index, tmp_path / "caldb.config", tmp_path / "alias_config.fits"):
        path.touch()
    return standin.environ | {
        "CALDB": str(tmp_path),
        "CALDBCONFIG": str(tmp_path / "caldb.config"),
        "CALDBALIAS": str(tmp_path / "alias_config.fits"),
    }


def test_heasoft_does_a_task_where_it_is_complete(calibrated: dict[str, str]) -> None:
    chosen = engine_for("nuproducts", environ=calibrated)
    assert (chosen.engine.name, chosen.note) == ("heasoft", "")
    assert chosen.engine.spec("nuproducts").source.endswith("nuproducts.par")


def test_without_heasoft_the_embedded_engine_does_what_it_can() -> None:
    chosen = engine_for("nuproducts", environ=NOTHING)
    assert chosen.engine.name == "embedded"
    assert chosen.note.startswith("needs HEASoft, which is not set up here. Start Jupyter where")


def test_what_nobody_can_is_refused_with_what_is_missing() -> None:
    with pytest.raises(TaskNotSupported, match="nupipeline: needs HEASoft, which is not set up"):
        engine_for("nupipeline", environ=NOTHING)
    with pytest.raises(TaskNotSupported, match="the embedded engine has nuproducts and ftgroup"):
        engine_for("nupipeline", "embedded", environ=NOTHING)


def test_without_calibration_nustars_tasks_are_not_heasofts(standin: Here) -> None:
    chosen = engine_for("nuproducts", environ=standin.environ)
    assert chosen.engine.name == "embedded"
    assert chosen.note.startswith("CALDB is not set. Remote CALDB: export CALDB=")
    assert engine_for("ftgrouppha", environ=standin.environ).engine.name == "heasoft"
    with pytest.raises(TaskNotSupported, match="nupipeline: CALDB is not set"):
        engine_for("nupipeline", environ=standin.environ)


def test_without_heasoftpy_heasoft_cannot_be_driven(
    calibrated: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [])
    chosen = engine_for("ftgrouppha", environ={**calibrated, "PYTHONPATH": ""})
    assert chosen.engine.name == "embedded"
    assert chosen.note.startswith("HEASoft is here, but heasoftpy is not. It comes with HEASoft")


def test_a_wish_is_granted_or_refused_but_never_changed(calibrated: dict[str, str]) -> None:
    assert engine_for("nuproducts", "embedded", environ=calibrated).engine.name == "embedded"
    assert engine_for("nuproducts", "heasoft", environ=calibrated).engine.name == "heasoft"
    with pytest.raises(TaskNotSupported, match="nuproducts: needs HEASoft"):
        engine_for("nuproducts", "heasoft", environ=NOTHING)
