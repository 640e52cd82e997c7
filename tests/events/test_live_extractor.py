"""Counts that follow the mouse equal counts made afresh, after every step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_image, extract_light_curve, extract_spectrum
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.live import LiveExtractor, LiveResult
from nustar_widgets.events.pixelindex import BinnedIndex, Binning, PixelIndex
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.pixelshapes import (
    PixelAnnulus,
    PixelBox,
    PixelCircle,
    PixelEllipse,
    PixelPolygon,
    PixelShape,
)
from nustar_widgets.events.regions import PixelRegion
from nustar_widgets.events.significance import signal_to_noise
from tests.events.builders import event_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 60


def scattered(n: int, seed: int = 3) -> EventList:
    """A source on a flat field, with nulls, unsorted times and times outside the intervals."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(31, 6, (2, n)).round()
    x[: n // 3], y[: n // 3] = rng.integers(-3, SIZE + 4, (2, n // 3))
    pi = rng.integers(-100, 4200, n)
    pi[pi < 0] = -4095
    return event_list(
        time=rng.uniform(-5, 105, n),
        x=x,
        y=y,
        pi=pi,
        gti=[(0.0, 30.0), (31.5, 60.0), (70.0, 100.0)],
        size=SIZE,
    )


EVENTS = scattered(4000)
INDEX = PixelIndex.build(EVENTS)

PLACE = st.floats(-5, SIZE + 5, width=32)
LENGTH = st.floats(0.5, 25, width=32)
SHAPES: st.SearchStrategy[PixelShape] = st.one_of(
    st.builds(PixelCircle, PLACE, PLACE, LENGTH),
    st.builds(
        lambda x, y, a, b: PixelAnnulus(x, y, min(a, b), max(a, b)), PLACE, PLACE, LENGTH, LENGTH
    ),
    st.builds(PixelBox, PLACE, PLACE, LENGTH, LENGTH, st.floats(0, 180, width=32)),
    st.builds(PixelEllipse, PLACE, PLACE, LENGTH, LENGTH, st.floats(0, 180, width=32)),
    st.builds(
        lambda p: PixelPolygon(tuple(p)), st.lists(st.tuples(PLACE, PLACE), min_size=3, max_size=6)
    ),
)
MASKS = st.one_of(
    SHAPES.map(lambda shape: PixelRegion((shape,)).mask(EVENTS.grid)),
    st.just(PixelMask.everything(EVENTS.grid)),
    st.just(PixelMask.nothing()),
)
STEPS = st.tuples(st.floats(-2, 2, width=32), st.floats(-2, 2, width=32))
BANDS = st.tuples(st.integers(0, 4095), st.integers(0, 4095)).map(sorted)
CHOICES = st.builds(
    lambda band, bin_s, gti: Binning(band[0], band[1], bin_s, gti),
    BANDS,
    st.sampled_from([0.0013, 0.5, 7.0, 300.0]),
    st.sampled_from([None, Gti.of([5.0, 40.0], [33.0, 75.0]), Gti.of(-100.0, 500.0)]),
)


def assert_equals_a_fresh_count(result: LiveResult, mask: PixelMask, choice: Binning) -> None:
    band = (choice.pi_low, choice.pi_high)
    spectrum = extract_spectrum(EVENTS, mask, user_gti=choice.user_gti)
    curve = extract_light_curve(
        EVENTS, mask, bin_s=choice.bin_s, band=band, user_gti=choice.user_gti
    )
    assert np.array_equal(result.spectrum, spectrum.counts)
    assert result.counts == spectrum.counts.sum()
    assert result.band_counts == spectrum.counts[band[0] : band[1] + 1].sum()
    assert result.n_pixels == spectrum.n_pixels
    good = BinnedIndex.build(INDEX, choice).bins.exposure_s > 0
    assert np.array_equal(result.light_curve[good], curve.counts)


@settings(max_examples=60)
@given(CHOICES, st.lists(MASKS, min_size=1, max_size=4))
def test_any_jumps_give_the_fresh_count(choice: Binning, masks: list[PixelMask]) -> None:
    live = LiveExtractor(BinnedIndex.build(INDEX, choice))
    for mask in masks:
        assert_equals_a_fresh_count(live.move(mask), mask, choice)


@settings(max_examples=40)
@given(CHOICES, st.lists(STEPS, min_size=3, max_size=12), st.floats(3, 15, width=32))
def test_small_steps_give_the_fresh_count(
    choice: Binning, steps: list[tuple[float, float]], radius: float
) -> None:
    live = LiveExtractor(BinnedIndex.build(INDEX, choice))
    x = y = 31.0
    for dx, dy in steps:
        x, y = x + dx, y + dy
        mask = PixelRegion((PixelCircle(x, y, radius),)).mask(EVENTS.grid)
        result = live.move(mask)
    assert_equals_a_fresh_count(result, mask, choice)


@settings(max_examples=25)
@given(MASKS, st.lists(CHOICES, min_size=1, max_size=3))
def test_rebinning_keeps_the_regions(mask: PixelMask, choices: list[Binning]) -> None:
    live = LiveExtractor(BinnedIndex.build(INDEX))
    live.move(mask)
    live.move(mask, "background")
    for choice in choices:
        live.rebin(choice)
        assert_equals_a_fresh_count(live.result(), mask, choice)
        assert_equals_a_fresh_count(live.result("background"), mask, choice)


@settings(max_examples=60)
@given(CHOICES, MASKS)
def test_counts_alone_equal_the_counts_of_the_spectrum(choice: Binning, mask: PixelMask) -> None:
    index = BinnedIndex.build(INDEX, choice)
    result = LiveExtractor(index).move(mask)
    assert index.counts(mask) == (result.counts, result.band_counts)


def circle(x: float, y: float, radius: float = 8.0) -> PixelMask:
    return PixelRegion((PixelCircle(x, y, radius),)).mask(EVENTS.grid)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of events counted, one for each histogram made."""
    sizes: list[int] = []
    bincount = np.bincount

    def counting(values: NDArray[np.unsignedinteger], minlength: int) -> NDArray[np.intp]:
        sizes.append(values.size)
        return bincount(values, minlength=minlength)

    monkeypatch.setattr(np, "bincount", counting)
    return sizes


def n_events(mask: PixelMask) -> int:
    """Events in a region, of whatever time and energy."""
    return int(INDEX.image()[mask.full(EVENTS.grid)].sum())


def test_a_small_step_counts_only_what_changes(counted: list[int]) -> None:
    live = LiveExtractor.of(EVENTS)
    before, after = circle(31, 31), circle(32, 31)
    live.move(before)
    counted.clear()
    live.move(after)
    common = PixelMask(0, 0, before.full(EVENTS.grid) & after.full(EVENTS.grid))
    changed = n_events(before) + n_events(after) - 2 * n_events(common)
    # Once for the spectrum, once for the light curve.
    assert sum(counted) == 2 * changed < n_events(after)


def test_after_a_long_drag_a_jump_still_counts_afresh(counted: list[int]) -> None:
    live = LiveExtractor.of(EVENTS)
    for step in range(40):
        live.move(circle(31 + 3 * (step % 2), 31))
    counted.clear()
    jump = circle(43, 37)
    live.move(jump)
    assert sum(counted) == 2 * n_events(jump)


def test_a_far_jump_counts_afresh() -> None:
    live = LiveExtractor.of(EVENTS)
    live.move(circle(10, 10))
    assert_equals_a_fresh_count(live.move(circle(50, 50)), circle(50, 50), Binning())


def test_a_result_is_not_changed_by_later_moves() -> None:
    live = LiveExtractor.of(EVENTS)
    first = live.move(circle(31, 31))
    kept = (first.spectrum.copy(), first.light_curve.copy(), first.counts)
    live.move(circle(32, 31))
    assert np.array_equal(first.spectrum, kept[0])
    assert np.array_equal(first.light_curve, kept[1])
    assert first.counts == kept[2]


def test_source_and_background_move_apart() -> None:
    live = LiveExtractor.of(EVENTS)
    background = live.move(circle(10, 10, 9), "background")
    source = live.move(circle(31, 31))
    assert live.result("background").counts == background.counts
    ratio = source.n_pixels / background.n_pixels
    assert live.area_ratio == ratio
    assert live.signal_to_noise() == signal_to_noise(
        source.band_counts, background.band_counts, ratio
    )


def test_without_a_background_the_signal_to_noise_is_unknown() -> None:
    live = LiveExtractor.of(EVENTS)
    live.move(circle(31, 31))
    assert math.isnan(live.signal_to_noise())


def test_a_choice_that_leaves_nothing_changes_nothing() -> None:
    live = LiveExtractor.of(EVENTS)
    before = live.move(circle(31, 31))
    with pytest.raises(SelectionError, match="no good time is left"):
        live.rebin(Binning(user_gti=Gti.of(500.0, 600.0)))
    assert live.result().counts == before.counts
    assert live.index.binning == Binning()


def test_results_hold_whole_numbers_of_the_full_length() -> None:
    live = LiveExtractor.of(EVENTS, Binning(bin_s=7.0))
    result = live.move(circle(31, 31))
    assert result.spectrum.dtype == result.light_curve.dtype == np.int64
    assert result.spectrum.size == 4096
    assert result.light_curve.size == len(live.index.bins) == 15


def test_the_index_keeps_the_order_of_the_file_inside_a_pixel() -> None:
    pixel = (EVENTS.y - 1) * SIZE + EVENTS.x - 1
    for p in (31 * SIZE + 31, 30 * SIZE + 30):
        piece = INDEX.order[INDEX.indptr[p] : INDEX.indptr[p + 1]]
        on_plane = (EVENTS.x > 0) & (EVENTS.x <= SIZE)
        assert piece.tolist() == np.flatnonzero((pixel == p) & on_plane).tolist()
        assert piece.size > 1


def test_the_index_knows_the_images() -> None:
    everything = Gti.of(-1e9, 1e9)
    whole = scattered(4000)
    object.__setattr__(whole, "gti", everything)
    assert np.array_equal(INDEX.image(), extract_image(whole))
    band = BinnedIndex.build(INDEX, Binning(100, 900)).band_image()
    assert np.array_equal(band, extract_image(EVENTS, band=(100, 900)))


def test_an_event_list_wholly_off_the_plane_has_no_counts() -> None:
    events = event_list(time=[1.0, 2.0], x=[-1, 0], y=[-1, 5], pi=[50, 60], size=SIZE)
    result = LiveExtractor.of(events).move(PixelMask.everything(events.grid))
    assert (result.counts, result.band_counts, result.light_curve.sum()) == (0, 0, 0)


def test_binnings_are_values() -> None:
    assert Binning(user_gti=Gti.of(0, 1)) == Binning(user_gti=Gti.of(0, 1))
    assert hash(Binning()) == hash(Binning(35, 1909, 10.0))
