// Around ITable's own code, which is `itables` here: it does not answer itself, and takes keys.

// What the table has just said itself comes back as a change; to be told of it would be too much.
function unechoed(model) {
  let told = null;
  const on = (name, call) => {
    if (name !== "change:selected_rows") return model.on(name, call);
    return model.on(name, () => {
      if (JSON.stringify(model.get("selected_rows")) !== told) call();
      told = null;
    });
  };
  const set = (name, value) => {
    if (name === "selected_rows") told = JSON.stringify(value);
    model.set(name, value);
  };
  return new Proxy(model, {
    get(_, key) {
      if (key === "set") return set;
      if (key === "on") return on;
      const value = model[key];
      return typeof value === "function" ? value.bind(model) : value;
    },
  });
}

// One row can be reached by Tab; arrows go to others, Enter or Space choose as a click does.
class RowKeys {
  constructor(node) {
    this.node = node;
    node.dataset.lmSuppressShortcuts = "true";
    node.addEventListener("keydown", (event) => this.key(event));
    node.addEventListener("focusin", (event) => this.mark(event.target));
    new MutationObserver(() => this.mark(null)).observe(node, { childList: true, subtree: true });
  }

  get rows() {
    return [...this.node.querySelectorAll("tbody tr")].filter((row) => row.cells.length > 1);
  }

  mark(wanted) {
    const rows = this.rows;
    const reached = rows.find((row) => row === wanted) ?? rows.find((row) => row.tabIndex === 0);
    for (const row of rows) row.tabIndex = row === (reached ?? rows[0]) ? 0 : -1;
  }

  key(event) {
    const rows = this.rows;
    const at = rows.indexOf(event.target);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) this.go(rows[to]);
    else if (event.key === "Enter" || event.key === " ") this.choose(rows[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // A row may be wider than what is seen of it: its beginning stays where it is.
  go(row) {
    row?.focus({ preventScroll: true });
    row?.cells[0].scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  choose(row) {
    for (const kind of ["mousedown", "mouseup", "click"]) {
      row.cells[0].dispatchEvent(new MouseEvent(kind, { bubbles: true }));
    }
  }
}

export default {
  ...itables,
  render(context) {
    new RowKeys(context.el);
    return itables.render({ ...context, model: unechoed(context.model) });
  },
};
