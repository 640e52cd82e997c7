// The lines in sight. A line that stays in sight keeps its element, and so what is selected in it.

// Parts of a text: [part, whether it is what is searched].
function partsOf(text, needle) {
  if (!needle) return [[text, false]];
  const sought = new RegExp(needle.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(sought)) {
    if (found.index > end) parts.push([text.slice(end, found.index), false]);
    parts.push([found[0], true]);
    end = found.index + found[0].length;
  }
  if (end < text.length || !parts.length) parts.push([text.slice(end), false]);
  return parts;
}

class Rows {
  constructor() {
    this.root = element("div", { className: "nw-log-rows" });
    this.made = new Map();
  }

  // Lines from `first` to before `stop`; `look` says how one is shown: text, needle, classes.
  draw([first, stop], look, shiftPx) {
    for (const [number, row] of this.made)
      if (number < first || number >= stop) {
        row.root.remove();
        this.made.delete(number);
      }
    let after = null; // from the end, so that each is put before the next one
    for (let number = stop - 1; number >= first; number -= 1) {
      let row = this.made.get(number);
      if (!row) {
        row = this.make(number);
        this.root.insertBefore(row.root, after);
      }
      this.fill(row, look(number));
      after = row.root;
    }
    this.root.style.transform = `translateY(${shiftPx}px)`;
  }

  make(number) {
    const name = element("span", { className: "nw-log-number", ariaHidden: "true" }),
      text = element("span", { className: "nw-log-text" }),
      root = element("div", { className: "nw-log-row" }, name, text);
    name.dataset.number = (number + 1).toLocaleString("en-US");
    root.dataset.line = number + 1;
    const row = { root, text, shown: undefined, needle: "" };
    this.made.set(number, row);
    return row;
  }

  fill(row, { text, needle, at, error }) {
    row.root.classList.toggle("nw-log-at", at);
    row.root.classList.toggle("nw-log-error", error);
    row.root.classList.toggle("nw-log-awaited", text === undefined);
    if (row.shown === text && row.needle === needle) return;
    Object.assign(row, { shown: text, needle });
    row.text.replaceChildren(
      ...partsOf(text ?? "", needle).map(([part, isFound]) =>
        isFound ? element("mark", { textContent: part }) : part,
      ),
    );
  }
}
