"""Downloads from loopback, against plain curl fetching the same files; and their memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Final

import psutil

from benchmarks.fresh import PROJECT, measured_inside, peak_memory_mb
from benchmarks.rows import Row, SizeRow, Table
from benchmarks.timing import Timing, measure
from nustar_widgets.archive.download import download
from nustar_widgets.archive.hosts import HeasarcHost
from nustar_widgets.archive.paths import archive_path
from nustar_widgets.archive.plan import DownloadPlan, plan_download

PARALLEL: Final = 4
REPEATS: Final = 9
TIMES_CURL: Final = 1.3
_MB: Final = 1_000_000
# As in the archive: some 60 files, 202 MB in 32.6 ks, the largest 29 MB.
_OBSERVATION: Final = {f"event_cl/f{n}.evt.gz": n * _MB // 20 for n in range(1, 55)} | {
    "event_uf/A_uf.evt.gz": 29 * _MB,
    "event_uf/B_uf.evt.gz": 29 * _MB,
    "event_cl/A01_cl.evt.gz": 18 * _MB,
    "event_cl/B01_cl.evt.gz": 18 * _MB,
    "hk/A_fpm.hk.gz": 17 * _MB,
    "hk/B_fpm.hk.gz": 17 * _MB,
}
_LARGE: Final = {"event_uf/A_uf.evt.gz": 2000 * _MB}
_LOCATIONS: Final = {"60001110002": _OBSERVATION, "60001110003": _LARGE}


def run() -> list[Table]:
    """Measure on files of random length and no meaning, in the system's temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="nw_bench_"))
    try:
        for obsid, sizes in _LOCATIONS.items():
            _write(folder / "archive" / archive_path(obsid).strip("/"), sizes)
        with _server(folder / "archive") as url:
            return [_throughput(folder, url), _memory(folder, url)]
    finally:
        shutil.rmtree(folder)


def _throughput(folder: Path, url: str) -> Table:
    observation, large = (_plan(obsid, folder / "here", url) for obsid in _LOCATIONS)
    together = ["-Z", "--parallel-max", str(PARALLEL)]
    return Table(
        title="Download on loopback, against curl",
        rows=[
            _row("60 files, 202 MB, four at a time; curl one by one", observation, []),
            _row("the same; curl four at a time (`-Z`)", observation, together),
            _row("one file of 2 GB", large, []),
            Row(
                what="asking what there is to fetch (60 lengths)",
                timing=measure(lambda: _plan(observation.obsid, folder, url), repeats=REPEATS),
            ),
        ],
        notes=[
            f"Target: at most {TIMES_CURL} times what plain curl takes from start to exit, each in "
            "turn. The server is a process of its own that sends files from the page "
            "cache with `sendfile`.",
        ],
    )


def _row(what: str, plan: DownloadPlan, options: list[str]) -> Row:
    """Measure ours and curl in turn, so that what else the machine does disturbs both alike."""
    there = plan.folder.with_name("curl")
    lines = [
        f'url = "{file.remote.url}"\noutput = "{there / file.remote.relative}"\n'
        for file in plan.files
    ]
    curl = ["curl", "-s", "--fail", "--create-dirs", *options, "-K", "-"]
    ours, peer = [], []
    for _ in range(REPEATS + 1):
        ours.append(_once(lambda: download(plan, parallel=PARALLEL), plan.folder))
        peer.append(
            _once(
                lambda: subprocess.run(
                    curl, input="".join(lines), text=True, check=True, stderr=subprocess.DEVNULL
                ),
                there,
            )
        )
    timing, peer_timing = _joined(ours[1:]), _joined(peer[1:])
    return Row(
        what=what,
        timing=timing,
        peer=peer_timing,
        median_at_most_s=None if options else TIMES_CURL * peer_timing.median_s,
    )


def _once(step: Callable[[], object], folder: Path) -> Timing:
    timing = measure(step, repeats=1, warm_up=0)
    shutil.rmtree(folder)
    return timing


def _joined(timings: Sequence[Timing]) -> Timing:
    return Timing(
        tuple(timing.seconds[0] for timing in timings),
        tuple(timing.cpu_seconds[0] for timing in timings),
    )


def _memory(folder: Path, url: str) -> Table:
    found = measured_inside("benchmarks.download", "memory", str(folder / "here"), url)
    return Table(
        title="Memory of a download",
        rows=[
            SizeRow(
                what="2 GB in one file: growth of the process",
                megabytes=found["grown_mb"],
                at_most_mb=100.0,
            )
        ],
        notes=["Peak of a fresh process, less its size when the plan was made."],
    )


def _plan(obsid: str, folder: Path, url: str) -> DownloadPlan:
    return plan_download(obsid, folder, host=HeasarcHost(base_url=url))


def _write(folder: Path, sizes: Mapping[str, int]) -> None:
    block = bytes(range(250)) * (_MB // 250)
    for name, size in sizes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            for _ in range(size // _MB):
                stream.write(block)
            stream.write(block[: size % _MB])


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.download", "serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class _Sender(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def copyfile(self, source: Any, outputfile: IO[bytes]) -> None:
        if isinstance(source, BufferedReader):  # a file, not the page of a folder
            self.connection.sendfile(source)
        else:
            super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _serve(folder: str) -> None:
    def handler(*args: Any) -> _Sender:
        return _Sender(*args, directory=folder)

    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


def _measure_memory(folder: str, url: str) -> None:
    plan = _plan("60001110003", Path(folder), url)
    shutil.rmtree(plan.folder, ignore_errors=True)
    before_mb = psutil.Process().memory_info().rss / 1e6
    download(plan)
    print(json.dumps({"grown_mb": peak_memory_mb() - before_mb}))


if __name__ == "__main__":
    {"serve": _serve, "memory": _measure_memory}[sys.argv[1]](*sys.argv[2:])
