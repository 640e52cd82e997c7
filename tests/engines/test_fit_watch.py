"""What is told while a fit, its ranges and its contours are on their way."""

from __future__ import annotations

from itertools import count, pairwise

import numpy as np
import pytest

from nustar_widgets.engines import fit_watch
from nustar_widgets.engines.fit_embedded import EmbeddedFit
from nustar_widgets.engines.fitting import Contour, FitResult, FitStep
from tests.engines.fitcases import made_choice, made_data, made_pair


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock run fast, so that nothing is left out."""
    seconds = count()
    monkeypatch.setattr(fit_watch, "monotonic", lambda: float(next(seconds)))


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock."""
    monkeypatch.setattr(fit_watch, "monotonic", lambda: 5.0)


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("statistic", ["chi", "cstat", "pgstat"])
def test_a_watched_fit_tells_its_way_down_to_the_best_fit(statistic: str) -> None:
    engine = EmbeddedFit([made_data(seed=3)], made_choice(statistic))
    start = engine.values, engine.statistic()
    steps: list[FitStep] = []
    result = engine.fit(watch=steps.append)
    assert (steps[0].values, steps[0].statistic) == start
    assert steps[-1].values == engine.values
    assert steps[-1].statistic == result.statistic
    assert all(b.statistic <= a.statistic for a, b in pairwise(steps))
    assert all(b.n_evaluations >= a.n_evaluations for a, b in pairwise(steps))
    assert len(steps) > 3
    assert steps[-1].trace == tuple((step.n_evaluations, step.statistic) for step in steps)


@pytest.mark.usefixtures("no_time")
def test_a_fit_is_told_at_most_thirty_times_a_second_but_its_trace_is_whole() -> None:
    steps: list[FitStep] = []
    EmbeddedFit([made_data(seed=3)], made_choice()).fit(watch=steps.append)
    assert len(steps) == 2  # the start and the end
    assert len(steps[1].trace) > 3


@pytest.mark.usefixtures("every_step")
def test_a_stopped_fit_keeps_the_best_it_has_told() -> None:
    steps: list[FitStep] = []
    engine = EmbeddedFit([made_data(seed=3)], made_choice())
    result = engine.fit(stop=lambda: len(steps) > 3, watch=steps.append)
    assert result.status == "stopped"
    assert engine.values == steps[-1].values
    assert engine.statistic() == steps[-1].statistic == min(step.statistic for step in steps)


def test_watching_changes_nothing() -> None:
    watched = EmbeddedFit(made_pair(seed=2), made_choice()).fit(watch=lambda _: None)
    assert watched == EmbeddedFit(made_pair(seed=2), made_choice()).fit()


def test_the_ranges_are_told_one_parameter_after_the_other() -> None:
    told: list[FitResult] = []
    engine = EmbeddedFit([made_data(seed=3)], made_choice())
    result = engine.errors(watch=told.append)
    found = [sum(p.error_low is not None for p in partial.parameters) for partial in told]
    assert found == [1, 2, 3]
    assert told[-1] == result


@pytest.mark.usefixtures("every_step")
def test_the_picture_of_a_contour_fills_in_from_the_best_fit() -> None:
    engine = EmbeddedFit([made_data(seed=2)], made_choice("chi"))
    best = engine.fit()
    index, column = best["powerlaw.PhoIndex"], best["TBabs.nH"]
    assert index.sigma is not None
    assert column.sigma is not None
    told: list[Contour] = []
    whole = engine.contour(
        "powerlaw.PhoIndex",
        "TBabs.nH",
        x=index.value + index.sigma * np.linspace(-2, 2, 7),
        y=column.value + column.sigma * np.linspace(-2, 2, 5),
        watch=told.append,
    )
    rows = [[row for row in range(5) if np.isfinite(picture.statistic[row]).all()]
            for picture in told]  # fmt: skip
    assert [len(done) for done in rows] == [1, 2, 3, 4, 5, 5]
    assert rows[0] == [2]
    assert rows[2] == [1, 2, 3]
    assert np.array_equal(told[-1].statistic, whole.statistic)
    assert told[0].statistic is not told[1].statistic  # a picture that was told stays as it was


def test_a_contour_is_the_same_whichever_way_its_axes_run() -> None:
    engine = EmbeddedFit([made_data(seed=2)], made_choice("cstat"))
    best = engine.fit()
    x = best["powerlaw.PhoIndex"].value + np.linspace(-0.1, 0.15, 6)
    y = best["TBabs.nH"].value + np.linspace(-1.0, 1.5, 4)
    there = engine.contour("powerlaw.PhoIndex", "TBabs.nH", x=x, y=y)
    back = engine.contour("powerlaw.PhoIndex", "TBabs.nH", x=x[::-1], y=y[::-1])
    turned = engine.contour("TBabs.nH", "powerlaw.PhoIndex", x=y, y=x)
    assert back.statistic[::-1, ::-1] == pytest.approx(there.statistic, abs=2e-3)
    assert pytest.approx(there.statistic, abs=2e-3) == turned.statistic.T
