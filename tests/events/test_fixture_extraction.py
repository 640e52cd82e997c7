"""Every number HEASoft 6.20 wrote for the synthetic observation, to the last bit.

Region files are read as HEASoft reads them, traps included; the pixels, spectra, light curves,
images and exposures must then be those of extractor, xselect, nulivetime and nuproducts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nustar_widgets.errors import RegionError
from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.extract import (
    ExtractedSpectrum,
    extract_image,
    extract_light_curve,
    extract_spectrum,
)
from nustar_widgets.events.gti import Gti
from nustar_widgets.events.heasoftreading import read_as_heasoft
from nustar_widgets.events.lightcurve import LightCurve
from nustar_widgets.events.live import LiveExtractor
from nustar_widgets.events.livetime import Housekeeping
from nustar_widgets.events.pixelmask import PixelMask

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIGHT_CURVE_COLUMNS = {"time_s": "time", "rate": "rate", "error": "error", "fracexp": "fracexp"}


@dataclass(frozen=True)
class Fixtures:
    """The folder of fixtures, its files read once."""

    folder: Path

    @cached_property
    def index(self) -> dict[str, Any]:
        index: dict[str, Any] = json.loads((self.folder / "index.json").read_text())
        return index

    @cached_property
    def events(self) -> dict[str, EventList]:
        return {
            module: EventList.read(self.folder / self.index["files"][f"{module}_events"])
            for module in ("FPMA", "FPMB")
        }

    @cached_property
    def live(self) -> LiveExtractor:
        return LiveExtractor.of(self.events["FPMA"])

    @cached_property
    def user_gti(self) -> Gti:
        return Gti.read(self.folder / self.index["files"]["user_gti"])

    def housekeeping(self, module: str) -> Housekeeping:
        return Housekeeping.read(self.folder / self.index["files"][f"{module}_hk"])

    def mask(self, region: str, module: str = "FPMA") -> PixelMask:
        grid = self.events[module].grid
        text = (self.folder / region).read_bytes().decode("latin-1")
        return read_as_heasoft(text, grid).mask(grid)

    def arrays(self, file: str) -> dict[str, NDArray[Any]]:
        with np.load(self.folder / file) as saved:
            return {name: saved[name] for name in saved}


@pytest.fixture(scope="module")
def fixtures(shared: Path) -> Fixtures:
    return Fixtures(shared / "fixtures/extraction")


def assert_spectrum(spectrum: ExtractedSpectrum, expected: dict[str, NDArray[Any]]) -> None:
    assert np.array_equal(spectrum.counts, expected["counts"])
    assert spectrum.backscal == np.float32(expected["backscal"])
    assert spectrum.exposure.ontime_s == expected["ontime"]
    assert spectrum.exposure.exposure_s == expected["exposure"] == expected["livetime"]
    assert np.float32(spectrum.exposure.deadc) == np.float32(expected["deadc"])


def assert_light_curve(curve: LightCurve, expected: dict[str, NDArray[Any]], prefix: str) -> None:
    for ours, theirs in LIGHT_CURVE_COLUMNS.items():
        column, reference = getattr(curve, ours), expected[prefix + theirs]
        assert column.dtype == reference.dtype
        assert np.array_equal(column, reference), ours
    assert curve.timezero == expected[prefix + "timezero"]


def assert_pixels(mask: PixelMask, case: dict[str, Any], expected: dict[str, NDArray[Any]]) -> None:
    """Compare with the tool's WMAP, which covers the region, or all events without a region."""
    if "wmap_inside" not in expected:
        assert mask.n_pixels == 0
        return
    height, width = expected["wmap_shape"].tolist()
    x, y = expected["wmap_origin"].tolist()
    bits = np.unpackbits(expected["wmap_inside"])[: height * width]
    wmap = PixelMask(y - 1, x - 1, bits.reshape(height, width).astype(np.bool_))
    if case["wmap_pixels"] != mask.n_pixels and case["backscal"] == 1.0:
        assert mask.inside.all()  # no region: the WMAP is only as large as the events need
    else:
        assert mask.same_pixels(wmap)


def test_every_region_case_is_reproduced_to_the_last_bit(fixtures: Fixtures) -> None:
    events = fixtures.events["FPMA"]
    seen = 0
    for case in fixtures.index["cases"]:
        if case["expected"] is None:
            continue
        expected, mask = fixtures.arrays(case["expected"]), fixtures.mask(case["region"])
        assert_pixels(mask, case, expected)
        assert_spectrum(extract_spectrum(events, mask), expected)
        for bin_s in (10, 256):
            curve = extract_light_curve(events, mask, bin_s=float(bin_s))
            assert_light_curve(curve, expected, f"lc{bin_s}_")
            assert len(curve) == case[f"lc{bin_s}_rows"]
        result = fixtures.live.move(mask)
        assert np.array_equal(result.spectrum, expected["counts"])
        assert (result.counts, result.band_counts) == (case["total_counts"], case["band_counts"])
        assert fixtures.live.index.counts(mask) == (result.counts, result.band_counts)
        seen += 1
    assert seen == 37


def test_region_files_that_crash_the_extractor_are_refused(fixtures: Fixtures) -> None:
    crashes = [case for case in fixtures.index["cases"] if case["expected"] is None]
    assert [case["name"] for case in crashes] == ["trap_empty_file"]
    with pytest.raises(RegionError, match="HEASoft's extractor crashes"):
        fixtures.mask(crashes[0]["region"])


@pytest.mark.parametrize(("name", "band"), [("image_band", (35, 1909)), ("image_all", None)])
def test_images_are_reproduced_pixel_for_pixel(
    fixtures: Fixtures, name: str, band: tuple[int, int] | None
) -> None:
    saved = fixtures.arrays(fixtures.index[name]["file"])
    expected = np.zeros(saved["shape"], np.int32)
    expected[saved["row"], saved["col"]] = saved["value"]
    assert np.array_equal(extract_image(fixtures.events["FPMA"], band=band), expected)


def test_a_region_under_user_intervals_is_reproduced_to_the_last_bit(fixtures: Fixtures) -> None:
    events, user_gti = fixtures.events["FPMA"], fixtures.user_gti
    case = fixtures.index["user_gti"]["region_case"]
    expected, mask = fixtures.arrays(case["expected"]), fixtures.mask(case["region"])
    spectrum = extract_spectrum(
        events, mask, user_gti=user_gti, housekeeping=fixtures.housekeeping("FPMA")
    )
    assert_spectrum(spectrum, expected)
    assert len(spectrum.gti) == case["gti_rows"]
    for bin_s in (10, 256):
        curve = extract_light_curve(events, mask, bin_s=float(bin_s), user_gti=user_gti)
        assert_light_curve(curve, expected, f"lc{bin_s}_")


@pytest.mark.parametrize("run", ["FPMA", "FPMB", "FPMA_usergti"])
def test_nuproducts_runs_are_reproduced_to_the_last_bit(fixtures: Fixtures, run: str) -> None:
    module = run[:4]
    events, hk = fixtures.events[module], fixtures.housekeeping(module)
    user_gti = fixtures.user_gti if run.endswith("usergti") else None
    stem = f"nu90000000101{module[3]}01"
    products = fixtures.index["nuproducts"]["runs"][run]["products"]
    for role, region in (("sr", "source"), ("bk", "background")):
        mask = fixtures.mask(fixtures.index["nuproducts"][region], module)
        spectrum = extract_spectrum(events, mask, user_gti=user_gti, housekeeping=hk)
        assert_written_spectrum(spectrum, products[f"{stem}_{role}.pha"])
        curve = extract_light_curve(events, mask, user_gti=user_gti)
        assert_written_light_curve(curve, products[f"{stem}_{role}.lc"])
    image = extract_image(events, band=(35, 1909), user_gti=user_gti)
    assert sha256(image, "<i4") == products[f"{stem}_sk.img"]["sha256_image_int32_le"]


def assert_written_spectrum(spectrum: ExtractedSpectrum, product: dict[str, Any]) -> None:
    assert sha256(spectrum.counts, "<i4") == product["sha256_counts_int32_le"]
    assert int(spectrum.counts[35:1910].sum()) == product["band_counts"]
    assert spectrum.backscal == np.float32(product["backscal"])
    assert as_keyword(spectrum.exposure.ontime_s) == product["ontime"]
    assert as_keyword(spectrum.exposure.exposure_s) == product["exposure"]


def assert_written_light_curve(curve: LightCurve, product: dict[str, Any]) -> None:
    assert sha256(curve.rate, "<f4") == product["sha256_rate_float32_le"]
    assert sha256(curve.error, "<f4") == product["sha256_error_float32_le"]
    assert sha256(curve.fracexp, "<f4") == product["sha256_fracexp_float32_le"]
    assert sha256(curve.time_s, "<f8") == product["sha256_time_float64_le"]
    assert (len(curve), curve.timezero) == (product["rows"], product["timezero"])
    assert int(curve.counts.sum()) == product["total_counts"]


def test_trap_regions_in_nuproducts_give_its_counts(fixtures: Fixtures) -> None:
    traps = fixtures.index["nuproducts_traps"]
    events = fixtures.events["FPMA"]
    for name, run in traps.items():
        if run["exit_status"] != 0:
            with pytest.raises(RegionError):
                fixtures.mask(run["region"])
            continue
        spectrum = extract_spectrum(events, fixtures.mask(run["region"]))
        assert spectrum.counts.sum() == run["total_counts"]["nu90000000101A01_sr.pha"], name
        band = int(spectrum.counts[35:1910].sum())
        assert band == run["total_counts"]["nu90000000101A01_sr.lc"], name


def as_keyword(value: float) -> float:
    """A number as the extractor writes it into a header: sixteen digits."""
    return float(f"{value:.15E}")


def sha256(values: NDArray[Any], kind: str) -> str:
    return hashlib.sha256(values.astype(kind).tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("file", "n_events"),
    [
        ("NuSTAR+nustar-clock-utils/nuclockutils/tests/data/dummy_evt.evt", 937),
        ("ianan+nustar_sac/python/nu90410111001A06_cl_sunpos.evt", 9442),
    ],
)
def test_real_event_lists_are_extracted_whole(shared: Path, file: str, n_events: int) -> None:
    events = EventList.read(shared / "data" / file)
    everything = PixelMask.everything(events.grid)
    spectrum = extract_spectrum(events, everything)
    assert spectrum.counts.sum() == n_events
    assert extract_image(events).sum() == n_events
    assert extract_light_curve(events, everything, band=(0, 4095)).counts.sum() == n_events
    result = LiveExtractor.of(events).move(everything)
    assert np.array_equal(result.spectrum, spectrum.counts)
    assert spectrum.exposure.exposure_s == pytest.approx(events.exposure_s, rel=6e-8)
