"""Which good time there is, which of it the user keeps, and what an edit would make of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nustar_widgets.errors import SelectionError
from nustar_widgets.events.gti import Gti

Pairs = tuple[tuple[float, float], ...]

# Earth occultation and the SAA interrupt an orbit of 97 min for 5 to 40 min: a gap of a quarter of
# an hour parts orbits, the shorter ones of the SAA do not.
ORBIT_GAP_S: Final = 1000.0


@dataclass(frozen=True, eq=False, kw_only=True)
class GoodTime:
    """Good time of an observation, and the user's intervals in it.

    Parameters
    ----------
    own
        Good time intervals of each module's event list, at least one module.
    user
        Intervals the user keeps; ``None`` for all good time.
    """

    own: Mapping[str, Gti]
    user: Gti | None = None

    @cached_property
    def all(self) -> Gti:
        """Good time of any module, whatever the user keeps."""
        joined = Gti.from_pairs(())
        for gti in self.own.values():
            joined = joined | gti
        return joined

    @cached_property
    def zero_s(self) -> float:
        """First good time of any module [s since MJDREF]: where time axes begin."""
        return self.all.t_start

    @cached_property
    def span_s(self) -> float:
        """From the first to the last good time [s]."""
        return self.all.t_stop - self.all.t_start

    @cached_property
    def cut(self) -> Gti:
        """What the user has cut out, between the first and the last good time."""
        if self.user is None:
            return Gti.from_pairs(())
        return self.user.complement(self.all.t_start, self.all.t_stop)

    @cached_property
    def kept(self) -> Gti:
        """Good time of any module that the user keeps."""
        return self.all if self.user is None else self.all & self.user

    def of(self, module: str) -> Gti:
        """Good time of one module that the user keeps."""
        own = self.own[module]
        return own if self.user is None else own & self.user

    def orbits(self, gap_s: float = ORBIT_GAP_S) -> tuple[tuple[float, float], ...]:
        """(start, stop) of each group of good time [s since MJDREF].

        Parameters
        ----------
        gap_s
            Gaps longer than this part two groups [s].
        """
        groups: list[tuple[float, float]] = []
        for start, stop in self.all:
            if groups and start - groups[-1][1] <= gap_s:
                groups[-1] = (groups[-1][0], stop)
            else:
                groups.append((start, stop))
        return tuple(groups)

    # -- edits ----------------------------------------------------------------------------

    def keep_only(self, start_s: float, stop_s: float) -> Pairs:
        """User intervals that keep only what lies in an interval, of what is kept now.

        Parameters
        ----------
        start_s, stop_s
            The interval [s since MJDREF].

        Raises
        ------
        SelectionError
            The interval is none, or it holds no good time of a module.
        """
        return self._checked(self._base & _interval(self, start_s, stop_s))

    def cut_out(self, start_s: float, stop_s: float) -> Pairs:
        """User intervals without what lies in an interval.

        Parameters
        ----------
        start_s, stop_s
            The interval [s since MJDREF].

        Raises
        ------
        SelectionError
            The interval is none, or no good time of a module is left outside it.
        """
        return self.without(_interval(self, start_s, stop_s))

    def without(self, cut: Gti) -> Pairs:
        """User intervals without others.

        Parameters
        ----------
        cut
            What to leave out.

        Raises
        ------
        SelectionError
            No good time of a module is left.
        """
        return self._checked(self._base - cut)

    @property
    def _base(self) -> Gti:
        """What the user keeps; nothing said is one interval over everything."""
        if self.user is not None:
            return self.user
        return Gti.of(self.all.t_start, self.all.t_stop)

    def _checked(self, user: Gti) -> Pairs:
        """Return intervals as a session holds them, if every module keeps good time."""
        for module, gti in self.own.items():
            if not len(gti & user):
                raise SelectionError(
                    f"good time: nothing of {module} would be left. Expected an interval that "
                    "leaves some of the good time; choose another one, or press All good time."
                )
        return tuple(user)


def _interval(good: GoodTime, start_s: float, stop_s: float) -> Gti:
    if not (math.isfinite(start_s) and math.isfinite(stop_s) and start_s < stop_s):
        start, stop = ((value - good.zero_s) / 1e3 for value in (start_s, stop_s))
        raise SelectionError(
            f"interval {start:g} to {stop:g} ks: expected two numbers, the start before the stop"
        )
    return Gti.of(start_s, stop_s)
