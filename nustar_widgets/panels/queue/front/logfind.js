// The search: a text, how many lines hold it, and the way from one to the next.

const TYPING_MS = 200;

function logButton(text, title, pressed) {
  const button = element("button", { type: "button", textContent: text, title, ariaLabel: title });
  button.addEventListener("click", pressed);
  return button;
}

const counted = number => number.toLocaleString("en-US");

function foundInWords({ text, total, complete, rank }) {
  if (!text) return "";
  if (!complete) return `searching\u2026 ${counted(total)} so far`;
  if (!total) return "not found";
  return rank === null ? `${counted(total)} lines` : `${counted(rank + 1)} of ${counted(total)}`;
}

class LogFind {
  // `from` says which line is in sight, `jump` goes to one, `redraw` marks what is found.
  constructor({ model, from, jump, redraw }) {
    Object.assign(this, { model, from, jump, redraw });
    this.revision = 0;
    this.jumped = 0;
    this.asked = ""; // the text the kernel was asked for
    this.input = element("input", { type: "search", placeholder: "Search", spellcheck: false });
    this.input.ariaLabel = "Search the log";
    this.told = element("span", { className: "nw-log-found", role: "status" });
    this.root = element(
      "span",
      { className: "nw-log-find" },
      this.input,
      logButton("\u2191", "Previous match", () => this.step(-1)),
      logButton("\u2193", "Next match", () => this.step(1)),
      this.told,
    );
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(null), TYPING_MS);
    });
    this.input.addEventListener("keydown", event => {
      if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") this.clear();
    });
  }

  clear() {
    this.input.value = "";
    this.ask(null);
  }

  ask(rank) {
    clearTimeout(this.timer);
    this.asked = this.input.value;
    this.revision += 1;
    this.model.set("query", {
      revision: this.revision,
      log: this.model.get("log").key,
      text: this.asked,
      rank,
      from: this.from(),
    });
    this.model.save_changes();
    this.redraw();
  }

  step(by) {
    if (this.input.value !== this.asked) return this.ask(null);
    const { text, total, rank, line } = this.model.get("found");
    if (!text || text !== this.asked || !total) return undefined;
    // Steps made before an answer came count on from the one asked for last.
    const at = this.model.get("query").rank ?? rank;
    return this.ask(at === null || line === null ? null : (at + by + total) % total);
  }

  show() {
    const found = this.model.get("found");
    if (found.text !== this.asked) return;
    this.told.textContent = foundInWords(found);
    if (found.revision !== this.revision || this.jumped === this.revision) return;
    if (found.line === null || found.line === undefined) return;
    this.jumped = this.revision;
    this.jump(found.line);
  }

  close() {
    clearTimeout(this.timer);
  }
}
