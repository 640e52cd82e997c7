"""One run of one call by the embedded engine: its parameters, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.engines.base import Product, Progress
from nustar_widgets.errors import ParameterError, TaskNotSupported
from nustar_widgets.session.taskcall import ParamValue, TaskCall

_YES, _NO = ("yes", "y", "true"), ("no", "n", "false")


@dataclass(frozen=True, kw_only=True)
class ResponseFiles:
    """ARF and RMF of one module; relative paths are seen from the run's folder."""

    arf: Path | None = None
    rmf: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a task made in the staging folder.

    Attributes
    ----------
    products
        The files, in the staging folder.
    inputs
        The files read.
    outdir
        Folder the products go to.
    not_applied
        Corrections that were asked for and not made, in words.
    """

    products: tuple[Product, ...]
    inputs: tuple[Path, ...]
    outdir: Path
    not_applied: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Run:
    """A call with the folders it runs in; parameters are read with the types they must have.

    Attributes
    ----------
    call
        The call.
    folder
        What its relative paths mean.
    staging
        Where products are made, and where the call's own small files already lie.
    responses
        Responses by module.
    tell
        Told what is being done.
    """

    call: TaskCall
    folder: Path
    staging: Path
    responses: Mapping[str, ResponseFiles]
    tell: Progress

    def check_names(self, known: frozenset[str]) -> None:
        """Refuse parameters this engine would silently drop.

        Raises
        ------
        TaskNotSupported
            The call has one that is not known.
        """
        for name, _ in self.call.params:
            if name not in known:
                raise TaskNotSupported(
                    self.call.task,
                    f"the embedded engine does not have the parameter {name!r}: check its name, "
                    f"leave it out, or run with HEASoft; it has {', '.join(sorted(known))}",
                )

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        value = self.call.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Return a parameter as text that the task cannot do without."""
        value = self.text(name)
        if not value:
            raise ParameterError(name, f"{self.call.task} needs it; give a value")
        return value

    def number(self, name: str, default: float | None = None) -> float | None:
        """Return a parameter as a number."""
        value = self.call.get(name)
        if value is None:
            return default
        try:
            return float(value)
        except ValueError:
            raise ParameterError(name, f"{value!r}: expected a number") from None

    def whole(self, name: str, default: int | None = None) -> int | None:
        """Return a parameter as a whole number."""
        value = self.number(name, default)
        if value is None:
            return None
        if not value.is_integer() if isinstance(value, float) else False:
            raise ParameterError(name, f"{value!r}: expected a whole number")
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes/no parameter."""
        value: ParamValue | None = self.call.get(name)
        if value is None:
            return default
        word = str(value).lower()
        if word not in (*_YES, *_NO):
            raise ParameterError(name, f"{value!r}: expected yes or no")
        return word in _YES

    def file(self, name: str) -> Path | None:
        """Return a file parameter; ``None`` where it is absent, DEFAULT or NONE.

        A file the call itself brings is found in the staging folder.
        """
        value = self.text(name)
        if value.upper() in ("", "DEFAULT", "NONE"):
            return None
        if value in {file.name for file in self.call.files}:
            return self.staging / value
        return self.folder / value

    @property
    def clobber(self) -> bool:
        """Existing products may be replaced."""
        return self.flag("clobber", default=False)
