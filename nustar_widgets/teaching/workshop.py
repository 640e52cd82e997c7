"""The exercises in their order, and who checks them."""

from __future__ import annotations

from typing import Any, Final

from nustar_widgets.errors import NustarWidgetsError, ParameterError
from nustar_widgets.session.session import Session
from nustar_widgets.teaching import fitexercises as fits
from nustar_widgets.teaching import regionexercises as regions
from nustar_widgets.teaching import taskexercises as tasks
from nustar_widgets.teaching.bench import Bench, Exercise
from nustar_widgets.teaching.regionexercises import BROKEN_REGION
from nustar_widgets.teaching.verdict import Verdict

__all__ = ["BROKEN_REGION", "EXERCISES", "Workshop"]

EXERCISES: Final = (
    Exercise(
        title="Put a circle on the source",
        problems=regions.source_problems,
        praise=regions.source_praise,
    ),
    Exercise(
        title="Choose a background",
        problems=regions.background_problems,
        praise=regions.background_praise,
    ),
    Exercise(
        title="Find the best radius",
        problems=regions.radius_problems,
        praise=regions.radius_praise,
    ),
    Exercise(
        title="Mend a region file", problems=regions.file_problems, praise=regions.file_praise
    ),
    Exercise(
        title="Cut the flares out", problems=regions.flare_problems, praise=regions.flare_praise
    ),
    Exercise(
        title="Set task parameters",
        problems=tasks.parameter_problems,
        praise=tasks.parameter_praise,
    ),
    Exercise(
        title="Make the products", problems=tasks.product_problems, praise=tasks.product_praise
    ),
    Exercise(
        title="Fit the continuum", problems=fits.continuum_problems, praise=fits.continuum_praise
    ),
    Exercise(title="Find the iron line", problems=fits.line_problems, praise=fits.line_praise),
)
"""Of `notebooks/workshop.ipynb`."""


class Workshop:
    """Checks exercises done in a session.

    Parameters
    ----------
    session
        The session they are done in, with the simulated sample open.

    Examples
    --------
    >>> workshop = Workshop(Session())
    >>> workshop.check(6)
    6. Not yet: there is no event list. Run the cell that opens the simulated sample, at the top \
of the notebook.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.solved: set[int] = set()
        """Numbers of the exercises that were right when they were last checked."""

    def check(self, number: int, answer: Any = None) -> Verdict:
        """Check one exercise; nothing is changed.

        Parameters
        ----------
        number
            Of the exercise, from 1.
        answer
            A number or a text, where the exercise asks for one.

        Raises
        ------
        ParameterError
            There is no such exercise.
        """
        if number not in range(1, len(EXERCISES) + 1):
            raise ParameterError("number", f"{number}: expected 1 to {len(EXERCISES)}")
        exercise, bench = EXERCISES[number - 1], Bench(session=self.session, answer=answer)
        try:
            problem = next(exercise.problems(bench), None)
        except NustarWidgetsError as met:
            problem = str(met)
        text = exercise.praise(bench) if problem is None else problem
        self.solved = self.solved - {number} | ({number} if problem is None else set())
        return Verdict(
            number=number, is_right=problem is None, text=text.rstrip(".").rstrip() + "."
        )

    def __repr__(self) -> str:
        """Say which exercises are solved."""
        lines = [
            f"[{'x' if number in self.solved else ' '}] {number}. {exercise.title}"
            for number, exercise in enumerate(EXERCISES, start=1)
        ]
        return "\n".join([*lines, f"{len(self.solved)} of {len(EXERCISES)} exercises are solved."])
