// A dialog to choose a file or a folder beside the kernel, by mouse or keyboard.

const PAGE_STEP = 10;
const TYPED_MS = 800; // letters typed within this time are one beginning of a name

const joinedPath = (folder, name) =>
  folder === "." || folder === ""
    ? name
    : folder.endsWith("/")
      ? folder + name
      : `${folder}/${name}`;

function dialogButton(text, pressed, properties = {}) {
  const button = element("button", { type: "button", textContent: text, ...properties });
  button.addEventListener("click", pressed);
  return button;
}

class Picker {
  // ask: sends a request for a folder's list and returns its number.
  constructor({ ask }) {
    Object.assign(this, { ask, asked: null, listing: null, at: -1, typed: "", typedAt: 0 });
    this.id = `nw-form-picker-${Math.random().toString(36).slice(2)}`;
    this.path = element("span", { className: "nw-form-path" });
    this.up = dialogButton("\u2191 Up", () => this.goUp(), { title: "The folder this one is in" });
    this.hidden = element("input", { type: "checkbox" });
    this.hidden.addEventListener("change", () => this.look(this.listing?.folder ?? null));
    this.list = element("div", { className: "nw-form-files", tabIndex: 0 });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Folders and files");
    this.note = element("div", { className: "nw-form-note" });
    this.note.setAttribute("role", "status");
    this.take = dialogButton("Choose", () => this.choose(), { className: "nw-form-primary" });
    this.takeFolder = dialogButton("Choose this folder", () => this.finish(this.listing.shown));
    this.root = this.dialog();
    this.listen();
  }

  dialog() {
    const hidden = element("label", {}, this.hidden, "hidden files");
    const cancel = dialogButton("Cancel", () => this.root.close());
    return element(
      "dialog",
      { className: "nw-form-picker" },
      element("div", { className: "nw-form-picker-top" }, this.up, this.path, hidden),
      this.list,
      this.note,
      element("div", { className: "nw-form-picker-end" }, this.takeFolder, cancel, this.take),
    );
  }

  listen() {
    this.root.addEventListener("keydown", event => event.stopPropagation());
    this.root.addEventListener("close", () => (this.asked = null));
    this.list.addEventListener("keydown", event => this.pressed(event));
    this.list.addEventListener("click", event => this.select(this.numberOf(event)));
    this.list.addEventListener("dblclick", event => {
      if (this.numberOf(event) >= 0) this.enter();
    });
  }

  numberOf(event) {
    return [...this.list.children].indexOf(event.target.closest("[role=option]"));
  }

  // chosen: told the path, as a value names it.
  open(row, value, chosen) {
    Object.assign(this, { chosen, row });
    this.root.setAttribute("aria-label", `Choose a file for ${row.name}`);
    this.listing = null;
    this.show({ shown: "", entries: [], note: "Looking ..." });
    this.root.showModal();
    this.list.focus();
    this.wanted = value.split("/").at(-1);
    this.look(null, value in KEYWORDS ? "" : value);
  }

  look(folder, value = "") {
    this.asked = this.ask({ folder, value, hidden: this.hidden.checked });
  }

  hear(message) {
    if (message.asked !== this.asked || this.asked === null) return;
    this.listing = message;
    this.show(message);
    this.select(message.entries.findIndex(entry => entry.name === this.wanted));
    if (this.at < 0) this.select(message.entries.length ? 0 : -1);
  }

  show({ shown, parent, entries, note, problem }) {
    this.path.textContent = shown === "." ? "the work folder" : shown;
    this.path.title = this.listing?.folder ?? "";
    this.up.disabled = !parent;
    this.takeFolder.disabled = !this.listing || Boolean(problem);
    this.list.replaceChildren(...entries.map((entry, at) => this.option(entry, at)));
    const empty = this.listing && !entries.length ? "Nothing is in this folder." : "";
    this.note.textContent = problem || note || empty;
    this.note.classList.toggle("nw-form-problem", Boolean(problem));
    this.select(-1);
  }

  option(entry, at) {
    const name = entry.is_folder ? `${entry.name}/` : entry.name;
    const made = element(
      "div",
      { id: `${this.id}-${at}`, className: entry.is_folder ? "nw-form-folder" : "" },
      element("span", { textContent: name }),
      element("span", { textContent: sizeText(entry.size_bytes) }),
    );
    made.setAttribute("role", "option");
    return made;
  }

  select(at) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const option = this.list.children[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.list.setAttribute("aria-activedescendant", option.id);
    else this.list.removeAttribute("aria-activedescendant");
    this.take.disabled = !option;
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.list.children.length - 1;
    const to = {
      ArrowDown: this.at + 1,
      ArrowUp: Math.max(0, this.at - 1),
      PageDown: this.at + PAGE_STEP,
      PageUp: Math.max(0, this.at - PAGE_STEP),
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) this.select(Math.min(last, to));
    else if (event.key === "Enter" || event.key === "ArrowRight") this.enter(event.key);
    else if (event.key === "Backspace" || event.key === "ArrowLeft") this.goUp();
    else if (event.key.length === 1) this.jump(event.key);
    else return;
    event.preventDefault();
  }

  jump(letter) {
    const now = performance.now();
    this.typed = now - this.typedAt < TYPED_MS ? this.typed + letter : letter;
    this.typedAt = now;
    const begins = this.typed.toLowerCase();
    const found = this.listing?.entries.findIndex(({ name }) =>
      name.toLowerCase().startsWith(begins),
    );
    if (found >= 0) this.select(found);
  }

  get chosenEntry() {
    return this.listing?.entries[this.at];
  }

  enter(key = "Enter") {
    const entry = this.chosenEntry;
    if (entry?.is_folder) {
      this.wanted = "";
      this.look(joinedPath(this.listing.folder, entry.name));
    } else if (entry && key === "Enter") this.choose();
  }

  goUp() {
    if (!this.listing?.parent) return;
    this.wanted = this.listing.folder.split("/").at(-1);
    this.look(this.listing.parent);
    this.list.focus();
  }

  choose() {
    if (this.chosenEntry) this.finish(joinedPath(this.listing.shown, this.chosenEntry.name));
  }

  finish(path) {
    this.root.close();
    this.chosen(path);
  }
}
