"""How much longer a job will take, told from earlier ones of its kind or not at all."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from nustar_widgets.jobs.record import Progress

Durations = tuple[tuple[str, float], ...]
"""(sub-task, seconds) pairs of a finished run, in order; what came before the first is ``""``."""


def durations(progress: Progress, *, began: float, ended: float) -> Durations:
    """Return how long each step of a finished run took.

    Parameters
    ----------
    progress
        Its steps.
    began, ended
        When it ran [s since 1970].
    """
    names = ["", *(step.name for step in progress.steps)]
    times = [began, *(step.began for step in progress.steps), ended]
    return tuple(
        (name, max(0.0, until - since))
        for name, since, until in zip(names, times[:-1], times[1:], strict=True)
    )


def remaining_s(
    progress: Progress, *, began: float, now: float, history: Sequence[Durations]
) -> float | None:
    """Estimate the rest of a run [s]: the median of what earlier runs took from its step on.

    Parameters
    ----------
    progress
        Steps it has come to.
    began, now
        When it began, and the present time [s since 1970].
    history
        Earlier runs of the same task by the same engine.

    Returns
    -------
    float or None
        ``None`` where no earlier run went through the same steps: nothing is guessed.
    """
    so_far = ["", *(step.name for step in progress.steps)]
    spent = now - (progress.steps[-1].began if progress.steps else began)
    at = len(so_far) - 1
    rests = [
        max(0.0, run[at][1] - spent) + sum(seconds for _, seconds in run[at + 1 :])
        for run in history
        if [name for name, _ in run[: at + 1]] == so_far
    ]
    return statistics.median(rests) if rests else None
