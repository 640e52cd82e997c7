"""The embedded engine against complete nuproducts runs of HEASoft, call for call."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.errors import RegionError
from nustar_widgets.session.taskcall import ParamValue, TaskCall

STEM = "nu90000000101"


def call(obs: Path, module: str, source: Path, background: Path, *more: Any) -> TaskCall:
    params: tuple[tuple[str, ParamValue], ...] = (
        ("indir", str(obs)),
        ("instrument", module),
        ("steminputs", STEM),
        ("srcregionfile", str(source)),
        ("bkgregionfile", str(background)),
        ("runmkarf", False),
        ("runmkrmf", False),
        ("correctlc", False),
        ("runbackscale", False),
        *more,
    )
    return TaskCall(task="nuproducts", params=params)


@pytest.fixture(scope="module")
def index(shared: Path) -> dict[str, Any]:
    text = (shared / "fixtures/extraction/index.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def digest(values: Any, kind: str) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).astype(kind).tobytes()).hexdigest()


@pytest.mark.parametrize("run", ["FPMA", "FPMB", "FPMA_usergti"])
def test_every_product_of_a_real_nuproducts_run_is_equal(
    shared: Path, index: dict[str, Any], tmp_path: Path, run: str
) -> None:
    folder = shared / "fixtures/extraction"
    regions = folder / "regions"
    more = [("usrgtifile", str(folder / "obs/user_gti.fits"))] if "usergti" in run else []
    # With the corrections switched off the housekeeping is still what nulivetime needs.
    more += [("hkfile", str(folder / f"obs/{STEM}{run[3]}_fpm.hk.gz"))]
    engine = EmbeddedEngine()
    engine.run(
        call(
            folder / "obs",
            run[:4],
            regions / "nuproducts_src.reg",
            regions / "nuproducts_bkg.reg",
            *more,
        ),
        folder=tmp_path,
    )
    compared = 0
    for name, expected in index["nuproducts"]["runs"][run]["products"].items():
        if name.endswith(("_grp.pha", ".flc")):
            continue  # made by grppha and lcurve, which are not part of this call
        compared += 1
        with fits.open(tmp_path / name) as hdus:
            if name.endswith(".pha"):
                compare_spectrum(hdus["SPECTRUM"], expected)
            elif name.endswith(".lc"):
                compare_curve(hdus["RATE"], expected)
            else:
                assert digest(hdus[0].data, "<i4") == expected["sha256_image_int32_le"]
    assert compared >= 5


def compare_spectrum(hdu: Any, expected: dict[str, Any]) -> None:
    assert digest(hdu.data["COUNTS"], "<i4") == expected["sha256_counts_int32_le"]
    assert hdu.header["BACKSCAL"] == pytest.approx(expected["backscal"], rel=1e-7)
    for key in ("exposure", "ontime", "livetime"):
        assert hdu.header[key.upper()] == pytest.approx(expected[key], rel=1e-14)
    for key in ("backfile", "respfile", "ancrfile"):
        assert hdu.header[key.upper()] == expected[key]
    assert hdu.header["DEADC"] == pytest.approx(expected["deadc"], rel=1e-8)


def compare_curve(hdu: Any, expected: dict[str, Any]) -> None:
    for column in ("rate", "error", "fracexp"):
        assert digest(hdu.data[column.upper()], "<f4") == expected[f"sha256_{column}_float32_le"], (
            column
        )
    assert digest(hdu.data["TIME"], "<f8") == expected["sha256_time_float64_le"]
    assert hdu.header["TIMEZERO"] == expected["timezero"]


def test_trap_regions_give_what_nuproducts_gave(
    shared: Path, index: dict[str, Any], tmp_path: Path
) -> None:
    folder = shared / "fixtures/extraction"
    engine = EmbeddedEngine()
    for name, expected in index["nuproducts_traps"].items():
        out = tmp_path / name
        out.mkdir()
        request = call(
            folder / "obs",
            "FPMA",
            folder / expected["region"],
            folder / "regions/nuproducts_bkg.reg",
        )
        if expected["exit_status"] != 0:
            with pytest.raises(RegionError, match="crashes"):
                engine.run(request, folder=out)
            assert list(out.iterdir()) == []
            continue
        engine.run(request, folder=out)
        with fits.open(out / f"{STEM}A01_sr.pha") as hdus:
            total = int(hdus["SPECTRUM"].data["COUNTS"].sum())
        assert total == expected["total_counts"][f"{STEM}A01_sr.pha"], name
