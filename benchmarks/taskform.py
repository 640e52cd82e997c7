"""The form of a task in a real browser: how soon it can be used; and one of plain widgets."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.rows import Row, Table
from benchmarks.timing import Timing
from tests.browser import chromium as browsers
from tests.browser import server
from tests.browser.formcells import STANDIN
from tests.browser.notebook import Lab, Notebook
from tests.conftest import SHARED
from tests.standins.headas import reference, write_reference_par

REPEATS = 9
PEER_TASK = "nuproducts"
TITLE = "Parameter panel: a task's form in the browser"
TARGET_S = 0.200

_BEFORE = """
from nustar_widgets.calls.rows import Control
from nustar_widgets.panels.closing import close_tree

SPECS = {{path.stem: read_par_file(path) for path in Path({folder!r}).glob("*.par")}}
outer = ipywidgets.VBox()

def ours(task):
    outer.children = [Standin(SPECS[task]).form]

def control(row, state):
    wide = {{"layout": ipywidgets.Layout(width="300px")}}
    if row.control is Control.YES_NO:
        return ipywidgets.Checkbox(value=state.value == "yes", indent=False, **wide)
    if row.choices:
        return ipywidgets.Dropdown(options=("", *row.choices), **wide)
    return ipywidgets.Text(value=state.value, continuous_update=False, **wide)

def plain(task):
    rows = [
        ipywidgets.HBox([
            ipywidgets.Label(row.name, layout=ipywidgets.Layout(width="160px")),
            control(row, RowState(value=row.default)), ipywidgets.Button(description="Reset")])
        for row in rows_of(SPECS[task])]
    outer.children = [ipywidgets.VBox(rows, layout=ipywidgets.Layout(
        height="560px", overflow="auto", display="block"))]

def nothing():
    old, outer.children = outer.children, []
    for one in old:
        close_tree(one)

outer
"""
# Times in the page [s]; a frame counts once it has been painted.
_SCRIPT = """
() => {
  const painted = () => new Promise(told => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => told(performance.now());
    channel.port2.postMessage(null);
  }));
  const kernel = () => jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  window.formwatch = {
    // From asking the kernel until so many of these can be used.
    async called(code, css, count) {
      performance.clearMeasures();
      const start = performance.now();
      const asked = kernel().requestExecute({ code, store_history: false });
      let now = start;
      while (document.querySelectorAll(css).length < count) now = await painted();
      await asked.done;
      const own = () => performance.getEntriesByName('nw-form')[0];
      while (css.includes('nw-form') && !own()) await painted();
      return [(now - start) / 1000, (own()?.duration ?? 0) / 1000];
    },
    // From a click on "All" until all of them are drawn.
    async all() {
      const start = performance.now();
      document.querySelectorAll('.nw-form-views input')[2].click();
      return (await painted() - start) / 1000;
    },
    // From a letter in the search box until what it finds is drawn.
    async typed(text) {
      const box = document.querySelector('.nw-form input[type=search]');
      const start = performance.now();
      box.value = text;
      box.dispatchEvent(new Event('input', { bubbles: true }));
      return (await painted() - start) / 1000;
    },
  };
}
"""
_USABLE = ".nw-form-row :is(input, select):enabled"
_PLAIN = ".widget-hbox > .widget-button"


@dataclass
class _Times:
    """Of one task [s]."""

    rows: int
    called: list[float] = field(default_factory=list)
    in_page: list[float] = field(default_factory=list)
    everything: list[float] = field(default_factory=list)
    typed: list[float] = field(default_factory=list)


def run() -> list[Table]:
    """Measure in JupyterLab; without a browser or the reference tables nothing is measured."""
    program = browsers.find()
    if program is None:
        return [Table(title=TITLE, notes=[browsers.MISSING])]
    if not SHARED.is_dir():
        return [Table(title=TITLE, notes=["The reference tables of the tasks are not here."])]
    with (
        tempfile.TemporaryDirectory(prefix="nw_bench_") as folder,
        browsers.launched(program) as chromium,
        server.lab(Path(folder) / "lab") as running,
    ):
        lab = Lab(chromium, running)
        tasks = _write_pars(Path(folder))
        with lab.lend("form", Path(folder)) as notebook:
            notebook.run(STANDIN, _BEFORE.format(folder=folder))
            notebook.page.evaluate(_SCRIPT)
            times = {task: _of(notebook, task, rows) for task, rows in tasks.items()}
            peer = _of_peer(notebook, tasks[PEER_TASK])
        lab.close()
    return [_page_table(times), _call_table(times, peer)]


def _write_pars(folder: Path) -> dict[str, int]:
    """Write the parameter files and return how many rows each form has."""
    tables = reference(SHARED)
    for task, parameters in tables.items():
        write_reference_par(folder / f"{task}.par", parameters)
    return {
        task: sum(one["name"] != "mode" for one in parameters)
        for task, parameters in tables.items()
    }


def _of(notebook: Notebook, task: str, rows: int) -> _Times:
    times = _Times(rows=rows)
    page = notebook.page
    for _ in range(REPEATS + 1):
        called, in_page = page.evaluate(
            "words => formwatch.called(...words)", [f"ours({task!r})", _USABLE, 1]
        )
        times.called.append(called)
        times.in_page.append(in_page)
        times.everything.append(page.evaluate("() => formwatch.all()"))
        times.typed.append(page.evaluate("text => formwatch.typed(text)", "f"))
        notebook.py("nothing()")
    return times


def _of_peer(notebook: Notebook, rows: int) -> Timing:
    seconds = []
    for _ in range(REPEATS + 1):
        words = [f"plain({PEER_TASK!r})", _PLAIN, rows]
        seconds.append(notebook.page.evaluate("words => formwatch.called(...words)", words)[0])
        notebook.py("nothing()")
    return _timing(seconds)


def _timing(seconds: list[float]) -> Timing:
    return Timing(tuple(seconds[1:]))  # the first warms up


def _page_table(times: dict[str, _Times]) -> Table:
    return Table(
        title=TITLE,
        rows=[
            Row(
                what=f"{task}, {one.rows} parameters",
                timing=_timing(one.in_page),
                p95_at_most_s=TARGET_S,
            )
            for task, one in times.items()
        ],
        notes=[
            "From the moment the page has the rows until the frame in which they can be used has "
            "been painted: those that matter first, the others a click away (next table). "
            f"JupyterLab in headless Chromium, {REPEATS} times each, a new view each time. A frame "
            "is 17 ms."
        ],
    )


def _call_table(times: dict[str, _Times], peer: Timing) -> Table:
    pipeline, products = times["nupipeline"], times[PEER_TASK]
    both = [a + b for a, b in zip(products.called, products.everything, strict=True)]
    return Table(
        title="Parameter panel: the whole form, and one of plain widgets",
        rows=[
            *(
                Row(what=f"{task}: {what}", timing=_timing(seconds), p95_at_most_s=TARGET_S)
                for task, one in (("nupipeline", pipeline), (PEER_TASK, products))
                for what, seconds in (
                    ('"All" clicked: all that apply drawn', one.everything),
                    ("a letter typed into the search: what it finds drawn", one.typed),
                )
            ),
            Row(what="nupipeline: called in Python, usable", timing=_timing(pipeline.called)),
            Row(what=f"{PEER_TASK}: called in Python, usable", timing=_timing(products.called)),
            Row(
                what=f"{PEER_TASK}: called in Python, then every row drawn",
                timing=_timing(both),
                peer=peer,
                faster_at_least=5.0,
            ),
        ],
        notes=[
            f"Peer: the same {products.rows} rows made of plain ipywidgets, a Label, a control and "
            "a Button in an HBox each, without search, help, marks or conditions; from the call "
            "in Python until the last button is in the painted page. Ours: until it can be used, "
            'and the click on "All" after that; what does not apply is not drawn.',
        ],
    )
