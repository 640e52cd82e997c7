"""What was found, in words for a terminal, a notebook and a program."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

_CELL: Final = "text-align:left;vertical-align:top;padding:1px 12px 1px 0"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is here or missing.

    Attributes
    ----------
    name
        What was looked for.
    ok
        Whether it is here and usable.
    found
        What was found: version, place, or what is wrong.
    enables
        What it is good for.
    remedy
        Shell lines that mend it; empty where nothing is to be mended.
    for_heasoft
        Runs with HEASoft need it.
    is_optional
        Everything works without it, if less well.
    group
        What it is looked for in: the kernel, HEASoft, the Jupyter server, ...
    """

    name: str
    ok: bool
    found: str
    enables: str
    remedy: str = ""
    for_heasoft: bool = False
    is_optional: bool = False
    group: str = ""

    @property
    def mark(self) -> str:
        """``ok``, ``missing``, or ``without`` for what nothing depends on."""
        return "ok" if self.ok else "without" if self.is_optional else "missing"


@dataclass(frozen=True, kw_only=True, repr=False)
class Diagnosis:
    """Everything that was looked for.

    Attributes
    ----------
    findings
        In the order they are shown.
    """

    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What is missing or cannot be used, and is wanted."""
        return tuple(item for item in self.findings if not item.ok and not item.is_optional)

    @property
    def can_run_heasoft(self) -> bool:
        """Whether all that runs with HEASoft need is here."""
        return not any(item.for_heasoft for item in self.missing)

    def find(self, name: str) -> Finding | None:
        """Return the finding of that name, or ``None``."""
        return next((item for item in self.findings if item.name == name), None)

    def verdict(self) -> str:
        """Say in a sentence which engine will do the work."""
        if self.can_run_heasoft:
            return "HEASoft is here and complete."
        names = ", ".join(item.name for item in self.missing if item.for_heasoft)
        return f"HEASoft is not complete ({names}): the embedded engine does the work."

    def summary(self) -> list[str]:
        """Return lines for a terminal; a remedy is written out once, where it is first needed."""
        lines: list[str] = []
        told, group = _Told(), ""
        for item in self.findings:
            if item.group != group:
                group = item.group
                lines.append(group)
            lines.append(f"{item.mark:9}{item.name:20}{item.found}")
            if not item.ok:
                lines.append(f"{'':11}for: {item.enables}")
            if item.remedy:
                lines += _fix(told.remedy(item))
        return [*lines, self.verdict()]

    def with_more(self, findings: Sequence[Finding]) -> Diagnosis:
        """Return a diagnosis with further findings; those of the same name and group are replaced.

        Parameters
        ----------
        findings
            The findings.
        """
        new = {(item.group, item.name) for item in findings}
        kept = (item for item in self.findings if (item.group, item.name) not in new)
        return replace(self, findings=(*findings, *kept))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"can_run_heasoft": self.can_run_heasoft, **asdict(self)}

    def __repr__(self) -> str:
        return "\n".join(self.summary())

    def to_html(self) -> str:
        """Return a table, and the same as text to copy."""
        rows = "".join(_rows(self.findings))
        text = html.escape("\n".join(self.summary()))
        return (
            f"<p><b>{html.escape(self.verdict())}</b></p>"
            f'<table style="font-size:13px;line-height:1.4">{rows}</table>'
            f"<details><summary>The same as text, to copy</summary><pre>{text}</pre></details>"
        )

    def _repr_html_(self) -> str:
        return self.to_html()

    def _ipython_display_(self) -> None:
        """Show it in a notebook, and ask the page; elsewhere it is shown as text."""
        ipython = sys.modules.get("IPython")
        shell: Any = ipython.get_ipython() if ipython is not None else None
        if getattr(shell, "kernel", None) is None:
            raise NotImplementedError  # IPython then takes the text
        # What asks the page needs widgets, which a terminal does without.
        from nustar_widgets.diagnosis.consulting import Consultation  # noqa: PLC0415

        Consultation(self, shell.display_pub).begin()


class _Told:
    """What was written out already: the next one that needs it is led there."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def remedy(self, item: Finding) -> str:
        first = self._first.setdefault(item.remedy, item.name)
        return item.remedy if first == item.name else f"as for {first}"


def _fix(remedy: str) -> list[str]:
    heads = ["fix:", *["    "] * remedy.count("\n")]
    return [f"{'':11}{head} {line}" for head, line in zip(heads, remedy.split("\n"), strict=True)]


def _rows(findings: Sequence[Finding]) -> Iterator[str]:
    told, group = _Told(), ""
    for item in findings:
        if item.group != group:
            group = item.group
            style = f"{_CELL};padding-top:8px"
            yield f'<tr><th colspan="3" style="{style}">{html.escape(group)}</th></tr>'
        yield _row(item, told)


def _row(item: Finding, told: _Told) -> str:
    words = html.escape(item.found)
    if not item.ok:
        words += f"<br>for: {html.escape(item.enables)}"
    if item.remedy:
        words += f'<pre style="margin:2px 0">{html.escape(told.remedy(item))}</pre>'
    mark = f"<b>{item.mark}</b>" if item.mark == "missing" else item.mark
    return (
        f'<tr><td style="{_CELL}">{mark}</td>'
        f'<td style="{_CELL};white-space:nowrap">{html.escape(item.name)}</td>'
        f'<td style="{_CELL}">{words}</td></tr>'
    )
