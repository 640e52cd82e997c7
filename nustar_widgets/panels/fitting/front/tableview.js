// The table: rows by component, folded spectra, and what each row shows.

// What the page keeps while a table is shown anew, by model.
const memories = new Map();

function memoryOf(model) {
  const uid = model.get("uid");
  if (!memories.has(uid))
    memories.set(uid, {
      hand: new TableHand(model),
      ranges: new Map(),
      open: new Set(), // rows with what is below them
      groups: new Set(), // spectra shown in full
    });
  return memories.get(uid);
}

class ParameterTable {
  constructor(model, el) {
    Object.assign(this, { model, memory: memoryOf(model), rows: new Map(), bodies: new Map() });
    this.heading = element("th", { scope: "col" });
    const columns = ["Parameter", "Value", "Unit", "", "Frozen"].map(text =>
      element("th", { scope: "col", textContent: text }),
    );
    columns[3].append(element("span", { className: "nw-partable-unseen", textContent: "Slider" }));
    const last = element("th", { scope: "col" });
    last.append(element("span", { className: "nw-partable-unseen", textContent: "More" }));
    this.table = element(
      "table",
      { ariaLabel: "Parameters" },
      element("colgroup", {}, ...Array.from({ length: COLUMNS }, () => element("col", {}))),
      element("thead", {}, element("tr", {}, ...columns, this.heading, last)),
    );
    this.folds = element("div", { className: "nw-partable-folds" });
    this.none = element("p", { textContent: "No model yet.", hidden: true });
    this.root = element("div", { className: "nw-partable" }, this.table, this.none, this.folds);
    this.root.dataset.lmSuppressShortcuts = "true"; // keys are for the fields
    el.append(this.root);
    this.listen();
    this.rebuild();
  }

  listen() {
    this.heard = [
      ["change:table", () => this.rebuild()],
      ["change:results", () => this.show()],
    ];
    for (const [names, act] of this.heard) this.model.on(names, act);
    this.told = name => this.show(name);
    this.memory.hand.listeners.add(this.told);
  }

  close() {
    for (const [names, act] of this.heard) this.model.off(names, act);
    this.memory.hand.listeners.delete(this.told);
    this.root.remove();
  }

  rebuild() {
    const given = this.model.get("table"),
      called = calledNames(given),
      before = this.rows;
    this.rows = new Map();
    for (const row of given) {
      const kept = before.get(row.name);
      const made =
        kept?.called === called.get(row.name) ? kept : this.made(row, called.get(row.name));
      made.adopt(row);
      this.rows.set(row.name, made);
    }
    const { hand } = this.memory,
      held = hand.hold && this.rows.get(hand.hold.name);
    if (hand.hold && (!held || held.row.link)) hand.dropHold();
    this.arrange();
    this.show();
  }

  made(row, called) {
    const { hand, ranges } = this.memory,
      acts = {
        toggle: name => this.toggle(name),
        heading: () => this.model.get("results").heading,
      };
    return new TableRow(row, called, { hand, ranges, acts });
  }

  arrange() {
    const given = this.model.get("table"),
      { open, groups } = this.memory;
    const wanted = sectionsOf(given, groups).map(({ component, meaning, rows }) => {
      const body = this.bodyOf(component);
      body.meaning.textContent = meaning;
      const parts = rows.flatMap(({ name }) => this.rows.get(name).parts(open.has(name)));
      arrangeChildren(body.root, [body.heading, ...parts]);
      return body.root;
    });
    arrangeChildren(this.table, [...[...this.table.children].slice(0, 2), ...wanted]);
    this.none.hidden = given.length > 0;
    this.table.hidden = !given.length;
    this.showFolds(foldedGroups(given));
  }

  bodyOf(component) {
    if (!this.bodies.has(component)) {
      const meaning = element("span", {}),
        name = element("b", { textContent: component });
      const heading = element("tr", { className: "nw-partable-component" });
      heading.append(element("th", { scope: "rowgroup", colSpan: COLUMNS }, name, " ", meaning));
      this.bodies.set(component, { root: element("tbody", {}), heading, meaning });
    }
    return this.bodies.get(component);
  }

  showFolds(groups) {
    const told = groups.map(group => `${group}${this.memory.groups.has(group)}`).join();
    if (told === this.toldFolds) return; // a button that is pressed stays
    this.toldFolds = told;
    const focused = document.activeElement?.dataset.group;
    this.folds.replaceChildren(...groups.map(group => this.foldButton(group)));
    if (focused) this.folds.querySelector(`[data-group="${focused}"]`)?.focus();
  }

  foldButton(group) {
    const isOpen = this.memory.groups.has(group),
      text = `${isOpen ? "hide" : "show"} the parameters of spectrum ${group} (linked)`;
    const button = element("button", { type: "button", textContent: text });
    button.dataset.group = group;
    button.setAttribute("aria-expanded", String(isOpen));
    button.addEventListener("click", () => this.flip(this.memory.groups, group));
    return button;
  }

  toggle(name) {
    this.flip(this.memory.open, name);
  }

  flip(set, key) {
    if (!set.delete(key)) set.add(key);
    this.arrange();
    this.show();
  }

  // name: the only row that has changed; null for all.
  show(name = null) {
    const { heading, rows: results } = this.model.get("results"),
      problems = this.model.get("problems");
    if (this.heading.textContent !== heading) this.heading.textContent = heading;
    const changed = name === null ? this.rows.values() : [this.rows.get(name)];
    for (const row of changed) if (row) row.show(results[row.row.name], problems[row.row.name]);
  }
}

function initialize({ model }) {
  const { hand } = memoryOf(model),
    adopt = () => hand.adopt();
  model.on("change:shown change:problems", adopt);
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
  return () => {
    model.off("change:shown change:problems", adopt);
    hand.dropHold();
    memories.delete(model.get("uid"));
  };
}

function render({ model, el }) {
  const view = new ParameterTable(model, el);
  return () => view.close();
}

export default { initialize, render };
