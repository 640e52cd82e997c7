"""Exercises on task parameters and products."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nustar_widgets.engines.taskspec import as_text
from nustar_widgets.jobs.plan import PlannedJob, plan
from nustar_widgets.session.recipe import recipe
from nustar_widgets.spectra.pha import read_pha
from nustar_widgets.teaching.bench import MODULE, Bench

# -- 6: parameters ------------------------------------------------------------------------

WANTED: Final = {"binsize": "250", "pilow": "85", "pihigh": "459"}
"""Parameters of nuproducts that are asked for: bins of 250 s, 5 to 20 keV."""

_HOW: Final = {
    "binsize": "bins of 250 s are asked for",
    "pilow": "5 keV is channel (5 - 1.6) / 0.04 = 85",
    "pihigh": "20 keV is the end of channel (20 - 1.6) / 0.04 - 1 = 459",
}


def parameter_problems(bench: Bench) -> Iterator[str]:
    """Ask for a nuproducts call with another bin width and another band."""
    bench.require_data()
    call = next(item for item in recipe(bench.session) if item.task == "nuproducts")
    for name, wanted in WANTED.items():
        value = call.get(name)
        now = "not set" if value is None else as_text(value)
        if now != wanted:
            yield (
                f"{name} is {now}, and {_HOW[name]}. Find {name} in the form of nuproducts and "
                f"type {wanted}"
            )


def parameter_praise(bench: Bench) -> str:
    """Tell what the call says."""
    return "the call says " + " ".join(f"{name}={value}" for name, value in WANTED.items())


# -- 7: products --------------------------------------------------------------------------


def product_problems(bench: Bench) -> Iterator[str]:
    """Ask for all products, and that they are current."""
    bench.require_data()
    jobs = plan(bench.session)
    waiting = [job for job in jobs if job.why is not None]
    if waiting:
        first = waiting[0]
        yield (
            f"{len(waiting)} of {len(jobs)} steps are still to be run, first {first.call.task}: "
            f"{first.why}. Press Run in the job panel and wait until all are done"
        )


def product_praise(bench: Bench) -> str:
    """Tell the counts of the file and of the screen."""
    spectrum = next(item for item in map(_spectrum, plan(bench.session)) if item is not None)
    in_file = int(read_pha(spectrum).counts.sum())
    source = bench.counts.source
    on_screen = 0 if source is None else int(source.spectrum.sum())
    return (
        f"the source spectrum of {MODULE} holds {in_file} counts in all channels, and the sky "
        f"panel's {on_screen}"
    )


def _spectrum(job: PlannedJob) -> Path | None:
    folder = job.folder / str(job.call.get("outdir") or ".")
    return next(iter(sorted(folder.glob("*A01_sr.pha"))), None)
