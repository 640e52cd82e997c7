"""Processes known again by number and start, and ended with all they have begun."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from nustar_widgets.processes import ProcessId, end_group, end_session

# Starts children as its arguments say and prints the numbers of all; the first argument is for
# itself. deaf: ignores being asked to end; group: in a group of its own; breeder: answers with a
# deaf child; polite: writes a file when asked; gone: ends as soon as it has children.
FAMILY = """
import json, os, signal, sys, time

def become(how):
    if "group" in how:
        os.setpgid(0, 0)
    if "deaf" in how:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "breeder" in how:
        signal.signal(signal.SIGTERM, breed)
    if "polite" in how:
        signal.signal(signal.SIGTERM, leave)

def breed(*_):
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

def leave(*_):
    time.sleep(0.05)
    open("goodbye", "w").close()
    os._exit(0)

def born(how):
    read, write = os.pipe()
    if pid := os.fork():
        os.read(read, 1)
        return pid
    become(how)
    os.write(write, b"x")
    while True:
        time.sleep(600)

become(sys.argv[1])
print(json.dumps([os.getpid(), *map(born, sys.argv[2:])]), flush=True)
while sys.argv[1] != "gone":
    time.sleep(600)
"""

Family = Callable[..., list[int]]


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    """Start a session of processes and return their numbers, the leader's first."""
    leaders: list[subprocess.Popen[str]] = []

    def start(*how: str) -> list[int]:
        leaders.append(
            subprocess.Popen(
                [sys.executable, "-S", "-c", FAMILY, *how],
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
                cwd=tmp_path,
            )
        )
        assert leaders[-1].stdout
        pids: list[int] = json.loads(leaders[-1].stdout.readline())
        return pids

    yield start
    for leader in leaders:
        for pid in running(os.getsid, leader.pid):
            os.kill(pid, signal.SIGKILL)
        leader.wait()
        assert leader.stdout
        leader.stdout.close()


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def running(number_of: Callable[[int], int], number: int) -> list[int]:
    """Numbers of the running processes of a session or a group."""
    found = []
    for pid in psutil.pids():
        try:
            if number_of(pid) == number and is_running(pid):
                found.append(pid)
        except ProcessLookupError:
            continue
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "it has not happened"
        time.sleep(0.01)


def test_this_process_is_alive_and_the_same_whenever_it_is_named() -> None:
    own = ProcessId.own()
    assert own.pid == os.getpid()
    assert own.is_alive
    assert not own.is_elsewhere
    assert ProcessId.of(os.getpid()) == own


def test_a_number_nobody_has_cannot_be_named() -> None:
    with pytest.raises(ProcessLookupError, match=r"^no process 4194305$"):
        ProcessId.of(4194305)  # above the greatest there can be


def test_a_process_that_has_ended_is_not_alive_before_and_after_it_is_reaped() -> None:
    child = subprocess.Popen(["sleep", "600"])
    named, seen = ProcessId.of(child.pid), []
    seen.append(named.is_alive)
    child.kill()
    wait_until(lambda: not is_running(child.pid))
    seen.append(named.is_alive)  # it only waits to be reaped
    child.wait()
    seen.append(named.is_alive)
    assert seen == [True, False, False]


def test_a_later_process_with_the_same_number_is_another() -> None:
    own = ProcessId.own()
    assert not replace(own, started=own.started - 1).is_alive
    assert not replace(own, boot="another start of the machine").is_alive
    assert replace(own, started=own.started - 1) != own


def test_a_process_of_another_machine_is_neither_seen_nor_touched(family: Family) -> None:
    leader = ProcessId.of(family("plain")[0])
    elsewhere = replace(leader, host="another.machine")
    assert elsewhere.is_elsewhere
    assert not elsewhere.is_alive
    elsewhere.terminate()
    end_session(elsewhere, grace_s=0)
    assert leader.is_alive


@pytest.mark.parametrize("name", ["plain", "a) Z 1 (b", "(((", ") S", "with blanks "])
def test_a_process_may_have_any_name(tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([program, "600"])
    try:
        wait_until(lambda: psutil.Process(child.pid).name() == name)
        named = ProcessId.of(child.pid)
        assert named.is_alive
        assert named == ProcessId.of(child.pid)
    finally:
        child.kill()
        child.wait()


def test_a_process_can_be_asked_to_end(family: Family, tmp_path: Path) -> None:
    leader = ProcessId.of(family("polite")[0])
    leader.terminate()
    wait_until(lambda: not leader.is_alive)
    assert (tmp_path / "goodbye").exists()
    leader.terminate()  # asking again is no error


def test_a_later_process_with_the_same_number_is_not_asked_to_end(family: Family) -> None:
    leader = ProcessId.of(family("plain")[0])
    replace(leader, started=leader.started - 1).terminate()
    assert leader.is_alive


@pytest.mark.parametrize(
    "how",
    [
        ["plain"],
        ["plain", "plain", "plain"],
        ["deaf"],
        ["plain", "deaf", "plain", "deaf"],
        ["plain", "group", "group"],
        ["plain", "deaf group", "group"],
        ["plain", "breeder", "breeder group"],
        ["breeder"],
        ["gone", "plain"],
        ["gone", "deaf", "group", "breeder", "deaf group"],
    ],
    ids=" ".join,
)
def test_a_session_ends_with_everything_in_it(family: Family, how: list[str]) -> None:
    bystander = family("plain", "group")
    pids = family(*how)
    leader = ProcessId.of(pids[0])
    if how[0] == "gone":
        os.waitpid(pids[0], 0)
    assert len(running(os.getsid, pids[0])) == len(how) - (how[0] == "gone")
    assert len({os.getpgid(pid) for pid in pids[1:]} - {pids[0]}) == sum(
        "group" in word for word in how
    )
    end_session(leader, grace_s=0.2)
    assert running(os.getsid, pids[0]) == []
    assert not leader.is_alive
    assert all(map(is_running, bystander))


def test_who_ends_when_asked_has_the_time_to_do_it_well(family: Family, tmp_path: Path) -> None:
    leader = ProcessId.of(family("plain", "polite")[0])
    end_session(leader, grace_s=20)
    assert (tmp_path / "goodbye").exists()
    assert running(os.getsid, leader.pid) == []


def test_who_has_no_time_is_ended_all_the_same(family: Family) -> None:
    leader = ProcessId.of(family("plain", "deaf")[0])
    end_session(leader, grace_s=0)
    assert running(os.getsid, leader.pid) == []


def test_the_session_of_a_later_process_with_the_same_number_is_left_alone(
    family: Family,
) -> None:
    pids = family("plain", "plain")
    leader = ProcessId.of(pids[0])
    end_session(replace(leader, started=leader.started - 1), grace_s=0)
    end_session(replace(leader, boot="another start of the machine"), grace_s=0)
    assert all(map(is_running, pids))


def test_a_session_that_has_ended_is_no_error(family: Family) -> None:
    leader = ProcessId.of(family("plain")[0])
    for _ in range(2):
        end_session(leader, grace_s=0)
    assert not leader.is_alive


@pytest.mark.parametrize(
    "how", [["plain", "plain"], ["deaf", "deaf"], ["plain", "breeder"], ["gone", "deaf", "plain"]]
)
def test_a_group_ends_with_everything_in_it_and_other_groups_stay(
    family: Family, how: list[str]
) -> None:
    pids = family(*how, "group")
    group = pids[0]
    assert os.getpgid(pids[1]) == group
    end_group(group, grace_s=0.2)
    assert running(os.getpgid, group) == []
    assert running(os.getsid, group) == [pids[-1]]
    end_group(group, grace_s=0)  # once more is no error
