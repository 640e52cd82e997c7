// The field of a model expression: completed and judged while it is typed, taken with Enter.

const EXPRESSION_SAYS = {
  typing: "Enter takes this model, Escape goes back to: ",
  wrong: "Until this is a model, in use: ",
};

class ExpressionField {
  constructor(model, el) {
    this.model = model;
    this.page = crypto.randomUUID?.() ?? String(Math.random());
    this.number = 0; // of the newest text told to the kernel
    this.draft = null; // what is typed and not in use; null: what is in use is shown
    this.judged = null; // the kernel's answer to the newest text
    this.input = element("input", {
      type: "text",
      className: "nw-expression-input",
      spellcheck: false,
      autocomplete: "off",
      ariaLabel: "Model expression",
    });
    this.list = new CompletionList(this.input, name => this.complete(name));
    this.drawn = element("pre", { className: "nw-expression-drawn", hidden: true });
    this.drawn.ariaHidden = "true";
    this.said = element("div", { className: "nw-expression-said" });
    this.said.setAttribute("role", "status");
    this.hint = element("div", { className: "nw-expression-hint" });
    this.root = element(
      "div",
      { className: "nw-expression" },
      element("label", { className: "nw-expression-label" }, "Model", this.input),
      this.drawn,
      this.said,
      this.hint,
      this.list.root,
    );
    this.root.dataset.lmSuppressShortcuts = "true"; // keys are for the field
    el.append(this.root);
    this.listen();
    this.adopt();
  }

  listen() {
    this.input.addEventListener("input", () => this.type());
    this.input.addEventListener("keydown", event => this.key(event));
    this.input.addEventListener("click", () => this.list.isOpen && this.ask());
    this.input.addEventListener("blur", () => this.leave());
    this.heard = [
      ["change:shown", () => this.adopt()],
      ["change:answer", () => this.hear()],
    ];
    for (const [name, act] of this.heard) this.model.on(name, act);
  }

  close() {
    for (const [name, act] of this.heard) this.model.off(name, act);
    this.list.close();
    this.root.remove();
  }

  get used() {
    return this.model.get("shown").expression ?? "";
  }

  // -- from the kernel

  // What is in use, or why what was entered is not; what is typed since then stays.
  adopt() {
    const shown = this.model.get("shown");
    if (this.draft === null || this.draft.trim() === this.used) {
      this.draft = null;
      if (this.input.value !== this.used) this.input.value = this.used;
    }
    this.refusal = this.draft === null ? null : shown.problem ? shown : null;
    this.tell();
  }

  hear() {
    const answer = this.model.get("answer");
    if (answer.page !== this.page || answer.number !== this.number) return; // overtaken
    this.judged = answer;
    this.tell();
    if (document.activeElement === this.input && this.wantsList) this.list.show(answer);
  }

  // -- to the kernel

  type() {
    this.draft = this.input.value;
    this.refusal = null;
    this.wantsList = true;
    this.ask();
    this.tell();
  }

  ask() {
    this.number += 1;
    this.judged = null;
    this.model.set("typed", {
      page: this.page,
      number: this.number,
      text: this.input.value,
      cursor: this.input.selectionStart ?? this.input.value.length,
    });
    this.model.save_changes();
  }

  enter() {
    this.list.hide();
    this.wantsList = false;
    const text = this.input.value.trim();
    if (text === this.used) return this.back();
    this.draft = this.input.value = text;
    this.model.send({ kind: "enter", text });
  }

  back() {
    this.draft = this.judged = this.refusal = null;
    this.input.value = this.used;
    this.tell();
  }

  // What is left as a model is taken; what is none stays to be mended.
  leave() {
    setTimeout(() => {
      if (document.activeElement === this.input || !this.root.isConnected) return;
      this.list.hide();
      if (this.draft !== null && this.judged && !this.judged.problem) this.enter();
    });
  }

  complete(name) {
    const { start, end } = this.list.place;
    const text = this.input.value;
    this.input.value = text.slice(0, start) + name + text.slice(end);
    this.input.setSelectionRange(start + name.length, start + name.length);
    this.input.focus();
    this.type();
    this.wantsList = false;
    this.list.hide();
  }

  // -- keys

  key(event) {
    const act = this.action(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  action(event) {
    const { list } = this;
    if (event.isComposing) return null;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      return list.isOpen ? () => list.step(step) : () => this.open();
    }
    if (event.key === " " && event.ctrlKey) return () => this.open();
    if (event.key === "Enter") return list.chosen ? () => list.take() : () => this.enter();
    if (event.key === "Tab" && !event.shiftKey && list.isOpen && list.offered)
      return () => list.take();
    if (event.key === "Escape") return list.isOpen ? () => list.hide() : () => this.back();
    return null;
  }

  open() {
    this.wantsList = true;
    this.ask();
  }

  // -- what is said

  tell() {
    const told = this.draft === null ? { problem: this.model.get("shown").problem } : this.judged;
    const { problem = "", position = null } = this.refusal ?? told ?? {};
    this.input.ariaInvalid = problem ? "true" : "false";
    this.said.textContent = problem;
    this.draw(problem ? position : null);
    const says = problem ? EXPRESSION_SAYS.wrong : EXPRESSION_SAYS.typing;
    const differs = this.draft !== null && this.draft.trim() !== this.used;
    this.hint.textContent = differs ? says + (this.used || "nothing") : "";
  }

  draw(position) {
    this.drawn.hidden = position === null;
    if (position === null) return;
    this.drawn.textContent = `${this.input.value}\n${" ".repeat(position)}^`;
    const letter = this.drawn.scrollWidth / Math.max(this.input.value.length, position + 1, 1);
    this.drawn.scrollLeft = Math.max(0, letter * position - this.drawn.clientWidth / 2);
  }
}

function render({ model, el }) {
  const field = new ExpressionField(model, el);
  return () => field.close();
}

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1);
  model.save_changes();
}

export default { initialize, render };
