"""What the kernel's environment has for a notebook, and what it asks of the page."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Final

from nustar_widgets.diagnosis.findings import Finding

GROUP: Final = "This kernel"
_GET_LAB: Final = "pip install 'nustar-widgets[lab]'"
_FRONT_END_VERSION: Final = re.compile(r"__frontend_version__\s*=\s*['\"]([^'\"]+)")
_SUBSHELLS: Final = 7  # ipykernel from which on the page's messages are heard while a cell runs


@dataclass(frozen=True, kw_only=True)
class Module:
    """A package of widgets that has a part in the page.

    Attributes
    ----------
    package
        Its name for Python.
    module
        Its name in the page.
    extension
        The prebuilt extension of JupyterLab that brings it.
    needs
        What it is good for.
    wanted
        Asked which version of the extension the kernel's own package goes with.
    brings
        What to install where the extension is missing, by the version the kernel has.
    """

    package: str
    module: str
    extension: str
    needs: str
    wanted: Callable[[str], str]
    brings: Callable[[str], str]


def _two(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _front_end_of_bqplot(version: str) -> str:
    """Read what bqplot asks for from its own file: importing it would take a second."""
    found = util.find_spec("bqplot")
    place = None if found is None or found.origin is None else Path(found.origin)
    try:
        text = "" if place is None else place.with_name("_version.py").read_text(encoding="utf-8")
    except OSError:
        text = ""
    told = _FRONT_END_VERSION.search(text)
    return told[1] if told else {"0.12": "^0.5", "0.13": "^0.6"}.get(_two(version), "*")


MODULES: Final = (
    Module(
        package="ipywidgets", module="@jupyter-widgets/controls",
        extension="@jupyter-widgets/jupyterlab-manager", needs="every panel",
        wanted=lambda _: "^5.0.0",
        brings=lambda _: "jupyterlab_widgets>=3.0.13,<4",
    ),
    Module(
        package="anywidget", module="anywidget", extension="anywidget",
        needs="regions under the hand, and the other views of our own; tables",
        wanted=lambda version: f"~{_two(version)}.0",
        brings=lambda version: f"anywidget=={_two(version)}.*",
    ),
    Module(
        package="bqplot", module="bqplot", extension="bqplot", needs="plots in the panels",
        wanted=_front_end_of_bqplot,
        brings=lambda version: f"bqplot=={_two(version)}.*",
    ),
)  # fmt: skip


def kernel_findings() -> Iterator[Finding]:
    """Look for the packages the panels need, by their metadata, without importing them."""
    yield from (_installed(item.package, item.needs) for item in MODULES[:2])
    yield _plots()
    yield _installed("itables", "tables of observations found")
    yield _kernel()


def version_of(name: str) -> str:
    """Return the version of a package of this environment; empty where it is not there.

    Parameters
    ----------
    name
        The package.
    """
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _plots() -> Finding:
    plots, gl = _installed("bqplot", "plots in the panels"), version_of("bqplot-gl")
    if not (plots.ok and gl):
        return plots
    # Its second copy of d3 takes the mouse events from bqplot's own.
    return _finding(
        "bqplot",
        f"{plots.found}, but bqplot-gl {gl} is here too and breaks its dragging",
        plots.enables,
        remedy=f"{sys.executable} -m pip uninstall -y bqplot-gl",
    )


def _kernel() -> Finding:
    version = version_of("ipykernel")
    first = version.split(".")[0]
    enables = "buttons, as Stop, that are heard while a cell runs (with JupyterLab 4.4 or newer)"
    if not version:
        return Finding(
            name="ipykernel", ok=False, found="not installed", enables="notebooks",
            remedy=f"{sys.executable} -m pip install 'ipykernel>=7'", is_optional=True, group=GROUP,
        )  # fmt: skip
    if first.isdecimal() and int(first) < _SUBSHELLS:
        return Finding(
            name="ipykernel", ok=False, found=f"{version}, older than {_SUBSHELLS}",
            enables=enables, remedy=f"{sys.executable} -m pip install 'ipykernel>={_SUBSHELLS}'",
            is_optional=True, group=GROUP,
        )  # fmt: skip
    return _finding("ipykernel", version, enables)


def _installed(name: str, enables: str) -> Finding:
    version = version_of(name)
    return _finding(name, version or "not installed", enables, remedy="" if version else _GET_LAB)


def _finding(name: str, found: str, enables: str, *, remedy: str = "") -> Finding:
    return Finding(
        name=name, ok=not remedy, found=found, enables=enables, remedy=remedy, group=GROUP
    )
