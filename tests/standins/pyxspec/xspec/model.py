"""Models of the stand-in."""

from __future__ import annotations

from typing import Any

from .data import AllData
from .parameter import Parameter
from .xset import Xset, command, complain, numbers


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
        return [f"{edge:g}" for edge in numbers.energies(spectrum)]  # strings, as measured

    def values(self, spectrum: int) -> list[float]:
        command("values")
        return list(numbers.photons(AllModels.state(), spectrum))

    def folded(self, spectrum: int) -> list[float]:
        command("folded")
        return list(numbers.folded(AllModels.state(), spectrum))


class _AllModels:
    def __init__(self) -> None:
        self._groups: list[_Group] = []
        self.expression = ""
        self.is_valid = False
        """Whether the covariance is that of the present values."""
        self._covariance: tuple[float, ...] | None = None
        self._errors: tuple[int, float] | None = None

    def clear(self) -> None:
        command("model none")
        self._groups = []

    def define(self, expression: str) -> _Group:
        command("model")
        try:
            described = numbers.describe(expression, Xset.abund, Xset.xsect)
        except Exception as error:
            complain(f"***XSPEC Error:  {error}")
            complain(f"{expression} is not a valid model component name.\n Additive Models: ")
            for _ in range(20):
                complain("agauss      apec        bapec       bbody       bbodyrad    bexrav")
            raise Exception("Model Command Error") from None
        self.expression, self._covariance = expression, None
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
        command("newpar")
        model: Any = None
        for item in given:
            if isinstance(item, dict):
                for index, value in item.items():
                    model(index).take(value)
            else:
                model = item

    def lmod(self, pkgName: str, dirPath: str = "") -> None:
        command("lmod")
        complain(f"***Error: Xspec was unable to load the model package: {pkgName}\n{dirPath}")
        raise Exception("Error attempting to load local model library.")

    def changed(self) -> None:
        """What was fitted before is no more valid; covariance and sigmas stay as they were."""
        self.is_valid = False

    def all(self) -> list[Parameter]:
        return [parameter for group in self._groups for parameter in group.parameters]

    def state(self) -> dict[str, Any]:
        from .fit import Fit

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
        return float(numbers.values(self.state())[self.all().index(parameter)])

    def settle(self, values: list[float], sigmas: list[float], covariance: Any) -> None:
        """Take where a fit ended."""
        for parameter, value, sigma in zip(self.all(), values, sigmas, strict=True):
            parameter._values[0] = value
            parameter.sigma = max(sigma, 0.0)
        self._covariance = tuple(covariance)
        self.is_valid = True

    def calcFlux(self, words: str) -> None:
        self._fluxes("flux", words)

    def calcLumin(self, words: str) -> None:
        self._fluxes("lumin", words)

    def _fluxes(self, what: str, words: str) -> None:
        """XSPEC draws for ranges until it is told ``noerr``; without a valid fit silently not."""
        command(what)
        given = words.split()
        if "noerr" in given:
            self._errors = None
        if "err" in given:
            self._errors = int(given[-2]), float(given[-1])
        draws, percent = (self._errors if self.is_valid else None) or (0, 90.0)
        band, state = tuple(map(float, given[:2])), self.state()
        if what == "flux":
            found = numbers.flux(state, *band, draws, percent)
        else:
            found = numbers.lumin(
                state, *band, float(given[2]), tuple(map(float, Xset.cosmo)), draws, percent
            )
        for number, six in enumerate(found, start=1):
            setattr(AllData(number), what, six)

    def widths(self, part: float, component: int, draws: int, percent: float) -> None:
        """Measure equivalent widths."""
        found = numbers.widths(self.state(), part, component, draws * self.is_valid, percent)
        for number, three in enumerate(found, start=1):
            AllData(number).eqwidth = three

    def free(self) -> list[Parameter]:
        return [p for p in self.all() if not p._frozen and not p._link]


def Model(expression: str) -> _Group:
    """Define the model; returned for the first data group."""
    return AllModels.define(expression)


AllModels = _AllModels()
