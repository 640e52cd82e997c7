"""The workshop as a whole: what it says, and that it changes nothing."""

from __future__ import annotations

import pytest

from nustar_widgets.errors import ParameterError
from nustar_widgets.session.session import Session
from nustar_widgets.teaching import BROKEN_REGION, Verdict, Workshop
from nustar_widgets.teaching.workshop import EXERCISES
from tests.teaching.test_region_exercises import take_suggestions

GOOD_FILE = 'fk5\ncircle(321.9362,56.9440,95")\n-circle(321.9600,56.9600,20")\n'


def test_an_exercise_that_is_none_is_refused() -> None:
    for number in (0, 10):
        with pytest.raises(ParameterError, match=f"{number}: expected 1 to 9"):
            Workshop(Session()).check(number)


def test_checks_change_nothing(workshop: Workshop) -> None:
    take_suggestions(workshop)
    before, label = workshop.session.snapshot(), workshop.session.undo_label
    for number in range(1, len(EXERCISES) + 1):
        workshop.check(number, BROKEN_REGION if number == 4 else 80.0)
    assert workshop.session.snapshot() == before
    assert workshop.session.undo_label == label


def test_what_is_solved_is_listed_as_long_as_it_is_right(workshop: Workshop) -> None:
    assert repr(workshop).splitlines()[-1] == "0 of 9 exercises are solved."
    workshop.check(4, GOOD_FILE)
    assert "[x] 4. Mend a region file" in repr(workshop)
    assert "1 of 9 exercises are solved." in repr(workshop)
    workshop.check(4, BROKEN_REGION)
    assert "[ ] 4. Mend a region file" in repr(workshop)


def test_a_verdict_is_one_sentence_and_shows_text_as_text() -> None:
    verdict = Verdict(number=4, is_right=False, text="<img onerror=alert(1)> is no shape.")
    assert repr(verdict) == "4. Not yet: <img onerror=alert(1)> is no shape."
    assert "<img" not in verdict._repr_html_()
    assert "&lt;img" in verdict._repr_html_()
    assert not verdict
    assert Verdict(number=1, is_right=True, text="well done.")


def test_every_exercise_of_the_notebook_has_a_check() -> None:
    assert [exercise.title for exercise in EXERCISES] == [
        "Put a circle on the source", "Choose a background", "Find the best radius",
        "Mend a region file", "Cut the flares out", "Set task parameters", "Make the products",
        "Fit the continuum", "Find the iron line",
    ]  # fmt: skip
