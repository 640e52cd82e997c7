"""Exported Python makes the calls the session stands for, and fits what the panels fit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nustar_widgets.calls.presets import BUILT_IN, changes
from nustar_widgets.engines.fit_parameters import ParameterTable
from nustar_widgets.errors import ParameterError, SessionError, TaskNotSupported
from nustar_widgets.events.gti import Gti
from nustar_widgets.export.analysis import Analysis, analysis_of
from nustar_widgets.export.notebook import to_notebook
from nustar_widgets.export.python import to_python
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.jobs.plan import absolute
from nustar_widgets.session.measures import FluxWishes
from nustar_widgets.session.recipe import recipe
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import GtiFile, TextFile
from nustar_widgets.session.values import (
    FitChoice,
    GroupingChoice,
    ParameterChoice,
    Regions,
    SpectrumInput,
)
from nustar_widgets.spectra.models import Model
from tests.calls.observed import session
from tests.export.recorder import SETTINGS, Recorder
from tests.session import test_recipe, test_tutorial_calls

ORDER = ("nupipeline", "nuproducts", "ftgrouppha")
TUTORIAL = ("Tutorial: light curve", "Tutorial: spectrum")


def tutorial(name: str, folder: Path) -> Session:
    chosen = test_tutorial_calls.session()
    preset = next(item for item in BUILT_IN if item.name == name)
    chosen.edit(f"preset {name}", work_dir=str(folder), **changes(chosen, preset))
    return chosen


def with_responses(chosen: Session) -> Session:
    inputs = tuple(
        type(item)(**{**vars(item), "arf": f"/r/{item.module}.arf", "rmf": "/r/nustar.rmf"})
        for item in chosen.inputs
    )
    chosen.edit("responses", inputs=inputs)
    return chosen


def assert_same_calls(done: Recorder, analysis: Analysis) -> None:
    """The calls that were made, and the files they found, are those that were to be written."""
    made = [
        (engine, task, {name: value for name, value in given.items() if name not in SETTINGS})
        for engine, task, given in done.calls
    ]
    expected = []
    for item in analysis.in_order:
        given = dict(item.call.params)
        if (item.engine, item.call.task) == ("embedded", "nuproducts"):
            own = next(one for one in analysis.inputs if one.module == item.module)
            given |= {name: getattr(own, name) for name in ("arf", "rmf") if getattr(own, name)}
        expected.append((item.engine, item.call.task, given))
    assert made == expected
    for engine, _, given in done.calls:
        assert engine == "embedded" or given.items() >= SETTINGS.items()
    files = [file for item in analysis.calls for file in item.call.files]
    assert done.files == {file.name: file.text for file in files if isinstance(file, TextFile)}


@pytest.mark.parametrize("write", [to_python, to_notebook])
@pytest.mark.parametrize(
    "make",
    [test_recipe.session, test_recipe.tutorial_session, *TUTORIAL],
    ids=lambda make: make if isinstance(make, str) else make.__name__,
)
def test_heasoftpy_is_called_as_the_recipe_says_parameter_for_parameter(
    make: Any, write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = tutorial(make, tmp_path) if isinstance(make, str) else make()
    done = Recorder()
    text = write(chosen, "heasoft")
    (done.run if write is to_python else done.run_notebook)(text)
    calls = recipe(absolute(chosen))
    expected = [
        ("heasoft", call.task, {**dict(call.params), **SETTINGS})
        for task in ORDER
        for call in calls
        if call.task == task
    ]
    assert done.calls == expected
    assert_same_calls(done, analysis_of(chosen, "heasoft"))


def test_the_embedded_script_makes_the_same_calls_with_the_tasks_of_this_package(
    tmp_path: Path,
) -> None:
    chosen = with_responses(session(tmp_path))
    chosen.edit("good time", user_gti=((10.0, 20.5), (30.0, 40.0)))
    done = Recorder().run(to_python(chosen, "embedded"))
    assert_same_calls(done, analysis_of(chosen, "embedded"))
    assert done.intervals == {"usrgti.fits": [(10.0, 20.5), (30.0, 40.0)]}
    assert {engine for engine, _, _ in done.calls} == {"embedded"}


def test_good_time_is_written_with_astropy_alone_where_heasoft_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = session(tmp_path, user_gti=((10.0, 20.5), (30.0, 40.0)))
    text = to_python(chosen, "heasoft")
    assert "nustar_widgets import" not in text
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    begin, end = text.index("def write_gti"), text.index("])\n", text.index("write_gti('")) + 2
    exec("from astropy.io import fits\n" + text[begin:end], names)
    written = Gti.read(tmp_path / "usrgti.fits")
    assert list(zip(written.start, written.stop, strict=True)) == [(10.0, 20.5), (30.0, 40.0)]
    (file,) = {f for c in recipe(chosen) for f in c.files if isinstance(f, GtiFile)}
    assert file.name == "usrgti.fits"


def test_who_runs_what_is_what_the_session_would_use_now(tmp_path: Path) -> None:
    chosen = with_responses(session(tmp_path))
    assert "tasks.nuproducts(" in to_python(chosen)
    assert "nw.SpectralFit(" in to_python(chosen)
    chosen.edit("XSPEC", fit=FitChoice(engine="xspec"))
    text = to_python(chosen)
    assert "tasks.nuproducts(" in text
    assert "from xspec import" in text
    chosen.edit("HEASoft", engine="heasoft")
    assert "heasoftpy.nuproducts(" in to_python(chosen)


def test_what_only_heasoft_does_is_not_written_for_the_embedded_engine(tmp_path: Path) -> None:
    with pytest.raises(TaskNotSupported, match="nupipeline"):
        to_python(session(tmp_path, pipeline=()), "embedded")
    with pytest.raises(ParameterError, match="engine: 'xspec': expected one of auto, heasoft"):
        to_python(session(tmp_path), "xspec")


def test_a_missing_choice_is_named(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="FPMA: no event list chosen"):
        to_python(Session())
    with pytest.raises(SessionError, match="FPMA: no source region; draw one"):
        to_python(session(tmp_path, regions=Regions()))


# -- data ---------------------------------------------------------------------------------


def test_an_observation_of_the_archive_is_fetched_where_it_is_not_there(tmp_path: Path) -> None:
    text = to_python(session(tmp_path / "60001110002"), "heasoft")
    assert f"data = {str(tmp_path / '60001110002')!r}" in text
    assert "s3://nasa-heasarc/nustar/data/obs/00/6/60001110002/" in text
    assert 'Heasarc.download_data(links, host="aws", location=str(Path(data).parent))' in text
    elsewhere = to_python(session(tmp_path / "renamed"), "heasoft")
    assert "Heasarc" not in elsewhere
    assert "change this line" in elsewhere


def test_the_simulated_observation_is_made_again_where_it_is_not_there(tmp_path: Path) -> None:
    chosen = session(tmp_path, obsid="00000000001")
    assert "simulate_observation(Path(data).parent)" in to_python(chosen, "heasoft")


def test_paths_heasoft_cannot_read_are_told(tmp_path: Path) -> None:
    text = to_python(session(tmp_path / "my data"), "heasoft")
    assert "# HEASoft cannot read this path:" in text
    assert "HEASoft cannot read" not in to_python(session(tmp_path / "my data"), "embedded")


def test_files_named_by_the_user_are_found_from_the_folder_of_the_script(tmp_path: Path) -> None:
    for layout in ("own", "tutorial"):
        chosen = session(tmp_path, layout=layout, products=(("srcregionfile", "mine.reg"),))
        Path(chosen.work_dir).mkdir(exist_ok=True)
        Path(chosen.work_dir, "mine.reg").write_text("fk5\n")
        done = Recorder().run(to_python(chosen, "embedded"))
        assert done.calls[0][2]["srcregionfile"] == str(tmp_path / "work" / "mine.reg")


# -- the fit ------------------------------------------------------------------------------

LINE = FitChoice(
    expression="constant*tbabs*(powerlaw+gauss)",
    parameters=(
        ParameterChoice(name="TBabs.nH", value=0.04, frozen=True),
        ParameterChoice(name="powerlaw.PhoIndex", value=1.9, min=1.0, max=3.0),
        ParameterChoice(name="gaussian.Sigma", link="0.1*powerlaw.PhoIndex"),
    ),
    statistic="chi",
    notice_kev=((3.0, 20.0), (25.0, 79.0)),
)


def test_the_fit_is_the_sessions_choice_of_it(tmp_path: Path) -> None:
    chosen = with_responses(session(tmp_path, fit=LINE))
    (given,) = Recorder().run(to_python(chosen, "embedded")).fits
    assert given == {
        "spectra": [f"nu60001110002{letter}01_sr_grp.pha" for letter in "AB"],
        "model": LINE.expression,
        "parameters": {
            "TBabs.nH": {"value": 0.04, "frozen": True},
            "powerlaw.PhoIndex": {"value": 1.9, "min": 1.0, "max": 3.0},
            "gaussian.Sigma": {"link": "0.1*powerlaw.PhoIndex"},
        },
        "statistic": "chi",
        "notice_kev": [(3.0, 20.0), (25.0, 79.0)],
        "abundance": "wilm",
        "cross_section": "vern",
    }


def test_xspec_is_taken_to_the_folder_of_the_spectra_and_back(tmp_path: Path) -> None:
    chosen = tutorial("Tutorial: spectrum", tmp_path)
    done = Recorder().run(to_python(chosen, "heasoft"))
    assert [str(where) for (where,), _ in done.chdir.call_args_list] == [
        "/somewhere/nustar_60001110002",
        "60001110002_p/spec",
        "/somewhere/nustar_60001110002",
    ]
    done.xspec.AllData.assert_any_call("1:1 nu60001110002A01_sr.grp")


def test_a_light_curve_without_responses_has_no_fit_and_says_why(tmp_path: Path) -> None:
    text = to_python(tutorial("Tutorial: light curve", tmp_path), "heasoft")
    assert "# FPMA: nuproducts makes no responses (runmkarf, runmkrmf), which a fit needs" in text
    no_arf = to_python(session(tmp_path), "embedded")
    assert "# FPMA: there is no ARF and RMF, which a fit needs; making them needs HEASoft" in no_arf
    no_pha = session(tmp_path, products=(("phafile", "NONE"),))
    assert "nuproducts makes no spectrum (phafile=NONE)" in to_python(no_pha, "embedded")


def test_a_model_only_xspec_has_leaves_the_script_without_fit(tmp_path: Path) -> None:
    chosen = with_responses(session(tmp_path, fit=FitChoice(expression="tbabs*pexrav")))
    text = to_python(chosen)
    assert "tasks.nuproducts(" in text
    assert "# There is no fit to make: see the note." in text
    assert "pexrav" in text


GROUPED = FitChoice(grouping=GroupingChoice(grouptype="optmin", groupscale=20.0))


def test_what_is_grouped_for_the_fit_alone_is_grouped_in_the_script(tmp_path: Path) -> None:
    chosen = with_responses(session(tmp_path, fit=GROUPED))
    (given,) = Recorder().run(to_python(chosen, "embedded")).fits
    assert given["grouping"]["grouptype"] == "optmin"
    done = Recorder().run(to_python(chosen, "heasoft"))
    assert_same_calls(done, analysis_of(chosen, "heasoft"))
    _, task, last = done.calls[-1]
    assert (task, last["infile"], last["outfile"], last["grouptype"], last["respfile"]) == (
        "ftgrouppha",
        "nu60001110002B01_sr.pha",
        "nu60001110002B01_sr_fit.pha",
        "optmin",
        "nu60001110002B01_sr.rmf",
    )
    done.xspec.AllData.assert_any_call(
        "1:1 nu60001110002A01_sr_fit.pha 2:2 nu60001110002B01_sr_fit.pha"
    )


def test_no_grouping_at_all_is_one_channel_in_each_bin_for_xspec(tmp_path: Path) -> None:
    none = FitChoice(grouping=GroupingChoice(grouptype="none"))
    done = Recorder().run(to_python(session(tmp_path, fit=none), "heasoft"))
    assert (done.calls[-1][2]["grouptype"], done.calls[-1][2]["groupscale"]) == ("constant", 1)


def test_spectra_made_elsewhere_are_fitted_without_any_task(tmp_path: Path) -> None:
    spectra = (SpectrumInput(pha=str(tmp_path / "a.pha"), arf=str(tmp_path / "a.arf")),)
    chosen = Session(spectra=spectra)
    done = Recorder().run(to_python(chosen, "embedded"))
    assert done.calls == []
    assert done.fits[0]["spectra"] == [
        {"pha": str(tmp_path / "a.pha"), "arf": str(tmp_path / "a.arf")}
    ]
    text = to_python(chosen, "heasoft")
    assert f"os.chdir({str(tmp_path)!r})\nAllData('1:1 a.pha')" in text


def test_what_was_measured_of_the_fit_is_measured_again(tmp_path: Path) -> None:
    chosen = with_responses(session(tmp_path))
    LiveFit.of(chosen).wishes = FluxWishes(
        bands_kev=((3.0, 10.0),), redshift=0.0144, component="powerlaw", draws=1000
    )
    text = to_python(chosen, "embedded")
    assert "for low_kev, high_kev in [(3.0, 10.0)]:" in text
    assert "fit.flux(low_kev, high_kev, draws=1000)" in text
    assert "fit.luminosity(low_kev, high_kev, redshift=0.0144, draws=1000)" in text
    assert "fit.width('powerlaw', draws=1000)" in text
    assert "fit.errors" not in text
    official = to_python(chosen, "heasoft")
    assert "for band in ['3.0 10.0 err 1000 90.0']:" in official
    assert "AllModels.calcFlux(band)" in official
    assert "for band in ['3.0 10.0 0.0144 err 1000 90.0']:" in official
    assert "AllModels.eqwidth(3, err=True, number=1000, level=90.0)" in official


def test_a_model_only_xspec_has_is_written_once_xspec_has_read_it(tmp_path: Path) -> None:
    fit = FitChoice(expression="tbabs*pexrav", engine="xspec")
    chosen = with_responses(session(tmp_path, fit=fit))
    assert "There is no fit to make" in to_python(chosen)
    rows = ParameterTable(Model.parse("tbabs*powerlaw"), 2).rows
    table = SimpleNamespace(rows=rows, retold=lambda _: SimpleNamespace(rows=rows))
    LiveFit.of(chosen).engine = SimpleNamespace(choice=fit, table=table, datasets=(None, None))
    assert "Model('tbabs*pexrav')\n" in to_python(chosen)
    assert "There is no fit to make" in to_python(chosen, "embedded")
