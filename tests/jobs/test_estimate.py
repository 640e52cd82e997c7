from __future__ import annotations

from nustar_widgets.jobs.estimate import durations, remaining_s
from nustar_widgets.jobs.record import Progress, Step


def progress(*steps: tuple[str, float]) -> Progress:
    return Progress(steps=tuple(Step(name=name, began=began) for name, began in steps))


RUN = durations(progress(("xselect", 12.0), ("numkarf", 15.0)), began=10.0, ended=25.0)


def test_a_finished_run_is_split_at_its_steps() -> None:
    assert RUN == (("", 2.0), ("xselect", 3.0), ("numkarf", 10.0))


def test_without_an_earlier_run_nothing_is_guessed() -> None:
    assert remaining_s(progress(), began=0.0, now=5.0, history=[]) is None


def test_the_rest_is_what_the_earlier_run_took_from_this_step_on() -> None:
    assert remaining_s(progress(), began=100.0, now=100.0, history=[RUN]) == 15.0
    assert remaining_s(progress(("xselect", 101.0)), began=99.0, now=102.0, history=[RUN]) == 12.0


def test_a_step_that_takes_longer_than_before_leaves_only_the_later_ones() -> None:
    assert remaining_s(progress(("xselect", 101.0)), began=99.0, now=150.0, history=[RUN]) == 10.0


def test_the_median_of_several_runs_is_taken_and_runs_of_other_steps_are_not() -> None:
    slow = durations(progress(("xselect", 2.0), ("numkarf", 10.0)), began=0.0, ended=40.0)
    other = durations(progress(("barycorr", 1.0)), began=0.0, ended=1000.0)
    at = progress(("xselect", 100.0))
    left = remaining_s(at, began=98.0, now=100.0, history=[RUN, slow, other])
    assert left == ((3.0 + 10.0) + (8.0 + 30.0)) / 2
