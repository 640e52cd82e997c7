"""What nuproducts would say about a region, before it is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nustar_widgets.events.regionlint import Finding, ProductFlags, lint_region
from nustar_widgets.events.regions import (
    PixelCircle,
    PixelPoint,
    PixelRegion,
    SkyAnnulus,
    SkyBox,
    SkyCircle,
    SkyEllipse,
    SkyRegion,
    SkyShape,
)
from nustar_widgets.events.skygrid import SkyGrid

GRID = SkyGrid(
    nx=1000,
    ny=1000,
    crpix_x=500.5,
    crpix_y=500.5,
    crval_ra_deg=187.2779,
    crval_dec_deg=-36.5213,
    cdelt_x_deg=-6.828076e-4,
    cdelt_y_deg=6.828076e-4,
)
CIRCLE = SkyCircle(187.28, -36.52, 50)
HOLE = SkyCircle(187.28, -36.52, 20, include=False)
ANNULUS = SkyAnnulus(187.28, -36.52, 50, 100)
ELLIPSE = SkyEllipse(187.28, -36.52, 50, 30)
BOX = SkyBox(187.28, -36.52, 50, 30)
DEFAULTS = ProductFlags()


def codes(*shapes: SkyShape, flags: ProductFlags = DEFAULTS) -> list[str]:
    return [finding.code for finding in lint_region(SkyRegion(shapes), flags=flags)]


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def test_a_circle_needs_nothing() -> None:
    assert codes(CIRCLE) == []


@pytest.mark.parametrize("shape", [ANNULUS, ELLIPSE])
def test_an_annulus_or_ellipse_aborts_for_its_ghost_rays(shape: SkyShape) -> None:
    finding = only(lint_region(SkyRegion((shape,))))
    assert (finding.code, finding.severity) == ("ghost-rays-need-circle", "abort")
    assert finding.remedy == {"grflag": "no"}
    assert "only in a circle" in finding.message


@pytest.mark.parametrize(
    "flags",
    [
        ProductFlags(grflag=False),
        ProductFlags(runmkarf=False),
    ],
)
def test_an_annulus_passes_without_ghost_rays_or_arf(flags: ProductFlags) -> None:
    assert codes(ANNULUS, flags=flags) == []


@pytest.mark.parametrize("shapes", [(BOX,), (CIRCLE, HOLE), (CIRCLE, CIRCLE), (CIRCLE, BOX)])
def test_any_other_source_aborts_in_the_curve_and_in_the_arf(shapes: tuple[SkyShape, ...]) -> None:
    findings = lint_region(SkyRegion(shapes))
    assert [finding.code for finding in findings] == ["curve-psf-shape", "arf-shape"]
    assert all(finding.severity == "abort" for finding in findings)
    assert all(finding.remedy == {"extended": "yes"} for finding in findings)


def test_the_message_names_what_was_found() -> None:
    assert "stops at a box" in lint_region(SkyRegion((BOX,)))[0].message
    assert "stops at 2 shapes" in lint_region(SkyRegion((CIRCLE, HOLE)))[0].message


def test_without_an_arf_the_curve_alone_can_go_without_psf() -> None:
    flags = ProductFlags(runmkarf=False)
    finding = only(lint_region(SkyRegion((BOX,)), flags=flags))
    assert (finding.code, finding.remedy) == ("curve-psf-shape", {"lcpsfflag": "no"})


@pytest.mark.parametrize(
    "flags",
    [ProductFlags(correctlc=False), ProductFlags(lcpsfflag=False)],
)
def test_a_curve_without_psf_correction_leaves_the_arf_to_abort(flags: ProductFlags) -> None:
    assert codes(BOX, flags=flags) == ["arf-shape"]


@pytest.mark.parametrize("shapes", [(BOX,), (CIRCLE,), (CIRCLE, HOLE), (ANNULUS,)])
def test_an_extended_source_may_have_any_shape_at_a_price(shapes: tuple[SkyShape, ...]) -> None:
    finding = only(lint_region(SkyRegion(shapes), flags=ProductFlags(extended=True)))
    assert (finding.code, finding.severity) == ("extended-has-no-psf", "note")


@pytest.mark.parametrize("shapes", [(BOX,), (ANNULUS,), (CIRCLE, HOLE)])
def test_every_remedy_remedies(shapes: tuple[SkyShape, ...]) -> None:
    for finding in lint_region(SkyRegion(shapes)):
        names = {name: value == "yes" for name, value in finding.remedy.items()}
        after = lint_region(SkyRegion(shapes), flags=replace(DEFAULTS, **names))
        assert finding.code not in [other.code for other in after]


@pytest.mark.parametrize("shapes", [(BOX,), (ANNULUS,), (CIRCLE, HOLE)])
def test_a_background_may_have_any_shape(shapes: tuple[SkyShape, ...]) -> None:
    assert lint_region(SkyRegion(shapes), role="background") == ()


@pytest.mark.parametrize(
    ("shapes", "code"),
    [((), "empty"), ((HOLE,), "only-excludes"), ((HOLE, CIRCLE), "exclude-first")],
)
def test_a_region_that_selects_the_wrong_side_aborts(
    shapes: tuple[SkyShape, ...], code: str
) -> None:
    for role in ("source", "background"):
        finding = only(lint_region(SkyRegion(shapes), role=role))
        assert (finding.code, finding.severity) == (code, "abort")


def test_a_region_off_the_plane_aborts() -> None:
    region = SkyRegion((SkyCircle(187.28, -35.0, 50),))
    finding = only(lint_region(region, grid=GRID))
    assert (finding.code, finding.severity) == ("outside-plane", "abort")


def test_a_region_on_the_other_side_of_the_sky_aborts() -> None:
    finding = only(lint_region(SkyRegion((SkyCircle(7.28, 36.52, 50),)), grid=GRID))
    assert finding.code == "outside-plane"
    assert "90 deg" in finding.message


def test_a_region_across_the_edge_of_the_plane_is_noted() -> None:
    finding = only(lint_region(PixelRegion((PixelCircle(5, 500, 20),)), grid=GRID))
    assert (finding.code, finding.severity) == ("partly-outside-plane", "note")


def test_a_region_between_pixel_centres_aborts() -> None:
    finding = only(lint_region(PixelRegion((PixelCircle(500.5, 500.5, 0.2),)), grid=GRID))
    assert (finding.code, finding.severity) == ("zero-area", "abort")


def test_an_exclude_that_excludes_nothing_is_noted() -> None:
    elsewhere = SkyCircle(187.35, -36.45, 20, include=False)
    findings = lint_region(SkyRegion((CIRCLE, elsewhere)), role="background", grid=GRID)
    assert (only(findings).code, only(findings).severity) == ("idle-shape", "note")
    assert "Shape 2 (circle, excluded)" in only(findings).message


def test_what_aborts_comes_first() -> None:
    shapes = (PixelCircle(5, 500, 20), PixelPoint(500, 500))
    severities = [finding.severity for finding in lint_region(PixelRegion(shapes), grid=GRID)]
    assert severities == ["abort", "abort", "note"]


def test_flags_are_read_from_task_parameters() -> None:
    flags = ProductFlags.from_parameters(
        {"extended": "YES", "grflag": "no", "correctlc": False, "binsize": 10}
    )
    assert flags == ProductFlags(extended=True, grflag=False, correctlc=False)


def test_findings_are_values() -> None:
    finding = lint_region(SkyRegion((ANNULUS,)))[0]
    assert finding == lint_region(SkyRegion((ANNULUS,)))[0]
    assert len({finding, finding}) == 1
