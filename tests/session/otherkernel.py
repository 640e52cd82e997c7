"""Another kernel with a session of its own, which does what it is told line by line.

    python -m tests.session.otherkernel FOLDER

``edit 12`` makes the bin 12 s and writes it; ``look`` looks who keeps the file. Each answers with a
line of JSON: file, notice, bin.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from nustar_widgets.session.keeping import keep
from nustar_widgets.session.opensession import open_session

ROOT = Path(__file__).resolve().parents[2]


class OtherKernel:
    """Drives such a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def __call__(self, line: str) -> dict[str, Any]:
        """Tell it something; return its answer."""
        self._to.write(f"{line}\n")
        self._to.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """Wait for its answer."""
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    @property
    def _to(self) -> IO[str]:
        assert self.process.stdin is not None
        return self.process.stdin


@contextmanager
def other_kernel(folder: Path) -> Iterator[OtherKernel]:
    """Start one that has opened the session of a folder, and end it afterwards."""
    command = [sys.executable, "-m", "tests.session.otherkernel", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            other = OtherKernel(process)
            other.answer()
            yield other
        finally:
            process.kill()


def main() -> None:
    """Do what is read, line by line."""
    session = open_session(sys.argv[1])
    keeping = keep(session)
    while True:
        found = {"path": keeping.path, "notice": keeping.notice, "bin_s": session.bin_s}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        match sys.stdin.readline().split():
            case ["edit", bin_s]:
                session.edit("bin", bin_s=float(bin_s))
                keeping.flush()
            case ["look"]:
                keeping.flush()
            case _:
                return


if __name__ == "__main__":
    main()
