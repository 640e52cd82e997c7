"""The sky view in the page: images, and an editor of the regions over them.

Everything one does with hand and eye is done in the page (``front/*.js``): zoom, stretch, colours,
smoothing, dragging. The kernel sends each image once, when the page asks for it by its key, and
hears of the regions through one trait, ``drag``: traits keep a single message in flight and always
hold the newest state, messages would queue behind a busy kernel.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import traitlets

from nustar_widgets.events.eventlist import EventList
from nustar_widgets.events.gti import Gti
from nustar_widgets.live.module import LiveModule
from nustar_widgets.panels.images.shapewire import Wire
from nustar_widgets.panels.page import PageView, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRONT: Final = Path(__file__).with_name("front")
_PARTS: Final = (
    "projection.js", "shapes.js", "picture.js", "pane.js", "holds.js", "editor.js", "toolbar.js",
    "help.js", "store.js", "skyview.js",
)  # fmt: skip


def front_end() -> str:
    """Return the source of the view in the page: one ES module."""
    return joined(_FRONT, _PARTS)


class SkyView(PageView):
    """Images of the modules with the regions over them.

    Parameters
    ----------
    image
        Asked for the counts of an image by its key, when the page wants it.
    command
        Told what was asked for by keyboard: ``undo``, ``redo``, or ``paste`` with its ``text``,
        ``module`` and ``role``.
    guarded
        Wraps what hears the page, so that errors are shown.
    """

    _esm = front_end()
    _css = (_FRONT / "skyview.css").read_text(encoding="utf-8")

    uid = traitlets.Unicode().tag(sync=True)
    fields = traitlets.Dict(help="Per module: window, projection, what is counted").tag(sync=True)
    regions = traitlets.Dict(help="Shapes per module, and the revision they answer").tag(sync=True)
    # Not echoed: an echo would be a second message for each step of a drag.
    drag = traitlets.Dict(help="What is under the hand").tag(sync=True, echo_update=False)
    band_kev = traitlets.List([3.0, 78.0]).tag(sync=True)
    three_colour = traitlets.Bool(False).tag(sync=True)
    stretch = traitlets.Enum(("linear", "log", "sqrt", "asinh"), "log").tag(sync=True)
    colours = traitlets.Unicode("viridis").tag(sync=True)
    cuts = traitlets.List([0.0, 1.0], help="Parts of the highest pixel").tag(sync=True)
    smooth_pixels = traitlets.Float(0.0, help="Gaussian sigma [sky pixel]").tag(sync=True)
    outlines = traitlets.Bool(True, help="Borders of field and chips").tag(sync=True)
    view = traitlets.Enum(("both", "FPMA", "FPMB", "blink"), "both").tag(sync=True)
    looking_at = traitlets.Dict(
        {"ra": 0.0, "dec": 0.0, "arcsec": 1000.0}, help="Middle [deg] and width [arcsec]"
    ).tag(sync=True)
    target = traitlets.Dict(help="Name, ra, dec [deg]; empty for none").tag(sync=True)
    sources: traitlets.List[dict[str, Any]] = traitlets.List(
        help="Places to mark: ra, dec, label"
    ).tag(sync=True)
    proposal = traitlets.Dict(help="Shapes per module that are only proposed").tag(sync=True)

    def __init__(
        self,
        *,
        image: Callable[[str], NDArray[Any] | None],
        command: Callable[[dict[str, Any]], Any],
        guarded: Callable[[Callable[..., Any]], Callable[..., None]],
    ) -> None:
        super().__init__(
            uid=uuid.uuid4().hex,
            regions={"revision": 0, "linked": True, "offset": [0.0, 0.0], "FPMA": [], "FPMB": []},
            drag={"revision": 0, "module": "", "shapes": None, "commits": []},
        )
        self._image = image
        self._command = command
        self.on_msg(guarded(self._hear))

    def show_fields(self, modules: Sequence[LiveModule]) -> None:
        """Show the images of modules.

        Parameters
        ----------
        modules
            The modules; none takes the images away.
        """
        self.fields = {module.events.module: _field(module) for module in modules}

    def show_regions(
        self,
        shapes: dict[str, list[Wire]],
        *,
        texts: dict[str, dict[str, str]],
        linked: bool,
        offset_arcsec: tuple[float, float],
        revision: int,
    ) -> None:
        """Show regions.

        Parameters
        ----------
        shapes
            Shapes by module.
        texts
            By module and role, what the page puts on the clipboard.
        linked
            Whether FPMB follows FPMA in the page.
        offset_arcsec
            How far east and north FPMB's are [arcsec].
        revision
            The drag these regions answer; the page keeps a newer one of its own.
        """
        self.regions = {
            "revision": revision, "linked": linked, "offset": list(offset_arcsec),
            "texts": texts, "FPMA": [], "FPMB": [], **shapes,
        }  # fmt: skip

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("kind") != "want":
            self._command(content)
            return
        self.send_image(str(content.get("key")))

    def send_image(self, key: str) -> None:
        """Send an image to the page, if there is one of this key.

        Parameters
        ----------
        key
            As the page asks for it.
        """
        image = self._image(key)
        if image is not None:
            height, width = image.shape
            small = _smallest(image)
            message = {"kind": "image", "key": key, "width": width, "height": height}
            self.send({**message, "dtype": small.dtype.str[1:]}, buffers=[small.tobytes()])


def _field(module: LiveModule) -> dict[str, Any]:
    grid, window = module.grid, module.surroundings.window
    return {
        "counted": _stamp(module.events, module.binning.user_gti),
        "events": _stamp(module.events, None),
        "window": {
            "x": window.x0 + grid.x_min, "y": window.y0 + grid.y_min,
            "width": window.width, "height": window.height,
        },
        "wcs": {
            "crpix": [grid.crpix_x, grid.crpix_y],
            "crval": [grid.crval_ra_deg, grid.crval_dec_deg],
            "cdelt": [grid.cdelt_x_deg, grid.cdelt_y_deg],
            "rotation": grid.rotation_deg,
        },
    }  # fmt: skip


def _stamp(events: EventList, gti: Gti | None) -> int:
    """Return a number that differs where an image of the same band may: the page keeps images."""
    intervals = None if gti is None else (gti.start.tobytes(), gti.stop.tobytes())
    return zlib.crc32(repr((str(events.path), len(events), id(events), intervals)).encode())


def _smallest(image: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers in the smallest little-endian type that holds them."""
    highest = int(image.max(initial=0))
    kind = "<u1" if highest < 1 << 8 else "<u2" if highest < 1 << 16 else "<u4"
    return np.ascontiguousarray(image, dtype=kind)
