"""The sky panel without a browser: what the page would send is sent, the session is looked at."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_image, extract_light_curve, extract_spectrum
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.instrument import MODULES, kev_to_pi_range
from nustar_widgets.live.module import region_mask
from nustar_widgets.panels.regions.shaperow import ShapeRow
from nustar_widgets.panels.sky import SkyPanel
from nustar_widgets.session.linking import with_linked
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs, ModuleRegions, Regions, RegionText
from tests.live.smallfields import session_of
from tests.panels.conftest import at_once

RA, DEC = 187.2779, -36.5213
SOURCE = {"kind": "circle", "role": "source", "include": True, "ra": RA, "dec": DEC, "size": [30.0]}
BACKGROUND = {**SOURCE, "role": "background", "dec": DEC + 0.025, "size": [25.0]}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_of(tmp_path / "a source")


@pytest.fixture
def panel(session: Session) -> Iterator[SkyPanel]:
    made = SkyPanel(session, start=at_once)
    yield made
    made.close()


def drag(panel: SkyPanel, revision: int, *shapes: dict[str, Any], module: str = "FPMA") -> None:
    """Send a step of a drag, as the page does."""
    panel.view.drag = {
        "revision": revision, "module": module, "shapes": list(shapes), "commits": [],
    }  # fmt: skip


def commit(panel: SkyPanel, revision: int, *shapes: dict[str, Any], module: str = "FPMA") -> None:
    """Let go, as the page does."""
    done = {"revision": revision, "module": module, "label": "move source", "shapes": list(shapes)}
    panel.view.drag = {
        "revision": revision, "module": module, "shapes": None, "commits": [done],
    }  # fmt: skip


def test_a_drag_is_counted_and_only_letting_go_changes_the_session(panel: SkyPanel) -> None:
    drag(panel, 1, SOURCE, BACKGROUND)
    assert panel.live.counts is not None
    assert panel.live.counts.is_preview
    assert panel.session.regions == Regions()
    assert "data-revision='1'" in panel.readings.numbers.value
    before = len(panel.session._past)
    commit(panel, 2, SOURCE, BACKGROUND)
    assert len(panel.session._past) == before + 1
    assert panel.session.undo_label == "move source"
    expected = SkyRegion((SkyCircle(RA, DEC, 30.0),))
    assert panel.session.regions.fpma.source == panel.session.regions.fpmb.source == expected
    assert "is_preview=False" in repr(panel.live.counts)
    assert panel.view.regions["revision"] == 2
    assert panel.view.regions["FPMA"] == [SOURCE, BACKGROUND]


def test_the_numbers_are_those_of_extraction(panel: SkyPanel) -> None:
    drag(panel, 1, SOURCE, BACKGROUND)
    commit(panel, 2, {**SOURCE, "ra": RA + 0.002}, BACKGROUND)
    counts = panel.live.counts
    assert counts is not None
    low, high = kev_to_pi_range(*panel.session.band_kev)
    for module in MODULES:
        inputs, regions = panel.session.inputs_of(module), panel.session.regions.of(module)
        assert inputs is not None
        assert regions.source is not None
        events = EventList.read(inputs.events)
        mask = region_mask(regions.source, events.grid)
        spectrum = extract_spectrum(events, mask).counts
        found = counts.modules[module].source
        assert found is not None
        assert np.array_equal(found.spectrum, spectrum)
        assert found.band_counts == spectrum[low : high + 1].sum() > 0
        curve = extract_light_curve(events, mask, bin_s=100.0, band=(low, high))
        assert curve.counts.sum() == found.light_curve.sum()
        assert f"{found.band_counts:,}" in panel.readings.numbers.value


def test_the_spectrum_names_the_modules_that_are_in_use(panel: SkyPanel) -> None:
    drag(panel, 1, SOURCE, BACKGROUND)
    assert "FPMB" in panel.readings.spectrum._title.value
    panel.session.edit("one module", modules=("FPMA",))
    panel.live.load()
    assert "FPMA" in panel.readings.spectrum._title.value
    assert "FPMB" not in panel.readings.spectrum._title.value


def test_an_older_step_never_overwrites_a_newer_one(panel: SkyPanel) -> None:
    drag(panel, 7, SOURCE, BACKGROUND)
    newest = panel.live.counts
    drag(panel, 5, {**SOURCE, "size": [60.0]}, BACKGROUND)
    assert panel.live.counts is newest
    assert "data-revision='7'" in panel.readings.numbers.value


def test_a_finished_change_is_not_lost_when_the_next_has_begun(panel: SkyPanel) -> None:
    done = {"revision": 3, "module": "FPMA", "label": "move source", "shapes": [SOURCE]}
    moving = {**SOURCE, "size": [40.0]}
    panel.view.drag = {"revision": 4, "module": "FPMA", "shapes": [moving], "commits": [done]}
    assert panel.session.regions.fpma.source == SkyRegion((SkyCircle(RA, DEC, 30.0),))
    assert panel.live.counts is not None
    assert panel.live.counts.is_preview
    # The page repeats what was not answered when it sent; once is enough.
    before = len(panel.session._past)
    panel.view.drag = {"revision": 5, "module": "FPMA", "shapes": [moving], "commits": [done]}
    assert len(panel.session._past) == before


def test_a_drag_given_up_leaves_everything_as_it_was(panel: SkyPanel) -> None:
    commit(panel, 1, SOURCE, BACKGROUND)
    kept = panel.session.regions
    value = panel.readings.numbers.value.replace("data-revision='1'", "")
    drag(panel, 2, {**SOURCE, "size": [50.0]}, BACKGROUND)
    assert panel.readings.numbers.value.replace("data-revision='2'", "") != value
    panel.view.drag = {"revision": 3, "module": "", "shapes": None, "commits": []}
    assert panel.session.regions is kept
    assert panel.readings.numbers.value.replace("data-revision='3'", "") == value
    assert panel.view.regions["revision"] == 3


def test_unlinked_modules_have_their_own_regions(panel: SkyPanel) -> None:
    commit(panel, 1, SOURCE, BACKGROUND)
    panel.session.edit("unlink", regions=with_linked(panel.session.regions, False))
    assert panel.view.regions["linked"] is False
    commit(panel, 2, {**SOURCE, "size": [44.0]}, BACKGROUND, module="FPMB")
    assert panel.session.regions.fpma.source == SkyRegion((SkyCircle(RA, DEC, 30.0),))
    assert panel.session.regions.fpmb.source == SkyRegion((SkyCircle(RA, DEC, 44.0),))


def test_undo_and_redo_from_the_page_and_by_button(panel: SkyPanel) -> None:
    assert panel.readings.undo.disabled
    commit(panel, 1, SOURCE)
    assert not panel.readings.undo.disabled
    assert panel.readings.undo.tooltip == "Undo move source"
    panel.view._hear(None, {"kind": "undo"}, None)
    assert panel.session.regions == Regions()
    panel.readings.redo.click()
    assert panel.session.regions.fpma.source is not None
    assert panel.readings.redo.disabled


# -- images -----------------------------------------------------------------------------------


def sent(panel: SkyPanel, monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], bytes]]:
    """Messages with images."""
    messages: list[tuple[dict[str, Any], bytes]] = []

    def send(content: dict[str, Any], buffers: list[bytes]) -> None:
        messages.append((content, buffers[0]))

    monkeypatch.setattr(panel.view, "send", send)
    return messages


def test_an_image_holds_the_events_of_its_band(
    panel: SkyPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = sent(panel, monkeypatch)
    panel.view._hear(None, {"kind": "want", "key": "FPMB|1|3-10"}, None)
    ((message, buffer),) = messages
    inputs = panel.session.inputs_of("FPMB")
    assert inputs is not None
    whole = extract_image(EventList.read(inputs.events), band=kev_to_pi_range(3.0, 10.0))
    image = np.frombuffer(buffer, message["dtype"]).reshape(message["height"], message["width"])
    window = panel.view.fields["FPMB"]["window"]
    rows = slice(window["y"] - 1, window["y"] - 1 + message["height"])
    columns = slice(window["x"] - 1, window["x"] - 1 + message["width"])
    assert np.array_equal(image, whole[rows, columns])
    assert image.sum() == whole.sum() > 0


def test_chips_travel_as_numbers_and_255_outside(
    panel: SkyPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = sent(panel, monkeypatch)
    panel.view._hear(None, {"kind": "want", "key": "FPMA|1|chips"}, None)
    chips = np.frombuffer(messages[0][1], "u1")
    assert set(np.unique(chips)) <= {0, 1, 2, 3, 255}


def test_another_band_asks_for_another_image_and_the_same_band_for_the_same(
    panel: SkyPanel,
) -> None:
    fields = panel.view.fields
    panel.session.edit("band", band_kev=(3.0, 10.0))
    assert panel.view.band_kev == [3.0, 10.0]
    panel.session.edit("bins", bin_s=50.0)
    assert panel.view.fields == fields  # the page keys its images by this and the band
    panel.session.edit("cut", user_gti=((0.0, 500.0),))
    assert panel.view.fields != fields


def test_a_band_chosen_on_the_image_is_that_of_the_session(panel: SkyPanel) -> None:
    panel.view.band_kev = [10.0, 20.0]
    assert panel.session.band_kev == (10.0, 20.0)
    assert panel.session.undo_label == "band 10-20 keV"


def test_a_band_that_is_none_is_refused_and_the_old_one_shown(panel: SkyPanel) -> None:
    panel.view.band_kev = [20.0, 10.0]
    assert panel.session.band_kev == (3.0, 78.0)
    assert panel.view.band_kev == [3.0, 78.0]
    assert "expected (low, high) [keV] with 0 < low < high" in panel.strip.text


def test_the_target_is_marked_where_it_is_known(panel: SkyPanel) -> None:
    from nustar_widgets.session.values import Target

    assert panel.view.target == {}
    panel.session.edit("target", target=Target(name="<b>", ra_deg=RA, dec_deg=DEC))
    assert panel.view.target == {"name": "<b>", "ra": RA, "dec": DEC}
    panel.session.edit("target", target=Target(name="unknown"))
    assert panel.view.target == {}


# -- suggestions ------------------------------------------------------------------------------


@pytest.fixture
def sampled(sample: Any) -> Iterator[SkyPanel]:
    from nustar_widgets.opening import open_in

    session = Session()
    open_in(session, sample.path)
    made = SkyPanel(session, start=at_once)
    yield made
    made.close()


def test_a_suggestion_is_shown_before_it_is_taken(sampled: SkyPanel) -> None:
    names = [button.description for button in sampled.readings.suggestions.buttons]
    assert names == [
        "Find sources", "Centre on nearest", "Centre on brightest", "Best radius", "Background",
    ]  # fmt: skip
    by_name = dict(zip(names, sampled.readings.suggestions.buttons, strict=True))
    by_name["Best radius"].click()
    assert sampled.session.regions == Regions()
    (ghost,) = sampled.view.proposal["FPMA"]
    assert ghost["kind"] == "circle"
    assert "smallest radius" in sampled.readings.suggestions.reason.value
    sampled.readings.suggestions.leave.click()
    assert sampled.view.proposal == {}
    by_name["Best radius"].click()
    sampled.readings.suggestions.take.click()
    source = sampled.session.regions.fpma.source
    assert source == sampled.session.regions.fpmb.source
    assert isinstance(source, SkyRegion)
    by_name["Background"].click()
    sampled.readings.suggestions.take.click()
    assert sampled.session.regions.fpma.background is not None
    assert sampled.view.proposal == {}
    assert sampled.live.counts is not None
    assert sampled.live.counts.signal_to_noise > 50


def test_sources_are_found_and_marked(sampled: SkyPanel) -> None:
    sampled.readings.suggestions.find.click()
    assert sampled.view.sources[0]["ra"] == pytest.approx(321.937, abs=0.01)
    assert "net counts" in sampled.strip.text


def test_a_proposal_goes_when_the_regions_change(sampled: SkyPanel) -> None:
    sampled.readings.suggestions.buttons[3].click()
    assert sampled.view.proposal
    sampled.session.edit("draw", regions=Regions(fpma=ModuleRegions(
        source=SkyRegion((SkyCircle(321.93, 56.94, 40.0),)))))  # fmt: skip
    assert sampled.view.proposal == {}
    sampled.readings.suggestions.take.click()
    assert sampled.session.regions.fpma.source == SkyRegion((SkyCircle(321.93, 56.94, 40.0),))


def test_warnings_follow_the_hand_and_the_flags_of_nuproducts(sampled: SkyPanel) -> None:
    ring = {**SOURCE, "kind": "annulus", "ra": 321.937, "dec": 56.944, "size": [20.0, 60.0]}
    drag(sampled, 1, ring)
    assert "ghost rays only in a circle" in sampled.readings.findings.value
    assert "grflag=no" in sampled.readings.findings.value
    sampled.session.edit("flags", products=(("grflag", "no"),))
    assert "ghost rays only in a circle" not in sampled.readings.findings.value
    drag(sampled, 2, ring, {**ring, "kind": "circle", "role": "background", "size": [50.0]})
    assert "lies inside the source region" in sampled.readings.findings.value


def test_the_profile_tells_what_the_region_holds(sampled: SkyPanel) -> None:
    commit(sampled, 1, {**SOURCE, "ra": 321.937, "dec": 56.944, "size": [60.0]})
    assert "a circle of 60.0 arcsec (now) holds" in sampled.readings.profile.told.value
    assert "from the events, not from the PSF file" in str(
        [child.value for child in sampled.readings.profile.children[0].children[1].children[:1]]
    )


# -- what goes wrong --------------------------------------------------------------------------


def test_without_an_event_list_it_says_what_to_do() -> None:
    panel = SkyPanel(Session(), start=at_once)
    assert panel.strip.text == "no event list yet: search for an observation, or open one"
    assert panel.view.fields == {}
    assert all(button.disabled for button in panel.readings.suggestions.buttons)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"keywords": {"TCRVL13": None}}, "keyword TCRVL13 is missing"),
        ({"keywords": {"TCTYP13": "X"}}, "TCTYP13 is 'X'"),
        ({"gti": ()}, "GTI"),
        ({"n_events": 40, "x": np.full(40, -1), "y": np.full(40, -1)}, "no event"),
    ],
    ids=["no-wcs", "no-projection", "no-gti", "empty-image"],
)
def test_an_event_list_that_cannot_be_shown_is_one_message(
    tmp_path: Path, given: dict[str, Any], told: str
) -> None:
    session = session_of(tmp_path, **given)
    panel = SkyPanel(session, start=at_once)
    assert told in panel.strip.text
    assert session.regions == Regions()
    drag(panel, 1, SOURCE)
    assert session.regions == Regions()


def test_what_to_know_of_an_event_list_is_said(tmp_path: Path) -> None:
    solar = session_of(tmp_path, keywords={"TCDLT13": -2.458, "TCDLT14": 2.458, "DEADC": None})
    panel = SkyPanel(solar, start=at_once)
    assert "nu90000000199A01_cl.evt: DEADC is missing" in panel.strip.text
    assert "In heliocentric event lists X and Y count arcsec from the Sun" in panel.strip.text
    assert panel.view.fields.keys() == {"FPMA", "FPMB"}


def test_a_file_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    missing = str(tmp_path / "nu90000000199A01_cl.evt")
    panel = SkyPanel(Session(inputs=(ModuleInputs(module="FPMA", events=missing),)), start=at_once)
    assert missing in panel.strip.text


def test_a_region_with_a_number_that_is_none_is_refused_and_nothing_changes(
    panel: SkyPanel,
) -> None:
    commit(panel, 1, SOURCE, BACKGROUND)
    kept, numbers = panel.session.regions, panel.live.counts
    drag(panel, 2, {**SOURCE, "size": [float("nan")]}, BACKGROUND)
    assert panel.strip.text == "region: nan cannot be written to a region file; draw it anew"
    assert panel.session.regions is kept
    assert panel.live.counts is numbers
    drag(panel, 3, SOURCE, BACKGROUND)
    assert panel.strip.text == ""


def test_a_shape_that_is_none_is_refused_and_the_page_told_what_holds(panel: SkyPanel) -> None:
    commit(panel, 1, SOURCE)
    kept = panel.session.regions
    commit(panel, 2, {**SOURCE, "kind": "squircle"})
    assert "the page sent a shape that is none" in panel.strip.text
    assert panel.session.regions is kept
    assert panel.view.regions["revision"] == 2
    assert panel.view.regions["FPMA"] == [SOURCE]


def test_a_region_outside_the_field_is_said_and_can_be_moved_back(panel: SkyPanel) -> None:
    commit(panel, 1, {**SOURCE, "dec": DEC + 2.0})
    assert "outside" in panel.readings.findings.value
    commit(panel, 2, {**SOURCE, "dec": -DEC, "ra": RA + 180.0 - 360.0})
    assert "90 deg" in panel.readings.findings.value + panel.strip.text
    commit(panel, 3, SOURCE)
    assert panel.live.counts is not None
    assert panel.live.counts.modules["FPMA"].source is not None


def test_text_that_cannot_be_drawn_is_said(panel: SkyPanel) -> None:
    text = RegionText(text="fk5\ncircle(1,2\n", origin="broken.reg")
    panel.session.edit("text", regions=Regions(fpma=ModuleRegions(source=text)))
    assert "broken.reg" in panel.strip.text or "cannot be drawn" in panel.strip.text
    assert panel.view.regions["FPMA"] == []


# -- the page ---------------------------------------------------------------------------------


def test_where_the_page_lacks_the_view_a_picture_takes_its_place(
    session: Session,
) -> None:
    panel = SkyPanel(session, start=at_once, has_page=False)
    commit(panel, 1, SOURCE, {**BACKGROUND, "kind": "annulus", "size": [10.0, 20.0]})
    panel._page._waited()
    note, static = panel.place.children
    assert "This Jupyter server has no anywidget" in note.value
    assert static is panel.static
    row = panel.readings.table.rows[0]
    assert isinstance(row, ShapeRow)
    row.boxes["radius_arcsec"].value = "45"
    assert panel.session.regions.fpma.source == SkyRegion((SkyCircle(RA, DEC, 45.0),))
    panel.view.ready = 1  # it came late
    assert panel.place.children == (panel.view,)


def test_several_panels_of_one_session_show_the_same(session: Session) -> None:
    one, other = (SkyPanel(session, start=at_once) for _ in range(2))
    commit(one, 1, SOURCE, BACKGROUND)
    assert other.view.regions["FPMA"] == [SOURCE, BACKGROUND]
    assert other.readings.numbers.value.replace("'0'", "'1'") == one.readings.numbers.value
    other.close()
    commit(one, 2, SOURCE)
    assert one.session.regions.fpma.background is None


def test_fifty_panels_leave_nothing_behind(session: Session) -> None:
    from ipywidgets.widgets.widget import _instances

    SkyPanel(session, start=at_once).close()
    before, gone = len(_instances), []
    for _ in range(50):
        panel = SkyPanel(session, start=at_once)
        commit(panel, 1, SOURCE)
        gone.append(weakref.ref(panel))
        panel.close()
    del panel
    gc.collect()
    assert len(_instances) == before
    assert not any(reference() for reference in gone)
