"""The code of a view in the page, run by Node without a page."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node: the browser tests run this code too")


def evaluated_in(source: str, expression: str, folder: Path) -> Any:
    """Value of an expression in the module a view has in the page."""
    module = folder / "view.mjs"
    source = source.replace("export default", "const view =")
    module.write_text(f"{source}\nconsole.log(JSON.stringify({expression}));\n", encoding="utf-8")
    assert NODE is not None
    done = subprocess.run([NODE, str(module)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
