// What mouse and keys do, as the view tells it.

const KEYS = [
  ["drag inside / edge / grip", "move, resize, rotate"],
  ["double-click on the sky", "add a circle"],
  ["double-click on a polygon's side, Shift-click on a corner", "add, remove a corner"],
  ["Tab", "next region"],
  ["arrows (Shift: 10 times)", "move by a sky pixel"],
  ["+ and \u2212", "resize"],
  ["[ and ]", "rotate"],
  ["s, b", "make it source, background"],
  ["e", "exclude or include"],
  ["a", "add a circle"],
  ["d", "duplicate"],
  ["Delete", "delete"],
  ["Escape", "give up a drag"],
  ["Ctrl-Z, Ctrl-Y", "undo, redo"],
  ["Ctrl-C, Ctrl-V", "copy, paste as DS9 text"],
  ["wheel, drag on the sky", "zoom, pan"],
];

function keysHelp() {
  const rows = KEYS.flatMap(([key, does]) => [
    element("dt", { textContent: key }),
    element("dd", { textContent: does }),
  ]);
  return element(
    "details",
    { className: "nw-sky-keys" },
    element("summary", { textContent: "Mouse and keyboard" }),
    element("dl", {}, ...rows),
  );
}
