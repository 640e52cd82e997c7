"""The embedded engine: what it makes, what it leaves out, what it refuses by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.engines.embedded import EmbeddedEngine
from nustar_widgets.engines.embedded_run import ResponseFiles
from nustar_widgets.errors import (
    InputFileError,
    NustarWidgetsError,
    OutputError,
    ParameterError,
    TaskNotSupported,
)
from nustar_widgets.events.regionfile import format_region
from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile
from nustar_widgets.simulate import SimulatedObservation

STEM = "nu00000000001A01"


def region(ra_deg: float, dec_deg: float, radius_arcsec: float) -> str:
    return format_region(SkyRegion((SkyCircle(ra_deg, dec_deg, radius_arcsec),)))


def nuproducts(sample: SimulatedObservation, *more: tuple[str, Any], **files: Any) -> TaskCall:
    truth = sample.truth.of("FPMA")
    source = TextFile(name="src.reg", text=region(truth.ra_deg, truth.dec_deg, 60.0))
    background = TextFile(name="bkg.reg", text=region(truth.ra_deg, truth.dec_deg + 0.06, 60.0))
    params = {
        "indir": str(sample.path / "event_cl"),
        "instrument": "FPMA",
        "steminputs": "nu00000000001",
        "srcregionfile": "src.reg",
        "bkgregionfile": "bkg.reg",
        "hkfile": str(sample.housekeeping_file("FPMA")),
    } | dict(more)
    return TaskCall(
        task="nuproducts",
        params=tuple((name, value) for name, value in params.items() if value is not None),
        files=(source, background, *files.get("extra", ())),
    )


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_says_which_tasks_it_has() -> None:
    engine = EmbeddedEngine()
    assert [engine.supports(task) for task in ("nuproducts", "ftgrouppha", "nupipeline")] == [
        True,
        True,
        False,
    ]


def test_products_the_calls_own_files_and_nothing_else_appear(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    result = EmbeddedEngine().run(nuproducts(sample), folder=tmp_path)
    endings = ("_sr.pha", "_bk.pha", "_sr.lc", "_bk.lc", "_net.lc", "_sk.img")
    assert names(tmp_path) == {"src.reg", "bkg.reg", *(STEM + ending for ending in endings)}
    assert {product.path for product in result.products} == {
        tmp_path / (STEM + ending) for ending in endings
    }
    assert result.path("source spectrum") == tmp_path / f"{STEM}_sr.pha"
    assert result.path("rmf") is None


def test_what_was_not_applied_is_said(sample: SimulatedObservation, tmp_path: Path) -> None:
    told = EmbeddedEngine().run(nuproducts(sample), folder=tmp_path).provenance.not_applied
    assert told == (
        "BACKSCAL is not weighted with the exposure map (nubackscale): the area ratio counts sky "
        "pixels",
        "light curves are not corrected for PSF losses, vignetting and exposure",
        "no ARF: the spectrum is counts only, without flux or fit",
        "no RMF: the spectrum is counts only, without flux or fit",
    )


def test_responses_are_copied_and_named_in_the_spectrum(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    given = ResponseFiles(arf=sample.arf_file("FPMA"), rmf=sample.rmf_file("FPMA"))
    EmbeddedEngine({"FPMA": given}).run(nuproducts(sample), folder=tmp_path)
    header = fits.getheader(tmp_path / f"{STEM}_sr.pha", "SPECTRUM")
    assert (header["ANCRFILE"], header["RESPFILE"]) == (f"{STEM}_sr.arf", f"{STEM}_sr.rmf")
    assert (tmp_path / f"{STEM}_sr.rmf").read_bytes() == given.rmf.read_bytes()  # type: ignore[union-attr]


def test_products_can_be_left_out_and_renamed(sample: SimulatedObservation, tmp_path: Path) -> None:
    call = nuproducts(
        sample,
        ("imagefile", "NONE"),
        ("lcfile", "none"),
        ("phafile", "mine.pha"),
        ("bkgextract", False),
        ("bkgregionfile", None),
    )
    EmbeddedEngine().run(call, folder=tmp_path)
    assert names(tmp_path) == {"src.reg", "bkg.reg", "mine.pha"}
    assert fits.getheader(tmp_path / "mine.pha", "SPECTRUM")["BACKFILE"] == "none"


def test_light_curves_are_livetime_corrected_where_housekeeping_is_named(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    EmbeddedEngine().run(nuproducts(sample), folder=tmp_path)
    with fits.open(tmp_path / f"{STEM}_sr.lc") as hdus:
        rows, header = hdus["RATE"].data, hdus["RATE"].header
        good = rows["RATE_ORIG"] > 0
        factor = rows["RATE"][good] / rows["RATE_ORIG"][good]
    assert header["DEADAPP"] is True
    assert "NULCCO" not in header
    assert 1.005 < np.median(factor) < 1.2


def test_without_housekeeping_rates_stay_as_counted_and_it_is_said(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    result = EmbeddedEngine().run(nuproducts(sample, ("hkfile", None)), folder=tmp_path)
    with fits.open(tmp_path / f"{STEM}_sr.lc") as hdus:
        assert "RATE_ORIG" not in hdus["RATE"].columns.names
        assert hdus["RATE"].header["DEADAPP"] is False
    assert any("not corrected for dead time" in text for text in result.provenance.not_applied)


def test_user_intervals_change_the_exposure_exactly(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    from nustar_widgets.events.eventlist import EventList
    from nustar_widgets.events.gti import Gti
    from nustar_widgets.events.livetime import Housekeeping

    events = EventList.read(sample.event_file("FPMA"))
    start = events.gti.t_start
    intervals = ((start + 50.0, start + 250.0), (start + 300.0, start + 420.0))
    call = nuproducts(
        sample,
        ("usrgtifile", "good.fits"),
        extra=(GtiFile(name="good.fits", intervals=intervals),),
    )
    EmbeddedEngine().run(call, folder=tmp_path)
    header = fits.getheader(tmp_path / f"{STEM}_sr.pha", "SPECTRUM")
    kept = events.gti & Gti.from_pairs(intervals)
    live = Housekeeping.read(sample.housekeeping_file("FPMA")).deadc(kept)
    assert header["ONTIME"] == pytest.approx(kept.duration_s, rel=1e-14)
    assert header["EXPOSURE"] == pytest.approx(kept.duration_s * live, rel=1e-7)


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (("barycorr", True), TaskNotSupported, "nuproducts: barycorr=yes needs HEASoft"),
        (("rungrppha", "yes"), TaskNotSupported, "a call of its own here: ftgrouppha"),
        (("binzise", 10), TaskNotSupported, "does not have the parameter 'binzise'"),
        (("bkgregionfile", "DEFAULT"), TaskNotSupported, "needs a bkgregionfile"),
        (("instrument", "FPMC"), ParameterError, "instrument: 'FPMC': expected one of FPMA"),
        (("binsize", "ten"), ParameterError, "binsize: 'ten': expected a number"),
        (("pilow", 35.5), ParameterError, "pilow: 35.5: expected a whole number"),
        (("correctlc", "perhaps"), ParameterError, "correctlc: 'perhaps': expected yes or no"),
        (("indir", "/nowhere"), InputFileError, "there is no such event list, plain or .gz"),
    ],
)
def test_a_call_it_cannot_do_is_refused_and_leaves_nothing(
    sample: SimulatedObservation,
    tmp_path: Path,
    change: tuple[str, Any],
    kind: type[NustarWidgetsError],
    says: str,
) -> None:
    with pytest.raises(kind) as caught:
        EmbeddedEngine().run(nuproducts(sample, change), folder=tmp_path)
    assert says in str(caught.value)
    assert names(tmp_path) == set()


def test_a_task_only_heasoft_has_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TaskNotSupported, match="nupipeline: needs HEASoft; the embedded engine"):
        EmbeddedEngine().run(TaskCall(task="nupipeline", params=()), folder=tmp_path)


def test_existing_products_are_kept_unless_clobber_is_set(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    old = tmp_path / f"{STEM}_sk.img"
    old.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"exists already\. Move it away or set clobber=yes"):
        EmbeddedEngine().run(nuproducts(sample), folder=tmp_path)
    assert old.read_text(encoding="utf-8") == "mine"
    assert names(tmp_path) == {old.name}
    EmbeddedEngine().run(nuproducts(sample, ("clobber", True)), folder=tmp_path)
    assert old.stat().st_size > 1_000_000


def test_ftgrouppha_adds_the_column_and_keeps_the_rest_of_the_file(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    engine = EmbeddedEngine()
    engine.run(nuproducts(sample), folder=tmp_path)
    call = TaskCall(
        task="ftgrouppha",
        params=(
            ("infile", f"{STEM}_sr.pha"),
            ("outfile", "grouped.pha"),
            ("grouptype", "min"),
            ("groupscale", 30),
            ("minchannel", 35),
            ("maxchannel", -1),
        ),
    )
    result = engine.run(call, folder=tmp_path)
    assert result.path("grouped spectrum") == tmp_path / "grouped.pha"
    with fits.open(tmp_path / f"{STEM}_sr.pha") as old, fits.open(tmp_path / "grouped.pha") as new:
        assert [hdu.name for hdu in new] == [hdu.name for hdu in old]
        assert np.array_equal(new[0].data, old[0].data)
        assert np.array_equal(new["SPECTRUM"].data["COUNTS"], old["SPECTRUM"].data["COUNTS"])
        assert "GROUPING" not in new["SPECTRUM"].header
        assert set(np.unique(new["SPECTRUM"].data["GROUPING"])) == {-1, 1}
        assert (new["SPECTRUM"].data["GROUPING"][:35] == 1).all()
