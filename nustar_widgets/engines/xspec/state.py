"""What XSPEC has loaded, and where its parameters are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

Values = Sequence[tuple[int, int, float]]
"""Parameters at values: data group, place in the model, value."""

ITERATIONS: Final = 100
"""Of a whole fit, before XSPEC asks whether to go on."""

_TOLERANCE: Final = 1e-6  # a value that was taken comes back to this part of itself


class Line(Protocol):
    """Where progress goes, and stops come from."""

    def progress(self, message: Mapping[str, Any]) -> None:
        """Tell how far a request is."""
        ...

    def stop_asked(self) -> bool:
        """Whether the request is to be answered with what there is."""
        ...


class XspecState:
    """XSPEC with some spectra and a model.

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
        self._is_fitted = False

    # -- parts of XSPEC --------------------------------------------------------------------

    @property
    def _numbers(self) -> range:
        return range(1, self.n_groups + 1)

    def _model(self, group: int) -> Any:
        return self.xspec.AllModels(group)

    def _parameter(self, group: int, place: int) -> Any:
        return self._model(group)(place)

    def _all(self) -> list[tuple[int, int, Any]]:
        places = range(1, self.n_places + 1)
        models = [(group, self._model(group)) for group in self._numbers]
        return [(group, place, model(place)) for group, model in models for place in places]

    def _command(self, *words: str) -> None:
        """Give a command as typed, where PyXspec has no method that takes all of its words."""
        self.xspec._pyXspec.doXspecCmd(list(words))

    # -- where it is -----------------------------------------------------------------------

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

    # -- moving it -------------------------------------------------------------------------

    def _put(self, values: Values) -> None:
        by_group: dict[int, dict[int, float]] = {}
        for group, place, value in values:
            by_group.setdefault(group, {})[place] = value
        self._set_pars(by_group)
        self._check_taken(values)

    def _set_pars(self, by_group: Mapping[int, Mapping[int, Any]]) -> None:
        """Set many at once: XSPEC evaluates the model after every command."""
        self._is_fitted = False
        flat = [part for g, given in by_group.items() for part in (self._model(g), dict(given))]
        if flat:
            self.xspec.AllModels.setPars(*flat)

    def _check_taken(self, values: Values) -> None:
        """XSPEC leaves a value beyond a hard limit as it was, and only prints an error."""
        for group, place, value in values:
            found = self._parameter(group, place).values
            if not abs(found[0] - value) <= _TOLERANCE * max(abs(value), 1e-30):
                name = self._parameter(group, place).name
                raise ValueError(
                    f"{name} of spectrum {group} stays at {found[0]:g}, {value:g} was not taken "
                    f"(its limits are {found[2]:g} and {found[5]:g})"
                )

    def _falls_by(self, query: str, iterations: int) -> float:
        """Fit with so many iterations; ``query`` is XSPEC's answer to "go on after them?"."""
        fit = self.xspec.Fit
        fit.query, fit.nIterations = query, iterations
        before = fit.statistic
        fit.perform()
        self._is_fitted = True
        return float(before - fit.statistic)

    def _settle(self) -> None:
        """Fit as XSPEC does by itself from now on."""
        self.xspec.Fit.query, self.xspec.Fit.nIterations = "yes", ITERATIONS

    def _cover(self) -> None:
        """Have a covariance of the present values.

        XSPEC takes its fit for no longer valid once a value is set: ``error`` is refused, and
        ranges of fluxes and widths are zero without a word. One iteration of a fit helps.
        """
        if not self._is_fitted:
            self._falls_by("no", 1)
            self._settle()

    @contextmanager
    def _covered(self, seed: int) -> Iterator[None]:
        """Have a covariance to draw from for a while; values are as before afterwards."""
        before = self._own_values()
        was_fitted = self._is_fitted
        self.xspec.Xset.seed = seed
        try:
            self._cover()
            yield
        finally:
            if not (was_fitted and self._is_fitted):
                self._settle()
                self._put(before)

    @contextmanager
    def _alone(self, kept: int, norms: list[int], *, visible: bool = False) -> Iterator[None]:
        """Put all norms but one to zero for a while; what is linked loses its link as long.

        Parameters
        ----------
        kept
            Place of the norm that stays.
        norms
            Places of all.
        visible
            Put it to one where it is zero: only the shape matters.
        """
        items = [
            (group, place, item)
            for group in self._numbers
            for place in norms
            if not _is_tied(item := self._parameter(group, place), place)
        ]
        before = [(g, place, list(i.values), bool(i.frozen), i.link) for g, place, i in items]
        moved: dict[int, dict[int, str]] = {}
        for group, place, values, frozen, _ in before:
            value = (values[0] or float(visible)) if place == kept else 0.0
            moved.setdefault(group, {})[place] = _within(value, values, frozen)
        try:
            for _, _, item in items:
                if item.link:
                    item.link = ""
            self._set_pars(moved)
            yield
        finally:
            self._set_back(before)

    def _set_back(self, before: list[tuple[int, int, list[float], bool, str]]) -> None:
        own: dict[int, dict[int, str]] = {}
        for group, place, values, frozen, _ in before:
            own.setdefault(group, {})[place] = written(values, frozen)
        self._set_pars(own)
        for group, place, _, _, link in before:
            if link:
                self._parameter(group, place).link = link.removeprefix("=").strip()


def written(values: Sequence[float], frozen: bool) -> str:
    """Values as ``newpar`` takes them; a negative step freezes.

    Parameters
    ----------
    values
        XSPEC's six: value, step, hard minimum, soft minimum, soft maximum, hard maximum; of a
        switch one.
    frozen
        Kept fixed.
    """
    value, *others = values
    if others:
        others[0] = -abs(others[0]) if frozen else abs(others[0])
    return ",".join(map(repr, (value, *others)))


def _is_tied(parameter: Any, place: int) -> bool:
    """Whether a parameter is that of the first data group, which moves it along."""
    return bool(parameter.link.replace(" ", "") == f"=p{place}")


def _within(value: float, values: Sequence[float], frozen: bool) -> str:
    """Write a value with limits wide enough for it."""
    if len(values) < 6:
        return written([value, *values[1:]], frozen)
    _, step, *limits = values
    low = [min(value, limit) for limit in limits[:2]]
    high = [max(value, limit) for limit in limits[2:]]
    return written([value, step, *low, *high], frozen)
