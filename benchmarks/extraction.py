"""Counting events under a region that is being dragged."""

from __future__ import annotations

from benchmarks.drag import STEP_PIX, Naive, Observation
from benchmarks.eventfiles import RADIUS_PIX, EventFiles
from benchmarks.rows import Row, SizeRow, Table
from benchmarks.timing import measure
from nustar_widgets.events.extract import extract_light_curve, extract_spectrum
from nustar_widgets.events.pixelindex import BinnedIndex

MILLION = 10**6


def run(files: EventFiles) -> list[Table]:
    """Measure a million and ten million events a module."""
    return [_of_size(files, MILLION), _of_size(files, 10 * MILLION)]


def _of_size(files: EventFiles, n_events: int) -> Table:
    observation = Observation.read(files, n_events)
    million = n_events == MILLION
    rows = [*_drag_rows(observation, million=million), _index_row(observation)]
    if million:
        rows.append(_one_shot_row(observation))
    result = observation.drag(next(observation.path()))["FPMA"][0]
    share = 100 * result.counts / n_events
    return Table(
        title=f"Extraction, {n_events // MILLION} million events a module, both modules",
        rows=rows,
        notes=[
            f"Source circle of {RADIUS_PIX:.0f} pixels given on the sky, {share:.0f} % of all "
            f"events inside, {STEP_PIX} pixels a step; spectrum of 4096 channels, light curve of "
            f"{result.light_curve.size} bins.",
            "Peer: `regions.CirclePixelRegion.contains` and `numpy.histogram` twice, columns in "
            "memory; first checked to count the same, channel by channel and bin by bin.",
        ],
    )


def _drag_rows(observation: Observation, *, million: bool) -> list[Row | SizeRow]:
    path, naive = observation.path(), Naive.of(observation)
    for _ in range(3):
        if not naive.agrees(next(path)):
            raise SystemExit("the live extraction and regions + numpy.histogram differ: a bug")
    peer = measure(lambda: naive.spectra(next(path)), repeats=15 if million else 5, warm_up=1)
    return [
        Row(
            what="drag step: spectrum, light curve, counts, S/N",
            timing=measure(lambda: observation.drag(next(path)), repeats=600, warm_up=50),
            median_at_most_s=1e-3 if million else None,
            p95_at_most_s=2e-3 if million else 5e-3,
            peer=peer,
            faster_at_least=100 if million else None,
        ),
        Row(
            what="the same counted afresh (full query)",
            timing=measure(
                lambda: observation.drag(next(path)),
                before=observation.lift,
                repeats=100 if million else 20,
            ),
            peer=peer,
            faster_at_least=20 if million else None,
        ),
        Row(
            what="counts and S/N alone",
            timing=measure(lambda: observation.significance(next(path)), repeats=600, warm_up=50),
            median_at_most_s=0.3e-3,
        ),
    ]


def _index_row(observation: Observation) -> SizeRow:
    """Bytes the index keeps beside the event columns, both modules; arrays shared count once."""
    total = sum(_size(extractor.index) for extractor in observation.extractors.values())
    return SizeRow(what="index in memory", megabytes=total / 1e6)


def _size(index: BinnedIndex) -> int:
    arrays = (
        index.index.indptr, index.index.order, index.index.channel,
        index.channel, index.time_bin, index.band_indptr, index.total_indptr,
    )  # fmt: skip
    return sum({id(array): array.nbytes for array in arrays}.values())


def _one_shot_row(observation: Observation) -> Row:
    """Measure what a task does, once and without an index."""
    region = next(observation.path())

    def extract() -> None:
        for name, events in observation.events.items():
            mask = observation.mask(name, region)
            extract_spectrum(events, mask)
            extract_light_curve(events, mask)

    return Row(what="spectrum and light curve without an index", timing=measure(extract, repeats=9))
