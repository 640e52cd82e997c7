from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from nustar_widgets.processes import ProcessId
from nustar_widgets.session.sessionlock import Holder, SessionLock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.json"


def sign(lock: SessionLock, holder: Holder) -> None:
    lock.file.write_text(json.dumps(asdict(holder)), encoding="utf-8")


def another(path: Path, **changes: object) -> Holder:
    """Somebody else who lives: the process that started this one."""
    process = replace(ProcessId.of(os.getppid()), **changes)  # type: ignore[arg-type]
    return Holder(process=process, since=1e9, token="another", path=str(path.resolve()))


def test_it_belongs_to_one_and_is_free_again_when_it_was_given_up(path: Path) -> None:
    first, second = SessionLock(path, "first"), SessionLock(path, "second")
    with first.held() as other:
        assert other is None
    with second.held() as other:
        assert other is not None
        assert (other.token, other.words()) == ("first", "another session of this kernel")
    first.release()
    with second.held() as other:
        assert other is None
    second.release()
    assert list(path.parent.iterdir()) == []


def test_it_is_taken_by_force(path: Path) -> None:
    first, second = SessionLock(path, "first"), SessionLock(path, "second")
    with first.held():
        pass
    with second.held(by_force=True) as other:
        assert other is None
    found = first.other()
    assert found is not None
    assert found.token == "second"
    first.release()  # takes nothing away from its new owner
    assert second.other() is None
    assert second.file.exists()


def test_an_owner_that_lives_counts_and_is_named(path: Path) -> None:
    lock = SessionLock(path, "mine")
    sign(lock, another(path))
    with lock.held() as other:
        assert other is not None
    found = lock.other()
    assert found is not None
    assert found.words().startswith(f"another kernel (process {os.getppid()}, since ")


@pytest.mark.parametrize(
    "changes", [{"started": 1.0}, {"boot": "another start of the machine"}, {"pid": 2**22 + 5}]
)
def test_an_owner_that_has_ended_does_not_count(path: Path, changes: dict[str, object]) -> None:
    lock = SessionLock(path, "mine")
    sign(lock, another(path, **changes))
    assert lock.other() is None
    with lock.held() as other:
        assert other is None


def test_the_owner_of_another_place_does_not_count_for_the_folder_was_moved(path: Path) -> None:
    lock = SessionLock(path, "mine")
    sign(lock, another(Path("/elsewhere/session.json")))
    assert lock.other() is None


def test_an_owner_on_another_machine_counts_while_it_is_heard_of(path: Path) -> None:
    lock = SessionLock(path, "mine")
    sign(lock, another(path, host="another-machine", started=1.0))
    found = lock.other()
    assert found is not None
    assert found.words().startswith("another kernel on another-machine (process ")
    silent = time.time() - 1000.0
    os.utime(lock.file, (silent, silent))
    assert lock.other() is None


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[", b"\xff", b"null", b'{"process": 3}', b"[" * 9000, b"9" * 9000]
)
def test_what_names_nobody_is_free(path: Path, content: bytes) -> None:
    lock = SessionLock(path, "mine")
    lock.file.write_bytes(content)
    assert lock.other() is None
    with lock.held() as other:
        assert other is None
    lock.beat()
    lock.release()
    assert not lock.file.exists()


def test_a_time_that_is_none_names_nobody(path: Path) -> None:
    lock = SessionLock(path, "mine")
    sign(lock, replace(another(path), since=1e300))
    assert lock.other() is None


def test_a_folder_that_has_gone_is_an_error_and_giving_up_is_none(tmp_path: Path) -> None:
    lock = SessionLock(tmp_path / "gone" / "session.json", "mine")
    with pytest.raises(FileNotFoundError), lock.held():
        pass
    lock.beat()
    lock.release()
    assert lock.other() is None
