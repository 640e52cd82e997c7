"""All steps of an analysis, in the order of HEASARC's NuSTAR tutorial."""

from __future__ import annotations

from nustar_widgets.export.analysis import Analysis
from nustar_widgets.export.datasteps import data_step, setup_step
from nustar_widgets.export.fitsteps import fit_steps
from nustar_widgets.export.step import Step
from nustar_widgets.export.tasksteps import task_steps


def steps_of(analysis: Analysis, *, pictures: bool) -> tuple[Step, ...]:
    """Return the steps.

    Parameters
    ----------
    analysis
        What is written.
    pictures
        Whether also those that only show something.
    """
    data = data_step(analysis)
    later = ((data,) if data else ()) + (*task_steps(analysis), *fit_steps(analysis))
    kept = tuple(step for step in later if pictures or not step.is_picture)
    return (setup_step(analysis, kept), *kept)
