"""Region files: HEASoft's reading, the author's, the traps between them, and our own files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.errors import InputFileError, OutputError, RegionError, RegionTrapError
from nustar_widgets.events.regionfile import (
    RegionFile,
    format_region,
    read_region_file,
    write_region_file,
)
from nustar_widgets.events.regions import (
    SkyAnnulus,
    SkyBox,
    SkyBoxAnnulus,
    SkyCircle,
    SkyEllipse,
    SkyEllipticalAnnulus,
    SkyPanda,
    SkyPoint,
    SkyPolygon,
    SkyRegion,
)
from nustar_widgets.events.skygrid import SkyGrid

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

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
CIRCLE = SkyCircle(187.29225694, -36.50989625, 60.0)
# The same circle in the ways people write it that HEASoft and DS9 understand alike.
SAFE = {
    "plain": 'fk5\ncircle(187.29225694,-36.50989625,60")\n',
    "inline frame": 'fk5;circle(187.29225694,-36.50989625,60")\n',
    "no frame but colons": 'circle(12:29:10.1416656,-36:30:35.6265,60")\n',
    "arcmin": "fk5\ncircle(187.29225694,-36.50989625,1')\n",
    "degrees": "fk5\ncircle(187.29225694,-36.50989625,0.0166666666666666666d)\n",
    "upper case": 'FK5\nCIRCLE(187.29225694,-36.50989625,60")\n',
    "plus sign": 'fk5\n+circle(187.29225694,-36.50989625,60")\n',
    "Windows lines": 'fk5\r\ncircle(187.29225694,-36.50989625,60")\r\n',
    "spaces": '  fk5 \n  circle ( 187.29225694 , -36.50989625 , 60" ) \n\n',
    "properties": 'fk5\ncircle(187.29225694,-36.50989625,60") # color=red text={a # (b)}\n',
    "no last line end": 'fk5\ncircle(187.29225694,-36.50989625,60")',
    "icrs": 'icrs\ncircle(187.29225694,-36.50989625,60")\n',
    "ds9": (
        "# Region file format: DS9 version 4.1\n"
        'global color=green font="helvetica 10 normal roman" select=1 include=1 source=1\n'
        'fk5\n# text(187.3,-36.5) text={source}\ncircle(187.29225694,-36.50989625,60.000")\n'
    ),
}
# And in ways HEASoft misreads: what it makes of them, and the code of the trap.
TRAPS = {
    "no frame": ('circle(187.29225694,-36.50989625,60")\n', "region", "no-frame"),
    "no frame, no unit": (
        "circle(187.29225694,-36.50989625,0.016666666666666666)\n", "region", "no-frame"),
    "no unit": (
        "fk5\ncircle(187.29225694,-36.50989625,0.016666666666666666)\n",
        "region",
        "size-without-unit",
    ),
    "letters": (
        'fk5\ncircle(12h29m10.1416656s,-36d30m35.6265s,60")\n', "whole field",
        "letters-in-coordinates"),
    "spaces in coordinates": (
        'fk5\ncircle(12 29 10.1416656, -36 30 35.6265, 60")\n', "whole field",
        "spaces-in-coordinates"),
    "spaces between": (
        'fk5\ncircle(187.29225694 -36.50989625 60")\n', "whole field",
        "spaces-between-arguments"),
    "no brackets": (
        'fk5\ncircle 187.29225694 -36.50989625 60"\n', "whole field", "no-brackets"),
    "j2000": ('j2000\ncircle(187.29225694,-36.50989625,60")\n', "whole field", "frame"),
    "wcs": ('wcs;circle(187.29225694,-36.50989625,60")\n', "whole field", "frame"),
    "glued frame": (
        'fk5 circle(187.29225694,-36.50989625,60")\n', "crash", "frame-without-semicolon"),
    "byte-order mark": (
        '\ufefffk5\ncircle(187.29225694,-36.50989625,60")\n', "whole field",
        "byte-order-mark"),
    "Macintosh lines": (
        '# DS9\rfk5\rcircle(187.29225694,-36.50989625,60")\r', "crash", "line-ends"),
    "blank after the last shape": (
        'fk5\ncircle(187.29225694,-36.50989625,60") ', "whole field", "last-line"),
    "word for a unit": (
        "fk5\ncircle(187.29225694,-36.50989625,60arcsec)\n", "region", "unit"),
    "panda of a whole turn": (
        'fk5\npanda(187.29225694,-36.50989625,0,360,4,0",60",1)\n', "region", "full-turn"),
}  # fmt: skip


def pixels(region: SkyRegion) -> NDArray[np.bool_]:
    return region.to_pixel(GRID).mask(GRID).full(GRID)


@pytest.mark.parametrize("name", SAFE)
def test_both_readings_of_a_sound_file_agree(name: str) -> None:
    file = RegionFile.from_text(SAFE[name])
    heasoft = file.as_heasoft(GRID)
    assert file.traps(GRID) == ()
    assert heasoft.outcome == "region"
    assert np.array_equal(heasoft.mask(GRID).full(GRID), pixels(SkyRegion((CIRCLE,))))
    assert np.array_equal(pixels(file.as_meant(GRID)), pixels(SkyRegion((CIRCLE,))))
    file.require_safe(GRID)


@pytest.mark.parametrize("name", TRAPS)
def test_what_people_mean_is_read_and_what_heasoft_does_is_told(name: str) -> None:
    text, outcome, code = TRAPS[name]
    file = RegionFile.from_text(text)
    trap = file.traps(GRID)[0]
    assert file.as_heasoft(GRID).outcome == outcome
    assert np.array_equal(pixels(file.as_meant(GRID)), pixels(SkyRegion((CIRCLE,))))
    assert trap.code == code
    assert trap.reason
    assert trap.remedy
    with pytest.raises(RegionTrapError, match=r"region text: .*HEASoft"):
        file.require_safe(GRID)


def test_a_trap_says_how_many_pixels_are_at_stake() -> None:
    file = RegionFile.from_text('circle(187.29225694,-36.50989625,60")\n')
    (trap,) = file.traps(GRID)
    theirs, ours = file.as_heasoft(GRID).mask(GRID).n_pixels, pixels(file.as_meant(GRID)).sum()
    assert trap.reason == (
        "there is no fk5 line, so HEASoft takes the degrees as sky pixels, without a warning; "
        f"HEASoft would select {theirs} sky pixels instead of {ours}"
    )
    assert trap.remedy == "Put a line fk5 before the shapes"


def test_galactic_positions_and_angles_become_fk5() -> None:
    # The field centre in galactic coordinates, by astropy; galactic north lies at position angle
    # 10.37 degrees there.
    from astropy.coordinates import SkyCoord

    centre = SkyCoord(187.2779, -36.5213, unit="deg", frame="fk5").galactic
    text = f'galactic\nellipse({centre.l.deg},{centre.b.deg},60",30",20)\n'
    file = RegionFile.from_text(text)
    (ellipse,) = file.as_meant(GRID).shapes
    assert isinstance(ellipse, SkyEllipse)
    assert (ellipse.ra_deg, ellipse.dec_deg) == pytest.approx((187.2779, -36.5213), abs=1e-7)
    pole = SkyCoord(0, 90, unit="deg", frame="galactic").fk5
    north = SkyCoord(187.2779, -36.5213, unit="deg", frame="fk5").position_angle(pole).deg
    assert (ellipse.angle_deg - 20 - north) % 360 == pytest.approx(0.0, abs=1e-3)
    assert [trap.code for trap in file.traps(GRID)] == ["frame"]


def test_fk4_positions_are_half_a_degree_from_where_heasoft_puts_them() -> None:
    from astropy.coordinates import SkyCoord

    old = SkyCoord(187.2779, -36.5213, unit="deg", frame="fk5").fk4
    file = RegionFile.from_text(f'fk4\ncircle({old.ra.deg},{old.dec.deg},60")\n')
    (circle,) = file.as_meant(GRID).shapes
    assert isinstance(circle, SkyCircle)
    assert (circle.ra_deg, circle.dec_deg) == pytest.approx((187.2779, -36.5213), abs=1e-6)
    assert [trap.code for trap in file.traps(GRID)] == ["fk4"]


def test_pixels_of_image_and_physical_files_survive_to_the_sky() -> None:
    for frame in ("image", "physical", "IMAGE", ""):
        file = RegionFile.from_text(f"{frame}\ncircle(484,517,25)\n")
        assert pixels(file.as_meant(GRID)).sum() == 1961
        assert file.traps(GRID) == ()


def test_an_angular_size_at_a_pixel_position_is_a_trap() -> None:
    file = RegionFile.from_text('image\ncircle(484,517,49.162147")\n')
    assert pixels(file.as_meant(GRID)).sum() == pytest.approx(1257, abs=8)
    assert [trap.code for trap in file.traps(GRID)] == ["angular-size-in-pixels"]


def test_an_exclude_at_the_start_is_meant_for_the_shapes_after_it() -> None:
    file = RegionFile.from_text("image\n-circle(484,517,5)\ncircle(484,517,25)\n")
    assert pixels(file.as_meant(GRID)).sum() == 1961 - 81
    assert [trap.code for trap in file.traps(GRID)] == ["exclude-first"]


def test_rings_within_rings_are_one_annulus() -> None:
    text = 'fk5\nannulus(187.28,-36.52,10",20",30")\n'
    expected = SkyRegion((SkyAnnulus(187.28, -36.52, 10, 30),))
    assert RegionFile.from_text(text).as_meant(GRID) == expected
    assert [trap.code for trap in RegionFile.from_text(text).traps(GRID)] == ["many-rings"]


def test_a_comment_may_set_the_format() -> None:
    reading = RegionFile.from_text(
        '# format: degrees (fk5)\ncircle(187.29225694,-36.50989625,60")\n'
    ).as_heasoft(GRID)
    assert np.array_equal(reading.mask(GRID).full(GRID), pixels(SkyRegion((CIRCLE,))))


def test_a_letter_d_between_brackets_makes_the_rest_of_the_file_sky() -> None:
    text = "circle(187.29d,-36.51d,0.01d)\nbox(187.29,-36.51,20,20,0)\n"
    region = RegionFile.from_text(text).as_heasoft(GRID).region
    assert region is not None
    box = region.shapes[1]
    assert (box.x, box.y) == GRID.sky_to_pixel(187.29, -36.51)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fk5\nblob(1,2,3)\n", "line 2: 'blob\\(1,2,3\\)': shape blob: expected one of circle"),
        ("fk5\ncircle(1,2)\n", "line 2: .*circle cannot have 2 parameters"),
        ("fk5\ncircle(1,2,x)\n", "line 2: .*'x' is not a number with a unit"),
        ("fk5\ncircle(1,2,3furlong)\n", "'3furlong' has an unknown unit"),
        ("fk5\nhello world\n", "line 2: 'hello world': shape hello"),
        ("fk5\n1,2,3\n", "line 2: '1,2,3': expected a frame such as fk5 or a shape"),
        ("linear\ncircle(1,2,3)\n", "frame linear: expected fk5, icrs, galactic"),
        ("fk5\ncircle(187.29,-36.51,60)\n", 'size 60 has no unit: .* write 60" for arcsec'),
        ('fk5\ncircle(187.29,-96.51,60")\n', "outside -90 to 90 degrees"),
        ('fk5\ncircle(12:29:75,-36:30:00,60")\n', "minutes and seconds go up to 60"),
        ('circle(5000,-36.5,60")\n', "no frame is given"),
        ("# nothing\n", "holds no shape"),
        ("image\n-circle(484,517,5)\n", "every shape is an exclude"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(RegionError, match=message):
        RegionFile.from_text(text).as_meant(GRID)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unreadable"),
        ("\n", "no-shape"),
        ("# nothing\n", "no-shape"),
        ("fk5\nblob(1,2,3)\n", "unreadable"),
        ("image\n-circle(484,517,5)\n", "only-excludes"),
        ("image\ncircle(-200,-200,5)\n", "no-pixel"),
        ("fk5\ncircle(187.29,-36.51,60)\n", "unclear"),
    ],
)
def test_a_file_without_usable_meaning_is_a_trap(text: str, code: str) -> None:
    assert [trap.code for trap in RegionFile.from_text(text).traps(GRID)] == [code]


def test_a_file_without_shape_has_no_mask_because_heasoft_crashes() -> None:
    reading = RegionFile.from_text("# Region file format: DS9 version 4.1\n").as_heasoft(GRID)
    assert reading.outcome == "crash"
    with pytest.raises(RegionError, match="extractor crashes on such a region file"):
        reading.mask(GRID)


ALL_SHAPES = SkyRegion(
    (
        SkyCircle(187.29225694, -36.50989625, 49.2),
        SkyAnnulus(187.3, -36.5, 10.1, 1 / 3 * 100),
        SkyEllipse(187.25, -36.55, 45, 30, 110),
        SkyEllipticalAnnulus(187.25, -36.45, 20, 10, 45, 30, -33.3),
        SkyBox(187.35, -36.55, 60, 40, 33),
        SkyBoxAnnulus(187.4, -36.5, 20, 10, 60, 40, 1e-7),
        SkyPolygon(((187.2, -36.6), (187.25, -36.61), (187.22, -36.57))),
        SkyPoint(187.28, -36.52),
        SkyPanda(187.4, -36.6, -30, 75.5, 0, 60),
        SkyCircle(187.29225694, -36.50989625, 10, include=False),
        SkyPolygon(((187.34, -36.56), (187.36, -36.56), (187.35, -36.54)), include=False),
    )
)


def test_a_written_file_is_read_back_as_the_same_region() -> None:
    file = RegionFile.from_text(format_region(ALL_SHAPES))
    assert file.as_meant(GRID) == ALL_SHAPES
    assert file.as_heasoft(GRID).region == ALL_SHAPES.to_pixel(GRID)
    assert file.traps(GRID) == ()


def test_a_written_file_is_what_ds9_writes() -> None:
    region = SkyRegion((SkyCircle(187.25, -36.5, 1e-05), SkyBox(1.5, 2.0, 3, 4, 5, include=False)))
    assert format_region(region) == (
        "# Region file format: DS9 version 4.1\n"
        "fk5\n"
        'circle(187.25,-36.5,0.00001")\n'
        '-box(1.5,2.0,3.0",4.0",5.0)\n'
    )


def test_excludes_are_never_written_first() -> None:
    hole = SkyCircle(187.28, -36.52, 5, include=False)
    lines = format_region(SkyRegion((hole, CIRCLE))).splitlines()
    assert [line.split("(")[0] for line in lines[2:]] == ["circle", "-circle"]


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (SkyRegion(), "it is empty: expected at least one shape that includes"),
        (SkyRegion((SkyPoint(1, 2, include=False),)), "it has only excludes: expected"),
        (SkyRegion((SkyCircle(1, 2, float("nan")),)), "nan cannot be written"),
        (SkyRegion((SkyCircle(1, 2, -3),)), "a size of -3 arcsec cannot be written"),
    ],
)
def test_a_region_heasoft_cannot_use_is_not_written(
    region: SkyRegion, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RegionError, match=message):
        write_region_file(tmp_path / "src.reg", region)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "src.reg"
    path.write_text("old")
    write_region_file(path, ALL_SHAPES)
    assert read_region_file(path).as_meant(GRID) == ALL_SHAPES
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    write_region_file(tmp_path / "src.reg", ALL_SHAPES)
    assert (tmp_path / "src.reg").stat().st_mode == other.stat().st_mode


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(
        OutputError, match=r"no/src.reg: cannot be written .No such file.*Choose a folder"
    ):
        write_region_file(tmp_path / "no" / "src.reg", ALL_SHAPES)
    (tmp_path / "dir.reg").mkdir()
    with pytest.raises(OutputError, match=r"dir.reg: cannot be written"):
        write_region_file(tmp_path / "dir.reg", ALL_SHAPES)
    assert [path.name for path in tmp_path.iterdir()] == ["dir.reg"]


def test_a_missing_file_and_a_fits_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read"):
        read_region_file(tmp_path / "no.reg")
    (tmp_path / "t.reg").write_bytes(b"SIMPLE  =                    T")
    with pytest.raises(InputFileError, match="is a FITS table of regions"):
        read_region_file(tmp_path / "t.reg")


def test_text_that_is_not_utf8_is_read_all_the_same() -> None:
    file = RegionFile('fk5\ncircle(187.29,-36.51,60") # text={\xc5}\n'.encode("latin-1"))
    assert file.traps(GRID) == ()


@pytest.fixture(scope="module")
def events(request: pytest.FixtureRequest) -> tuple[SkyGrid, Any]:
    """Plane and (x, y) of the reference event list."""
    from tests.conftest import SHARED

    path = SHARED / "fixtures/extraction/obs/nu90000000101A01_cl.evt.gz"
    if not path.is_file():
        pytest.skip("the reference event list is not beside this checkout")
    with fits.open(path) as file:
        data = file["EVENTS"].data
        return SkyGrid.from_header(file["EVENTS"].header, 13, 14), (data["X"] - 1, data["Y"] - 1)


def test_every_reference_case_selects_the_pixels_and_events_of_the_real_extractor(
    shared: Path, events: tuple[SkyGrid, Any]
) -> None:
    folder, (grid, (x, y)) = shared / "fixtures/extraction", events
    cases = json.loads((folder / "index.json").read_text())["cases"]
    for case in cases:
        reading = read_region_file(folder / case["region"]).as_heasoft(grid)
        if case["exit_status"] != [0, 0, 0]:
            assert reading.outcome == "crash", case["name"]
            continue
        mask = reading.mask(grid).full(grid)
        assert mask[y, x].sum() == case["total_counts"], case["name"]
        with np.load(folder / "expected" / f"{case['name']}.npz") as expected:
            theirs = wmap(expected, grid)
        if reading.outcome == "whole field":
            # Without a region the tool maps the rectangle its events lie in.
            rectangle = np.zeros_like(mask)
            rectangle[y.min() : y.max() + 1, x.min() : x.max() + 1] = True
            assert np.array_equal(theirs, rectangle), case["name"]
            assert case["backscal"] == 1.0
        else:
            assert np.array_equal(mask, theirs), case["name"]
            assert mask.sum() == case.get("wmap_pixels", 0), case["name"]
    assert len(cases) >= 38


def wmap(expected: Any, grid: SkyGrid) -> NDArray[np.bool_]:
    """Pixels of the tool's map over the whole plane; none where it made no map."""
    plane = np.zeros(grid.shape, dtype=np.bool_)
    if "wmap_inside" in expected:
        height, width = expected["wmap_shape"]
        x0, y0 = expected["wmap_origin"] - 1
        inside = np.unpackbits(expected["wmap_inside"], count=height * width)
        plane[y0 : y0 + height, x0 : x0 + width] = inside.reshape(height, width)
    return plane


def test_every_reference_trap_is_told_and_nothing_else_is(
    shared: Path, events: tuple[SkyGrid, Any]
) -> None:
    folder, (grid, _) = shared / "fixtures/extraction/regions", events
    found = {
        path.stem: [trap.code for trap in read_region_file(path).traps(grid)]
        for path in folder.glob("*.reg")
    }
    assert {name: codes for name, codes in found.items() if codes} == {
        "trap_composite_bars": ["composite"],
        "trap_empty_file": ["no-shape"],
        "trap_exclude_first": ["exclude-first"],
        "trap_fk5_radius_no_unit": ["size-without-unit"],
        "trap_galactic": ["frame"],
        "trap_no_header_degrees": ["no-frame"],
        "trap_only_exclude": ["only-excludes"],
        "trap_outside_image": ["no-pixel"],
        "trap_panda": ["full-turn"],
        "trap_two_shapes_one_line": ["shapes-on-one-line"],
        "trap_unknown_shape": ["unreadable"],
    }


def test_region_files_of_real_projects_are_read(shared: Path) -> None:
    paths = sorted((shared / "data").rglob("*.reg"))
    assert len(paths) >= 5
    for path in paths:
        file = read_region_file(path)
        sky = field_of(file)
        (shape,) = file.as_meant(sky).shapes
        assert isinstance(shape, SkyCircle), path
        assert shape.include
        assert 40 < shape.radius_arcsec < 600, path
        assert file.as_heasoft(sky).outcome == "region"
        assert file.traps(sky) == (), path


def field_of(file: RegionFile) -> SkyGrid:
    """Plane about the first position of a file, as its observation would have."""
    from dataclasses import replace

    (shape,) = file.as_meant(GRID).shapes
    assert isinstance(shape, SkyCircle)
    return replace(GRID, crval_ra_deg=shape.ra_deg, crval_dec_deg=shape.dec_deg)
