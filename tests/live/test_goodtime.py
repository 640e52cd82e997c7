"""Good time under the user's hands."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.gti import Gti
from nustar_widgets.live.goodtime import GoodTime

ZERO = 1.0e8
A = Gti.from_pairs(
    [(ZERO, ZERO + 2000.0), (ZERO + 2500.0, ZERO + 3300.0), (ZERO + 5800, ZERO + 9e3)]
)
B = Gti.from_pairs([(ZERO + 1.5, ZERO + 2001.0), (ZERO + 5800.0, ZERO + 9002.0)])
BOTH = GoodTime(own={"FPMA": A, "FPMB": B})


def test_time_begins_at_the_first_good_time_of_any_module() -> None:
    assert (BOTH.zero_s, BOTH.span_s) == (ZERO, 9002.0)


def test_gaps_of_the_saa_do_not_part_an_orbit_and_those_of_the_earth_do() -> None:
    assert BOTH.orbits() == ((ZERO, ZERO + 3300.0), (ZERO + 5800.0, ZERO + 9002.0))


def test_nothing_is_cut_while_the_user_has_said_nothing() -> None:
    assert len(BOTH.cut) == 0
    assert BOTH.kept == BOTH.all
    assert BOTH.of("FPMB") == B


def test_cutting_twice_leaves_out_both_intervals() -> None:
    once = GoodTime(own=BOTH.own, user=Gti.from_pairs(BOTH.cut_out(ZERO + 100, ZERO + 200)))
    twice = Gti.from_pairs(once.cut_out(ZERO + 6000, ZERO + 7000))
    assert tuple(twice) == (
        (ZERO, ZERO + 100), (ZERO + 200, ZERO + 6000), (ZERO + 7000, ZERO + 9002)
    )  # fmt: skip


def test_keeping_an_interval_does_not_bring_back_what_was_cut() -> None:
    cut = GoodTime(own=BOTH.own, user=Gti.from_pairs(BOTH.cut_out(ZERO + 100, ZERO + 200)))
    assert cut.keep_only(ZERO, ZERO + 300) == ((ZERO, ZERO + 100), (ZERO + 200, ZERO + 300))


def test_an_interval_that_leaves_a_module_nothing_is_refused_by_its_name() -> None:
    with pytest.raises(SelectionError, match=r"nothing of FPMB would be left\. Expected"):
        BOTH.keep_only(ZERO + 2500, ZERO + 3300)
    with pytest.raises(SelectionError, match="nothing of FPMA would be left"):
        BOTH.cut_out(ZERO, ZERO + 9002)


@pytest.mark.parametrize(
    ("start", "stop"), [(500.0, 500.0), (600.0, 500.0), (math.nan, 500.0), (0.0, math.inf)]
)
def test_an_interval_that_is_none_is_refused(start: float, stop: float) -> None:
    with pytest.raises(SelectionError, match="expected two numbers, the start before the stop"):
        BOTH.keep_only(ZERO + start, ZERO + stop)


seconds = st.floats(0.0, 9002.0, allow_nan=False)


@given(seconds, seconds)
def test_what_is_kept_and_what_is_cut_make_up_all_good_time(one: float, other: float) -> None:
    start, stop = ZERO + min(one, other), ZERO + max(one, other)
    try:
        kept, rest = Gti.from_pairs(BOTH.keep_only(start, stop)), BOTH.cut_out(start, stop)
    except SelectionError:
        return
    for module, own in BOTH.own.items():
        parts = GoodTime(own=BOTH.own, user=kept).of(module), own & Gti.from_pairs(rest)
        total = sum(part.duration_s for part in parts)
        np.testing.assert_allclose(total, own.duration_s, atol=1e-6)
        assert (parts[0] & parts[1]).duration_s == 0.0
