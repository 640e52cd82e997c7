"""A fit by XSPEC as it goes, for whoever watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from nustar_widgets.engines.fitting import FitStep

if TYPE_CHECKING:
    from nustar_widgets.engines.fit_parameters import ParameterTable

_PAUSE_S: Final = 1.0 / 30.0


class FitWatch:
    """Keeps the last place of a fit, and tells of it at most 30 times a second.

    Parameters
    ----------
    table
        The parameters.
    watch
        Whom to tell; None for nobody.
    """

    def __init__(self, table: ParameterTable, watch: Callable[[FitStep], None] | None) -> None:
        self._names = [row.name for row in table.rows]
        self._watch = watch
        self._trace: list[tuple[int, float]] = []
        self._told_at = 0.0
        self.last: Mapping[str, Any] | None = None

    def told(self, message: Mapping[str, Any]) -> None:
        """Take one progress message."""
        self.last = message
        statistic = float(message["statistic"])
        self._trace.append((int(message["iterations"]), statistic))
        now = time.monotonic()
        if now - self._told_at >= _PAUSE_S:
            self._told_at = now
            self._tell(statistic, dict(zip(self._names, message["values"], strict=True)))

    def finish(self, statistic: float, values: Mapping[str, float]) -> None:
        """Tell where the fit ended."""
        self._tell(statistic, values)

    def _tell(self, statistic: float, values: Mapping[str, float]) -> None:
        if self._watch is not None:
            done = self._trace[-1][0] if self._trace else 0
            self._watch(
                FitStep(
                    n_evaluations=done,
                    statistic=statistic,
                    values=dict(values),
                    trace=tuple(self._trace),
                )
            )
