"""What people get wrong, through the command line: one clear error, and nothing left behind."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets import cli
from nustar_widgets.simulate import SimulatedObservation
from tests.events.builders import write_event_file, write_housekeeping

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run the command line in an empty folder; return exit status and what it says on error."""
    home = tmp_path / "work"
    home.mkdir()
    monkeypatch.chdir(home)

    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["nustar-widgets", *map(str, words)])
        try:
            cli.main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        else:
            status = 0
        return status, capsys.readouterr().err.rsplit("Error: ", 1)[-1].strip()

    return call


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A field with a source, as small as it can be."""
    rng = np.random.default_rng(3)
    spread, n = rng.normal(0, 8, (2, 1500)), 4000
    field = rng.uniform(380, 620, (2, n - 1500))
    x, y = np.rint(np.hstack([500 + spread, field])).astype(int)
    return write_event_file(
        tmp_path / "nu90000000199A01_cl.evt",
        time=np.sort(rng.uniform(0, 1000, n)),
        x=x,
        y=y,
        pi=rng.integers(40, 800, n),
    )


def region(folder: Path, text: str) -> Path:
    path = folder / "mine.reg"
    path.write_text(text, encoding="utf-8")
    return path


def refused(run: Run, *words: object, says: tuple[str, ...]) -> None:
    status, message = run("run", *words, "--out", "out")
    assert status == 1, message
    for text in says:
        assert text in message, message
    assert "Traceback" not in message
    assert list(Path.cwd().iterdir()) == []


def test_a_missing_file_is_named(run: Run) -> None:
    refused(run, "no.evt", says=("no.evt", "no such file"))


def test_a_truncated_event_list_is_named(run: Run, events: Path) -> None:
    cut = events.with_name("cut.evt")
    cut.write_bytes(events.read_bytes()[:-40_000])
    refused(run, cut, says=("cut.evt", "cut short", "again"))


def test_a_truncated_gz_is_named(run: Run, events: Path) -> None:
    cut = events.with_name("cut.evt.gz")
    cut.write_bytes(gzip.compress(events.read_bytes())[:-2000])
    refused(run, cut, says=("cut.evt.gz", "again"))


def test_a_text_file_is_not_an_event_list(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.evt").write_text("hello", encoding="utf-8")
    refused(run, tmp_path / "notes.evt", says=("notes.evt", "FITS"))


@pytest.mark.parametrize("extension", ["EVENTS", "GTI"])
def test_a_missing_extension_is_named(run: Run, events: Path, extension: str) -> None:
    with fits.open(events) as hdus:
        left = fits.HDUList([hdu.copy() for hdu in hdus if hdu.name != extension])
        left.writeto(events.with_name("less.evt"))
    refused(run, events.with_name("less.evt"), says=("less.evt", extension, "Expected"))


@pytest.mark.parametrize(
    ("keyword", "value", "says"),
    [
        ("TELESCOP", "SWIFT", "TELESCOP = 'SWIFT'"),
        ("INSTRUME", "FPMC", "INSTRUME = 'FPMC'"),
        ("OBS_ID", "12", "OBS_ID = '12'"),
    ],
)
def test_a_wrong_keyword_is_named(
    run: Run, events: Path, keyword: str, value: str, says: str
) -> None:
    fits.setval(events, keyword, value=value, ext=1)
    refused(run, events, says=(events.name, says, "Expected"))


def test_zero_events_are_said(run: Run, tmp_path: Path) -> None:
    empty = write_event_file(tmp_path / "empty.evt", time=[], x=[], y=[], pi=[])
    refused(run, empty, says=("empty.evt", "EVENTS holds no events"))


def test_events_of_two_observations_are_refused(run: Run, events: Path) -> None:
    other = shutil.copy(events, events.with_name("other.evt"))
    fits.setval(other, "OBS_ID", value="90000000200", ext=1)
    fits.setval(other, "INSTRUME", value="FPMB", ext=1)
    refused(run, events, other, says=("other.evt", "OBS_ID = '90000000200'", "one observation"))


def test_the_same_module_twice_is_refused(run: Run, events: Path) -> None:
    other = shutil.copy(events, events.with_name("other.evt"))
    refused(run, events, other, says=("other.evt", "INSTRUME = 'FPMA'", "one of FPMB"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("image\ncircle(-200,-200,30)\n", ("no sky pixel", "onto the field")),
        ("image\ncircle(500.5,500.5,0.1)\n", ("no sky pixel", "Move the region")),
        ("image\ncircle(100,100,20)\n", ("hold no event", "Draw it where")),
        ("image\n-circle(500,500,5)\ncircle(500,500,20)\n", ("exclude", "everything outside")),
        ('circle(187.2779,-36.5213,49.2")\n', ("no fk5 line", "Put a line fk5")),
        ("fk5\ncircle(187.2779,-36.5213,0.0136)\n", ("no unit", "arcsec")),
        ("image\ncircle(500,500,8);circle(510,510,8)\n", ("line of its own",)),
        ("", ("mine.reg",)),
    ],
)
def test_a_region_that_is_empty_or_a_trap_is_refused(
    run: Run, events: Path, tmp_path: Path, text: str, says: tuple[str, ...]
) -> None:
    refused(run, events, "--src", region(tmp_path, text), says=("mine.reg", *says))


def test_a_trap_is_applied_when_asked_for(run: Run, events: Path, tmp_path: Path) -> None:
    trap = region(tmp_path, "image\n-circle(500,500,5)\ncircle(500,500,20)\n")
    status, _ = run("run", events, "--src", trap, "--out", "out", "--as-heasoft")
    assert status == 0
    with fits.open("out/nu90000000199A01_sr.pha") as hdus:
        assert hdus["SPECTRUM"].header["BACKSCAL"] > 0.99


def test_a_missing_region_file_is_named(run: Run, events: Path) -> None:
    refused(run, events, "--src", "no.reg", says=("no.reg", "cannot be read"))


def test_housekeeping_of_the_other_module_is_refused(
    run: Run, events: Path, tmp_path: Path
) -> None:
    other = write_housekeeping(
        tmp_path / "b.hk", time=np.arange(10.0), livetime=np.ones(10), module="FPMB"
    )
    refused(run, events, "--hk", other, says=("b.hk", "INSTRUME = 'FPMB'", "FPMA"))


def test_an_arf_of_the_other_module_is_refused(
    run: Run, events: Path, sample: SimulatedObservation
) -> None:
    words = ("--arf", sample.arf_file("FPMB"), "--rmf", sample.rmf_file("FPMA"))
    refused(run, events, *words, says=(sample.arf_file("FPMB").name, "INSTRUME = 'FPMB'", "FPMA"))


def test_an_rmf_of_other_channels_is_refused(
    run: Run, events: Path, sample: SimulatedObservation, tmp_path: Path
) -> None:
    from nustar_widgets.spectra.rmf import write_rmf
    from tests.spectra.builders import an_rmf

    wrong = write_rmf(tmp_path / "wrong.rmf", an_rmf())
    words = ("--arf", sample.arf_file("FPMA"), "--rmf", wrong)
    refused(run, events, *words, says=("wrong.rmf", "channels, but NuSTAR event lists have 4096"))


def test_a_missing_response_is_named(run: Run, events: Path, sample: SimulatedObservation) -> None:
    arf, rmf = sample.arf_file("FPMA"), sample.rmf_file("FPMA")
    refused(run, events, "--arf", arf, "--rmf", "no.rmf", says=("no.rmf", "no such file"))
    refused(run, events, "--arf", "no.arf", "--rmf", rmf, says=("no.arf", "no such file"))


def test_intervals_outside_the_observation_are_refused(
    run: Run, events: Path, tmp_path: Path
) -> None:
    from nustar_widgets.events.gti import Gti

    Gti.from_pairs([(5000.0, 6000.0)]).write(tmp_path / "far.fits")
    refused(run, events, "--gti", tmp_path / "far.fits", says=("no good time is left", "widen"))


@pytest.mark.parametrize(
    ("option", "values", "says"),
    [
        ("--binsize", ("-5",), "bin_s"),
        ("--band", ("30", "10"), "band"),
        ("--band", ("200", "300"), "band"),
        ("--model", ("powerlaw+",), "powerlaw+"),
        ("--model", ("tbabs*pexrav",), "pexrav needs HEASoft"),
    ],
)
def test_an_option_out_of_range_is_named(
    run: Run, events: Path, sample: SimulatedObservation, option: str, values: tuple[str, ...],
    says: str,
) -> None:  # fmt: skip
    words = ("--arf", sample.arf_file("FPMA"), "--rmf", sample.rmf_file("FPMA"))
    refused(run, events, *words, option, *values, says=(says,))


def test_an_output_that_exists_is_kept(run: Run, events: Path) -> None:
    Path("out").mkdir()
    Path("out/precious").write_text("mine", encoding="utf-8")
    status, message = run("run", events, "--out", "out")
    assert (status, "exists already" in message, "overwrite" in message) == (1, True, True)
    assert Path("out/precious").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in Path.cwd().iterdir()] == ["out"]
    assert run("run", events, "--out", "out", "--overwrite")[0] == 0
    assert not Path("out/precious").exists()


def test_an_output_folder_that_cannot_be_written_is_named(run: Run, events: Path) -> None:
    Path("file").touch()
    status, message = run("run", events, "--out", "file/out")
    assert status == 1
    assert "file/out: cannot be written" in message


def test_a_disk_that_fills_up_half_way_leaves_nothing(
    run: Run, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nustar_widgets.spectra import phawriter

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(phawriter, "write_whole", full)
    refused(run, events, says=("out: cannot be written (No space left on device)", "has room"))


def test_a_path_with_spaces_works_and_says_that_heasoft_cannot_read_it(
    run: Run, events: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my data"
    folder.mkdir()
    moved = shutil.move(events, folder / events.name)
    status, _ = run("run", moved, "--out", "my results")
    assert status == 0
    page = Path("my results/report.html").read_text(encoding="utf-8")
    assert "has a space in its path: HEASoft cannot read it" in page


# What a trap file does with --as-heasoft; without it each is refused. Two are no traps: both
# readings agree.
HARMLESS = {"trap_ellipse_annulus", "trap_point"}
CRASHING = {"trap_empty_file"}


def test_every_known_trap_is_refused_and_applied_as_heasoft_does_when_asked(
    run: Run, shared: Path
) -> None:
    folder = shared / "fixtures/extraction"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    events = folder / "obs/nu90000000101A01_cl.evt.gz"
    background = folder / "regions/nuproducts_bkg.reg"
    traps = [case for case in index["cases"] if case["trap"]]
    assert len(traps) >= 14
    for case in traps:
        words = ("run", events, "--src", folder / case["region"], "--bkg", background)
        status, message = run(*words, "--out", "plain")
        assert status == (0 if case["name"] in HARMLESS else 1), case["name"]
        assert status == 0 or Path(case["region"]).name in message, message
        status, message = run(*words, "--out", case["name"], "--as-heasoft", "--overwrite")
        if case["name"] in CRASHING:
            assert "HEASoft crashes on it" in message
            continue
        with fits.open(f"{case['name']}/nu90000000101A01_sr.pha") as hdus:
            assert int(hdus["SPECTRUM"].data["COUNTS"].sum()) == case["total_counts"]
        shutil.rmtree("plain", ignore_errors=True)
