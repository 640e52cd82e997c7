// The form of a task: search, views, groups and rows; what is entered goes to the kernel.

class FormView {
  constructor(model, el) {
    Object.assign(this, { model, memory: memoryOf(model), el, held: false, waiting: false });
    this.top = new TopBar({
      search: text => this.look({ search: text }),
      view: view => this.look({ view, search: "" }),
      inapplicable: on => this.look({ inapplicable: on }),
      resetAll: () => this.resetAll(),
      down: () => this.goTo(this.order[0]),
    });
    this.closed = new ClosedGroups(group => this.toggle(group, "open"));
    this.none = element("p", { className: "nw-form-none" });
    this.sections = element("div", {});
    this.scroller = element(
      "div",
      { className: "nw-form-scroller", tabIndex: -1 },
      this.sections,
      this.none,
      this.closed.root,
    );
    this.lost = element("div", { className: "nw-form-problem", hidden: true });
    this.lost.setAttribute("role", "alert");
    this.picker = new Picker({ ask: request => this.ask(request) });
    this.root = element(
      "div",
      { className: "nw-form" },
      this.top.root,
      this.lost,
      this.scroller,
      this.picker.root,
    );
    this.root.dataset.lmSuppressShortcuts = "true"; // keys are for the fields
    el.append(this.root);
    this.listen();
    this.rebuild();
  }

  listen() {
    this.heard = [
      ["change:form", () => this.rebuild()],
      ["change:states", () => this.adopt()],
      ["change:sought", () => this.reveal()],
      ["msg:custom", message => message.kind === "listing" && this.picker.hear(message)],
    ];
    for (const [names, act] of this.heard) this.model.on(names, act);
    this.root.addEventListener("pointerdown", () => this.hold());
    this.release = () => setTimeout(() => this.letGo()); // after the click
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, this.release);
    this.scroller.addEventListener("scroll", () => (this.task.scroll = this.scroller.scrollTop));
    this.scroller.addEventListener("focusout", () => setTimeout(() => this.arrangeSoon()));
  }

  close() {
    for (const [names, act] of this.heard) this.model.off(names, act);
    for (const name of ["pointerup", "pointercancel"])
      window.removeEventListener(name, this.release);
    clearTimeout(this.holding);
    this.picker.root.close();
    this.root.remove();
  }

  // -- what the kernel says

  rebuild() {
    const { task = "", rows = [] } = this.model.get("form");
    this.task = memoryOfTask(this.memory, task);
    this.given = new Map(rows.map(row => [row.name, row]));
    this.rows = new Map(); // made when they are first in view
    this.groups = new Map();
    this.order = [];
    this.sections.replaceChildren();
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", `Parameters of ${task}`);
    const { scroll } = this.task;
    this.adopt();
    this.scroller.scrollTop = scroll;
    this.tellTime(task, rows.length);
    this.reveal();
    this.makeAhead(this.rows, [...this.given.keys()]);
  }

  // Make the other rows while nothing else is to be done, so that they are there when wanted.
  makeAhead(rows, names) {
    window.requestIdleCallback?.(deadline => {
      if (rows !== this.rows || !this.root.isConnected) return; // another form
      while (names.length && deadline.timeRemaining() > 3) this.rowOf(names.pop());
      if (names.length) this.makeAhead(rows, names);
    });
  }

  // For who measures: from the rows' arrival to the frame in which they can be used.
  tellTime(task, rows) {
    const start = this.memory.since;
    requestAnimationFrame(() => {
      const channel = new MessageChannel(); // heard when the frame has been painted
      channel.port1.onmessage = () =>
        performance.measure("nw-form", { start, detail: { task, rows } });
      channel.port2.postMessage(null);
    });
  }

  adopt() {
    const { rows = {}, answers = {} } = this.model.get("states");
    this.states = rows;
    this.task.drafts.adopt(name => this.stateOf(name), answers);
    for (const row of this.rows.values()) this.showRow(row);
    this.arrangeSoon();
  }

  stateOf(name) {
    const state = this.states[name] || {},
      value = state.value ?? this.given.get(name)?.default ?? "";
    return { ...state, value, refused: this.task.drafts.get(name)?.refused };
  }

  reveal() {
    const { name, count } = this.model.get("sought");
    if (count <= this.memory.sought || !this.given.has(name)) return;
    this.memory.sought = count;
    const { group } = this.given.get(name),
      { look } = this.task,
      isFew = fewOf([...this.given.values()]).has(name);
    const change = { search: this.stateOf(name).why_not ? name : "" };
    if (look.view === "main" && isFew && isFoldable(this.stateOf(name))) look.unfolded.add(group);
    else if (look.view === "main") look.open.add(group);
    else if (look.view === "changed") change.view = "all";
    this.look(change);
    this.goTo(name);
  }

  // -- what the user does

  send(kind, content, number) {
    try {
      this.model.send({ kind, ...content, ...number });
    } catch {
      setContent(this.lost, "Python does not answer here any more: run the cell again.");
    }
  }

  ask(request) {
    this.memory.asked += 1;
    this.send("list", request, { asked: this.memory.asked });
    return this.memory.asked;
  }

  commit({ name }, typed) {
    const { drafts } = this.task,
      text = typed.trim(),
      state = this.stateOf(name);
    if (drafts.isSent(name, text)) return;
    if (text === state.value && drafts.get(name)?.entry == null && !state.refused)
      drafts.drop(name);
    else if (text) this.send("edited", { name, text }, drafts.send(name, text));
    else if (this.isPlain(name)) drafts.drop(name);
    else this.resetThese([name]);
    this.refresh(name);
  }

  // Whether there is nothing to take back.
  isPlain(name) {
    const state = this.stateOf(name);
    return !isTouched(state) && !state.problem && !(this.task.drafts.get(name)?.entry > 0);
  }

  // Back to what the task will take; what was refused is taken back in Python too.
  restore({ name }) {
    const { drafts } = this.task,
      state = this.stateOf(name);
    drafts.drop(name);
    if (state.refused && state.is_changed)
      this.send("edited", { name, text: state.value }, drafts.number());
    else if (state.refused) this.send("reset", { names: [name] }, drafts.number());
    this.refresh(name);
  }

  resetThese(names) {
    for (const name of names) this.task.drafts.drop(name);
    this.send("reset", { names }, this.task.drafts.number());
    names.forEach(name => this.refresh(name));
  }

  resetAll() {
    this.resetThese([...this.given.keys()].filter(name => isTouched(this.stateOf(name))));
    this.arrange();
  }

  pick(row, opener) {
    const { value } = this.stateOf(row.name);
    this.picker.open(row, this.task.drafts.get(row.name)?.text ?? value, path => {
      this.commit(row, path);
      opener.focus();
    });
  }

  look(change) {
    Object.assign(this.task.look, change);
    this.arrange();
    this.scroller.scrollTop = 0;
  }

  // which: "open", the rest of a group, or "unfolded", what came from elsewhere.
  toggle(group, which) {
    const chosen = this.task.look[which],
      before = new Set(this.order);
    if (!chosen.delete(group)) chosen.add(group);
    const { scrollTop } = this.scroller;
    this.arrange();
    this.scroller.scrollTop = scrollTop;
    if (!chosen.has(group)) return;
    const name = this.order.find(one => !before.has(one)); // where the button was
    this.goTo(name);
  }

  goTo(name) {
    this.rows.get(name)?.focus();
    this.rows.get(name)?.root.scrollIntoView({ block: "nearest" });
  }

  // -- what is in view

  hold() {
    // Nothing may move between press and release of the mouse: the click would miss.
    this.held = true;
    clearTimeout(this.holding);
    this.holding = setTimeout(() => this.letGo(), 600); // a list that opens keeps the release
  }

  letGo() {
    this.held = false;
    clearTimeout(this.holding);
    if (this.waiting) this.arrange();
  }

  arrangeSoon() {
    if (this.held) this.waiting = true;
    else this.arrange();
  }

  rowOf(name) {
    if (!this.rows.has(name)) {
      const acts = {
        commit: (row, text) => this.commit(row, text),
        type: (row, text) => this.task.drafts.type(row.name, text),
        restore: row => this.restore(row),
        reset: row => this.resetThese([row.name]),
        pick: (row, opener) => this.pick(row, opener),
        help: (row, open) => this.task.help[open ? "add" : "delete"](row.name),
      };
      const made = new FormRow(this.given.get(name), acts, {
        helpOpen: this.task.help.has(name),
      });
      this.rows.set(name, made);
      this.showRow(made);
    }
    return this.rows.get(name);
  }

  showRow(made) {
    const { name } = made.row;
    made.show(this.stateOf(name), this.task.drafts.get(name));
  }

  refresh(name) {
    if (this.rows.has(name)) this.showRow(this.rows.get(name));
  }

  get focused() {
    const active = document.activeElement?.closest(".nw-form-row");
    return active && this.root.contains(active) ? active : null;
  }

  arrange() {
    this.waiting = false;
    const { look } = this.task,
      given = [...this.given.values()],
      focused = this.focused,
      stateOf = name => this.stateOf(name);
    const plan = planOf(given, stateOf, look, focused?.dataset.name);
    const counts = countsOf(given, stateOf, look.inapplicable);
    const from = focused?.getBoundingClientRect().top;
    this.order = plan.sections.flatMap(section => section.rows);
    this.top.show(look, counts);
    arrangeChildren(
      this.sections,
      plan.sections.map(section => this.section(section)),
    );
    this.closed.show(plan.closed);
    this.root.classList.toggle("nw-found", plan.sections[0]?.key === "found");
    const isEmpty = plan.sections.every(({ rows, brought }) => !rows.length && !brought.length);
    setContent(this.none, isEmpty && given.length ? this.noneText(plan) : "");
    if (focused?.isConnected) this.scroller.scrollTop += focused.getBoundingClientRect().top - from;
    else if (focused) this.scroller.focus({ preventScroll: true }); // its row does not apply now
  }

  section({ key, rows, brought, ...others }) {
    if (!this.groups.has(key)) this.groups.set(key, new Section(key, this.sectionActs));
    const section = this.groups.get(key),
      title = key === "found" ? `${rows.length} of ${this.given.size} parameters` : key,
      parts = rows.map(name => this.rowOf(name).root);
    const told = brought.map(name => ({ name, state: this.stateOf(name) }));
    section.show(title, parts, { ...others, brought: told });
    return section.root;
  }

  get sectionActs() {
    return {
      more: group => this.toggle(group, "open"),
      brought: group => this.toggle(group, "unfolded"),
    };
  }

  noneText({ sections }) {
    if (sections[0]?.key === "found") return "No parameter has all these words; try fewer.";
    if (this.task.look.view === "changed") return "Nothing is changed: all is as it was given.";
    return "Nothing needs to be set here; All shows every parameter.";
  }
}

function render({ model, el }) {
  const view = new FormView(model, el);
  return () => view.close();
}

export default { initialize, render };
