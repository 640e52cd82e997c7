"""The suite under other versions: ``make matrix``, or ``python -m tests.matrix NAME...``.

Each run has an environment of its own in ``.matrix/`` and a log beside it. A Python that is not on
this machine is said and left out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import pythons

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".matrix"
SUITE = ("--ignore=tests/browser",)
PANELS = ("tests/panels", "tests/browser")
# Old versions of what we use warn of what is new in the things they use.
QUIET = ("-W", "default::DeprecationWarning", "-W", "default::PendingDeprecationWarning")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One column of the matrix.

    Attributes
    ----------
    python
        Its version.
    install
        What the installer is told besides the package.
    pytest
        What pytest is told.
    """

    python: str
    install: tuple[str, ...] = ()
    pytest: tuple[str, ...] = SUITE


RUNS = {
    "lowest": Run(
        python="3.11", install=("--resolution", "lowest-direct"), pytest=(*SUITE, *QUIET)
    ),
    "bqplot-0.12": Run(python="3.11", install=("bqplot<0.13",), pytest=PANELS),
    "3.11": Run(python="3.11"),
    "3.12": Run(python="3.12"),
    "3.13": Run(python="3.13"),
}


def main() -> int:
    """Go through the matrix, and return how many runs failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RUNS)}")
    names = parser.parse_args().names or list(RUNS)
    PLACE.mkdir(exist_ok=True)
    told = {name: outcome(name) for name in names}
    return sum(word == "failed" for word in told.values())


def outcome(name: str) -> str:
    """Do one run; return what came of it, and say so."""
    run = RUNS[name]
    found = pythons.named(run.python)
    log = PLACE / f"{name}.log"
    word = f"left out: no Python {run.python}"
    if found is not None:
        with log.open("w", encoding="utf-8") as stream:
            python = installed(found, name, run)
            done = subprocess.run(
                [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *run.pytest],
                cwd=ROOT,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        word = "failed" if done.returncode else "passed"
    last = log.read_text(encoding="utf-8").splitlines()[-1:] if found else []
    sys.stdout.write(f"{name}: {word}  {' '.join(last)}\n")
    sys.stdout.flush()
    return word


def installed(python: str, name: str, run: Run) -> str:
    """Make the environment of a run anew, and return its Python."""
    place = PLACE / name
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--seed", "--clear", "--python", python, str(place)], check=True)
    inside = str(place / "bin" / "python")
    install = [*uv, "pip", "install", "--python", inside, "--editable", ".[lab]"]
    subprocess.run([*install, "--group", "test", *run.install], cwd=ROOT, check=True)
    return inside


if __name__ == "__main__":
    sys.exit(main())
