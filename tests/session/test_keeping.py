from __future__ import annotations

import errno
import gc
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.atomic import write_text
from nustar_widgets.errors import OutputError, SessionError
from nustar_widgets.session import keptfile, store
from nustar_widgets.session.keeping import Keeping, keep
from nustar_widgets.session.opensession import open_session
from nustar_widgets.session.recents import recent
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import SpectrumInput, Target
from tests.session.otherkernel import other_kernel

DATED = re.compile(r"session-\d{4}-\d\d-\d\d-\d{6}(-\d+)?\.json")


def until(is_so: Callable[[], object]) -> None:
    """Wait for what happens on another thread."""
    give_up = time.monotonic() + 60.0
    while not is_so():
        assert time.monotonic() < give_up, "it does not happen"
        time.sleep(0.005)


def kept(folder: Path, **values: Any) -> tuple[Session, Keeping]:
    """Return a session of a folder as panels keep it, edited once."""
    session = Session(work_dir=str(folder))
    keeping = keep(session)
    keeping.flush()
    if values:
        session.edit("begin", **values)
        assert keeping.flush()
    return session, keeping


def ended(folder: Path, **values: Any) -> None:
    """Leave a session in a folder, as a kernel that has ended does."""
    session, _ = kept(folder, **values)
    del session, _
    gc.collect()
    until(lambda: not (folder / ".session.json.lock").exists())


def set_aside(folder: Path) -> list[Path]:
    """Return the files set aside in a folder, the oldest first."""
    return sorted(path for path in folder.glob("*.json") if DATED.fullmatch(path.name))


def bin_in(path: Path) -> Any:
    """Return the bin size a file holds."""
    return store.read(path).state.values["bin_s"]


# -- an edit gets to the disk ---------------------------------------------------------------


def test_an_edit_gets_to_the_disk_by_itself_with_its_undo_step(tmp_path: Path) -> None:
    session = Session(work_dir=str(tmp_path / "work"))
    keeping = keep(session)
    seen: list[bool] = []
    keeping.observe(lambda change: seen.append(change["new"]), "saved")
    session.edit("bin it", bin_s=20.0)
    until(lambda: seen == [False, True])
    saved = store.read(tmp_path / "work" / "session.json")
    assert saved.state.values["bin_s"] == 20.0
    assert [step.label for step in saved.state.past] == ["bin it"]
    assert (keeping.path, keeping.problem) == (str(tmp_path / "work" / "session.json"), "")


def test_an_observer_that_fails_is_no_failure_of_the_edit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)

    def fail(_: Any) -> None:
        raise ZeroDivisionError("in a panel")

    keeping.observe(fail, "saved")
    session.edit("bin it", bin_s=30.0)
    assert keeping.flush()
    assert bin_in(tmp_path / "session.json") == 30.0
    assert "while it was told how a session is kept" in caplog.text
    assert "ZeroDivisionError: in a panel" in caplog.text


def test_a_session_is_kept_once_whoever_asks(tmp_path: Path) -> None:
    session, keeping = kept(tmp_path)
    assert keep(session) is keeping


def test_a_session_nobody_has_edited_makes_no_file_and_no_folder(tmp_path: Path) -> None:
    _, keeping = kept(tmp_path / "work")
    assert keeping.saved
    assert not (tmp_path / "work").exists()


def test_what_was_edited_before_it_is_kept_is_written_at_once(tmp_path: Path) -> None:
    session = Session(work_dir=str(tmp_path))
    session.edit("bin", bin_s=20.0)
    keep(session)
    until((tmp_path / "session.json").exists)
    assert bin_in(tmp_path / "session.json") == 20.0


def test_undo_and_redo_are_written_and_work_after_opening(tmp_path: Path) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    session.edit("name it", target=Target(name="Cen A"))
    session.undo()
    keeping.flush()
    again = Session()
    again.restore(store.read(tmp_path / "session.json").state)
    assert (again.undo_label, again.redo_label) == ("begin", "name it")
    assert again.redo() == "name it"
    assert again.target == Target(name="Cen A")


def test_edits_from_many_threads_end_up_on_disk(tmp_path: Path) -> None:
    session, keeping = kept(tmp_path)

    def edit(start: int) -> None:
        for number in range(100):
            session.edit(f"{start}", bin_s=float(start + number + 1))

    threads = [threading.Thread(target=edit, args=(1000 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: keeping.saved)
    assert bin_in(tmp_path / "session.json") == session.bin_s


def test_an_edit_does_not_wait_for_a_disk_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    is_writing, goes_on = threading.Event(), threading.Event()
    write = write_text

    def hang(path: Path, text: str) -> None:
        is_writing.set()
        assert goes_on.wait(60.0)
        write(path, text)

    monkeypatch.setattr(keptfile, "write_text", hang)
    session.edit("bin", bin_s=30.0)
    assert is_writing.wait(60.0)
    session.edit("bin", bin_s=40.0)  # returns while the disk hangs
    session.undo()
    assert not keeping.saved
    goes_on.set()
    until(lambda: keeping.saved)
    assert bin_in(tmp_path / "session.json") == 30.0


def test_a_session_without_a_work_folder_is_kept_from_when_it_has_one(tmp_path: Path) -> None:
    session = Session()
    keeping = keep(session)
    session.edit("bin", bin_s=20.0)
    assert not keeping.flush()
    assert (keeping.path, keeping.problem) == ("", "")
    session.edit("work there", work_dir=str(tmp_path / "work"))
    until(lambda: keeping.saved)
    assert bin_in(tmp_path / "work" / "session.json") == 20.0


def test_another_work_folder_takes_the_session_along_and_undo_brings_it_back(
    tmp_path: Path,
) -> None:
    session, keeping = kept(tmp_path / "a", bin_s=20.0)
    session.edit("work in b", work_dir=str(tmp_path / "b"))
    session.edit("bin", bin_s=30.0)
    assert keeping.flush()
    assert [bin_in(tmp_path / name / "session.json") for name in "ab"] == [20.0, 30.0]
    session.undo()
    session.undo()
    assert keeping.flush()
    assert keeping.path == str(tmp_path / "a" / "session.json")
    saved = store.read(tmp_path / "a" / "session.json").state
    assert [step.label for step in saved.future] == ["bin", "work in b"]
    assert not (tmp_path / "b" / ".session.json.lock").exists()


def test_the_last_edit_before_python_ends_is_on_disk(tmp_path: Path) -> None:
    code = (
        "from nustar_widgets.session.session import Session\n"
        "from nustar_widgets.session.keeping import keep\n"
        f"session = Session(work_dir={str(tmp_path)!r})\n"
        "keep(session)\n"
        "session.edit('bin', bin_s=20.0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert bin_in(tmp_path / "session.json") == 20.0
    assert not (tmp_path / ".session.json.lock").exists()


def test_a_session_nobody_uses_any_more_is_written_and_let_go(tmp_path: Path) -> None:
    session, _ = kept(tmp_path)
    session.edit("bin", bin_s=20.0)
    del session, _
    gc.collect()
    until((tmp_path / "session.json").exists)
    until(lambda: not (tmp_path / ".session.json.lock").exists())
    assert bin_in(tmp_path / "session.json") == 20.0


def test_a_forked_process_writes_nothing(tmp_path: Path) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    child = os.fork()
    if child == 0:
        try:
            session.edit("bin", bin_s=30.0)
            keeping.flush()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert bin_in(tmp_path / "session.json") == 20.0


# -- an earlier session is there --------------------------------------------------------------


def test_the_first_cell_run_again_after_a_restart_loses_nothing(tmp_path: Path) -> None:
    ended(tmp_path, bin_s=20.0, target=Target(name="Cen A"))
    session, keeping = kept(tmp_path)
    assert keeping.saved
    assert keeping.earlier is not None
    assert keeping.earlier.about.startswith("Cen A, 1 step, of ")
    assert keeping.notice == (
        f"This folder holds an earlier session ({keeping.earlier.about}). Continue it, or go on: "
        "with the first change made here it is set aside, and stays in this folder."
    )
    assert bin_in(tmp_path / "session.json") == 20.0
    session.edit("bin", bin_s=30.0)
    assert keeping.flush()
    (aside,) = set_aside(tmp_path)
    assert [bin_in(tmp_path / "session.json"), bin_in(aside)] == [30.0, 20.0]
    assert f"To continue it: nw.open_session({str(aside)!r})" in keeping.notice
    assert {item.path for item in recent()} >= {aside, tmp_path / "session.json"}


def test_the_earlier_session_is_continued_before_anything_was_changed(tmp_path: Path) -> None:
    ended(tmp_path, bin_s=20.0, target=Target(name="Cen A"))
    session, keeping = kept(tmp_path)
    keeping.continue_earlier()
    assert (session.bin_s, session.undo_label) == (20.0, "begin")
    assert (keeping.notice, keeping.earlier, keeping.saved) == ("", None, True)
    assert set_aside(tmp_path) == []
    session.undo()
    assert keeping.flush()
    assert bin_in(tmp_path / "session.json") == 100.0


def test_the_earlier_session_is_continued_later_and_what_was_begun_is_set_aside(
    tmp_path: Path,
) -> None:
    ended(tmp_path, bin_s=20.0)
    session, keeping = kept(tmp_path)
    session.edit("bin", bin_s=30.0)
    keeping.flush()
    keeping.continue_earlier()
    assert session.bin_s == 20.0
    (aside,) = set_aside(tmp_path)
    assert [bin_in(tmp_path / "session.json"), bin_in(aside)] == [20.0, 30.0]
    assert keeping.earlier is not None
    assert keeping.earlier.path == aside
    keeping.continue_earlier()  # and back again
    (aside,) = set_aside(tmp_path)
    assert [bin_in(tmp_path / "session.json"), bin_in(aside)] == [30.0, 20.0]


def test_a_notebook_run_from_top_to_bottom_again_and_again_leaves_no_heap(tmp_path: Path) -> None:
    for _ in range(4):
        session = Session(work_dir=str(tmp_path))
        keeping = keep(session)
        keeping.flush()
        session.edit("bin", bin_s=20.0)
        session.edit("bin", bin_s=30.0)
        assert keeping.flush()
        del session
        gc.collect()
        until(lambda: not (tmp_path / ".session.json.lock").exists())
    assert len(set_aside(tmp_path)) == 1


def test_the_same_choices_as_the_earlier_session_go_on_with_its_undo_steps(tmp_path: Path) -> None:
    ended(tmp_path, bin_s=20.0)
    session = Session(work_dir=str(tmp_path), bin_s=20.0)
    keeping = keep(session)
    assert keeping.flush()
    assert (keeping.notice, session.undo_label) == ("", "begin")
    session.undo()
    assert keeping.flush()
    assert set_aside(tmp_path) == []


def test_another_session_of_the_same_kernel_makes_way_and_goes_on_beside(tmp_path: Path) -> None:
    old, of_old = kept(tmp_path, bin_s=20.0)
    new, of_new = kept(tmp_path)
    assert of_new.earlier is not None  # not "another kernel": this one can be asked to make way
    new.edit("bin", bin_s=30.0)
    of_new.flush()
    old.edit("bin", bin_s=21.0)
    of_old.flush()
    (aside,) = set_aside(tmp_path)
    assert [bin_in(tmp_path / "session.json"), bin_in(aside)] == [30.0, 21.0]
    assert of_old.path == str(aside)
    assert of_old.notice == (
        f"{tmp_path / 'session.json'} now holds another session of this kernel: this one goes on "
        f"in {aside}."
    )


def test_a_file_that_cannot_be_read_is_set_aside_and_not_continued(tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text("{", encoding="utf-8")
    session, keeping = kept(tmp_path)
    assert "not a saved session, which is JSON" in keeping.notice
    assert "With the first change made here, that file is set aside" in keeping.notice
    session.edit("bin", bin_s=30.0)
    assert keeping.flush()
    (aside,) = set_aside(tmp_path)
    assert aside.read_text(encoding="utf-8") == "{"
    with pytest.raises(SessionError, match="not a saved session"):
        keeping.continue_earlier()
    assert session.bin_s == 30.0


def test_a_notice_that_was_read_goes_away(tmp_path: Path) -> None:
    ended(tmp_path, bin_s=20.0)
    _, keeping = kept(tmp_path)
    keeping.dismiss()
    assert (keeping.notice, keeping.earlier) == ("", None)
    keeping.flush()
    assert bin_in(tmp_path / "session.json") == 20.0


# -- opening ----------------------------------------------------------------------------------


def test_a_session_is_opened_by_its_folder_or_its_file_and_goes_on_being_kept(
    tmp_path: Path,
) -> None:
    ended(tmp_path, bin_s=20.0)
    session = open_session(tmp_path)
    assert open_session(str(tmp_path / "session.json")) is session
    assert (session.bin_s, session.undo_label, session.work_dir) == (20.0, "begin", str(tmp_path))
    session.edit("bin", bin_s=30.0)
    until(lambda: bin_in(tmp_path / "session.json") == 30.0)
    assert set_aside(tmp_path) == []


@pytest.mark.parametrize("name", ["work", "work/session.json"])
def test_where_there_is_no_session_a_new_one_is_begun_and_written(
    tmp_path: Path, name: str
) -> None:
    session = open_session(tmp_path / name)
    assert session.work_dir == str(tmp_path / "work")
    assert (tmp_path / "work" / "session.json").is_file()
    assert keep(session).saved


def test_a_session_file_of_another_name_stays_where_it_is(tmp_path: Path) -> None:
    session = open_session(tmp_path / "cena.json")
    assert session.work_dir == str(tmp_path)
    session.edit("work elsewhere", work_dir=str(tmp_path / "work"))
    assert keep(session).flush()
    assert keep(session).path == str(tmp_path / "cena.json")
    assert not (tmp_path / "work").exists()


def test_opening_what_is_no_session_says_so_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(SessionError, match="session format 99"):
        open_session(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["session.json"]


def test_a_folder_that_was_moved_takes_its_paths_along(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "data").mkdir(parents=True)
    (old / "data" / "a.pha").touch()
    spectra = (
        SpectrumInput(pha=str(old / "data" / "a.pha"), background="b.pha", rmf="/caldb/a.rmf"),
    )
    ended(old, spectra=spectra, data_dir=str(old / "gone"))
    old.rename(new)
    session = open_session(new)
    assert session.work_dir == str(new)
    assert session.spectra == (
        SpectrumInput(pha=str(new / "data" / "a.pha"), background="b.pha", rmf="/caldb/a.rmf"),
    )
    assert session.data_dir == str(old / "gone")  # neither there nor here
    session.undo()
    assert session.work_dir == str(new)
    assert session.snapshot()["spectra"] == ()
    assert keep(session).flush()
    assert not old.exists()


def test_a_relative_work_folder_is_found_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended(Path("work"), bin_s=20.0)
    assert open_session("work").work_dir == "work"
    gc.collect()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    until(lambda: not (tmp_path / "work" / ".session.json.lock").exists())
    assert open_session("../work").work_dir == str(tmp_path / "elsewhere" / ".." / "work")


# -- somebody else ------------------------------------------------------------------------------


def test_a_second_kernel_is_told_and_goes_on_beside(tmp_path: Path) -> None:
    with other_kernel(tmp_path) as other:
        other("edit 12")
        session = open_session(tmp_path)
        keeping = keep(session)
        assert (session.bin_s, keeping.saved) == (12.0, True)
        assert keeping.notice.startswith(
            f"{tmp_path / 'session.json'} is open in another kernel (process {other.process.pid}, "
            "since "
        )
        assert keeping.notice.endswith(
            "What you change here goes to a file of its own beside it, unless you take it over."
        )
        session.edit("bin", bin_s=30.0)
        assert keeping.flush()
        (copy,) = set_aside(tmp_path)
        assert [bin_in(tmp_path / "session.json"), bin_in(copy)] == [12.0, 30.0]
        assert keeping.path == str(copy)
        assert f"this session goes on in {copy}" in keeping.notice
        assert other("edit 13")["notice"] == ""
        assert bin_in(tmp_path / "session.json") == 13.0


def test_a_file_is_taken_over_and_its_owner_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with other_kernel(tmp_path) as other:
        session = open_session(tmp_path)
        session.edit("bin", bin_s=30.0)
        keeping = keep(session)
        keeping.flush()
        other("edit 12")
        keeping.take_over()
        (aside,) = set_aside(tmp_path)  # the copy is not needed any more
        assert [bin_in(tmp_path / "session.json"), bin_in(aside)] == [30.0, 12.0]
        assert (keeping.path, keeping.holder) == (str(tmp_path / "session.json"), None)
        told = other("look")
        assert f"was taken over by another kernel (process {os.getpid()}, since" in told["notice"]
        told = other("edit 14")
        assert bin_in(Path(told["path"])) == 14.0
        assert bin_in(tmp_path / "session.json") == 30.0
        assert "this session goes on in" in told["notice"]


def test_a_copy_is_kept_without_a_change(tmp_path: Path) -> None:
    with other_kernel(tmp_path) as other:
        other("edit 12")
        session = open_session(tmp_path)
        keeping = keep(session)
        keeping.keep_copy()
        (copy,) = set_aside(tmp_path)
        assert (keeping.path, keeping.notice, bin_in(copy)) == (str(copy), "", 12.0)


def test_a_kernel_that_was_killed_keeps_nobody_out(tmp_path: Path) -> None:
    with other_kernel(tmp_path) as other:
        other("edit 12")
        other.process.kill()
        other.process.wait()
        session = open_session(tmp_path)
        assert keep(session).notice == ""
        session.edit("bin", bin_s=30.0)
        assert keep(session).flush()
    assert bin_in(tmp_path / "session.json") == 30.0
    assert set_aside(tmp_path) == []


def test_a_file_changed_by_somebody_else_is_set_aside(tmp_path: Path) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    store.save(Session(bin_s=77.0), tmp_path / "session.json")
    session.edit("bin", bin_s=30.0)
    assert keeping.flush()
    (aside,) = set_aside(tmp_path)
    assert [bin_in(tmp_path / "session.json"), bin_in(aside)] == [30.0, 77.0]
    assert f"was set aside. To continue it: nw.open_session({str(aside)!r})" in keeping.notice


def test_a_file_that_was_only_copied_over_itself_is_no_news(tmp_path: Path) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    content = (tmp_path / "session.json").read_bytes()
    (tmp_path / "session.json").unlink()
    (tmp_path / "session.json").write_bytes(content)
    session.edit("bin", bin_s=30.0)
    assert keeping.flush()
    assert (set_aside(tmp_path), keeping.notice) == ([], "")


def test_half_a_file_of_a_kernel_that_was_killed_is_cleared_up(tmp_path: Path) -> None:
    litter, fresh = tmp_path / ".session.json.abc.part", tmp_path / ".session.json.def.part"
    litter.touch()
    fresh.touch()
    os.utime(litter, (0, 0))
    kept(tmp_path, bin_s=20.0)
    assert (litter.exists(), fresh.exists()) == (False, True)


# -- the disk -----------------------------------------------------------------------------------


def failing(monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[[], None]:
    """Let writing fail as the system does; return what ends that."""
    write = write_text

    def fail(path: Path, text: str) -> None:
        error = OSError(number, os.strerror(number))
        raise OutputError(path, f"cannot be written ({error.strerror})", "Choose") from error

    monkeypatch.setattr(keptfile, "write_text", fail)
    return lambda: monkeypatch.setattr(keptfile, "write_text", write)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "the disk is full. Nothing is lost: this session stays in memory, and"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "its folder is read-only"),
        (errno.EACCES, "its folder is read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_that_takes_nothing_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, text: str
) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    mend = failing(monkeypatch, number)
    session.edit("bin", bin_s=30.0)
    until(lambda: keeping.problem)
    assert keeping.problem.startswith(f"{tmp_path / 'session.json'} cannot be written: {text}")
    assert keeping.problem.endswith("or keep it in another folder")
    assert not keeping.saved
    session.edit("name", target=Target(name="Cen A"))
    assert bin_in(tmp_path / "session.json") == 20.0
    mend()
    until(lambda: keeping.saved)
    assert keeping.problem == ""
    saved = store.read(tmp_path / "session.json").state
    assert [step.label for step in saved.past] == ["begin", "bin", "name"]


def test_a_full_disk_does_not_set_the_same_file_aside_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    store.save(Session(bin_s=77.0), tmp_path / "session.json")
    mend = failing(monkeypatch, errno.ENOSPC)
    session.edit("bin", bin_s=30.0)
    for _ in range(3):
        assert not keeping.flush()
    mend()
    assert keeping.flush()
    assert [bin_in(path) for path in set_aside(tmp_path)] == [77.0]


def test_a_folder_that_has_gone_is_said_and_written_again_when_it_is_back(tmp_path: Path) -> None:
    work, away = tmp_path / "work", tmp_path / "away"
    session, keeping = kept(work, bin_s=20.0)
    work.rename(away)
    session.edit("bin", bin_s=30.0)
    assert not keeping.flush()
    assert keeping.problem.startswith(
        f"{work / 'session.json'} cannot be written: its folder has gone (moved, deleted, or no "
        "longer mounted). Nothing is lost"
    )
    assert not work.exists()  # not made anew behind anybody's back
    away.rename(work)
    until(lambda: keeping.saved)
    assert bin_in(work / "session.json") == 30.0
    assert set_aside(work) == []


def test_a_file_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    session, keeping = kept(tmp_path, bin_s=20.0)
    (tmp_path / "session.json").unlink()
    (tmp_path / ".session.json.lock").unlink()
    session.edit("bin", bin_s=30.0)
    assert keeping.flush()
    assert bin_in(tmp_path / "session.json") == 30.0


def test_a_session_that_cannot_be_written_moves_to_another_folder_until_it_has_a_new_one(
    tmp_path: Path,
) -> None:
    session, keeping = kept(tmp_path / "work", bin_s=20.0)
    (tmp_path / "work").rename(tmp_path / "away")
    session.edit("bin", bin_s=30.0)
    keeping.flush()
    (tmp_path / "refuge").mkdir()
    keeping.move(tmp_path / "refuge")
    (file,) = set_aside(tmp_path / "refuge")
    assert (keeping.path, keeping.problem, keeping.saved) == (str(file), "", True)
    assert keeping.notice == f"This session is kept in {file}."
    session.edit("bin", bin_s=40.0)
    assert keeping.flush()
    assert bin_in(file) == 40.0
    assert store.read(file).in_work_dir is False
    session.edit("work there", work_dir=str(tmp_path / "new"))
    assert keeping.flush()
    assert keeping.path == str(tmp_path / "new" / "session.json")


def test_where_a_session_cannot_be_moved_to_it_stays(tmp_path: Path) -> None:
    _, keeping = kept(tmp_path, bin_s=20.0)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="Choose another folder"):
        keeping.move(tmp_path / "file" / "below")
    assert keeping.path == str(tmp_path / "session.json")


def test_a_folder_under_the_name_of_the_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "session.json").mkdir()
    (tmp_path / "session.json" / "mine").touch()
    session, keeping = kept(tmp_path)
    session.edit("bin", bin_s=30.0)
    assert keeping.flush()
    (aside,) = set_aside(tmp_path)
    assert (aside / "mine").exists()


def test_what_is_written_is_plain_json_with_a_line_for_each_field(tmp_path: Path) -> None:
    kept(tmp_path, bin_s=20.0)
    lines = (tmp_path / "session.json").read_text(encoding="ascii").splitlines()
    assert '"bin_s": 20.0,' in lines
    saved = json.loads("\n".join(lines))
    assert (saved["format"], saved["in_work_dir"]) == (2, True)
