"""Spectra of the stand-in."""

from __future__ import annotations

import os
from typing import Any

from .xset import command, complain, numbers, question


class Spectrum:
    """One loaded spectrum."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.flux = self.lumin = (0.0,) * 6
        self.eqwidth = (0.0,) * 3

    @property
    def noticed(self) -> list[int]:
        return list(numbers.noticed(self._number))

    def ignore(self, text: str) -> None:
        command("ignore")
        numbers.ignore(self._number, text)

    def notice(self, text: str) -> None:
        command("notice")
        numbers.notice(self._number, text)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("background", "response"):
            command(name)
            numbers.attach(self._number, name, value)
        else:
            object.__setattr__(self, name, value)

    @property
    def response(self) -> _Response:
        return _Response(self._number)


class _Response:
    def __init__(self, number: int) -> None:
        object.__setattr__(self, "_number", number)

    def __setattr__(self, name: str, value: Any) -> None:
        assert name == "arf"
        command("arf")
        numbers.attach(self._number, "arf", value)  # type: ignore[attr-defined]


class _AllData:
    def __init__(self) -> None:
        self._spectra: list[Spectrum] = []

    @property
    def nSpectra(self) -> int:
        return len(self._spectra)

    def clear(self) -> None:
        command("data none")
        self._spectra = []
        numbers.load([])

    def ignore(self, text: str) -> None:
        for spectrum in self._spectra:
            spectrum.ignore(text)

    def __call__(self, what: int | str) -> Any:
        if isinstance(what, int):
            return self._spectra[what - 1]
        command("data")
        words = what.split()  # 1:1 a.pha 2:2 b.pha
        names = words[1::2]
        for name in names:
            if not os.path.isfile(name):  # noqa: PTH113
                complain(f"Error: cannot read spectrum file {name}")
                question('new filename, or "none" or "/*":')
                return None  # which is no error
        first = int(words[0].partition(":")[0])
        numbers.load([os.path.abspath(name) for name in names], first)  # noqa: PTH100
        self._spectra[first - 1 :] = [Spectrum(first + n) for n in range(len(names))]
        return None


AllData = _AllData()
