"""The layer below PyXspec, which takes commands as typed."""

from __future__ import annotations

from .model import AllModels
from .xset import command, failed


def doXspecCmd(words: list[str]) -> None:
    """Give a command; only what the engine gives in this way is known here."""
    name, *rest = words
    command(name)
    if name != "eqwidth":
        raise Exception(f"Error: Unable to make function call for {name}")
    draws = rest[rest.index("err") + 1 :] if "err" in rest else ("0", "90")
    try:
        AllModels.widths(float(rest[1]), int(rest[2]), int(draws[0]), float(draws[1]))
    except ValueError as error:
        raise failed(name, str(error)) from None
