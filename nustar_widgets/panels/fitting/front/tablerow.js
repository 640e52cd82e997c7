// One parameter: its row, what is wrong with it, and what can be opened below.

const COLUMNS = 7;

class TableRow {
  // acts: toggle(name), opens or closes what is below.
  constructor(row, called, { hand, ranges, acts }) {
    Object.assign(this, { row, called, hand, ranges, acts });
    const { name } = row;
    this.name = element("th", { scope: "row" });
    this.name.addEventListener("dblclick", () => hand.reset(name));
    this.value = new EntryField(hand, name, "value", { inputMode: "decimal", ariaLabel: called });
    this.unit = element("td", { className: "nw-partable-unit" });
    this.slider = new Slider(hand, name, called, ranges);
    this.follows = element("span", { className: "nw-partable-follows" });
    this.freeze = element("input", { type: "checkbox", ariaLabel: `freeze ${called}` });
    this.freeze.addEventListener("change", () =>
      hand.enter(name, "frozen", this.freeze.checked, this.row.frozen),
    );
    this.error = element("td", { className: "nw-partable-error" });
    this.warn = element("button", { type: "button", className: "nw-partable-warn" });
    this.more = element("button", {
      type: "button",
      className: "nw-partable-more",
      textContent: "limits ...",
      ariaLabel: `limits, link and reset of ${called}`,
    });
    for (const button of [this.warn, this.more])
      button.addEventListener("click", () => acts.toggle(name));
    this.root = element(
      "tr",
      { className: "nw-partable-row" },
      this.name,
      element("td", {}, this.value.input),
      this.unit,
      element("td", {}, this.slider.input, this.follows),
      element("td", {}, this.freeze),
      this.error,
      element("td", {}, this.more),
    );
    this.root.dataset.name = name;
    this.wrong = element("td", { colSpan: COLUMNS, id: `nw-partable-${nextNumber()}` });
    this.wrong.setAttribute("role", "status");
    this.wrongRow = element("tr", { className: "nw-partable-problem", hidden: true }, this.wrong);
    this.value.input.setAttribute("aria-describedby", this.wrong.id);
  }

  // The rows of the page it takes.
  parts(isOpen) {
    this.more.setAttribute("aria-expanded", String(isOpen));
    this.isOpen = isOpen;
    if (!isOpen) return [this.root, this.wrongRow];
    this.detail ||= new TableDetail(this.hand, this.row, this.called, COLUMNS);
    return [this.root, this.wrongRow, this.detail.root];
  }

  // Frozen, linked, limits: what does not move.
  adopt(row) {
    this.row = row;
    const group = row.group > 1 ? [element("small", { textContent: ` [${row.group}]` })] : [];
    this.name.replaceChildren(row.label, ...group);
    this.name.title = [row.meaning || row.name, "double click: back to the default"].join("\n");
    this.unit.textContent = unitText(row.unit);
    this.unit.title = row.unit;
    const isLinked = Boolean(row.link);
    this.root.classList.toggle("nw-linked", isLinked);
    this.root.classList.toggle("nw-frozen", row.frozen);
    this.slider.input.hidden = isLinked;
    this.follows.hidden = !isLinked;
    this.follows.textContent = this.follows.title = isLinked ? `= ${row.link}` : "";
    this.value.input.readOnly = this.freeze.disabled = isLinked;
    this.value.input.title = isLinked ? `follows ${row.link}; to set it, empty its link` : "";
  }

  // What moves: dozens of times a second.
  show(result, problem) {
    const { row, hand } = this,
      value = hand.valueOf(row.name),
      text = numberText(value);
    this.value.show(text);
    if (!row.link) {
      if (!hand.isMoving(row.name))
        this.ranges.set(row.name, rangeOf(row, this.ranges.get(row.name), value));
      this.slider.show(value, row.unit ? `${text} ${row.unit}` : text);
    }
    this.freeze.checked = hand.draft(row.name, "frozen")?.text ?? row.frozen;
    this.showResult(result, value);
    const wrong = problem?.text || "";
    if (wrong !== this.wrong.textContent) {
      this.wrong.textContent = wrong;
      this.wrongRow.hidden = !wrong;
    }
    if (this.isOpen) this.detail.show(row, result);
  }

  showResult(result, value) {
    const isOld = Boolean(result) && numberText(result.value) !== numberText(value);
    if (isOld !== this.isOld) this.error.classList.toggle("nw-old", isOld);
    this.isOld = isOld;
    if (result === this.result) return;
    this.result = result;
    const error = errorOf(result),
      warnings = warningsOf(result);
    const lines = error ? [error.sigma, error.up, error.down].filter(Boolean) : [];
    this.warn.textContent = "\u26a0";
    this.warn.title = warnings.join("\n");
    this.warn.ariaLabel = `warnings on ${this.called}: ${warnings.join("; ")}`;
    this.error.title = errorTitle(result, this.acts.heading(), this.row.unit);
    this.error.replaceChildren(
      element("span", {}, ...lines.map(text => element("span", { textContent: text }))),
      ...(warnings.length ? [this.warn] : []),
    );
  }
}

let numberOfRows = 0;
function nextNumber() {
  numberOfRows += 1;
  return numberOfRows;
}
