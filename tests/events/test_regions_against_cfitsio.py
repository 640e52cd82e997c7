"""Random regions against CFITSIO's own region filter, pixel for pixel.

``fitsio`` bundles CFITSIO, the library every HEASoft tool filters regions with. An event list with
one event in every pixel of a grid turns its answer into a mask.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nustar_widgets.events import regions as r
from nustar_widgets.events.heasoftreading import read_as_heasoft
from nustar_widgets.events.regionfile import RegionFile, Trap, format_region
from nustar_widgets.events.skygrid import SkyGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Three planes: NuSTAR's scale; one that is not square, not 1000 wide and does not begin at 1; and
# a rotated one across the meridian, near the equator, where the other branches of the projection
# are taken.
GRIDS = {
    "plain": SkyGrid(
        nx=120,
        ny=120,
        crpix_x=60.5,
        crpix_y=60.5,
        crval_ra_deg=187.2779,
        crval_dec_deg=-36.5213,
        cdelt_x_deg=-6.828076e-4,
        cdelt_y_deg=6.828076e-4,
    ),
    "offset": SkyGrid(
        nx=150,
        ny=90,
        x_min=11,
        y_min=-4,
        crpix_x=80.0,
        crpix_y=40.0,
        crval_ra_deg=83.633,
        crval_dec_deg=62.0145,
        cdelt_x_deg=-6.828076e-4,
        cdelt_y_deg=6.828076e-4,
    ),
    "rotated": SkyGrid(
        nx=100,
        ny=110,
        crpix_x=50.5,
        crpix_y=55.5,
        crval_ra_deg=0.01,
        crval_dec_deg=0.005,
        cdelt_x_deg=-1.3e-3,
        cdelt_y_deg=1.3e-3,
        rotation_deg=27.5,
    ),
}
FUZZ = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Oracle:
    """CFITSIO with one event in every pixel of a grid."""

    def __init__(self, folder: Path, grid: SkyGrid) -> None:
        self.grid = grid
        self._region = folder / "r.reg"
        y, x = np.mgrid[0 : grid.ny, 0 : grid.nx]
        columns = [
            fits.Column("X", "I", array=(x + grid.x_min).ravel().astype(np.int16)),
            fits.Column("Y", "I", array=(y + grid.y_min).ravel().astype(np.int16)),
        ]
        table = fits.BinTableHDU.from_columns(columns, name="EVENTS")
        table.header.update(header_of(grid))
        table.writeto(folder / "all.evt")
        self._file = fitsio.FITS(str(folder / "all.evt"))

    def mask(self, text: str) -> NDArray[np.bool_] | None:
        """Pixels CFITSIO selects, or None where it refuses the file."""
        self._region.write_bytes(text.encode("latin-1"))
        try:
            rows = self._file[1].where(f'regfilter("{self._region}",X,Y)')
        except OSError:
            return None
        plane = np.zeros(self.grid.nx * self.grid.ny, dtype=np.bool_)
        plane[rows] = True
        return plane.reshape(self.grid.shape)

    def close(self) -> None:
        self._file.close()


def header_of(grid: SkyGrid) -> dict[str, Any]:
    """Keywords that carry a grid, for columns 1 and 2."""
    axes = (
        (1, "RA---TAN", grid.crval_ra_deg, grid.crpix_x, grid.cdelt_x_deg, grid.x_min, grid.nx),
        (2, "DEC--TAN", grid.crval_dec_deg, grid.crpix_y, grid.cdelt_y_deg, grid.y_min, grid.ny),
    )
    keywords: dict[str, Any] = {"TCROT2": grid.rotation_deg}
    for n, kind, value, pixel, step, first, size in axes:
        keywords |= {f"TCTYP{n}": kind, f"TCRVL{n}": value, f"TCRPX{n}": pixel}
        keywords |= {f"TCDLT{n}": step, f"TLMIN{n}": first, f"TLMAX{n}": first + size - 1}
    return keywords


@pytest.fixture(scope="module", params=sorted(GRIDS))
def oracle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Oracle(tmp_path_factory.mktemp(request.param), GRIDS[request.param])
    yield made
    made.close()


# Edges on pixel centres and between them are where rules differ, so they come up often.
edgy = st.one_of(
    st.integers(-20, 280).map(lambda n: n / 2),
    st.floats(-20, 140).map(lambda v: round(v, 3)),
)
size = st.one_of(
    st.integers(0, 80).map(lambda n: n / 2), st.floats(0, 60).map(lambda v: round(v, 3))
)
angle = st.one_of(st.integers(-8, 24).map(lambda n: 15.0 * n), st.floats(-400, 400))
counter = st.integers(1, 4)
SHAPES: dict[str, tuple[tuple[str, ...], ...]] = {
    "circle": (("size",),),
    "annulus": (("size", "size"),),
    "ellipse": (("size",) * 2, ("size", "size", "angle"), ("size",) * 4 + ("angle",),
                ("size",) * 4, ("size",) * 4 + ("angle", "angle")),
    "elliptannulus": (("size",) * 4, ("size",) * 4 + ("angle", "angle")),
    "box": (("size",) * 2, ("size", "size", "angle"), ("size",) * 4 + ("angle",),
            ("size",) * 4 + ("angle", "angle")),
    "rotbox": (("size", "size", "angle"),),
    "diamond": (("size", "size"), ("size", "size", "angle")),
    "pie": (("angle", "angle"),),
    "point": ((),),
    "panda": (("angle", "angle", "counter", "size", "size", "counter"),),
    "epanda": (("angle", "angle", "counter") + ("size",) * 4 + ("counter", "angle"),),
    "bpanda": (("angle", "angle", "counter") + ("size",) * 4 + ("counter",),),
}  # fmt: skip


@st.composite
def pixel_shapes(draw: st.DrawFn) -> str:
    """One shape in pixels, as text."""
    name = draw(st.sampled_from([*SHAPES, "polygon", "line", "rectangle"]))
    if name == "polygon":
        values = draw(st.lists(edgy, min_size=6, max_size=24).filter(lambda v: len(v) % 2 == 0))
    elif name == "line":
        values = [draw(edgy) for _ in range(4)]
    elif name == "rectangle":
        values = [draw(edgy) for _ in range(4)] + draw(st.lists(angle, max_size=1))
    else:
        kinds = {"size": size, "angle": angle, "counter": counter}
        rest = draw(st.sampled_from(SHAPES[name]))
        values = [draw(edgy), draw(edgy)] + [draw(kinds[kind]) for kind in rest]
    sign = draw(st.sampled_from(["", "", "", "+", "-"]))
    return f"{sign}{name}({','.join(str(value) for value in values)})"


@st.composite
def sky_shapes(draw: st.DrawFn, grid: SkyGrid) -> str:
    """One shape on the sky, as text, with units and notations of all kinds."""
    name = draw(st.sampled_from([*SHAPES, "polygon", "line"]))
    if name in ("polygon", "line"):
        corners = 2 if name == "line" else draw(st.integers(3, 12))
        words = [draw(positions(grid)) for _ in range(corners)]
    else:
        rest = draw(st.sampled_from(SHAPES[name]))
        lengths = st.builds("{}{}".format, size.map(lambda v: v * 2.4581), st.sampled_from('""""'))
        kinds = {"size": st.one_of(lengths, odd_lengths), "angle": angle.map(str)}
        kinds["counter"] = counter.map(str)
        words = [draw(positions(grid)), *(draw(kinds[kind]) for kind in rest)]
    sign = draw(st.sampled_from(["", "", "", "+", "-"]))
    return f"{sign}{name}({','.join(words)})"


odd_lengths = st.one_of(
    st.floats(0.05, 2).map(lambda v: f"{v:.4f}'"),
    st.floats(0.001, 0.05).map(lambda v: f"{v:.6f}d"),
    size.map(str),  # no unit: pixels
)


def positions(grid: SkyGrid) -> st.SearchStrategy[str]:
    """Positions near the grid, in degrees or sexagesimal."""
    pixels = st.tuples(edgy, edgy)
    written = st.sampled_from([degrees, sexagesimal])
    return st.builds(lambda xy, how: how(*grid.pixel_to_sky(*xy)), pixels, written)


def degrees(ra_deg: float, dec_deg: float) -> str:
    return f"{ra_deg!r},{dec_deg!r}"


def sexagesimal(ra_deg: float, dec_deg: float) -> str:
    hours, dec = ra_deg / 15, abs(dec_deg)
    sign = "-" if dec_deg < 0 else "+"
    return f"{_sixties(hours)},{sign}{_sixties(dec)}"


def _sixties(value: float) -> str:
    whole, part = int(value), (value % 1) * 60
    return f"{whole}:{int(part):02d}:{(part % 1) * 60:.4f}"


def assert_same(oracle: Oracle, text: str) -> None:
    theirs = oracle.mask(text)
    ours = read_as_heasoft(text, oracle.grid)
    if theirs is None:
        assert ours.outcome == "whole field", text
    else:
        assert ours.outcome == "region", (text, ours)
        assert np.array_equal(ours.mask(oracle.grid).full(oracle.grid), theirs), text


@FUZZ
@given(
    shapes=st.lists(pixel_shapes(), min_size=1, max_size=5),
    frame=st.sampled_from(["image", "physical", ""]),
)
def test_pixel_regions_hold_exactly_the_pixels_cfitsio_selects(
    oracle: Oracle, shapes: list[str], frame: str
) -> None:
    assert_same(oracle, "\n".join([frame, *shapes, ""]))


@FUZZ
@given(data=st.data(), frame=st.sampled_from(["fk5", "icrs", "fk4", "FK5"]))
def test_sky_regions_hold_exactly_the_pixels_cfitsio_selects(
    oracle: Oracle, data: st.DataObject, frame: str
) -> None:
    shapes = data.draw(st.lists(sky_shapes(oracle.grid), min_size=1, max_size=4))
    assert_same(oracle, "\n".join([frame, *shapes, ""]))


@st.composite
def drawn_shapes(draw: st.DrawFn, grid: SkyGrid) -> r.SkyShape:
    """One shape as a panel would make it."""
    ra, dec = grid.pixel_to_sky(draw(edgy), draw(edgy))
    a, b, c, d = (draw(size) * grid.pixel_arcsec for _ in range(4))
    turn = draw(angle)
    corners = draw(st.lists(st.tuples(edgy, edgy), min_size=3, max_size=8))
    made: list[r.SkyShape] = [
        r.SkyCircle(ra, dec, a),
        r.SkyAnnulus(ra, dec, a, b),
        r.SkyEllipse(ra, dec, a, b, turn),
        r.SkyEllipticalAnnulus(ra, dec, a, b, c, d, turn),
        r.SkyBox(ra, dec, a, b, turn),
        r.SkyBoxAnnulus(ra, dec, a, b, c, d, turn),
        r.SkyPolygon(tuple(grid.pixel_to_sky(*corner) for corner in corners)),
        r.SkyPanda(ra, dec, turn, turn + 100.0, a, b),
        r.SkyPoint(ra, dec),
    ]
    return draw(st.sampled_from(made))


@FUZZ
@given(data=st.data())
def test_written_regions_hold_for_cfitsio_exactly_the_pixels_they_hold_here(
    oracle: Oracle, data: st.DataObject
) -> None:
    grid = oracle.grid
    shapes = data.draw(st.lists(drawn_shapes(grid), min_size=1, max_size=4))
    signs = data.draw(st.lists(st.booleans(), min_size=len(shapes), max_size=len(shapes)))
    signs[0] = True
    drawn = zip(shapes, signs, strict=True)
    region = r.SkyRegion(tuple(replace(shape, include=sign) for shape, sign in drawn))  # type: ignore[type-var]
    text = format_region(region)
    theirs = oracle.mask(text)
    assert theirs is not None
    assert np.array_equal(region.to_pixel(grid).mask(grid).full(grid), theirs), text
    assert RegionFile.from_text(text).traps(grid) in ((), (no_pixel(grid),))


def no_pixel(grid: SkyGrid) -> Trap:
    (trap,) = RegionFile.from_text("image\ncircle(-5000,-5000,1)\n").traps(grid)
    return trap


# What CFITSIO's reader makes of text that is not quite as it should be. Files without any shape
# are left out: they crash CFITSIO, and would crash this test.
ODDITIES = [
    # A degree off the field, a length depends on which way CFITSIO steps to measure it.
    "fk5\ncircle(187.2779,-35.5213,1.0d)\n",
    "fk5\ncircle(83.633,63.0145,1.0d)\n",
    "fk5\ncircle(83.633,61.0145,1.0d)\n",
    'circle(12:29:06.7,-36:31:16.7,30")\nbox(187.2779,-36.5213,20,20)\n',
    'circle(12:29:06.7,-36:31,30")\n',
    'circle(12:29,-36:31:16.7,30")\n',
    'fk5\ncircle(187.2779,-36:31:16.7,30")\n',
    'fk5\ncircle( 187.2779 , -36.5213 , 30")\n',
    'fk5\ncircle(187.2779,-36.5213,30 ")\n',
    "fk5\ncircle(187.2779,-36.5213,30p)\n",
    "fk5\ncircle(187.2779,-36.5213,0.5arcmin)\n",
    "fk5\ncircle(187.2779d,-36.5213d,0.01d)\n",
    'fk5\nbox(187.2779,-36.5213,30",20",45d)\n',
    'fk5\ncircle(187.2779,-36.5213,30")',
    'fk5\ncircle(187.2779,-36.5213,30") ',
    'fk5\ncircle(187.2779,-36.5213,30") \n',
    'fk5\r\ncircle(187.2779,-36.5213,30")\r\n',
    'fk5;circle(187.2779,-36.5213,30")\ncircle(60,60,5)\n',
    'fk5;\ncircle(187.2779,-36.5213,30")\n',
    'fk5; circle(187.2779,-36.5213,30")\n',
    'FK5;-CIRCLE(187.2779,-36.5213,30")\n',
    'wcs;circle(187.2779,-36.5213,30")\n',
    'j2000\ncircle(187.2779,-36.5213,30")\n',
    'galactic\ncircle(187.2779,-36.5213,30")\n',
    "galactic;circle(300,26,30)\n",
    "linear;circle(60,60,5)\n",
    "linear\ncircle(60,60,5)\n",
    'image\ncircle(60,60,12.3")\n',
    "image;circle(60,60,5)#color=red\nphysical;box(70,70,5,5) # text={(}\n",
    "imagecircle(1,2,3)\ncircle(60,60,5)\n",
    "circle(60,60,5) circle(80,80,5)\n",
    "circle(60,60,5);circle(80,80,5)\n",
    "circle(60,60,5);\n",
    "circle(60,60,5) || composite=1\n",
    "circle 60 60 5\n",
    "circle(60 60 5)\n",
    "circle(60,60)\n",
    "circle(60,60,5,5)\n",
    "circle((60,60,5)\n",
    "circle(60,60,5\n",
    "circle)60,60,5(\n",
    "circle(60,60,# 5)\n",
    "circle(sixty,60,5)\n",
    "circle(6e1,.6E+2,+5.)\n",
    "circle(60,60,-5)\n",
    " + circle (60,60,5)\n - circle (60,60,2)\n",
    "+-circle(60,60,5)\n",
    "!circle(60,60,5)\n",
    "-(60,60,5)\n",
    "annulus(60,60,5,10,15)\n",
    "polygon(50,50,70,50)\n",
    "polygon(50,50,70,50,60)\n",
    "elliptannulus(60,60,2,3,5,6,7)\n",
    "rotbox(60,60,20,10,30)\nrhombus(60,60,20,10,30)\nsector(60,60,10,20)\n",
    "vector(60,60,10,20)\n",
    "#format: pixel\ncircle(60,60,5)\n",
    '#  FORMAT: hms\ncircle(12:29:06.7,-36:31:16.7,30")\n',
    "# format: degrees\ncircle(187.2779,-36.5213,0.01d)\n",
    "# format: furlongs\ncircle(60,60,5)\n",
    "circle(60,60,5)\n# format: pixel\n",
    "global color=green\nGLOBE trotter\ncircle(60,60,5)\n",
    "globalcircle(60,60,5)\ncircle(60,60,9)\n",
    "\n\n   \n# comment\n   # comment\ncircle(60,60,5)\n\n",
    "\ufefffk5\ncircle(60,60,5)\n".encode().decode("latin-1"),
    'fk5\ncircle(7.2779,36.5213,30")\n',
    "panda(60,60,0,360,1,0,20,1)\npanda(60,60,-500,700,1,5,20,1)\n",
]


@pytest.mark.parametrize("text", ODDITIES)
def test_odd_text_is_read_as_cfitsio_reads_it(oracle: Oracle, text: str) -> None:
    assert_same(oracle, text)
