"""How each parameter of a task stands in a session: value, origin, whether it applies."""

from __future__ import annotations

from collections.abc import Mapping

from nustar_widgets.calls.choices import reset, set_by_hand
from nustar_widgets.calls.current import CallsNow, TaskHere, calls_now
from nustar_widgets.calls.links import LINKS
from nustar_widgets.calls.rows import RowState
from nustar_widgets.engines.taskspec import Parameter, TaskSpec, as_text, same_text
from nustar_widgets.session.session import Session
from nustar_widgets.session.taskcall import ParamValue, TaskCall


def states_of(
    session: Session, task: str, module: str, *, here: Mapping[str, TaskHere], now: CallsNow
) -> dict[str, RowState]:
    """Say how each parameter of a task stands.

    Parameters
    ----------
    session
        The session.
    task
        The task.
    module
        The module whose values are shown.
    here
        Who does each task; for one that nobody here has there are no rows.
    now
        The calls the session stands for; while a choice is missing only what was set by hand
        stands beside the defaults.

    Returns
    -------
    dict
        By parameter.
    """
    spec = here[task].spec
    if spec is None:
        return {}
    by_hand = set_by_hand(session, task)
    call = now.of(task, module)
    given = dict(call.params) if call is not None else {}
    values = spec.without_inapplicable(
        TaskCall(task=task, params=tuple({**given, **by_hand}.items()))
    )
    one = _Standing(spec, dict(values.params), by_hand)
    brought = _brought(session, task, module, here=here, given=given, by_hand=by_hand)
    return {item.name: one.state(item, brought.get(item.name)) for item in spec.parameters}


def _brought(
    session: Session,
    task: str,
    module: str,
    *,
    here: Mapping[str, TaskHere],
    given: Mapping[str, ParamValue],
    by_hand: Mapping[str, ParamValue],
) -> dict[str, ParamValue]:
    """Return what the session brings along by itself, also where a hand has put something else."""
    brought = {name: value for name, value in given.items() if name not in by_hand}
    for name in by_hand:
        changes = reset(session, task, (name,))
        without = Session(**{**session.snapshot(), **changes})
        call = calls_now(without, here).of(task, module)
        if call is not None and (value := call.get(name)) is not None:
            brought[name] = value
    return brought


class _Standing:
    """Tells of one parameter after another."""

    def __init__(
        self,
        spec: TaskSpec,
        values: dict[str, ParamValue],
        by_hand: Mapping[str, ParamValue],
    ) -> None:
        self.spec = spec
        self.values = values
        self.by_hand = by_hand
        self.links = LINKS.get(spec.task, {})

    def state(self, parameter: Parameter, brought: ParamValue | None) -> RowState:
        """Say how a parameter stands, given what the session brings along for it."""
        name = parameter.name
        usual = parameter.default if brought is None else as_text(brought)
        by_hand = self.by_hand.get(name)
        value = usual if by_hand is None else as_text(by_hand)
        link = self.links.get(name)
        if by_hand is not None or brought is None:
            link = None
        return RowState(
            value=value,
            usual=usual,
            is_changed=by_hand is not None and not same_text(value, usual),
            origin=link.origin if link is not None else "",
            is_brought=link is not None and not link.is_entered_here,
            why_not=self.spec.why_inapplicable(name, self.values) or "",
            problem=self._problem(parameter),
        )

    def _problem(self, parameter: Parameter) -> str:
        """Say what is wrong with a value that came through no form, as a preset's."""
        by_hand = self.by_hand.get(parameter.name)
        return "" if by_hand is None else parameter.problem(by_hand) or ""
