"""One click each: what it would make of the regions, why, and why not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.regionlint import ProductFlags
from nustar_widgets.events.regions import SkyCircle, SkyEllipse, SkyRegion
from nustar_widgets.events.shifting import centre_of
from nustar_widgets.events.suggest import suggest_source_region
from nustar_widgets.live.checks import check_regions
from nustar_widgets.live.module import LiveModule
from nustar_widgets.live.profileview import source_profile
from nustar_widgets.live.suggestions import (
    Proposal,
    best_radius,
    centred,
    found_sources,
    suggested_background,
)
from nustar_widgets.session.values import ModuleRegions, RegionText
from tests.live.sourcefields import GRID, PIXEL_ARCSEC, SOURCE, box, circle, module_with

FAINT = (430.0, 430.0)
BACKGROUND = circle(620.0, 430.0, 50.0)
NOWHERE = SkyRegion((SkyCircle(math.nan, 10.0, 30.0),))
FAR = SkyRegion((SkyCircle(300.0, -10.0, 30.0),))
BESIDE = circle(5000.0, 500.0, 30.0)
TEXT = ModuleRegions(source=RegionText(text="image\ncircle(560,545,20)\n", origin="mine.reg"))


@pytest.fixture(scope="module")
def module() -> LiveModule:
    """A source and a fainter one far off."""
    return module_with((FAINT, 900))


@pytest.fixture(scope="module")
def bare() -> LiveModule:
    """A field without a source."""
    return module_with(n_source=0)


def nearest(module: LiveModule, regions: ModuleRegions) -> Proposal:
    return centred(module, regions, "nearest")


def away_pixels(region: Any, place: tuple[float, float]) -> float:
    assert isinstance(region, SkyRegion)
    return math.dist(GRID.sky_to_pixel(*centre_of(region)), place)


def test_sources_are_found_the_most_significant_first(module: LiveModule) -> None:
    first, second = found_sources(module)
    assert math.dist((first.x, first.y), SOURCE) < 1.0
    assert math.dist((second.x, second.y), FAINT) < 1.0
    assert first.significance > second.significance > 5.0
    assert first.net_counts > second.net_counts > 0.0
    assert GRID.sky_to_pixel(first.ra_deg, first.dec_deg) == pytest.approx((first.x, first.y))


@pytest.mark.parametrize(
    "ask",
    [
        found_sources,
        lambda module: centred(module, ModuleRegions(source=circle(*SOURCE, 30.0))),
        lambda module: centred(module, ModuleRegions()),
        lambda module: best_radius(module, ModuleRegions()),
        lambda module: suggested_background(module, ModuleRegions()),
    ],
)
def test_without_a_source_it_is_said_what_to_do(bare: LiveModule, ask: Any) -> None:
    with pytest.raises(SelectionError, match=r"no source stands out by 5 sigma in .* Draw the "):
        ask(bare)


def test_the_source_region_moves_onto_the_brightest_with_all_its_shapes(
    module: LiveModule,
) -> None:
    hole = circle(FAINT[0] + 15.0, FAINT[1], 10.0, include=False)
    region = SkyRegion((*circle(FAINT[0] + 5.0, FAINT[1], 40.0).shapes, *hole.shapes))
    regions = ModuleRegions(source=region, background=BACKGROUND)
    proposal = centred(module, regions, "brightest")
    assert proposal.label == "centre on brightest source"
    assert proposal.regions.background is BACKGROUND
    moved = proposal.regions.source
    assert isinstance(moved, SkyRegion)
    assert away_pixels(moved, SOURCE) < 1.0
    x, y = (a - b for a, b in zip(
        GRID.sky_to_pixel(*centre_of(SkyRegion(moved.excludes))),
        GRID.sky_to_pixel(*centre_of(moved)), strict=True,
    ))  # fmt: skip
    assert (x, y) == pytest.approx((10.0, 0.0), abs=1e-3)
    assert proposal.reason.startswith("the brightest source lies at RA ")
    assert "arcsec from the centre of the region" in proposal.reason


def test_the_source_region_moves_onto_the_nearest(module: LiveModule) -> None:
    regions = ModuleRegions(source=circle(FAINT[0] + 12.0, FAINT[1] - 5.0, 30.0))
    proposal = centred(module, regions, "nearest")
    assert proposal.label == "centre on nearest source"
    assert away_pixels(proposal.regions.source, FAINT) < 1.0
    distance = 13.0 * PIXEL_ARCSEC
    assert float(proposal.reason.split(" deg, ")[1].split(" arcsec")[0]) == pytest.approx(
        distance, abs=2.0
    )


def test_centring_without_a_region_proposes_a_circle_or_says_what_is_missing(
    module: LiveModule,
) -> None:
    proposal = centred(module, ModuleRegions(background=BACKGROUND))
    assert proposal.regions.background is BACKGROUND
    suggested = suggest_source_region(module.events, field=module.field)
    assert proposal.regions.source == suggested.region
    with pytest.raises(SelectionError, match=r"there is no source region to look near to\. Draw"):
        centred(module, ModuleRegions(source=SkyRegion()), "nearest")


def test_the_best_radius_is_that_of_the_profile_and_keeps_centre_and_excludes(
    module: LiveModule,
) -> None:
    first = circle(SOURCE[0] + 1.0, SOURCE[1], 90.0)
    region = SkyRegion((*first.shapes, *circle(590.0, 545.0, 8.0, include=False).shapes))
    proposal = best_radius(module, ModuleRegions(source=region, background=BACKGROUND))
    sized = proposal.regions.source
    assert isinstance(sized, SkyRegion)
    assert centre_of(sized) == centre_of(region)
    assert sized.excludes == region.excludes
    assert isinstance(sized.shapes[0], SkyCircle)
    assert sized.shapes[0].radius_arcsec == source_profile(module, region).suggested_arcsec
    assert "is the smallest radius with at least 98% of the best" in proposal.reason
    assert proposal.label == "best radius"


@pytest.mark.parametrize(
    ("region", "what"),
    [
        (box(*SOURCE, 60.0), "one shape that is no circle"),
        (SkyRegion((SkyEllipse(*GRID.pixel_to_sky(*SOURCE), 30.0, 20.0),)), "one shape that is no"),
        (SkyRegion((*circle(*SOURCE, 30.0).shapes, *circle(575.0, 545.0, 9.0).shapes)), "several"),
    ],
)
def test_a_region_that_is_no_circle_becomes_one_and_that_is_said(
    module: LiveModule, region: SkyRegion, what: str
) -> None:
    proposal = best_radius(module, ModuleRegions(source=region))
    sized = proposal.regions.source
    assert isinstance(sized, SkyRegion)
    assert [type(shape) for shape in sized.shapes] == [SkyCircle]
    assert centre_of(sized) == centre_of(region)
    assert proposal.cautions[0].startswith(f"a circle takes the place of {what}")


def test_a_radius_that_must_reach_a_source_beside_the_centre_is_cautioned(
    module: LiveModule,
) -> None:
    beside = ModuleRegions(source=circle(SOURCE[0] + 20.0, SOURCE[1], 30.0))
    proposal = best_radius(module, beside)
    assert any(
        "the source lies 49 arcsec from the centre of the region: centre it first" in text
        for text in proposal.cautions
    )


def test_where_no_circle_is_significant_it_is_said(bare: LiveModule) -> None:
    with pytest.raises(SelectionError, match=r"no circle at this place reaches 3 sigma"):
        best_radius(bare, ModuleRegions(source=circle(430.0, 570.0, 30.0)))


def test_the_suggested_background_keeps_clear_of_source_and_wings(module: LiveModule) -> None:
    source = circle(*SOURCE, 40.0)
    proposal = suggested_background(module, ModuleRegions(source=source))
    assert proposal.label == "suggested background"
    assert proposal.regions.source is source
    assert proposal.cautions == ()
    assert "the largest circle on DET3" in proposal.reason
    codes = {f.code for f in check_regions(module, proposal.regions, flags=ProductFlags())}
    assert not codes & {"overlap", "in-wings", "across-gap", "outside-field"}


def test_a_background_for_no_region_is_one_for_the_brightest_source(module: LiveModule) -> None:
    alone = suggested_background(module, ModuleRegions())
    around = suggested_background(module, ModuleRegions(source=circle(*SOURCE, 40.0)))
    assert alone.regions.background == around.regions.background
    assert alone.regions.source is None


def test_a_huge_source_region_over_the_suggested_background_is_cautioned(
    module: LiveModule,
) -> None:
    proposal = suggested_background(module, ModuleRegions(source=circle(*SOURCE, 400.0)))
    assert any("lies inside the source region" in text for text in proposal.cautions)


@pytest.mark.parametrize("ask", [centred, best_radius])
def test_a_region_kept_as_text_is_not_changed(module: LiveModule, ask: Any) -> None:
    with pytest.raises(SelectionError) as caught:
        ask(module, TEXT)
    assert "a region file kept word for word (mine.reg) and " in str(caught.value)
    assert str(caught.value).endswith("Take it over as shapes, or draw a new region")


@pytest.mark.parametrize(
    ("region", "ask", "text"),
    [
        (NOWHERE, nearest, "the source region lies at RA nan, Dec 10.0 deg: expected numbers"),
        (NOWHERE, best_radius, "no suggestion for this source region: region: nan cannot be"),
        (NOWHERE, suggested_background, "the source region lies at RA nan"),
        (FAR, nearest, "no suggestion for this source region: position RA 300"),
        (FAR, best_radius, "no suggestion for this source region: region: position RA 300"),
        (FAR, suggested_background, "lies outside the field of these events"),
        (BESIDE, best_radius, "it holds no sky pixel, so there is no profile around it"),
        (BESIDE, suggested_background, "lies outside the field of these events"),
    ],
)
def test_a_region_that_lies_nowhere_useful_is_told(
    module: LiveModule, region: SkyRegion, ask: Any, text: str
) -> None:
    with pytest.raises(SelectionError) as caught:
        ask(module, ModuleRegions(source=region))
    assert text in str(caught.value)


def test_a_region_beside_the_field_is_brought_back_by_centring_it(module: LiveModule) -> None:
    proposal = centred(module, ModuleRegions(source=BESIDE))
    assert away_pixels(proposal.regions.source, SOURCE) < 1.0
