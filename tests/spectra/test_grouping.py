from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import InputFileError, ParameterError
from nustar_widgets.spectra.grouping import group
from nustar_widgets.spectra.ogip import Spectrum, write_pha
from nustar_widgets.spectra.optimal import optimal_end, optimal_widths
from tests.spectra.builders import N_CHANNELS, a_background, a_spectrum, an_rmf

COUNTS = st.lists(st.integers(0, 20), min_size=2, max_size=50)


def flags(spectrum: Spectrum, *choice: Any, **options: Any) -> list[int]:
    grouping = group(spectrum, *choice, **options).grouping
    assert grouping is not None
    return [int(flag) for flag in grouping]


def groups(grouping: list[int]) -> list[range]:
    starts = [n for n, flag in enumerate(grouping) if flag == 1]
    return [range(a, b) for a, b in itertools.pairwise([*starts, len(grouping)])]


def brute_force(size: int, first: int, last: int, enough: Any) -> list[int]:
    """Extend a group channel by channel until it has enough; what never has stays single."""
    grouping, start = [1] * size, first
    while start <= last:
        for end in range(start, last + 1):
            if enough(start, end):
                grouping[start + 1 : end + 1] = [-1] * (end - start)
                start = end + 1
                break
        else:
            break
    return grouping


@given(counts=COUNTS, scale=st.integers(1, 60), data=st.data())
def test_min_is_the_greedy_grouping_within_the_channel_limits(
    counts: list[int], scale: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(counts) - 1))
    last = data.draw(st.integers(first, len(counts) - 1))
    expected = brute_force(len(counts), first, last, lambda a, b: sum(counts[a : b + 1]) >= scale)
    spectrum = a_spectrum(np.array(counts))
    assert flags(spectrum, "min", scale, minchannel=first, maxchannel=last) == expected


@given(source=COUNTS, scale=st.integers(1, 60))
def test_bmin_counts_in_the_background(source: list[int], scale: int) -> None:
    behind = source[::-1]
    expected = brute_force(
        len(source), 0, len(source) - 1, lambda a, b: sum(behind[a : b + 1]) >= scale
    )
    background = a_background(np.array(behind))
    assert flags(a_spectrum(np.array(source)), "bmin", scale, background=background) == expected


@given(source=COUNTS, scale=st.floats(0.5, 9), subtracted=st.booleans())
def test_snmin_reaches_the_signal_to_noise_with_or_without_background(
    source: list[int], scale: float, subtracted: bool
) -> None:
    counts, behind, ratio = np.array(source), np.array(source[::-1]), 0.125 if subtracted else 0.0

    def enough(first: int, last: int) -> bool:
        here = slice(first, last + 1)
        noise = np.sqrt(np.cumsum(counts[here] + ratio**2 * behind[here])[-1])
        net = np.cumsum(counts[here] - ratio * behind[here])[-1]
        return bool(noise > 0 and net >= scale * noise)

    background = a_background(behind) if subtracted else None
    got = flags(a_spectrum(counts), "snmin", scale, background=background)
    assert got == brute_force(counts.size, 0, counts.size - 1, enough)


def test_snmin_looks_beyond_its_first_window() -> None:
    counts = np.zeros(900, int)
    counts[700] = 100
    assert flags(a_spectrum(counts), "snmin", 5.0) == [1] + [-1] * 700 + [1] * 199


@pytest.mark.parametrize(("last", "tail"), [(8, [1, -1, -1, 1]), (7, [1, -1, 1, 1])])
def test_constant_keeps_a_short_last_group_within_the_limits(last: int, tail: list[int]) -> None:
    got = flags(a_spectrum(np.ones(10, int)), "constant", 3, minchannel=3, maxchannel=last)
    assert got == [1, 1, 1, 1, -1, -1, *tail]


def test_opt_follows_the_optimal_widths_over_all_channels_whatever_the_limits() -> None:
    spectrum, rmf = a_spectrum(), an_rmf()
    widths = optimal_widths(spectrum.counts, rmf)
    got = flags(spectrum, "opt", rmf=rmf, minchannel=20, maxchannel=30)
    for members in groups(got):
        assert members[-1] == optimal_end(widths, members[0])


@pytest.mark.parametrize("kind", ["min", "snmin"])
def test_the_joint_kinds_end_a_group_where_the_later_of_both_rules_does(kind: str) -> None:
    spectrum, rmf = a_spectrum(), an_rmf()
    scale = {"min": 90.0, "snmin": 8.0}[kind]
    widths = optimal_widths(spectrum.counts, rmf)
    got = groups(flags(spectrum, f"opt{kind}", scale, rmf=rmf, maxchannel=40))
    sizes = {len(members) for members in got}
    assert len(sizes) > 2
    for members in got:
        if len(members) == 1:
            continue
        here = spectrum.counts[members[0] : members[-1] + 1]
        needed = scale if kind == "min" else scale**2  # S/N of N counts is their root
        assert here.sum() >= needed
        assert members[-1] >= optimal_end(widths, members[0])
        if members[-1] > optimal_end(widths, members[0]):
            assert here[:-1].sum() < needed


def test_file_takes_the_grouping_of_another_spectrum(tmp_path: Path) -> None:
    wanted = np.where(np.arange(N_CHANNELS) % 5, -1, 1).astype(np.int16)
    template = write_pha(tmp_path / "t.pha", a_spectrum(grouping=wanted))
    assert flags(a_spectrum(), "file", template=template) == wanted.tolist()


def test_file_reads_lines_of_first_last_and_factor(tmp_path: Path) -> None:
    template = tmp_path / "groups.txt"
    template.write_text("2 7 3\n\n8 9 2\n")
    got = flags(a_spectrum(np.ones(12, int)), "file", template=template)
    assert got == [1, 1, 1, -1, -1, 1, -1, -1, 1, -1, 1, 1]


@pytest.mark.parametrize("text", ["2 7", "2 70 3", "5 4 1", "2 7 0", "a b c"])
def test_a_template_that_cannot_be_used_says_which_line(text: str, tmp_path: Path) -> None:
    template = tmp_path / "groups.txt"
    template.write_text(f"0 1 1\n{text}\n")
    with pytest.raises(InputFileError, match=f"line 2: '{text}'"):
        group(a_spectrum(np.ones(12, int)), "file", template=template)


def test_a_template_without_grouping_is_refused(tmp_path: Path) -> None:
    template = write_pha(tmp_path / "t.pha", a_spectrum())
    with pytest.raises(InputFileError, match="it has no GROUPING for these channels"):
        group(a_spectrum(), "file", template=template)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (("best", 3), "grouptype: 'best': expected one of min, bmin, constant, snmin, opt, op"),
        (("min", None), "groupscale: None: grouptype min needs a number above 0"),
        (("min", 0), "groupscale: 0: grouptype min needs a number above 0"),
        (("constant", 2.5), "groupscale: 2.5: expected whole channels a group"),
        (("bmin", 5), "backfile: missing: grouptype bmin needs it"),
        (("optsnmin", 6), "respfile: missing: grouptype optsnmin needs it"),
        (("file",), "templatefile: missing: grouptype file needs it"),
    ],
)
def test_a_choice_that_cannot_be_done_names_the_parameter(choice: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        group(a_spectrum(), *choice)


def test_limits_outside_the_spectrum_are_refused() -> None:
    with pytest.raises(ParameterError, match="35 to 1934: expected a range within the channels 0"):
        group(a_spectrum(), "min", 5, minchannel=35, maxchannel=1934)


def test_quality_is_never_touched() -> None:
    quality = np.full(N_CHANNELS, 5, np.int16)
    assert group(a_spectrum(quality=quality), "min", 1000).quality is quality
    assert group(a_spectrum(), "min", 1000).quality is None
