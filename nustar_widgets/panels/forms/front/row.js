// A row of the form: name, control, what it means, and help on demand.

let rowNumber = 0;

class FormRow {
  // acts: commit, type, restore, reset, pick, help; each is told the row.
  constructor(row, acts, { helpOpen = false } = {}) {
    Object.assign(this, { row, acts });
    rowNumber += 1;
    this.id = `nw-form-row-${rowNumber}`;
    this.control = controlFor(row, {
      commit: text => acts.commit(row, text),
      type: text => acts.type(row, text),
      restore: () => acts.restore(row),
      pick: opener => acts.pick(row, opener),
    });
    this.build();
    this.describe();
    this.showHelp(helpOpen);
  }

  build() {
    const { row, id } = this;
    this.mark = element("span", {
      className: "nw-form-mark",
      textContent: "\u25cf",
      title: "changed",
    });
    this.name = element("span", { className: "nw-form-name", id: `${id}-name` }, row.name);
    this.hint = element("span", { className: "nw-form-hint", textContent: hintOf(row) });
    this.why = element("span", { className: "nw-form-why" });
    this.reset = element("button", {
      type: "button",
      textContent: "Reset",
      className: "nw-form-reset",
      ariaLabel: `Reset ${row.name}`,
    });
    this.reset.addEventListener("click", () => {
      this.focus(); // the button goes when there is nothing to reset
      this.acts.reset(row);
    });
    this.help = element("button", {
      type: "button",
      textContent: "Help",
      className: "nw-form-help-button",
      ariaLabel: `Help on ${row.name}`,
    });
    this.help.addEventListener("click", () => this.acts.help(row, this.showHelp(!this.helpOpen)));
    this.meaning = element("span", { textContent: meaningOf(row) });
    this.linked = element("span", { className: "nw-form-linked" });
    this.group = element("span", { className: "nw-form-group", textContent: row.group });
    this.problem = element("div", { className: "nw-form-problem", id: `${id}-problem` });
    this.problem.setAttribute("role", "status");
    this.more = element("div", { className: "nw-form-help", id: `${id}-help`, hidden: true });
    const entry = element(
      "span",
      { className: "nw-form-entry" },
      this.control.root,
      this.hint,
      this.why,
    );
    this.root = element(
      "div",
      { className: "nw-form-row" },
      this.mark,
      this.name,
      entry,
      this.reset,
      this.help,
      element(
        "div",
        { className: "nw-form-meaning", id: `${id}-meaning` },
        this.group,
        this.linked,
        this.meaning,
      ),
      this.problem,
      this.more,
    );
    this.root.dataset.name = row.name;
  }

  describe() {
    const { id, control, root, help } = this;
    root.setAttribute("role", "group");
    root.setAttribute("aria-labelledby", `${id}-name`);
    for (const part of control.select ? [control.select, control.input] : [control.main]) {
      if (part !== control.input) part.setAttribute("aria-labelledby", `${id}-name`);
      part.setAttribute("aria-describedby", `${id}-problem ${id}-meaning`);
    }
    help.setAttribute("aria-controls", `${id}-help`);
  }

  focus() {
    this.control.main.focus({ preventScroll: true });
  }

  // draft: what was typed and is not taken.
  show(state, draft) {
    const { control, root, reset, problem, why } = this;
    const isOut = Boolean(state.why_not),
      touched = isTouched({ ...state, refused: draft?.refused });
    control.root.hidden = this.hint.hidden = isOut;
    control.show(draft ? draft.text : state.value);
    control.main.setAttribute("aria-invalid", String(Boolean(draft?.refused || state.problem)));
    root.classList.toggle("nw-refused", Boolean(draft?.refused));
    root.classList.toggle("nw-changed", touched);
    root.classList.toggle("nw-out", isOut);
    this.mark.style.visibility = reset.style.visibility = touched ? "" : "hidden";
    this.mark.title = draft?.refused ? "not taken" : "changed";
    reset.title = resetTitle(state);
    setContent(why, isOut ? whyText(state) : "");
    setContent(problem, isOut ? "" : problemText(state, draft));
    setContent(this.linked, state.origin && !isOut ? `linked: ${state.origin}` : "");
  }

  showHelp(open) {
    this.helpOpen = open;
    this.help.setAttribute("aria-expanded", String(open));
    this.more.hidden = !open;
    if (open && !this.more.firstChild) this.more.append(...helpOf(this.row));
    return open;
  }
}

function whyText(state) {
  const kept = state.is_changed ? `; ${quoted(state.value)} is kept for when it does` : "";
  return `Does not apply: ${state.why_not}${kept}`;
}

// An element without text takes no room.
function setContent(part, text) {
  if (part.textContent !== text) part.textContent = text;
  part.hidden = !text;
}

function helpOf(row) {
  const facts = factsOf(row).flatMap(([what, text]) => [
    element("dt", { textContent: what }),
    element("dd", { textContent: text }),
  ]);
  const words = row.help ? [element("p", { textContent: row.help })] : [];
  return [...words, element("dl", {}, ...facts), ...manualOf(row)];
}

function manualOf(row) {
  if (!row.manual) return [];
  return [
    element("h5", { textContent: "HEASoft's help" }),
    element("p", { textContent: row.manual }),
  ];
}
