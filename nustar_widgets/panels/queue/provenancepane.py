"""How a job's products came about, in words; and the exact call, to be copied."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import ipywidgets as widgets

from nustar_widgets.engines.comparison_values import Comparison
from nustar_widgets.jobs.job import Job
from nustar_widgets.jobs.space import size_words
from nustar_widgets.panels.background import Background, Starter
from nustar_widgets.panels.code.codeview import CodeBox
from nustar_widgets.session.provenance import Provenance

_STYLE: Final = """<style>
.nw-facts-of-job { font-size: 12px; line-height: 1.5; border-collapse: collapse; }
.nw-facts-of-job th { text-align: left; vertical-align: top; font-weight: normal;
  color: var(--jp-ui-font-color2, #555); padding: 0 12px 0 0; white-space: nowrap; }
.nw-facts-of-job td { overflow-wrap: anywhere; }
</style>"""

Facts = list[tuple[str, list[str]]]


class ProvenancePane(widgets.VBox):
    """Details of a job.

    Parameters
    ----------
    start
        How slow work is started.
    guarded
        Wraps what hears it, so that errors are shown.
    """

    def __init__(
        self, *, start: Starter, guarded: Callable[[Callable[..., Any]], Callable[..., None]]
    ) -> None:
        super().__init__(layout=widgets.Layout(width="100%"))
        self.add_class("nw-provenance")
        self._reading = Background(start)
        self._guarded = guarded
        self.facts = widgets.HTML()
        self.python, self.shell = CodeBox(rows=9), CodeBox(rows=4)
        self.children = (self.facts, self.python, self.shell)

    def show(self, job: Job) -> None:
        """Show a job.

        Parameters
        ----------
        job
            The job.
        """
        call = job.spec.call
        self.python.show(call.to_python(), label="heasoftpy")
        self.shell.show(call.to_shell(), label="shell command")

        def work(_: threading.Event) -> Provenance | None:
            return read_provenance(job)

        def done(made: Provenance | None) -> None:
            self.facts.value = _table([*facts(job), *made_facts(made), *compared(job)])

        self._reading.run(work, done=self._guarded(done), failed=self._guarded(_raise))

    def show_plainly(self, *, plain: bool) -> None:
        """Do without a view of our own, or no longer.

        Parameters
        ----------
        plain
            Whether the page lacks the view.
        """
        self.python.show_plainly(plain=plain)
        self.shell.show_plainly(plain=plain)


def read_provenance(job: Job) -> Provenance | None:
    """Read how a job's products were made; ``None`` where that is not written or is gone.

    Parameters
    ----------
    job
        The job.
    """
    if job.result is None or job.result.provenance is None:
        return None
    try:
        return Provenance.from_dict(json.loads(Path(job.result.provenance).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def facts(job: Job) -> Facts:
    """Say what is known of a job without its products.

    Parameters
    ----------
    job
        The job.
    """
    told = [("folder", [job.spec.folder]), ("job", [job.id])]
    if job.spec.call.files:
        told.append(("files made for it", [file.name for file in job.spec.call.files]))
    if job.spec.after:
        told.append(("after", list(job.spec.after)))
    return told


def made_facts(made: Provenance | None) -> Facts:
    """Say how products were made.

    Parameters
    ----------
    made
        Their provenance.
    """
    if made is None:
        return []
    versions = [f"{name} {text}" for name, text in made.versions]
    inputs = [f"{item.path} ({size_words(item.size)})" for item in made.inputs]
    return [
        ("made by", [", ".join([made.engine, *(v for v in versions if v not in made.engine)])]),
        ("made at", [f"{made.made_at.replace('T', ' ').removesuffix('+00:00')} UTC"]),
        ("inputs", inputs or ["none"]),
        ("not applied", list(made.not_applied) or ["nothing is known to be missing"]),
    ]


def compared(job: Job) -> Facts:
    """Say how official products stand beside the live extraction, where both were made.

    Parameters
    ----------
    job
        The job.
    """
    saved = None if job.result is None else job.result.comparison
    if saved is None:
        return []
    try:
        comparison = Comparison.from_dict(saved)
    except (KeyError, TypeError):  # of another version of this package
        return []
    verdict = "counts are equal in every place" if comparison.equal else "counts differ"
    return [("official against live", [verdict, *comparison.summary()])]


def _table(told: Facts) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(name)}</th><td>{'<br>'.join(_escaped(lines))}</td></tr>"
        for name, lines in told
    )
    return f"{_STYLE}<table class='nw-facts-of-job'>{rows}</table>"


def _escaped(lines: list[str]) -> Iterator[str]:
    return (html.escape(line) for line in lines)


def _raise(error: Exception) -> None:
    raise error
