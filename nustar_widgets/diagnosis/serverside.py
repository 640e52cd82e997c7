"""What the environment of a Jupyter server has; run by the server's own Python, whatever it is.

Standard library and jupyter_core alone, old words of Python alone: nothing of this package need be
there. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from importlib import metadata, util
from pathlib import Path
from typing import Any

PACKAGES = (
    "jupyterlab",
    "notebook",
    "voila",
    "jupyter_server",
    "ipywidgets",
    "anywidget",
    "bqplot",
)


def version(name: str) -> str:
    """Return the version of an installed package, or nothing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def read(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds; nothing where it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def extensions(folders: list[str]) -> dict[str, list[str]]:
    """Return the prebuilt front-end extensions by name: version and place; the first counts."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        for pattern in ("*/package.json", "@*/*/package.json"):
            for path in sorted(Path(folder).glob(pattern)):
                name = str(path.parent.relative_to(folder))
                if name.startswith("@") or "/" not in name:
                    found.setdefault(name, [read(path).get("version", ""), str(path.parent)])
    return found


def disabled(folders: list[str]) -> list[str]:
    """Return the names of the extensions that are switched off; the first word counts."""
    found: dict[str, bool] = {}
    for folder in folders:
        told = read(Path(folder, "labconfig", "page_config.json")).get("disabledExtensions", {})
        told = dict.fromkeys(told, True) if isinstance(told, list) else told
        for name, is_off in told.items():
            found.setdefault(name, bool(is_off))
    return sorted(name for name, is_off in found.items() if is_off)


def enabled(folders: list[str], name: str) -> bool:
    """Whether a server extension is switched on; the first word counts."""
    for folder in folders:
        files = [Path(folder, "jupyter_server_config.json")]
        files += sorted(Path(folder, "jupyter_server_config.d").glob("*.json"))
        for path in files:
            told = read(path).get("ServerApp", {}).get("jpserver_extensions", {})
            if name in told:
                return bool(told[name])
    return False


def look() -> dict[str, Any]:
    """Return everything."""
    answer = {
        "prefix": os.path.realpath(sys.prefix),
        "python": sys.executable,
        "is_writable": os.access(sysconfig.get_path("purelib"), os.W_OK),
        "packages": {name: version(name) for name in PACKAGES},
        "extensions": {}, "disabled": [], "data_dir": "",
        "has_ours": util.find_spec("nustar_widgets") is not None, "ours_is_enabled": False,
    }  # fmt: skip
    try:
        from jupyter_core import paths  # noqa: PLC0415  # it may not be there
    except ImportError:
        return answer
    settings = paths.jupyter_config_path()
    answer["extensions"] = extensions(paths.jupyter_path("labextensions"))
    answer["disabled"] = disabled(settings)
    answer["data_dir"] = paths.jupyter_data_dir()
    answer["ours_is_enabled"] = enabled(settings, "nustar_widgets.serverextension")
    return answer


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look()) + "\n")
