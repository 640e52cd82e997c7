// What is under the hand, or entered and not answered yet; one for all views of a model.
//
// While a slider moves the kernel is told through one trait that keeps a single message in flight
// and always sends the newest. Finished changes stay in `commits` until they are answered.

const KEY_PAUSE_MS = 350; // after the last key a nudge is one finished change

class TableHand {
  constructor(model) {
    Object.assign(this, { model, revision: 0, frame: 0, hold: null });
    this.page = Math.random().toString(36).slice(2); // two pages may show one kernel's table
    this.commits = [];
    this.local = new Map(); // by name: { value, revision }, until that is answered
    this.drafts = new Map(); // by name and field: { name, what, text, revision, refused, against }
    this.listeners = new Set();
  }

  valueOf(name) {
    const local = this.local.get(name);
    return local ? local.value : (this.model.get("shown").values[name] ?? null);
  }

  isMoving(name) {
    return this.hold?.name === name;
  }

  tell(name = null) {
    for (const listener of this.listeners) listener(name);
  }

  // -- a slider

  // The hand takes a slider; by: "pointer" or "key"; reach: tells its ends.
  take(name, by, reach) {
    if (this.hold?.name === name && this.hold.by === by) return;
    this.letGo();
    this.hold = { name, by, reach, before: this.valueOf(name), moved: false };
    this.drafts.delete(`${name} value`); // what was typed is overtaken
    if (by === "pointer") this.send({}); // it will move soon
  }

  move(value) {
    const { hold } = this;
    hold.moved = true;
    this.local.set(hold.name, { value, revision: null });
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.send({ [hold.name]: this.valueOf(hold.name) });
      this.show(hold.name);
    });
    clearTimeout(this.timer);
    if (hold.by === "key") this.timer = setTimeout(() => this.letGo(), KEY_PAUSE_MS);
    this.tell(hold.name);
  }

  // What was moved is a finished change.
  letGo() {
    const hold = this.dropHold();
    if (!hold?.moved) return;
    this.commit(hold.name, "value", this.valueOf(hold.name));
    this.show(hold.name);
    this.tell(hold.name);
  }

  // Whoever can draws what belongs to a value before the kernel answers.
  show(name) {
    const detail = { name, value: this.valueOf(name), revision: this.revision };
    detail.table = this.model.get("uid");
    document.dispatchEvent(new CustomEvent("nw-hand", { detail }));
  }

  giveUp() {
    const hold = this.dropHold();
    if (!hold?.moved) return;
    this.send({ [hold.name]: hold.before });
    this.local.set(hold.name, { value: hold.before, revision: this.revision });
    this.tell(hold.name);
  }

  dropHold() {
    const { hold } = this;
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.hold = null;
    return hold;
  }

  // -- fields

  draft(name, what) {
    return this.drafts.get(`${name} ${what}`);
  }

  type(name, what, text) {
    this.drafts.set(`${name} ${what}`, { name, what, text, revision: null, refused: "" });
  }

  // known: what the field says when nothing is typed.
  enter(name, what, text, known) {
    const draft = this.draft(name, what);
    if (draft && draft.text === text && (draft.revision !== null || draft.refused)) return;
    this.letGo();
    if (text === known && !(draft?.revision > 0)) {
      this.restore(name, what);
      return;
    }
    const revision = this.commit(name, what, text);
    this.drafts.set(`${name} ${what}`, { name, what, text, revision, refused: "" });
    this.tell(name);
  }

  // Back to what Python holds; what it refused is forgotten there too.
  restore(name, what) {
    this.drafts.delete(`${name} ${what}`);
    if (this.model.get("problems")[name]) this.commit(name, "dismiss", null);
    this.tell(name);
  }

  reset(name) {
    this.dropHold();
    for (const what of ["value", "min", "max", "link"]) this.drafts.delete(`${name} ${what}`);
    this.commit(name, "reset", null);
    this.tell(name);
  }

  // -- to and from the kernel

  commit(name, what, value) {
    this.revision += 1;
    if (what === "value" && typeof value === "number")
      this.local.set(name, { value, revision: this.revision });
    this.commits.push({ revision: this.revision, name, what, value });
    this.push({});
    return this.revision;
  }

  send(values) {
    this.revision += 1;
    this.push(values);
  }

  push(values) {
    const { page, revision, hold } = this,
      { low, high, log } = hold?.reach() ?? {};
    const slider = hold && { name: hold.name, low, high, log };
    this.model.set("hand", { page, revision, values, slider, commits: this.commits.slice() });
    this.model.save_changes();
  }

  adopt() {
    const { answers } = this.model.get("shown"),
      answered = answers[this.page] || 0;
    this.commits = this.commits.filter(commit => commit.revision > answered);
    for (const [name, { revision }] of this.local)
      if (revision !== null && revision <= answered) this.local.delete(name);
    for (const [key, draft] of this.drafts)
      if (!this.keeps(draft, answered)) this.drafts.delete(key);
    this.tell();
  }

  // Whether a draft stays: it is typed, on its way, or refused and not overtaken.
  keeps(draft, answered) {
    const { name, what } = draft,
      value = this.model.get("shown").values[name],
      problem = this.model.get("problems")[name];
    if (draft.revision > answered) return true;
    if (draft.revision !== null) {
      if (problem?.what !== what) return false;
      Object.assign(draft, { revision: null, refused: problem.text, against: value });
    } else if (draft.refused) {
      if (!problem || (what === "value" && value !== draft.against)) return false;
      draft.refused = problem.text;
    }
    return true;
  }
}
