"""The fit of a session, made by XSPEC: the same panel code, another engine behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from nustar_widgets.engines.fit_comparison import compare_fits
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fit_xspec import XspecFit
from nustar_widgets.engines.xspec.home import HOME
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.spectra import LoadedSpectra
from nustar_widgets.session.session import Session
from tests.engines.fitcases import made_choice, made_pair
from tests.standins.xspechere import FOLDER


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """PyXspec's stand-in where this process would find PyXspec."""
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    monkeypatch.delenv("HEADAS", raising=False)
    yield
    HOME.close()


def at_once(work: Callable[[], None]) -> None:
    work()


def _session(engine: str) -> Session:
    return Session(fit=replace(made_choice(), notice_kev=((3.0, 20.0),), engine=engine))


def _live(session: Session) -> LiveFit:
    live = LiveFit(session, start=at_once)
    live.take(
        LoadedSpectra(inputs=(), datasets=tuple(data.notice("all") for data in made_pair(seed=1)))
    )
    assert live.problem == ""
    return live


@pytest.mark.usefixtures("standin")
def test_a_session_is_fitted_by_xspec_and_checked_against_the_other_engine() -> None:
    sessions = _session("xspec"), _session("embedded")
    by_xspec, ours = map(_live, sessions)
    assert isinstance(by_xspec.engine, XspecFit)
    assert isinstance(ours.engine, EmbeddedFit)
    found = compare_fits(ours.fit(), by_xspec.fit())
    assert found.agrees, found.words
    by_xspec.engine.close()


@pytest.mark.usefixtures("standin")
def test_a_change_of_the_model_takes_the_same_xspec_or_the_one_given_back() -> None:
    session = _session("xspec")
    live = _live(session)
    live.fit()
    session.edit("model", fit=replace(session.fit, expression="powerlaw", parameters=()))
    assert live.problem == ""
    assert isinstance(live.engine, XspecFit)
    assert live.engine.table.names == ("powerlaw.PhoIndex", "powerlaw.norm")
    assert live.fit().status == "converged"
    live.engine.close()


def test_without_xspec_the_session_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.delenv("HEADAS", raising=False)
    session = Session(fit=replace(made_choice(), engine="xspec"))
    live = LiveFit(session, start=at_once)
    live.take(LoadedSpectra(inputs=(), datasets=made_pair(seed=1)))
    assert live.engine is None
    assert "No module named 'xspec'" in live.problem


@pytest.mark.usefixtures("standin")
def test_xspec_starts_beside_the_kernel_and_the_newest_choice_has_it() -> None:
    waiting: list[Callable[[], None]] = []
    session = _session("embedded")
    live = LiveFit(session, start=waiting.append)
    live.take(
        LoadedSpectra(inputs=(), datasets=tuple(data.notice("all") for data in made_pair(seed=1)))
    )
    session.edit("engine", fit=replace(session.fit, engine="xspec"))
    assert live.activity == "starting XSPEC"
    session.edit("engine", fit=replace(session.fit, engine="embedded"))
    assert isinstance(live.engine, EmbeddedFit)
    for work in waiting:
        work()
    assert isinstance(live.engine, EmbeddedFit)
    assert live.activity == ""
