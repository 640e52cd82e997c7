"""The code of the bar in the page, run by Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from nustar_widgets.app.appbar import front_end
from tests.panels.frontend import evaluated_in, needs_node

pytestmark = needs_node

# An element of a page that is not laid out before a frame, if it is there at all; the bar of it.
_PAGE = """
(() => {
  const queue = [], told = [];
  globalThis.requestAnimationFrame = (act) => queue.push(act);
  globalThis.cancelAnimationFrame = () => queue.splice(0);
  let frame = 0;
  const pane = {
    getClientRects: () => (frame >= SEEN ? [{}] : []),
    focus: () => told.push(`focus ${frame}`),
  };
  const bar = Object.create(AppBar.prototype);
  bar.app = { querySelector: () => (frame >= THERE ? pane : null) };
  bar.tabs = { label: () => told.includes("label") || told.push("label") };
  bar.model = { get: () => ({ open: "code" }) };
  bar.wanted = "WANTED";
  bar.label();
  for (; frame < 9 && queue.length; ) {
    frame += 1;
    queue.shift()();
  }
  return [told, frame];
})()
"""


def told(folder: Path, *, there: int, seen: int, wanted: str) -> tuple[list[str], int]:
    """Return what the bar did, and for how many frames it has waited."""
    page = _PAGE.replace("THERE", str(there)).replace("SEEN", str(seen)).replace("WANTED", wanted)
    did, frames = evaluated_in(front_end(), page, folder)
    return did, frames


@pytest.mark.parametrize("there", [0, 2])
@pytest.mark.parametrize("seen", [2, 4])
def test_a_panel_gets_the_focus_once_it_is_seen(tmp_path: Path, there: int, seen: int) -> None:
    did = told(tmp_path, there=there, seen=seen, wanted="code")
    assert did == (["label", f"focus {seen}"], seen)


def test_a_panel_nobody_asked_for_is_only_labelled(tmp_path: Path) -> None:
    assert told(tmp_path, there=2, seen=4, wanted="fit") == (["label"], 2)
