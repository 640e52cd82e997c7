"""What is here, what is missing, and the line that mends it; looked for when asked, never before.

The module can be called as the function it holds: ``nustar_widgets.diagnosis`` means the function
until something imports this module, and the module from then on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from nustar_widgets.diagnosis.findings import Diagnosis, Finding
from nustar_widgets.diagnosis.heasoft import heasoft_findings
from nustar_widgets.diagnosis.machine import (
    front_end_findings,
    machine_findings,
    package_findings,
)

__all__ = ["Diagnosis", "Finding", "doctor"]

_EMBEDDED = (
    "always here: spectra, light curves and images with HEASoft's counts, grouping and fits, but "
    "no ARF, no RMF and no corrections for PSF, exposure map or barycentre"
)


def doctor(
    environ: Mapping[str, str] | None = None, work_dir: str | Path | None = None
) -> Diagnosis:
    """Look for everything this package can use.

    Parameters
    ----------
    environ
        Environment to find HEASoft in; this process's own by default.
    work_dir
        Folder the products will go to; the current one by default.

    Returns
    -------
    Diagnosis
        What is here and what is missing. What is broken is a finding, never an error.
    """
    given = dict(os.environ if environ is None else environ)
    return Diagnosis(
        findings=(
            *package_findings(),
            *heasoft_findings(given),
            Finding(
                name="embedded engine",
                ok=True,
                found=_EMBEDDED,
                enables="the whole job without HEASoft",
            ),
            *front_end_findings(),
            *machine_findings(Path(work_dir or ".")),
        )
    )
