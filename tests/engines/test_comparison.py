"""Official products beside the live extraction: equal counts, named differences, factors."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.engines.base import Product, TaskResult
from nustar_widgets.engines.comparison import Comparison, PartComparison, compare
from nustar_widgets.engines.comparison_parts import KEPT
from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.events.regionfile import format_region
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.session.provenance import Provenance
from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile
from nustar_widgets.simulate import SimulatedObservation
from nustar_widgets.spectra.ogip import (
    LightCurveTable,
    Spectrum,
    write_light_curve,
    write_pha,
)
from tests.standins.here import Here

PARTS = [
    "source spectrum",
    "background spectrum",
    "source light curve",
    "background light curve",
    "image",
]
# Without these steps nuproducts needs no calibration database.
PLAIN = {"correctlc": False, "runbackscale": False, "runmkarf": False, "runmkrmf": False}


def nuproducts(sample: SimulatedObservation, **more: Any) -> TaskCall:
    truth = sample.truth.of("FPMA")
    circles = {
        "src.reg": SkyCircle(truth.ra_deg, truth.dec_deg, 60.0),
        "bkg.reg": SkyCircle(truth.ra_deg, truth.dec_deg + 0.06, 60.0),
    }
    params = {
        "indir": str(sample.path / "event_cl"),
        "instrument": "FPMA",
        "steminputs": f"nu{sample.obsid}",
        "srcregionfile": "src.reg",
        "bkgregionfile": "bkg.reg",
    } | more
    return TaskCall(
        task="nuproducts",
        params=tuple((name, value) for name, value in params.items() if value is not None),
        files=tuple(
            TextFile(name=name, text=format_region(SkyRegion((circle,))))
            for name, circle in circles.items()
        ),
    )


@pytest.fixture(scope="module")
def plain(
    heasoft: Here, sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TaskResult, Path]:
    """Run nuproducts without calibration; tests must not change its files."""
    folder = tmp_path_factory.mktemp("plain")
    return HeasoftEngine(heasoft.environ).run(nuproducts(sample, **PLAIN), folder=folder), folder


@pytest.fixture(scope="module")
def corrected(
    standin: Here, sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TaskResult, Path]:
    """Run the stand-in, which pretends its calibration; tests must not change its files."""
    folder = tmp_path_factory.mktemp("corrected")
    call = nuproducts(sample, hkfile=str(sample.housekeeping_file("FPMA")))
    return HeasoftEngine(standin.environ).run(call, folder=folder), folder


@pytest.fixture
def doctored(plain: tuple[TaskResult, Path], tmp_path: Path) -> tuple[TaskResult, Path]:
    """Copy a run, so that its products can be changed."""
    result, old = plain
    folder = tmp_path / "run"
    shutil.copytree(old, folder)
    moved = tuple(
        replace(item, path=folder / item.path.relative_to(old)) for item in result.products
    )
    return replace(result, products=moved), folder


def changed(result: TaskResult, kind: str, extension: int, change: Callable[[Any], Any]) -> None:
    path = result.path(kind)
    assert path is not None
    with fits.open(path, mode="update") as hdus:
        change(hdus[extension])


def part(compared: Comparison, kind: str) -> PartComparison:
    found = compared.part(kind)
    assert found is not None, compared.not_compared
    return found


def factors(compared: Comparison, kind: str) -> dict[str, float]:
    return factors_of(part(compared, kind))


def factors_of(found: PartComparison) -> dict[str, float]:
    return {factor.name: factor.value for factor in found.factors}


def test_without_calibration_everything_is_equal(plain: tuple[TaskResult, Path]) -> None:
    result, folder = plain
    compared = compare(result, folder=folder)
    assert [item.kind for item in compared.parts] == PARTS
    assert compared.equal
    assert compared.not_compared == ()
    assert [item.places for item in compared.parts][:2] == [4096, 4096]
    assert all(item.official_counts == item.live_counts > 0 for item in compared.parts)
    assert all(factor.is_one for item in compared.parts for factor in item.factors)
    counts = part(compared, "source spectrum").official_counts
    assert compared.summary()[:2] == [
        f"source spectrum: {counts} counts, equal to the live extraction in all 4096 channels",
        "BACKSCAL and EXPOSURE as in the live extraction",
    ]


def test_comparing_changes_no_file_and_leaves_none(plain: tuple[TaskResult, Path]) -> None:
    def seen(folder: Path) -> dict[str, str]:
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    result, folder = plain
    before = seen(folder)
    compare(result, folder=folder)
    assert seen(folder) == before


def test_calibration_comes_out_as_factors(corrected: tuple[TaskResult, Path]) -> None:
    result, folder = corrected
    compared = compare(result, folder=folder)
    assert compared.equal
    for kind in PARTS[:2]:
        assert factors(compared, kind) == pytest.approx({"BACKSCAL": 0.93, "EXPOSURE": 1.0})
    assert "BACKSCAL 0.93 of the pixel area: weighted with the exposure map" in compared.summary()
    for kind, rest in (
        ("source light curve", "PSF and vignetting"),
        ("background light curve", "exposure"),
    ):
        found = factors(compared, kind)
        assert set(found) == {"RATE", "livetime", rest}
        assert found["RATE"] == pytest.approx(1.4, rel=1e-6)
        assert 1.0 < found["livetime"] < 1.1
        # The factors are medians of the bins, so they multiply up to the whole only nearly.
        assert found["livetime"] * found[rest] == pytest.approx(1.4, rel=1e-2)
    assert compared.not_compared == (
        "arf: made from the calibration, which the live extraction does not have",
        "rmf: made from the calibration, which the live extraction does not have",
    )


def test_without_housekeeping_the_livetime_is_not_told_apart(
    standin: Here, sample: SimulatedObservation, tmp_path: Path
) -> None:
    result = HeasoftEngine(standin.environ).run(nuproducts(sample), folder=tmp_path)
    compared = compare(result, folder=tmp_path)
    assert factors(compared, "source light curve") == pytest.approx({"RATE": 1.4})


def test_housekeeping_is_looked_for_where_nuproducts_does(
    standin: Here, sample: SimulatedObservation, tmp_path: Path
) -> None:
    shutil.copytree(sample.path / "event_cl", tmp_path / "event_cl")
    shutil.copy(sample.housekeeping_file("FPMA"), tmp_path / "event_cl")
    call = nuproducts(sample, indir="event_cl", outdir="made", clobber=True)
    result = HeasoftEngine(standin.environ).run(call, folder=tmp_path)
    compared = compare(result, folder=tmp_path)
    assert compared.equal
    assert "livetime" in factors(compared, "source light curve")
    assert part(compared, "image").official_path == f"made/nu{sample.obsid}A01_sk.img"


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({"lcpsfflag": False, "lcvignflag": False}, "other corrections"),
        ({"lcvignflag": False}, "PSF"),
        ({"extended": True}, "vignetting and exposure"),
    ],
)
def test_the_rest_of_the_rate_is_named_by_what_the_call_asked_for(
    corrected: tuple[TaskResult, Path], flags: dict[str, bool], name: str
) -> None:
    result, folder = corrected
    call = replace(result.call, params=(*result.call.params, *flags.items()))
    compared = compare(replace(result, call=call), folder=folder)
    assert list(factors(compared, "source light curve")) == ["RATE", "livetime", name]


def test_one_channel_that_differs_is_named(doctored: tuple[TaskResult, Path]) -> None:
    result, folder = doctored

    def change(hdu: Any) -> None:
        hdu.data["COUNTS"][57] += 3

    changed(result, "source spectrum", 1, change)
    compared = compare(result, folder=folder)
    found = part(compared, "source spectrum")
    assert (found.equal, found.n_different) == (False, 1)
    difference = found.differences[0]
    assert difference.where == "channel 57"
    assert difference.live is not None
    assert difference.official == difference.live + 3
    assert found.official_counts == found.live_counts + 3
    assert found.summary()[0] == (
        f"source spectrum: {found.official_counts} counts, {found.live_counts} in the live "
        f"extraction; 1 of 4096 channels differs: channel 57 has {difference.official}, live "
        f"{difference.live}"
    )
    assert not compared.equal
    assert all(item.equal for item in compared.parts if item.kind != "source spectrum")


def test_one_bin_and_one_pixel_that_differ_are_named(doctored: tuple[TaskResult, Path]) -> None:
    result, folder = doctored

    def one_count_less(hdu: Any) -> None:
        row = int(np.flatnonzero(hdu.data["RATE"] > 0)[4])
        hdu.data["RATE"][row] -= 1 / (hdu.data["FRACEXP"][row] * hdu.header["TIMEDEL"])

    def one_count_more(hdu: Any) -> None:
        hdu.data[9, 4] += 1

    changed(result, "background light curve", 1, one_count_less)
    changed(result, "image", 0, one_count_more)
    compared = compare(result, folder=folder)
    curve, image = (part(compared, kind) for kind in ("background light curve", "image"))
    assert (curve.n_different, curve.live_counts - curve.official_counts) == (1, 1)
    assert curve.differences[0].where.startswith("bin ")
    assert image.n_different == 1
    assert image.differences[0].where == "pixel X=5 Y=10"
    assert (image.differences[0].official, image.differences[0].live) == (1, 0)


def test_a_bin_only_one_side_has_is_a_difference(doctored: tuple[TaskResult, Path]) -> None:
    result, folder = doctored

    def drop(hdu: Any) -> None:
        hdu.data = hdu.data[1:]

    changed(result, "source light curve", 1, drop)
    found = part(compare(result, folder=folder), "source light curve")
    assert found.n_different == 1
    assert found.differences[0].official is None
    assert found.differences[0].where.startswith("bin 1 (at ")
    assert "bin 1 (at " in found.summary()[0]
    assert " has none, live " in found.summary()[0]


def test_a_light_curve_without_counts_has_no_factors(
    corrected: tuple[TaskResult, Path], doctored: tuple[TaskResult, Path]
) -> None:
    result, folder = doctored

    def empty(hdu: Any) -> None:
        hdu.data["RATE"][:] = 0

    changed(result, "source light curve", 1, empty)
    call = replace(result.call, params=corrected[0].call.params)
    found = part(compare(replace(result, call=call), folder=folder), "source light curve")
    assert found.official_counts == 0 < found.live_counts
    assert [factor.name for factor in found.factors] == ["livetime"]


def test_many_differences_are_counted_and_the_first_kept(
    doctored: tuple[TaskResult, Path],
) -> None:
    result, folder = doctored

    def change(hdu: Any) -> None:
        hdu.data["COUNTS"][100:400] += 1

    changed(result, "source spectrum", 1, change)
    found = part(compare(result, folder=folder), "source spectrum")
    assert (found.n_different, len(found.differences)) == (300, KEPT)
    assert found.summary()[0].endswith("; and 297 more")


def test_it_is_plain_json_and_comes_back_equal(doctored: tuple[TaskResult, Path]) -> None:
    result, folder = doctored

    def change(hdu: Any) -> None:
        hdu.data["COUNTS"][57] += 3

    changed(result, "source spectrum", 1, change)
    compared = compare(result, folder=folder)
    text = json.dumps(compared.to_dict(), allow_nan=False)
    assert Comparison.from_dict(json.loads(text)) == compared
    assert Comparison.from_dict(compared.to_dict()) == compared


def test_parts_one_side_lacks_are_told_and_the_others_compared(
    doctored: tuple[TaskResult, Path],
) -> None:
    result, folder = doctored
    left = tuple(item for item in result.products if item.kind != "image")
    path = result.path("background spectrum")
    assert path is not None
    path.unlink()
    compared = compare(replace(result, products=left), folder=folder)
    assert [item.kind for item in compared.parts] == [PARTS[0], *PARTS[2:4]]
    assert compared.not_compared == (
        f"background spectrum: {path}: there is no such file. Check the name and the folder.",
        "image: nuproducts made none",
    )
    assert compared.summary()[-1] == "not compared: image: nuproducts made none"


def test_a_file_nobody_can_read_costs_only_its_own_part(doctored: tuple[TaskResult, Path]) -> None:
    result, folder = doctored
    for kind in ("source light curve", "image"):
        path = result.path(kind)
        assert path is not None
        path.write_bytes(path.read_bytes()[:4000])
    compared = compare(result, folder=folder)
    assert [item.kind for item in compared.parts] == [PARTS[0], PARTS[1], PARTS[3]]
    assert [text.split(":")[0] for text in compared.not_compared] == [PARTS[2], PARTS[4]]


@pytest.mark.parametrize(
    ("kind", "extension", "change", "says"),
    [
        ("source light curve", 1, "bins", "bins of 11 s. The live extraction has 10 s"),
        ("source light curve", 1, "times", "its bins begin at other times"),
        ("source light curve", 1, "rates", "its counts are no whole numbers"),
        ("image", 0, "size", "999 x 1000 pixels. The live extraction has 1000 x 1000"),
        ("image", 0, "cube", "no image in its first extension"),
    ],
)
def test_products_that_cannot_be_compared_are_told_with_the_reason(
    doctored: tuple[TaskResult, Path], kind: str, extension: int, change: str, says: str
) -> None:
    result, folder = doctored

    def do(hdu: Any) -> None:
        match change:
            case "bins":
                hdu.header["TIMEDEL"] = 11.0
            case "times":
                hdu.header["TIMEZERO"] += 2.5
            case "rates":
                hdu.data["RATE"] *= 1.234
            case "size":
                hdu.data = hdu.data[:, 1:]
            case "cube":
                hdu.data = hdu.data[np.newaxis]

    changed(result, kind, extension, do)
    compared = compare(result, folder=folder)
    assert len(compared.parts) == 4
    assert len(compared.not_compared) == 1
    assert compared.not_compared[0].startswith(f"{kind}: ")
    assert says in compared.not_compared[0]


def test_what_the_call_did_not_ask_for_is_not_missed(
    heasoft: Here, sample: SimulatedObservation, tmp_path: Path
) -> None:
    asked = {"bkgextract": False, "bkgregionfile": None, "imagefile": "NONE", "phafile": "my.pha"}
    result = HeasoftEngine(heasoft.environ).run(
        nuproducts(sample, **PLAIN | asked), folder=tmp_path
    )
    compared = compare(result, folder=tmp_path)
    assert [item.kind for item in compared.parts] == ["source spectrum", "source light curve"]
    assert (compared.equal, compared.not_compared) == (True, ())
    assert part(compared, "source spectrum").official_path == "my.pha"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"barycorr": True, "orbitfile": "orbit.fits", "srcra_barycorr": 10.0},
            "times were barycentred (barycorr=yes): live ones are the satellite's",
        ),
        ({"srcregionfile": "DEFAULT"}, "the embedded engine needs a srcregionfile"),
        ({"indir": "/nowhere"}, "there is no such event list"),
        ({"usrgtifile": "broken.fits"}, "broken.fits"),
    ],
)
def test_what_prevents_comparing_at_all_is_told_and_nothing_raised(
    corrected: tuple[TaskResult, Path], change: dict[str, Any], says: str
) -> None:
    result, folder = corrected
    params = tuple((dict(result.call.params) | change).items())
    compared = compare(replace(result, call=replace(result.call, params=params)), folder=folder)
    assert (compared.parts, compared.equal, len(compared.not_compared)) == ((), False, 1)
    assert says in compared.not_compared[0]
    assert compared.summary() == [f"not compared: {compared.not_compared[0]}"]


def test_other_tasks_have_nothing_to_compare(corrected: tuple[TaskResult, Path]) -> None:
    result, folder = corrected
    other = replace(result, call=TaskCall(task="nupipeline", params=()))
    assert compare(other, folder=folder).not_compared == (
        "nupipeline: only nuproducts has a counterpart",
    )


def test_grouping_and_a_background_of_nuproducts_own_are_left_out(
    corrected: tuple[TaskResult, Path],
) -> None:
    result, folder = corrected
    params = dict(result.call.params) | {"rungrppha": True, "bkgregionfile": "DEFAULT"}
    grouped = Product(kind="grouped spectrum", path=folder / "grp.pha")
    compared = compare(
        replace(
            result,
            call=replace(result.call, params=tuple(params.items())),
            products=(*result.products, grouped),
        ),
        folder=folder,
    )
    assert [item.kind for item in compared.parts] == [PARTS[0], PARTS[2], PARTS[4]]
    assert compared.not_compared[:2] == (
        "background spectrum: the live extraction made none",
        "background light curve: the live extraction made none",
    )
    assert compared.not_compared[-1] == (
        "grouped spectrum: the live extraction groups in a call of its own"
    )


def test_good_times_the_call_brings_are_used(
    plain: tuple[TaskResult, Path], sample: SimulatedObservation
) -> None:
    result, folder = plain
    with fits.open(sample.event_file("FPMA")) as hdus:
        start = float(hdus["GTI"].data["START"][0])
    gti = GtiFile(name="usr.fits", intervals=((start, start + 500.0),))
    call = replace(
        result.call,
        params=(*result.call.params, ("usrgtifile", "usr.fits")),
        files=(*result.call.files, gti),
    )
    found = part(compare(replace(result, call=call), folder=folder), "source spectrum")
    assert 0 < found.live_counts < found.official_counts
    assert factors_of(found)["EXPOSURE"] > 2


def test_a_run_of_real_size_is_equal_in_every_channel(
    shared: Path, heasoft: Here, tmp_path: Path
) -> None:
    result = HeasoftEngine(heasoft.environ).run(real_call(shared, **PLAIN), folder=tmp_path)
    compared = compare(result, folder=tmp_path)
    assert compared.equal
    assert [item.official_counts for item in compared.parts] == [19174, 6821, 16357, 4060, 39137]
    assert compared.summary()[0] == (
        "source spectrum: 19174 counts, equal to the live extraction in all 4096 channels"
    )


def real_call(shared: Path, **more: Any) -> TaskCall:
    folder = shared / "fixtures/extraction"
    params = {
        "indir": str(folder / "obs"),
        "instrument": "FPMA",
        "steminputs": "nu90000000101",
        "srcregionfile": str(folder / "regions/nuproducts_src.reg"),
        "bkgregionfile": str(folder / "regions/nuproducts_bkg.reg"),
    } | more
    return TaskCall(task="nuproducts", params=tuple(params.items()))


def official(call: TaskCall, **products: Path) -> TaskResult:
    provenance = Provenance(call=call, inputs=(), engine="HEASoft 6.20", made_at="")
    return TaskResult(
        call=call,
        products=tuple(
            Product(kind=kind.replace("_", " "), path=path) for kind, path in products.items()
        ),
        provenance=provenance,
    )


def test_what_real_nuproducts_counted_under_user_intervals_is_equal(
    shared: Path, tmp_path: Path
) -> None:
    fixtures = shared / "fixtures/extraction"
    counts = np.load(fixtures / "nuproducts/FPMA_usergti.npz")
    index = json.loads((fixtures / "index.json").read_text(encoding="utf-8"))
    written = index["nuproducts"]["runs"]["FPMA_usergti"]["products"]["nu90000000101A01_sr.pha"]
    spectrum = Spectrum(
        channel=np.arange(4096, dtype=np.int32),
        counts=counts["sr_pha_counts"],
        exposure_s=written["exposure"],
        backscal=written["backscal"],
    )
    path = write_pha(tmp_path / "sr.pha", spectrum)
    call = real_call(shared, usrgtifile=str(fixtures / "obs/user_gti.fits"), **PLAIN)
    result = official(call, source_spectrum=path)
    found = part(compare(result, folder=tmp_path), "source spectrum")
    assert (found.equal, found.official_counts) == (True, 11253)
    # Its dead time is that of the housekeeping beside the events, as nuproducts found it.
    assert factors_of(found)["EXPOSURE"] == pytest.approx(1.0, rel=1e-14)
    assert factors_of(found)["BACKSCAL"] == pytest.approx(1.0, rel=1e-7)


def test_the_livetime_real_nulccorr_applied_leaves_nothing_over(
    shared: Path, tmp_path: Path
) -> None:
    saved = np.load(shared / "fixtures/extraction/expected/nulccorr_FPMA_10s.npz")
    curve = LightCurveTable(
        time_s=saved["time"],
        **{name: saved[name] for name in ("rate", "error", "fracexp", "rate_orig", "error_orig")},
        timezero_s=float(saved["timezero"]),  # with 14 digits, as nulccorr writes it
        timedel_s=float(saved["timedel"]),
    )
    path = write_light_curve(tmp_path / "sr.lc", curve)
    call = real_call(shared, lcpsfflag=False, lcvignflag=False)
    result = official(call, source_light_curve=path)
    found = part(compare(result, folder=tmp_path), "source light curve")
    assert (found.equal, found.official_counts, found.places) == (True, 16357, 1599)
    values = factors_of(found)
    assert 1.05 < values["livetime"] < 1.06
    assert values["RATE"] == pytest.approx(values["livetime"], rel=1e-6)
    assert values["other corrections"] == pytest.approx(1.0, rel=1e-6)
