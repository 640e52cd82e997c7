"""Data that are already there: told apart and opened."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from nustar_widgets.archive.ondisk import DataKind, open_data
from nustar_widgets.errors import InputFileError
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import ModuleInputs
from nustar_widgets.simulate import SimulatedObservation
from tests.archive.archivefiles import archived


@pytest.fixture
def copy(sample: SimulatedObservation, tmp_path: Path) -> Path:
    """Return a copy of the sample that a test may change."""
    return shutil.copytree(sample.path, tmp_path / "data" / sample.obsid)


def write_pha(path: Path, **cards: Any) -> Path:
    """Write a spectrum of four channels."""
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name="CHANNEL", format="J", array=np.arange(4)),
            fits.Column(name="COUNTS", format="J", array=np.arange(4)),
        ],
        name="SPECTRUM",
    )
    standard = {"TELESCOP": "NuSTAR", "INSTRUME": "FPMA", "OBS_ID": "60001110002"}
    table.header.update({**standard, "EXPOSURE": 100.0, "HDUCLAS1": "SPECTRUM", **cards})
    path.parent.mkdir(parents=True, exist_ok=True)
    table.writeto(path)
    return path


def test_what_was_opened_is_told_in_a_few_lines(sample: SimulatedObservation) -> None:
    assert repr(open_data(sample.path)).splitlines() == [
        f"simulated sample {sample.path}",
        "  FPMA: nu00000000001A01_cl.evt",
        "  FPMB: nu00000000001B01_cl.evt",
        "  simulated: not an observation",
    ]


def test_the_sample_is_known_as_such_and_gives_a_session_its_inputs(
    sample: SimulatedObservation,
) -> None:
    data = open_data(sample.path)
    assert (data.kind, data.obsid, data.path) == (DataKind.SAMPLE, sample.obsid, sample.path)
    assert data.notes == ("simulated: not an observation",)
    inputs = tuple(ModuleInputs(**asdict(item)) for item in data.inputs)
    assert inputs == tuple(
        ModuleInputs(
            module=module,
            events=str(sample.event_file(module)),
            mode="01",
            housekeeping=str(sample.housekeeping_file(module)),
            arf=str(sample.arf_file(module)),
            rmf=str(sample.rmf_file(module)),
        )
        for module in ("FPMA", "FPMB")
    )
    session = Session()
    session.edit("open", obsid=data.obsid, data_dir=str(data.path), inputs=inputs)
    assert session.inputs_of("FPMB") == inputs[1]


@pytest.mark.parametrize("below", ["", "event_cl", ".."])
def test_an_observation_is_found_from_above_and_below(
    sample: SimulatedObservation, below: str
) -> None:
    assert open_data(sample.path / below).path.resolve() == sample.path


def test_a_packed_observation_opens(sample: SimulatedObservation, tmp_path: Path) -> None:
    data = open_data(archived(sample, tmp_path))
    assert [item.events.endswith("_cl.evt.gz") for item in data.inputs] == [True, True]
    assert all(item.housekeeping and item.arf is None for item in data.inputs)


def test_a_real_observation_is_not_called_simulated(copy: Path) -> None:
    for path in copy.rglob("*_cl.evt"):
        with fits.open(path, mode="update") as hdus:
            for hdu in hdus:
                del hdu.header["SIMULATD"]
    data = open_data(copy)
    assert (data.kind, data.notes) == (DataKind.OBSERVATION, ())


def test_a_folder_of_several_observations_asks_which(copy: Path) -> None:
    (copy.parent / "60001110002").mkdir()
    with pytest.raises(InputFileError, match=r"holds 2 observations \(00000000001, 60001110002\)"):
        open_data(copy.parent)


def test_modes_are_chosen_by_use_and_the_choice_is_told(copy: Path) -> None:
    events = copy / "event_cl"
    stem = f"nu{copy.name}"
    shutil.copy(events / f"{stem}A01_cl.evt", events / f"{stem}A06_cl.evt")
    for end in ("06_chu12_N", "02"):
        shutil.copy(events / f"{stem}B01_cl.evt", events / f"{stem}B{end}_cl.evt")
    (events / f"{stem}B01_cl.evt").unlink()
    data = open_data(copy)
    assert [(item.module, item.mode) for item in data.inputs] == [("FPMA", "01"), ("FPMB", "06")]
    assert data.notes[:2] == (
        "FPMA: there is an event list of mode 06 (SCIENCE_SC) too",
        f"FPMB: no event list of mode 01; {stem}B06_chu12_N_cl.evt is taken",
    )


def test_a_missing_module_is_told(copy: Path) -> None:
    (copy / "event_cl" / f"nu{copy.name}B01_cl.evt").unlink()
    data = open_data(copy)
    assert [item.module for item in data.inputs] == ["FPMA"]
    assert "no cleaned event list of FPMB" in data.notes


def test_an_observation_without_cleaned_events_says_what_nupipeline_lacks(copy: Path) -> None:
    for path in copy.rglob("*_cl.evt"):
        path.unlink()
    data = open_data(copy)
    assert data.inputs == ()
    assert data.notes == (
        "no cleaned event list: nupipeline: not possible: missing auxil/NUSTAR_TLE_ARCHIVE.txt.*",
    )


def test_an_unfinished_download_is_told(copy: Path) -> None:
    (copy / "event_cl" / ".x.evt.gz.12345678.part").touch()
    assert open_data(copy).notes[0].startswith("a download is not finished (1 files are partly")


def test_a_single_event_list_brings_what_belongs_to_it(sample: SimulatedObservation) -> None:
    data = open_data(sample.event_file("FPMB"))
    assert (data.kind, data.obsid) == (DataKind.EVENTS, sample.obsid)
    assert data.inputs == (open_data(sample.path).inputs[1],)


def test_an_event_list_away_from_its_observation_says_what_is_missing(copy: Path) -> None:
    packed = copy.parent / "some.evt.gz"
    packed.write_bytes(gzip.compress(next(copy.rglob("*A01_cl.evt")).read_bytes(), 1))
    data = open_data(str(packed))
    assert data.inputs[0].events == str(packed)
    assert (data.inputs[0].housekeeping, data.inputs[0].arf) == (None, None)
    assert data.notes[0].startswith("no housekeeping in ../hk")


def test_a_spectrum_brings_the_files_its_header_names(tmp_path: Path) -> None:
    path = write_pha(
        tmp_path / "nu60001110002A01_sr.pha",
        BACKFILE="nu60001110002A01_bk.pha",
        ANCRFILE="nu60001110002A01_sr.arf",
        RESPFILE="nu60001110002A01_sr.rmf",
    )
    write_pha(tmp_path / "nu60001110002A01_bk.pha")
    (tmp_path / "nu60001110002A01_sr.rmf.gz").touch()
    data = open_data(path)
    assert (data.kind, data.obsid, data.inputs) == (DataKind.SPECTRA, "60001110002", ())
    (spectrum,) = data.spectra
    assert spectrum.background == str(tmp_path / "nu60001110002A01_bk.pha")
    assert spectrum.rmf == str(tmp_path / "nu60001110002A01_sr.rmf.gz")
    assert (spectrum.arf, spectrum.module, spectrum.is_grouped) == (None, "FPMA", False)
    assert data.notes == (
        "nu60001110002A01_sr.pha: ANCRFILE names nu60001110002A01_sr.arf, which is not beside it",
    )


def test_a_folder_of_products_opens_without_its_backgrounds(tmp_path: Path) -> None:
    stem = tmp_path / "nu60001110002"
    write_pha(Path(f"{stem}A01_sr.pha"), BACKFILE="back.pha")
    write_pha(Path(f"{stem}B01_sr_grp.pha"), INSTRUME="FPMB", GROUPING=1)
    write_pha(tmp_path / "back.pha")
    write_pha(tmp_path / "nu60001110002B01_bk.pha")
    write_pha(tmp_path / "other.pi", TELESCOP="XMM")
    data = open_data(tmp_path)
    assert [(item.module, item.is_grouped) for item in data.spectra] == [
        ("FPMA", False),
        ("FPMB", True),
    ]
    assert data.notes == ("other.pi is of 'XMM' and is left out",)


def test_backgrounds_alone_open_as_spectra(tmp_path: Path) -> None:
    write_pha(tmp_path / "nu60001110002A01_bk.pha", TELESCOP="UNKNOWN")
    assert len(open_data(tmp_path).spectra) == 1


def test_spectra_of_several_observations_are_told(tmp_path: Path) -> None:
    write_pha(tmp_path / "a.pha")
    write_pha(tmp_path / "b.pha", OBS_ID="60001110003")
    data = open_data(tmp_path)
    assert data.obsid == ""
    assert data.notes == ("spectra of several observations: 60001110002, 60001110003",)


def test_a_spectrum_of_another_telescope_is_refused(tmp_path: Path) -> None:
    path = write_pha(tmp_path / "a.pha", TELESCOP="XMM")
    with pytest.raises(InputFileError, match=r"TELESCOP = 'XMM'\. Expected spectra of NuSTAR"):
        open_data(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.evt.gz.gpg", "encrypted: the data are proprietary"),
        ("60001110002.tar", r"a packed folder\. Unpack it"),
        ("a.tar.gz", "a packed folder"),
        ("a.fits", "this is not a FITS file"),
    ],
)
def test_what_cannot_be_opened_says_why(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"anything" * 500)
    with pytest.raises(InputFileError, match=words):
        open_data(tmp_path / name)


def test_a_file_of_another_kind_is_named_by_what_it_holds(sample: SimulatedObservation) -> None:
    with pytest.raises(InputFileError, match=r"its extensions are .*HK1FPM.*Give a cleaned"):
        open_data(sample.housekeeping_file("FPMA"))


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="there is nothing here"):
        open_data(tmp_path / "nowhere")
    with pytest.raises(InputFileError, match="no file of an observation"):
        open_data(tmp_path)


@pytest.mark.shared
def test_real_products_open(shared: Path) -> None:
    data = open_data(shared / "data/phajy+Sesto2024/data")
    assert len(data.spectra) == 4
    assert all(item.is_grouped and item.background and item.arf for item in data.spectra)
    assert [item.rmf for item in data.spectra] == [None] * 4


@pytest.mark.shared
def test_real_event_lists_open(shared: Path) -> None:
    clock = "NuSTAR+nustar-clock-utils/nuclockutils/tests/data/dummy_evt.evt"
    assert open_data(shared / "data" / clock).obsid == "30101031002"
    sun = "ianan+nustar_sac/python/nu90410111001A06_cl_sunpos.evt"
    assert open_data(shared / "data" / sun).inputs[0].mode == "06"
