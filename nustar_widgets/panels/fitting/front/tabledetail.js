// What is opened below a row: limits, link, the way back to the default, and words.

class TableDetail {
  constructor(hand, row, called, columns) {
    const { name } = row;
    this.min = new EntryField(hand, name, "min", { ariaLabel: `lower limit of ${called}` });
    this.max = new EntryField(hand, name, "max", { ariaLabel: `upper limit of ${called}` });
    this.link = new EntryField(hand, name, "link", {
      ariaLabel: `link of ${called}`,
      placeholder: "none, or as 2*powerlaw.norm",
    });
    this.reset = element("button", {
      type: "button",
      textContent: "Reset",
      ariaLabel: `reset ${called}`,
      title: "Back to the model's default",
    });
    this.reset.addEventListener("click", () => hand.reset(name));
    this.meaning = element("span", { className: "nw-partable-meaning" });
    this.warnings = element("ul", {});
    const field = (text, { input }) =>
      element("label", {}, element("span", { textContent: text }), input);
    this.link.input.className = "nw-partable-link";
    this.fields = element(
      "div",
      { className: "nw-partable-fields" },
      field("min", this.min),
      field("max", this.max),
      field("link =", this.link),
      this.reset,
    );
    this.cell = element("td", { colSpan: columns }, this.meaning, this.fields, this.warnings);
    this.root = element("tr", { className: "nw-partable-detail" }, this.cell);
  }

  show(row, result) {
    this.min.show(row.min === null ? "" : numberText(row.min));
    this.max.show(row.max === null ? "" : numberText(row.max));
    this.link.show(row.link);
    if (this.row === row && this.result === result) return;
    Object.assign(this, { row, result });
    this.meaning.textContent = [row.name, row.meaning, row.unit && `unit ${row.unit}`]
      .filter(Boolean)
      .join(" \u00b7 ");
    const told = warningsOf(result);
    this.warnings.hidden = !told.length;
    this.warnings.replaceChildren(...told.map(text => element("li", { textContent: text })));
  }
}
