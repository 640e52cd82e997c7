"""Places to install into, and running things there as somebody without a checkout would."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEALED = Path(__file__).parent / "sealed"
PERSONAL = ("JUPYTER", "IPYTHON", "XDG_", "HEADAS", "PYTHON", "CALDB", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Place:
    """An environment, and the home of who uses it.

    Attributes
    ----------
    root
        The environment's folder.
    home
        An empty folder: the home, and where things run.
    """

    root: Path
    home: Path

    @property
    def bin(self) -> Path:
        """Its programs."""
        return self.root / "bin"

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        return next((self.root / "lib").glob("python3.*")) / "site-packages"

    @property
    def tries(self) -> Path:
        """What was tried over the network, a host a line."""
        return self.home / "tries.txt"

    def environ(self, *, sealed: bool = True) -> dict[str, str]:
        """Environment of what runs here; sealed, nothing reaches another machine."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(PERSONAL)}
        seal = {"PYTHONPATH": str(SEALED), "NUSTAR_WIDGETS_TRIES": str(self.tries)}
        return (
            kept
            | {"HOME": str(self.home), "PATH": f"{self.bin}{os.pathsep}{kept['PATH']}"}
            | {"VIRTUAL_ENV": str(self.root), "PYTHONNOUSERSITE": "1"}
            | (seal if sealed else {})
        )

    def run(self, *command: str, sealed: bool = True, cwd: Path | None = None) -> str:
        """Run a program of this environment in its home, and return what it said."""
        done = subprocess.run(
            command,
            cwd=cwd or self.home,
            env=self.environ(sealed=sealed),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def python(self, code: str, *, sealed: bool = True) -> str:
        """Run Python code here, and return what it printed."""
        return self.run(str(self.bin / "python"), "-c", code, sealed=sealed).strip()


def empty(folder: Path, python: str = sys.executable) -> Place:
    """Make an environment that holds nothing but Python and pip."""
    subprocess.run([python, "-m", "venv", str(folder / "env")], check=True)
    (folder / "home").mkdir()
    return Place(folder / "env", folder / "home")


def beside_ours(folder: Path) -> Place:
    """Make an environment that sees the packages of this one, but not this checkout.

    A line of a .pth file adds a folder; what the .pth files in that folder say is not heard, and
    it is one of those that leads to the checkout.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    (folder / "home").mkdir()
    place = Place(folder / "env", folder / "home")
    ours = f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    (place.packages / "ours.pth").write_text(ours, encoding="utf-8")
    return place
