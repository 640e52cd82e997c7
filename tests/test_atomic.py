from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from nustar_widgets.atomic import whole_file, whole_folder, write_text
from nustar_widgets.errors import OutputError


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_a_file_appears_whole_and_with_ordinary_permissions(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "Γ\n")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "Γ\n"
    assert names(tmp_path) == ["a.txt"]
    (tmp_path / "plain").touch()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a.txt", "plain")]
    assert modes[0] == modes[1]


def test_an_existing_file_is_kept_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(OutputError) as caught:
        write_text(path, "new", overwrite=False)
    assert str(caught.value) == (
        f"{path}: exists already. Choose another name, or ask for overwrite"
    )
    assert path.read_text(encoding="utf-8") == "old"


def test_an_interrupted_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), whole_file(path, overwrite=True) as part:
        part.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_appears_whole_parents_included(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "a" / "b" / "out") as part:
        (part / "x").touch()
        assert not (tmp_path / "a/b/out").exists()
    assert names(tmp_path / "a/b") == ["out"]
    assert names(tmp_path / "a/b/out") == ["x"]


def test_a_failed_folder_leaves_nothing_not_even_parents(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "a" / "b" / "out") as part:
        (part / "x").touch()
        raise RuntimeError
    assert names(tmp_path) == []


def test_an_empty_folder_may_be_filled_and_a_full_one_only_on_request(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with whole_folder(out) as part:
        (part / "first").touch()
    with pytest.raises(OutputError, match="exists already"), whole_folder(out):
        pass
    with whole_folder(out, overwrite=True) as part:
        (part / "second").touch()
    assert names(out) == ["second"]
    assert names(tmp_path) == ["out"]


def test_a_failed_replacement_keeps_the_old_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with whole_folder(out) as part:
        (part / "first").touch()
    with pytest.raises(RuntimeError), whole_folder(out, overwrite=True):
        raise RuntimeError
    assert names(out) == ["first"]


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, whole_folder(tmp_path / "out") as part:
        (part / "half").touch()
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(caught.value) == (
        f"{tmp_path / 'out'}: cannot be written (No space left on device). "
        "Choose a folder that exists, can be written and has room"
    )
    assert names(tmp_path) == []


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with (
        pytest.raises(OutputError, match="is a file, not a folder"),
        whole_folder(tmp_path / "out"),
    ):
        pass


def test_a_folder_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"), whole_folder(tmp_path / "file/out"):
        pass
