from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.jobs import logindex, logsearch
from nustar_widgets.panels.queue import logfeed
from nustar_widgets.panels.queue.logfeed import LogFeed
from nustar_widgets.panels.queue.logview import MOST_LINES, LogView, front_end
from nustar_widgets.panels.queue.plainlog import HITS, LINES, PlainLog
from tests.panels.conftest import at_once
from tests.panels.frontend import evaluated_in, needs_node


def open_to_the_test(callback: Callable[..., Any]) -> Callable[..., None]:
    return callback


@pytest.fixture
def view() -> Iterator[LogView]:
    made = LogView(guarded=open_to_the_test, start=at_once, between_s=0.0)
    yield made
    made.close()


@pytest.fixture
def plain() -> Iterator[PlainLog]:
    made = PlainLog(guarded=open_to_the_test, start=at_once, between_s=0.0)
    yield made
    made.close()


def numbered(tmp_path: Path, count: int) -> Path:
    path = tmp_path / "task.log"
    path.write_text("".join(f"line {number}\n" for number in range(count)))
    return path


def append(path: Path, text: str) -> None:
    with path.open("a") as stream:
        stream.write(text)


def want(view: LogView, first: int, count: int, **more: Any) -> None:
    view.wanted = {
        "view": "v", "log": view.log["key"], "revision": view.wanted.get("revision", 0) + 1,
        "first": first, "count": count, "rows": 20, **more,
    }  # fmt: skip


def ask(view: LogView, text: str, rank: int | None = None, line: int = 0) -> None:
    view.query = {
        "revision": view.query.get("revision", 0) + 1, "log": view.log["key"], "text": text,
        "rank": rank, "from": line,
    }  # fmt: skip


# -- the view ----------------------------------------------------------------------------


def test_without_a_log_nothing_is_shown(view: LogView) -> None:
    assert (view.log["path"], view.size, view.window["lines"]) == (
        "",
        {"lines": 0, "errors": 0},
        [],
    )
    view.tick()
    want(view, 0, 10)
    ask(view, "x")
    assert view.window["lines"] == []


def test_a_log_that_is_over_is_shown_from_its_beginning(view: LogView, tmp_path: Path) -> None:
    path = numbered(tmp_path, 1000)
    view.show(path, title="nuproducts", is_live=False)
    assert view.log == {"key": "2.0", "title": "nuproducts", "path": str(path), "live": False}
    assert view.size == {"lines": 1000, "errors": 0}
    assert not view.follow
    assert (view.window["first"], view.window["lines"][0]) == (0, "line 0")
    assert len(view.window["lines"]) == 60


def test_the_page_is_given_the_lines_it_wants(view: LogView, tmp_path: Path) -> None:
    view.show(numbered(tmp_path, 1000), title="", is_live=False)
    want(view, 500, 3)
    assert view.window == {
        "log": "2.0", "view": "v", "revision": 1, "first": 500,
        "lines": ["line 500", "line 501", "line 502"],
    }  # fmt: skip
    want(view, 0, 10**9)
    assert len(view.window["lines"]) == MOST_LINES
    want(view, 998, 50)
    assert view.window["lines"] == ["line 998", "line 999"]
    want(view, -5, 1, rows="none")
    assert view.window["lines"] == ["line 0"]


def test_what_is_wanted_of_another_log_is_not_answered(view: LogView, tmp_path: Path) -> None:
    view.show(numbered(tmp_path, 100), title="", is_live=False)
    want(view, 50, 1, log="1.0")
    assert view.window["first"] == 0


def test_the_end_of_a_log_that_grows_is_told_as_it_is_followed(
    view: LogView, tmp_path: Path
) -> None:
    path = numbered(tmp_path, 1000)
    view.show(path, title="", is_live=True)
    assert view.follow
    assert view.window["lines"][-1] == "line 999"
    want(view, 940, 60)
    append(path, "the last\n")
    view.tick()
    assert view.size["lines"] == 1001
    assert (view.window["lines"][-1], len(view.window["lines"])) == ("the last", 20)
    view.follow = False
    before = view.window
    append(path, "unseen\n")
    view.tick()
    assert view.size["lines"] == 1002
    assert view.window == before


def test_a_job_that_ends_leaves_its_log_as_it_was_looked_at(view: LogView, tmp_path: Path) -> None:
    path = numbered(tmp_path, 10)
    view.show(path, title="a", is_live=True)
    ask(view, "line")
    append(path, "line 10\n")
    view.show(path, title="a", is_live=False)
    assert view.log == {"key": "2.0", "title": "a", "path": str(path), "live": False}
    assert view.size["lines"] == 11
    assert view.found["total"] == 11  # of the search that went on
    assert view.follow


def test_another_log_starts_anew(view: LogView, tmp_path: Path) -> None:
    view.show(numbered(tmp_path, 10), title="a", is_live=True)
    ask(view, "line")
    other = tmp_path / "other.log"
    other.write_text("Error: x\n")
    view.show(other, title="b", is_live=False)
    assert view.size == {"lines": 1, "errors": 1}
    assert view.errors == {"numbers": [0], "texts": ["Error: x"]}
    assert view.found["text"] == ""
    view.show(None, title="", is_live=False)
    assert (view.size["lines"], view.errors["numbers"]) == (0, [])


def test_a_log_that_was_written_anew_has_another_key(view: LogView, tmp_path: Path) -> None:
    path = numbered(tmp_path, 10)
    view.show(path, title="", is_live=True)
    path.write_text("other\n")
    view.tick()
    assert (view.log["key"], view.size["lines"], view.window["lines"]) == ("2.1", 1, ["other"])


def test_of_errors_the_first_are_told_with_their_text(view: LogView, tmp_path: Path) -> None:
    path = tmp_path / "task.log"
    path.write_text("fine\n" + "Error: " + "x" * 1000 + "\n" + "fatal\n" * 2000)
    view.show(path, title="", is_live=False)
    assert view.size["errors"] == 2001
    assert view.errors["numbers"] == list(range(1, 1001))
    assert [len(text) for text in view.errors["texts"]] == [300, 5, 5, 5, 5]


def test_nothing_is_sent_while_nothing_changes(
    view: LogView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "task.log"
    path.write_text("Error: x\n" * 5000)
    view.show(path, title="", is_live=True)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(view, "_send", lambda message, buffers=None: sent.append(message))
    view.tick()
    assert sent == []
    append(path, "Error: y\n" * 5000)
    view.tick()
    (message,) = sent  # one, however many lines
    assert set(message["state"]) == {"size", "window"}
    assert len(json.dumps(message)) < 5000


def test_a_search_finds_the_first_match_from_what_is_in_sight(
    view: LogView, tmp_path: Path
) -> None:
    view.show(numbered(tmp_path, 1000), title="", is_live=False)
    ask(view, "LINE 99", line=500)
    assert view.found == {
        "revision": 1, "text": "LINE 99", "total": 11, "complete": True, "rank": 1, "line": 990,
    }  # fmt: skip
    ask(view, "LINE 99", rank=0)
    assert (view.found["rank"], view.found["line"]) == (0, 99)
    ask(view, "LINE 99", rank=25)  # around the end
    assert (view.found["rank"], view.found["line"]) == (3, 992)
    ask(view, "line 5", line=999)
    assert (view.found["rank"], view.found["line"]) == (0, 5)
    ask(view, "zebra")
    assert (view.found["total"], view.found["line"], view.found["complete"]) == (0, None, True)
    ask(view, "")
    assert view.found["text"] == ""


def test_a_match_stays_while_the_log_grows_and_its_number_of_all_is_told(
    view: LogView, tmp_path: Path
) -> None:
    path = numbered(tmp_path, 100)
    view.show(path, title="", is_live=True)
    ask(view, "line 7", line=50)
    append(path, "line 7\n")
    view.tick()
    assert (view.found["rank"], view.found["line"], view.found["total"]) == (1, 70, 12)


def test_what_goes_wrong_on_a_thread_is_shown(tmp_path: Path) -> None:
    told: list[Exception] = []

    def guarded(callback: Callable[..., Any]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except OSError as error:
                told.append(error)

        return call

    view = LogView(guarded=guarded, start=at_once, between_s=0.0)
    view.show(tmp_path, title="", is_live=False)  # a folder
    assert isinstance(told[0], IsADirectoryError)


# -- what both stand on --------------------------------------------------------------------


def test_a_search_that_began_before_all_was_read_goes_through_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (logindex, logsearch):
        monkeypatch.setattr(module, "BLOCK_BYTES", 64)
    monkeypatch.setattr(logfeed, "_STEP_BYTES", 128)
    monkeypatch.setattr(logfeed, "_STEP_BLOCKS", 2)
    waiting: list[Callable[[], None]] = []
    told: list[int] = []
    feed = LogFeed(
        changed=lambda: told.append(feed.searched.total if feed.searched else 0),
        failed=print, start=waiting.append, between_s=0.0,
    )  # fmt: skip
    feed.show(numbered(tmp_path, 500))
    feed.search("line 7")
    assert feed.searched is not None
    waiting.pop()()  # the search: nothing has been read
    assert (feed.searched.is_complete, feed.searched.total) == (True, 0)
    while waiting:
        waiting.pop()()
    assert (feed.searched.is_complete, told[-1]) == (True, 11)


def test_a_search_that_was_replaced_says_no_more(tmp_path: Path) -> None:
    waiting: list[Callable[[], None]] = []
    feed = LogFeed(changed=lambda: None, failed=print, start=waiting.append, between_s=0.0)
    feed.show(numbered(tmp_path, 500))
    waiting.pop()()
    feed.search("line 7")
    old = feed.searched
    feed.search("line 8")
    for work in waiting:
        work()
    assert old is not None
    assert feed.searched is not None
    assert (old.is_complete, old.total) == (False, 0)
    assert (feed.searched.is_complete, feed.searched.total) == (True, 11)


def test_however_much_is_read_it_is_told_at_most_once_in_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfeed, "_STEP_BYTES", 128)
    threads: list[threading.Thread] = []
    told = threading.Semaphore(0)

    def start(work: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    feed = LogFeed(changed=told.release, failed=print, start=start, between_s=3600.0)
    feed.show(numbered(tmp_path, 500))
    assert told.acquire(timeout=10.0)
    feed.tick()
    feed.close()  # or the last would be told in an hour
    for thread in threads:
        thread.join(10.0)
        assert not thread.is_alive()
    assert not told.acquire(blocking=False)


def test_what_is_written_while_it_is_read_is_read_too(tmp_path: Path) -> None:
    path = numbered(tmp_path, 5)
    told: list[int] = []

    def changed() -> None:
        assert feed.index is not None
        told.append(feed.index.n_lines)
        if len(told) < 3:
            append(path, "more\n")
            feed.tick()  # while it is busy

    feed = LogFeed(changed=changed, failed=print, start=at_once, between_s=0.0)
    feed.show(path)
    assert told == [5, 6, 7]


# -- without anywidget -------------------------------------------------------------------


def test_the_plain_log_shows_the_last_lines_and_the_first_errors(
    plain: PlainLog, tmp_path: Path
) -> None:
    assert plain.head.value == "No log to show."
    path = numbered(tmp_path, 1000)
    append(path, "Error: <b>\n")
    plain.show(path, title="<i>", is_live=True)
    assert plain.head.value == (f"&lt;i&gt;: 1,001 lines in {path}; the last 500 of them")
    lines = plain.end.value.split("\n")
    assert (len(lines), lines[-1]) == (LINES, "Error: <b>")
    assert "speak of an error: 1" in plain.errors.value
    assert "1,001  Error: &lt;b&gt;" in plain.errors.value
    append(path, "more\n")
    plain.tick()
    assert plain.end.value.endswith("\nmore")
    assert plain.end.description == ""


def test_the_plain_log_lists_what_is_found(plain: PlainLog, tmp_path: Path) -> None:
    path = numbered(tmp_path, 1000)
    plain.show(path, title="", is_live=True)
    plain.searched.value = "LINE 99"
    assert "Lines that hold \u201cLINE 99\u201d: 11<pre" in plain.found.value
    assert "\n991  line 990\n" in plain.found.value
    plain.searched.value = "line"
    assert f": 1,000; the first {HITS}<pre" in plain.found.value
    assert plain.found.value.count("line ") == HITS
    append(path, "line\n")
    plain.show(path, title="", is_live=False)
    assert ": 1,001; the first" in plain.found.value
    plain.searched.value = ""
    assert plain.found.value == ""


# -- the page's code, without a page -----------------------------------------------------


def evaluated(expression: str, folder: Path) -> Any:
    """Value of an expression in the module of the view."""
    return evaluated_in(front_end(), expression, folder)


LOGS = "[0, 1, 19, 20, 21, 1000, 400_000, 444_445, 10_000_000]"


@needs_node
def test_the_scroll_bar_leads_to_every_part_of_a_log_of_any_length(tmp_path: Path) -> None:
    found = evaluated(
        f"""{LOGS}.map(lines => {{
          const scroll = new Scroll({{ lines, rowPx: 18, viewPx: 360 }});
          const parts = [0, 0.25, 0.5, 1].map(part => part * scroll.last);
          const range = scroll.heightPx - 360;
          return {{
            lines, last: scroll.last, height: scroll.heightPx,
            back: parts.map(top => scroll.topOf(scroll.pxOf(top)) - top),
            ends: [scroll.topOf(0), scroll.topOf(range) - scroll.last, scroll.topOf(1e9)],
            end: scroll.visible(scroll.last),
          }};
        }})""",
        tmp_path,
    )
    for log in found:
        assert log["last"] == max(0, log["lines"] - 20)
        assert log["height"] == max(360, min(18 * log["lines"], 8e6))
        assert max(map(abs, log["back"])) < 1e-6
        assert log["ends"] == [0, 0, log["last"]]
        assert log["end"] == [log["last"], log["lines"]]


@needs_node
def test_short_logs_scroll_by_pixels_and_long_ones_in_proportion(tmp_path: Path) -> None:
    short, long = evaluated(
        """[1000, 10_000_000].map(lines => {
          const scroll = new Scroll({ lines, rowPx: 18, viewPx: 360 });
          return [scroll.topOf(180), scroll.topOf((scroll.heightPx - 360) / 4)];
        })""",
        tmp_path,
    )
    assert short[0] == pytest.approx(10.0)
    assert long[1] == pytest.approx((10_000_000 - 20) / 4)


@needs_node
def test_keys_and_wheel_move_by_lines(tmp_path: Path) -> None:
    keyed, turned = evaluated(
        """(() => {
          const scroll = new Scroll({ lines: 10_000_000, rowPx: 18, viewPx: 360 });
          const keys = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
          return [
            [5_000_000, 4.5, 0].map(top => keys.map(key => scroll.keyed(top, key))),
            [{ deltaY: -36, deltaMode: 0 }, { deltaY: 3, deltaMode: 1 },
             { deltaY: 1, deltaMode: 2 }].map(event => scroll.turned(event)),
          ];
        })()""",
        tmp_path,
    )
    assert keyed == [
        [4_999_999, 5_000_001, 4_999_981, 5_000_019, 0, 9_999_980],
        [4, 5, 0, 23, 0, 9_999_980],
        [0, 1, 0, 19, 0, 9_999_980],
    ]
    assert turned == [-2, 3, 20]


@needs_node
def test_the_page_asks_for_three_screens_within_the_log(tmp_path: Path) -> None:
    assert evaluated(
        """[0, 5, 500.5, 980].map(top =>
          new Scroll({ lines: 1000, rowPx: 18, viewPx: 360 }).window(top))""",
        tmp_path,
    ) == [
        {"first": 0, "count": 61},
        {"first": 0, "count": 61},
        {"first": 480, "count": 61},
        {"first": 960, "count": 40},
    ]


@needs_node
def test_what_is_searched_is_marked_whatever_its_letters(tmp_path: Path) -> None:
    assert evaluated(
        """[["a.b A.B axb", "a.b"], ["(x)[y]", ")["], ["none", "z"], ["", "z"], ["abc", ""],
            ["\u00c9t\u00e9", "\u00e9"], ["a-b\\\\c/d", "-B\\\\C/"], ["{1}|$^", "}|$^"]
           ].map(([text, needle]) => partsOf(text, needle))""",
        tmp_path,
    ) == [
        [["a.b", True], [" ", False], ["A.B", True], [" axb", False]],
        [["(x", False], [")[", True], ["y]", False]],
        [["none", False]],
        [["", False]],
        [["abc", False]],
        [["\u00c9", True], ["t", False], ["\u00e9", True]],
        [["a", False], ["-b\\c/", True], ["d", False]],
        [["{1", False], ["}|$^", True]],
    ]


@needs_node
def test_the_way_from_error_to_error_goes_around_the_ends(tmp_path: Path) -> None:
    assert evaluated(
        """[[5, 1], [4, 1], [90, 1], [-1, 1], [7, -1], [5, -1], [0, -1]].map(
          ([line, by]) => errorBeside([5, 7, 90], line, by))""",
        tmp_path,
    ) == [7, 5, 5, 5, 5, 90, 90]


@needs_node
def test_counts_are_told_in_words(tmp_path: Path) -> None:
    assert evaluated(
        """[
          errorsInWords(1), errorsInWords(3456),
          foundInWords({ text: "" }),
          foundInWords({ text: "a", total: 12, complete: false }),
          foundInWords({ text: "a", total: 0, complete: true }),
          foundInWords({ text: "a", total: 3456, complete: true, rank: 11 }),
        ]""",
        tmp_path,
    ) == [
        "1 line speaks of an error", "3,456 lines speak of an error", "",
        "searching\u2026 12 so far", "not found", "12 of 3,456",
    ]  # fmt: skip
