"""Session files are data from anywhere: what is in one is a session, or is clearly refused."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.errors import SessionError
from nustar_widgets.session import store
from nustar_widgets.session.jsonfile import LARGEST_BYTES, parsed
from nustar_widgets.session.session import Session
from tests.session.test_store import full_session

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def edited_session() -> Session:
    """Every kind of value, and steps to undo and to do again."""
    session = full_session()
    start = session.snapshot()
    session.restore(Session(modules=("FPMB",)).state())
    for name, value in start.items():
        session.edit(f"choose {name}", **{name: value})
    for _ in range(3):
        session.undo()
    return session


def refused(content: bytes) -> str | None:
    """Return why some content is refused; ``None`` where it is a session that can be used."""
    try:
        saved = store.understood(content, "session.json")
    except SessionError as error:
        return str(error)
    session = Session()
    session.restore(saved.state)
    while session.undo() is not None:
        pass
    while session.redo() is not None:
        pass
    store.to_dict(session)
    return None


def test_a_file_of_format_1_is_migrated_and_loses_nothing() -> None:
    saved = store.read(GOLDEN / "session_format_1.json")
    assert dict(saved.state.values) == full_session().snapshot()
    assert (saved.state.past, saved.state.future) == ((), ())
    assert saved.written_by == "nustar_widgets 0.1.0.dev0"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a saved session, which is JSON"),
        (b"\xff\xfe{}", "not a saved session, which is text in UTF-8"),
        (b'{"format": 2, "format": 2}', "'format' is given twice"),
        (b'{"format": 2, "session": {"bin_s": NaN}}', "NaN is no number"),
        (b'{"format": 2, "session": {"bin_s": -Infinity}}', "-Infinity is no number"),
        (b'{"format": 2, "session": {"bin_s": 1e999}}', "bin_s=inf: expected a finite number"),
        (b'{"format": 2, "session": {"bin_s": 1%s}}' % (b"0" * 400), "bin_s=1000"),
        (b'{"format": 2, "session": {"bin_s": 1%s}}' % (b"0" * 9999), "not a saved session, which"),
        (b'{"format": 2, "session": {"user_gti": [[1e999, 2]]}}', "user_gti[0][0]=inf: expected a"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"format": 2, "a": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deep"),
        (b'{"format": true}', "session format True"),
        (b'{"format": 2, "session": []}', "session=[]: expected an object"),
        (b'{"format": 2, "written_by": 3}', "written_by=3: expected text"),
        (b'{"format": 2, "in_work_dir": "yes"}', "in_work_dir='yes': expected true or false"),
        (b'{"format": 2, "session": {"modules": [{}]}}', "unknown kind of value None"),
        (b'{"format": 2, "session": {"modules": [[1]]}}', "modules[0]=(1,): expected text"),
        (b'{"format": 2, "session": {"target": {"kind": "Target"}}}', "its 'name' is missing"),
        (b'{"format": 2, "session": {"target": {"kind": ["Target"]}}}', "unknown kind of value ["),
        (b'{"format": 2, "session": {"target": {"kind": "Target", "a": 1}}}', "Target has no 'a'"),
        (b'{"format": 2, "session": {"target": {"kind": "FitChoice"}}}', "target"),
        (b'{"format": 2, "session": {"__class__": 1}}', "no field '__class__'"),
        (b'{"format": 2, "history": {"past": 3}}', "past=3: expected a list"),
        (b'{"format": 2, "history": {"past": [3]}}', "history, step 1 of past: 3: expected an obj"),
        (
            b'{"format": 2, "history": {"past": [{"label": "a", "old": {"bin_s": 1}, "new": {}}]}}',
            "'a': 'old' and 'new' are not of the same fields",
        ),
        (
            b'{"format": 2, "history": {"future": [{"label": "a", "old": {"bin_s": 1}, '
            b'"new": {"bin_s": -1}}]}}',
            "history, step 1 of future: bin_s=-1.0: expected a positive number [s]; without its "
            "'history' the file can be opened",
        ),
    ],
)
def test_what_no_session_holds_is_refused_with_the_reason(content: bytes, message: str) -> None:
    told = refused(content)
    assert told is not None
    assert message in told
    assert len(told) < 1000


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every (container, key or index) in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


WRONG: list[Any] = [
    None, True, -1, 0, 3, 2**70, 10**400, 1.5, 1e308, float("inf"), "", "FPMA", "\ud800",
    "x" * 5000, [], [1], [[]], [None] * 3, {}, {"kind": "Target"}, {"kind": "os.system"},
    {"kind": None}, {"kind": "SkyRegion", "shapes": [{"kind": "SkyRegion", "shapes": []}]},
]  # fmt: skip


def test_a_wrong_type_in_every_place_is_refused_or_is_a_session() -> None:
    saved = store.to_dict(edited_session())
    found = list(places(saved))
    n_refused = 0
    for number, (container, key) in enumerate(found):
        right = container[key]
        for wrong in (WRONG[number % len(WRONG)], WRONG[(7 * number + 3) % len(WRONG)]):
            container[key] = wrong
            text = json.dumps(saved).replace("Infinity", "1e999")
            n_refused += refused(text.encode()) is not None
        container[key] = right
    assert refused(json.dumps(saved).encode()) is None
    assert n_refused > len(found)


def _other_byte(chance: random.Random, content: bytearray) -> None:
    content[chance.randrange(len(content))] = chance.randrange(256)


def _cut(chance: random.Random, content: bytearray) -> None:
    del content[chance.randrange(len(content)) :]


def _left_out(chance: random.Random, content: bytearray) -> None:
    start = chance.randrange(len(content))
    del content[start : start + chance.randrange(1, 200)]


def _twice(chance: random.Random, content: bytearray) -> None:
    start = chance.randrange(len(content))
    piece = content[start : start + chance.randrange(1, 200)]
    content[start:start] = piece


def _put_in(chance: random.Random, content: bytearray) -> None:
    token = chance.choice(
        [
            b"NaN",
            b"1e999",
            b"{}",
            b"[",
            b"]",
            b'"',
            b"null",
            b"-",
            b"9" * 30,
            b"\\ud800",
            b",",
            b"\0",
        ]
    )
    start = chance.randrange(len(content))
    content[start : start + chance.randrange(0, 3)] = token


def _of_numbers(chance: random.Random, content: bytearray) -> None:
    digits = [at for at, byte in enumerate(content) if chr(byte).isdigit()]
    for at in chance.sample(digits, min(4, len(digits))):
        content[at] = chance.choice(b"0123456789e.-")


MUTATIONS: list[Callable[[random.Random, bytearray], None]] = [
    _other_byte, _cut, _left_out, _twice, _put_in, _of_numbers,
]  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_damaged_files_are_refused_or_are_sessions(part: int) -> None:
    right = store.text_of(edited_session().state()).encode()
    assert refused(right) is None
    chance = random.Random(part)
    n_refused = 0
    for _ in range(2500):
        content = bytearray(right)
        for _ in range(chance.choice([1, 1, 1, 2, 5])):
            if content:
                chance.choice(MUTATIONS)(chance, content)
        n_refused += refused(bytes(content)) is not None
    assert n_refused > 1000


def test_a_file_of_a_hundred_megabytes_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(SessionError, match="it is longer than 20 MB, which no session is"):
        store.load(path)


def test_a_session_too_large_to_be_read_is_not_written() -> None:
    session = Session(data_dir="x" * LARGEST_BYTES)
    with pytest.raises(SessionError, match="takes 20 MB as a file, more than the 20 MB that are"):
        store.to_dict(session)


def test_a_pipe_and_a_folder_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe.json", tmp_path / "folder.json"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(SessionError, match="is no ordinary file: expected a saved session"):
            store.load(path)


def test_what_is_no_path_at_all_is_refused() -> None:
    with pytest.raises(SessionError, match="cannot be read"):
        store.load("a\0b")


def test_a_session_nests_far_less_than_is_allowed() -> None:
    assert parsed(store.text_of(edited_session().state()).encode(), "here")


def test_names_of_files_that_are_no_text_are_kept(tmp_path: Path) -> None:
    odd = os.fsdecode(b"/data/\xff\xe9")
    store.save(Session(data_dir=odd), tmp_path / "session.json")
    assert store.load(tmp_path / "session.json").data_dir == odd
