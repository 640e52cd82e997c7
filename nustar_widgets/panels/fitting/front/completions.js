// The list under a field of an expression: models that could stand at the cursor.

class CompletionList {
  constructor(input, take) {
    Object.assign(this, { input, taken: take, items: [], at: -1, place: { start: 0, end: 0 } });
    const id = `nw-completions-${Math.random().toString(36).slice(2)}`;
    this.root = element("ul", { className: "nw-completions", id, hidden: true });
    this.root.setAttribute("role", "listbox");
    this.root.ariaLabel = "Models that could stand here";
    this.root.popover = "manual"; // above everything, whatever scrolls around the field
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-controls", id);
    this.input.ariaAutoComplete = "list";
    this.input.ariaExpanded = "false";
    this.root.addEventListener("pointerdown", event => event.preventDefault()); // keep the focus
    this.moved = () => this.isOpen && this.put();
    window.addEventListener("scroll", this.moved, true);
    window.addEventListener("resize", this.moved);
  }

  close() {
    this.hide();
    window.removeEventListener("scroll", this.moved, true);
    window.removeEventListener("resize", this.moved);
  }

  get isOpen() {
    return !this.root.hidden;
  }

  get chosen() {
    return this.isOpen && this.at >= 0;
  }

  // Whether Tab has something to put in place: not what is there already.
  get offered() {
    const name = this.items[Math.max(this.at, 0)]?.name;
    return name && name.toLowerCase() !== this.word.toLowerCase();
  }

  show({ start, end, word, items }) {
    Object.assign(this, { place: { start, end }, word, items, at: -1 });
    const exact = items.length === 1 && items[0].name.toLowerCase() === word.toLowerCase();
    if (!items.length || exact) return this.hide();
    this.root.replaceChildren(...items.map((item, at) => this.row(item, at)));
    this.root.hidden = false;
    if (this.root.isConnected && !this.root.matches(":popover-open")) this.root.showPopover();
    this.input.ariaExpanded = "true";
    this.put();
    this.mark();
  }

  hide() {
    if (this.root.isConnected && this.root.matches(":popover-open")) this.root.hidePopover();
    this.root.hidden = true;
    this.at = -1;
    this.input.ariaExpanded = "false";
    this.input.removeAttribute("aria-activedescendant");
  }

  // Under the field, or over it where there is no room below.
  put() {
    const box = this.input.getBoundingClientRect();
    const below = window.innerHeight - box.bottom > this.root.offsetHeight + 8;
    Object.assign(this.root.style, {
      left: `${box.left}px`,
      width: `${box.width}px`,
      top: below ? `${box.bottom + 2}px` : `${box.top - this.root.offsetHeight - 2}px`,
    });
  }

  row(item, at) {
    const row = element(
      "li",
      { className: "nw-completion", id: `${this.root.id}-${at}` },
      element("span", { className: "nw-completion-name" }, item.name),
      element("span", { className: "nw-completion-meaning" }, item.meaning),
    );
    row.setAttribute("role", "option");
    if (item.needs_xspec) {
      const tag = element("span", { className: "nw-completion-needs" }, "XSPEC only");
      tag.title = item.why_not || "XSPEC has it, the embedded engine has not";
      row.append(tag);
    }
    row.addEventListener("click", () => {
      this.at = at;
      this.take();
    });
    return row;
  }

  step(by) {
    const n = this.items.length;
    this.at = this.at < 0 ? (by > 0 ? 0 : n - 1) : (this.at + by + n) % n;
    this.mark();
  }

  mark() {
    [...this.root.children].forEach((row, at) => {
      row.ariaSelected = at === this.at ? "true" : "false";
    });
    const row = this.root.children[this.at];
    if (row) {
      this.input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  take() {
    const item = this.items[Math.max(this.at, 0)];
    this.hide();
    if (item) this.taken(item.name);
  }
}
