"""How the table of a search answers in a real browser, with twenty thousand rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.rows import Row, Table
from benchmarks.timing import Timing
from tests.browser import chromium as browsers
from tests.browser import server
from tests.browser.notebook import Lab, Notebook
from tests.browser.test_search_panel import MANY

ROWS = 20_000
REPEATS = 15

# From a click until the browser has drawn what follows from it.
_CLICK = """
async css => {
    const target = document.querySelector(css), start = performance.now();
    target.click();
    await new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)));
    return (performance.now() - start) / 1000;
}
"""
_TYPE = """
async text => {
    const box = document.querySelector('.nw-results input[type=search]');
    const start = performance.now();
    box.value = text;
    box.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)));
    return (performance.now() - start) / 1000;
}
"""
_SCROLL = """
async () => {
    const body = document.querySelector('.nw-results'), start = performance.now();
    body.scrollTop += 40;
    await new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)));
    return (performance.now() - start) / 1000;
}
"""


def run() -> list[Table]:
    """Measure in JupyterLab; without a browser nothing is measured."""
    program = browsers.find()
    if program is None:
        return [Table(title="Search: the table in the browser", notes=[browsers.MISSING])]
    with (
        tempfile.TemporaryDirectory(prefix="nw_bench_") as folder,
        browsers.launched(program) as chromium,
        server.lab(Path(folder) / "lab") as running,
    ):
        lab = Lab(chromium, running)
        with lab.lend("table", Path(folder)) as notebook:
            table = _measured(notebook)
        lab.close()
    return [table]


def _measured(notebook: Notebook) -> Table:
    notebook.run(
        "from nustar_widgets.panels.search import SearchPanel\n"
        "from nustar_widgets.session.session import Session\n"
        "session = Session()\npanel = SearchPanel(session)\npanel"
    )
    notebook.py(MANY.replace("COUNT", str(ROWS)))
    notebook.widget(".nw-results tbody tr").first.wait_for()

    def timed(script: str, argument: Callable[[int], str | None]) -> Timing:
        return Timing(
            tuple(notebook.page.evaluate(script, argument(n)) for n in range(REPEATS + 2))[2:]
        )

    row = ".nw-results tbody tr:nth-child({}) td"
    rows = [
        ("next page", timed(_CLICK, lambda _: ".nw-results .dt-paging-button.next")),
        ("choose a row", timed(_CLICK, lambda n: row.format(1 + n % 9))),
        ("scroll", timed(_SCROLL, lambda _: None)),
        (
            "sort by exposure",
            timed(_CLICK, lambda _: ".nw-results th:nth-child(4) .dt-column-order"),
        ),
        ("filter by a word", timed(_TYPE, lambda n: f"source{n % 7}7")),
    ]
    return Table(
        title=f"Search: a table of {ROWS:,} rows in the browser",
        rows=[Row(what=what, timing=timing, median_at_most_s=0.1) for what, timing in rows],
        notes=[
            "From the event until the browser has drawn its outcome, in JupyterLab in headless "
            f"Chromium; {REPEATS} times each. A frame is 17 ms.",
        ],
    )
