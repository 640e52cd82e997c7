"""How PyXspec is driven: one method for each request.

PyXspec is handed in, so that this file can be read and tested without it. What PyXspec does in a
way one would not expect is said where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nustar_widgets.engines.xspec.measuring import Answer, Measuring
from nustar_widgets.engines.xspec.state import ITERATIONS, Line, Values, written

_CHATTER: Final = 2  # from 5 on XSPEC prints whole tables
_MAX_REDUCED: Final = 1e6  # `error` refuses poor fits above; the flag of the fit's quality is ours
_CRITICAL: Final = 1e-5  # at XSPEC's own 0.01 fits were seen to end 200 above the minimum
_LAST_FITS: Final = 3
_SAME: Final = 1e-9
_KINDS: Final = frozenset(
    (
        "load",
        "define",
        "configure",
        "set",
        "photons",
        "parts",
        "folded",
        "fit",
        "errors",
        "row",
        "flux",
        "width",
        "exchange",
        "tested",
        "chain",
        "save",
    )
)


class Driver(Measuring):
    """XSPEC, set up so that it never asks.

    Parameters
    ----------
    xspec
        The module.
    line
        Where progress goes.
    """

    def __init__(self, xspec: Any, line: Line) -> None:
        super().__init__(xspec, line)
        xspec.Xset.allowPrompting = False
        xspec.Xset.chatter = _CHATTER
        xspec.Fit.query = "yes"
        xspec.Fit.criticalDelta = _CRITICAL
        xspec.Plot.device = "/null"

    @property
    def version(self) -> str:
        """XSPEC's version, as far as it tells."""
        told = getattr(self.xspec.Xset, "version", "")
        return " ".join(map(str, told)) if isinstance(told, (tuple, list)) else str(told)

    def answer(self, request: dict[str, Any]) -> Answer:
        """Do what a request asks; its kind is the name of a method here.

        Parameters
        ----------
        request
            As `messages.Request.to_dict` gives it.
        """
        given = {name: value for name, value in request.items() if name not in ("kind", "id")}
        if request["kind"] not in _KINDS:
            raise ValueError(f"{request['kind']!r} is nothing that can be asked")
        do: Callable[..., Answer] = getattr(self, request["kind"])
        before = self._own_values() if request["kind"] in ("fit", "errors") else []
        try:
            return do(**given)
        except Exception:  # PyXspec's errors have no type
            self._put(before)
            raise

    # -- data and model --------------------------------------------------------------------

    def load(self, files: list[str], ignored: list[list[list[int]]]) -> Answer:
        """Load spectra; whole numbers in `ignore` are bins counted from 1."""
        self.xspec.AllModels.clear()
        self.xspec.AllData.clear()
        return self.exchange(files, ignored)

    def exchange(self, files: list[str], ignored: list[list[list[int]]]) -> Answer:
        """Load spectra; what model there is stays, what was ignored does not."""
        data = self.xspec.AllData
        self._is_fitted = False
        data(" ".join(f"{n}:{n} {name}" for n, name in enumerate(files, start=1)))
        if data.nSpectra != len(files):  # which XSPEC only prints
            raise ValueError(f"{data.nSpectra} of {len(files)} spectra can be read")
        self.n_groups = len(files)
        for number, ranges in enumerate(ignored, start=1):
            if ranges:
                data(number).ignore(" ".join(f"{first}-{last}" for first, last in ranges))
        return {"n_bins": [len(data(n).noticed) for n in self._numbers]}, []

    def define(
        self,
        expression: str,
        abundance: str,
        cross_section: str,
        local_models: list[tuple[str, str]],
    ) -> Answer:
        """Define the model and describe it."""
        models = self.xspec.AllModels
        models.clear()
        self.xspec.Xset.abund = abundance
        self.xspec.Xset.xsect = cross_section
        for package, folder in local_models:
            models.lmod(package, folder)
        model = self.xspec.Model(expression)
        self.n_places = model.nParameters
        components, start = [], 1
        for name in model.componentNames:
            stop = start + len(getattr(model, name).parameterNames)
            components.append([name, [_described(model(n)) for n in range(start, stop)]])
            start = stop
        return {"components": components}, []

    def configure(self, statistic: str, weight: str, settings: list[dict[str, Any]]) -> Answer:
        """Set everything about the parameters, limits before values."""
        self.xspec.Fit.statMethod = statistic
        self.xspec.Fit.weight = weight
        own = [setting for setting in settings if setting["link"] is None]
        texts: dict[int, dict[int, str]] = {}
        for setting in own:
            parameter = self._parameter(setting["group"], setting["place"])
            if parameter.link:
                parameter.link = ""
            texts.setdefault(setting["group"], {})[setting["place"]] = written(
                setting["values"], setting["frozen"]
            )
        self._set_pars(texts)  # all at once: XSPEC evaluates the model after every command
        for setting in own:
            parameter = self._parameter(setting["group"], setting["place"])
            if parameter.frozen != setting["frozen"]:
                parameter.frozen = setting["frozen"]
        for setting in settings:
            if setting["link"] is not None:
                self._link(setting["group"], setting["place"], setting["link"])
        self._check_taken([(s["group"], s["place"], s["values"][0]) for s in own])
        return self._state(), []

    def _link(self, group: int, place: int, text: str) -> None:
        """Link a parameter; what XSPEC cannot read it ignores, and only prints an error."""
        parameter = self._parameter(group, place)
        if parameter.link:
            parameter.link = ""
        parameter.link = text
        if not parameter.link:
            raise ValueError(f"{parameter.name} of spectrum {group} does not take the link {text}")

    def set(self, values: Values) -> Answer:
        """Put parameters at values."""
        self._put(values)
        return self._state(), []

    # -- fitting ---------------------------------------------------------------------------

    def fit(self, iterations: int, tolerance: float) -> Answer:
        """Fit one iteration at a time; without a question XSPEC stops after that many."""
        status, done = "not converged", 0
        try:
            self.xspec.Fit.renorm()
            for done in range(1, iterations + 1):
                if self._falls_by("no", 1) < tolerance and self._stays(tolerance):
                    status = "converged"
                self.line.progress({**self._place(), "iterations": done})
                if status == "converged":
                    break
                if self.line.stop_asked():
                    status = "stopped"
                    break
            else:  # a long valley: whole fits go down it in fewer steps
                if any(self._stays(tolerance) for _ in range(_LAST_FITS)):
                    status = "converged"
        finally:
            self._settle()
        return {**self._state(), "status": status, "iterations": done}, []

    def _stays(self, tolerance: float) -> bool:
        """Confirm a minimum: an iteration that changes little is none yet.

        A fit of XSPEC's own length may still find the way down, and where a parameter has stuck at
        a limit it is the second that does.
        """
        return sum(self._falls_by("yes", ITERATIONS) for _ in range(2)) < tolerance

    def errors(self, group: int, place: int, delta: float) -> Answer:
        """Search one confidence range, to 0.2 % as the number of decimals that are shown needs."""
        number = (group - 1) * self.n_places + place
        self._cover()
        self.xspec.Fit.error(f"stopat 30 0.002 maximum {_MAX_REDUCED:g} {delta!r} {number}")
        low, high, letters = self._parameter(group, place).error
        return {**self._state(), "low": low, "high": high, "letters": letters}, []

    def row(self, x: list[int], y: list[int], at: float, values: list[float]) -> Answer:
        """Map the statistic along one row; everything is as before afterwards."""
        before = self._own_values()
        along, across = self._parameter(*x), self._parameter(*y)
        try:
            self._put([(y[0], y[1], at)])
            across.frozen = True
            found = self._stepped(x, values) if _is_even(values) else self._points(x, values)
        finally:
            along.frozen = False
            across.frozen = False
            self._put(before)
        return {}, [found]

    def _stepped(self, x: list[int], values: list[float]) -> list[float]:
        number = (x[0] - 1) * self.n_places + x[1]
        words = f"nolog {number} {values[0]!r} {values[-1]!r} {len(values) - 1}"
        self.xspec.Fit.steppar(words)
        return list(self.xspec.Fit.stepparResults("statistic"))

    def _points(self, x: list[int], values: list[float]) -> list[float]:
        found = []
        for value in values:
            self._put([(x[0], x[1], value)])
            self._parameter(*x).frozen = True
            self.xspec.Fit.perform()
            found.append(self.xspec.Fit.statistic)
        return found

    def save(self, path: str) -> Answer:
        """Write an .xcm file."""
        self.xspec.Xset.save(path, info="a")
        return {}, []


def _described(parameter: Any) -> list[Any]:
    return [parameter.name, parameter.unit, list(parameter.values), bool(parameter.frozen)]


def _is_even(values: Sequence[float]) -> bool:
    """Whether values are an even grid of at least two, as ``steppar`` makes them."""
    if len(values) < 2 or values[0] == values[-1]:
        return False
    step = (values[-1] - values[0]) / (len(values) - 1)
    return all(abs(value - values[0] - k * step) <= _SAME * abs(values[-1] - values[0])
               for k, value in enumerate(values))  # fmt: skip
