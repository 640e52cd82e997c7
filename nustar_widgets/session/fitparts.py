"""What the scripts of a fit are written from, checked: nothing in it can break out of its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import PurePath
from typing import Final, Protocol

from nustar_widgets.errors import ExpressionError, ParameterError
from nustar_widgets.session.literals import one_line
from nustar_widgets.session.measures import RANGES_90, Measures
from nustar_widgets.session.values import FitChoice, SpectrumInput

_STATISTICS: Final = ("chi", "cstat", "pgstat", "lstat")
_WORD: Final = re.compile(r"\w+")
_STRANGE: Final = re.compile(r"[^\w +\-*(){}./,~:@%]")
_PLAIN_FILE: Final = re.compile(r"[\w./+\-~%@:=]+")


class ScriptParameter(Protocol):
    """One parameter of one spectrum, as ``FitEngine.table.rows`` has them."""

    @property
    def name(self) -> str:
        """Full name."""
        ...

    @property
    def component(self) -> str:
        """Component it belongs to."""
        ...

    @property
    def value(self) -> float:
        """Start value."""
        ...

    @property
    def min(self) -> float:
        """Hard lower limit."""
        ...

    @property
    def max(self) -> float:
        """Hard upper limit."""
        ...

    @property
    def delta(self) -> float:
        """Step that is small for it."""
        ...

    @property
    def frozen(self) -> bool:
        """Kept fixed."""
        ...

    @property
    def link(self) -> str | None:
        """What it follows."""
        ...


@dataclass(frozen=True, kw_only=True)
class ScriptFit:
    """A fit that is to be written.

    Attributes
    ----------
    choice
        Model, statistic, ranges, abundances.
    spectra
        The files, each a data group.
    parameters
        All parameters, those of later spectra after those of the first.
    values
        Values by full name that win over the start values: where the fit is.
    ignored
        Of every spectrum the bins out of use, first and last, from 1 after grouping; None for the
        ranges of the choice, which XSPEC applies by the same rule.
    measures
        What is measured after the fit; where XSPEC has no word for it, it is left out.

    Raises
    ------
    ParameterError
        A text cannot be written safely, or the numbers of spectra and parameters do not fit.
    ExpressionError
        The model expression holds what no model has.
    """

    choice: FitChoice
    spectra: Sequence[SpectrumInput]
    parameters: Sequence[ScriptParameter]
    values: Mapping[str, float] = field(default_factory=dict)
    ignored: Sequence[Sequence[tuple[int, int]]] | None = None
    measures: Measures = RANGES_90

    def __post_init__(self) -> None:
        n = len(self.spectra)
        if not n or len(self.parameters) % n:
            raise ParameterError(
                "parameters", f"{len(self.parameters)} for {n} spectra: expected as many for each"
            )
        if self.ignored is not None and len(self.ignored) != n:
            raise ParameterError("ignored", f"{len(self.ignored)} lists of bins for {n} spectra")
        _check_choice(self.choice)

    @property
    def per_group(self) -> int:
        """Number of parameters of one spectrum."""
        return len(self.parameters) // len(self.spectra)

    @property
    def expression(self) -> str:
        """Model expression on one line."""
        return " ".join(self.choice.expression.split())

    def value(self, parameter: ScriptParameter) -> float:
        """Where a parameter is."""
        return float(self.values.get(parameter.name, parameter.value))

    def is_tied(self, place: int) -> bool:
        """Whether a parameter of a later spectrum just follows that of the first."""
        first = self.parameters[place % self.per_group]
        return place >= self.per_group and self.parameters[place].link == first.name

    def place(self, name: str) -> int:
        """Place of a parameter by its full name.

        Raises
        ------
        ParameterError
            There is none of that name.
        """
        bare = name.lower().removesuffix("[1]")
        if bare not in self._places:
            raise ParameterError(name, "no parameter of this fit has this name")
        return self._places[bare]

    @cached_property
    def _places(self) -> dict[str, int]:
        components = list(dict.fromkeys(p.component for p in self.parameters[: self.per_group]))
        places = {}
        for place, parameter in enumerate(self.parameters):
            places[parameter.name.lower()] = place
            number = components.index(parameter.component) + 1
            base = parameter.component.removesuffix(f"_{number}")
            rest = parameter.name.removeprefix(parameter.component)
            places[f"{base}_{number}{rest}".lower()] = place  # a number may always be given
        return places

    def free(self) -> list[int]:
        """Places of the free parameters."""
        return [i for i, p in enumerate(self.parameters) if not p.frozen and p.link is None]

    def searched(self) -> list[int]:
        """Places of the parameters whose confidence range is searched."""
        if self.measures.delta is None:
            return []
        free, names = self.free(), self.measures.names
        return [i for i in free if self.parameters[i].name in names] if names else free

    def component_number(self, name: str) -> int:
        """Return the number of a component of the model, from 1.

        Raises
        ------
        ParameterError
            There is none of that name.
        """
        components = list(dict.fromkeys(p.component for p in self.parameters))
        if name not in components:
            raise ParameterError(name, f"expected a component: {', '.join(components)}")
        return components.index(name) + 1

    def folders(self) -> Iterator[tuple[str, list[tuple[int, SpectrumInput]]]]:
        """Yield folders XSPEC has to be in, with the spectra to load there by number and name.

        XSPEC looks for the files a spectrum names in the folder it is in. Where a spectrum is given
        by its whole path, that is where it lies; else the script is started in the right one.
        """
        numbered = enumerate(self.spectra, start=1)
        for folder, found in groupby(numbered, key=lambda item: _folder(item[1].pha)):
            yield folder, [(n, _seen_from(folder, files)) for n, files in found]

    def xspec_ranges(self, group: int) -> list[str]:
        """Ranges of a spectrum that ``ignore`` takes, energies with a decimal point."""
        if self.ignored is not None:
            return [f"{first}-{last}" for first, last in self.ignored[group]]
        return [f"{low}-{high}" for low, high in gaps(self.choice)]

    def notes(self) -> Iterator[str]:
        """Yield what whoever runs the script should know."""
        grouping = self.choice.grouping
        if grouping is not None and grouping.grouptype != "none":
            scale = "" if grouping.groupscale is None else f" groupscale={grouping.groupscale:g}"
            yield one_line(
                f"The fit was made with spectra grouped by grouptype={grouping.grouptype}{scale} "
                f"minchannel={grouping.minchannel} maxchannel={grouping.maxchannel}; the files "
                "named here must be grouped like that."
            )


def gaps(choice: FitChoice) -> list[tuple[str, str]]:
    """Return what lies outside the energies to fit, as XSPEC writes it; ``**`` for no end.

    Parameters
    ----------
    choice
        The fit.
    """
    ordered = sorted(choice.notice_kev)
    lows = [repr(float(low)) for low, _ in ordered]
    highs = [repr(float(high)) for _, high in ordered]
    return list(zip(["**", *highs], [*lows, "**"], strict=True))


def plain_file(path: str) -> str:
    """Return a file name that XSPEC reads as one word.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ParameterError
        It has blanks, brackets or other characters that mean something to XSPEC.
    """
    if not _PLAIN_FILE.fullmatch(path):
        raise ParameterError(
            path,
            "XSPEC cannot read a file name with blanks, commas, brackets or quotes: rename the "
            "file, or make a link to it with a plain name",
        )
    return path


def plain_folder(path: str) -> str:
    """Return a folder as a word XSPEC's command line reads, blanks and all.

    Parameters
    ----------
    path
        The folder.

    Raises
    ------
    ParameterError
        It has braces, backslashes or characters that cannot be seen.
    """
    if not path.isprintable() or set(path) & set("{}\\"):
        raise ParameterError(
            path, "XSPEC cannot go to a folder of this name: expected one without braces, "
            "backslashes or line breaks; rename it, or make a link to it with a plain name",
        )  # fmt: skip
    return f"{{{path}}}"


def _folder(path: str) -> str:
    return str(PurePath(path).parent) if PurePath(path).is_absolute() else ""


def _seen_from(folder: str, files: SpectrumInput) -> SpectrumInput:
    """Name the files that lie in a folder by their names alone."""
    if not folder:
        return files
    names = {
        name: PurePath(path).name if path and _folder(path) == folder else path
        for name, path in vars(files).items()
    }
    return SpectrumInput(**names)


def _check_choice(choice: FitChoice) -> None:
    if choice.statistic not in _STATISTICS:
        raise ParameterError(
            "statistic", f"{choice.statistic!r}: expected one of {', '.join(_STATISTICS)}"
        )
    for name, text in (("abundance", choice.abundance), ("cross_section", choice.cross_section)):
        if not _WORD.fullmatch(text):
            raise ParameterError(name, f"{text!r}: expected one word, as wilm or vern")
    one_line = " ".join(choice.expression.split())
    if strange := _STRANGE.search(one_line):
        raise ExpressionError(
            one_line, strange.start(), f"{strange[0]!r} is not part of a model expression"
        )
