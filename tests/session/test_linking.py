"""Linked regions: an edit of one module is an edit of both, and nothing creeps."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.errors import RegionError
from nustar_widgets.events.regions import SkyBox, SkyCircle, SkyPolygon, SkyRegion
from nustar_widgets.events.shifting import centre_of, shifted
from nustar_widgets.session.linking import with_linked, with_module, with_offset
from nustar_widgets.session.values import ModuleRegions, Regions, RegionText

TEXT = RegionText(text='fk5\ncircle(10,20,30")\n', origin="mine.reg")
PLACE = st.tuples(st.floats(0.0, 359.9), st.floats(-89.9, 89.9))
OFFSET = st.tuples(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0))
SKY = st.one_of(
    PLACE.map(lambda p: SkyRegion((SkyCircle(*p, 30.0),))),
    PLACE.map(lambda p: SkyRegion((SkyCircle(*p, 30.0), SkyBox(*p, 9.0, 5.0, 30.0, False)))),
    PLACE.map(lambda p: SkyRegion((SkyPolygon((p, (p[0], p[1] + 0.01), (p[0], p[1] - 0.01))),))),
    st.just(SkyRegion()),
)
REGION = st.one_of(SKY, st.none(), st.just(TEXT))
MODULE_REGIONS = st.builds(ModuleRegions, source=REGION, background=REGION)
MODULES = st.sampled_from(["FPMA", "FPMB"])


def apart_deg(one: object, other: object) -> float:
    """Distance between two regions' centres; 0 where they are equal, far where they cannot be."""
    if one == other:
        return 0.0
    if not isinstance(one, SkyRegion) or not isinstance(other, SkyRegion):
        return math.inf
    (ra, dec), (other_ra, other_dec) = centre_of(one), centre_of(other)
    turn = (ra - other_ra + 180.0) % 360.0 - 180.0
    return math.hypot(turn * math.cos(math.radians(dec)), dec - other_dec)


def assert_consistent(regions: Regions) -> None:
    """FPMB lies by the offset from FPMA."""
    east, north = regions.offset_arcsec
    for role in ("source", "background"):
        mine, theirs = getattr(regions.fpma, role), getattr(regions.fpmb, role)
        if isinstance(mine, SkyRegion):
            mine = shifted(mine, east_arcsec=east, north_arcsec=north)
        assert apart_deg(mine, theirs) < 1e-9


@given(st.lists(st.tuples(MODULES, MODULE_REGIONS), max_size=4), OFFSET)
def test_whatever_is_edited_the_other_module_lies_by_the_offset_from_it(
    edits: list[tuple[str, ModuleRegions]], offset: tuple[float, float]
) -> None:
    regions = with_offset(Regions(), offset)
    for module, changed in edits:
        regions = with_module(regions, module, changed)
        assert regions.of(module) == changed
        assert_consistent(regions)


@given(MODULE_REGIONS, OFFSET)
def test_an_edit_carried_there_and_back_does_not_creep(
    start: ModuleRegions, offset: tuple[float, float]
) -> None:
    regions = with_module(with_offset(Regions(), offset), "FPMA", start)
    for _ in range(5):
        regions = with_module(Regions(offset_arcsec=offset), "FPMB", regions.fpmb)
        regions = with_module(Regions(offset_arcsec=offset), "FPMA", regions.fpma)
    assert apart_deg(regions.fpma.source, start.source) < 1e-9
    assert apart_deg(regions.fpma.background, start.background) < 1e-9


@given(MODULES, MODULE_REGIONS)
def test_without_offset_both_modules_have_equal_values(module: str, changed: ModuleRegions) -> None:
    regions = with_module(Regions(), module, changed)
    assert regions.fpma == regions.fpmb == changed


@given(MODULES, MODULE_REGIONS, MODULE_REGIONS, OFFSET)
def test_what_was_not_edited_keeps_its_values_to_the_last_bit(
    module: str, start: ModuleRegions, changed: ModuleRegions, offset: tuple[float, float]
) -> None:
    regions = with_module(with_offset(Regions(), offset), "FPMA", start)
    edit = replace(regions.of(module), source=changed.source)
    after = with_module(regions, module, edit)
    assert after.fpma.background == regions.fpma.background
    assert after.fpmb.background == regions.fpmb.background
    assert with_module(regions, module, regions.of(module)) == regions


@given(MODULES, MODULE_REGIONS, MODULE_REGIONS)
def test_unlinked_modules_are_edited_apart(
    module: str, start: ModuleRegions, changed: ModuleRegions
) -> None:
    regions = with_linked(with_module(Regions(), "FPMA", start), False)
    after = with_module(regions, module, changed)
    other = "FPMB" if module == "FPMA" else "FPMA"
    assert (after.of(module), after.of(other)) == (changed, start)
    assert not after.linked


@given(MODULES, MODULE_REGIONS, MODULE_REGIONS, OFFSET)
def test_linking_anew_makes_one_module_follow_the_other(
    follow: str, fpma: ModuleRegions, fpmb: ModuleRegions, offset: tuple[float, float]
) -> None:
    apart = Regions(fpma=fpma, fpmb=fpmb, linked=False, offset_arcsec=offset)
    linked = with_linked(apart, True, follow=follow)
    assert linked.linked
    assert_consistent(linked)
    for role in ("source", "background"):
        if (kept := getattr(apart.of(follow), role)) is not None:
            assert getattr(linked.of(follow), role) == kept


def test_linking_takes_what_one_module_lacks_from_the_other() -> None:
    region = SkyRegion((SkyCircle(10.0, 0.0, 30.0),))
    apart = Regions(fpmb=ModuleRegions(source=region), linked=False, offset_arcsec=(3.6, 0.0))
    linked = with_linked(apart, True)
    assert isinstance(linked.fpma.source, SkyRegion)
    assert centre_of(linked.fpma.source) == pytest.approx((9.999, 0.0), abs=1e-9)
    assert apart_deg(linked.fpmb.source, region) < 1e-9
    assert linked.fpma.background is None


def test_unlinking_moves_nothing_and_keeps_the_offset() -> None:
    regions = with_module(
        with_offset(Regions(), (2.0, 1.0)),
        "FPMA",
        ModuleRegions(source=SkyRegion((SkyCircle(10.0, 0.0, 30.0),))),
    )
    assert with_linked(regions, False) == replace(regions, linked=False)


def test_a_new_offset_moves_fpmb_only_where_it_follows() -> None:
    region = SkyRegion((SkyCircle(10.0, 0.0, 30.0),))
    linked = with_module(Regions(), "FPMA", ModuleRegions(source=region))
    moved = with_offset(linked, (-3.6, 7.2))
    assert moved.fpma.source == region
    assert isinstance(moved.fpmb.source, SkyRegion)
    assert centre_of(moved.fpmb.source) == pytest.approx((9.999, 0.002), abs=1e-9)
    apart = with_offset(with_linked(linked, False), (-3.6, 7.2))
    assert apart == replace(linked, linked=False, offset_arcsec=(-3.6, 7.2))


def test_a_region_kept_as_text_is_taken_word_for_word() -> None:
    regions = with_module(with_offset(Regions(), (5.0, 5.0)), "FPMB", ModuleRegions(source=TEXT))
    assert regions.fpma.source is TEXT


@pytest.mark.parametrize("bad", [(math.nan, 0.0), (0.0, math.inf)])
def test_an_offset_that_is_no_number_is_refused(bad: tuple[float, float]) -> None:
    with pytest.raises(RegionError, match=r"offset_arcsec=\(.*: expected how far FPMB's regions"):
        with_offset(Regions(), bad)


def test_a_module_that_is_none_is_refused() -> None:
    with pytest.raises(RegionError, match=r"module 'FPMC': expected FPMA or FPMB"):
        with_module(Regions(), "FPMC", ModuleRegions())
    with pytest.raises(RegionError, match=r"module 'A': expected FPMA or FPMB"):
        with_linked(Regions(), True, follow="A")
