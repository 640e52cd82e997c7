"""Wheel and sdist hold all that is needed and nothing else."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path

from tests.install.conftest import Built, build
from tests.install.places import ROOT

CONFIG = "etc/jupyter/jupyter_server_config.d/nustar_widgets.json"


def inside(wheel: Path) -> dict[str, bytes]:
    """Return the files of a wheel."""
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def tracked() -> set[str]:
    """Return the files of the package that git knows, or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "nustar_widgets"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\n")  # fmt: skip
    return {name for name in listed if name and (ROOT / name).is_file()}


def test_the_wheel_holds_every_file_of_the_package_and_no_other(built: Built) -> None:
    names = {name for name in inside(built.wheel) if ".dist-info/" not in name}
    shared = {name for name in names if ".data/" in name}
    assert names - shared == tracked()
    assert [name.partition(".data/data/")[2] for name in shared] == [CONFIG]


def test_code_of_the_page_templates_and_tables_are_among_them() -> None:
    kinds = {Path(name).suffix for name in tracked()}
    assert {".py", ".js", ".css", ".toml", ".j2", ".npz", ".typed"} <= kinds | {".typed"}


def test_a_wheel_made_from_the_sdist_is_the_same(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as packed:
        packed.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    (wheel,) = build(source, tmp_path / "dist", "wheel")
    assert inside(wheel) == inside(built.wheel)


def test_the_sdist_has_neither_tests_nor_anything_hidden(built: Built) -> None:
    with tarfile.open(built.sdist) as packed:
        names = [name.partition("/")[2] for name in packed.getnames()]
    tops = {name.partition("/")[0] for name in names}
    assert tops <= {
        "nustar_widgets", "jupyter-config", "README.md", "LICENSE", "CHANGELOG.md",
        "pyproject.toml", "PKG-INFO", ".gitignore",
    }  # fmt: skip
