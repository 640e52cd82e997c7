"""Every kind of file a session can leave, and what is missing where it cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nustar_widgets.errors import NustarWidgetsError, OutputError
from nustar_widgets.events.gti import Gti
from nustar_widgets.export.kinds import KINDS, Files
from nustar_widgets.export.outfile import OutFile
from nustar_widgets.export.python import to_python
from nustar_widgets.fits.livefit import LiveFit
from nustar_widgets.fits.spectralfit import SpectralFit
from nustar_widgets.session.session import Session
from nustar_widgets.session.store import load
from nustar_widgets.session.values import GroupingChoice, region_text
from nustar_widgets.simulate import SimulatedObservation
from tests.calls.observed import session
from tests.export.panels import Made, drawn, fitted, made

BY_KEY = {kind.key: kind for kind in KINDS}
FIT_KINDS = ("xcm", "pyxspec", "sherpa")


def files(chosen: Session, key: str, engine: str = "auto") -> Files:
    return BY_KEY[key].make(chosen, engine)


@pytest.fixture(scope="module")
def there(sample: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A session whose products are there and fitted."""
    found = made(drawn(sample, tmp_path_factory.mktemp("panels")))
    fitted(found.session)
    return found


def test_the_kinds_are_these() -> None:
    assert [kind.key for kind in KINDS] == [
        "python", "notebook", "shell", *FIT_KINDS, "regions", "gti", "session",
    ]  # fmt: skip


def test_scripts_are_those_the_functions_return_and_names_say_what_of(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    (script,) = files(chosen, "python", "heasoft")
    assert (script.name, script.preview) == ("nustar_60001110002.py", to_python(chosen, "heasoft"))
    (notebook,) = files(chosen, "notebook")
    assert notebook.name == "nustar_60001110002.ipynb"
    assert json.loads(notebook.content)["nbformat"] == 4
    assert notebook.preview.startswith("# SWIFT J2127.4+5654, NuSTAR observation 60001110002\n")
    assert "\n## 1. Setting up\n" in notebook.preview


def test_region_files_are_those_the_tasks_are_given(tmp_path: Path) -> None:
    chosen = session(tmp_path)
    written = files(chosen, "regions")
    assert [file.name for file in written] == [
        f"nu60001110002{letter}_{which}.reg" for letter in "AB" for which in ("src", "bkg")
    ]
    source = chosen.regions.fpma.source
    assert source is not None
    assert written[0].write(tmp_path).read_text() == region_text(source)


def test_good_time_is_a_file_for_usrgtifile(tmp_path: Path) -> None:
    (file,) = files(session(tmp_path, user_gti=((10.0, 20.5),)), "gti")
    read = Gti.read(file.write(tmp_path))
    assert (read.start.tolist(), read.stop.tolist()) == ([10.0], [20.5])
    assert "10.0                 20.5" in file.preview


def test_the_session_file_is_opened_again_and_the_same_for_the_same_session(
    tmp_path: Path,
) -> None:
    chosen = session(tmp_path)
    (file,) = files(chosen, "session")
    assert load(file.write(tmp_path)).snapshot() == chosen.snapshot()
    assert files(chosen, "session") == (file,)
    assert b"saved_at" not in file.content


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    empty = Session(work_dir=str(tmp_path))
    for key, missing in (
        ("python", "no event list chosen; open an observation"),
        ("regions", "no region is drawn yet: draw one on the sky image"),
        ("gti", "all good time is used: choose intervals in the light curve"),
        ("xcm", "there is no spectrum yet: run nuproducts in the job panel"),
    ):
        with pytest.raises(NustarWidgetsError, match=missing):
            files(empty, key)


# -- the fit of the spectra that are there ------------------------------------------------


def test_xspec_is_taken_to_where_each_spectrum_lies(there: Made) -> None:
    fitted(there.session)  # ranges are forgotten once another grouping was looked at
    (file,) = files(there.session, "xcm")
    lines = file.preview.splitlines()
    for number, letter in enumerate("AB", start=1):
        name = f"nu00000000001{letter}01_sr_grp.pha"
        at = lines.index(f"data {number}:{number} {name}")
        assert lines[at - 1] == f"cd {{{there.products[name].parent}}}"
    assert lines[-1].startswith("error maximum 1000000.0 2.706 ")
    assert "os.chdir(" in files(there.session, "pyxspec")[0].preview
    assert "ui.load_pha(1, " in files(there.session, "sherpa")[0].preview


def test_what_is_grouped_for_the_fit_alone_comes_with_it(there: Made, tmp_path: Path) -> None:
    chosen, before = there.session, there.session.fit
    fit = replace(before, grouping=GroupingChoice(grouptype="min", groupscale=40.0))
    chosen.edit("group", fit=fit)
    try:
        live = LiveFit.of(chosen)
        assert live.engine is not None
        for key in FIT_KINDS:
            script, *grouped = files(chosen, key)
            assert [file.name for file in grouped] == [
                f"nu00000000001{letter}01_sr_grp_fit.pha" for letter in "AB"
            ]
            assert "nu00000000001A01_sr_grp_fit.pha" in script.preview
            assert "must be grouped" not in script.preview
        for file in grouped:
            file.write(tmp_path)
        parts = [
            {"pha": str(tmp_path / file.name), "background": str(data.background.path),
             "arf": str(data.response.arf.path), "rmf": str(data.response.rmf.path)}
            for file, data in zip(grouped, live.engine.datasets, strict=True)
            if data.background is not None and data.response.arf is not None
        ]  # fmt: skip
        again = SpectralFit(parts, fit.expression,
                            parameters={"TBabs.nH": {"value": 0.04, "frozen": True}})  # fmt: skip
        assert again.fit().statistic == pytest.approx(live.fit().statistic, rel=1e-6)
    finally:
        chosen.edit("group as before", fit=before)


# -- writing ------------------------------------------------------------------------------


def test_a_file_is_written_whole_and_never_over_another_unasked(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "work"
    file = OutFile.of_text("a.py", "one\n")
    assert not file.is_in_the_way(folder)
    assert file.write(folder).read_text() == "one\n"
    assert not file.is_in_the_way(folder)  # the same is there
    before = (folder / "a.py").stat().st_mtime_ns
    file.write(folder)
    assert (folder / "a.py").stat().st_mtime_ns == before
    other = OutFile.of_text("a.py", "two\n")
    assert other.is_in_the_way(folder)
    with pytest.raises(OutputError, match=r"a\.py: exists already"):
        other.write(folder)
    assert other.write(folder, overwrite=True).read_text() == "two\n"
    assert [path.name for path in folder.iterdir()] == ["a.py"]


def test_a_folder_in_the_way_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").mkdir()
    assert OutFile.of_text("a.py", "").is_in_the_way(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made"):
        OutFile.of_text("a.py", "").write(tmp_path / "file")
