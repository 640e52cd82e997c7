"""How PyXspec is driven: one method for each request.

PyXspec is handed in, so that this file can be read and tested without it. What PyXspec does in a
way one would not expect is said where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

Answer = tuple[dict[str, Any], list[Sequence[float]]]

_CHATTER: Final = 2  # from 5 on XSPEC prints whole tables
_ITERATIONS: Final = 100
_MAX_REDUCED: Final = 1e6  # `error` refuses poor fits above; the flag of the fit's quality is ours
_TOLERANCE: Final = 1e-6  # a value that was taken comes back to this part of itself
_SAME: Final = 1e-9
_KINDS: Final = frozenset(
    (
        "load",
        "define",
        "configure",
        "set",
        "photons",
        "folded",
        "fit",
        "errors",
        "row",
        "flux",
        "save",
    )
)


class Line(Protocol):
    """Where progress goes, and stops come from."""

    def progress(self, message: Mapping[str, Any]) -> None:
        """Tell how far a request is."""
        ...

    def stop_asked(self) -> bool:
        """Whether the request is to be answered with what there is."""
        ...


class Driver:
    """XSPEC, set up so that it never asks.

    Parameters
    ----------
    xspec
        The module.
    line
        Where progress goes.
    """

    def __init__(self, xspec: Any, line: Line) -> None:
        self.xspec = xspec
        self.line = line
        self.n_groups = 0
        self.n_places = 0
        xspec.Xset.allowPrompting = False
        xspec.Xset.chatter = _CHATTER
        xspec.Fit.query = "yes"
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
        data = self.xspec.AllData
        self.xspec.AllModels.clear()
        data.clear()
        data(" ".join(f"{n}:{n} {name}" for n, name in enumerate(files, start=1)))
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
            texts.setdefault(setting["group"], {})[setting["place"]] = _written(**setting)
        self._set_pars(texts)  # all at once: XSPEC evaluates the model after every command
        for setting in own:
            parameter = self._parameter(setting["group"], setting["place"])
            if parameter.frozen != setting["frozen"]:
                parameter.frozen = setting["frozen"]
        for setting in settings:
            if setting["link"] is not None:
                self._parameter(setting["group"], setting["place"]).link = setting["link"]
        self._check_taken([(s["group"], s["place"], s["values"][0]) for s in own])
        return self._state(), []

    def set(self, values: list[tuple[int, int, float]]) -> Answer:
        """Put parameters at values."""
        self._put(values)
        return self._state(), []

    def _put(self, values: Sequence[tuple[int, int, float]]) -> None:
        by_group: dict[int, dict[int, float]] = {}
        for group, place, value in values:
            by_group.setdefault(group, {})[place] = value
        self._set_pars(by_group)
        self._check_taken(values)

    def _set_pars(self, by_group: Mapping[int, Mapping[int, Any]]) -> None:
        flat = [part for g, given in by_group.items() for part in (self._model(g), dict(given))]
        if flat:
            self.xspec.AllModels.setPars(*flat)

    def _check_taken(self, values: Sequence[tuple[int, int, float]]) -> None:
        """XSPEC leaves a value beyond a hard limit as it was, and only prints an error."""
        for group, place, value in values:
            found = self._parameter(group, place).values
            if not abs(found[0] - value) <= _TOLERANCE * max(abs(value), 1e-30):
                name = self._parameter(group, place).name
                raise ValueError(
                    f"{name} of spectrum {group} stays at {found[0]:g}, {value:g} was not taken "
                    f"(its limits are {found[2]:g} and {found[5]:g})"
                )

    # -- what the model gives --------------------------------------------------------------

    def photons(self) -> Answer:
        """Evaluate the model of every spectrum."""
        return {}, [list(self._model(n).values(n)) for n in self._numbers]

    def folded(self, norms: list[int]) -> Answer:
        """Fold the model, and each additive component with the norms of all others at zero."""
        arrays = self._rates()
        if len(norms) > 1:
            for kept in norms:
                with self._alone(kept, norms):
                    arrays += self._rates()
        return {}, arrays

    def _rates(self) -> list[Sequence[float]]:
        return [list(self._model(n).folded(n)) for n in self._numbers]

    @contextmanager
    def _alone(self, kept: int, norms: list[int]) -> Iterator[None]:
        """Put all norms but one to zero for a while; what is linked loses its link as long."""
        places = [(place, self._parameter(g, place)) for g in self._numbers for place in norms]
        before = [(place, item, item.link, item.values[0]) for place, item in places]
        try:
            for place, item, link, value in before:
                if link:
                    item.link = ""
                item.values = value if place == kept else 0.0
            yield
        finally:
            for _, item, _, value in before:
                item.values = value
            for _, item, link, _ in before:
                if link:
                    item.link = link.removeprefix("=").strip()

    def flux(
        self,
        low_kev: float,
        high_kev: float,
        trials: list[list[tuple[int, int, float]]],
        draws: int,
        percent: float,
    ) -> Answer:
        """Measure fluxes; six numbers a spectrum: value and range of energy, then of photons."""
        band = f"{low_kev!r} {high_kev!r}"
        ranged = f"{band} err {draws} {percent!r}" if draws else band
        arrays = self._fluxes(ranged)
        before = self._own_values()
        places = {(group, place): value for group, place, value in before}
        try:
            for values in trials:
                moved = places | {(group, place): value for group, place, value in values}
                self._put([(*where, value) for where, value in moved.items()])
                arrays += self._fluxes(band)
        finally:
            self._put(before)
        return {}, arrays

    def _fluxes(self, words: str) -> list[Sequence[float]]:
        self.xspec.AllModels.calcFlux(words)
        return [list(self.xspec.AllData(n).flux[:6]) for n in self._numbers]

    # -- fitting ---------------------------------------------------------------------------

    def fit(self, iterations: int, tolerance: float) -> Answer:
        """Fit one iteration at a time; without a question XSPEC stops after that many.

        A step that changes little is no proof of a minimum: it is left to a fit of XSPEC's own
        length to confirm it.
        """
        fit = self.xspec.Fit
        status, done = "not converged", 0
        try:
            fit.renorm()
            for done in range(1, iterations + 1):
                if self._falls_by("no", 1) < tolerance and self._falls_by("yes", 100) < tolerance:
                    status = "converged"
                self.line.progress({**self._place(), "iterations": done})
                if status == "converged":
                    break
                if self.line.stop_asked():
                    status = "stopped"
                    break
        finally:
            fit.query, fit.nIterations = "yes", _ITERATIONS
        return {**self._state(), "status": status, "iterations": done}, []

    def _falls_by(self, query: str, iterations: int) -> float:
        """Fit with so many iterations; ``query`` is XSPEC's answer to "go on after them?"."""
        fit = self.xspec.Fit
        fit.query, fit.nIterations = query, iterations
        before = fit.statistic
        fit.perform()
        return float(before - fit.statistic)

    def errors(self, group: int, place: int, delta: float) -> Answer:
        """Search one confidence range, to 0.2 % as the number of decimals that are shown needs."""
        number = (group - 1) * self.n_places + place
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

    # -- where XSPEC is --------------------------------------------------------------------

    @property
    def _numbers(self) -> range:
        return range(1, self.n_groups + 1)

    def _model(self, group: int) -> Any:
        return self.xspec.AllModels(group)

    def _parameter(self, group: int, place: int) -> Any:
        return self._model(group)(place)

    def _all(self) -> list[tuple[int, int, Any]]:
        places = range(1, self.n_places + 1)
        return [(g, place, self._parameter(g, place)) for g in self._numbers for place in places]

    def _own_values(self) -> list[tuple[int, int, float]]:
        return [(g, place, item.values[0]) for g, place, item in self._all() if not item.link]

    def _place(self) -> dict[str, Any]:
        values = [item.values[0] for _, _, item in self._all()]
        return {"statistic": self.xspec.Fit.statistic, "values": values}

    def _state(self) -> dict[str, Any]:
        return {
            **self._place(),
            "sigmas": [item.sigma for _, _, item in self._all()],
            "covariance": self._covariance(),
        }

    def _covariance(self) -> list[float]:
        """Lower triangle over the free parameters, row by row; empty before a fit."""
        with suppress(Exception):  # PyXspec's errors have no type
            return list(self.xspec.Fit.covariance)
        return []


def _described(parameter: Any) -> list[Any]:
    return [parameter.name, parameter.unit, list(parameter.values), bool(parameter.frozen)]


def _written(values: Sequence[float], frozen: bool, **_: Any) -> str:
    """Values as ``newpar`` takes them; a negative step freezes."""
    value, *others = values
    if others:
        others[0] = -others[0] if frozen else others[0]
    return ",".join(map(repr, (value, *others)))


def _is_even(values: Sequence[float]) -> bool:
    """Whether values are an even grid of at least two, as ``steppar`` makes them."""
    if len(values) < 2 or values[0] == values[-1]:
        return False
    step = (values[-1] - values[0]) / (len(values) - 1)
    return all(abs(value - values[0] - k * step) <= _SAME * abs(values[-1] - values[0])
               for k, value in enumerate(values))  # fmt: skip
