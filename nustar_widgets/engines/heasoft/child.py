"""The process in which heasoftpy runs one task; the only file that imports it.

heasoftpy changes the environment of its whole process, writes parameter files and blocks until the
task has ended, so it lives in a process of its own. Started early, it imports heasoftpy and then
waits: one JSON request on standard input, one JSON report in the file the request names. What the
task prints goes to standard output as it comes.

    python -m nustar_widgets.engines.heasoft.child
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from nustar_widgets.atomic import write_text


def main() -> None:
    """Run the task of one request."""
    heasoftpy, problem = _imported()
    text = sys.stdin.buffer.read()
    if not text:  # whoever started this process has gone without using it
        return
    with open(os.devnull) as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)  # a task that asks a question must not wait for an answer
    request = json.loads(text)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["folder"])
    if problem is not None:  # what HEASoft's set-up adds may hold it
        sys.path += filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
        heasoftpy, problem = _imported()
    if problem is None:
        try:
            report = _run(heasoftpy, request)
        except Exception as error:  # whatever it is, it is reported, not lost
            report = {"problem": f"{type(error).__name__}: {error}"}
    else:
        report = {"missing": problem}
    write_text(Path(request["report"]), json.dumps(report))


def _imported() -> tuple[Any, str | None]:
    try:
        import heasoftpy  # noqa: PLC0415
    except Exception as error:  # its import runs much code of others
        return None, f"heasoftpy cannot be imported ({error})"
    return heasoftpy, None


def _run(heasoftpy: Any, request: dict[str, Any]) -> dict[str, Any]:
    task = _task_class(heasoftpy)(request["task"])
    asked = dict(request["params"])
    task.asked = asked
    how = {"noprompt": True, "verbose": 0}
    # A task with a parameter of that name has it under the plain name.
    how = {f"py_{name}" if name in task.par_names else name: how[name] for name in how}
    result = task(dict(asked), allow_failure=True, stderr=False, **how)
    return {"status": result.returncode, "version": getattr(heasoftpy, "__version__", "")}


def _task_class(heasoftpy: Any) -> type[Any]:
    class Task(heasoftpy.HSPTask):  # type: ignore[misc]
        """A task whose output is not held back until it has ended."""

        asked: dict[str, str]

        def task_docs(self) -> str:
            """Return nothing: the original starts ``fhelp`` for every task object."""
            return ""

        def exec_task(self) -> Any:
            """Execute the task, its output going where this process's output goes."""
            sent = {name: _text(value) for name, value in self.params.items()}
            _refuse_changed(self.asked, sent)
            done = subprocess.run(
                [*_command(self.taskname), *(f"{name}={text}" for name, text in sent.items())],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                check=False,
            )
            return heasoftpy.core.HSPResult(done.returncode, "", None, self.params)

    return Task


def _refuse_changed(asked: dict[str, str], sent: dict[str, str]) -> None:
    """Make sure that the task is told what was asked for: heasoftpy drops and rewrites values."""
    for name in {**asked, **sent}:
        if name == "more" and name not in asked:
            continue  # heasoftpy adds it to page=no, so that a pager does not ask for it
        if not _same(asked.get(name), sent.get(name)):
            raise ValueError(
                f"{name}: {asked.get(name)!r} was asked for, heasoftpy would send "
                f"{sent.get(name)!r}; nothing was run"
            )


def _same(asked: str | None, sent: str | None) -> bool:
    if asked is None or sent is None or asked == sent:
        return asked == sent
    try:
        return float(asked) == float(sent)
    except ValueError:
        return False


def _command(task: str) -> list[str]:
    program = Path(os.environ["HEADAS"], "bin", task)
    if program.exists():
        return [str(program)]
    return ["python", f"{program}.py"]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "NONE" if value is None else str(value)


if __name__ == "__main__":
    main()
