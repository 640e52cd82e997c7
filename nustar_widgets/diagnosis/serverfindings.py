"""The environment of the Jupyter server against that of the kernel."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from nustar_widgets.diagnosis.asking import ask
from nustar_widgets.diagnosis.findings import Finding
from nustar_widgets.diagnosis.kernelside import MODULES, Module, version_of
from nustar_widgets.diagnosis.ranges import fits
from nustar_widgets.diagnosis.servers import (
    Server,
    own_python,
    running_servers,
    server_of_kernel,
)

GROUP: Final = "Jupyter server"
_LAB_WITH_SUBSHELLS: Final = (4, 4)
_SHOWN: Final = ("jupyterlab", "notebook", "voila", "jupyter_server")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What a server's Python said of its environment.

    Attributes
    ----------
    server
        The server.
    told
        What `serverside` found; empty where it could not be asked.
    problem
        Why not.
    """

    server: Server
    told: Mapping[str, Any]
    problem: str = ""

    @property
    def is_the_kernels(self) -> bool:
        """Whether kernel and server share one environment."""
        return bool(self.told) and self.told["prefix"] == _own_prefix()

    def extension(self, name: str) -> tuple[str, str] | None:
        """Return version and place of a prebuilt extension; ``None`` where it is not there."""
        found = self.told.get("extensions", {}).get(name)
        return None if found is None else (str(found[0]), str(found[1]))

    def package(self, name: str) -> str:
        """Return the version of a package; empty where it is not there."""
        return str(self.told.get("packages", {}).get(name, ""))


def server_findings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the server of this kernel, or in a terminal at those that run here.

    Parameters
    ----------
    environ
        Environment of this process.
    """
    mine = server_of_kernel(environ)
    servers = (mine,) if mine is not None else running_servers()
    if not servers:
        yield from environment_findings(environment_of(own_python(environ)), is_running=False)
        return
    with ThreadPoolExecutor(len(servers)) as askers:
        for environment in askers.map(environment_of, servers):
            yield from environment_findings(environment, several=len(servers) > 1)


def environment_of(server: Server) -> Environment:
    """Ask a server's Python for its environment.

    Parameters
    ----------
    server
        The server.
    """
    if not server.python:
        return Environment(server=server, told={}, problem="no Python of its own")
    answer = ask(_probe(), server.environ, server.python)
    told = answer.value if isinstance(answer.value, dict) else {}
    return Environment(server=server, told=told, problem=answer.problem)


def environment_findings(
    here: Environment, *, is_running: bool = True, several: bool = False
) -> Iterator[Finding]:
    """Say what an environment has for the page, and what the kernel's packages ask for.

    Parameters
    ----------
    here
        The environment.
    is_running
        Whether a server runs in it now.
    several
        Whether others are told of too.
    """
    group = f"{GROUP} {here.server.pid}" if several else GROUP
    yield _server(here, group, is_running=is_running)
    if here.problem or not here.package("jupyter_server"):
        return
    for module in MODULES:
        yield module_finding(module, here, group)
    yield _answers_at_once(here, group)
    if not several:
        yield _subshells(here, group)


def module_finding(module: Module, here: Environment, group: str = GROUP) -> Finding:
    """Say whether a server has the page's part of a package, in a version the kernel can use.

    Parameters
    ----------
    module
        The package.
    here
        Environment of the server.
    group
        Of the finding.
    """
    kernel, found = version_of(module.package), here.extension(module.extension)
    wanted = module.wanted(kernel) if kernel else "*"
    is_off = module.extension in here.told.get("disabled", ())
    remedy = ""
    if found is None:
        told, remedy = "not there", install(module, here)
    elif is_off:
        told = f"{found[0]}, switched off"
        remedy = f"{here.server.python} -m jupyter labextension enable {module.extension}\n{RELOAD}"
    elif wanted != "*" and not fits(found[0], wanted):
        told = f"{found[0]}, but {module.package} {kernel} of the kernel needs {wanted}"
        remedy = install(module, here)
    else:
        told = f"{found[0]} in {found[1]}"
    return Finding(
        name=f"{module.package} in pages", ok=not remedy, found=told,
        enables=module.needs, remedy=remedy, group=group,
    )  # fmt: skip


RELOAD: Final = "# then reload the page of the notebook"


def install(module: Module, here: Environment | None) -> str:
    """Return the lines that bring the page's part of a package to a server.

    Parameters
    ----------
    module
        The package.
    here
        Environment of the server; ``None`` where it is not known.
    """
    what = shlex.quote(module.brings(version_of(module.package) or "0"))
    if here is None or not here.server.python:
        return f"# with the Python of the Jupyter server:\npip install {what}\n{RELOAD}"
    pip = f"{shlex.quote(here.server.python)} -m pip install {what}"
    if here.told.get("is_writable", True):
        return f"{pip}\n{RELOAD}"
    return "\n".join(
        ("# the server's environment is not yours to change; a copy in your own folder does:",
         *_copied(module, here), RELOAD)
    )  # fmt: skip


def _copied(module: Module, here: Environment) -> tuple[str, ...]:
    """Return the lines that copy the kernel's own prebuilt extension to where a server looks."""
    target = Path(str(here.told.get("data_dir", "")), "labextensions", module.extension)
    source = Path(_own_prefix(), "share", "jupyter", "labextensions", module.extension)
    folder = shlex.quote(str(target.parent))
    return (f"mkdir -p {folder}", f"cp -R {shlex.quote(str(source))} {folder}/")


def _server(here: Environment, group: str, *, is_running: bool) -> Finding:
    programs = [f"{name} {here.package(name)}" for name in _SHOWN if here.package(name)]
    if here.problem:
        told = f"started by {here.server.command} (process {here.server.pid}): {here.problem}"
        ok = True  # as VS Code: the page is asked instead
    elif not programs:
        told, ok = f"none runs, and none is installed in {here.told['prefix']}", is_running
    else:
        where = here.told["prefix"]
        same = "the kernel's own environment" if here.is_the_kernels else "NOT the kernel's"
        runs = f"process {here.server.pid}" if is_running else "none runs now"
        told, ok = f"{', '.join(programs)} in {where} ({same}; {runs})", True
    return Finding(
        name="server", ok=ok, found=told, enables="notebooks in a browser",
        remedy="" if ok else "pip install 'nustar-widgets[lab]'", is_optional=True, group=group,
    )  # fmt: skip


def _answers_at_once(here: Environment, group: str) -> Finding:
    ok = here.told["has_ours"] and here.told["ours_is_enabled"]
    told = "enabled" if ok else "not enabled" if here.told["has_ours"] else "not installed there"
    python = shlex.quote(here.server.python)
    remedy = f"{python} -m pip install nustar-widgets"
    if here.told["has_ours"]:
        remedy = f"{python} -m jupyter server extension enable nustar_widgets.serverextension"
    return Finding(
        name="our extension", ok=ok, found=told,
        enables="numbers that follow the hand at once: without it they come some 30 ms later",
        remedy="" if ok else f"{remedy}\n# then start the server again",
        is_optional=True, group=group,
    )  # fmt: skip


def _subshells(here: Environment, group: str) -> Finding:
    """JupyterLab hears widgets while a cell runs from 4.4 on, with ipykernel 7."""
    version = here.package("jupyterlab")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    ok = not version or numbers >= _LAB_WITH_SUBSHELLS
    return Finding(
        name="busy kernels", ok=ok,
        found="buttons are heard while a cell runs, with ipykernel 7"
        if ok
        else f"JupyterLab {version} does not send them while a cell runs; 4.4 does",
        enables="buttons, as Stop, that are heard while a cell runs",
        remedy=""
        if ok
        else f"{shlex.quote(here.server.python)} -m pip install 'jupyterlab>=4.4'",
        is_optional=True, group=group,
    )  # fmt: skip


@cache
def _probe() -> str:
    return Path(__file__).with_name("serverside.py").read_text(encoding="utf-8")


def _own_prefix() -> str:
    return os.path.realpath(sys.prefix)
