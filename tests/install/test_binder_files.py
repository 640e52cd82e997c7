"""What a Binder is made from agrees with the package."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.install.places import ROOT

BINDER = ROOT / "binder"
PIN = re.compile(r"[a-z0-9-]+==[a-z0-9.]+( ; .+)?")
MYBINDER = {"python_version": "3.12", "python_full_version": "3.12.12", "sys_platform": "linux"}
CHANNEL = "https://heasarc.gsfc.nasa.gov/FTP/software/conda"


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lines() -> list[str]:
    text = (BINDER / "requirements.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def pins() -> dict[str, str]:
    """Return the versions a Binder gets."""
    found = [Requirement(line) for line in lines()]
    here = [one for one in found if one.marker is None or one.marker.evaluate(dict(MYBINDER))]
    return {one.name: next(iter(one.specifier)).version for one in here}


def wanted() -> list[Requirement]:
    told = pyproject()
    extras = [text for extra in told["project"]["optional-dependencies"].values() for text in extra]
    named = [*told["project"]["dependencies"], *extras, *told["dependency-groups"]["binder"]]
    found = [Requirement(text) for text in named]
    return [one for one in found if one.name != told["project"]["name"]]


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_every_version_is_fixed_and_no_index_is_named() -> None:
    assert [line for line in lines() if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("need", wanted(), ids=lambda need: str(need.name))
def test_a_binder_gets_all_the_package_needs_in_versions_it_allows(need: Requirement) -> None:
    version = pins().get(canonicalize_name(need.name), "missing: run make binder-lock")
    assert version in need.specifier, f"{need}: {version}"


def test_the_python_of_a_binder_is_one_the_package_allows() -> None:
    name, version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().split("-")
    assert name == "python"
    allowed = Requirement(f"python{pyproject()['project']['requires-python']}")
    assert version in allowed.specifier
    assert Marker("python_version == '3.12'").evaluate({"python_version": version})


def test_the_build_script_can_be_run() -> None:
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")  # else a build hides failures


def test_the_heasoft_environment_names_heasarcs_own_channel_first() -> None:
    text = (BINDER / "heasoft" / "environment.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^  - (.+)$", text, re.MULTILINE)
    assert listed[0] == CHANNEL
    assert {"heasoft>=6.36", "xspec-data"} <= set(listed)


def test_repo2docker_finds_no_file_that_outranks_the_requirements() -> None:
    names = {path.name for path in BINDER.iterdir()}
    assert {"requirements.txt", "runtime.txt", "postBuild", "start.ipynb"} <= names
    assert not names & {"environment.yml", "Dockerfile", "Pipfile", "default.nix", "setup.py"}


def test_the_notebook_opens_the_sample_the_build_made() -> None:
    code = code_of(BINDER / "start.ipynb")
    assert 'nw.open_sample(session, "sample")' in code
    script = (BINDER / "postBuild").read_text(encoding="utf-8")
    assert 'nw.simulate_observation("sample"' in script
    assert "cd binder" in script
