"""What comes next, as a table: how an analysis stands, and the sentence and button that follow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.app import steps
from nustar_widgets.app.marks import Mark, standings
from nustar_widgets.app.nextstep import Act, first_step, next_step
from nustar_widgets.app.situation import Data, FitNow, JobsNow, Situation

NOTHING = Situation()
CHOSEN = Situation(data=Data.CHOSEN, obsid="60001110002", without_source=("FPMA", "FPMB"))
OPENED = Situation(
    data=Data.EVENTS, obsid="60001110002", expression="constant*tbabs*powerlaw",
    without_source=("FPMA", "FPMB"), without_background=("FPMA", "FPMB"),
)  # fmt: skip
WITH_SOURCE = replace(OPENED, without_source=())
WITH_REGIONS = replace(WITH_SOURCE, without_background=())
TO_RUN = replace(WITH_REGIONS, jobs=JobsNow(n_steps=4, n_to_run=4, why="not made yet"))
RUNNING = replace(
    WITH_REGIONS, jobs=JobsNow(n_steps=4, running="nuproducts FPMA (0 of 4 steps done)")
)
MADE = replace(WITH_REGIONS, jobs=JobsNow(n_steps=4, is_made=True))
FITTED = replace(MADE, fit=FitNow(is_fitted=True, was_fitted=True))
DONE = replace(MADE, fit=FitNow(is_fitted=True, was_fitted=True, has_ranges=True))
RAW = Situation(data=Data.RAW, obsid="60001110002", without_source=("FPMA",))
SPECTRA = Situation(data=Data.SPECTRA, expression="powerlaw")

TABLE = [
    (NOTHING, "choose an observation: search for a source, open files, or try the sample",
     steps.OBSERVATION, Act.OPEN, "Choose an observation"),
    (CHOSEN, "download 60001110002, or open it where it lies on disk",
     steps.OBSERVATION, Act.OPEN, "Get the files"),
    (replace(OPENED, trouble="A.evt: is gone"), "mend this: A.evt: is gone",
     steps.OBSERVATION, Act.OPEN, "Choose other files"),
    (RAW, "name a region file (srcregionfile), so that nupipeline and nuproducts run in one go; or "
     "get the cleaned event lists, and draw", steps.PARAMETERS, Act.OPEN, "Set it"),
    (OPENED, "draw a source region for FPMA and FPMB, or take the suggestion",
     steps.REGIONS, Act.SUGGEST, "Take the suggestion"),
    (replace(OPENED, without_source=("FPMB",)),
     "draw a source region for FPMB, or take the suggestion",
     steps.REGIONS, Act.SUGGEST, "Take the suggestion"),
    (WITH_SOURCE, "draw a background region for FPMA and FPMB, or take the suggestion",
     steps.REGIONS, Act.SUGGEST, "Take the suggestion"),
    (WITH_REGIONS, "a moment: looking at what is there and what has changed",
     steps.JOBS, Act.NONE, ""),
    (replace(WITH_REGIONS, no_plan="target: barycentring needs the position"),
     "mend this: target: barycentring needs the position", steps.PARAMETERS, Act.OPEN, "Mend it"),
    (TO_RUN, "make the products: 4 steps", steps.JOBS, Act.RUN, "Run 4 steps"),
    (replace(TO_RUN, stops=("grflag=yes needs a circle",)),
     "mend what would stop the run: grflag=yes needs a circle",
     steps.PARAMETERS, Act.OPEN, "Mend it"),
    (replace(TO_RUN, jobs=JobsNow(n_steps=4, n_to_run=1, time="about 40 s")),
     "make the products: 1 step (about 40 s)", steps.JOBS, Act.RUN, "Run 1 step"),
    (replace(TO_RUN, jobs=JobsNow(n_steps=4, n_to_run=2, time="about 2 min", is_made=True,
                                  why="binsize was 100, is now 256")),
     "make the products again: 2 steps (about 2 min), because binsize was 100, is now 256",
     steps.JOBS, Act.RUN, "Run 2 steps"),
    (RUNNING, "wait for nuproducts FPMA (0 of 4 steps done)",
     steps.JOBS, Act.OPEN, "Look at the jobs"),
    (replace(TO_RUN, jobs=JobsNow(n_steps=4, n_to_run=4, failed="nuproducts FPMA: no CALDB")),
     "see why this failed: nuproducts FPMA: no CALDB", steps.JOBS, Act.OPEN, "Look at the log"),
    (MADE, "fit constant*tbabs*powerlaw", steps.FIT, Act.FIT, "Fit"),
    (replace(MADE, fit=FitNow(was_fitted=True)), "fit constant*tbabs*powerlaw again",
     steps.FIT, Act.FIT, "Fit"),
    (replace(MADE, fit=FitNow(activity="fitting")), "wait: fitting",
     steps.FIT, Act.OPEN, "Look at the fit"),
    (replace(MADE, fit=FitNow(problem="no such model")), "mend the fit: no such model",
     steps.FIT, Act.OPEN, "Look at the fit"),
    (replace(MADE, fit=FitNow(is_fitted=True, was_fitted=True, note="it is not converged")),
     "look at the fit: it is not converged", steps.FIT, Act.OPEN, "Look at the fit"),
    (FITTED, "search the 90 % ranges of the parameters", steps.FIT, Act.RANGES, "90 % ranges"),
    (DONE, "all is done and current; take the code along",
     steps.CODE, Act.OPEN, "Show the code"),
    (SPECTRA, "fit powerlaw", steps.FIT, Act.FIT, "Fit"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "words", "step", "act", "button"), TABLE)
def test_one_sentence_and_one_button_follow_from_how_things_stand(
    now: Situation, words: str, step: str, act: Act, button: str
) -> None:
    following = next_step(now)
    assert (following.words, following.step) == (words, step)
    assert (following.act, following.button) == (act, button)


FIRST = [
    (NOTHING, steps.OBSERVATION),
    (CHOSEN, steps.OBSERVATION),
    (OPENED, steps.REGIONS),
    (WITH_REGIONS, steps.JOBS),
    (replace(WITH_REGIONS, has_fit_choices=True), steps.FIT),
    (SPECTRA, steps.FIT),
]


@pytest.mark.parametrize(("now", "step"), FIRST)
def test_the_step_opened_first_is_told_without_looking_at_the_disk(
    now: Situation, step: str
) -> None:
    assert first_step(now) == step


some_words = st.sampled_from(("", "something"))
modules = st.sampled_from(((), ("FPMA",), ("FPMA", "FPMB")))
jobs = st.none() | st.builds(
    JobsNow, n_steps=st.just(4), n_to_run=st.integers(0, 4), why=some_words, time=some_words,
    is_made=st.booleans(), running=some_words, failed=some_words,
)  # fmt: skip
fits = st.builds(
    FitNow, activity=some_words, problem=some_words, is_fitted=st.booleans(),
    was_fitted=st.booleans(), has_ranges=st.booleans(), note=some_words,
)  # fmt: skip
situations = st.builds(
    Situation, data=st.sampled_from(Data), obsid=some_words, without_source=modules,
    without_background=modules, has_good_time=st.booleans(), trouble=some_words,
    stops=st.sampled_from(((), ("stop",))), jobs=jobs, no_plan=some_words, fit=fits,
    expression=st.just("powerlaw"), has_fit_choices=st.booleans(),
)  # fmt: skip


@given(situations)
def test_whatever_the_situation_there_is_a_sentence_and_a_step_that_exists(now: Situation) -> None:
    following = next_step(now)
    assert following.words
    assert following.step in {step.key for step in steps.STEPS}
    assert bool(following.button) is (following.act is not Act.NONE)
    assert first_step(now) in {step.key for step in steps.STEPS}


@given(situations)
def test_every_step_has_a_mark_with_words(now: Situation) -> None:
    found = standings(now)
    assert found.keys() >= {step.key for step in steps.STEPS}
    assert all(standing.why for standing in found.values())


@given(situations)
def test_nothing_is_run_or_fitted_before_what_it_needs(now: Situation) -> None:
    act = next_step(now).act
    if act is Act.RUN:
        assert now.jobs is not None
        assert not any((now.without_source, now.stops, now.jobs.running))
    if act in (Act.FIT, Act.RANGES):
        assert now.has_products
        assert not now.fit.activity


@given(situations)
def test_the_step_that_comes_next_is_not_marked_as_one_for_later(now: Situation) -> None:
    following = next_step(now)
    if following.act not in (Act.NONE, Act.OPEN):
        assert standings(now)[following.step].mark is not Mark.LATER


def test_marks_differ_in_sign_and_in_words() -> None:
    for told in ("sign", "words"):
        assert len({getattr(mark, told) for mark in Mark}) == len(Mark)
