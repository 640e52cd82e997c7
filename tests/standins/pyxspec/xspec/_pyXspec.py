"""The layer below PyXspec, which takes commands as typed."""

from __future__ import annotations

from .fit import Fit
from .model import AllModels
from .xset import command, failed


def doXspecCmd(words: list[str]) -> None:
    name, *rest = words
    command(name)
    if name == "goodness":
        n, sim, fit = rest
        Fit.simulate(int(n), draw=sim == "sim", refit=fit == "fit")
    elif name == "eqwidth":
        draws = rest[rest.index("err") + 1 :] if "err" in rest else ("0", "90")
        try:
            AllModels.widths(float(rest[1]), int(rest[2]), int(draws[0]), float(draws[1]))
        except ValueError as error:
            raise failed(name, str(error)) from None
    else:
        raise Exception(f"Error: Unable to make function call for {name}")


def doTclout(words: list[str]) -> str:
    assert words == ["goodness", "sims"]
    return " ".join(f"{value:g}" for value in Fit.sims) + " "
