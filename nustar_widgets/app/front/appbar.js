// What stands above the panels: what is analysed, undo, whether it is saved, the steps, what is next.

const MOST_FRAMES = 1800;
const UNDO_KEYS = { z: "undo", "Shift z": "redo", y: "redo" };

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
}

class AppBar {
  constructor(model) {
    this.model = model;
    this.uid = model.get("uid");
    this.wanted = ""; // the step whose panel is to have the focus once it is there
    this.send = (message) => model.send(message);
    this.title = element("h2", { className: "nw-app-title" });
    this.about = element("span", { className: "nw-app-about" });
    this.saved = element("span", { className: "nw-app-saved", role: "status" });
    this.undo = this.button("undo", "\u21b6");
    this.redo = this.button("redo", "\u21b7");
    this.menu = new SessionMenu(this.uid, this.send);
    this.tabs = new StepTabs(this.uid, (step) => this.send({ kind: "open", step }));
    this.words = element("span", { className: "nw-app-words", role: "status" });
    this.act = element("button", { type: "button", className: "nw-app-act" });
    this.act.addEventListener("click", () => this.goOn());
    this.node = this.laidOut();
    this.node.dataset.lmSuppressShortcuts = "true";
    this.onState = () => this.show();
    this.onKey = (event) => this.key(event);
    model.on("change:state", this.onState);
    this.show();
  }

  laidOut() {
    const names = element("div", { className: "nw-app-names" }, this.title, this.about);
    const tools = element("div", { className: "nw-app-tools" }, this.saved, this.undo, this.redo);
    tools.append(this.menu.node);
    const next = element("div", { className: "nw-app-next" });
    next.append(element("b", { textContent: "Next:" }), this.words, this.act);
    const head = element("div", { className: "nw-app-head" }, names, tools);
    return element("div", { className: "nw-app-bar" }, head, this.tabs.node, next);
  }

  button(kind, sign) {
    const button = element("button", { type: "button", className: "nw-app-step-back" });
    button.append(
      element("span", { textContent: sign, ariaHidden: "true" }),
      element("span", { className: "nw-app-label" }),
    );
    button.addEventListener("click", () => this.send({ kind }));
    return button;
  }

  // The bar and the panels are parts of one widget, which is in the page only later.
  found(app) {
    this.app = app;
    app.addEventListener("keydown", this.onKey);
    this.label();
  }

  close() {
    this.model.off("change:state", this.onState);
    this.app?.removeEventListener("keydown", this.onKey);
    this.app = null;
  }

  show() {
    const { title, about, undo, redo, saved, steps, open, next, recent } = this.model.get("state");
    this.title.textContent = title;
    this.about.textContent = about;
    this.about.title = about;
    this.saved.textContent = saved.words;
    this.saved.title = saved.more;
    this.saved.dataset.saved = saved.ok;
    this.labelStep(this.undo, "Undo", undo);
    this.labelStep(this.redo, "Redo", redo);
    this.menu.show(recent);
    this.tabs.show(steps, open);
    if (this.words.textContent !== next.words) this.words.textContent = next.words;
    this.showAct(next.button);
    this.label();
  }

  // While there is nothing to press, a button that has the focus stays: it would be lost.
  showAct(words) {
    this.act.textContent = words || "\u2026";
    this.act.hidden = !words && document.activeElement !== this.act;
    if (words) this.act.removeAttribute("aria-disabled");
    else this.act.setAttribute("aria-disabled", "true");
    this.act.ariaLabel = words || "a moment";
  }

  labelStep(button, name, step) {
    button.lastChild.textContent = step ? `${name}: ${step}` : name;
    button.title = step ? `${name}: ${step}` : `nothing to ${name.toLowerCase()}`;
    button.disabled = !step;
  }

  // Say which tab the open panel belongs to, as soon as it is in the page, and give it the focus
  // if that is wanted, as soon as it is seen: what is not seen cannot have it.
  label(frames = MOST_FRAMES) {
    cancelAnimationFrame(this.waiting);
    if (!this.app) return;
    const { open } = this.model.get("state");
    const pane = this.app.querySelector(`:scope > .nw-app-panes > .nw-app-of-${open}`);
    if (pane) this.tabs.label(pane, open);
    const isSeen = pane?.getClientRects().length > 0;
    if (isSeen && this.wanted === open) {
      this.wanted = "";
      pane.focus();
    } else if (frames && (!pane || this.wanted === open)) {
      this.waiting = requestAnimationFrame(() => this.label(frames - 1));
    }
  }

  goOn() {
    const { next } = this.model.get("state");
    if (next.act === "open") this.wanted = next.step;
    this.send({ kind: "next", act: next.act });
    this.label();
  }

  key(event) {
    const act = UNDO_KEYS[`${event.shiftKey ? "Shift " : ""}${event.key.toLowerCase()}`];
    const isTyping = event.target.matches("input, textarea, select, [contenteditable=true]");
    if (!act || event.defaultPrevented || isTyping || event.altKey) return;
    if (!(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    this.send({ kind: act });
  }
}

function render({ model, el }) {
  const bar = new AppBar(model);
  el.append(bar.node);
  let frames = MOST_FRAMES;
  const look = () => {
    const app = el.closest(".nw-app");
    if (app) bar.found(app);
    else if (frames-- > 0) requestAnimationFrame(look);
  };
  look();
  return () => {
    frames = 0;
    bar.close();
  };
}

export default { initialize, render };
