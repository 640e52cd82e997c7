"""Opening an event list: from the file to the first spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.eventfiles import EventFiles
from benchmarks.extraction import MILLION
from benchmarks.fresh import measured_inside
from benchmarks.rows import Row, SizeRow, Table
from benchmarks.timing import Timing

REPEATS = 5


def run(files: EventFiles) -> list[Table]:
    """Measure plain and compressed files of one module."""
    small, packed = files.plain("FPMA", MILLION), files.compressed("FPMA", MILLION)
    rows: list[Row | SizeRow] = []
    for what, path, limit_s in (
        ("1 million events, plain", small, 0.2),
        ("1 million events, .gz", packed, 0.5),
        ("10 million events, plain", files.plain("FPMA", 10 * MILLION), 1.5),
    ):
        ours, peer = _Opened.by("ours", path), _Opened.by("astropy", path)
        if ours.counts != peer.counts:
            raise SystemExit(f"{path.name}: {ours.counts} counts here, {peer.counts} in astropy")
        rows.append(
            Row(
                what=f"{what}: file to spectrum",
                timing=ours.timing,
                median_at_most_s=limit_s,
                peer=peer.timing,
            )
        )
    rows.append(
        SizeRow(
            what="10 million events: peak memory of the process",
            megabytes=ours.peak_mb,
            at_most_mb=450,
            peer_mb=peer.peak_mb,
        )
    )
    return [
        Table(
            title="Reading, one module",
            rows=rows,
            notes=[
                f"Each in fresh processes (median of {REPEATS}), imports done before, files in "
                "the page cache. Ours ends with the whole pixel index built and a spectrum and "
                "light curve counted; the peer, `astropy.table.Table.read` and "
                "`numpy.histogram`, ends with a spectrum. Both count the same.",
                f"The .gz holds {packed.stat().st_size / 1e6:.0f} MB at level 6.",
            ],
        )
    ]


@dataclass(frozen=True)
class _Opened:
    """What opening a file several times took, each time in a fresh process."""

    timing: Timing
    counts: int
    peak_mb: float

    @classmethod
    def by(cls, reader: str, path: Path) -> _Opened:
        found = [measured_inside("benchmarks.openfile", reader, str(path)) for _ in range(REPEATS)]
        seconds, cpu = (tuple(run[key] for run in found) for key in ("seconds", "cpu_seconds"))
        return cls(Timing(seconds, cpu), found[0]["counts"], max(run["peak_mb"] for run in found))
