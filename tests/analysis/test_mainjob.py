"""The main job as a user runs it, on the simulated sample and on real files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.analysis import Outcome, Request, demo, run
from nustar_widgets.session import store
from nustar_widgets.session.provenance import Provenance, why_stale
from nustar_widgets.session.recipe import recipe
from nustar_widgets.simulate import SimulatedObservation

PRODUCTS = ("_sr.pha", "_bk.pha", "_sr.lc", "_bk.lc", "_net.lc", "_sk.img", "_sr_grp.pha")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return demo(tmp_path_factory.mktemp("demo") / "out")


@pytest.fixture(scope="module")
def sample_run(sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    events = tuple(sample.event_file(module) for module in ("FPMB", "FPMA"))
    return run(Request(events=events, out=tmp_path_factory.mktemp("run") / "out", fit=False))


def test_the_demo_makes_every_product_of_both_modules(demonstration: Outcome) -> None:
    names = {path.name for path in demonstration.folder.iterdir()}
    for module in "AB":
        assert {f"nu00000000001{module}01{ending}" for ending in PRODUCTS} <= names
    assert {"report.html", "fit.json", "session.json", "provenance.json", "heasoft.py"} <= names


def test_the_demo_finds_the_spectrum_that_was_put_in(demonstration: Outcome) -> None:
    assert demonstration.fit is not None
    index = demonstration.fit["cutoffpl.PhoIndex"]
    scale = demonstration.fit["constant.factor[2]"]
    for parameter, truth in ((index, 2.08), (scale, 1.03)):
        assert parameter.sigma is not None
        assert abs(parameter.value - truth) < 3 * parameter.sigma, parameter
        assert parameter.error_low is not None
        assert parameter.error_high is not None
        assert parameter.error_low < parameter.value < parameter.error_high


def test_fit_json_has_every_parameter_with_unit_and_range(demonstration: Outcome) -> None:
    fit = json.loads((demonstration.folder / "fit.json").read_text(encoding="utf-8"))
    first = {(p["component"], p["name"]): p for p in fit["parameters"] if p["spectrum"] == 1}
    column = first["TBabs", "nH"]
    assert (column["unit"], column["value"], column["frozen"]) == ("10^22", 0.765, True)
    slope = first["cutoffpl", "PhoIndex"]
    assert slope["error_low"] < slope["value"] < slope["error_high"]
    assert fit["statistic"] > 0
    assert fit["dof"] == sum(fit["n_bins"]) - sum(
        not p["frozen"] and p["link"] is None for p in fit["parameters"]
    )
    bands = {(flux["low_kev"], flux["high_kev"], flux["spectrum"]) for flux in fit["fluxes"]}
    assert bands == {(lo, hi, n) for lo, hi in ((3, 10), (10, 30), (3, 79)) for n in (1, 2)}


def test_the_report_needs_no_other_file_and_says_what_was_not_applied(
    demonstration: Outcome,
) -> None:
    page = demonstration.report.read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert page.count("data:image/png;base64,") == 4
    for text in (
        "Simulated data.",
        "Not applied",
        "BACKSCAL is not weighted with the exposure map",
        "light curves are not corrected for PSF losses, vignetting and exposure",
        "heasoftpy.nuproducts(",
        "cutoffpl.PhoIndex",
        "3–79 keV, FPMB",
    ):
        assert text in page, text


def test_nothing_names_the_folder_the_work_was_done_in(demonstration: Outcome) -> None:
    folder = demonstration.folder
    for result in demonstration.results:
        for product in result.products:
            assert product.path.parent == folder
            assert product.path.is_file()
    for name in ("fit.json", "session.json", "provenance.json", "report.html", "heasoft.py"):
        assert f".{folder.name}." not in (folder / name).read_text(encoding="utf-8"), name


def test_a_notebook_shows_the_report_in_a_frame_of_its_own(demonstration: Outcome) -> None:
    shown = demonstration._repr_html_()
    assert shown.count("<iframe") == 1
    assert "<style>" not in shown
    assert "&lt;style&gt;" in shown


def test_the_saved_session_stands_for_the_calls_that_were_run(demonstration: Outcome) -> None:
    session = store.load(demonstration.folder / "session.json")
    for call, result in zip(recipe(session), demonstration.results, strict=True):
        provenance: Provenance = result.provenance
        assert provenance.call == call
        assert why_stale(provenance, call, folder=demonstration.folder) is None


def test_counts_agree_between_image_spectrum_and_light_curve(sample_run: Outcome) -> None:
    for numbers in sample_run.numbers:
        base = sample_run.folder / f"nu00000000001{numbers.module[-1]}01"
        with fits.open(f"{base}_sr.pha") as hdus:
            band = int(hdus["SPECTRUM"].data["COUNTS"][35:1910].sum())
            assert hdus["SPECTRUM"].header["BACKFILE"] == f"{base.name}_bk.pha"
            assert int(hdus[0].data[hdus[0].data >= 0].sum()) == numbers.total
        with fits.open(f"{base}_sr.lc") as hdus:
            rows = hdus["RATE"].data
            exposure = rows["FRACEXP"].astype(float) * 100.0
            in_curve = rows["RATE_ORIG"].astype(float) * exposure
        assert band == numbers.source
        assert np.rint(in_curve).sum() == numbers.source


def test_products_do_not_claim_corrections_they_do_not_have(sample_run: Outcome) -> None:
    for path in sample_run.folder.glob("nu*_*.*"):
        if path.suffix not in (".pha", ".lc", ".img"):
            continue
        with fits.open(path) as hdus:
            for hdu in hdus:
                assert not hdu.header.get("NUBACKSC", False), path.name
                assert not hdu.header.get("NULCCO", False), path.name
                assert hdu.header.get("SIMULATD") is True, (path.name, hdu.name)


def test_grouped_bins_hold_at_least_25_counts_inside_the_fit_range(sample_run: Outcome) -> None:
    with fits.open(sample_run.folder / "nu00000000001A01_sr_grp.pha") as hdus:
        data = hdus["SPECTRUM"].data
        starts = np.flatnonzero(data["GROUPING"] != -1)
        sums = np.add.reduceat(data["COUNTS"], starts)
        grouped = np.diff(np.append(starts, len(data))) > 1
    assert grouped.sum() > 50
    assert sums[grouped].min() >= 25
    assert starts[grouped].min() >= 35


def test_files_made_are_a_function_of_files_read(
    sample: SimulatedObservation, sample_run: Outcome, tmp_path: Path
) -> None:
    events = tuple(sample.event_file(module) for module in ("FPMB", "FPMA"))
    again = run(Request(events=events, out=tmp_path / "again", fit=False))
    for path in sample_run.folder.glob("*.pha"):
        with fits.open(path) as one, fits.open(again.folder / path.name) as other:
            assert np.array_equal(one["SPECTRUM"].data, other["SPECTRUM"].data)


def test_a_region_file_is_used_word_for_word_and_intervals_are_applied(
    sample: SimulatedObservation, sample_run: Outcome, tmp_path: Path
) -> None:
    region = tmp_path / "mine.reg"
    text = 'fk5\r\n# drawn by hand\r\ncircle(321.93730, 56.94440, 60")\r\n'
    region.write_text(text, encoding="utf-8", newline="")
    with fits.open(sample_run.folder / "nu00000000001A01_sr.pha") as hdus:
        start, stop = hdus["GTI"].data["START"][0], hdus["GTI"].data["STOP"][0]
    from nustar_widgets.events.gti import Gti

    Gti.from_pairs([(start + 100.0, start + 600.0)]).write(tmp_path / "gti.fits")
    assert stop - start > 600.0
    outcome = run(
        Request(
            events=(sample.event_file("FPMA"),),
            out=tmp_path / "out",
            source=region,
            gti=tmp_path / "gti.fits",
            fit=False,
        )
    )
    written = outcome.folder / "nu00000000001A01_src.reg"
    assert written.read_bytes() == text.encode()
    assert outcome.numbers[0].ontime_s == pytest.approx(500.0)


def test_real_pulsar_file_ends_in_a_report_that_says_what_is_missing(
    shared: Path, tmp_path: Path
) -> None:
    events = shared / "data/NuSTAR+nustar-clock-utils/nuclockutils/tests/data/dummy_evt.evt"
    outcome = run(Request(events=(events,), out=tmp_path / "out"))
    page = outcome.report.read_text(encoding="utf-8")
    assert outcome.numbers[0].total == 937
    assert "no source region could be suggested" in page
    assert "counts only" in page
    assert (tmp_path / "out/nu30101031002A01_sr.pha").is_file()


def test_real_solar_mode_06_file_ends_in_a_report_with_its_exposure(
    shared: Path, tmp_path: Path
) -> None:
    folder = shared / "data/ianan+nustar_sac/python"
    outcome = run(
        Request(
            events=(folder / "nu90410111001A06_cl_sunpos.evt",),
            out=tmp_path / "out",
            housekeeping=(folder / "nu90410111001A_fpm.hk",),
        )
    )
    # 1e-7: the extractor multiplies the good time with DEADC in single precision.
    assert outcome.numbers[0].exposure_s == pytest.approx(70.0321909, rel=1e-7)
    assert outcome.numbers[0].total == 9442
    assert (tmp_path / "out/nu90410111001A06_sr.lc").is_file()
    assert "heliocentric" in outcome.report.read_text(encoding="utf-8")
