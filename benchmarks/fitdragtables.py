"""What the benchmark of the fit panel tells: ours beside plain widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.fitdragrecord import FitDragRecord
from benchmarks.rows import Row, Table
from benchmarks.timing import Timing

TITLE = "Fit panel in the browser"
PLOTS = ("model", "residuals")
_PEER = (
    "Peer: the plain way, a FloatSlider and two bqplot figures (data and model; residuals) that a "
    "callback gives new values, same spectra, same model, same engine, without components, "
    "horizontal bars, background, table and undo."
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was measured of one way to show a model.

    Parameters
    ----------
    first, again
        Until it was shown, in a new page and in one that had shown it before.
    drags
        What the page noted.
    kernel
        Time of each step of a drag there.
    """

    first: Timing
    again: Timing
    drags: Sequence[FitDragRecord]
    kernel: Timing

    def pooled(self, of: Callable[[FitDragRecord], list[float]]) -> Timing:
        """Put together times of all drags."""
        return Timing(tuple(delay for record in self.drags for delay in of(record)))

    def mean(self, of: Callable[[FitDragRecord], float]) -> float:
        """Mean over the drags."""
        return fmean(of(record) for record in self.drags)


def drag_table(ours: Found, plain: Found, setting: str) -> Table:
    """Tell how soon a model follows.

    Parameters
    ----------
    ours, plain
        The panel, and plain widgets.
    setting
        What was dragged, and how.
    """
    return Table(
        title=f"{TITLE}: a parameter dragged",
        rows=[
            _delay_row("every move: model and residuals as new painted", ours, plain, *PLOTS),
            _delay_row("every move: model as new painted", ours, plain, "model"),
            _delay_row("every move: residuals as new painted", ours, plain, "residuals"),
            Row(
                what="moves the kernel was told: model and residuals painted",
                timing=ours.pooled(lambda record: record.answered_delays_s(*PLOTS)),
                peer=plain.pooled(lambda record: record.answered_delays_s(*PLOTS)),
            ),
            Row(
                what="frame to frame",
                timing=ours.pooled(_frames),
                p95_at_most_s=0.020,
                peer=plain.pooled(_frames),
            ),
            Row(what="kernel: one step", timing=ours.kernel, peer=plain.kernel),
            Row(
                what="let go: all drawn as it stays",
                timing=ours.pooled(lambda record: [record.after_release_s]),
                peer=plain.pooled(lambda record: [record.after_release_s]),
            ),
        ],
        notes=[setting, _PEER, *_told("ours", ours), *_told("plain", plain)],
    )


def _delay_row(what: str, ours: Found, plain: Found, *plots: str) -> Row:
    return Row(
        what=what,
        timing=ours.pooled(lambda record: record.delays_s(*plots)),
        p95_at_most_s=0.100,
        peer=plain.pooled(lambda record: record.delays_s(*plots)),
    )


def _frames(record: FitDragRecord) -> list[float]:
    return record.frame_intervals_s


def _told(who: str, found: Found) -> list[str]:
    rates = {name: found.mean(lambda record, n=name: record.redraws_per_s(n)) for name in PLOTS}
    sent = sum(record.sent for record in found.drags)
    received = sum(record.received_bytes for record in found.drags)
    return [
        f"{who}: {rates['model']:.1f} redraws of the model and {rates['residuals']:.1f} of the "
        "residuals a second (target 15 each); longest frame "
        f"{1e3 * max(map(max, map(_frames, found.drags))):.0f} ms; messages of the slider the "
        f"kernel had not finished at one time: at most "
        f"{max(record.in_flight for record in found.drags)} (target 1); older values drawn after "
        f"newer ones: {sum(record.went_back for record in found.drags)}; "
        f"{received / max(sent, 1) / 1e3:.1f} kB come back for each message."
    ]


def shown_table(ours: Found, plain: Found, fits: Sequence[float]) -> Table:
    """Tell how soon it can be used.

    Parameters
    ----------
    ours, plain
        The panel, and plain widgets.
    fits
        From the click to the result [s].
    """
    return Table(
        title=f"{TITLE}: until it can be used",
        rows=[
            Row(what="panel, first in a page", timing=ours.first, peer=plain.first),
            Row(what="panel, again", timing=ours.again, peer=plain.again),
            Row(what="Fit clicked: result shown", timing=Timing(tuple(fits))),
        ],
        notes=[
            "From starting the cell, everything imported before, until data, model and residuals "
            f"of both modules are painted; {len(ours.first.seconds)} pages, and "
            f"{len(ours.again.seconds)} times with a new kernel in the same page. Ours with "
            "parameters, choices and what stands below; the plain way with a slider. Fit: "
            f"{len(fits)} times from the same start, until the statistic is painted.",
        ],
    )
