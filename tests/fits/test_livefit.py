from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import FitEngine
from nustar_widgets.errors import FitError, ParameterError
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.spectra import LoadedSpectra
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import FitChoice, ParameterChoice, SpectrumInput
from nustar_widgets.spectra.folding import SpectralData
from tests.engines.fitcases import made_choice, made_pair

NAME = "powerlaw.PhoIndex"


@pytest.fixture
def session() -> Session:
    return Session(fit=replace(made_choice(), notice_kev=((3.0, 20.0),)))


@pytest.fixture
def live(session: Session) -> LiveFit:
    """A fit with two spectra in place."""
    made = LiveFit.of(session)
    whole = tuple(data.notice("all") for data in made_pair(seed=1))
    made.take(LoadedSpectra(inputs=(), datasets=whole))
    assert made.problem == ""
    return made


def value(live: LiveFit, name: str = NAME) -> float:
    assert live.engine is not None
    return live.engine.values[name]


def has_result(live: LiveFit) -> bool:
    return live.result is not None


def shown(live: LiveFit, name: str = NAME) -> float:
    assert live.shown is not None
    return live.shown.values[name]


def test_a_fit_becomes_the_sessions_choice_and_is_undone(session: Session, live: LiveFit) -> None:
    generation = live.generation
    result = live.fit()
    assert result.status == "converged"
    assert value(live) == result[NAME].value == shown(live)
    chosen = {item.name: item.value for item in session.fit.parameters}
    assert chosen[NAME] == result[NAME].value
    assert live.result == result
    assert live.generation == generation  # the engine stays, with what it has found
    assert session.undo() == "fit"
    assert value(live) == shown(live) == 1.4
    assert not has_result(live)
    session.redo()
    assert value(live) == result[NAME].value


def test_a_value_set_by_hand_is_the_engines_and_what_was_fitted_is_no_result_of_it(
    session: Session, live: LiveFit
) -> None:
    live.fit()
    parameters = tuple(
        replace(item, value=2.2) if item.name == NAME else item for item in session.fit.parameters
    )
    session.edit("set PhoIndex", fit=replace(session.fit, parameters=parameters))
    assert value(live) == shown(live) == 2.2
    assert live.result is None


def test_under_the_hand_only_the_model_that_is_drawn_moves(session: Session, live: LiveFit) -> None:
    moved = live.moved
    live.preview({NAME: 2.5})
    assert (value(live), shown(live)) == (1.4, 2.5)
    assert live.moved == moved + 1
    assert session.can_undo is False
    with pytest.raises(
        ParameterError, match=r"powerlaw.PhoIndex: 99 is outside its limits -3 to 10"
    ):
        live.preview({NAME: 99.0})


def test_a_glimpse_of_other_values_leaves_the_model_where_it_was(live: LiveFit) -> None:
    live.preview({NAME: 2.5})
    moved = live.moved
    with live.glimpse({NAME: 1.7}) as engine:
        assert engine.values[NAME] == 1.7
    with pytest.raises(RuntimeError, match="a fault"), live.glimpse({NAME: 1.8}):
        raise RuntimeError("a fault")
    with pytest.raises(ParameterError, match="outside its limits"), live.glimpse({NAME: 99.0}):
        pass
    assert shown(live) == 2.5
    assert live.moved == moved


def test_another_model_or_range_makes_another_engine(session: Session, live: LiveFit) -> None:
    generation = live.generation
    session.edit("model", fit=replace(session.fit, expression="tbabs*powerlaw"))
    assert live.generation == generation + 1
    assert live.engine is not None
    n_bins = live.engine.datasets[0].n_bins
    session.edit("range", fit=replace(session.fit, notice_kev=((5.0, 20.0),)))
    assert live.engine.datasets[0].n_bins < n_bins
    frozen = (*session.fit.parameters, ParameterChoice(name="TBabs.nH", frozen=True))
    session.edit("freeze", fit=replace(session.fit, parameters=frozen[1:]))
    assert "TBabs.nH" not in live.engine.table.names


def test_a_model_that_cannot_be_read_is_a_problem_in_words_until_it_can(
    session: Session, live: LiveFit
) -> None:
    good = session.fit
    session.edit("model", fit=replace(good, expression="tbabs*powrlaw"))
    assert "powrlaw" in live.problem
    assert live.engine is None
    with pytest.raises(FitError, match="powrlaw"):
        live.fit()
    session.edit("model", fit=good)
    assert live.problem == ""


def test_the_trace_is_told_and_the_model_moves_as_it_goes(live: LiveFit) -> None:
    statistics: list[float] = []
    live.observe(lambda change: statistics.append(change["new"].statistic) if change["new"] else 0,
                 "step")  # fmt: skip
    result = live.fit()
    assert statistics
    assert statistics[-1] == pytest.approx(result.statistic)
    assert live.activity == ""


def test_errors_and_contours_come_with_the_result(live: LiveFit) -> None:
    result = live.errors([NAME])
    assert result[NAME].error_low is not None
    assert live.result == result
    best = result[NAME].value
    nh = result["TBabs.nH"].value
    picture = live.map(NAME, "TBabs.nH", x=[best - 0.05, best, best + 0.05], y=[nh * 0.9, nh])
    assert picture.statistic.shape == (2, 3)
    assert live.contour is picture


def test_one_thing_at_a_time(live: LiveFit) -> None:
    live.activity = "fitting"
    with pytest.raises(FitError, match="fitting goes on: stop it first"):
        live.errors()


def test_the_other_engine_checks_and_changes_nothing(session: Session) -> None:
    made: list[FitChoice] = []

    def make(datasets: Sequence[SpectralData], choice: FitChoice) -> FitEngine:
        made.append(choice)
        return EmbeddedFit(datasets, replace(choice, engine="embedded"))

    live = LiveFit(session, make=make)
    live.take(LoadedSpectra(inputs=(), datasets=made_pair(seed=1)))
    before = session.snapshot()
    found = live.check()
    assert found.agrees
    assert [choice.engine for choice in made[-2:]] == ["embedded", "xspec"]
    assert session.snapshot() == before
    assert (value(live), live.result) == (1.4, None)


def test_history_is_kept_noted_and_gone_back_to(session: Session, live: LiveFit) -> None:
    first = live.fit()
    plain = session.fit
    session.edit("model", fit=FitChoice(expression="powerlaw", notice_kev=((3.0, 20.0),)))
    live.fit()
    assert [record.number for record in live.history] == [1, 2]
    live.note(live.history[0], "with absorption")
    assert live.history[0].note == "with absorption"
    live.restore(live.history[0])
    assert session.fit == plain
    assert live.result == first
    assert session.undo_label == "restore fit 1"


def test_without_spectra_it_says_what_to_do() -> None:
    live = LiveFit.of(session := Session())
    live.load()
    assert live.problem.startswith("there is no spectrum yet: run nuproducts in the job panel, or")
    with pytest.raises(FitError, match="there is no spectrum yet"):
        live.fit()
    assert LiveFit.of(session) is live


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    session = Session(spectra=(SpectrumInput(pha=str(tmp_path / "none.pha")),))
    live = LiveFit.of(session)
    live.load()
    assert "none.pha" in live.problem
