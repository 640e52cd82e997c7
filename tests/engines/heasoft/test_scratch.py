"""The private folder of one task: short, plain, and gone when the run ends."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from nustar_widgets.engines.heasoft.scratch import is_short_and_plain, scratch_in
from nustar_widgets.errors import OutputError


def test_the_working_folder_goes_with_all_it_holds(tmp_path: Path) -> None:
    with scratch_in(Path(tempfile.gettempdir())) as scratch:
        assert (scratch.work.is_dir(), scratch.pfiles.is_dir()) == (True, True)
        assert scratch.root.name.startswith(".nw-")
        (scratch.work / "deep").mkdir()
        (scratch.work / "deep" / "file").write_text("content", encoding="utf-8")
        (tmp_path / "outside").write_text("content", encoding="utf-8")
        (scratch.work / "link").symlink_to(tmp_path)
    assert not scratch.root.exists()
    assert (tmp_path / "outside").exists()  # a link goes, what it leads to stays


def test_the_working_folder_goes_also_where_the_run_fails() -> None:
    with pytest.raises(ZeroDivisionError), scratch_in() as scratch:
        raise ZeroDivisionError
    assert not scratch.root.exists()


@pytest.mark.parametrize("name", ["a b", "Größe", "x" * 80, "a;b", "1:2", "$HOME"])
def test_the_first_place_with_a_short_plain_path_is_taken(name: str, tmp_path: Path) -> None:
    bad = tmp_path / name
    bad.mkdir()
    with tempfile.TemporaryDirectory(prefix="nwt") as good, scratch_in(bad, Path(good)) as scratch:
        assert scratch.root.parent == Path(good)
        assert list(bad.iterdir()) == []


def test_where_no_place_will_do_it_is_said_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "a b"
    bad.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(bad))
    with pytest.raises(OutputError) as caught, scratch_in(bad):
        pass
    assert str(caught.value) == (
        f"{bad}: HEASoft needs a folder whose path has at most 60 letters and no spaces. "
        "Set TMPDIR to such a folder"
    )


def test_a_place_that_cannot_be_written_is_named() -> None:
    with (
        pytest.raises(OutputError, match=r"/dev/null: cannot be written \(Not a directory\)"),
        scratch_in(Path("/dev/null")),
    ):
        pass


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("/data/run_1", True),
        ("/" + "x" * 59, True),
        ("/" + "x" * 60, False),
        ("/data/run 1", False),
        ("/data/12:30", False),  # PFILES is split at colons
        ("/data/a;b", False),
    ],
)
def test_a_folder_tasks_can_run_in_is_short_and_plain(path: str, fits: bool) -> None:
    assert is_short_and_plain(Path(path)) is fits
