"""What a page noted while a slider of a model was dragged, and how late everything was."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.dragrecord import most_in_flight

Drawn = Sequence[tuple[int, float]]  # number of a step, and when it had been painted [s]


@dataclass(frozen=True, kw_only=True)
class FitDragRecord:
    """One drag as the page saw it; times are the page's own [s].

    Parameters
    ----------
    frames
        When each frame began.
    steps
        Of each value the slider took: when the mouse had moved there.
    drawn
        By name of the plot: which step a changed line was of, and when it had been painted.
    released
        When the mouse was let go.
    messages
        What went over the kernel's socket, in order.
    """

    frames: Sequence[float]
    steps: Sequence[Sequence[float]]
    drawn: dict[str, Drawn]
    released: float
    messages: Sequence[dict[str, Any]]

    @classmethod
    def of(cls, told: dict[str, Any]) -> FitDragRecord:
        """Take what ``fitwatch.end()`` returned."""
        return cls(
            frames=[time / 1e3 for time in told["frames"]],
            steps=[[time / 1e3 for time in moves] for moves in told["steps"]],
            drawn={
                name: [(int(one["step"]), one["time"] / 1e3) for one in seen]
                for name, seen in told["drawn"].items()
            },
            released=told["released"] / 1e3,
            messages=told["messages"],
        )

    @property
    def moves(self) -> list[tuple[int, float]]:
        """Every move of the mouse: the step it belongs to, and when it was."""
        return [
            (number, time)
            for number, moves in enumerate(self.steps)
            for time in moves
            if time <= self.released
        ]

    @property
    def frame_intervals_s(self) -> list[float]:
        """From frame to frame while the mouse moved [s]."""
        moves = self.moves
        during = [time for time in self.frames if moves[0][1] <= time <= moves[-1][1] + 0.1]
        return [after - before for before, after in pairwise(during)]

    def delays_s(self, *plots: str) -> list[float]:
        """From every move until plots of it, or of a newer one, had been painted [s]."""
        return list(self._until_drawn(self.moves, plots))

    def answered_delays_s(self, *plots: str) -> list[float]:
        """Of the moves the kernel was told: from the move until plots of it were painted [s]."""
        told = {step for name in plots for step, _ in self.drawn[name]}
        last = {step: time for step, time in self.moves if step in told}
        return list(self._until_drawn(sorted(last.items()), plots))

    def _until_drawn(
        self, moves: Sequence[tuple[int, float]], plots: Sequence[str]
    ) -> Iterator[float]:
        steps = {name: [step for step, _ in self.drawn[name]] for name in plots}
        for step, moved in moves:
            places = {name: bisect_left(steps[name], step) for name in plots}
            if all(place < len(steps[name]) for name, place in places.items()):
                yield max(self.drawn[name][place][1] for name, place in places.items()) - moved

    def redraws_per_s(self, plot: str) -> float:
        """Frames in which a plot changed while the mouse moved, in a second."""
        first, last = self.moves[0][1], self.moves[-1][1]
        times = sorted({time for _, time in self.drawn[plot]})
        return (bisect_right(times, last) - bisect_left(times, first)) / (last - first)

    @property
    def after_release_s(self) -> float:
        """From letting go until no line of any plot changed any more [s]."""
        return max(time for seen in self.drawn.values() for _, time in seen) - self.released

    @property
    def went_back(self) -> int:
        """How often an older step was drawn after a newer one."""
        return sum(
            after < before
            for seen in self.drawn.values()
            for (before, _), (after, _) in pairwise(seen)
        )

    @property
    def in_flight(self) -> int:
        """Most messages of the slider the kernel had not finished at one time."""
        return most_in_flight(self.messages, lambda message: bool(message["asks"]))

    @property
    def sent(self) -> int:
        """Messages of the slider."""
        return sum(bool(message["asks"]) for message in self.messages)

    @property
    def received_bytes(self) -> int:
        """Everything that came back [byte]."""
        return sum(message["bytes"] for message in self.messages if message["way"] == "in")
