"""Which spectra a session fits: those it was given, or those its own products are."""

from __future__ import annotations

from dataclasses import dataclass

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.jobs.plan import PlannedJob, plan
from nustar_widgets.session.session import Session
from nustar_widgets.session.values import SpectrumInput


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The spectra to fit.

    Attributes
    ----------
    spectra
        One for each data group.
    notes
        What to know of them.
    missing
        Why there are none, and what to do; empty where there are.
    """

    spectra: tuple[SpectrumInput, ...] = ()
    notes: tuple[str, ...] = ()
    missing: str = ""


_NO_SPECTRA = (
    "there is no spectrum yet: run nuproducts in the job panel, or open spectra (PHA files) in the "
    "search panel"
)


def sources_of(session: Session) -> Sources:
    """Find the spectra of a session.

    Parameters
    ----------
    session
        The session. Spectra it was given come first; else the products its plan names, grouped
        where they were grouped, are looked for.
    """
    if session.spectra:
        return Sources(spectra=session.spectra)
    try:
        jobs = plan(session)
    except NustarWidgetsError as problem:
        return Sources(missing=f"{_NO_SPECTRA} ({problem})")
    spectra: list[SpectrumInput] = []
    for at, job in enumerate(jobs):
        if job.call.task == "nuproducts" and (found := _product(job, jobs[at + 1 :])) is not None:
            spectra.append(found)
    return Sources(spectra=tuple(spectra), missing="" if spectra else _NO_SPECTRA)


def _product(job: PlannedJob, later: tuple[PlannedJob, ...]) -> SpectrumInput | None:
    """Return the spectrum a job made, or one that was grouped from it."""
    grouped = next(iter(later), None)
    if grouped is not None and grouped.call.task == "ftgrouppha":
        path = grouped.folder / str(grouped.call.get("outfile"))
        if path.is_file():
            return SpectrumInput(pha=str(path))
        path = grouped.folder / str(grouped.call.get("infile"))
    else:
        folder = job.folder / str(job.call.get("outdir") or ".")
        path = next(iter(sorted(folder.glob("*_sr.pha"))), folder / "none")
    return SpectrumInput(pha=str(path)) if path.is_file() else None
