"""What is built, and where it is installed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.install import places
from tests.install.places import ROOT, Place


@dataclass(frozen=True)
class Built:
    """What goes to the package index.

    Attributes
    ----------
    wheel, sdist
        The two files.
    """

    wheel: Path
    sdist: Path


def build(source: Path, into: Path, *kinds: str) -> list[Path]:
    """Build what a source tree says, with the tool its pyproject.toml names."""
    chosen = [word for kind in kinds for word in ("-t", kind)]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(into), *chosen],
        cwd=source, check=True, capture_output=True,
    )  # fmt: skip
    return sorted(into.iterdir())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return wheel and sdist of this checkout."""
    files = build(ROOT, tmp_path_factory.mktemp("dist"), "sdist", "wheel")
    sdist, wheel = sorted(files, key=lambda path: path.suffix == ".whl")
    return Built(wheel, sdist)


@pytest.fixture(
    scope="session",
    params=[
        "wheel",
        pytest.param("wheel and all it needs", marks=pytest.mark.install),
        pytest.param("sdist and all it needs", marks=pytest.mark.install),
    ],
)
def place(
    request: pytest.FixtureRequest, built: Built, tmp_path_factory: pytest.TempPathFactory
) -> Place:
    """Return an environment the package is installed in, far from this checkout."""
    folder = tmp_path_factory.mktemp("place")
    if request.param == "wheel":
        made = places.beside_ours(folder)
        python = str(made.bin / "python")
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index"]
        subprocess.run([*pip, "--no-deps", str(built.wheel)], check=True, capture_output=True)
        return made
    made = places.empty(folder)
    package = built.wheel if request.param.startswith("wheel") else built.sdist
    made.run("pip", "install", "--quiet", f"{package}[lab]", sealed=False)
    return made
