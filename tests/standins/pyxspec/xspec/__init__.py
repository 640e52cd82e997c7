"""A stand-in for PyXspec, as PyXspec 2.0.0 was measured to behave; its numbers are not XSPEC's.

One state for the process, in ``AllData AllModels Fit Plot Xset``. Errors are bare exceptions and
their reasons are on file descriptor 1. A value beyond a hard limit is not taken, which is printed
and not raised. It asks questions, and then waits for ever, unless told not to.

``STANDIN_XSPEC=toy`` takes numbers from a toy that imports nothing and starts at once; otherwise
they are the embedded engine's. ``STANDIN_XSPEC_FAULT`` names a file: where it is there, what it
says happens at the next command, once.
"""

from __future__ import annotations

import os
from typing import Any

from . import faults

if os.environ.get("STANDIN_XSPEC") == "toy":
    from .toy import Numbers
else:
    from .numbers import Numbers  # type: ignore[assignment]

__all__ = ["AllData", "AllModels", "Fit", "Model", "Plot", "Spectrum", "Xset"]

_numbers: Any = Numbers()


def _command(name: str) -> None:
    """Every command of XSPEC passes here."""
    if Xset.chatter > 9:
        faults.say(f"XSPEC12> {name}")
    faults.happen(name)


def _failed(name: str, reason: str) -> Exception:
    faults.say(f"***XSPEC Error:  {reason}")
    return Exception(f"Error executing command: {name}")


def _question(text: str) -> None:
    faults.say(text)
    if Xset.allowPrompting:
        faults.hang()


class _Strict:
    """Misspelt attributes raise, as in PyXspec."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(self, name):
            raise AttributeError(f"Error: {type(self).__name__} has no attribute {name!r}")
        object.__setattr__(self, name, value)


class _Xset(_Strict):
    allowPrompting = True
    chatter = 10
    abund = "angr"
    xsect = "bcmc"
    version = ("12.9.1", "stand-in")

    def save(self, fileName: str, info: str = "a") -> None:
        _command("save")
        with open(fileName, "w") as file:  # noqa: PTH123
            file.write(f"statistic {Fit.statMethod}\nmodel {AllModels.expression}\n")


class _Plot(_Strict):
    device = "/xw"
    xAxis = "channel"


class Spectrum:
    """One loaded spectrum."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.flux: tuple[float, ...] = ()

    @property
    def noticed(self) -> list[int]:
        return list(_numbers.noticed(self._number))

    def ignore(self, text: str) -> None:
        _command("ignore")
        _numbers.ignore(self._number, text)

    def notice(self, text: str) -> None:
        _command("notice")
        _numbers.notice(self._number, text)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("background", "response"):
            _command(name)
            _numbers.attach(self._number, name, value)
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
        _command("arf")
        _numbers.attach(self._number, "arf", value)  # type: ignore[attr-defined]


class _AllData:
    def __init__(self) -> None:
        self._spectra: list[Spectrum] = []

    @property
    def nSpectra(self) -> int:
        return len(self._spectra)

    def clear(self) -> None:
        _command("data none")
        self._spectra = []
        _numbers.load([])

    def ignore(self, text: str) -> None:
        for spectrum in self._spectra:
            spectrum.ignore(text)

    def __call__(self, what: int | str) -> Any:
        if isinstance(what, int):
            return self._spectra[what - 1]
        _command("data")
        words = what.split()  # 1:1 a.pha 2:2 b.pha
        names = words[1::2]
        for name in names:
            if not os.path.isfile(name):  # noqa: PTH113
                _question(f'Cannot open {name}; new filename, or "none" or "/*":')
                raise _failed("data", f"cannot open {name}")
        _numbers.load(names)
        self._spectra = [Spectrum(number) for number in range(1, len(names) + 1)]
        return None


class Parameter:
    """One parameter of one data group."""

    def __init__(self, group: int, index: int, name: str, unit: str, values: Any, frozen: bool):
        self._group, self.index, self.name, self.unit = group, index, name, unit
        self._values, self._frozen, self._link = list(values), frozen, ""
        self.sigma, self.error = -1.0, (0.0, 0.0, "FFFFFFFFF")

    @property
    def values(self) -> list[float]:
        if self._link:
            self._values[0] = AllModels.linked(self)
        return list(self._values)

    @values.setter
    def values(self, given: Any) -> None:
        _command("newpar")
        self.take(given)

    def take(self, given: Any) -> None:
        """Set what `newpar` sets, without a command of its own."""
        if isinstance(given, str):
            if given.strip().startswith("="):
                self._link = given.strip()
                return
            words = zip(given.split(","), self._values, strict=False)
            given = [float(word) if word.strip() else old for word, old in words]
        given = list(given) if isinstance(given, (list, tuple)) else [given]
        new = [float(value) for value in given] + self._values[len(given) :]
        if not new[2] <= new[0] <= new[5]:
            faults.say(f"***XSPEC Error: Parameter {self.index} value {new[0]:g} is outside its "
                       f"hard limits {new[2]:g} to {new[5]:g}")  # fmt: skip
            return
        if len(given) > 1:
            self._frozen = new[1] < 0
        self._link = ""
        self._values = [new[0], abs(new[1]), *new[2:]]
        AllModels.changed()

    @property
    def frozen(self) -> bool:
        return self._frozen

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        _command("freeze" if frozen else "thaw")
        self._frozen = frozen
        AllModels.changed()

    @property
    def link(self) -> str:
        return self._link

    @link.setter
    def link(self, text: str) -> None:
        _command("newpar")
        if text:
            self._link = f"= {text}"
        elif self._link:
            self._values, self._link = self.values, ""
        AllModels.changed()

    def untie(self) -> None:
        self.link = ""


class _Component:
    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameterNames = [parameter.name for parameter in parameters]
        for parameter in parameters:
            setattr(self, parameter.name, parameter)


class _Group:
    """The model of one data group."""

    def __init__(self, group: int, described: list[Any]) -> None:
        self.group = group
        self.parameters: list[Parameter] = []
        self.componentNames = [name for name, _ in described]
        for name, rows in described:
            start = len(self.parameters)
            self.parameters += [
                Parameter(group, start + k, *row) for k, row in enumerate(rows, start=1)
            ]
            setattr(self, name, _Component(self.parameters[start:]))
        self.nParameters = len(self.parameters)

    def __call__(self, index: int) -> Parameter:
        return self.parameters[index - 1]

    @property
    def expression(self) -> str:
        return AllModels.expression

    def setPars(self, *given: Any) -> None:
        AllModels.setPars(self, *given)

    def energies(self, spectrum: int) -> list[str]:
        return [f"{edge:g}" for edge in _numbers.energies(spectrum)]  # strings, as measured

    def values(self, spectrum: int) -> list[float]:
        _command("values")
        return list(_numbers.photons(AllModels.state(), spectrum))

    def folded(self, spectrum: int) -> list[float]:
        _command("folded")
        return list(_numbers.folded(AllModels.state(), spectrum))


class _AllModels:
    def __init__(self) -> None:
        self._groups: list[_Group] = []
        self.expression = ""
        self._covariance: tuple[float, ...] | None = None

    def clear(self) -> None:
        _command("model none")
        self._groups = []

    def define(self, expression: str) -> _Group:
        _command("model")
        try:
            described = _numbers.describe(expression, Xset.abund, Xset.xsect)
        except Exception as error:
            raise _failed("model", str(error)) from None
        self.expression = expression
        n = AllData.nSpectra or 1
        self._groups = [_Group(group, described) for group in range(1, n + 1)]
        for group in self._groups[1:]:
            for parameter in group.parameters:
                parameter._link = f"= p{parameter.index}"
        self.changed()
        return self._groups[0]

    def __call__(self, group: int) -> _Group:
        return self._groups[group - 1]

    def setPars(self, *given: Any) -> None:
        _command("newpar")
        model: Any = None
        for item in given:
            if isinstance(item, dict):
                for index, value in item.items():
                    model(index).take(value)
            else:
                model = item

    def lmod(self, pkgName: str, dirPath: str = "") -> None:
        _command("lmod")
        _numbers.load_models(pkgName, dirPath)

    def changed(self) -> None:
        """What was fitted before is no more."""
        self._covariance = None
        for parameter in self.all():
            parameter.sigma = -1.0

    def all(self) -> list[Parameter]:
        return [parameter for group in self._groups for parameter in group.parameters]

    def state(self) -> dict[str, Any]:
        return {
            "expression": self.expression,
            "abund": Xset.abund,
            "xsect": Xset.xsect,
            "statistic": Fit.statMethod,
            "weight": Fit.weight,
            "parameters": [
                (p._group, p.index, tuple(p._values), p._frozen, p._link.removeprefix("=").strip())
                for p in self.all()
            ],
        }

    def linked(self, parameter: Parameter) -> float:
        return float(_numbers.values(self.state())[self.all().index(parameter)])

    def settle(self, values: list[float], sigmas: list[float], covariance: Any) -> None:
        """Take where a fit ended."""
        for parameter, value, sigma in zip(self.all(), values, sigmas, strict=True):
            parameter._values[0] = value
            parameter.sigma = sigma
        self._covariance = tuple(covariance)

    def calcFlux(self, words: str) -> None:
        _command("flux")
        low, high, *rest = words.split()
        draws, percent = (int(rest[1]), float(rest[2])) if rest else (0, 90.0)
        found = _numbers.flux(self.state(), float(low), float(high), draws, percent)
        for number, six in enumerate(found, start=1):
            AllData(number).flux = six


class _Fit(_Strict):
    query = "on"
    nIterations = 10
    criticalDelta = 0.01
    method = "leven"
    statMethod = "chi"
    weight = "standard"
    _grid: list[float] = []  # noqa: RUF012

    @property
    def statistic(self) -> float:
        return float(_numbers.statistic(AllModels.state()))

    @property
    def dof(self) -> int:
        free = sum(not p._frozen and not p._link for p in AllModels.all())
        return sum(len(AllData(n).noticed) for n in range(1, AllData.nSpectra + 1)) - free

    @property
    def covariance(self) -> tuple[float, ...]:
        if AllModels._covariance is None:
            raise Exception("Error: no valid covariance")
        return AllModels._covariance

    def renorm(self) -> None:
        _command("renorm")

    def perform(self) -> None:
        _command("fit")
        while True:
            done, *where = _numbers.fit(AllModels.state(), self.nIterations)
            AllModels.settle(*where)
            if done or self.query == "no":
                return
            if self.query != "yes":
                faults.say("Number of trials exceeded: continue fitting?")
                faults.hang()

    def error(self, text: str) -> None:
        _command("error")
        words = text.replace(",", " ").split()
        while words and words[0] in ("stopat", "maximum"):
            words = words[3:] if words[0] == "stopat" else words[2:]
        delta = float(words[0])
        for number in map(int, words[1:]):
            found, values = _numbers.error(AllModels.state(), number, delta)
            for parameter, value in zip(AllModels.all(), values, strict=True):
                parameter._values[0] = value
            AllModels.all()[number - 1].error = found

    def steppar(self, text: str) -> None:
        _command("steppar")
        words = [word for word in text.split() if word not in ("nolog", "current", "best")]
        number, low, high, n = int(words[0]), float(words[1]), float(words[2]), int(words[3])
        values = [low + (high - low) * k / n for k in range(n + 1)]
        object.__setattr__(self, "_grid", _numbers.step(AllModels.state(), number, values))

    def stepparResults(self, what: str) -> list[float]:
        assert what == "statistic"
        return list(self._grid)


def Model(expression: str) -> _Group:
    """Define the model; returned for the first data group."""
    return AllModels.define(expression)


Xset = _Xset()
Plot = _Plot()
Fit = _Fit()
AllData = _AllData()
AllModels = _AllModels()
