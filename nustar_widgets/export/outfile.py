"""One file that leaves a session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nustar_widgets.atomic import whole_file
from nustar_widgets.errors import OutputError


@dataclass(frozen=True, kw_only=True)
class OutFile:
    """A file.

    Attributes
    ----------
    name
        Its name, without folders.
    content
        What is in it.
    preview
        What people are shown of it.
    """

    name: str
    content: bytes
    preview: str

    @classmethod
    def of_text(cls, name: str, text: str, *, preview: str | None = None) -> OutFile:
        """Make a text file.

        Parameters
        ----------
        name
            Its name.
        text
            What is in it.
        preview
            What people are shown of it; by default the text.
        """
        content = text.encode("utf-8", "surrogateescape")
        return cls(name=name, content=content, preview=text if preview is None else preview)

    def is_in_the_way(self, folder: Path) -> bool:
        """Whether a folder has another file of this name.

        Parameters
        ----------
        folder
            The folder.
        """
        path = folder / self.name
        if not path.exists():
            return False
        try:
            return path.read_bytes() != self.content
        except OSError:  # a folder, or what cannot be read
            return True

    def write(self, folder: Path, *, overwrite: bool = False) -> Path:
        """Write it whole, or not at all; the same file is left as it is.

        Parameters
        ----------
        folder
            The folder; made if it is not there.
        overwrite
            Replace another file of this name.

        Raises
        ------
        OutputError
            Another file of this name is there, or it cannot be written.
        """
        path = folder / self.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                folder, f"cannot be made ({error.strerror or error})", "Choose another work folder"
            ) from error
        if path.exists() and not self.is_in_the_way(folder):
            return path
        with whole_file(path, overwrite=overwrite) as part:
            part.write_bytes(self.content)
        return path
