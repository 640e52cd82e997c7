"""Numbers, ticks and bands of a fit as people read and write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import ParameterError
from nustar_widgets.panels.fitting.bands import bands_of
from nustar_widgets.panels.fitting.fitnumbers import number
from nustar_widgets.panels.fitting.ticks import log_ticks, tick_format, ticks


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.78771, 0.0213, "1.788"), (4.98, 0.18, "4.98"), (0.0494, 0.001, "0.0494"),
        (1.2345e-10, 3e-13, "1.2345e-10"), (6.4, None, "6.4000"), (0.0, 1.0, "0"),
        (float("nan"), 1.0, "unknown"), (float("inf"), None, "inf"), (12345.678, 0.01, "12345.678"),
    ],
)  # fmt: skip
def test_a_number_has_the_digits_its_error_bears(
    value: float, error: float | None, text: str
) -> None:
    assert number(value, error) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_round_few_and_inside(start: float, span: float) -> None:
    end = start + span
    if not end - start > 1e-9 * max(abs(start), abs(end)):
        return
    found = ticks(start, end)
    assert 1 <= found.size <= 14
    assert np.all((found >= start - 1e-6 * span) & (found <= end + 1e-6 * span))
    assert tick_format(found)[0] in ".~"


@given(st.floats(1e-12, 1e12), st.floats(1.001, 1e12))
def test_logarithmic_ticks_are_few_and_inside(low: float, ratio: float) -> None:
    found = log_ticks(low, low * ratio)
    assert 1 <= found.size <= 14
    assert np.all((found >= low * 0.999) & (found <= low * ratio * 1.001))


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(1, 500)).map(
            lambda pair: (pair[0] / 10, (pair[0] + pair[1]) / 10)
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["-", " - ", " to ", ":", "\u2013"]),
)
def test_bands_are_read_as_they_are_written(bands: list[tuple[float, float]], between: str) -> None:
    text = ", ".join(f"{low}{between}{high} keV" for low, high in bands)
    assert bands_of(text) == tuple(bands)


@given(st.text(max_size=40))
def test_any_text_is_bands_or_refused(text: str) -> None:
    try:
        found = bands_of(text)
    except ParameterError:
        return
    assert all(0.0 <= low < high for low, high in found)
