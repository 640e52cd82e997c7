"""What is said of regions while they are dragged: when, in which words, and at what price."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from scipy import ndimage

from nustar_widgets.events import detection, fieldmap, radialprofile
from nustar_widgets.events.pixelindex import Binning, PixelIndex
from nustar_widgets.events.regionlint import Finding, ProductFlags, lint_region
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.live import surroundings
from nustar_widgets.live.checks import check_regions
from nustar_widgets.live.module import LiveModule
from nustar_widgets.live.suggestions import suggested_background
from nustar_widgets.session.values import ModuleRegions, RegionText
from tests.events.builders import event_list as plain_events
from tests.live.sourcefields import GRID, SOURCE, box, circle, module_with

FLAGS = ProductFlags()
GOOD_SOURCE = circle(*SOURCE, 40.0)


@pytest.fixture(scope="module")
def module() -> LiveModule:
    return module_with()


@pytest.fixture(scope="module")
def crowded() -> LiveModule:
    """Three sources: one 49 arcsec beside the first, one far off."""
    return module_with(((580.0, 545.0), 1500), ((430.0, 430.0), 1000))


def check(
    module: LiveModule, source: Any = None, background: Any = None, flags: ProductFlags = FLAGS
) -> dict[str, Finding]:
    regions = ModuleRegions(source=source, background=background)
    found = check_regions(module, regions, flags=flags)
    assert len({finding.message for finding in found}) == len(found)
    return {finding.code: finding for finding in found}


def test_of_no_region_nothing_is_said(module: LiveModule) -> None:
    assert check(module) == {}
    assert check(module, SkyRegion(), SkyRegion()) == {}


def test_of_good_regions_nothing_is_said(module: LiveModule) -> None:
    proposal = suggested_background(module, ModuleRegions(source=GOOD_SOURCE))
    assert check(module, GOOD_SOURCE, proposal.regions.background) == {}


def test_a_source_alone_lacks_a_background(module: LiveModule) -> None:
    for background in (None, SkyRegion()):
        (finding,) = check(module, GOOD_SOURCE, background).values()
        assert finding.code == "no-background"
        assert finding.message == (
            "Background: none is chosen, so nothing will be subtracted from the source. Draw one, "
            "or take the suggestion."
        )


def test_a_region_across_chips_is_told_with_the_share_on_each(module: LiveModule) -> None:
    source = check(module, circle(500.5, 560.0, 40.0))["across-gap"]
    assert re.match(
        r"Source: it crosses the gap between DET2 \(\d\d%\) and DET3 \(\d\d%\)\. The ",
        source.message,
    )
    shares = [int(share) for share in re.findall(r"\((\d+)%\)", source.message)]
    assert shares == pytest.approx([50, 50], abs=3)
    assert "nuproducts corrects for that with its exposure map" in source.message
    assert source.severity == "note"
    background = check(module, None, circle(500.5, 430.0, 60.0))["across-gap"]
    assert background.message.startswith("Background: it crosses the gap between DET0 (")
    assert "Each chip has its own background. Keep to the chip of the source" in background.message


def test_without_chips_in_the_file_no_gap_is_known() -> None:
    assert "across-gap" not in check(module_with(chips=False), circle(500.5, 560.0, 40.0))


def test_a_region_over_the_edge_is_told_with_its_share(module: LiveModule) -> None:
    text = check(module, None, circle(660.5, 600.0, 60.0))["outside-field"].message
    assert text.startswith("Background: ")
    assert 40 < int(text.split("%")[0].rsplit(" ", 1)[1]) < 55
    assert "of its area lies outside the field of view" in text
    assert "Move it inside, or make it smaller." in text


def test_a_region_beside_the_field_is_told_once(module: LiveModule) -> None:
    found = check(module, circle(850.0, 850.0, 40.0), circle(*SOURCE, 60.0))
    assert "lies outside the field of view, where nothing was seen" in (
        found["outside-field"].message
    )
    assert "outside-plane" not in found
    off_plane = check(module, circle(1500.0, 500.0, 40.0))
    assert off_plane["outside-plane"].severity == "abort"
    assert "outside-field" not in off_plane


def test_a_background_over_the_source_region_is_told_with_its_share(module: LiveModule) -> None:
    same = check(module, GOOD_SOURCE, GOOD_SOURCE)["overlap"].message
    assert same.startswith("Background: 100% of it lies inside the source region, so the source is")
    assert "overlap" not in check(module, GOOD_SOURCE, circle(620.0, 620.0, 60.0))


def test_a_background_in_the_wings_is_told_with_their_reach(module: LiveModule) -> None:
    reach = module.surroundings.reaches_arcsec[0]
    near = check(module, GOOD_SOURCE, circle(SOURCE[0] + 25.0, SOURCE[1], 20.0))["in-wings"].message
    assert f"100% of it lies within {reach:.0f} arcsec of the source" in near
    assert "Move it further away, or take the suggested background." in near


def test_wings_are_where_the_source_is_and_not_where_its_circle_is_dragged(
    module: LiveModule,
) -> None:
    background = circle(SOURCE[0] + 40.0, SOURCE[1], 20.0)
    texts = {
        check(module, circle(SOURCE[0] + dx, SOURCE[1], 40.0), background)["in-wings"].message
        for dx in (-8.0, 0.0, 8.0)
    }
    assert len(texts) == 1
    assert "in-wings" not in check(module, circle(430.0, 430.0, 40.0), background)


def test_wings_that_do_not_end_in_the_field_are_told() -> None:
    bright = module_with()
    vars(bright.surroundings)["reaches_arcsec"] = (math.inf,)
    text = check(bright, GOOD_SOURCE, circle(430.0, 430.0, 60.0))["in-wings"].message
    assert "more than 15% of the background everywhere in the field" in text
    assert "take the background from another pointing" in text
    vars(bright.surroundings)["reaches_arcsec"] = (math.nan,)
    assert "in-wings" not in check(bright, GOOD_SOURCE, circle(430.0, 430.0, 60.0))


def test_several_sources_in_one_region_are_told(crowded: LiveModule) -> None:
    text = check(crowded, circle(570.0, 545.0, 60.0))["several-sources"].message
    assert text.startswith("Source: 2 sources lie inside, of ")
    assert text.endswith("net counts. Make it smaller, or exclude the others.")
    holes = SkyRegion(
        (*circle(570.0, 545.0, 60.0).shapes, *circle(580.0, 545.0, 20.0, include=False).shapes)
    )
    assert "several-sources" not in check(crowded, holes)


def test_a_source_in_the_background_is_told(crowded: LiveModule) -> None:
    text = check(crowded, GOOD_SOURCE, circle(430.0, 430.0, 60.0))["source-in-background"].message
    assert text.startswith("Background: a source of ")
    assert text.endswith("Move the region, or exclude the source.")


def test_a_region_without_events_is_told_with_what_leaves_them_out(module: LiveModule) -> None:
    empty = check(module, circle(850.0, 850.0, 40.0))["no-events"].message
    assert "it holds no event at any energy, in the intervals that count" in empty
    high = module.rebinned(Binning(1800, 1900))
    text = check(high, GOOD_SOURCE)["no-events"].message
    assert "it holds no event in the band shown. Move it, make it larger, or widen" in text


@pytest.mark.parametrize(
    "flags", [FLAGS, ProductFlags(extended=True), ProductFlags(lcpsfflag=False, runmkarf=False)]
)
@pytest.mark.parametrize("region", [box(*SOURCE, 60.0), GOOD_SOURCE])
def test_the_rules_of_nuproducts_are_those_of_the_lint(
    module: LiveModule, flags: ProductFlags, region: SkyRegion
) -> None:
    rules = lint_region(region, flags=flags, grid=GRID)
    found = check(module, region, flags=flags)
    assert [found[rule.code].message for rule in rules] == [f"Source: {r.message}" for r in rules]
    assert [found[rule.code].remedy for rule in rules] == [rule.remedy for rule in rules]


def test_what_aborts_nuproducts_comes_first(module: LiveModule) -> None:
    regions = ModuleRegions(source=box(500.5, 560.0, 60.0), background=circle(*SOURCE, 40.0))
    severities = [item.severity for item in check_regions(module, regions, flags=FLAGS)]
    assert severities == sorted(severities)
    assert {"abort", "note"} == set(severities)


@pytest.mark.parametrize(
    ("region", "text"),
    [
        (circle(500.0, math.nan, 30.0), "Source: region: nan cannot be written"),
        (circle(500.0, 500.0, 30.0, include=False), "Source: region: it has only excludes"),
        (RegionText(text="fk5\ncircle 1 2 3\n", origin="a.reg"), "Source: a.reg: "),
    ],
)
def test_a_region_that_cannot_be_used_is_told_and_the_other_is_checked_all_the_same(
    module: LiveModule, region: Any, text: str
) -> None:
    found = check(module, region, circle(500.5, 430.0, 60.0))
    assert found["unusable"].message.startswith(text)
    assert found["unusable"].severity == "abort"
    assert "across-gap" in found


def test_the_traps_of_a_region_file_are_told_once(module: LiveModule) -> None:
    x, y = GRID.pixel_to_sky(*SOURCE)
    trap = check(module, RegionText(text=f"fk5\ncircle({x}d,{y}d,0.01)\n"))["size-without-unit"]
    assert trap.message.startswith("Source: a size has no unit: HEASoft takes it as pixels, DS9")
    assert trap.severity == "abort"
    first = RegionText(text=f'fk5\n-circle({x},{y},10")\ncircle({x},{y},30")\n')
    found = check_regions(module, ModuleRegions(source=first), flags=FLAGS)
    assert [finding.code for finding in found].count("exclude-first") == 1


def test_an_event_list_without_any_event_on_the_plane_has_no_field_to_speak_of() -> None:
    events = plain_events(time=[1.0], x=[-1], y=[-1], pi=[100])
    empty = LiveModule(PixelIndex.build(events), Binning())
    region = SkyRegion((type(GOOD_SOURCE.shapes[0])(187.2779, -36.5213, 30.0),))  # type: ignore[call-arg]
    assert set(check(empty, region)) == {"no-events", "no-background"}


def test_a_drag_makes_nothing_of_the_field_again(
    crowded: LiveModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("too slow for a drag")

    monkeypatch.setattr(fieldmap.FieldMap, "of", forbidden)
    for where in (detection, surroundings):
        monkeypatch.setattr(where, "find_sources", forbidden)
    for where in (radialprofile, surroundings):
        monkeypatch.setattr(where, "radial_profile", forbidden)
    for name in ("distance_transform_edt", "gaussian_filter"):
        monkeypatch.setattr(ndimage, name, forbidden)
    for module in (crowded, crowded.rebinned(Binning(35, 209))):
        for step in range(12):
            at = 420.0 + 14.0 * step
            assert check(module, circle(at, 545.0, 40.0), circle(430.0, at, 60.0)) is not None
