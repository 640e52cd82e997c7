"""Tasks, parameters and results of the stand-in; see the package's docstring."""

from __future__ import annotations

import csv
import os
import subprocess
from pathlib import Path
from typing import Any


class HSPTaskException(Exception):
    """A task cannot be found, or failed where that was not allowed."""


class HSPResult:
    """What a task returned."""

    def __init__(
        self, returncode: int, stdout: str, stderr: str | None = None, params: Any = None
    ) -> None:
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr
        self.params = params


class HSPTask:
    """A task by its name; called with parameters, it runs."""

    def __init__(self, name: str) -> None:
        self.taskname = name
        self._rows = _read(_par_file(name))
        self.par_names = [row[0] for row in self._rows]
        self.params: dict[str, Any] = {}
        self.__doc__ = self.task_docs()

    def task_docs(self) -> str:
        """Start fhelp, as the real one does for every object: an override must be honoured."""
        raise HSPTaskException("fhelp was started")

    def __call__(self, args: dict[str, Any] | None = None, **kwargs: Any) -> HSPResult:
        given = {**(args or {}), **kwargs}
        noprompt = given.get("py_noprompt" if "noprompt" in self.par_names else "noprompt", False)
        if not noprompt:
            raise HSPTaskException("a prompt would wait for an answer")
        for name, value in given.items():
            if isinstance(value, str) and "," in value:
                given[name] = value.strip('"')
        kinds = {row[0]: row[1] for row in self._rows}
        self.params = {
            name: _typed(given[name], kinds[name]) for name in self.par_names if name in given
        }
        os.environ["HEADASNOQUERY"] = ""
        os.environ["HEADASPROMPT"] = "/dev/null"
        self._write_par_file()
        result = self.exec_task()
        if result.returncode and given.get("allow_failure") is False:
            raise HSPTaskException(result.stdout)
        return result

    def exec_task(self) -> HSPResult:
        """Run the program, its output held back until the end."""
        program = Path(os.environ["HEADAS"], "bin", self.taskname)
        words = [f"{name}={value}" for name, value in self.params.items()]
        done = subprocess.run(
            [program, *words], capture_output=True, text=True, encoding="latin-1", check=False
        )
        return HSPResult(done.returncode, done.stdout, None, self.params)

    def _write_par_file(self) -> None:
        folder = Path(os.environ["PFILES"].split(";")[0])
        lines = []
        for name, kind, mode, default, *rest in self._rows:
            value = self.params.get(name, default) if "a" in mode else default
            lines.append(",".join([name, kind, mode, f'"{value}"', *rest[:2], f'"{rest[2]}"']))
        (folder / f"{self.taskname}.par").write_text("\n".join(lines) + "\n")


def _par_file(name: str) -> Path:
    for folder in os.environ["PFILES"].replace(";", ":").split(":"):
        if (path := Path(folder, f"{name}.par")).exists():
            return path
    raise HSPTaskException(f"No .par file found for task {name}")


def _read(path: Path) -> list[list[str]]:
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    rows = [[field.strip() for field in row] for row in csv.reader(lines, skipinitialspace=True)]
    return [(row + [""] * 7)[:7] for row in rows]


def _typed(value: Any, kind: str) -> Any:
    if not isinstance(value, str):
        return value
    if kind == "b":
        return "yes" if value.lower() in ("y", "yes", "true") else "no"
    if kind in ("i", "r") and value != "INDEF":
        return int(value) if kind == "i" else float(value)
    return value
