"""What only an engine in another process has: its files, its start, its words."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_xspec import XspecFit, xspec_problem
from nustar_widgets.engines.fitting import FitEngine
from nustar_widgets.engines.xspec.home import XspecHome
from nustar_widgets.engines.xspec.messages import Load, Save, SetValues
from nustar_widgets.engines.xspec.staging import unused_bins
from nustar_widgets.errors import ExpressionError, FitError, InputFileError, ModelError
from nustar_widgets.session.values import FitChoice, ParameterChoice
from nustar_widgets.spectra.loading import load
from tests.engines.fitcases import made_choice, made_data
from tests.spectra.builders import a_spectrum, spectral_data, write_observation
from tests.standins.xspechere import environment

Make = Callable[..., XspecFit]
POWERLAW = FitChoice(expression="powerlaw", statistic="cstat")


def test_a_spectrum_is_fitted_as_it_is_in_memory_grouping_included(make: Make) -> None:
    grouping = np.where(np.arange(60) % 3 == 0, 1, -1).astype(np.int16)
    quality = np.where(np.arange(60) == 59, 1, 0).astype(np.int16)
    data = spectral_data().with_spectrum(a_spectrum(grouping=grouping, quality=quality))
    data = data.ignore("bad", "**-3.0 20.0-**").ignore("5")
    for statistic in ("chi", "cstat", "pgstat"):
        choice = replace(POWERLAW, statistic=statistic)
        ours, xspec = EmbeddedFit([data], choice), make([data], choice)
        assert xspec.statistic() == pytest.approx(ours.statistic(), rel=1e-9)
        assert xspec.result().n_bins == (data.n_bins,)


def test_bins_out_of_use_are_runs_counted_from_one() -> None:
    data = spectral_data().ignore("1-3", "7", "60")
    assert unused_bins(data) == ((1, 3), (7, 7), (60, 60))
    assert unused_bins(spectral_data()) == ()
    assert unused_bins(spectral_data().ignore("all")) == ((1, 60),)


def test_files_with_names_xspec_would_stumble_over_are_fitted(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "my data {1}, [new]"
    folder.mkdir()
    data = load(write_observation(folder)).ignore("**-3. 20.-**")
    ours, xspec = EmbeddedFit([data], POWERLAW), make([data], POWERLAW)
    assert xspec.statistic() == pytest.approx(ours.statistic(), rel=1e-9)
    (folder / "a.arf").unlink()
    with pytest.raises(InputFileError, match=r"a\.arf: it is not there any more"):
        make([data], POWERLAW)


def test_a_spectrum_without_background_has_none_in_xspec_either(make: Make) -> None:
    data = spectral_data().without_background().ignore("**-3. 20.-**")
    ours, xspec = EmbeddedFit([data], POWERLAW), make([data], POWERLAW)
    assert xspec.statistic() == pytest.approx(ours.statistic(), rel=1e-9)


def test_a_model_nobody_knows_is_refused_in_words_and_another_can_follow(make: Make) -> None:
    with pytest.raises(ExpressionError, match="no model is called 'nosuchmodel'"):
        make([made_data(seed=1)], FitChoice(expression="nosuchmodel"))
    with pytest.raises(ExpressionError, match="expected model names"):
        make([made_data(seed=1)], FitChoice(expression='powerlaw"; exit\n'))
    with pytest.raises(ModelError, match="borus02: XSPEC: Model Command Error") as told:
        make([made_data(seed=1)], FitChoice(expression="borus02"))
    assert "No model component named" in str(told.value) or "borus02" in str(told.value)
    assert "apec" not in str(told.value)  # XSPEC names all models it has
    assert make([made_data(seed=1)], POWERLAW).fit().status == "converged"


def test_local_models_are_loaded_before_the_model_and_refused_in_words(make: Make) -> None:
    with pytest.raises(ModelError, match="unable to load the model package: relxill"):
        make([made_data(seed=1)], POWERLAW, local_models=[("relxill", "/models")])


def test_a_table_model_that_is_not_there_is_refused_by_name(make: Make) -> None:
    with pytest.raises(InputFileError, match=r"nowhere\.fits: no such table model"):
        make([made_data(seed=1)], FitChoice(expression="atable{/nowhere.fits}"))


def test_xspec_keeps_to_other_abundances(make: Make) -> None:
    for abundance in ("angr", "wilm"):
        choice = replace(made_choice("cstat"), abundance=abundance)
        ours = EmbeddedFit([made_data(seed=1)], choice)
        xspec = make([made_data(seed=1)], choice)
        assert xspec.statistic() == pytest.approx(ours.statistic(), rel=1e-5)


def test_everything_can_be_saved_as_xspec_saves_it(make: Make, tmp_path: Path) -> None:
    engine = make([made_data(seed=1)], POWERLAW)
    engine._keeper.ask(Save(str(tmp_path / "fit.xcm")))
    assert "model  powerlaw" in (tmp_path / "fit.xcm").read_text()


def test_xspec_is_told_never_to_ask(make: Make) -> None:
    engine = make([made_data(seed=1)], POWERLAW)
    with pytest.raises(FitError, match="0 of 1 spectra can be read") as caught:
        engine._keeper.ask(Load(("nowhere.pha",), ((),)))
    assert "cannot read spectrum file nowhere.pha" in str(caught.value)


def test_it_is_an_engine_by_the_protocol(make: Make) -> None:
    engine: FitEngine = make([made_data(seed=1)], POWERLAW)
    assert engine.name == "xspec"
    assert engine.choice == POWERLAW
    assert len(engine.datasets) == 1
    assert engine.table.names == ("powerlaw.PhoIndex", "powerlaw.norm")


def test_a_value_xspec_does_not_take_is_told_and_nothing_moves(make: Make) -> None:
    engine = make([made_data(seed=1)], POWERLAW)
    before = engine.values
    narrow = SetValues(((1, 1, 99.0),))
    with pytest.raises(FitError, match=r"PhoIndex of spectrum 1 stays at .*99 was not taken"):
        engine._keeper.ask(narrow)
    engine.set({"powerlaw.norm": 0.5})
    assert engine.values == before | {"powerlaw.norm": 0.5}


def test_a_process_given_back_is_used_for_the_next_fit() -> None:
    home = XspecHome()
    environ = environment(toy=True)
    first = home.lend(environ)
    first.ready()
    process = first.process
    home.give_back(first)
    second = home.lend(environ)
    assert second.process is process
    other = home.lend(environ)
    assert other.process is not process
    home.give_back(second)
    home.give_back(other)
    assert other.process is None
    home.close()
    assert process is not None
    assert not process.is_alive
    assert not second.folder.exists()


def test_without_pyxspec_it_is_said_why_and_how_to_get_it() -> None:
    environ = {name: text for name, text in os.environ.items() if name != "HEADAS"}
    text = xspec_problem(environ | {"PYTHONPATH": ""})
    assert "PyXspec cannot be imported here (ModuleNotFoundError: No module named 'xspec')" in text
    assert "conda install" in text
    with pytest.raises(FitError, match="No module named 'xspec'"):
        XspecFit([made_data(seed=1)], POWERLAW, environ=environ)


def test_a_pyxspec_that_ends_the_process_at_import_is_no_xspec(tmp_path: Path) -> None:
    (tmp_path / "xspec.py").write_text("import os\nos.write(1, b'HEADAS is not set')\nos._exit(1)")
    environ = environment() | {"PYTHONPATH": str(tmp_path)}
    text = xspec_problem(environ)
    assert "XSPEC was starting and ended (exit status 1)" in text
    assert "HEADAS is not set" in text


def test_with_pyxspec_there_is_no_problem_and_it_is_warm() -> None:
    home = XspecHome()
    assert home.problem(environment(toy=True)) == ""
    keeper = home.lend(environment(toy=True))
    assert keeper.process is not None
    assert keeper.process.version == "12.9.1 stand-in"
    keeper.close()
    home.close()


def test_a_link_xspec_cannot_write_is_refused_by_our_own_words(make: Make) -> None:
    link = ParameterChoice(name="powerlaw.norm", link="abs(-powerlaw.PhoIndex)**2 + 1")
    engine = make([made_data(seed=1)], FitChoice(expression="powerlaw", parameters=(link,)))
    assert engine.values["powerlaw.norm"] == pytest.approx(2.0)
