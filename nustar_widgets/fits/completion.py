"""What could stand where the cursor is in an expression: models, each with its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from nustar_widgets.fits.xspecmodels import xspec_models
from nustar_widgets.spectra.modelspec import ModelSpec
from nustar_widgets.spectra.registry import MODELS
from nustar_widgets.spectra.xspecnames import OTHER_MODELS, XSPEC_MODELS

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_SHORTEST_MEANING: Final = 3
"""Letters from which on meanings are looked through too."""

NEEDS_XSPEC: Final = "needs XSPEC: the embedded engine does not have it"


@dataclass(frozen=True, kw_only=True)
class Completion:
    """One model that could stand there.

    Attributes
    ----------
    name
        XSPEC's name.
    kind
        ``additive``, ``multiplicative`` or ``convolution``.
    meaning
        One line.
    needs_xspec
        Whether the embedded engine lacks it.
    why_not
        Why the engine of the fit cannot use it; empty where it can.
    """

    name: str
    kind: str
    meaning: str
    needs_xspec: bool = False
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Completions:
    """What could stand at a place of a text.

    Attributes
    ----------
    start, end
        The characters that a completion takes the place of.
    word
        What is typed there.
    items
        The models, the likeliest first.
    """

    start: int
    end: int
    word: str = ""
    items: tuple[Completion, ...] = ()

    def taken(self, text: str, name: str) -> tuple[str, int]:
        """Return the text with a completion in its place, and where the cursor is then."""
        return text[: self.start] + name + text[self.end :], self.start + len(name)


def completions(
    text: str, cursor: int | None = None, *, with_xspec: bool = False, most: int = 12
) -> Completions:
    """Find what could stand at the cursor.

    Parameters
    ----------
    text
        The expression.
    cursor
        Place of the cursor, counted in characters; None: at the end.
    with_xspec
        Whether XSPEC fits, so that its models can be used.
    most
        How many to return.

    Returns
    -------
    Models whose names begin with the word at the cursor, in the order in which XSPEC reads an
    abbreviation, those that can be used first; then models that mean the word; then, where no name
    begins so, similar names. All models where there is no word but one could begin.
    """
    at = len(text) if cursor is None else max(0, min(cursor, len(text)))
    if _in_braces(text, at):
        return Completions(start=at, end=at)
    word = next((m for m in _WORD.finditer(text) if m.start() <= at <= m.end()), None)
    if word is None:
        fits = _may_begin(text[:at])
        return Completions(start=at, end=at, items=_items(_ORDER, with_xspec, most) if fits else ())
    typed = text[word.start() : at]
    found = _names(typed or word[0])
    return Completions(
        start=word.start(), end=word.end(), word=typed, items=_items(found, with_xspec, most)
    )


def completion(spec: ModelSpec, *, with_xspec: bool = False) -> Completion:
    """Describe a model.

    Parameters
    ----------
    spec
        The model.
    with_xspec
        Whether XSPEC fits.
    """
    needs = spec.name not in MODELS
    return Completion(
        name=spec.name,
        kind=spec.kind.value,
        meaning=spec.meaning,
        needs_xspec=needs,
        why_not=NEEDS_XSPEC if needs and not with_xspec else "",
    )


def all_models() -> tuple[ModelSpec, ...]:
    """Return every model of either engine, in XSPEC's order."""
    return tuple(_SPECS[name] for name in _ORDER)


_SPECS: Final[dict[str, ModelSpec]] = {**MODELS, **xspec_models()}
_ORDER: Final = tuple(name for name in (*XSPEC_MODELS, *OTHER_MODELS) if name in _SPECS)


def _names(typed: str) -> list[str]:
    """Return names that begin with a word, then those that mean it, else similar ones."""
    lower = typed.lower()
    begin = [name for name in _ORDER if name.lower().startswith(lower)]
    begin.sort(key=lambda name: name.lower() != lower)
    mean = list(_meaning(lower)) if len(lower) >= _SHORTEST_MEANING else []
    similar = [] if begin else _similar(lower)
    return list(dict.fromkeys((*begin, *similar, *mean)))


def _meaning(lower: str) -> Iterator[str]:
    for name in _ORDER:
        words = re.split(r"\W+", _SPECS[name].meaning.lower())
        if any(word.startswith(lower) for word in words):
            yield name


def _similar(lower: str) -> list[str]:
    by_lower = {name.lower(): name for name in _ORDER}
    close = get_close_matches(lower, by_lower, n=4, cutoff=0.6)
    return [by_lower[name] for name in sorted(close, key=lambda name: name[0] != lower[0])]


def _items(
    names: tuple[str, ...] | list[str], with_xspec: bool, most: int
) -> tuple[Completion, ...]:
    made = [completion(_SPECS[name], with_xspec=with_xspec) for name in names]
    made.sort(key=lambda item: bool(item.why_not))
    return tuple(made[:most])


def _may_begin(before: str) -> bool:
    """Whether a model can begin after a text: not right after another one or a bracket."""
    return not before.strip() or before.rstrip()[-1] in "+*("


def _in_braces(text: str, at: int) -> bool:
    return text.rfind("{", 0, at) > text.rfind("}", 0, at)
