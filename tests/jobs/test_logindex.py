from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.jobs import logindex, logsearch
from nustar_widgets.jobs.logerrors import READ_BYTES, speaks_of_error
from nustar_widgets.jobs.logfile import LogFile
from nustar_widgets.jobs.logindex import MOST_ERRORS, LogIndex, shown
from nustar_widgets.jobs.logsearch import LogSearch

GO = threading.Event()
WORDS = (
    b"error", b"Error: ", b"no error", b"0 errors", b"\n", b"\r\n", b" at x.pl line 3.", b"\xff",
    "\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), b"FATAL", b"ab" * 20, b"terror", b"ab" * 1500,
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS) | st.binary(max_size=12), max_size=12).map(b"".join)
APPENDS = st.lists(TEXTS, max_size=8)


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> object:
    """Make blocks so small that everything lies across their borders."""
    patch = pytest.MonkeyPatch()
    for module in (logindex, logsearch):
        patch.setattr(module, "BLOCK_BYTES", 16)
    patch.setattr(logindex, "_WINDOW_BYTES", READ_BYTES + 1)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs") / "task.log"


def naive(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def add(path: Path, text: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(text)


def found(search: LogSearch) -> list[int | None]:
    return [search.number(rank) for rank in range(search.total)]


@given(appends=APPENDS, most=st.integers(1, 40))
def test_lines_and_errors_are_those_of_a_naive_split(
    path: Path, appends: list[bytes], most: int
) -> None:
    path.write_bytes(b"")
    index, content = LogIndex(path), b""
    for text in appends:
        add(path, text)
        content += text
        grown = [index.grow(most_bytes=most) for _ in range(len(text) // most + 3)]
        assert grown[0] == bool(text)
        assert not grown[-1]
        lines = naive(content)
        assert index.n_lines == len(lines)
        assert index.lines(0, 10**9) == [shown(line) for line in lines]
        assert list(index.errors) == [n for n, line in enumerate(lines) if speaks_of_error(line)]
        assert index.n_errors == len(index.errors)


@given(content=TEXTS, first=st.integers(-2, 12), count=st.integers(0, 12))
def test_any_window_is_a_piece_of_the_naive_split(
    path: Path, content: bytes, first: int, count: int
) -> None:
    path.write_bytes(content)
    index = LogIndex(path)
    index.grow()
    lines = [shown(line) for line in naive(content)]
    assert index.lines(first, count) == (lines[first : first + count] if first >= 0 else [])


@given(
    appends=APPENDS,
    needle=st.sampled_from(["error", "ERROR", "a", "ba", "e\ufffd", "ba" * 15, "\xe9", "\xc9", ""])
    | st.text(max_size=3),
)
def test_the_search_finds_what_a_naive_one_finds(
    path: Path, appends: list[bytes], needle: str
) -> None:
    path.write_bytes(b"")
    index, content = LogIndex(path), b""
    search = LogSearch(index, needle)
    for text in appends:
        add(path, text)
        content += text
        index.grow()
        while search.grow(GO, most_blocks=2):
            pass
        wanted = needle.casefold()
        lines = [line.decode(errors="replace").casefold() for line in naive(content)]
        expected = [n for n, line in enumerate(lines) if wanted and wanted in line]
        assert found(search) == expected
        assert search.number(len(expected)) is search.number(-1) is None
        for line in range(len(lines) + 1):
            assert search.rank_from(line) == sum(n < line for n in expected)


@given(before=TEXTS, after=TEXTS)
def test_a_file_that_was_replaced_is_read_from_its_beginning(
    path: Path, before: bytes, after: bytes
) -> None:
    path.write_bytes(before)
    index = LogIndex(path)
    index.grow()
    search = LogSearch(index, "error")
    search.grow(GO)
    new = path.with_name("new.log")
    new.write_bytes(after)
    new.replace(path)
    assert index.grow()
    search.grow(GO)
    lines = naive(after)
    assert index.lines(0, 100) == [shown(line) for line in lines]
    assert list(index.errors) == [n for n, line in enumerate(lines) if speaks_of_error(line)]
    assert found(search) == [n for n, line in enumerate(lines) if b"error" in line.lower()]
    assert index.generation == 1


@given(before=TEXTS, after=TEXTS)
def test_a_file_that_was_written_over_is_read_from_its_beginning(
    path: Path, before: bytes, after: bytes
) -> None:
    path.write_bytes(before)
    index = LogIndex(path)
    index.grow()
    path.write_bytes(after)  # the same file
    index.grow()
    assert index.lines(0, 100) == [shown(line) for line in naive(after)]
    assert index.generation == (not after.startswith(before))


def test_a_log_that_is_not_there_yet_or_gone_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "task.log"
    index = LogIndex(path)
    search = LogSearch(index, "x")
    assert (index.grow(), index.n_lines, index.lines(0, 5), index.errors) == (False, 0, [], ())
    assert (search.grow(GO), search.total) == (False, 0)
    path.write_bytes(b"x\nError\n")
    assert (index.grow(), index.n_lines, index.errors) == (True, 2, (1,))
    path.unlink()
    assert index.lines(0, 5) == []
    assert (index.grow(), index.n_lines, index.errors, index.grow()) == (True, 0, (), False)


def test_long_lines_are_clipped_and_say_how_much_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "task.log"
    letters = "\N{LATIN SMALL LETTER E WITH ACUTE}"
    path.write_bytes(b"a" * 2000 + b"\n" + b"a" * 5000 + b"\nx" + letters.encode() * 5000)
    index = LogIndex(path)
    index.grow()
    plain, clipped, cut = index.lines(0, 3)
    assert plain == "a" * 2000
    assert clipped == "a" * 2000 + " \N{HORIZONTAL ELLIPSIS} 3,000 more bytes"
    assert cut == f"x{letters * 999} \N{HORIZONTAL ELLIPSIS} 8,002 more bytes"  # not in a letter
    search = LogSearch(index, letters.upper() * 2 + letters)
    search.grow(GO)
    assert found(search) == [2]


def test_only_the_first_thousand_errors_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "task.log"
    path.write_bytes(b"fine\nError: bad\n" * 3000)
    index = LogIndex(path)
    index.grow()
    assert index.n_errors == 3000
    assert index.errors == tuple(range(1, 2 * MOST_ERRORS, 2))


def test_a_search_stops_when_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "task.log"
    path.write_bytes(b"here\n" * 100)
    index = LogIndex(path)
    index.grow()
    search, cancelled = LogSearch(index, "here"), threading.Event()
    cancelled.set()
    assert search.grow(cancelled)
    assert (search.total, search.is_complete) == (0, False)
    assert not search.grow(GO)
    assert (search.total, search.is_complete) == (100, True)


def test_memory_does_not_grow_with_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (logindex, logsearch):
        monkeypatch.setattr(module, "BLOCK_BYTES", 1 << 16)
    path = tmp_path / "task.log"
    path.write_bytes(b"Error: a line like those that tasks print, again and again\n" * 200_000)
    index = LogIndex(path)
    while index.grow():
        pass
    search = LogSearch(index, "again")
    search.grow(GO)
    assert (index.n_lines, index.n_errors, search.total) == (200_000, 200_000, 200_000)
    assert search.number(199_999) == 199_999
    assert index.memory_bytes < 8 * path.stat().st_size / (1 << 16) + 8 * MOST_ERRORS + 100


def test_the_index_and_the_file_agree(tmp_path: Path) -> None:
    path = tmp_path / "task.log"
    path.write_bytes(b"a\x0cError: b\r\nc\x1d\n\nError\xe9\nerror1")
    index = LogIndex(path)
    index.grow()
    assert index.lines(0, 100) == LogFile(path).tail()
    assert [n + 1 for n in index.errors] == [n for n, _ in LogFile(path).errors()]


@pytest.mark.parametrize(
    "line",
    [
        "nuproducts_0.3.3: Error: Input File 'a b.reg' not found",
        "-------------------- nuproducts  error -----------------------",
        "Error: none so far",
        "ERROR: x",
        "fatal flaw",
        "3 errors were found",
        "Can't locate HEACORE/HEAINIT.pm in @INC at /opt/bin/nuproducts line 7.",
        "Died at x.pl line 12, <STDIN> line 1",
        "Traceback (most recent call last):",
        "ValueError: bad",
        "sh: ximage: command not found",
        "Segmentation fault (core dumped)",
        "extractor_1.0: cannot open file",
        "error = 104",
        "Error: 0 events found",
    ],
)
def test_what_tasks_print_about_errors_counts(line: str) -> None:
    assert speaks_of_error(line.encode())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "error1",
        "0 errors",
        "No error",
        "no fatal errors, 0 errors",
        "Errors: 0",
        "errors: 0\r",
        "terror",
        "stderr",
        "SYS_ERR - FALSE",
        "  Poisson Error = TRUE",
        "systematic error = 0.05",
        "error = 0",
        "see errors.log",
        "plot error bars",
        "ERROR: Operation not permitted",
        "at line 12 of the table",
        "a line " + "x" * READ_BYTES + " error",  # beyond what is shown
    ],
)
def test_words_that_are_harmless_do_not_count(line: str) -> None:
    assert not speaks_of_error(line.encode())
