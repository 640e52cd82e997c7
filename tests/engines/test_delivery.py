"""Finished files get their names: all of them, or none."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nustar_widgets.engines.delivery import Move, deliver, refuse_existing
from nustar_widgets.errors import OutputError

ELSEWHERE = Path("/dev/shm")


class OnAnotherDisk(type(Path())):  # type: ignore[misc]
    """A path that says it lies on another disk than all others."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        real = list(super().stat(follow_symlinks=follow_symlinks))
        real[2] += 1  # st_dev
        return os.stat_result(real)


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    """Three finished files."""
    folder = tmp_path / "staging"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text(f"new {name}", encoding="utf-8")
    return folder


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """Return a folder on a disk that is not that of tmp_path."""
    if (
        not ELSEWHERE.is_dir()
        or ELSEWHERE.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev
    ):
        pytest.skip("there is no second disk here")
    folder = Path(tempfile.mkdtemp(dir=ELSEWHERE))
    yield folder
    shutil.rmtree(folder)


def moves(staging: Path, folder: Path, names: str = "abc") -> list[Move]:
    return [(staging / name, folder / name) for name in names]


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


NEW = {name: f"new {name}" for name in "abc"}


def test_all_files_get_their_names_and_none_stays(staging: Path, tmp_path: Path) -> None:
    deliver(moves(staging, tmp_path / "out" / "deep"), overwrite=False)
    assert content(tmp_path / "out" / "deep") == NEW
    assert content(staging) == {}


def test_nothing_to_deliver_is_no_error() -> None:
    deliver([], overwrite=False)


def test_one_that_exists_stops_all_of_them_before_the_first_moves(
    staging: Path, tmp_path: Path
) -> None:
    (tmp_path / "c").write_text("old", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        deliver(moves(staging, tmp_path), overwrite=False)
    assert str(caught.value) == (
        f"{tmp_path / 'c'}: exists already. Move it away or set clobber=yes"
    )
    assert caught.value.path == tmp_path / "c"
    assert content(staging) == NEW
    assert content(tmp_path) == {"c": "old"} | {f"staging/{name}": NEW[name] for name in "abc"}


def test_a_link_that_leads_nowhere_counts_as_there(staging: Path, tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to(tmp_path / "gone")
    with pytest.raises(OutputError, match="exists already"):
        refuse_existing([tmp_path / "a", tmp_path / "b"], overwrite=False)
    deliver(moves(staging, tmp_path), overwrite=True)
    assert not (tmp_path / "b").is_symlink()
    assert (tmp_path / "b").read_text(encoding="utf-8") == "new b"


def test_existing_files_are_replaced_where_they_may_be(staging: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a").write_text("old", encoding="utf-8")
    (out / "mine").write_text("mine", encoding="utf-8")
    deliver(moves(staging, out), overwrite=True)
    assert content(out) == NEW | {"mine": "mine"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_that_name_is_never_replaced(
    staging: Path, tmp_path: Path, overwrite: bool
) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(OutputError) as caught:
        deliver(moves(staging, tmp_path), overwrite=overwrite)
    assert str(caught.value) == (
        f"{tmp_path / 'b'}: is a folder. Move it away or choose another name"
    )
    assert content(staging) == NEW


def test_a_folder_that_cannot_be_made_is_named_and_nothing_has_moved(
    staging: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    wanted = [*moves(staging, tmp_path, "ab"), (staging / "c", tmp_path / "file" / "c")]
    with pytest.raises(OutputError) as caught:
        deliver(wanted, overwrite=True)
    assert str(caught.value) == (
        f"{tmp_path / 'file'}: cannot be written (File exists). "
        "Choose a folder that can be written and has room"
    )
    assert content(staging) == NEW
    assert not (tmp_path / "a").exists()


def test_a_file_that_was_not_made_stops_all_of_them(staging: Path, tmp_path: Path) -> None:
    wanted = [*moves(staging, tmp_path / "out"), (staging / "gone", tmp_path / "out" / "gone")]
    with pytest.raises(OutputError, match=r"gone: cannot be written \(No such file or directory\)"):
        deliver(wanted, overwrite=True)
    assert content(staging) == NEW
    assert content(tmp_path / "out") == {}


def test_files_reach_another_disk_with_their_mode_and_leave_nothing_between(
    staging: Path, other_disk: Path
) -> None:
    (staging / "a").chmod(0o640)
    deliver(moves(staging, other_disk / "out"), overwrite=False)
    assert content(other_disk) == {f"out/{name}": text for name, text in NEW.items()}
    assert (other_disk / "out" / "a").stat().st_mode & 0o777 == 0o640


def test_files_that_cannot_be_renamed_are_copied_under_a_hidden_name_first(
    staging: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    copy = shutil.copyfile

    def copying(made: Path, name: str) -> str:
        seen.append({path.name for path in (tmp_path / "out").iterdir()})
        return str(copy(made, name))

    monkeypatch.setattr(shutil, "copyfile", copying)
    deliver(
        [(OnAnotherDisk(made), final) for made, final in moves(staging, tmp_path / "out")],
        overwrite=False,
    )
    assert content(tmp_path / "out") == NEW
    assert [len(names) for names in seen] == [1, 2, 3]
    assert all(name.startswith(".") and name.endswith(".part") for name in seen[-1])


def test_a_disk_without_room_leaves_no_file_and_no_part(
    staging: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copyfile

    def full(made: Path, name: str) -> str:
        if made.name == "c":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(made))
        return str(copy(made, name))

    monkeypatch.setattr(shutil, "copyfile", full)
    out = tmp_path / "out"
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        deliver(
            [(OnAnotherDisk(made), final) for made, final in moves(staging, out)], overwrite=False
        )
    assert list(out.iterdir()) == []
    assert content(staging) == NEW
