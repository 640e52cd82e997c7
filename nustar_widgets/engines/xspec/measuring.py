"""What the model in XSPEC gives, and what is measured of it: one method for each request."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final

from nustar_widgets.engines.xspec.state import ITERATIONS, Values, XspecState

Answer = tuple[dict[str, Any], list[Sequence[float]]]

_TESTS: Final = ("chi", "pchi", "ks", "cvm", "ad")
_CHAIN_FILE: Final = "chain.txt"
_PIECE_S: Final = 0.2
_LONGEST_PIECE: Final = 200
_NO_ERRORS: Final = "noerr"
"""XSPEC goes on drawing for ranges with every flux until it is told not to."""


class Measuring(XspecState):
    """XSPEC with spectra and a model that is measured.

    Parameters
    ----------
    xspec
        The module.
    line
        Where progress goes.
    """

    # -- what the model gives --------------------------------------------------------------

    def photons(self) -> Answer:
        """Evaluate the model of every spectrum."""
        return {}, self._photons()

    def _photons(self) -> list[Sequence[float]]:
        return [list(self._model(n).values(n)) for n in self._numbers]

    def parts(self, norms: list[int]) -> Answer:
        """Evaluate each additive component, with the norms of all others at zero."""
        arrays: list[Sequence[float]] = []
        if len(norms) == 1:
            return {}, self._photons()
        for kept in norms:
            with self._alone(kept, norms):
                arrays += self._photons()
        return {}, arrays

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

    # -- fluxes ----------------------------------------------------------------------------

    def flux(
        self,
        low_kev: float,
        high_kev: float,
        trials: list[Values],
        draws: int,
        percent: float,
        seed: int,
        redshift: float | None,
        cosmology: Sequence[float],
    ) -> Answer:
        """Measure fluxes; six numbers a spectrum: value and range of energy, then of photons.

        With a redshift the first three are luminosities, in 1e44 erg/s.
        """
        band = f"{low_kev!r} {high_kev!r}"
        if redshift is not None:
            band = f"{band} {redshift!r}"
            self._set_cosmology(cosmology)
        is_lumin = redshift is not None
        arrays = self._fluxes(f"{band} {_NO_ERRORS}", is_lumin)
        if draws:
            with self._covered(seed):
                ranges = self._fluxes(f"{band} err {draws} {percent!r}", is_lumin)
            pairs = zip(arrays, ranges, strict=True)
            arrays = [[a[0], *r[1:3], a[3], *r[4:]] for a, r in pairs]
        before = self._own_values()
        places = {(group, place): value for group, place, value in before}
        try:
            for values in trials:
                moved = places | {(group, place): value for group, place, value in values}
                self._put([(*where, value) for where, value in moved.items()])
                arrays += self._fluxes(f"{band} {_NO_ERRORS}", is_lumin)
        finally:
            if trials:
                self._put(before)
        return {}, arrays

    def _set_cosmology(self, cosmology: Sequence[float]) -> None:
        """Set it if it is another one: XSPEC forgets its fit."""
        if tuple(map(float, self.xspec.Xset.cosmo)) != tuple(cosmology):
            self.xspec.Xset.cosmo = " ".join(map(repr, cosmology))
            self._is_fitted = False

    def _fluxes(self, words: str, is_lumin: bool) -> list[Sequence[float]]:
        models = self.xspec.AllModels
        (models.calcLumin if is_lumin else models.calcFlux)(words)
        spectra = [self.xspec.AllData(n) for n in self._numbers]
        return [list((each.lumin if is_lumin else each.flux)[:6]) for each in spectra]

    # -- equivalent widths -----------------------------------------------------------------

    def width(
        self,
        component: int,
        kept: int,
        norms: list[int],
        part: float,
        draws: int,
        percent: float,
        seed: int,
    ) -> Answer:
        """Measure equivalent widths: three numbers a spectrum, then the component's photons.

        PyXspec takes a part of 0 for none given, so XSPEC's own command is used.
        """
        words = ("eqwidth", "range", repr(part), str(component))
        self._command(*words)
        found = self._widths()
        if draws:
            with self._covered(seed):
                self._command(*words, "err", str(draws), repr(percent))
                pairs = zip(found, self._widths(), strict=True)
                found = [[mine[0], *ranged[1:]] for mine, ranged in pairs]
        with self._alone(kept, norms, visible=True):
            return {}, found + self._photons()

    def _widths(self) -> list[Sequence[float]]:
        return [list(self.xspec.AllData(n).eqwidth[:3]) for n in self._numbers]

    # -- goodness --------------------------------------------------------------------------

    def tested(self, test: str, refit: bool) -> Answer:
        """Tell a test statistic, of the present values or of a fit."""
        before = self._own_values()
        try:
            if refit:
                self._falls_by("yes", ITERATIONS)
            return {"value": self._value_of(test)}, []
        finally:
            if refit:
                self._settle()
                self._put(before)

    def _value_of(self, test: str) -> float:
        """Give the statistic of the fit, or a test statistic, or another fit statistic."""
        fit = self.xspec.Fit
        fitted = str(fit.statMethod)
        if test == fitted:
            return float(fit.statistic)
        if test in _TESTS:
            fit.statTest = test
            return float(fit.testStatistic)
        try:
            fit.statMethod = test
            return float(fit.statistic)
        finally:
            fit.statMethod = fitted
            self._is_fitted = False

    # -- chains ----------------------------------------------------------------------------

    def chain(self, walkers: int, steps: int, seed: int) -> Answer:
        """Run a Goodman-Weare chain piece by piece, and tell the rows of each: values, statistic.

        A chain that stays loaded would be drawn from by whatever is asked next.
        """
        path = Path(_CHAIN_FILE)
        path.unlink(missing_ok=True)  # XSPEC would ask whether to overwrite it
        self.xspec.AllChains.clear()
        with self._covered(seed):
            try:
                self._run_chain(path, walkers, steps)
            finally:
                self.xspec.AllChains.clear()
                path.unlink(missing_ok=True)
        return {}, []

    def _run_chain(self, path: Path, walkers: int, steps: int) -> None:
        chain, done, piece, read = None, 0, 1, 0
        while done < steps and not self.line.stop_asked():
            piece = min(piece, steps - done)
            began = monotonic()
            if chain is None:
                chain = self._new_chain(path, walkers, piece)
            else:
                chain.runLength = walkers * piece
                chain.run()
            rows, read = _rows(path, read)
            self.line.progress({"rows": rows[-walkers * piece :]})
            done += piece
            piece = _next_piece(piece, monotonic() - began)

    def _new_chain(self, path: Path, walkers: int, piece: int) -> Any:
        return self.xspec.Chain(
            str(path),
            fileType="ascii",
            burn=0,
            runLength=walkers * piece,
            proposal="gaussian fit",
            rand=False,
            temperature=1.0,
            algorithm="gw",
            walkers=walkers,
        )


def _next_piece(piece: int, took_s: float) -> int:
    if took_s < _PIECE_S:
        return min(2 * piece, _LONGEST_PIECE)
    return max(piece // 2, 1) if took_s > 2.0 * _PIECE_S else piece


def _rows(path: Path, start: int) -> tuple[list[list[float]], int]:
    """Read the rows of a chain file from a place on; what is no row is its head."""
    rows = []
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            with suppress(ValueError):
                rows.append([float(word) for word in line.split()])
        return [row for row in rows if row], file.tell()
