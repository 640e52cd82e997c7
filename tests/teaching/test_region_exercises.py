"""The checks of the exercises on regions, region files and good time."""

from __future__ import annotations

from typing import Any

import pytest

from nustar_widgets.events.gti import Gti
from nustar_widgets.events.regions import SkyAnnulus, SkyBox, SkyCircle, SkyRegion
from nustar_widgets.events.suggest import suggest_flare_gti
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.live.suggestions import best_radius, suggested_background
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.values import ModuleRegions
from nustar_widgets.teaching import BROKEN_REGION, Workshop

RA_DEG, DEC_DEG = 321.9373, 56.9444


def circle(radius_arcsec: float, *, ra_deg: float = RA_DEG, dec_deg: float = DEC_DEG) -> SkyRegion:
    return SkyRegion((SkyCircle(ra_deg, dec_deg, radius_arcsec),))


def draw(workshop: Workshop, **regions: Any) -> None:
    session = workshop.session
    changed = with_module(session.regions, "FPMA", ModuleRegions(**regions))
    session.edit("draw", regions=changed)


def take_suggestions(workshop: Workshop) -> ModuleRegions:
    live = LiveObservation.of(workshop.session)
    live.load()
    module = live.modules["FPMA"]
    regions = suggested_background(module, best_radius(module, ModuleRegions()).regions).regions
    draw(workshop, source=regions.source, background=regions.background)
    return regions


# -- 1


def test_a_circle_on_the_source_is_right(workshop: Workshop) -> None:
    draw(workshop, source=circle(80.0))
    verdict = workshop.check(1)
    assert verdict
    assert verdict.text.startswith("your circle holds ")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "the source region is to be one circle"),
        (SkyRegion((SkyBox(RA_DEG, DEC_DEG, 90.0, 90.0),)), "is to be one circle"),
        (circle(80.0, dec_deg=57.0), "arcsec from the galaxy. Drag it onto the bright spot"),
        (circle(80.0, ra_deg=141.9, dec_deg=-56.9), "inf arcsec from the galaxy"),
        (circle(20.0), "the radius is 20 arcsec; between 50 and 110 is asked for. Make it larger"),
        (circle(200.0), "the radius is 200 arcsec; between 50 and 110 is asked for. Make it small"),
    ],
)
def test_another_source_region_is_told_how_to_go_on(
    workshop: Workshop, source: SkyRegion | None, words: str
) -> None:
    draw(workshop, source=source)
    verdict = workshop.check(1)
    assert not verdict
    assert words in verdict.text


# -- 2


def test_the_suggested_background_is_right(workshop: Workshop) -> None:
    take_suggestions(workshop)
    verdict = workshop.check(2)
    assert verdict
    assert "net counts, with a signal-to-noise of" in verdict.text


@pytest.mark.parametrize(
    ("background", "words"),
    [
        (None, "there is no background region. Press Background"),
        (SkyRegion((SkyAnnulus(RA_DEG, DEC_DEG, 90.0, 140.0),)), "crosses the gap between"),
        (circle(40.0, ra_deg=321.795, dec_deg=56.960), "4.0 times as large as the background"),
    ],
)
def test_another_background_is_told_how_to_go_on(
    workshop: Workshop, background: SkyRegion | None, words: str
) -> None:
    draw(workshop, source=circle(80.0), background=background)
    verdict = workshop.check(2)
    assert not verdict
    assert words in verdict.text


def test_a_background_wants_a_source_first(workshop: Workshop) -> None:
    draw(workshop, background=circle(80.0))
    assert workshop.check(2).text == "draw the source region first (exercise 1)."


# -- 3


def test_the_best_radius_is_right_and_others_are_told_which_way_to_go(workshop: Workshop) -> None:
    take_suggestions(workshop)
    assert "try a larger radius" in workshop.check(3, 30.0).text
    assert "try a smaller radius" in workshop.check(3, "250").text
    right = [radius for radius in range(60, 160, 5) if workshop.check(3, radius)]
    assert right
    assert f"{right[0]} arcsec gives a signal-to-noise of" in workshop.check(3, right[0]).text


@pytest.mark.parametrize("answer", [None, "as large as you like", float("nan"), 0.0, 1e9])
def test_a_radius_that_is_none_is_asked_for_again(workshop: Workshop, answer: Any) -> None:
    take_suggestions(workshop)
    assert "give the radius in arcsec, a number from 5 to 300" in workshop.check(3, answer).text


def test_the_radius_waits_for_the_regions(workshop: Workshop) -> None:
    assert "do exercises 1 and 2 first" in workshop.check(3, 80.0).text


# -- 4


@pytest.mark.parametrize(
    "text",
    [
        'fk5\ncircle(321.9362,56.9440,95")\n-circle(321.9600,56.9600,20")\n',
        'ICRS\ncircle(21:27:44.688, +56:56:38.4, 95")\n-circle(321.9600,56.9600,20")\n',
    ],
)
def test_a_mended_region_file_is_right(workshop: Workshop, text: str) -> None:
    assert (
        workshop.check(4, text).text == "DS9 and HEASoft read the same circle with the same hole."
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BROKEN_REGION, "there is no fk5 line"),
        ("fk5\n" + BROKEN_REGION, "the first shape is an exclude"),
        ('fk5\ncircle(321.9362,56.9440,95")\n', "the circle of 95 arcsec less the hole of 20"),
        ("", "HEASoft"),
        (None, "give the text of the region file, as workshop.check(4, text)"),
    ],
)
def test_a_region_file_that_is_not_mended_is_told_why(
    workshop: Workshop, text: str | None, words: str
) -> None:
    verdict = workshop.check(4, text)
    assert not verdict
    assert words in verdict.text


# -- 5


def test_good_time_without_flares_is_right(workshop: Workshop) -> None:
    live = LiveObservation.of(workshop.session)
    live.load()
    found = suggest_flare_gti(live.modules["FPMA"].events)
    workshop.session.edit("cut", user_gti=tuple(found.good))
    assert workshop.check(5)
    assert f"the cut costs {found.lost_s:.0f} s" in workshop.check(5).text


def test_flares_that_stay_and_time_that_goes_are_told(workshop: Workshop) -> None:
    session = workshop.session
    assert "all good time is still there. Press Flares ..." in workshop.check(5).text
    live = LiveObservation.of(session)
    live.load()
    events = live.modules["FPMA"].events
    found = suggest_flare_gti(events)
    session.edit("keep all", user_gti=tuple(events.gti))
    assert f"of the flares' {found.lost_s:.0f} s are still in" in workshop.check(5).text
    kept = events.gti - Gti.of(found.flares.t_start - 2000.0, found.flares.t_stop + 2000.0)
    session.edit("cut too much", user_gti=tuple(kept))
    assert "cut closer to them" in workshop.check(5).text
