"""What a panel shows is what extraction gives, and what the region file gives through CFITSIO.

Random shapes, both modules, both hemispheres, near the poles and across RA 0; also after a chain of
moves, where counts are carried along and not made afresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fitsio
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import extract_light_curve, extract_spectrum
from nustar_widgets.events.pixelmask import PixelMask
from nustar_widgets.events.regionfile import RegionFile, format_region
from nustar_widgets.events.regions import SkyRegion
from nustar_widgets.events.shifting import shifted
from nustar_widgets.instrument import MODULES, kev_to_pi_range
from nustar_widgets.live.counts import LiveCounts
from nustar_widgets.live.observation import LiveObservation
from nustar_widgets.session.linking import with_module, with_offset
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleRegions, Regions
from tests.events.test_regions_against_cfitsio import Oracle, drawn_shapes
from tests.live.smallfields import grid_at, session_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACES = {
    "south": (187.2779, -36.5213),
    "north": (83.633, 62.0145),
    "across RA 0": (0.01, 5.0),
    "just below RA 360": (359.995, -41.0),
    "north pole": (120.0, 89.9),
    "south pole": (300.0, -89.9),
    "at the pole": (45.0, 89.98),
}
BAND_KEV, BIN_S = (3.0, 30.0), 7.0
FUZZ = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Field:
    """A session on disk and what stands beside it: event lists, and CFITSIO on the same files."""

    session: Session
    live: LiveObservation
    events: dict[str, EventList]
    files: dict[str, Any]
    oracles: dict[str, Oracle]
    region_file: Path


@pytest.fixture(scope="module", params=sorted(PLACES))
def field(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("field")
    ra_deg, dec_deg = PLACES[request.param]
    session = session_of(folder, ra_deg=ra_deg, dec_deg=dec_deg)
    session.edit("band and bins", band_kev=BAND_KEV, bin_s=BIN_S)
    paths = {item.module: item.events for item in session.inputs}
    oracles = {}
    for module in MODULES:
        (folder / module).mkdir()
        oracles[module] = Oracle(folder / module, grid_at(ra_deg, dec_deg, module))
    made = Field(
        session=session,
        live=LiveObservation.of(session),
        events={module: EventList.read(path) for module, path in paths.items()},
        files={module: fitsio.FITS(path) for module, path in paths.items()},
        oracles=oracles,
        region_file=folder / "region.reg",
    )
    made.live.load()
    yield made
    for opened in (*made.files.values(), *oracles.values()):
        opened.close()


@st.composite
def sky_regions(draw: st.DrawFn, ra_deg: float, dec_deg: float) -> SkyRegion:
    """One shape or several, some of them excludes; at least one includes."""
    shapes: list[Any] = draw(
        st.lists(drawn_shapes(grid_at(ra_deg, dec_deg)), min_size=1, max_size=4)
    )
    signs = draw(st.lists(st.booleans(), min_size=len(shapes), max_size=len(shapes)))
    signs[draw(st.integers(0, len(shapes) - 1))] = True
    drawn = zip(shapes, signs, strict=True)
    return SkyRegion(tuple(replace(shape, include=sign) for shape, sign in drawn))


def regions_at(field: Field) -> st.SearchStrategy[SkyRegion]:
    grid = field.events["FPMA"].grid
    return sky_regions(grid.crval_ra_deg, grid.crval_dec_deg)


def both(regions: ModuleRegions) -> Iterator[tuple[str, SkyRegion]]:
    for role in ("source", "background"):
        region = getattr(regions, role)
        if region is not None:
            yield role, region


def assert_right(field: Field, counts: LiveCounts | None) -> None:
    """Live counts equal what extraction and CFITSIO make of the regions they say they are of."""
    assert counts is not None
    assert field.live.problem == ""
    for module in MODULES:
        shown = counts.modules[module]
        placed = dict(both(counts.regions.of(module)))
        assert {role for role in ("source", "background") if getattr(shown, role)} == set(placed)
        for role, region in placed.items():
            result, events = getattr(shown, role), field.events[module]
            text = format_region(region)
            mask = RegionFile.from_text(text).as_heasoft(events.grid).mask(events.grid)
            if region.shapes[0].include:
                drawn = region.to_pixel(events.grid).mask(events.grid)
                assert drawn.same_pixels(mask), text
            assert_extracted(result, shown.bins.exposure_s > 0, events, mask)
            assert_as_cfitsio(field, module, text, result)


def assert_extracted(
    result: Any, good: NDArray[np.bool_], events: EventList, mask: PixelMask
) -> None:
    band = kev_to_pi_range(*BAND_KEV)
    spectrum = extract_spectrum(events, mask)
    curve = extract_light_curve(events, mask, bin_s=BIN_S, band=band)
    assert np.array_equal(result.spectrum, spectrum.counts)
    assert np.array_equal(result.light_curve[good], curve.counts)
    assert not result.light_curve[~good].any()
    assert result.n_pixels == spectrum.n_pixels
    assert result.counts == spectrum.counts.sum()
    assert result.band_counts == spectrum.counts[band[0] : band[1] + 1].sum()


def assert_as_cfitsio(field: Field, module: str, text: str, result: Any) -> None:
    field.region_file.write_text(text)
    rows = field.files[module]["EVENTS"].where(f'regfilter("{field.region_file}",X,Y)')
    events = field.events[module]
    chosen = np.zeros(len(events), dtype=np.bool_)
    chosen[rows] = True
    channel = events.pi[chosen & events.gti.contains(events.time)]
    theirs = np.bincount(channel[channel >= 0], minlength=4096)
    assert np.array_equal(result.spectrum, theirs), text
    pixels = field.oracles[module].mask(text)
    assert pixels is not None, text
    assert result.n_pixels == np.count_nonzero(pixels), text


@FUZZ
@given(data=st.data())
def test_what_is_previewed_and_edited_is_what_extraction_and_cfitsio_count(
    field: Field, data: st.DataObject
) -> None:
    source = data.draw(regions_at(field))
    background = data.draw(st.one_of(st.none(), regions_at(field)))
    offset = data.draw(st.sampled_from([(0.0, 0.0), (3.5, -6.25)]))
    chosen = ModuleRegions(source=source, background=background)
    regions = with_module(with_offset(Regions(), offset), "FPMA", chosen)
    field.live.preview(regions)
    previewed = field.live.counts
    assert previewed is not None
    assert previewed.regions == regions
    assert_right(field, previewed)
    field.session.edit("draw", regions=regions)
    assert_right(field, field.live.counts)


Step = tuple[str, str, tuple[float, float]]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from(MODULES),
        st.sampled_from(["source", "background"]),
        st.tuples(st.floats(-25.0, 25.0), st.floats(-25.0, 25.0)),
    ),
    min_size=2,
    max_size=12,
)


@FUZZ
@given(data=st.data(), steps=STEPS, linked=st.booleans())
def test_after_any_chain_of_moves_the_counts_are_right(
    field: Field, data: st.DataObject, steps: list[Step], linked: bool
) -> None:
    chosen = ModuleRegions(
        source=data.draw(regions_at(field)), background=data.draw(regions_at(field))
    )
    regions = Regions(fpma=chosen, fpmb=chosen, linked=linked)
    field.session.edit("draw", regions=regions)
    for number, (module, role, (east, north)) in enumerate(steps):
        before = regions.of(module)
        moved = shifted(getattr(before, role), east_arcsec=east, north_arcsec=north)
        regions = with_module(regions, module, replace(before, **{role: moved}))
        field.live.preview(regions)
        if number % 4 == 3:  # the hand lets go now and then, and takes hold again
            field.session.edit("move", regions=regions)
            assert_right(field, field.live.counts)
    field.session.edit("move", regions=regions)
    assert_right(field, field.live.counts)
    field.session.undo()
    counts = field.live.counts
    assert_right(field, counts)
    assert counts is not None
    assert counts.regions == field.session.regions


@FUZZ
@given(data=st.data())
def test_a_drag_given_up_leaves_the_counts_of_the_session(
    field: Field, data: st.DataObject
) -> None:
    chosen = ModuleRegions(source=data.draw(regions_at(field)))
    regions = with_module(Regions(), "FPMA", chosen)
    field.session.edit("draw", regions=regions)
    drawn = ModuleRegions(source=data.draw(regions_at(field)))
    field.live.preview(with_module(regions, "FPMB", drawn))
    field.live.show_session()
    counts = field.live.counts
    assert counts is not None
    assert not counts.is_preview
    assert counts.regions == regions
    assert_right(field, counts)
