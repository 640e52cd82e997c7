"""Measuring in fresh processes: start-up, first use and peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.timing import Timing

PROJECT = Path(__file__).resolve().parents[1]


def measured_inside(module: str, *arguments: str) -> dict[str, Any]:
    """Run ``python -m module`` and read the JSON object it prints.

    Parameters
    ----------
    module
        Module that measures itself.
    arguments
        Its command line.
    """
    command = [sys.executable, "-m", module, *arguments]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def wall_clock(command: list[str], *, repeats: int) -> Timing:
    """Whole life of a process, from start to exit.

    Parameters
    ----------
    command
        Program and arguments; run once before for the page cache.
    repeats
        How often.
    """
    seconds = []
    for _ in range(repeats + 1):
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=PROJECT)
        seconds.append(perf_counter() - start)
    return Timing(tuple(seconds[1:]))


def peak_memory_mb() -> float:
    """Largest resident size of this process so far [MB of 1e6 bytes].

    Linux: VmHWM. ``getrusage`` would do, but a child started by ``vfork`` inherits the maximum of
    its parent there, and the parent has held ten million events before.
    """
    status = Path("/proc/self/status")
    if status.exists():
        text = status.read_text()
        return int(text.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    import resource  # noqa: PLC0415 - not on every system

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
