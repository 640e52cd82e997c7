"""Region files in and out: what is chosen as DS9 text, and DS9 text as what is chosen."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import ipywidgets as widgets

from nustar_widgets.atomic import write_text
from nustar_widgets.errors import OutputError, RegionError, RegionTrapError
from nustar_widgets.events.regionfile import RegionFile, format_region, read_region_file
from nustar_widgets.events.skygrid import SkyGrid
from nustar_widgets.instrument import MODULES
from nustar_widgets.panels.base import Panel
from nustar_widgets.panels.images.shapewire import ROLES
from nustar_widgets.panels.regions.named import hidden_names, named
from nustar_widgets.panels.regions.regionreading import editable, told_of
from nustar_widgets.panels.regions.shapelist import with_region
from nustar_widgets.session.linking import with_module
from nustar_widgets.session.values import Regions, RegionText

_EXAMPLE = 'fk5\ncircle(21:27:45.0,+56:56:36,60")'


class RegionTextBox(widgets.VBox):
    """Shows a region of a panel's session as DS9 text, and reads DS9 text into it.

    Parameters
    ----------
    panel
        The panel it belongs to: its session and its message strip.
    grid
        Asked for the sky plane of a module; ``None`` while no event list is open.
    """

    def __init__(self, panel: Panel, grid: Callable[[str], SkyGrid | None]) -> None:
        super().__init__()
        self.add_class("nw-region-text")
        self._panel = panel
        self._grid = grid
        self._refused: RegionFile | None = None
        roles = [(role.capitalize(), role) for role in ROLES]
        self.role = named(
            widgets.Dropdown(options=roles, layout=widgets.Layout(width="120px")),
            "Source or background",
        )
        self.module = named(
            widgets.Dropdown(options=list(MODULES), layout=widgets.Layout(width="90px")), "Module"
        )
        self.children = (
            hidden_names(),
            widgets.HBox([widgets.Label("Region file of"), self.role, self.module]),
            widgets.HBox([self._build_out(), self._build_in()], layout=_whole()),
        )
        for choice in (self.role, self.module):
            choice.observe(lambda _: self._chosen(), "value")
        self._chosen()

    def _build_out(self) -> widgets.Widget:
        self.text = named(
            widgets.Textarea(rows=7, continuous_update=False, layout=_whole()),
            "The region as DS9 text, to copy",
        )
        self.note = widgets.HTML()
        self.name = named(
            widgets.Text(continuous_update=False, layout=_rest()),
            "Name of the file, in the work folder",
        )
        self.save_button = _button("Save", self._panel, self.save, "Write it to the work folder")
        self.text.observe(lambda _: self.show(self._panel.session.regions), "value")
        row = widgets.HBox([self.save_button, self.name], layout=_whole())
        return _half([widgets.HTML("<b>As it is</b>: copy or save"), self.text, row, self.note])

    def _build_in(self) -> widgets.Widget:
        self.pasted = named(
            widgets.Textarea(rows=7, placeholder=_EXAMPLE, layout=_whole()), "DS9 text to read"
        )
        self.path = named(
            widgets.Text(placeholder="or the path of a region file (*.reg)", layout=_rest()),
            "Path of a region file",
        )
        self.read_button = _button("Read", self._panel, self.read, "Read the text or the file")
        self.anyway = _button(
            "Use what the file says", self._panel, self.read_anyway,
            "Take the shapes as their author meant them; they will be written anew",
        )  # fmt: skip
        self.anyway.layout.width = "170px"
        self.anyway.layout.display = "none"
        row = widgets.HBox([self.read_button, self.path], layout=_whole())
        title = widgets.HTML("<b>Read instead</b>: paste DS9 text, or give a path")
        return _half([title, self.pasted, row, self.anyway])

    # -- out ------------------------------------------------------------------------------

    def show(self, regions: Regions) -> None:
        """Show the text of the chosen region.

        Parameters
        ----------
        regions
            Those of the session.
        """
        region = getattr(regions.of(self.module.value), self.role.value)
        text, note = "", ""
        if region is None:
            note = f"{self.module.value}: no {self.role.value} region yet"
        elif isinstance(region, RegionText):
            text = region.text
            note = f"kept word for word from {region.origin or 'a region file'}"
        else:
            try:
                text = format_region(region)
            except RegionError as error:
                note = str(error)
        self.text.value = text
        self.note.value = f"<small>{html.escape(note)}</small>"
        self.save_button.disabled = not text

    def save(self) -> None:
        """Write the text to a new file in the work folder of the session.

        Raises
        ------
        OutputError
            There is no name or no work folder, the file exists, or it cannot be written.
        """
        name = self.name.value.strip()
        if not name:
            raise OutputError("region file", "has no name", "Give one, as source_FPMA.reg")
        folder = self._panel.session.work_dir
        if not folder and not Path(name).is_absolute():
            raise OutputError(
                name, "no work folder is chosen", "Choose one, or give the whole path of the file"
            )
        path = Path(folder).expanduser() / Path(name).expanduser()
        if path.exists():
            raise OutputError(path, "exists already", "It is left as it is; choose another name")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                path.parent, f"cannot be made ({error.strerror})", "Choose another folder"
            ) from error
        write_text(path, self.text.value, overwrite=False)
        self._panel.strip.say(f"wrote {path}")

    def _chosen(self) -> None:
        self.name.value = f"{self.role.value}_{self.module.value}.reg"
        self.show(self._panel.session.regions)

    # -- in -------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the pasted text, or else the file, into the session: one undo step.

        Raises
        ------
        InputFileError
            The file cannot be read.
        RegionError
            There is nothing to read, it cannot be understood, or HEASoft reads it otherwise.
        """
        self._offer(None)
        file = self._given()
        try:
            self._take(file, whatever_heasoft_reads=False)
        except RegionTrapError:
            self._offer(file)
            raise

    def paste(self, text: str, *, role: str, module: str) -> None:
        """Read text into the session, as `read` does.

        Parameters
        ----------
        text
            DS9 text.
        role, module
            What it is to be, and where.

        Raises
        ------
        RegionError
            It cannot be understood, or HEASoft reads it otherwise; it stays in the box.
        """
        self.role.value, self.module.value, self.pasted.value = role, module, text
        self.read()

    def read_anyway(self) -> None:
        """Take what the file says though HEASoft reads it otherwise.

        Raises
        ------
        RegionError
            The region cannot be taken.
        """
        if self._refused is not None:
            self._take(self._refused, whatever_heasoft_reads=True)
        self._offer(None)

    def _given(self) -> RegionFile:
        if self.pasted.value.strip():
            return RegionFile.from_text(self.pasted.value, "pasted text")
        if self.path.value.strip():
            return read_region_file(Path(self.path.value.strip()).expanduser())
        raise RegionError("nothing to read: expected DS9 text, or the path of a region file")

    def _take(self, file: RegionFile, *, whatever_heasoft_reads: bool) -> None:
        session, role, module = self._panel.session, self.role.value, self.module.value
        grid = self._grid(module)
        region = editable(file, grid, module=module, whatever_heasoft_reads=whatever_heasoft_reads)
        changed = with_region(session.regions.of(module), role, region)
        regions = with_module(session.regions, module, changed)
        if self._panel.commit(f"read {role} from {Path(file.origin).name}", regions=regions):
            self._panel.strip.say(told_of(file, region, cast("SkyGrid", grid)))
            self.pasted.value = self.path.value = ""

    def _offer(self, refused: RegionFile | None) -> None:
        self._refused = refused
        self.anyway.layout.display = "none" if refused is None else None


def _button(words: str, panel: Panel, act: Callable[[], Any], tooltip: str) -> widgets.Button:
    made = widgets.Button(
        description=words, tooltip=tooltip, layout=widgets.Layout(width="70px", flex="0 0 auto")
    )
    made.on_click(panel.clicked(act))
    return made


def _half(parts: Sequence[widgets.Widget]) -> widgets.VBox:
    return widgets.VBox(parts, layout=widgets.Layout(width="50%", padding="0 8px 0 0"))


def _whole() -> widgets.Layout:
    return widgets.Layout(width="99%")


def _rest() -> widgets.Layout:
    return widgets.Layout(flex="1 1 auto", width="auto")
