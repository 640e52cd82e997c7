"""Opening an event list: from the file to the first spectrum."""

from __future__ import annotations

from pathlib import Path

from benchmarks.eventfiles import EventFiles
from benchmarks.extraction import MILLION
from benchmarks.fresh import measured_inside
from benchmarks.rows import Row, SizeRow, Table
from benchmarks.timing import Timing


def run(files: EventFiles) -> list[Table]:
    """Measure plain and compressed files of one module."""
    small, packed = files.plain("FPMA", MILLION), files.compressed("FPMA", MILLION)
    rows: list[Row | SizeRow] = []
    for what, path, limit_s in (
        ("1 million events, plain", small, 0.2),
        ("1 million events, .gz", packed, 0.5),
        ("10 million events, plain", files.plain("FPMA", 10 * MILLION), 1.5),
    ):
        (ours, our_peak), (peer, peer_peak) = _opened(path, "ours"), _opened(path, "astropy")
        rows.append(
            Row(what=f"{what}: file to spectrum", timing=ours, median_at_most_s=limit_s, peer=peer)
        )
    rows.append(
        SizeRow(
            what="10 million events: peak memory of the process",
            megabytes=our_peak,
            at_most_mb=450,
            peer_mb=peer_peak,
        )
    )
    return [
        Table(
            title="Reading, one module",
            rows=rows,
            notes=[
                "Each in fresh processes (median of 5), imports done before, files in the page "
                "cache. Ours ends with the whole pixel index built and a spectrum and light curve "
                "counted; the peer, `astropy.table.Table.read` and `numpy.histogram`, ends with "
                "a spectrum.",
                f"The .gz holds {packed.stat().st_size / 1e6:.0f} MB at level 6.",
            ],
        )
    ]


def _opened(path: Path, reader: str, repeats: int = 5) -> tuple[Timing, float]:
    """Durations, and the peak of memory [MB]."""
    found = [measured_inside("benchmarks.openfile", reader, str(path)) for _ in range(repeats)]
    peak = max(item["peak_mb"] for item in found)
    return Timing(tuple(item["seconds"] for item in found)), peak
