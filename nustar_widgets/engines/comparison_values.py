"""What a comparison of official products with the live extraction says: values, words, JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

_TOLD = 3  # differences that are put into words
_ONE: Final = 1e-6  # a factor closer to 1 than the single precision of the files is 1


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One scale that the official product has and the live extraction lacks.

    Attributes
    ----------
    name
        ``BACKSCAL``, ``livetime``, ``PSF and vignetting`` and so on.
    value
        Official over live, without unit.
    meaning
        What it is a factor on, and where it comes from; read after name and value.
    """

    name: str
    value: float
    meaning: str

    @property
    def is_one(self) -> bool:
        """Whether nothing is scaled, to the precision of the files."""
        return abs(self.value - 1.0) < _ONE

    def words(self) -> str:
        """Return a line for people: ``BACKSCAL 0.93 of the pixel area: ...``."""
        return f"{self.name} {self.value:.4g} {self.meaning}"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where the two count differently.

    Attributes
    ----------
    where
        ``channel 57``, ``bin 12 (at 227805900.0 s)`` or ``pixel X=512 Y=490``.
    official, live
        Counts there; ``None`` where that side has no such place.
    """

    where: str
    official: int | None
    live: int | None

    def words(self) -> str:
        """Return it as ``channel 57 has 12, live 11``."""
        official, live = ("none" if n is None else str(n) for n in (self.official, self.live))
        return f"{self.where} has {official}, live {live}"


@dataclass(frozen=True, kw_only=True)
class PartComparison:
    """One official product beside its live counterpart.

    Attributes
    ----------
    kind
        As in `Product.kind`: ``source spectrum`` and so on.
    official_path
        The official file, seen from the run's folder where it lies there.
    official_counts, live_counts
        Sums over all places.
    places, unit
        How many places were compared, and what they are: ``channels``, ``bins`` or ``pixels``.
    n_different
        In how many of them the counts differ.
    differences
        The first of those.
    factors
        What was applied to the official product; 1 where nothing was.
    """

    kind: str
    official_path: str
    official_counts: int
    live_counts: int
    places: int
    unit: str
    n_different: int = 0
    differences: tuple[Difference, ...] = ()
    factors: tuple[Factor, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether the counts are equal in every place."""
        return self.n_different == 0

    def summary(self) -> list[str]:
        """Return lines for people: the counts, then the factors."""
        ones = [factor.name for factor in self.factors if factor.is_one]
        lines = [f"{self.kind}: {self.official_counts} counts, {self._verdict()}"]
        lines += [factor.words() for factor in self.factors if not factor.is_one]
        return lines + ([f"{' and '.join(ones)} as in the live extraction"] if ones else [])

    def _verdict(self) -> str:
        if self.equal:
            return f"equal to the live extraction in all {self.places} {self.unit}"
        told = "; ".join(item.words() for item in self.differences[:_TOLD])
        more = self.n_different - min(_TOLD, len(self.differences))
        verb = "differs" if self.n_different == 1 else "differ"
        return (
            f"{self.live_counts} in the live extraction; {self.n_different} of {self.places} "
            f"{self.unit} {verb}: {told}{f'; and {more} more' if more else ''}"
        )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Official products of one call beside the live extraction of the same call.

    Attributes
    ----------
    parts
        What was compared.
    not_compared
        What was not, and why, in words.
    """

    parts: tuple[PartComparison, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether something was compared and all counts are equal."""
        return bool(self.parts) and all(part.equal for part in self.parts)

    def part(self, kind: str) -> PartComparison | None:
        """Return the comparison of one kind of product, or ``None`` if it was not compared."""
        return next((part for part in self.parts if part.kind == kind), None)

    def summary(self) -> list[str]:
        """Return lines for people."""
        lines = [line for part in self.parts for line in part.summary()]
        return lines + [f"not compared: {reason}" for reason in self.not_compared]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Comparison:
        """Build it from what `to_dict` returned, also after it has been JSON."""
        return cls(
            parts=tuple(_part(item) for item in saved["parts"]),
            not_compared=tuple(saved["not_compared"]),
        )


def _part(saved: dict[str, Any]) -> PartComparison:
    lists = {
        "differences": tuple(Difference(**item) for item in saved["differences"]),
        "factors": tuple(Factor(**item) for item in saved["factors"]),
    }
    return PartComparison(**{**saved, **lists})
