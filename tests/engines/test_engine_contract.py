"""One suite for both engines: the same call means the same and makes the same.

HEASoft is the stand-in, whose events are counted by CFITSIO's own region filter; with
``-m heasoft`` it is the real one.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.engines.base import Engine
from nustar_widgets.session.provenance import Provenance, why_stale
from nustar_widgets.session.taskcall import ParamValue, TaskCall
from nustar_widgets.simulate import SimulatedObservation
from tests.engines.contractcall import (
    BIN_S,
    KINDS,
    SHORT,
    STEM,
    Products,
    ftgrouppha,
    names,
    nuproducts,
    texts,
)

BAND = (35, 1909)  # of light curves and image, where the call is silent


def inside(sample: SimulatedObservation, folder: Path, name: str) -> Any:
    """Events CFITSIO's own region filter keeps."""
    path = f'{sample.event_file("FPMA")}[EVENTS][regfilter("{folder / name}",X,Y)]'
    with fitsio.FITS(path) as kept:
        return kept[1].read(columns=["PI", "TIME", "X", "Y"])


def in_band(rows: Any) -> Any:
    return rows[(rows["PI"] >= BAND[0]) & (rows["PI"] <= BAND[1])]


def table(folder: Path, kind: str) -> Any:
    with fits.open(folder / KINDS[kind]) as hdus:
        rows = hdus[1].data
        return {name: np.array(rows[name]) for name in rows.columns.names}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "spectrum" in kind])
def test_a_spectrum_holds_what_cfitsio_counts_in_each_channel(
    products: Products, sample: SimulatedObservation, kind: str
) -> None:
    rows = inside(sample, products.folder, "src.reg" if "source" in kind else "bkg.reg")
    expected = np.bincount(rows["PI"], minlength=4096)
    counts = table(products.folder, kind)["COUNTS"]
    assert expected.sum() > (1000 if "source" in kind else 100)
    assert counts.shape == (4096,)
    assert np.array_equal(counts, expected)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "light" in kind])
def test_a_light_curve_holds_what_cfitsio_counts_in_the_band(
    products: Products, sample: SimulatedObservation, kind: str
) -> None:
    rows = in_band(inside(sample, products.folder, "src.reg" if "source" in kind else "bkg.reg"))
    curve = table(products.folder, kind)
    counts = curve["RATE"] * curve["FRACEXP"] * BIN_S
    assert len(counts) > 20
    assert counts.sum() == pytest.approx(len(rows), rel=1e-5)
    assert counts == pytest.approx(np.rint(counts), abs=0.01)
    assert np.abs(curve["ERROR"] * curve["FRACEXP"] * BIN_S) == pytest.approx(
        np.sqrt(np.rint(counts)), rel=1e-4
    )


def test_the_image_is_of_the_whole_plane_in_the_band(
    products: Products, sample: SimulatedObservation
) -> None:
    rows = in_band(
        fitsio.read(str(sample.event_file("FPMA")), ext="EVENTS", columns=["X", "Y", "PI"])
    )
    expected = np.zeros((1000, 1000), int)
    np.add.at(expected, (rows["Y"] - 1, rows["X"] - 1), 1)
    image = fits.getdata(products.folder / KINDS["image"])
    assert expected.sum() > 1000
    assert np.array_equal(image, expected)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "image"])
def test_both_engines_make_the_same_of_one_call(made: dict[str, Products], kind: str) -> None:
    one, other = made["embedded"].folder, made["heasoft"].folder
    mine, theirs = table(one, kind), table(other, kind)
    compared = set(mine) & set(theirs)
    assert compared in ({"CHANNEL", "COUNTS"}, {"TIME", "RATE", "ERROR", "FRACEXP"})
    for column in compared:
        assert mine[column] == pytest.approx(theirs[column], rel=1e-6), column
    headers = [fits.getheader(folder / KINDS[kind], 1) for folder in (one, other)]
    keys = ("BACKSCAL", "EXPOSURE") if "spectrum" in kind else ("TIMEDEL", "TIMEZERO")
    for key in keys:
        assert headers[0][key] == pytest.approx(headers[1][key], rel=1e-7), key


def test_a_spectrum_names_its_background_and_no_response_that_is_not_there(
    products: Products,
) -> None:
    header = fits.getheader(products.folder / KINDS["source spectrum"], 1)
    told = [header[key].strip() for key in ("BACKFILE", "RESPFILE", "ANCRFILE")]
    assert told == [f"{STEM}_bk.pha", "none", "none"]


def test_every_product_is_told_by_kind_and_lies_where_it_was_asked_for(products: Products) -> None:
    told = {item.kind: item.path for item in products.result.products}
    assert {kind: told.get(kind) for kind in KINDS} == {
        kind: products.folder / name for kind, name in KINDS.items()
    }
    assert products.result.path("source spectrum") == products.folder / f"{STEM}_sr.pha"
    assert products.result.path("arf") is None
    made = {item.path.name for item in products.result.products}
    assert made | {"src.reg", "bkg.reg"} == names(products.folder)


def test_the_calls_own_files_appear_beside_the_products(
    products: Products, sample: SimulatedObservation
) -> None:
    for name, text in texts(sample).items():
        assert (products.folder / name).read_text(encoding="utf-8") == text


def test_provenance_names_the_call_the_engine_and_the_events_with_size_and_hash(
    products: Products, sample: SimulatedObservation
) -> None:
    provenance, call = products.result.provenance, nuproducts(sample)
    events = sample.event_file("FPMA")
    known = {item.path: item for item in provenance.inputs}
    assert provenance.call == products.result.call == call
    assert known[str(events)].size == events.stat().st_size
    assert known[str(events)].sha256 == hashlib.sha256(events.read_bytes()).hexdigest()
    assert len(known) == len(provenance.inputs)
    assert provenance.engine
    assert "nustar_widgets" in dict(provenance.versions)
    assert dict(provenance.regions) == texts(sample)
    assert why_stale(provenance, call, folder=products.folder) is None


def test_provenance_survives_being_written_as_json(products: Products) -> None:
    saved = json.loads(json.dumps(products.result.provenance.to_dict()))
    assert Provenance.from_dict(saved) == products.result.provenance
    assert (
        saved["region_sha256"]["src.reg"]
        == hashlib.sha256((products.folder / "src.reg").read_bytes()).hexdigest()
    )


def test_region_files_of_ones_own_are_inputs_too(
    engine: Engine, sample: SimulatedObservation, tmp_path: Path
) -> None:
    for name, text in texts(sample).items():
        (tmp_path / f"my {name}").write_text(text, encoding="utf-8")
    run = tmp_path / "run"
    run.mkdir()
    call = TaskCall(
        task="nuproducts",
        params=nuproducts(
            sample,
            srcregionfile=str(tmp_path / "my src.reg"),
            bkgregionfile="../my bkg.reg",
            lcfile="NONE",
            bkglcfile="NONE",
            imagefile="NONE",
        ).params,
    )
    provenance = engine.run(call, folder=run).provenance
    read = {Path(os.path.normpath(run / item.path)) for item in provenance.inputs}
    assert {tmp_path / "my src.reg", tmp_path / "my bkg.reg"} <= read
    assert why_stale(provenance, call, folder=run) is None
    (tmp_path / "my bkg.reg").write_text("fk5\n", encoding="utf-8")
    reason = why_stale(provenance, call, folder=run)
    assert reason is not None
    assert reason.endswith("my bkg.reg has changed")


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"bkgextract": "n", "bkgregionfile": None, "bkglcfile": None}, {f"{STEM}_sr.pha"}),
        ({"phafile": "mine.pha", "bkgphafile": "none"}, {"mine.pha"}),
        ({"outdir": "spectra/new", "bkgphafile": "NONE"}, {f"spectra/new/{STEM}_sr.pha"}),
        ({"stemout": "mine", "bkgphafile": "NONE"}, {"mine_sr.pha"}),
        ({"instrument": "fpma", "bkgphafile": "NONE"}, {f"{STEM}_sr.pha"}),
    ],
)
def test_products_are_named_and_left_out_alike(
    engine: Engine,
    sample: SimulatedObservation,
    tmp_path: Path,
    change: dict[str, ParamValue | None],
    wanted: set[str],
) -> None:
    result = engine.run(nuproducts(sample, **(SHORT | change)), folder=tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == wanted | {"src.reg", "bkg.reg"}
    assert {str(item.path.relative_to(tmp_path)) for item in result.products} == wanted


def test_progress_is_told(engine: Engine, sample: SimulatedObservation, tmp_path: Path) -> None:
    heard: list[str] = []
    engine.run(nuproducts(sample, **SHORT), folder=tmp_path, progress=heard.append)
    assert heard
    assert all(text.strip() for text in heard)


@pytest.mark.usefixtures("groups")
def test_grouping_is_the_same_in_every_channel(
    engines: dict[str, Engine], made: dict[str, Products], tmp_path: Path
) -> None:
    flags = {}
    for name, engine in engines.items():
        folder = tmp_path / name
        folder.mkdir()
        spectrum = made[name].folder / f"{STEM}_sr.pha"
        result = engine.run(ftgrouppha(spectrum), folder=folder)
        assert result.path("grouped spectrum") == folder / "grouped.pha"
        assert names(folder) == {"grouped.pha"}
        assert str(spectrum) in {item.path for item in result.provenance.inputs}
        with fits.open(folder / "grouped.pha") as hdus:
            rows = hdus["SPECTRUM"].data
            flags[name] = np.array(rows["GROUPING"])
            assert np.array_equal(
                rows["COUNTS"], table(made[name].folder, "source spectrum")["COUNTS"]
            )
    assert np.array_equal(flags["embedded"], flags["heasoft"])
    assert set(np.unique(flags["embedded"])) == {-1, 1}
    starts = np.flatnonzero(flags["embedded"] == 1)
    counts = table(made["embedded"].folder, "source spectrum")["COUNTS"]
    groups = np.add.reduceat(counts, starts)
    assert len(groups) > 20
    assert (groups[np.diff(np.append(starts, 4096)) > 1][:-1] >= 20).all()


def test_both_say_what_they_accept_in_the_same_terms(engines: dict[str, Engine]) -> None:
    tasks = [
        task
        for task in ("nuproducts", "ftgrouppha")
        if all(engine.supports(task) for engine in engines.values())
    ]
    assert "nuproducts" in tasks  # ftgrouppha came with HEASoft 6.29
    for task in tasks:
        one, other = (engine.spec(task) for engine in engines.values())
        shared_names = {item.name for item in one.parameters} & {
            item.name for item in other.parameters
        }
        assert len(shared_names) >= 9
        for name in shared_names - {"hkfile", "outdir"}:
            mine, theirs = one.parameter(name), other.parameter(name)
            for what in ("default", "required", "group", "help", "unit", "role", "conditions"):
                assert getattr(mine, what) == getattr(theirs, what), (name, what)
