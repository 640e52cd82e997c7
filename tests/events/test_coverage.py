"""Where a region lies on the field, and the same field in another band."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.events.coverage import NOTICEABLE, coverage_of
from nustar_widgets.events.extract import extract_image
from nustar_widgets.events.fieldmap import FieldMap
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regions import PixelCircle, PixelRegion
from tests.events.test_suggest import event_list, field_and_source

EVENTS = event_list(*field_and_source())
FIELD = FieldMap.of(EVENTS)
WITHOUT_CHIPS = FieldMap.of(event_list(*field_and_source(), chips=False))


def full(window: np.ndarray) -> np.ndarray:
    """A window of the field on the whole plane; False or nothing around it."""
    plane = np.zeros(EVENTS.grid.shape, window.dtype)
    height, width = window.shape
    plane[FIELD.y0 : FIELD.y0 + height, FIELD.x0 : FIELD.x0 + width] = window
    return plane


INSIDE, CHIP = full(FIELD.inside), full(FIELD.chip)
PLACE = st.floats(-50.0, 1050.0)


@given(PLACE, PLACE, st.floats(0.0, 300.0))
def test_shares_are_those_of_the_pixels_one_by_one(x: float, y: float, radius: float) -> None:
    mask = PixelRegion((PixelCircle(x, y, radius),)).mask(EVENTS.grid)
    cover, chosen = coverage_of(FIELD, mask), mask.full(EVENTS.grid)
    assert cover.n_pixels == np.count_nonzero(chosen)
    if not cover.n_pixels:
        assert (cover.outside, dict(cover.chips)) == (0.0, {})
        return
    assert cover.outside == pytest.approx(np.count_nonzero(chosen & ~INSIDE) / cover.n_pixels)
    for chip in range(4):
        share = np.count_nonzero(chosen & INSIDE & (chip == CHIP)) / cover.n_pixels
        assert (chip in cover.chips) == (share > NOTICEABLE)
        if chip in cover.chips:
            assert cover.chips[chip] == pytest.approx(share)


def test_a_region_without_pixels_lies_nowhere() -> None:
    cover = coverage_of(FIELD, PixelMask.nothing())
    assert (cover.n_pixels, cover.outside, dict(cover.chips)) == (0, 0.0, {})


def test_where_the_file_tells_no_chips_none_are_named() -> None:
    mask = PixelRegion((PixelCircle(500.5, 500.5, 30.0),)).mask(EVENTS.grid)
    assert dict(coverage_of(WITHOUT_CHIPS, mask).chips) == {}
    assert len(coverage_of(FIELD, mask).chips) == 4


def test_another_band_has_its_own_counts_and_the_same_outline() -> None:
    band = (100, 100)
    other = FIELD.recounted(extract_image(EVENTS, band=band))
    assert np.array_equal(other.counts, FieldMap.of(EVENTS, band=band).counts)
    none = other.recounted(np.zeros(EVENTS.grid.shape, np.int64))
    assert not none.counts.any()
    for name in ("reach", "inside", "chip"):
        assert getattr(none, name) is getattr(FIELD, name)
    assert none.outline_of is FIELD
