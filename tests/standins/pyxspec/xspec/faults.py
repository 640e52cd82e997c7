"""What can go wrong with XSPEC, on demand."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import NoReturn


def say(text: str) -> None:
    """Print as XSPEC does: below Python's standard output."""
    os.write(1, text.encode() + b"\n")


def hang() -> NoReturn:
    """Wait for ever, deaf to a polite request to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60.0)


_skipped = 0


def happen(command: str) -> None:
    """Do what the file of faults says, once; ``hung at fit 2`` waits for the second fit."""
    global _skipped  # noqa: PLW0603
    path = os.environ.get("STANDIN_XSPEC_FAULT")
    if not path or not os.path.exists(path):  # noqa: PTH110
        return
    with open(path) as file:  # noqa: PTH123
        fault, _, when = file.read().partition(" at ")
    name, _, count = when.partition(" ")
    if when and name != command:
        return
    _skipped += 1
    if _skipped < int(count or 1):
        return
    os.unlink(path)  # noqa: PTH108
    say(f"stand-in: {fault}")
    _do(fault)


def _do(fault: str) -> None:
    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "exits":
        os._exit(3)
    elif fault == "hung":
        hang()
    elif fault == "flooding":
        line = b"Number of trials exceeded: continue fitting? " * 1000 + b"\n"
        while True:
            os.write(1, line)
    elif fault == "chatty":
        for _ in range(2000):
            say("a line of no interest " * 20)
    elif fault == "dying while sending":
        os.write(int(sys.argv[-1]), b'{"message":{"kind":"done","id":1},"arrays":[100]}\nabc')
        os._exit(1)
    elif fault == "garbage":
        os.write(int(sys.argv[-1]), b"XSPEC12> garbage on the pipe\n")
        hang()
    else:
        raise AssertionError(fault)
