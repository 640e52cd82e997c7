"""What a folder holds, for choosing a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.panels.forms.filelisting import MOST_ENTRIES, Entry, listing, nearest_folder


def names(folder: Path, **options: bool) -> list[str]:
    found = listing(folder, work=folder, **options)
    return [f"{entry.name}/" if entry.is_folder else entry.name for entry in found.entries]


def test_folders_come_first_each_by_name_and_hidden_ones_only_when_asked(tmp_path: Path) -> None:
    for folder in ("event_cl", "Auxil", ".cache"):
        (tmp_path / folder).mkdir()
    for file in ("b.fits", "A.reg", ".hidden"):
        (tmp_path / file).touch()
    assert names(tmp_path) == ["Auxil/", "event_cl/", "A.reg", "b.fits"]
    assert names(tmp_path, hidden=True) == [
        ".cache/", "Auxil/", "event_cl/", ".hidden", "A.reg", "b.fits",
    ]  # fmt: skip


def test_sizes_are_told_of_files_and_a_link_to_a_folder_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "spectrum.pha").write_bytes(b"x" * 1234)
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    sizes = {one.name: (one.is_folder, one.size_bytes) for one in names_of(tmp_path)}
    assert sizes == {
        "data": (True, None), "link": (True, None), "spectrum.pha": (False, 1234),
        "broken": (False, None), "loop": (False, None),
    }  # fmt: skip


def names_of(folder: Path) -> tuple[Entry, ...]:
    return listing(folder, work=folder).entries


def test_paths_are_told_from_the_work_folder_where_they_are_below_it(tmp_path: Path) -> None:
    below = tmp_path / "60001110002" / "event_cl"
    below.mkdir(parents=True)
    inside = listing(Path("60001110002/event_cl"), work=tmp_path)
    assert (inside.shown, inside.folder) == ("60001110002/event_cl", str(below))
    assert inside.parent == str(below.parent)
    assert listing(tmp_path, work=tmp_path).shown == "."
    assert listing(Path("event_cl/.."), work=below.parent).shown == "."
    assert listing(tmp_path, work=below).shown == str(tmp_path)
    assert listing(Path("/"), work=below).parent == ""


def test_a_missing_folder_a_file_and_a_closed_folder_are_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.txt").touch()
    missing, no_folder = tmp_path / "gone", tmp_path / "list.txt"
    assert listing(missing, work=tmp_path).problem == (
        f"{missing}: there is no such folder; go up, or choose another"
    )
    assert listing(no_folder, work=tmp_path).problem == (
        f"{no_folder}: is a file, not a folder; go up to choose it"
    )

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "scandir", refuse)
    assert listing(tmp_path, work=tmp_path).problem == (
        f"{tmp_path}: you are not allowed to look into it; go up, or choose another"
    )
    monkeypatch.setattr(os, "scandir", fail)
    assert listing(tmp_path, work=tmp_path).problem == (
        f"{tmp_path}: cannot be read (Input/output error); go up, or choose another"
    )


def test_of_many_files_the_first_are_listed_and_it_says_so(tmp_path: Path) -> None:
    for number in range(MOST_ENTRIES + 5):
        (tmp_path / f"{number:05d}.fits").touch()
    found = listing(tmp_path, work=tmp_path)
    assert len(found.entries) == MOST_ENTRIES
    assert found.entries[-1].name == "01999.fits"
    assert found.note == "The first 2000 of 2005 are listed; type the name of another."


def test_names_that_are_not_text_are_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "good.fits").touch()
    os.close(os.open(os.fsencode(tmp_path) + b"/b\xffd.fits", os.O_CREAT))
    (tmp_path / "line\nbreak.fits").touch()
    found = listing(tmp_path, work=tmp_path)
    assert [entry.name for entry in found.entries] == ["good.fits"]
    assert found.note == "2 with names that are not text are left out."


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "."), ("auxil/att.fits", "auxil"), ("auxil", "auxil"), ("auxil/a/b/c.fits", "auxil"),
        ("DEFAULT", "."), ("../no/such/file", ".."), ("~nobody_of_this_name/x", "."),
        ("a\0b", "."),
    ],
)  # fmt: skip
def test_another_file_is_looked_for_in_the_nearest_folder_there_is(
    value: str, expected: str, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    (work / "auxil").mkdir(parents=True)
    assert nearest_folder(value, work=work) == Path(os.path.normpath(work / expected))


@given(st.text(max_size=40))
def test_whatever_is_asked_for_is_listed_or_told(text: str) -> None:
    found = listing(nearest_folder(text, work=Path("/tmp")), work=Path("/tmp"))
    assert found.problem or found.folder
