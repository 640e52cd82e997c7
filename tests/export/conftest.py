"""What tests of exported code share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TASK = """#!/bin/sh
for word in "$0" "$@"; do printf '%s\\0' "$word"; done >> "$RECORD"
printf '\\n\\0' >> "$RECORD"
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs named as the tasks that write down how they were called."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("nupipeline", "nuproducts", "ftgrouppha", "xspec"):
        (folder / name).write_text(TASK)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def _no_heasoft(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what is installed: a task nobody here has is called as HEASoft 6.20 would be."""
    for name in [name for name in os.environ if name.startswith(("HEADAS", "CALDB"))]:
        monkeypatch.delenv(name)
