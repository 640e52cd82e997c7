"""The log of a job in a real browser while the job prints; and what notebooks use otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from time import sleep
from typing import Any

from benchmarks.rows import Row, SizeRow, Table, duration
from benchmarks.skypage import lent, opened, timed_after
from benchmarks.timing import Timing
from tests.browser import chromium as browsers
from tests.browser.notebook import Lab, Notebook

LINES = 1_000_000
LINES_PER_S = 10_000
OURS_S = 12.0
PEER_S = 12.0
OUTPUT_S = 5.0
JUMPS = 10
FLUSH_S = 0.15
TICK_S = 0.2

_BEFORE = """
import collections, os, subprocess, sys, threading, time
from pathlib import Path
import ipywidgets as widgets
from nustar_widgets.panels.queue.logview import LogView

slider, answer = widgets.IntSlider(0, 0, 1000), widgets.HTML("0")
answer.add_class("nw-ping")
slider.add_class("nw-press")
slider.observe(lambda change: setattr(answer, "value", str(change["new"])), "value")
path = Path("job.log").absolute()
with path.open("w") as stream:
    stream.writelines(
        f"nuproducts_0.3.3: Info: interval {n} of the observation is being filtered\\n"
        for n in range(LINES)
    )
PRINTER = '''
import sys, time
path, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
start, printed = time.monotonic(), 0
with open(path, "a") as stream:
    while printed < rate * seconds:
        due = int((time.monotonic() - start) * rate)
        stream.writelines(f"printed line number {n} of the job\\\\n" for n in range(printed, due))
        stream.flush()
        printed = due
        time.sleep(0.01)
    stream.write("that was all\\\\n")
'''
ended = threading.Event()

def printed(seconds, every_s, act):
    ended.clear()
    child = subprocess.Popen([sys.executable, "-c", PRINTER, str(path), str(RATE), str(seconds)])
    def follow():
        while child.poll() is None:
            act()
            time.sleep(every_s)
        act()
        ended.set()
    threading.Thread(target=follow, daemon=True).start()

def resident():
    import psutil
    return psutil.Process().memory_info().rss
"""
_OURS = """
view = LogView(guarded=lambda callback: callback)
before = resident()
view.show(path, title="job", is_live=True)
widgets.VBox([slider, answer, view])
"""
_READ_ON = """
stream = path.open("rb")
stream.seek(0, 2)
kept = collections.deque(maxlen=500)
"""
_TEXTAREA = f"""
{_READ_ON}
area = widgets.Textarea(rows=20, layout={{"width": "100%"}})
def flush():
    kept.extend(stream.read().decode().splitlines())
    area.value = "\\n".join(kept)
widgets.VBox([slider, answer, area])
"""
_OUTPUT = f"""
{_READ_ON}
out = widgets.Output(layout={{"max_height": "360px", "overflow": "auto"}})
def flush():
    if text := stream.read().decode():
        out.append_stdout(text)
widgets.VBox([slider, answer, out])
"""
_FRAMES = """() => {
  window.frameTimes = [];
  const frame = now => {
    if (!window.frameTimes) return;
    window.frameTimes.push(now);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
_STOP = "() => { const told = window.frameTimes; window.frameTimes = null; return told; }"
_AT_END = """() => {
  const rows = [...document.querySelectorAll('.nw-log-row')];
  return rows.at(-1)?.dataset.line === '%d' && !document.querySelector('.nw-log-awaited');
}"""
_ANSWERED = "() => document.querySelector('.nw-ping .widget-html-content').textContent === '%d'"
_FOUND = "() => document.querySelector('.nw-log-at mark')?.textContent === '%s'"
_ALL_FOUND = "() => document.querySelector('.nw-log-found').textContent === '%s'"


@dataclass(frozen=True)
class _Printing:
    """What the page was like while lines were printed."""

    frames: Timing
    pings: Timing

    @property
    def longest(self) -> Timing:
        return Timing((max(self.frames.seconds),))


def run() -> list[Table]:
    """Measure in JupyterLab; without a browser nothing is measured."""
    program = browsers.find()
    title = f"Log of a job: {LINES:,} lines, and {LINES_PER_S:,} more a second"
    if program is None:
        return [Table(title=title, notes=[browsers.MISSING])]
    with browsers.launched(program) as chromium, opened(chromium, python=sys.executable) as lab:
        rows, notes = _ours(lab)
        area = _peer(lab, _TEXTAREA, PEER_S)
        output = _peer(lab, _OUTPUT, OUTPUT_S)
    return [
        Table(title=title, rows=[*rows(area), *_peer_rows(output)], notes=notes),
    ]


@contextmanager
def _shown(lab: Lab, cell: str) -> Iterator[Notebook]:
    with lent(lab) as notebook:
        notebook.run(f"LINES, RATE = {LINES}, {LINES_PER_S}\n{_BEFORE}", cell)
        notebook.widget(".nw-press").first.evaluate("it => it.scrollIntoView()")
        sleep(2.0)  # all that is drawn but once
        yield notebook


def _ours(lab: Lab) -> tuple[Callable[[_Printing], list[Row | SizeRow]], list[str]]:
    with _shown(lab, _OURS) as notebook:
        notebook.until("view.size['lines']", str(LINES), patience_s=60.0)
        heap = _heap_mb(notebook)
        ends, starts = _jumps(notebook)
        found, counted = _searches(notebook)
        notebook.widget(".nw-log input[type=search]").press("Escape")
        notebook.widget(".nw-log-scroller").press("End")  # to follow
        printing = _printing(notebook, OURS_S, f"printed({OURS_S}, {TICK_S}, view.tick)")
        lines = int(notebook.py("view.size['lines']"))
        notebook.page.wait_for_function(_AT_END % lines)
        assert lines > LINES + 0.9 * LINES_PER_S * OURS_S, lines
        kernel_mb = float(notebook.py("(resident() - before) / 1e6"))
        heap_mb = _heap_mb(notebook) - heap

    def rows(area: _Printing) -> list[Row | SizeRow]:
        return [
            Row(
                what="frame to frame while lines are printed; peer: Textarea",
                timing=printing.frames, p95_at_most_s=0.050, peer=area.frames,
            ),
            Row(
                what="longest time between two frames; peer: Textarea",
                timing=printing.longest, median_at_most_s=0.200, peer=area.longest,
            ),
            Row(
                what="key pressed: text Python sets for it drawn; peer: Textarea",
                timing=printing.pings, p95_at_most_s=0.200, peer=area.pings,
            ),
            Row(what="End pressed: the last lines drawn", timing=ends, p95_at_most_s=0.200),
            Row(what="Home pressed: the first lines drawn", timing=starts, p95_at_most_s=0.200),
            Row(what="Enter: the line searched drawn, marked", timing=found, p95_at_most_s=1.0),
            Row(what="Enter: all such lines counted", timing=counted, p95_at_most_s=1.0),
            SizeRow(what="kernel's memory, growth", megabytes=kernel_mb, at_most_mb=20.0),
            SizeRow(what="page's JavaScript heap, growth", megabytes=heap_mb, at_most_mb=5.0),
        ]  # fmt: skip

    return rows, _notes(printing, lines)


def _peer(lab: Lab, cell: str, seconds: float) -> _Printing:
    with _shown(lab, cell) as notebook:
        return _printing(notebook, seconds, f"printed({seconds}, {FLUSH_S}, flush)")


def _peer_rows(output: _Printing) -> list[Row]:
    name = f"Output.append_stdout, for {OUTPUT_S:.0f} s only"
    return [
        Row(what=f"{name}: frame to frame", timing=output.frames),
        Row(what=f"{name}: longest time between two frames", timing=output.longest),
        Row(what=f"{name}: key pressed: text drawn", timing=output.pings),
    ]


def _printing(notebook: Notebook, seconds: float, start: str) -> _Printing:
    """Press a key again and again for as long as lines are printed."""
    page, pings = notebook.page, []
    handle = notebook.widget(".nw-press .noUi-handle")
    handle.focus()
    page.evaluate(_FRAMES)
    notebook.py(start)
    for number in range(1, int(seconds / 0.4)):
        pings.append(_ping(notebook, number))
        sleep(0.25)
    frames = page.evaluate(_STOP)
    notebook.until("ended.is_set()", "True", patience_s=60.0)
    sleep(1.0)
    steps = [(b - a) / 1e3 for a, b in pairwise(frames)]
    return _Printing(Timing(tuple(steps)), Timing(tuple(pings)))


def _ping(notebook: Notebook, number: int) -> float:
    return timed_after(
        notebook, "keydown", _ANSWERED % number, lambda: notebook.page.keyboard.press("ArrowRight")
    )


def _jumps(notebook: Notebook) -> tuple[Timing, Timing]:
    rows = notebook.widget(".nw-log-row").count()
    notebook.widget(".nw-log-scroller").focus()
    told: dict[str, list[float]] = {"End": [], "Home": []}
    for key, line in [("Home", rows), ("End", LINES)] * (JUMPS + 1):
        told[key].append(
            timed_after(
                notebook, "keydown", _AT_END % line,
                lambda key=key: notebook.page.keyboard.press(key),
            )
        )  # fmt: skip
    return Timing(tuple(told["End"][1:])), Timing(tuple(told["Home"][1:]))


def _searches(notebook: Notebook) -> tuple[Timing, Timing]:
    """Search numbers that are far into the log, each from its beginning."""
    found, counted = [], []
    for n in range(JUMPS):
        text = f"interval {LINES - 1000 * (n + 1)} of"
        for times, test in ((found, _FOUND % text), (counted, _ALL_FOUND % "1 of 1")):
            times.append(_search(notebook, text, test))
    return Timing(tuple(found)), Timing(tuple(counted))


def _search(notebook: Notebook, text: str, test: str) -> float:
    search = notebook.widget(".nw-log input[type=search]")
    search.press("Escape")
    notebook.page.wait_for_function(_ALL_FOUND % "")
    notebook.widget(".nw-log-scroller").press("Home")

    def enter() -> None:
        search.press("Enter")

    search.evaluate("(it, text) => { it.value = text; }", text)
    return timed_after(notebook, "keydown", test, enter)


def _heap_mb(notebook: Notebook) -> float:
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    session.detach()
    return next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize") / 1e6


def _notes(printing: _Printing, lines: int) -> list[str]:
    return [
        "JupyterLab in headless Chromium. A process of its own appends to the log "
        f"{LINES_PER_S:,} lines a second for {OURS_S:.0f} s, as a job does; ours is ticked every "
        f"{TICK_S * 1e3:.0f} ms and follows the end. {len(printing.pings.seconds)} keys were "
        "pressed meanwhile on a slider that Python answers with a text. The last of "
        f"{lines:,} lines was on the screen at the end.",
        f"End, Home and search: {JUMPS} times each, before that; a text that one line holds, "
        "near the end of the log, searched from its beginning.",
        f"Peers: ipywidgets' Textarea of the last 500 lines, flushed every {duration(FLUSH_S)}; "
        f"`Output.append_stdout` with the same flush. Neither has the {LINES:,} lines before.",
    ]
