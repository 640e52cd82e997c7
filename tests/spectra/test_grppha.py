from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import ParameterError
from nustar_widgets.spectra.grppha import grppha
from nustar_widgets.spectra.ogip import read_pha
from tests.spectra.builders import a_spectrum

if TYPE_CHECKING:
    from pathlib import Path


def same(got: Any, wanted: Any) -> bool:
    return np.array_equal(got, wanted)


def flags(counts: list[int], commands: str) -> tuple[list[int], list[int]]:
    grouped = grppha(a_spectrum(np.array(counts)), commands)
    assert grouped.grouping is not None
    assert grouped.quality is not None
    return grouped.grouping.tolist(), grouped.quality.tolist()


def test_a_group_ends_with_the_channel_that_makes_it_full() -> None:
    assert flags([5, 5, 12, 1, 9], "group min 10") == ([1, -1, 1, 1, -1], [0] * 5)


def test_what_is_left_over_stays_single_with_quality_two() -> None:
    assert flags([12, 3, 4], "group min 10") == ([1, 1, 1], [0, 2, 2])


def test_bad_channels_start_no_group_but_are_swallowed_by_one_that_is_open() -> None:
    grouping, quality = flags([9, 5, 9, 5, 9], "bad 0 2 & group min 10")
    assert grouping == [1, 1, -1, -1, 1]
    assert quality == [5, 0, 5, 0, 2]


def test_good_takes_bad_back() -> None:
    assert flags([1, 1, 1], "bad 0-2 & good 1")[1] == [5, 0, 5]


def test_constant_groups_leave_a_short_rest_alone() -> None:
    assert flags([1] * 7, "group 1 5 2")[0] == [1, 1, -1, 1, -1, 1, 1]
    assert flags([1] * 7, "group 1-5 2 & exit")[0] == [1, 1, -1, 1, -1, 1, 1]


def test_constant_groups_do_not_break_groups_that_are_there() -> None:
    assert flags([1] * 6, "group 1 2 2 & group 0 5 3")[0] == [1, 1, -1, 1, -1, -1]


@given(
    counts=st.lists(st.integers(0, 15), min_size=1, max_size=50),
    minimum=st.integers(1, 40),
    bad=st.sets(st.integers(0, 49)),
)
def test_every_group_is_full_and_would_not_be_with_one_channel_less(
    counts: list[int], minimum: int, bad: set[int]
) -> None:
    commands = [f"bad {n}" for n in sorted(bad) if n < len(counts)] + [f"group min {minimum}"]
    grouping, quality = flags(counts, " & ".join(commands))
    good = [count if n not in bad else 0 for n, count in enumerate(counts)]
    starts = [n for n, flag in enumerate(grouping) if flag == 1]
    for start, stop in zip(starts, [*starts[1:], len(counts)], strict=True):
        if quality[start] == 0:
            assert sum(good[start:stop]) >= minimum > sum(good[start : stop - 1])
        else:
            assert stop == start + 1
    tail = [n for n, value in enumerate(quality) if value == 2]
    assert sum(good[n] for n in tail) < minimum
    assert all(quality[n] in (2, 5) for n in range(min(tail, default=len(counts)), len(counts)))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("group min", r"grppha: group min : expected one whole number above 0"),
        ("group min 0", "group min 0: expected one whole number above 0"),
        ("group 1 2", "group 1 2: expected first channel, last channel, channels"),
        ("group 0 2 0", "group 0 2 0: expected 1 or more"),
        ("bad 1-9", "channels 1-9: expected a range within 0-2"),
        ("bad x", "'x': expected a channel or first-last"),
        ("reset", "'reset': expected \"bad 0-34 1910-4095\""),
    ],
)
def test_a_command_that_cannot_be_done_says_why(command: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        flags([1, 2, 3], command)


def test_grppha_itself_gave_the_same_flags(shared: Path) -> None:
    folder = shared / "fixtures/extraction"
    cases = json.loads((folder / "index.json").read_text())["grppha"]
    assert len(cases) == 10
    for name, case in cases.items():
        module = name[-4:]
        counts = np.load(folder / f"nuproducts/{module}.npz")["sr_pha_counts"]
        grouped = grppha(a_spectrum(counts), case["command"])
        wanted = np.load(folder / case["file"])
        assert same(grouped.grouping, wanted["grouping"]), name
        assert same(grouped.quality, wanted["quality"]), name


def test_the_grouped_files_of_nuproducts_are_made_again(shared: Path) -> None:
    for module in ("FPMA", "FPMB", "FPMA_usergti"):
        stored = np.load(shared / f"fixtures/extraction/nuproducts/{module}.npz")
        if "sr_grp_pha_counts" not in stored.files:
            assert module == "FPMA_usergti"  # that run did not group
            continue
        counts = stored["sr_grp_pha_counts"]
        grouped = grppha(a_spectrum(counts), "bad 0-34 1910-4095 & group min 25")
        assert same(grouped.grouping, stored["sr_grp_pha_grouping"])
        assert same(grouped.quality, stored["sr_grp_pha_quality"])


@pytest.mark.parametrize("obsid", ["60001047003", "60001047005"])
@pytest.mark.parametrize("module", ["A", "B"])
def test_the_grouping_of_real_files_is_made_again(
    obsid: str, module: str, real_folder: Path
) -> None:
    stored = read_pha(real_folder / f"nu{obsid}{module}01_sr_min20.pha")
    grouped = grppha(replace(stored, grouping=None, quality=None), "group min 20")
    assert same(grouped.grouping, stored.grouping)
    assert same(grouped.quality, stored.quality)
