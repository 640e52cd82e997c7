"""What a page noted while a region was dragged, and how late everything was."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Seen = Sequence[tuple[int, float]]  # a revision, and when it had been painted [s]


@dataclass(frozen=True, kw_only=True)
class DragRecord:
    """One drag as the page saw it; times are the page's own [s].

    Parameters
    ----------
    frames
        When each frame began.
    moves
        Drag states that were drawn: revision, and when the mouse had moved there.
    outlines, numbers
        Revisions seen on the screen: of the outline, and of the numbers.
    plots
        By name of the plot: when a line of it changed.
    messages
        What went over the kernel's socket, in order.
    """

    frames: Sequence[float]
    moves: Seen
    outlines: Seen
    numbers: Seen
    plots: dict[str, Sequence[float]]
    messages: Sequence[dict[str, Any]]

    @classmethod
    def of(cls, told: dict[str, Any]) -> DragRecord:
        """Take what ``skywatch.end()`` returned."""

        def seen(name: str) -> Seen:
            return [(int(one["revision"]), one["time"] / 1e3) for one in told[name]]

        return cls(
            frames=[time / 1e3 for time in told["frames"]],
            moves=seen("moves"),
            outlines=seen("outlines"),
            numbers=seen("numbers"),
            plots={
                name: [one["time"] / 1e3 for one in changes]
                for name, changes in told["plots"].items()
            },
            messages=told["messages"],
        )

    @property
    def frame_intervals_s(self) -> list[float]:
        """From frame to frame while the mouse moved [s]."""
        first, last = self.moves[0][1], self.moves[-1][1]
        during = [time for time in self.frames if first <= time <= last + 0.1]
        return [after - before for before, after in pairwise(during)]

    @property
    def outline_delays_s(self) -> list[float]:
        """From each move until the outline of it, or of a newer one, was drawn [s]."""
        return list(_until_as_new(self.moves, self.outlines))

    @property
    def number_delays_s(self) -> list[float]:
        """From the moves that were answered until their numbers were drawn [s]."""
        return [shown - moved for moved, shown in self._answered()]

    @property
    def every_number_delay_s(self) -> list[float]:
        """From each move until the numbers of it, or of a newer one, were drawn [s]."""
        return list(_until_as_new(self.moves, self.numbers))

    def plot_delays_s(self, name: str) -> list[float]:
        """From the moves that were answered until a plot changed with or after the numbers [s]."""
        changes = self.plots[name]
        after = ((moved, bisect_left(changes, shown)) for moved, shown in self._answered())
        return [changes[place] - moved for moved, place in after if place < len(changes)]

    def _answered(self) -> Iterator[tuple[float, float]]:
        moved, first = dict(self.moves), dict(reversed(self.numbers))
        return ((moved[revision], shown) for revision, shown in first.items() if revision in moved)

    @property
    def went_back(self) -> int:
        """How often an older revision was seen after a newer one."""
        return sum(
            after < before
            for seen in (self.outlines, self.numbers)
            for (before, _), (after, _) in pairwise(seen)
        )

    @property
    def in_flight(self) -> int:
        """Most drag messages the kernel had not finished at one time."""
        return most_in_flight(self.messages, _is_drag)

    @property
    def sent(self) -> int:
        """Drag messages sent."""
        return sum(map(_is_drag, self.messages))

    @property
    def sent_bytes(self) -> int:
        """Size of the drag messages [byte]."""
        return sum(message["bytes"] for message in self.messages if _is_drag(message))

    @property
    def received_bytes(self) -> int:
        """Everything that came back [byte]."""
        return sum(message["bytes"] for message in self.messages if message["way"] == "in")

    @property
    def received(self) -> Counter[str]:
        """Bytes that came back, by what they changed."""
        sizes: Counter[str] = Counter()
        for message in self.messages:
            if message["way"] == "in":
                sizes[f"{message['type']} {' '.join(message['keys'])}".strip()] += message["bytes"]
        return sizes


def most_in_flight(
    messages: Sequence[dict[str, Any]], is_asked: Callable[[dict[str, Any]], bool]
) -> int:
    """Count the messages of a kind the kernel had not finished at one time, at most.

    Parameters
    ----------
    messages
        What went over the kernel's socket, in order.
    is_asked
        Whether a message is of that kind.
    """
    waiting: set[str] = set()
    most = 0
    for message in messages:
        if is_asked(message):
            waiting.add(message["id"])
            most = max(most, len(waiting))
        elif message["way"] == "in" and message["state"] == "idle":
            waiting.discard(message["parent"])
    return most


def _is_drag(message: dict[str, Any]) -> bool:
    return message["way"] == "out" and "drag" in message["keys"]


def _until_as_new(moves: Seen, seen: Seen) -> Iterator[float]:
    for revision, moved in moves:
        shown = next((time for found, time in seen if found >= revision), None)
        if shown is not None:
            yield shown - moved
