"""Energies as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import ParameterError
from nustar_widgets.fits.energyranges import merged, parsed_ranges, range_text, without


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("3-79", ((3.0, 79.0),)),
        ("3.0 - 79.0 keV", ((3.0, 79.0),)),
        ("3 to 10", ((3.0, 10.0),)),
        ("3-23, 27-79", ((3.0, 23.0), (27.0, 79.0))),
        ("3-79, without 23-27", ((3.0, 23.0), (27.0, 79.0))),
        ("3-79 without 23-27 and 40-41.5", ((3.0, 23.0), (27.0, 40.0), (41.5, 79.0))),
        ("without 23-27", ((3.0, 23.0), (27.0, 79.0))),
        ("27-79; 3-30", ((3.0, 79.0),)),
    ],
)
def test_what_people_write_is_read(text: str, ranges: tuple[tuple[float, float], ...]) -> None:
    assert parsed_ranges(text) == ranges


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("all", "cannot read 'all': expected energies in keV as \"3-79\""),
        ("79-3", "'79-3': expected the lower energy first"),
        ("3-79, without 1-100", "leaves nothing to fit"),
        ("3-1e999", "expected the lower energy first"),
        ("nan-5", "cannot read 'nan-5'"),
        ("-3-79", "cannot read '-3-79'"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, said: str) -> None:
    with pytest.raises(ParameterError, match=f"energies: .*{said}"):
        parsed_ranges(text)


numbers = st.one_of(
    st.floats(0.01, 200.0), st.floats(0.01, 200.0).map(lambda value: round(value, 2))
)
pairs = st.tuples(numbers, numbers).filter(lambda ends: ends[0] < ends[1])


@given(st.lists(pairs, min_size=1, max_size=5))
def test_what_is_written_is_read_back(ranges: list[tuple[float, float]]) -> None:
    known = merged(ranges)
    assert parsed_ranges(range_text(known)) == known


@given(st.lists(pairs, min_size=1, max_size=5), pairs, st.floats(0.0, 250.0))
def test_a_hole_takes_away_what_is_in_it_and_nothing_else(
    ranges: list[tuple[float, float]], hole: tuple[float, float], energy: float
) -> None:
    def inside(among: tuple[tuple[float, float], ...]) -> bool:
        return any(low < energy < high for low, high in among)

    known = merged(ranges)
    left = without(known, hole)
    assert inside(left) == (inside(known) and not hole[0] <= energy <= hole[1])
