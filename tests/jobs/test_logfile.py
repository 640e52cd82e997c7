from __future__ import annotations

from pathlib import Path

from nustar_widgets.jobs.logfile import LogFile


def written(tmp_path: Path, text: str | bytes) -> LogFile:
    path = tmp_path / "task.log"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return LogFile(path)


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "none.log")
    assert (log.size, log.tail(), log.read_from(0), log.search("x"), log.errors()) == (
        0, [], ("", 0), [], [],
    )  # fmt: skip


def test_the_tail_is_the_last_whole_lines_of_a_long_log(tmp_path: Path) -> None:
    log = written(tmp_path, "".join(f"line {number:07d}\n" for number in range(100_000)))
    assert log.tail(3) == ["line 0099997", "line 0099998", "line 0099999"]
    everything = log.tail(10**6)
    assert everything[0].startswith("line ")
    assert len(everything[0]) == len("line 0000000")  # not cut in the middle
    assert everything[-1] == "line 0099999"


def test_reading_on_gives_whole_lines_once_each(tmp_path: Path) -> None:
    log = written(tmp_path, "one\ntwo\nthr")
    text, offset = log.read_from(0)
    assert text == "one\ntwo\n"
    with log.path.open("a") as stream:
        stream.write("ee\n")
    assert log.read_from(offset) == ("three\n", 14)
    assert log.read_from(14) == ("", 14)


def test_reading_on_passes_over_what_is_too_much(tmp_path: Path) -> None:
    log = written(tmp_path, "a\n" * 1000)
    text, offset = log.read_from(0, most=10)
    assert (text, offset) == ("a\n" * 5, 2000)


def test_lines_are_found_with_their_numbers(tmp_path: Path) -> None:
    log = written(tmp_path, b"x\nError: none \xe9\nfatal flaw\nterror\nERROR again\n")
    assert log.search("error") == [
        (2, "Error: none \N{REPLACEMENT CHARACTER}"),
        (4, "terror"),
        (5, "ERROR again"),
    ]
    assert log.search("error", most=1) == [(5, "ERROR again")]
    assert [number for number, _ in log.errors()] == [2, 3, 5]


def test_only_line_feeds_separate_lines_and_a_carriage_return_before_one_is_dropped(
    tmp_path: Path,
) -> None:
    log = written(tmp_path, b"a\rb\x0cError\r\n\x85c\xe2\x80\xa8d\n\nno error")
    lines = ["a\rb\x0cError", "\N{REPLACEMENT CHARACTER}c\N{LINE SEPARATOR}d", "", "no error"]
    assert log.tail() == lines
    assert log.search("") == list(enumerate(lines, start=1))
    assert log.errors() == [(1, lines[0])]
