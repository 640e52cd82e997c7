from __future__ import annotations

from pathlib import Path

import pytest

from nustar_widgets.engines.heasoft.installation import Installation
from nustar_widgets.engines.heasoft.preflight import files_read, refuse_missing_events
from nustar_widgets.errors import InputFileError
from nustar_widgets.session.taskcall import TaskCall
from tests.standins.here import Here

STEM = "nu60001110002"


def call(task: str = "nuproducts", **params: str) -> TaskCall:
    given = {"instrument": "FPMA", "steminputs": STEM, "indir": "in"} | params
    return TaskCall(task=task, params=tuple(given.items()))


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_of_a_folder_only_what_nuproducts_reads_is_noted(tmp_path: Path) -> None:
    folder = filled(
        tmp_path / "in",
        *(f"{STEM}{name}" for name in ("A01_cl.evt", "A_fpm.hk", "_att.fits.gz", "A01_sr.pha",
                                       "A01_src.reg", "A01.flc")),
        "notes.txt", f"jobs/{STEM}A01_cl.evt",
    )  # fmt: skip
    region = filled(tmp_path, "mine.reg") / "mine.reg"
    read = files_read(call(), [folder, region, region])
    assert [path.name for path in read] == [
        f"{STEM}A01_cl.evt", f"{STEM}A_fpm.hk", f"{STEM}_att.fits.gz", "mine.reg",
    ]  # fmt: skip


def test_nupipeline_reads_the_folders_of_the_archive(tmp_path: Path) -> None:
    folder = filled(
        tmp_path / "in",
        f"auxil/{STEM}_att.fits", f"hk/{STEM}A_fpm.hk", f"event_uf/{STEM}A_uf.evt",
        f"event_cl/{STEM}A01_cl.evt",
    )  # fmt: skip
    read = files_read(call("nupipeline"), [folder])
    assert [path.parent.name for path in read] == ["auxil", "hk", "event_uf"]


@pytest.mark.parametrize("name", [f"{STEM}B01_cl.evt", f"{STEM}B01_cl.evt.gz"])
def test_the_event_list_may_be_packed(standin: Here, tmp_path: Path, name: str) -> None:
    filled(tmp_path / "in", name)
    found = Installation.find(standin.environ)
    assert found is not None
    spec = found.spec("nuproducts")
    refuse_missing_events(call(instrument="FPMB"), spec, folder=tmp_path)
    with pytest.raises(InputFileError, match=r"no such event list, plain or \.gz\. Check indir"):
        refuse_missing_events(call(instrument="FPMA"), spec, folder=tmp_path)
    refuse_missing_events(call(infile="elsewhere.evt"), spec, folder=tmp_path)
