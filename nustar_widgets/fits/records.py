"""Fits that were made, kept beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from nustar_widgets.engines.fitting import FitEngine, FitResult
from nustar_widgets.session.values import FitChoice


@dataclass(frozen=True, kw_only=True)
class FitRecord:
    """One fit.

    Attributes
    ----------
    number
        From 1, in the order they were made.
    made_at
        When, UTC.
    choice
        What was fitted, at the values found.
    result
        What was found.
    engine
        Who fitted.
    bins
        (name, bins in use) of each spectrum: fits of the same bins can be compared.
    note
        The user's own words.
    """

    number: int
    made_at: datetime
    choice: FitChoice
    result: FitResult
    engine: str
    bins: tuple[tuple[str, int], ...]
    note: str = ""

    def fits(self, engine: FitEngine) -> bool:
        """Whether its result is of the spectra, bins and engine that are there now."""
        return (self.engine, self.bins) == (engine.name, bins_of(engine))


def recorded(
    earlier: Sequence[FitRecord], choice: FitChoice, result: FitResult, engine: FitEngine
) -> tuple[FitRecord, ...]:
    """Return the records with that of a fit that was just made.

    The same fit with more known of it, as ranges, takes the place it had.

    Parameters
    ----------
    earlier
        The records before.
    choice, result
        What was fitted, and what was found.
    engine
        Who fitted.
    """
    made = FitRecord(
        number=earlier[-1].number + 1 if earlier else 1,
        made_at=datetime.now(UTC),
        choice=choice,
        result=result,
        engine=engine.name,
        bins=bins_of(engine),
    )
    same = [item for item in earlier if item.choice == choice and item.fits(engine)]
    if not same:
        return (*earlier, made)
    return tuple(replace(item, result=result) if item is same[-1] else item for item in earlier)


def noted(records: Sequence[FitRecord], record: FitRecord, text: str) -> tuple[FitRecord, ...]:
    """Return the records, one of them with a note.

    Parameters
    ----------
    records
        All of them.
    record
        Whose note it is.
    text
        The note.
    """
    return tuple(
        replace(item, note=text) if item.number == record.number else item for item in records
    )


def bins_of(engine: FitEngine) -> tuple[tuple[str, int], ...]:
    """Return (name, bins in use) of each spectrum of a fit."""
    return tuple((data.spectrum.name, data.n_bins) for data in engine.datasets)
