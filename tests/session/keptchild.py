"""Stands in for a kernel: edits a kept session at random until it is killed.

    python -m tests.session.keptchild

reads lines ``FOLDER SEED``, forks a process for each, and answers with its number. Such a process
opens the session of the folder and writes a diary beside it: what it is about to make of the
session, when it has done so, and how long a small file of its own takes to get to the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from nustar_widgets.events.regions import SkyCircle, SkyRegion
from nustar_widgets.session.history import SessionState
from nustar_widgets.session.opensession import open_session
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import (
    FitChoice,
    ModuleRegions,
    ParameterChoice,
    Regions,
    RegionText,
)

DIARY = "diary"


def mark(state: SessionState) -> str:
    """Return what tells a session from others: its choices, and the steps nearest to now."""
    labels = [[step.label for step in steps[-40:]] for steps in (state.past, state.future)]
    return hashlib.sha256(repr((dict(state.values), labels)).encode()).hexdigest()


def edit_forever(folder: str, seed: int, *, seconds: float = 60.0) -> None:
    """Edit a session at random, some edits close together, some apart.

    Parameters
    ----------
    folder
        Its work folder.
    seed
        What is done is drawn from.
    seconds
        How long, if nobody ends it before [s].
    """
    chance = random.Random(seed)
    session = open_session(folder)
    model = Session()  # shows what comes of an edit before it is made
    model.restore(session.state())
    diary = os.open(Path(folder, DIARY), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    def note(*words: Any) -> None:
        os.write(diary, (" ".join(map(str, words)) + "\n").encode())

    threading.Thread(target=_beat, args=(Path(folder, "beat"), note), daemon=True).start()
    note("start", time.monotonic(), mark(session.state()))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        act = _act(chance)
        act(model)
        note("about", mark(model.state()))
        act(session)
        note("done", time.monotonic())
        time.sleep(chance.choice([0.0, 0.0, 0.002, 0.02, 0.1]))


def _act(chance: random.Random) -> Any:
    """Return something people do to a session."""
    if chance.random() < 0.15:
        return lambda session: session.undo()
    if chance.random() < 0.15:
        return lambda session: session.redo()
    number = chance.randrange(10**9)
    changes = _changes(chance, float(number % 5000 + 1))
    return lambda session: session.edit(f"edit {number}", **changes)


def _changes(chance: random.Random, value: float) -> dict[str, Any]:
    circle = SkyCircle(ra_deg=chance.random(), dec_deg=chance.random(), radius_arcsec=value)
    parameters = tuple(
        ParameterChoice(name=f"powerlaw_{at}.norm", value=chance.random()) for at in range(12)
    )
    return chance.choice(
        [
            {"bin_s": value},
            {"band_kev": (3.0, 3.0 + value), "user_gti": ((0.0, value),)},
            {"regions": Regions(fpma=ModuleRegions(source=SkyRegion((circle,))))},
            {"regions": Regions(fpmb=ModuleRegions(source=RegionText(text="fk5\n" * 300)))},
            {"fit": FitChoice(parameters=parameters)},
            {"products": (("pilow", chance.randrange(4096)),)},
        ]
    )


def _beat(path: Path, note: Any) -> None:
    """Write a small file whole, again and again, and say when it was there."""
    while True:
        part = path.with_suffix(".part")
        with part.open("w") as stream:
            json.dump([0.0] * 1000, stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        note("beat", time.monotonic())
        time.sleep(0.15)


def main() -> None:
    """Fork a process for each line that is read."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        folder, seed = line.split()
        child = os.fork()
        if child == 0:
            try:
                edit_forever(folder, int(seed))
            finally:
                os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
