"""Rungs of a slider: where they are, which are wanted, and what lies between them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.panels.fitting.ladder import FINENESS, Hold, Ladder, Ladders
from nustar_widgets.panels.fitting.livelines import front_end
from tests.panels.frontend import evaluated_in, needs_node

LINEAR = Hold("gaussian.LineE", 6.4, 3.0, 9.0, log=False, revision=1)
LOG = Hold("cutoffpl.norm", 0.01, 1e-3, 0.1, log=True, revision=1)
STEPS = FINENESS[0]
PART = st.floats(0.0, 1.0)


def cubic(x: float) -> list[float]:
    return [2.0 - x + 3.0 * x**2 - 0.5 * x**3, 7.0]


def filled(hold: Hold) -> Ladder:
    """A ladder with a cubic and a level line on every rung."""
    ladder = Ladder(hold, STEPS)
    for number in range(STEPS + 1):
        ladder.rungs[number] = np.array(cubic(number / STEPS), np.float32)
    return ladder


@pytest.mark.parametrize("hold", [LINEAR, LOG])
@given(part=PART)
def test_places_and_values_belong_together_and_the_ends_are_exact(hold: Hold, part: float) -> None:
    ladder = Ladder(hold, STEPS)
    assert (ladder.value(0), ladder.value(STEPS)) == (hold.low, hold.high)
    number = round(part * STEPS)
    assert ladder.place(ladder.value(number)) == pytest.approx(number, abs=1e-9)


@pytest.mark.parametrize("hold", [LINEAR, LOG])
@given(part=PART)
def test_a_cubic_is_met_everywhere_between_the_ends(hold: Hold, part: float) -> None:
    ladder = filled(hold)
    value = min(hold.high, max(hold.low, ladder.value(0) + part * (hold.high - hold.low)))
    heights = ladder.heights(value)
    assert heights is not None
    assert heights == pytest.approx(cubic(ladder.place(value) / STEPS), abs=1e-5)


@given(path=st.lists(PART, min_size=1, max_size=30))
def test_once_the_wanted_rungs_are_made_there_are_heights(path: list[float]) -> None:
    ladder = Ladder(LINEAR, STEPS)
    for part in path:
        value = ladder.value(0) + part * 6.0
        for number in ladder.wanted(value):
            assert number not in ladder.rungs
            assert 0 <= number <= STEPS
            ladder.rungs[number] = np.zeros(1, np.float32)
        assert ladder.heights(value) is not None


def test_more_is_wanted_where_the_hand_is_going_the_faster_the_more() -> None:
    ladder = Ladder(LINEAR, 32)
    assert ladder.wanted(6.0) == (15, 16, 17, 18, 19, 20, 21)
    ladder.rungs = {number: np.zeros(1, np.float32) for number in range(15, 22)}
    assert ladder.wanted(5.8) == (13, 14, 12, 11, 10, 9, 8)
    ladder.rungs |= {number: np.zeros(1, np.float32) for number in range(15)}
    assert ladder.wanted(5.7) == (22, 23, 24, 25)  # to the other side
    fast = Ladder(LINEAR, 32)
    fast.wanted(3.0)
    assert len(fast.wanted(6.0)) == 4 + 12


def test_outside_the_slider_nothing_is_wanted_or_known() -> None:
    ladder = filled(LOG)
    for value in (0.0, -1.0, 1e-4, 0.2):
        assert ladder.wanted(value) == ()
        assert ladder.heights(value) is None


@pytest.mark.parametrize(
    ("low", "high", "log"), [(1.0, 1.0, False), (math.nan, 2.0, False), (0.0, 1.0, True)]
)
def test_a_slider_without_values_has_no_ladder(low: float, high: float, *, log: bool) -> None:
    assert Ladders().of(LINEAR._replace(low=low, high=high, log=log)) is None


def test_a_finer_ladder_follows_one_that_was_too_coarse_and_then_none() -> None:
    ladders = Ladders()
    first = ladders.of(LINEAR)
    assert first is not None
    assert ladders.of(LINEAR._replace(value=6.5, revision=2)) is first
    found = [first.steps]
    while ladders.now is not None:
        ladders.refuse()
        ladder = ladders.of(LINEAR)
        found += [ladder.steps] if ladder else []
    assert found == list(FINENESS)
    assert ladders.of(LOG) is not None  # another slider
    ladders.forget()
    again = ladders.of(LINEAR)
    assert again is not None
    assert again.steps == FINENESS[0]


@needs_node
@pytest.mark.parametrize("hold", [LINEAR, LOG])
def test_the_page_has_the_same_formula(hold: Hold, tmp_path: Path) -> None:
    ladder = filled(hold)
    places = [0.0, 0.3, 1.0, 5.4, 8.5, 14.7, 15.2, 16.0]
    values = [hold.low + (hold.high - hold.low) * place / STEPS for place in places]
    found = in_page(ladder, values, tmp_path)
    wanted: list[Any] = [ladder.heights(value) for value in values]
    assert np.array(found) == pytest.approx(np.array(wanted), rel=1e-5)


def in_page(ladder: Ladder, values: list[float], folder: Path) -> Any:
    """Heights the page makes of the same rungs."""
    told = json.dumps(ladder.told)
    rungs = json.dumps([[n, rung.tolist()] for n, rung in ladder.rungs.items()])
    asked = json.dumps([{"name": ladder.hold.name, "value": value} for value in values])
    expression = (
        f"(ladder => {{ {rungs}.forEach(([n, row]) => ladder.rungs.set(n, Float32Array.from(row)));"
        f" return {asked}.map(hand => [...ladder.heights(hand)]); }})(new Ladder({told}))"
    )
    return evaluated_in(front_end(), expression, folder)
