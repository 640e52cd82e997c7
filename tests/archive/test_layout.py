"""What an observation folder holds, and what can be done with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.archive.layout import ObservationFolder, find_plain_or_gz
from nustar_widgets.archive.names import FileName, Role, parse_name
from nustar_widgets.archive.paths import archive_path, is_obsid, obsid_of
from nustar_widgets.errors import InputFileError, ParameterError
from nustar_widgets.simulate import SimulatedObservation
from tests.archive.archivefiles import archived

OBSID = "60001110002"
CLEAN = (
    "event_cl/{s}A01_cl.evt.gz", "event_cl/{s}B01_cl.evt.gz", "event_cl/{s}_mast.fits.gz",
    "event_cl/{s}_att.fits.gz", "event_cl/{s}A_oa.fits.gz", "event_cl/{s}B_oa.fits.gz",
    "event_cl/{s}A_det1.fits.gz", "event_cl/{s}B_det1.fits.gz", "hk/{s}A_fpm.hk.gz",
    "hk/{s}B_fpm.hk.gz", "hk/{s}_obeb.hk.gz",
)  # fmt: skip
RAW = (
    "event_uf/{s}A_uf.evt.gz", "event_uf/{s}B_uf.evt.gz", "hk/{s}A_dspx.fits", "hk/{s}_ceb.hk",
    "hk/{s}B_dspx.fits", "hk/{s}_chu123.fits", "hk/{s}_met.fits", "auxil/{s}_att.fits",
    "auxil/{s}_orb.fits", "auxil/NUSTAR_TLE_ARCHIVE.txt.2014183",
)  # fmt: skip


def folder_with(root: Path, names: Iterable[str], obsid: str = OBSID) -> Path:
    """Make a folder of empty files; ``{s}`` in a name stands for the stem."""
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = root / name.format(s=f"nu{obsid}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nu60001110002A01_cl.evt", (Role.EVENTS, "FPMA", "01", "")),
        ("nu60001110002B06_cl.evt.gz", (Role.EVENTS, "FPMB", "06", "")),
        ("nu60001110002A06_chu12_N_cl.evt", (Role.EVENTS, "FPMA", "06", "chu12_N")),
        ("nu60001110002B06_chu123_S_cl.evt.gz", (Role.EVENTS, "FPMB", "06", "chu123_S")),
        ("nu60001110002A01_gti.fits.gz", (Role.GTI, "FPMA", "01", "")),
        ("nu60001110002A_uf.evt.gz", (Role.UNFILTERED, "FPMA", None, "")),
        ("nu60001110002B_fpm.hk", (Role.HOUSEKEEPING, "FPMB", None, "")),
        ("nu60001110002_obeb.hk.gz", (Role.OBEB, None, None, "")),
        ("nu60001110002_att.fits.gz", (Role.ATTITUDE, None, None, "")),
        ("nu60001110002_psdcorr.fits", (Role.PSD_CORRECTED, None, None, "")),
        ("nu60001110002A.attorb", (Role.ATTITUDE_ORBIT, "FPMA", None, "")),
        ("nu60001110002A.mkf.gz", (Role.FILTER, "FPMA", None, "")),
        ("nu60001110002.cat.gz", (Role.CATALOGUE, None, None, "")),
    ],
)
def test_names_of_the_archive_are_understood(
    name: str, expected: tuple[Role, str | None, str | None, str]
) -> None:
    role, module, mode, split = expected
    assert parse_name(name) == FileName(
        role=role, obsid=OBSID, module=module, mode=mode, split=split
    )


def test_orbit_elements_belong_to_no_one_observation() -> None:
    assert parse_name("NUSTAR_TLE_ARCHIVE.txt.2014183") == FileName(
        role=Role.ORBIT_ELEMENTS, obsid=""
    )


@pytest.mark.parametrize(
    "name",
    [
        "nu60001110002A07_cl.evt", "nu60001110002C01_cl.evt", "nu6000111000A01_cl.evt",
        "nu600011100021A01_cl.evt", "nu60001110002A06_chu4_N_cl.evt", "60001110002A01_cl.evt",
        "nu60001110002A01_cl.evt.gpg", "nu60001110002A01_sr.pha", "NUSTAR_TLE_ARCHIVE.txt",
    ],
)  # fmt: skip
def test_other_names_are_not(name: str) -> None:
    assert parse_name(name) is None


@given(st.text())
def test_no_name_is_a_surprise(name: str) -> None:
    parse_name(name)


@given(st.from_regex(r"[0-9]{11}", fullmatch=True))
def test_an_observation_is_found_again_from_its_path(obsid: str) -> None:
    assert obsid_of(archive_path(obsid)) == obsid


@pytest.mark.parametrize("text", ["", "6000111000", "600011100022", "6000111000a", "6000111000²"])
def test_only_eleven_digits_are_an_observation_id(text: str) -> None:
    assert not is_obsid(text)
    with pytest.raises(ParameterError, match="expected eleven digits, as 60001110002"):
        archive_path(text)


def test_the_path_rule_is_the_archives() -> None:
    assert archive_path("60001110002") == "/FTP/nustar/data/obs/00/6/60001110002/"


def test_a_whole_observation_allows_every_step(tmp_path: Path) -> None:
    folder = ObservationFolder.open(folder_with(tmp_path / OBSID, (*CLEAN, *RAW)))
    assert folder.obsid == OBSID
    assert [step.describe() for step in folder.steps] == [
        "extraction: possible for FPMA and FPMB",
        "nuproducts: possible for FPMA and FPMB",
        "nupipeline: possible for FPMA and FPMB",
    ]


@pytest.mark.parametrize(
    ("lost", "step", "words"),
    [
        (
            "event_cl/{s}A01_cl.evt.gz",
            "extraction",
            "extraction: possible for FPMB only: missing event_cl/{s}A01_cl.evt",
        ),
        (
            "event_cl/{s}B_oa.fits.gz",
            "nuproducts",
            "nuproducts: possible for FPMA only: missing event_cl/{s}B_oa.fits",
        ),
        (
            "event_cl/{s}_mast.fits.gz",
            "nuproducts",
            "nuproducts: not possible: missing event_cl/{s}_mast.fits",
        ),
        (
            "auxil/NUSTAR_TLE_ARCHIVE.txt.2014183",
            "nupipeline",
            "nupipeline: not possible: missing auxil/NUSTAR_TLE_ARCHIVE.txt.*",
        ),
        (
            "hk/{s}_obeb.hk.gz",
            "nuproducts",
            "nuproducts: possible for FPMA and FPMB; hk/{s}_obeb.hk is not there: NuSTARDAS 2.0 "
            "(2020) and later stop without it",
        ),
        (
            "hk/{s}A_fpm.hk.gz",
            "extraction",
            "extraction: possible for FPMA and FPMB; hk/{s}A_fpm.hk is not there: dead time is "
            "then the mean of the observation, not second by second",
        ),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, lost: str, step: str, words: str) -> None:
    names = [name for name in (*CLEAN, *RAW) if name != lost]
    folder = ObservationFolder.open(folder_with(tmp_path / OBSID, names))
    assert folder.step(step).describe() == words.format(s=f"nu{OBSID}")


def test_the_attitude_in_auxil_is_not_the_one_nuproducts_needs(tmp_path: Path) -> None:
    names = [name for name in (*CLEAN, *RAW) if name != "event_cl/{s}_att.fits.gz"]
    folder = ObservationFolder.open(folder_with(tmp_path / OBSID, names))
    assert folder.step("nuproducts").missing == (f"event_cl/nu{OBSID}_att.fits",)
    assert folder.step("nupipeline").is_possible


def test_what_nupipeline_wrote_is_an_observation_too(tmp_path: Path) -> None:
    names = [Path(name).name for name in CLEAN]
    flat = ObservationFolder.open(folder_with(tmp_path / "out", names))
    assert flat.step("nuproducts").modules == ("FPMA", "FPMB")
    names = [f"event_cl/{name}" for name in names]
    tutorial = folder_with(tmp_path / f"{OBSID}_p", names)
    for path in (tutorial, tutorial / "event_cl"):
        folder = ObservationFolder.open(path)
        assert (folder.path, folder.obsid) == (tutorial, OBSID)
        assert folder.housekeeping("FPMA") == tutorial / f"event_cl/nu{OBSID}A_fpm.hk.gz"


def test_housekeeping_in_its_own_folder_comes_first(tmp_path: Path) -> None:
    root = folder_with(tmp_path / OBSID, (*CLEAN, "event_cl/{s}A_fpm.hk"))
    assert ObservationFolder.open(root).housekeeping("FPMA") == root / f"hk/nu{OBSID}A_fpm.hk.gz"


def test_event_lists_come_by_mode_and_whole_before_split(tmp_path: Path) -> None:
    names = [
        f"event_cl/{{s}}A{end}_cl.evt" for end in ("06_chu12_N", "06", "02", "01", "06_chu3_S")
    ]
    folder = ObservationFolder.open(folder_with(tmp_path / OBSID, names))
    found = [(file.name.mode, file.name.split) for file in folder.event_lists("FPMA")]
    assert found == [("01", ""), ("02", ""), ("06", ""), ("06", "chu12_N"), ("06", "chu3_S")]
    assert folder.event_lists("FPMB") == ()


def test_a_file_that_is_there_plain_and_packed_is_taken_plain(tmp_path: Path) -> None:
    root = folder_with(tmp_path / OBSID, ("event_cl/{s}A01_cl.evt", "event_cl/{s}A01_cl.evt.gz"))
    (file,) = ObservationFolder.open(root).event_lists("FPMA")
    assert file.path.suffix == ".evt"


def test_a_file_is_found_plain_first_then_packed_then_not(tmp_path: Path) -> None:
    folder_with(tmp_path, ("a", "a.gz", "b.gz"))
    assert find_plain_or_gz(tmp_path, "a") == tmp_path / "a"
    assert find_plain_or_gz(str(tmp_path), "b") == tmp_path / "b.gz"
    assert find_plain_or_gz(tmp_path, "c") is None


def test_a_folder_named_after_another_observation_is_refused(tmp_path: Path) -> None:
    for name in ("60001110003", "60001110003_p"):
        root = folder_with(tmp_path / name, CLEAN)
        with pytest.raises(
            InputFileError,
            match=rf"name says 60001110003, but its files are of {OBSID} \(nu.*Rename the folder",
        ):
            ObservationFolder.open(root)


def test_a_folder_of_two_observations_is_refused(tmp_path: Path) -> None:
    root = folder_with(tmp_path / "mine", CLEAN)
    folder_with(root, CLEAN[:1], obsid="60001110005")
    with pytest.raises(InputFileError, match=r"two observations, 6.*Give each observation"):
        ObservationFolder.open(root)


def test_a_folder_may_be_called_anything_else(tmp_path: Path) -> None:
    for name in ("crab", "600011100021", "2014"):
        assert ObservationFolder.open(folder_with(tmp_path / name, CLEAN)).obsid == OBSID


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), r"it holds no file of an observation as the archive names them\. Give a folder"),
        (("{s}A01_sr.pha",), rf"no file of an observation .* \(there is nu{OBSID}A01_sr\.pha\)"),
        (("event_cl/{s}A01_cl.evt.gz.gpg",), r"encrypted \(nu.*gpg\)\. They are proprietary"),
    ],
)
def test_a_folder_without_an_observation_says_what_it_holds(
    tmp_path: Path, names: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InputFileError, match=words):
        ObservationFolder.open(folder_with(tmp_path / OBSID, names))


def test_a_path_that_is_no_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="there is no such folder"):
        ObservationFolder.open(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(InputFileError, match="is a file, not a folder"):
        ObservationFolder.open(tmp_path / "file")


def test_a_folder_that_may_not_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder_with(tmp_path / OBSID, CLEAN)

    def refuse(_: Path) -> Iterable[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputFileError, match=r"cannot be read \(Permission denied\)"):
        ObservationFolder.open(root)


def test_the_sample_as_archived_allows_every_step(
    sample: SimulatedObservation, tmp_path: Path
) -> None:
    folder = ObservationFolder.open(archived(sample, tmp_path))
    assert folder.obsid == sample.obsid
    assert all(step.is_possible for step in folder.steps)
    assert folder.found.other == ()


def test_looking_changes_nothing(sample: SimulatedObservation, tmp_path: Path) -> None:
    copy = tmp_path / sample.obsid
    shutil.copytree(sample.path, copy)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    ObservationFolder.open(copy).describe()
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before
