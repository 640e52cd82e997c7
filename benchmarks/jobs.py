"""What a job costs beyond its task, and how a kernel answers while tasks flood their logs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

from jupyter_client.manager import KernelManager

from benchmarks.rows import Row, Table
from benchmarks.timing import Timing, measure
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.session.taskcall import TaskCall
from tests.standins import here

REPEATS = 20
PINGS = 150
FLOOD_LINES_PER_S = 10_000
FLOOD_S = 30


def run() -> list[Table]:
    """Measure on the stand-in tasks; heasoftpy is the real one where it can be imported."""
    folder = Path(tempfile.mkdtemp(prefix="nw_bench_"))
    try:
        with _on(here.stand_in(folder / "headas")):
            return [_overhead(folder), _answers(folder)]
    finally:
        shutil.rmtree(folder)


def _overhead(folder: Path) -> Table:
    direct = _direct(folder)
    cold = measure(lambda: _in_a_new_queue(folder), repeats=5, warm_up=1)
    with _runner(folder) as runner:
        warm = measure(lambda: _through(runner, folder), repeats=REPEATS)
    return Table(
        title="Jobs: what the queue adds to a task",
        rows=[
            Row(what="the executable alone, in a fresh folder", timing=direct),
            Row(
                what="overhead of a job, a worker being ready",
                timing=_less(warm, direct),
                median_at_most_s=0.3,
            ),
            Row(
                what="overhead of the first job of a new queue",
                timing=_less(cold, direct),
                median_at_most_s=0.3,
            ),
        ],
        notes=[
            "Overhead: from `submit` to the job being over in the queue, products under their "
            "final name, less the median of the executable alone. It holds two Python processes, "
            "the import of heasoftpy, fresh parameter files, checks, provenance and the look "
            "every 50 ms.",
            "Stand-in task that prints four lines and writes one file; "
            f"heasoftpy: {here.heasoftpy()}.",
        ],
    )


def _direct(folder: Path) -> Timing:
    program = Path(os.environ["HEADAS"], "bin", "standin")
    par = Path(os.environ["HEADAS"], "syspfiles", "standin.par")

    def alone() -> None:
        work = Path(tempfile.mkdtemp(dir=folder))
        shutil.copy(par, work)
        subprocess.run(
            [program, "outfile=out.json"],
            cwd=work,
            env={**os.environ, "PFILES": str(work)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    return measure(alone, repeats=REPEATS)


def _through(runner: Runner, folder: Path) -> None:
    made = Path(tempfile.mkdtemp(dir=folder), "made")
    call = TaskCall(task="standin", params=(("outfile", "out.json"),))
    (job,) = runner.wait(runner.submit(call, folder=made))
    assert job.products, job.reason


def _in_a_new_queue(folder: Path) -> None:
    with _runner(folder) as runner:
        _through(runner, folder)


def _less(timing: Timing, base: Timing) -> Timing:
    return Timing(tuple(max(0.0, seconds - base.median_s) for seconds in timing.seconds))


def _answers(folder: Path) -> Table:
    """Ask a real kernel for nothing, again and again, first idle, then with four jobs in it."""
    manager = KernelManager()
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        idle = measure(lambda: _ask(client, "pass"), repeats=PINGS)
        _ask(client, _FLOOD.format(folder=str(folder / "flood")))
        sleep(3)  # all four are printing by then
        flooded = measure(lambda: _spaced(lambda: _ask(client, "pass")), repeats=PINGS)
        size = _answer(client, "sum(runner.log(name).size for name in ids)")
        running = _answer(client, "sum(str(runner.job(name).state) == 'running' for name in ids)")
        _ask(client, "runner.cancel_all(); runner.wait(*ids)")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    flooded = Timing(tuple(seconds - _SPACE_S for seconds in flooded.seconds))
    return Table(
        title="Jobs: how the kernel answers",
        rows=[
            Row(what="`pass` in an idle kernel", timing=idle),
            Row(
                what="`pass` while four jobs print 10 000 lines/s each",
                timing=flooded,
                median_at_most_s=0.05,
                p95_at_most_s=0.05,
            ),
        ],
        notes=[
            "From the request leaving the client until the kernel says it is idle again, over the "
            f"kernel's own sockets; {PINGS} requests. Longest while flooded: "
            f"{max(flooded.seconds) * 1e3:.0f} ms.",
            f"After the last request {running} of 4 jobs were still printing; "
            f"{int(size) / 1e6:.0f} MB of log so far.",
        ],
    )


_SPACE_S = 0.02
_FLOOD = f"""
import os
from nustar_widgets.jobs.runner import Runner
from nustar_widgets.session.taskcall import TaskCall
runner = Runner({{folder!r}}, limit=4)
params = (("outfile", "o.json"), ("lines", {FLOOD_LINES_PER_S * FLOOD_S}), ("seconds", {FLOOD_S}))
call = TaskCall(task="standin", params=params)
ids = [runner.submit(call, folder={{folder!r}} + f"/{{{{n}}}}") for n in range(4)]
"""


def _spaced(ask: Callable[[], None]) -> None:
    sleep(_SPACE_S)
    ask()


def _ask(client: Any, code: str) -> None:
    reply = client.execute_interactive(code, store_history=False, output_hook=lambda _: None)
    assert reply["content"]["status"] == "ok", reply["content"]


def _answer(client: Any, expression: str) -> str:
    asked = client.execute(
        "", user_expressions={"asked": expression}, store_history=False, reply=True, timeout=30
    )
    text: str = asked["content"]["user_expressions"]["asked"]["data"]["text/plain"]
    return text


@contextmanager
def _runner(folder: Path) -> Iterator[Runner]:
    runner = Runner(folder / "work")
    try:
        yield runner
    finally:
        runner.close()


@contextmanager
def _on(found: here.Here) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(found.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
