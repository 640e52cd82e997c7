"""One task call and who is to run it in a script."""

from __future__ import annotations

from dataclasses import dataclass

from nustar_widgets.session.taskcall import TaskCall


@dataclass(frozen=True, kw_only=True)
class Written:
    """One call.

    Attributes
    ----------
    call
        The call.
    engine
        ``heasoft`` or ``embedded``.
    """

    call: TaskCall
    engine: str

    @property
    def module(self) -> str:
        """Module it is for; empty where the call does not say."""
        return str(self.call.get("instrument") or "")
