"""Versions of the page's widgets against what the kernel asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.diagnosis.ranges import fits


@pytest.mark.parametrize(
    ("version", "wanted", "fit"),
    [
        ("0.6.1", "^0.6.1", True),
        ("0.6.3", "^0.6.1", True),
        ("0.6.0", "^0.6.1", False),
        ("0.5.46", "^0.6.1", False),
        ("0.7.0", "^0.6.1", False),
        ("5.0.16", "^5.0.0", True),
        ("3.1.1", "^5.0.0", False),
        ("0.11.0", "~0.11.*", True),
        ("0.10.0", "~0.11.*", False),
        ("0.11.2", "~0.11.0", True),
        ("0.11.0-beta.1", "~0.11.0", True),
        ("2.0.0", "2.0.0", True),
        ("2.0.1", "2.0.0", False),
        ("", "^1.0.0", False),
        ("next", "^1.0.0", False),
    ],
)
def test_ranges_mean_what_they_mean_for_npm(version: str, wanted: str, fit: bool) -> None:
    assert fits(version, wanted) is fit


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3), st.sampled_from("^~"))
def test_a_version_fits_the_range_it_begins_and_the_next_big_one_does_not(
    numbers: list[int], sign: str
) -> None:
    version = ".".join(map(str, numbers))
    assert fits(version, f"{sign}{version}")
    assert not fits(f"{numbers[0] + 1}.0.0", f"{sign}{version}")


@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_that_is_no_version_stops_it(version: str, wanted: str) -> None:
    assert fits(version, wanted) in (True, False)
