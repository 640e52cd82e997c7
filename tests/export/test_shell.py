"""The exported shell script, run with programs that write down how they were called."""

from __future__ import annotations

from pathlib import Path

import pytest

from nustar_widgets.errors import SessionError
from nustar_widgets.export.shell import to_shell
from nustar_widgets.jobs.plan import absolute
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import FitChoice
from tests.calls.observed import session
from tests.export.test_hostile import run_shell
from tests.export.test_python import TUTORIAL, tutorial


@pytest.mark.parametrize("name", TUTORIAL)
def test_the_tasks_are_called_as_the_recipe_says_then_xspec_where_the_spectra_are(
    name: str, tasks: Path, tmp_path: Path
) -> None:
    chosen = tutorial(name, tmp_path)
    (tmp_path / "60001110002").mkdir()  # else it would be fetched
    spectra = tmp_path / "nustar_60001110002" / "60001110002_p" / "spec"
    spectra.mkdir(parents=True)  # nuproducts would
    calls, files = run_shell(to_shell(chosen), tasks, tmp_path)
    expected = [
        call.to_shell().split()
        for task in ("nupipeline", "nuproducts", "ftgrouppha")
        for call in recipe(absolute(chosen))
        if call.task == task
    ]
    has_fit = "spectrum" in name
    assert calls == [*expected, *([["xspec", "-", "fit.xcm"]] if has_fit else [])]
    assert set(files) == {"src.reg", "bgd.reg"}
    assert (spectra / "fit.xcm").is_file() is has_fit
    if has_fit:
        assert "data 1:1 nu60001110002A01_sr.grp\n" in (spectra / "fit.xcm").read_text()


def test_data_of_the_archive_are_fetched_with_wget_where_they_are_not_there(
    tmp_path: Path,
) -> None:
    data = tmp_path / "60001110002"
    text = to_shell(session(data))
    assert f"if [ ! -d {data} ]; then\n    wget " in text
    assert f"-P {tmp_path} https://heasarc.gsfc.nasa.gov/FTP/nustar/data/obs/00/6/60001110002/" in (
        text
    )
    assert "wget" not in to_shell(session(tmp_path, obsid="00000000001"))


def test_a_fit_that_cannot_be_written_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    text = to_shell(session(tmp_path, fit=FitChoice(expression="tbabs*pexrav")))
    assert "nuproducts \\\n" in text
    assert "# There is no fit: " in text
    assert "xspec" not in text.partition("# There is no fit")[0]


def test_a_missing_choice_is_named() -> None:
    with pytest.raises(SessionError, match="FPMA: no event list chosen"):
        to_shell(Session())
