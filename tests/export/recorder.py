"""Runs exported code with everything outside replaced by what only remembers."""

from __future__ import annotations

import builtins
import json
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

SETTINGS = {"noprompt": True, "allow_failure": False}


class Recorder:
    """What a script did.

    Attributes
    ----------
    calls
        (engine, task, parameters) of every task call.
    files
        Text files by name.
    intervals
        Good time by the name of the file.
    fits
        What `SpectralFit` was made with.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.files: dict[str, str] = {}
        self.intervals: dict[str, list[tuple[float, float]]] = {}
        self.fits: list[dict[str, Any]] = []
        self.xspec = MagicMock()
        self.xspec.AllData.nSpectra = 2
        self.chdir = MagicMock()
        plots = MagicMock()
        plots.pyplot.subplots.return_value = (MagicMock(), (MagicMock(), MagicMock()))
        self._modules = {
            "os": SimpleNamespace(chdir=self.chdir),
            "matplotlib": plots,
            "pathlib": SimpleNamespace(Path=self._path_class()),
            "heasoftpy": _Tasks(self, "heasoft"),
            "nustar_widgets": SimpleNamespace(
                tasks=_Tasks(self, "embedded"), SpectralFit=self._fit
            ),
            "xspec": self.xspec,
        }

    def run(self, code: str) -> Recorder:
        """Run code."""
        known = {**vars(builtins), "__import__": self._import, "print": lambda *_, **__: None}
        exec(compile(code, "exported", "exec"), {"__builtins__": known})
        return self

    def run_notebook(self, text: str) -> Recorder:
        """Run the code cells of a notebook but that which draws a file of light curves."""
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells if cell["id"] != "light-curve"]
        return self.run("\n".join(sources))

    def _import(self, name: str, *_: Any) -> Any:
        return self._modules.setdefault(name.partition(".")[0], MagicMock())

    def _fit(self, **given: Any) -> Any:
        self.fits.append(given)
        return MagicMock()

    def _path_class(self) -> type:
        recorder = self

        class Path(PurePosixPath):
            """Touches no disk; everything is there."""

            cwd = classmethod(lambda cls: cls("/somewhere"))
            mkdir = MagicMock()
            is_dir = MagicMock(return_value=True)

            def write_text(self, text: str) -> int:
                recorder.files[str(self)] = text
                return len(text)

        return Path


class _Tasks:
    """Tasks that remember how they were called."""

    def __init__(self, recorder: Recorder, engine: str) -> None:
        self._recorder, self._engine = recorder, engine

    def __getattr__(self, task: str) -> Any:
        def run(**given: Any) -> Any:
            self._recorder.calls.append((self._engine, task, given))
            return MagicMock()

        return run

    def write_gti(self, name: str, intervals: list[tuple[float, float]]) -> None:
        self._recorder.intervals[name] = intervals
