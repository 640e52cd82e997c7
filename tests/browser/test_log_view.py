"""The log of a job in the page: a million lines, scrolled, searched and followed."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.notebook import Notebook

OPEN = """
from pathlib import Path
from nustar_widgets.panels.base import MessageStrip
from nustar_widgets.panels.queue.logview import LogView
import ipywidgets

strip = MessageStrip()

def guarded(callback):
    def call(*arguments):
        try:
            callback(*arguments)
        except Exception as error:
            strip.fail(error)
    return call

path = Path("{name}.log").absolute()
view = LogView(guarded=guarded)
"""
SHOW = """
view.show(path, title="nuproducts FPMA", is_live={is_live})
ipywidgets.VBox([view, strip])
"""
MILLION = 1_000_000
ERRORS = (10, 400_000, 999_000)
WRITE = f"""
with path.open("w") as stream:
    for number in range(1, {MILLION} + 1):
        stream.write("nuproducts_0.3.3: Error: it went wrong\\n" if number in {ERRORS}
                     else f"step {{number}} of many\\n")
"""
# Ten thousand lines a second, ticks as a panel makes them; and a word at the very end.
PRINT = """
import threading, time
def print_lines():
    try:
        with path.open("a") as stream:
            for burst in range(60):
                stream.writelines(f"printed {burst * 500 + n}\\n" for n in range(500))
                stream.flush()
                view.tick()
                time.sleep(0.05)
            stream.write("that was all\\n")
        view.show(path, title="nuproducts FPMA", is_live=False)
    except Exception as error:
        strip.fail(error)
threading.Thread(target=print_lines, daemon=True).start()
"""


def open_log(notebook: Notebook, write: str, *, is_live: bool = False) -> None:
    notebook.run(OPEN.format(name=notebook.name), write, SHOW.format(is_live=is_live))
    notebook.widget(".nw-log").evaluate("log => log.scrollIntoView()")


def open_million(notebook: Notebook) -> None:
    open_log(notebook, WRITE)
    expect(notebook.widget(".nw-log-count")).to_have_text("1,000,000 lines")
    expect(row(notebook, 1)).to_have_text("step 1 of many")


def row(notebook: Notebook, number: int) -> Locator:
    return notebook.widget(f".nw-log-row[data-line='{number}'] .nw-log-text")


def scroller(notebook: Notebook) -> Locator:
    return notebook.widget(".nw-log-scroller")


def in_sight(notebook: Notebook) -> list[int]:
    """Lines on the screen, once all of them are there and nothing moves any more."""
    expect(notebook.widget(".nw-log-awaited")).to_have_count(0)
    told: list[int] = notebook.widget(".nw-log-row").evaluate_all(
        "rows => rows.map(row => Number(row.dataset.line))"
    )
    assert told == list(range(told[0], told[0] + len(told)))
    return told


def press(notebook: Notebook, key: str) -> None:
    scroller(notebook).focus()
    notebook.page.keyboard.press(key)


def starts_at(notebook: Notebook, first: int) -> None:
    expect(notebook.widget(".nw-log-row").first).to_have_attribute("data-line", str(first))
    assert in_sight(notebook)[0] == first


def becomes(notebook: Notebook, first: int, act: Callable[[], None]) -> None:
    act()
    starts_at(notebook, first)
    expect(row(notebook, first + 1)).to_have_text(f"step {first + 1} of many")


def test_a_million_lines_are_scrolled_by_keys_wheel_and_bar(notebook: Notebook) -> None:
    open_million(notebook)
    assert in_sight(notebook) == list(range(1, 21))
    press(notebook, "End")
    expect(row(notebook, MILLION)).to_have_text(f"step {MILLION} of many")
    last = in_sight(notebook)
    assert (last[-1], len(last)) == (MILLION, 20)
    box = scroller(notebook).bounding_box()
    assert box is not None
    notebook.page.mouse.move(box["x"] + 300, box["y"] + 100)
    becomes(notebook, MILLION - 19 - 7, lambda: notebook.page.mouse.wheel(0, -7 * 18))
    becomes(notebook, MILLION - 19 - 8, lambda: press(notebook, "ArrowUp"))
    becomes(notebook, MILLION - 19 - 27, lambda: press(notebook, "PageUp"))
    # What the browser does while the bar is dragged to the middle.
    scroller(notebook).evaluate("it => { it.scrollTop = (it.scrollHeight - it.clientHeight) / 2; }")
    expect(row(notebook, 500_000)).to_have_text("step 500000 of many")
    first = in_sight(notebook)[0]
    assert abs(first - (MILLION - 20) // 2) <= 2
    becomes(notebook, first + 1, lambda: press(notebook, "ArrowDown"))
    becomes(notebook, 1, lambda: press(notebook, "Home"))
    assert notebook.widget(".nw-log *").count() < 400
    assert notebook.py("strip.text") == "''"


def test_the_wheel_goes_on_to_the_page_at_the_end_of_the_log(notebook: Notebook) -> None:
    open_million(notebook)
    prevented = """it => {
      const event = new WheelEvent("wheel", { deltaY: -100, bubbles: true, cancelable: true });
      it.dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    assert not scroller(notebook).evaluate(prevented)
    press(notebook, "PageDown")
    starts_at(notebook, 20)
    assert scroller(notebook).evaluate(prevented)


def test_a_search_goes_from_match_to_match(notebook: Notebook) -> None:
    open_million(notebook)
    search = notebook.widget(".nw-log input[type=search]")
    told = notebook.widget(".nw-log-found")
    search.fill("STEP 77777")
    expect(told).to_have_text("1 of 11")
    at = notebook.widget(".nw-log-at")
    expect(at).to_have_attribute("data-line", "77777")
    expect(at.locator("mark")).to_have_text("step 77777")
    search.press("Enter")
    expect(told).to_have_text("2 of 11")
    expect(at).to_have_attribute("data-line", "777770")
    search.press("Shift+Enter")
    expect(told).to_have_text("1 of 11")
    search.press("Shift+Enter")
    expect(told).to_have_text("11 of 11")
    expect(at).to_have_attribute("data-line", "777779")
    notebook.widget("[aria-label='Next match']").click()
    expect(at).to_have_attribute("data-line", "77777")
    search.fill("zebra")
    search.press("Enter")
    expect(told).to_have_text("not found")
    search.fill("of many")
    expect(told).to_have_text("77,776 of 999,997")  # from where one is
    search.press("Escape")
    expect(told).to_have_text("")
    expect(notebook.widget(".nw-log mark")).to_have_count(0)


def test_errors_come_first_and_lead_to_their_lines(notebook: Notebook) -> None:
    open_million(notebook)
    faults = notebook.widget(".nw-log-errors")
    expect(faults).to_contain_text("3 lines speak of an error")
    faults.locator("li button").nth(1).click()
    at = notebook.widget(".nw-log-at")
    expect(at).to_have_attribute("data-line", "400000")
    expect(at.locator(".nw-log-text")).to_have_text("nuproducts_0.3.3: Error: it went wrong")
    for number in (999_000, 10, 400_000):
        notebook.widget("[aria-label='Next error']").click()
        expect(at).to_have_attribute("data-line", str(number))
    notebook.widget("[aria-label='Previous error']").click()
    expect(at).to_have_attribute("data-line", "10")


def test_the_end_is_followed_while_lines_are_printed_fast(notebook: Notebook) -> None:
    open_log(notebook, "path.write_text('begun\\n')", is_live=True)
    expect(row(notebook, 1)).to_have_text("begun")
    follow = notebook.widget(
        ".nw-log-bar button",
    ).filter(has_text="Follow")
    expect(follow).to_have_attribute("aria-pressed", "true")
    notebook.page.evaluate(
        """() => {
          window.mostRows = 0;
          const count = () => {
            const rows = document.querySelectorAll(".nw-log-row").length;
            window.mostRows = Math.max(window.mostRows, rows);
            requestAnimationFrame(count);
          };
          count();
        }"""
    )
    notebook.py(PRINT)
    expect(notebook.widget(".nw-log-row").last).to_contain_text("printed")
    search = notebook.widget(".nw-log input[type=search]")
    search.fill("printed 77")  # while lines come in
    expect(row(notebook, 79)).to_have_text("printed 77", timeout=30_000)
    expect(follow).to_have_attribute("aria-pressed", "false")
    follow.click()
    expect(row(notebook, 30_002)).to_have_text("that was all", timeout=30_000)
    expect(notebook.widget(".nw-log-count")).to_have_text("30,002 lines")
    expect(notebook.widget(".nw-log-found")).to_contain_text(" of 111")
    assert in_sight(notebook)[-1] == 30_002
    assert notebook.page.evaluate("window.mostRows") < 50
    expect(follow).to_be_hidden()
    assert notebook.py("strip.text") == "''"


def test_who_scrolls_up_is_left_there_and_the_end_is_followed_again_from_the_end(
    notebook: Notebook,
) -> None:
    write = "path.write_text(''.join(f'step {n} of many\\n' for n in range(1, 101)))"
    open_log(notebook, write, is_live=True)
    follow = notebook.widget(".nw-log-bar button").filter(has_text="Follow")
    expect(row(notebook, 100)).to_have_text("step 100 of many")
    becomes(notebook, 80, lambda: press(notebook, "ArrowUp"))
    expect(follow).to_have_attribute("aria-pressed", "false")
    add = "with path.open('a') as stream: stream.write('step {} of many\\n')\nview.tick()"
    notebook.py(add.format(101))
    expect(notebook.widget(".nw-log-count")).to_have_text("101 lines")
    assert in_sight(notebook)[0] == 80
    press(notebook, "End")
    expect(follow).to_have_attribute("aria-pressed", "true")
    notebook.py(add.format(102))
    expect(row(notebook, 102)).to_have_text("step 102 of many")
    # What is being selected stays, too.
    row(notebook, 95).select_text()
    expect(follow).to_have_attribute("aria-pressed", "false")
    notebook.py(add.format(103))
    expect(notebook.widget(".nw-log-count")).to_have_text("103 lines")
    assert notebook.page.evaluate("String(document.getSelection())") == "step 95 of many"


def test_what_is_far_to_the_right_stays_in_sight(notebook: Notebook) -> None:
    lines = "(f'step {n} ' + 'x' * (1500 if n == 1 else 20) + ' last\\n' for n in range(1, 101))"
    open_log(notebook, f"path.write_text(''.join({lines}))")
    notebook.widget(".nw-log input[type=search]").fill("x last")
    match = row(notebook, 1).locator("mark")
    expect(match).to_be_in_viewport()
    left = "it => it.scrollLeft"
    before = scroller(notebook).evaluate(left)
    assert before > 3000
    press(notebook, "PageDown")
    starts_at(notebook, 20)  # short ones only
    assert scroller(notebook).evaluate(left) == before
    notebook.widget("[aria-label='Next match']").click()
    expect(row(notebook, 2).locator("mark")).to_be_in_viewport()


def test_lines_are_copied_without_their_numbers(notebook: Notebook) -> None:
    write = "path.write_text(''.join(f'step {n} of many\\n' for n in range(1, 101)))"
    open_log(notebook, write)
    expect(row(notebook, 4)).to_have_text("step 4 of many")
    start, end = row(notebook, 2).bounding_box(), row(notebook, 4).bounding_box()
    assert start is not None
    assert end is not None
    mouse = notebook.page.mouse
    mouse.move(start["x"] + 1, start["y"] + 9)
    mouse.down()
    mouse.move(end["x"] + end["width"] - 2, end["y"] + 9, steps=5)
    mouse.up()
    copied = notebook.page.evaluate("String(document.getSelection())")
    assert copied.split("\n")[:2] == ["step 2 of many", "step 3 of many"]
    assert copied.split("\n")[2].startswith("step 4 of man")


def test_what_the_log_says_is_only_text_and_another_log_takes_its_place(notebook: Notebook) -> None:
    bad = "<img src=x onerror=alert(1)>"
    open_log(notebook, f"path.write_text({bad!r} + ' error\\n')")
    expect(row(notebook, 1)).to_have_text(f"{bad} error")
    notebook.widget(".nw-log input[type=search]").fill("<img")
    expect(row(notebook, 1).locator("mark")).to_have_text("<img")
    notebook.py(
        "other = path.with_name('other.log')\n"
        "other.write_text('<img> again\\n' * 3)\n"
        f"view.show(other, title={json.dumps(bad)}, is_live=False)"
    )
    expect(notebook.widget(".nw-log-title")).to_have_text(bad)
    expect(row(notebook, 3)).to_have_text("<img> again")
    expect(notebook.widget(".nw-log-found")).to_have_text("1 of 3")
    expect(notebook.widget(".nw-log-errors")).to_be_hidden()
    notebook.py("view.show(None, title='', is_live=False)")
    expect(notebook.widget(".nw-log-empty")).to_have_text("No log to show.")
    assert notebook.widget(".nw-log img").count() == 0
