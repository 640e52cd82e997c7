"""What a task would stumble over only after minutes, or pass over, looked at before it starts."""

from __future__ import annotations

from pathlib import Path

from nustar_widgets.engines.taskspec import TaskSpec
from nustar_widgets.errors import InputFileError
from nustar_widgets.session.taskcall import TaskCall


def refuse_missing_events(call: TaskCall, spec: TaskSpec, *, folder: Path) -> None:
    """Refuse a nuproducts call whose event list is not there: the task would go on without.

    Parameters
    ----------
    call
        Any call, checked already; of other tasks nothing is looked at.
    spec
        What the task accepts.
    folder
        What relative paths mean.

    Raises
    ------
    InputFileError
        There is no such event list.
    """
    if call.task != "nuproducts" or spec.value(call, "infile").upper() != "DEFAULT":
        return
    module = spec.value(call, "instrument")[-1].upper()
    name = f"{spec.value(call, 'steminputs')}{module}01_cl.evt"
    path = folder / spec.value(call, "indir") / name
    if not any(path.with_name(known).is_file() for known in (name, f"{name}.gz")):
        raise InputFileError(
            path, "there is no such event list, plain or .gz", "Check indir and steminputs"
        )
