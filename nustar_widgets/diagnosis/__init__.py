"""What is here, what is missing, and the line that mends it; looked for when asked, never before.

The module can be called as the function it holds: ``nustar_widgets.diagnosis`` means the function
until something imports this module, and the module from then on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nustar_widgets.diagnosis.findings import Diagnosis, Finding
from nustar_widgets.diagnosis.heasoft import GROUP, heasoft_findings
from nustar_widgets.diagnosis.kernelside import kernel_findings
from nustar_widgets.diagnosis.machine import machine_findings, package_findings
from nustar_widgets.diagnosis.network import network_findings
from nustar_widgets.diagnosis.serverfindings import server_findings

__all__ = ["Diagnosis", "Finding", "doctor"]

_EMBEDDED = (
    "always here: spectra, light curves and images with HEASoft's counts, grouping and fits, but "
    "no ARF, no RMF and no corrections for PSF, exposure map or barycentre"
)


def doctor(
    environ: Mapping[str, str] | None = None,
    work_dir: str | Path | None = None,
    *,
    network: bool = True,
) -> Diagnosis:
    """Look for everything this package can use.

    As the result of a notebook's cell it asks the page, too, and adds what that answers.

    Parameters
    ----------
    environ
        Environment to find HEASoft in; this process's own by default.
    work_dir
        Folder the products will go to; the current one by default.
    network
        Whether to ask the servers of the archive.

    Returns
    -------
    Diagnosis
        What is here and what is missing. What is broken is a finding, never an error.
    """
    given = dict(os.environ if environ is None else environ)
    looks: tuple[Callable[[], Iterable[Finding]], ...] = (
        lambda: (*package_findings(), *kernel_findings()),
        lambda: server_findings(given),
        lambda: (*heasoft_findings(given), _embedded()),
        lambda: network_findings() if network else (),
        lambda: machine_findings(Path(work_dir or ".")),
    )
    with ThreadPoolExecutor(len(looks)) as lookers:
        found = lookers.map(lambda look: tuple(look()), looks)
        return Diagnosis(findings=tuple(item for part in found for item in part))


def _embedded() -> Finding:
    return Finding(
        name="embedded engine",
        ok=True,
        found=_EMBEDDED,
        enables="the whole job without HEASoft",
        group=GROUP,
    )
