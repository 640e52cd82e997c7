"""The light-curve panel without a browser: controls are set, marks and session are looked at."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_light_curve
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.lightcurve import LightCurve
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.instrument import kev_to_pi_range
from nustar_widgets.live.curveview import MOST_BINS
from nustar_widgets.live.module import region_mask
from nustar_widgets.panels.curves.curveplot import COLOURS, moment
from nustar_widgets.panels.lightcurve import LightCurvePanel
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, ModuleRegions, Regions
from tests.events.builders import OBSID, write_event_file
from tests.panels.conftest import at_once

ZERO = 1.0e8
ORBITS = [(ZERO + 5800.0 * n, ZERO + 5800.0 * n + 3000.0) for n in range(4)]
GTI = {"FPMA": ORBITS, "FPMB": [(start + 1.5, stop + 1.5) for start, stop in ORBITS]}
FLARE = (ZERO + 6500.0, ZERO + 6800.0)


def write_events(folder: Path, module: str) -> Path:
    """A source of 0.5 count/s on a background of 1 count/s that flares once, for 300 s."""
    rng = np.random.default_rng(len(module) + ord(module[-1]))
    orbit = rng.integers(0, len(ORBITS), 18_000)
    time = np.array(GTI[module])[orbit, 0] + rng.uniform(0.0, 3000.0, orbit.size)
    near = rng.random(orbit.size) < 0.33
    flare = rng.uniform(*FLARE, 3000)
    x, y = (
        np.concatenate(
            (
                np.where(near, rng.normal(500, 6, time.size), rng.uniform(340, 660, time.size)),
                rng.uniform(340, 660, flare.size),
            )
        ).astype(int)
        for _ in range(2)
    )
    time = np.concatenate((time, flare))
    pi = rng.integers(36, 1900, time.size)
    order = np.argsort(time)
    return write_event_file(
        folder / f"nu{OBSID}{module[-1]}01_cl.evt",
        time=time[order], x=x[order], y=y[order], pi=pi[order], gti=GTI[module], module=module,
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("curves")
    return {module: write_events(folder, module) for module in GTI}


@pytest.fixture(scope="module")
def events(files: dict[str, Path]) -> dict[str, EventList]:
    return {module: EventList.read(path) for module, path in files.items()}


def circle(events: dict[str, EventList], x: float, y: float, radius_arcsec: float) -> SkyRegion:
    ra, dec = events["FPMA"].grid.pixel_to_sky(x, y)
    return SkyRegion((SkyCircle(float(ra), float(dec), radius_arcsec),))


@pytest.fixture
def session(files: dict[str, Path], events: dict[str, EventList], tmp_path: Path) -> Session:
    both = ModuleRegions(
        source=circle(events, 500.0, 500.0, 50.0), background=circle(events, 580.0, 580.0, 90.0)
    )
    return Session(
        obsid=OBSID,
        inputs=tuple(ModuleInputs(module=name, events=str(path)) for name, path in files.items()),
        regions=Regions(fpma=both, fpmb=both),
        work_dir=str(tmp_path),
    )


@pytest.fixture
def panel(session: Session) -> Iterator[LightCurvePanel]:
    made = LightCurvePanel(session, start=at_once)
    yield made
    made.close()


def product(panel: LightCurvePanel, events: EventList, role: str) -> LightCurve:
    session = panel.session
    region = getattr(session.regions.of(events.module), role)
    return extract_light_curve(
        events,
        region_mask(region, events.grid),
        bin_s=session.bin_s,
        band=kev_to_pi_range(*session.band_kev),
        user_gti=None if session.user_gti is None else Gti.from_pairs(session.user_gti),
    )


def rows(mark: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What a mark of the rates draws, by colour."""
    x, y = np.atleast_2d(mark.x), np.atleast_2d(mark.y)
    return {colour: (x[n], y[n]) for n, colour in enumerate(mark.colors[: len(y)])}


def curves(panel: LightCurvePanel) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """All curves of the rates that are shown, by colour."""
    marks = [mark for mark in (panel.plot.rates.under, panel.plot.rates.lines) if mark.visible]
    return {colour: curve for mark in marks for colour, curve in rows(mark).items()}


def only(panel: LightCurvePanel, *kinds: str) -> None:
    for kind, toggle in panel.form.kinds.items():
        toggle.value = kind in kinds


def drawn(panel: LightCurvePanel, colour: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start [ks], rate and error of the bins that are drawn in a colour."""
    x, y = curves(panel)[colour]
    _, bars = rows(panel.plot.rates.errors)[colour]
    ends = bars.reshape(-1, 3)
    error = 0.5 * (ends[:, 2] - ends[:, 1])
    numbers = ~np.isnan(y)
    return x[numbers][::2], y[numbers][::2], error


# -- curves -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["source", "background", "net"])
def test_a_curve_on_the_screen_is_that_of_the_extraction(
    panel: LightCurvePanel, events: dict[str, EventList], kind: str
) -> None:
    panel.form.least.value = 0.0
    only(panel, kind)
    panel.form.modules["FPMB"].value = False
    counts = panel.live.counts
    assert counts is not None
    ratio = counts.modules["FPMA"].area_ratio
    source, background = (product(panel, events["FPMA"], role) for role in ("source", "background"))
    scaled = replace(
        background,
        rate=(background.rate.astype(np.float64) * ratio).astype(np.float32),
        error=(background.error * ratio).astype(np.float32),
    )
    expected = {
        "source": source, "background": scaled, "net": source.minus(background, ratio)
    }[kind]  # fmt: skip
    (colour,) = curves(panel)
    start, rate, error = drawn(panel, colour)
    np.testing.assert_array_equal(rate, expected.rate)
    np.testing.assert_allclose(error, expected.error, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(1e3 * start, expected.time_s, atol=1e-6)


def test_nothing_is_drawn_across_an_occultation(panel: LightCurvePanel) -> None:
    for x, y in curves(panel).values():
        gaps = np.isnan(y)
        assert gaps.sum() == len(ORBITS) - 1
        for before, after in np.column_stack((x[:-1], x[1:]))[~gaps[:-1] & ~gaps[1:]]:
            assert after - before < 1.0  # ks; a gap is 2.8 ks


def test_both_modules_share_one_time_axis(panel: LightCurvePanel) -> None:
    only(panel, "net")
    first = [x[0] for x, _ in curves(panel).values()]
    assert first == pytest.approx([0.0, 0.0015])
    assert panel.plot.rates.time_axis.label == f"Time since {moment(ZERO)} [ks]"
    assert panel.plot.time.max == pytest.approx(20.4015)


def test_the_start_is_given_in_utc_and_mjd() -> None:
    assert moment(0.0) == "2010-01-01T00:00:00 UTC = MJD 55197.00000"
    # One leap second later than days of 86400 s would have it: 2012-06-30.
    assert moment(86400.0 * 1000).startswith("2012-09-26T23:59:59 UTC")


def test_short_bins_are_merged_exactly_and_that_is_said(
    panel: LightCurvePanel, events: dict[str, EventList]
) -> None:
    panel.form.bin.value = 2.0
    only(panel, "source")
    panel.form.modules["FPMB"].value = False
    assert "Shown in bins of 18 s: 9 bins of 2 s each." in panel.plot.legend.value
    shown = panel._steps["FPMA"].shown
    single = product(panel, events["FPMA"], "source")
    counts = np.zeros(len(shown.bins), np.int64)
    counts[np.rint(single.time_s / 2.0).astype(int)] = single.counts
    merged = np.add.reduceat(counts, np.arange(0, counts.size, 9))
    (colour,) = curves(panel)
    _, rate, _ = drawn(panel, colour)
    np.testing.assert_allclose(rate * shown.exposure_s, merged[shown.drawn], rtol=1e-6)
    assert rate.size <= MOST_BINS


def test_bins_with_too_little_good_time_are_left_out_and_that_is_said(
    panel: LightCurvePanel,
) -> None:
    panel.form.bin.value = 700.0
    panel.form.least.value = 0.0
    only(panel, "net")
    before = {colour: y.size for colour, (_, y) in curves(panel).items()}
    panel.form.least.value = 60.0
    after = {colour: y.size for colour, (_, y) in curves(panel).items()}
    assert all(after[colour] < before[colour] for colour in before)
    assert "with less than 60 % of good time not drawn" in panel.plot.legend.value


def test_bin_and_band_go_to_the_session_and_come_back(panel: LightCurvePanel) -> None:
    panel.form.bin.value = 250.0
    panel.form.low.value = 5.0
    assert (panel.session.bin_s, panel.session.band_kev) == (250.0, (5.0, 78.0))
    panel.session.undo()
    assert panel.form.low.value == 3.0
    panel.session.edit("elsewhere", band_kev=(10.0, 20.0), bin_s=64.0)
    assert (panel.form.low.value, panel.form.high.value, panel.form.bin.value) == (10.0, 20.0, 64.0)
    assert panel.session.undo_label == "elsewhere"


def moved(regions: Regions, step_deg: float) -> Regions:
    assert isinstance(regions.fpma.source, SkyRegion)
    (shape,) = regions.fpma.source.shapes
    assert isinstance(shape, SkyCircle)
    source = SkyRegion((replace(shape, ra_deg=shape.ra_deg + step_deg),))
    return Regions(
        fpma=replace(regions.fpma, source=source), fpmb=replace(regions.fpmb, source=source)
    )


def test_a_drag_sends_rates_and_nothing_else(panel: LightCurvePanel) -> None:
    panel.live.preview(moved(panel.session.regions, 0.001))
    changed: list[tuple[str, str]] = []

    def note(change: Any) -> None:
        changed.append((type(change["owner"]).__name__, change["name"]))

    pane = panel.plot.rates
    for widget in (
        pane.lines, pane.errors, pane.levels, pane.range, pane.figure, pane.value_axis, panel.plot,
        panel.plot.time, panel.plot.legend, panel.times.words, panel.strip, panel.form,
        *panel.plot.ratio.children, panel.plot.orbits, panel.plot.cut, panel.plot.numbers,
    ):  # fmt: skip
        widget.observe(note, [name for name in widget.keys if not name.startswith("_")])
    before = pane.lines.y.copy()
    panel.live.preview(moved(panel.session.regions, 0.002))
    assert not np.array_equal(before, pane.lines.y, equal_nan=True)
    assert changed == [("Lines", "y")]


def test_error_bars_wait_until_the_region_is_let_go(panel: LightCurvePanel) -> None:
    errors = panel.plot.rates.errors
    assert errors.visible
    x = errors.x
    panel.live.preview(moved(panel.session.regions, 0.001))
    assert not errors.visible
    panel.session.edit("move source", regions=moved(panel.session.regions, 0.001))
    assert errors.visible
    assert errors.x is x


def test_the_hardness_ratio_is_drawn_only_when_it_is_wanted(panel: LightCurvePanel) -> None:
    assert panel.plot.ratio not in panel.plot.children
    panel.form.hardness.value = True
    assert panel.plot.ratio in panel.plot.children
    ratio = rows(panel.plot.ratio.lines)
    assert len(ratio) == 2
    for _, y in ratio.values():  # flat in channels: 10-79 keV is 0.9 of the counts
        assert 0.7 < np.nanmedian(y) < 0.9
    panel.form.hard[0].value = 30.0
    assert np.nanmedian(rows(panel.plot.ratio.lines)[COLOURS["FPMA", "net"]][1]) < 0.85
    panel.form.hardness.value = False
    assert panel.plot.ratio not in panel.plot.children


def test_orbits_are_shaded_and_numbered(panel: LightCurvePanel) -> None:
    assert panel.plot.numbers.text.tolist() == ["1", "2", "3", "4"]
    assert panel.plot.orbits.x.size == 4 * len(ORBITS)
    np.testing.assert_allclose(panel.plot.orbits.x[:4], [0.0, 0.0, 3.0015, 3.0015])


def test_without_a_source_the_panel_says_what_is_missing(panel: LightCurvePanel) -> None:
    source = panel.session.regions.fpma.source
    panel.session.edit("no regions", regions=Regions())
    assert not panel.plot.rates.lines.visible
    assert "No source region yet." in panel.plot.legend.value
    only_source = ModuleRegions(source=source)
    panel.session.edit("source", regions=Regions(fpma=only_source, fpmb=only_source))
    panel.form.kinds["source"].value = True
    assert "No background region yet" in panel.plot.legend.value
    assert len(curves(panel)) == 2


# -- good time ----------------------------------------------------------------------------


def mark(panel: LightCurvePanel, start_ks: float, stop_ks: float) -> None:
    panel.times.start.value, panel.times.stop.value = start_ks, stop_ks


def kept(panel: LightCurvePanel) -> object:
    return panel.session.snapshot()["user_gti"]


def test_an_interval_is_kept_by_numbers_alone_and_undone(panel: LightCurvePanel) -> None:
    mark(panel, 5.8, 8.8)
    assert panel.plot.marked.visible
    assert "Marked 5.8 to 8.8 ks: it holds FPMA 3.00 ks, FPMB 3.00 ks" in panel.times.words.value
    panel.times.keep.click()
    assert panel.session.user_gti == ((ZERO + 5800.0, ZERO + 8800.0),)
    assert panel.session.undo_label == "keep an interval"
    assert "FPMA 3.00 ks, FPMB 3.00 ks kept of FPMA 12.00 ks" in panel.times.words.value
    assert panel.plot.cut.visible
    assert not panel.plot.marked.visible
    for x, _ in curves(panel).values():
        assert x.min() >= 5.8
    panel.session.undo()
    assert kept(panel) is None
    assert not panel.plot.cut.visible
    assert "all kept" in panel.times.words.value


def test_cuts_add_up_and_are_taken_back_at_once(panel: LightCurvePanel) -> None:
    for start in (1.0, 2.0):
        mark(panel, start, start + 0.5)
        panel.times.cut.click()
    assert panel.session.user_gti is not None
    assert len(panel.session.user_gti) == 3
    assert "2 intervals cut out" in panel.times.words.value
    panel.times.all.click()
    assert panel.session.user_gti is None


def test_the_curves_are_made_of_what_is_kept(
    panel: LightCurvePanel, events: dict[str, EventList]
) -> None:
    mark(panel, 1.0, 2.0)
    panel.times.cut.click()
    only(panel, "source")
    panel.form.modules["FPMB"].value = False
    panel.form.least.value = 0.0
    (colour,) = curves(panel)
    _, rate, _ = drawn(panel, colour)
    np.testing.assert_array_equal(rate, product(panel, events["FPMA"], "source").rate)


def test_an_interval_of_the_mouse_comes_into_the_fields(panel: LightCurvePanel) -> None:
    panel.times.mouse.value = True
    assert panel.plot.rates.figure.interaction is panel.plot.selector
    assert "double-click" in panel.times.words.value
    panel.plot.selector.selected = np.array([-0.5, 2.34567])
    assert panel.times.marked_ks == (0.0, 2.346)
    panel.form.zoom.value = True
    assert not panel.times.mouse.value
    assert panel.plot.rates.figure.interaction is panel.plot.pan_zoom
    panel.plot.time.min = 3.0
    panel.form.zoom.value = False
    assert panel.plot.rates.figure.interaction is None
    assert panel.plot.time.min == 0.0


def test_good_time_is_saved_as_a_file_nuproducts_takes(
    panel: LightCurvePanel, events: dict[str, EventList], tmp_path: Path
) -> None:
    mark(panel, 1.0, 2.0)
    panel.times.cut.click()
    panel.times.save.click()
    path = tmp_path / f"nu{OBSID}_user_gti.fits"
    assert f"wrote {path}: 5 intervals" in panel.strip.text
    assert panel.session.user_gti is not None
    user = Gti.from_pairs(panel.session.user_gti)
    for item in events.values():
        assert item.gti & Gti.read(path) == item.gti & user
    content = path.read_bytes()
    panel.times.save.click()
    assert "exists already. Choose another name, or delete it first" in panel.strip.text
    assert path.read_bytes() == content
    panel.times.path.value = "other.fits"
    panel.times.save.click()
    assert (tmp_path / "other.fits").exists()
    panel.times.path.value = str(tmp_path / "nowhere" / "gti.fits")
    panel.times.save.click()
    assert "cannot be written" in panel.strip.text


# -- flares -------------------------------------------------------------------------------


def test_a_flare_is_shown_before_it_is_cut_out(panel: LightCurvePanel) -> None:
    panel.times.flares.value = True
    assert panel.plot.background in panel.plot.children
    assert kept(panel) is None
    assert panel.plot.background.levels.visible
    assert panel.plot.flares.visible
    assert "s of good time given up" in panel.flares.words.value
    flares = panel.flares.flares
    assert flares.t_start <= FLARE[0] + 100.0
    assert flares.t_stop >= FLARE[1] - 100.0
    panel.flares.take.click()
    assert panel.session.undo_label == "cut out flares"
    assert panel.session.user_gti is not None
    assert not len(Gti.from_pairs(panel.session.user_gti) & Gti.of(FLARE[0] + 100, FLARE[1] - 100))
    assert "They are cut out already." in panel.flares.words.value
    assert panel.flares.take.disabled
    panel.times.flares.value = False
    assert panel.plot.background not in panel.plot.children
    assert not panel.plot.flares.visible


def test_the_threshold_moves_what_is_suggested(panel: LightCurvePanel) -> None:
    panel.times.flares.value = True
    low = panel.plot.background.levels.y.copy()
    panel.flares.k.value = 12.0
    assert np.all(panel.plot.background.levels.y > low)
    assert "median + 12 sigma" in panel.flares.words.value


def test_flares_are_judged_by_the_background_region_where_there_is_one(
    panel: LightCurvePanel,
) -> None:
    panel.times.flares.value = True
    field = panel.flares.found["FPMA"].median
    panel.flares.bin.value = 300.0
    panel.flares.place.value = "background region"
    assert panel.flares.found["FPMA"].median < field / 5
    panel.session.edit("no regions", regions=Regions())
    assert "FPMA and FPMB: no background shape to judge by" in panel.flares.words.value
    assert panel.flares.found["FPMA"].median == pytest.approx(field, rel=0.1)


def test_what_cannot_be_judged_is_said_and_nothing_is_suggested(panel: LightCurvePanel) -> None:
    panel.times.flares.value = True
    panel.flares.bin.value = 3000.0
    assert "Use shorter bins" in panel.strip.text
    assert not panel.flares.found
    assert panel.flares.take.disabled
    panel.flares.bin.value = 0.0
    assert "expected a positive number of seconds" in panel.strip.text


# -- what goes wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, r"bin [s]: 0: expected a positive number of seconds"),
        (-5.0, r"bin [s]: -5: expected a positive number of seconds"),
        (math.nan, r"bin [s]: nan: expected a positive number of seconds"),
        (1e-6, r"makes 2.04e+10 bins: expected at most 262144; use 0.078 s or more"),
    ],
)
def test_a_bin_that_cannot_be_used_is_refused(
    panel: LightCurvePanel, value: float, text: str
) -> None:
    panel.form.bin.value = value
    assert text in panel.strip.text
    assert panel.form.bin.value == 100.0
    assert panel.session.bin_s == 100.0
    assert not panel.session.can_undo
    panel.form.bin.value = 200.0
    assert panel.strip.text == ""


@pytest.mark.parametrize(
    ("low", "text"),
    [
        (77.99, "holds no PI channel: expected limits within"),
        (80.0, "80-78 keV: expected low < high"),
        (math.nan, "band [keV]: nan to 78: expected two numbers"),
        (-3.0, "0 < low < high"),
    ],
)
def test_a_band_that_holds_nothing_is_refused(
    panel: LightCurvePanel, low: float, text: str
) -> None:
    panel.form.low.value = low
    assert text in panel.strip.text
    assert panel.session.band_kev == (3.0, 78.0)
    assert panel.form.low.value == 3.0
    assert panel.live.counts is not None


@pytest.mark.parametrize("least", [-1.0, 101.0, math.nan])
def test_a_limit_that_is_no_percentage_is_refused(panel: LightCurvePanel, least: float) -> None:
    panel.form.least.value = least
    assert "expected 0 to 100 % of the bin" in panel.strip.text
    assert panel.form.least.value == 30.0


@pytest.mark.parametrize(
    ("start", "stop", "text"),
    [
        (3.5, 4.5, "nothing of FPMA would be left"),
        (8.0, 7.0, "expected two numbers, the start before the stop"),
        (math.nan, 7.0, "expected two numbers, the start before the stop"),
    ],
)
def test_an_interval_that_leaves_nothing_is_refused(
    panel: LightCurvePanel, start: float, stop: float, text: str
) -> None:
    mark(panel, start, stop)
    panel.times.keep.click()
    assert text in panel.strip.text
    assert kept(panel) is None
    assert not panel.session.can_undo


def test_a_band_of_the_hardness_ratio_that_holds_nothing_is_refused(
    panel: LightCurvePanel,
) -> None:
    panel.form.hardness.value = True
    panel.form.soft[0].value = 11.0
    assert "11-10 keV: expected low < high" in panel.strip.text
    assert panel.plot.rates.lines.visible
    assert not panel.plot.ratio.lines.visible


def test_without_event_lists_the_panel_waits() -> None:
    panel = LightCurvePanel(Session(), start=at_once)
    try:
        assert "no event list yet" in panel.strip.text
        panel.times.keep.click()
        assert "no event list is loaded. Open an observation first" in panel.strip.text
        panel.times.save.click()
        assert "no event list is loaded" in panel.strip.text
        panel.times.flares.value = True
        assert "Open an observation first" in panel.flares.words.value
    finally:
        panel.close()


def test_a_file_that_cannot_be_read_is_named(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "broken.evt"
    path.write_text("no FITS")
    before = session.inputs
    session.edit("broken", inputs=(ModuleInputs(module="FPMA", events=str(path)),))
    panel = LightCurvePanel(session, start=at_once)
    try:
        assert "broken.evt" in panel.strip.text
        assert panel.live.counts is None
        assert not panel.plot.rates.lines.visible
        session.edit("mended", inputs=before)
        assert panel.strip.text == ""
        assert panel.plot.rates.lines.visible
    finally:
        panel.close()


def test_intervals_set_elsewhere_that_leave_nothing_can_be_taken_back(
    panel: LightCurvePanel,
) -> None:
    panel.session.edit("elsewhere", user_gti=((0.0, 1.0),))
    assert "no good time is left" in panel.strip.text
    assert not panel.plot.rates.lines.visible
    panel.times.all.click()
    assert panel.plot.rates.lines.visible
    assert panel.strip.text == ""


def test_a_complaint_made_while_files_are_read_stays(session: Session) -> None:
    begun: list[Any] = []
    panel = LightCurvePanel(session, start=begun.append)
    try:
        panel.live.observe(lambda _: setattr(panel.form.bin, "value", 0.0), "counts")
        for work in begun:
            work()
        assert "bin [s]: 0: expected a positive number" in panel.strip.text
    finally:
        panel.live.unobserve_all("counts")
        panel.close()


def test_what_another_panel_reads_or_mends_is_no_longer_complained_of(
    session: Session,
) -> None:
    inputs = session.inputs
    session.edit("nothing", inputs=())
    panel = LightCurvePanel(session, start=lambda work: None)
    try:
        assert "no event list yet" in panel.strip.text
        session.edit("open", inputs=inputs)
        panel.live.load()
        assert panel.strip.text == ""
        session.edit("elsewhere", user_gti=((0.0, 1.0),))
        assert "no good time is left" in panel.strip.text
        session.undo()
        assert panel.strip.text == ""
    finally:
        panel.close()


# -- life ---------------------------------------------------------------------------------


def test_fifty_panels_leave_nothing_behind(session: Session) -> None:
    first = LightCurvePanel(session, start=at_once)
    live = first.live

    def watching() -> int:
        return sum(
            len(callbacks)
            for source in (session, live)
            for kinds in source._trait_notifiers.values()
            for callbacks in kinds.values()
        )

    first.close()
    alone = watching()
    from ipywidgets.widgets.widget import _instances

    gc.collect()
    widgets = len(_instances)
    for number in range(50):
        panel = LightCurvePanel(session, start=at_once)
        if number % 10 == 0:
            panel.form.hardness.value = True
            panel.times.flares.value = True
        panel.close()
    assert watching() == alone
    assert len(_instances) == widgets


def test_two_panels_of_one_session_show_the_same(session: Session) -> None:
    one, two = (LightCurvePanel(session, start=at_once) for _ in range(2))
    try:
        one.form.bin.value = 300.0
        assert two.form.bin.value == 300.0
        np.testing.assert_array_equal(one.plot.rates.lines.y, two.plot.rates.lines.y)
    finally:
        one.close()
        two.close()
