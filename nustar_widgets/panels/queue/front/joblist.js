// The queue: the newest jobs first, chosen by mouse or arrows; what is clicked goes as a message.
const FILTERS = [
  ["all", "All"],
  ["running", "Running"],
  ["failed", "Failed"],
];

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
}

class JobList {
  constructor(model) {
    this.model = model;
    this.rows = new Map(); // by id
    this.active = null; // where the arrows are
    this.behind = 0; // the kernel's clock less ours [s]
    this.node = element("div", { className: "nw-jobs" });
    this.node.dataset.lmSuppressShortcuts = "true";
    this.filters = FILTERS.map(([name, text]) => this.filterButton(name, text));
    this.cancelAll = this.bulkButton("cancel_all", "Cancel all", "End every job that is not over");
    this.forgetOver = this.bulkButton(
      "forget_over",
      "Forget those over",
      "Take all that are over off the list; products stay on disk",
    );
    const bar = element("div", { className: "nw-jobs-bar" }, ...this.filters);
    bar.append(element("span", { className: "nw-jobs-gap" }), this.cancelAll, this.forgetOver);
    this.list = element("div", { className: "nw-jobs-rows", role: "grid", tabIndex: 0 });
    this.list.setAttribute("aria-label", "Jobs, newest first");
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.empty = element("div", { className: "nw-jobs-empty" });
    this.older = element("button", { type: "button", className: "nw-jobs-older" });
    this.older.addEventListener("click", () => this.send({ kind: "older" }));
    this.node.append(bar, this.list, this.older);
    this.onRows = () => this.received();
    model.on("change:rows", this.onRows);
    this.timer = setInterval(() => this.tick(), 1000);
    this.show();
  }

  close() {
    clearInterval(this.timer);
    this.model.off("change:rows", this.onRows);
  }

  send(message) {
    this.model.send(message);
  }

  filterButton(name, text) {
    const button = element("button", { type: "button", textContent: text });
    button.dataset.filter = name;
    button.dataset.text = text;
    button.addEventListener("click", () => this.send({ kind: "filter", filter: name }));
    return button;
  }

  bulkButton(kind, text, title) {
    const button = element("button", { type: "button", textContent: text, title });
    button.dataset.act = kind;
    button.addEventListener("click", () => this.send({ kind }));
    return button;
  }

  get now() {
    return Date.now() / 1000 + this.behind;
  }

  received() {
    this.behind = this.model.get("rows").at - Date.now() / 1000;
    this.show();
  }

  show() {
    const { jobs = [], counts = {}, filter, older = 0, chosen } = this.model.get("rows");
    for (const button of this.filters) {
      const name = button.dataset.filter;
      button.textContent = `${button.dataset.text} ${counts[name] ?? 0}`;
      button.setAttribute("aria-pressed", String(name === filter));
    }
    this.cancelAll.disabled = !counts.running;
    this.forgetOver.disabled = !counts.over;
    this.older.hidden = !older;
    this.older.textContent = `Show older (${older})`;
    this.place(jobs, chosen);
    this.empty.textContent =
      filter === "all" ? "No jobs yet: press Run above." : `None of the jobs is ${filter}.`;
    this.empty.hidden = jobs.length > 0;
  }

  place(jobs, chosen) {
    const wanted = new Set(jobs.map((job) => job.id));
    for (const id of [...this.rows.keys()]) if (!wanted.has(id)) this.rows.delete(id);
    if (!wanted.has(this.active)) this.active = wanted.has(chosen) ? chosen : null;
    const doing = {
      choose: (id) => this.choose(id),
      act: (kind, id) => this.send({ kind, id }),
    };
    for (const job of jobs) {
      if (!this.rows.has(job.id)) this.rows.set(job.id, new JobRow(job.id, doing));
      const state = { chosen: job.id === chosen, active: job.id === this.active, now: this.now };
      this.rows.get(job.id).fill(job, state);
    }
    arrangeChildren(this.list, [this.empty, ...jobs.map((job) => this.rows.get(job.id).node)]);
    this.tellActive();
  }

  choose(id) {
    this.active = id;
    this.markActive();
    this.send({ kind: "choose", id });
  }

  markActive() {
    for (const [id, row] of this.rows)
      row.node.classList.toggle("nw-job-active", id === this.active);
    this.tellActive();
  }

  tellActive() {
    const row = this.rows.get(this.active);
    if (row) this.list.setAttribute("aria-activedescendant", row.face.id);
    else this.list.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.target !== this.list) return; // a button of a row has its own keys
    const ids = this.model.get("rows").jobs.map((job) => job.id);
    const at = ids.indexOf(this.active);
    const to = { ArrowDown: at + 1, ArrowUp: Math.max(at, 1) - 1, Home: 0, End: ids.length - 1 };
    if (event.key === "Enter" && at >= 0) this.choose(this.active);
    else if (event.key in to && ids.length)
      this.moveTo(ids[Math.min(to[event.key], ids.length - 1)]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  moveTo(id) {
    this.active = id;
    this.markActive();
    this.rows.get(id).node.scrollIntoView({ block: "nearest" });
  }

  tick() {
    for (const row of this.rows.values()) if (row.job.state === "running") row.tick(this.now);
  }
}

function render({ model, el }) {
  const list = new JobList(model);
  el.append(list.node);
  return () => list.close();
}

export default { initialize, render };
