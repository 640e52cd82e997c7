"""The presets there are: those of the package, and the user's own, small JSON files to hand on."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

import platformdirs

from nustar_widgets.atomic import write_text
from nustar_widgets.calls.choices import TASKS
from nustar_widgets.calls.preset import Preset, changes, preset_from, preset_of
from nustar_widgets.errors import OutputError, PresetError
from nustar_widgets.version import __version__

__all__ = [
    "BUILT_IN", "FORMAT", "Preset", "UserPresets", "changes", "from_json", "load_preset",
    "preset_of", "preset_path", "save_preset", "to_json", "user_folder", "user_presets",
]  # fmt: skip

FORMAT: Final = 1
"""Format of the files."""


def _built_in() -> tuple[Preset, ...]:
    path = Path(__file__).with_name("presets.toml")
    saved = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(preset_from(table) for table in saved["preset"])


BUILT_IN: Final = _built_in()
"""The presets that come with the package, that of HEASoft's defaults first."""


class UserPresets(NamedTuple):
    """The presets of a folder.

    Attributes
    ----------
    presets
        Those that can be used, by name.
    problems
        Why others cannot: one sentence each, with the file.
    """

    presets: tuple[Preset, ...] = ()
    problems: tuple[str, ...] = ()


def to_json(preset: Preset) -> str:
    """Return a preset as JSON that people can read and mend.

    Parameters
    ----------
    preset
        The preset.
    """
    saved: dict[str, Any] = {"format": FORMAT, "written_by": f"nustar_widgets {__version__}"}
    saved |= {"name": preset.name, "about": preset.about}
    saved |= {task: dict(params) for task in TASKS if (params := preset.of(task)) is not None}
    others = ("reprocesses", "layout", "modules", "notes")
    saved |= {name: value for name in others if (value := getattr(preset, name))}
    return json.dumps(saved, indent=1) + "\n"


def from_json(text: str) -> Preset:
    """Read a preset.

    Parameters
    ----------
    text
        As `to_json` returned it, or written by hand.

    Raises
    ------
    PresetError
        It is not JSON, not a preset, of a format this version does not know, or wrong in a place
        the message names.
    """
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PresetError(f"not a preset, which is JSON ({error})") from error
    if not isinstance(saved, dict) or "format" not in saved:
        raise PresetError("not a preset: it has no 'format'")
    number, writer = saved.pop("format"), saved.pop("written_by", "unknown")
    if number != FORMAT or isinstance(number, bool):
        raise PresetError(
            f"preset format {number!r}, written by {writer}: this is nustar_widgets {__version__}, "
            f"which reads format {FORMAT}; update nustar_widgets to use it"
        )
    return preset_from(saved)


def load_preset(path: str | Path) -> Preset:
    """Read a preset from a file.

    Raises
    ------
    PresetError
        The file cannot be read, or `from_json` refuses what it holds; the message names the file.
    """
    try:
        return from_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise PresetError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise PresetError(f"{path}: not a preset, which is text") from error
    except PresetError as error:
        raise PresetError(f"{path}: {error}") from error


def save_preset(preset: Preset, path: str | Path | None = None) -> Path:
    """Write a preset to a file, whole or not at all, and return the file.

    Parameters
    ----------
    preset
        The preset.
    path
        The file, if it ends in ``.json``; else the folder it goes to under its name, by default
        the user's own. Folders are made where there are none.

    Raises
    ------
    OutputError
        The file cannot be written; an older one is left as it was.
    """
    given = None if path is None else Path(path)
    is_file = given is not None and given.suffix == ".json"
    file = given if given is not None and is_file else preset_path(preset.name, given)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            file.parent, f"cannot be made ({error.strerror})", "Choose another folder"
        ) from error
    write_text(file, to_json(preset))
    return file


def user_folder() -> Path:
    """Return the folder of this user's presets; it need not exist."""
    return platformdirs.user_config_path("nustar_widgets") / "presets"


def preset_path(name: str, folder: Path | None = None) -> Path:
    """Return the file a preset of a name is kept in: equal names, equal files.

    Parameters
    ----------
    name
        Name of the preset.
    folder
        Where; the user's own by default.
    """
    plain = re.sub(r"[^\w +=()-]+", "_", name, flags=re.ASCII).strip()[:60]
    if plain != name:  # other names may come to the same letters
        plain += f"-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return (folder or user_folder()) / f"{plain}.json"


def user_presets(folder: Path | None = None) -> UserPresets:
    """List the presets of a folder; one that is damaged does not hide the others.

    Parameters
    ----------
    folder
        Where; the user's own by default. One that does not exist holds none.
    """
    presets: list[Preset] = []
    problems: list[str] = []
    for path in sorted((folder or user_folder()).glob("*.json")):
        try:
            presets.append(load_preset(path))
        except PresetError as error:
            problems.append(str(error))
    presets.sort(key=lambda preset: preset.name.casefold())
    return UserPresets(presets=tuple(presets), problems=tuple(problems))
