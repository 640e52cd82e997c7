// The log in the page: a screen of lines, a scroll bar, and what is asked of the kernel.

const ROW_PX = 18;

class LogView {
  constructor(model, el) {
    this.model = model;
    this.id = Math.random().toString(36).slice(2);
    this.revision = 0; // of what was asked last
    this.answered = 0; // and of the answer that is shown
    this.asked = null;
    this.lines = new Map(); // texts by number, near the screen
    this.stale = null; // the line that was the last one and may have become longer
    this.top = 0;
    this.at = null; // the line that was jumped to
    this.build();
    el.append(this.root);
    this.listen();
    this.reset();
  }

  build() {
    const parts = { model: this.model, jump: line => this.jump(line) };
    this.find = new LogFind({
      ...parts,
      from: () => this.placeOf(-1),
      redraw: () => this.draw(),
    });
    this.faults = new LogErrors({ ...parts, from: by => this.placeOf(by) });
    this.rows = new Rows();
    this.title = element("span", { className: "nw-log-title" });
    this.count = element("span", { className: "nw-log-count" });
    this.path = element("code", { className: "nw-log-path", title: "The log on disk" });
    this.follow = logButton("Follow", "Keep the end of the log in sight", () =>
      this.setFollow(!this.model.get("follow")),
    );
    this.empty = element("div", { className: "nw-log-empty" });
    this.sheet = element("div", { className: "nw-log-sheet" }, this.rows.root);
    this.spacer = element("div", { className: "nw-log-spacer" }, this.sheet);
    this.scroller = element("div", { className: "nw-log-scroller", tabIndex: 0 }, this.spacer);
    this.scroller.setAttribute("role", "log");
    this.scroller.setAttribute("aria-live", "off"); // thousands of lines a second are not read out
    this.root = element(
      "div",
      { className: "nw-log" },
      element("div", { className: "nw-log-head" }, this.title, this.count, this.path),
      this.faults.root,
      element("div", { className: "nw-log-bar" }, this.find.root, this.follow),
      element("div", { className: "nw-log-frame" }, this.scroller, this.empty),
    );
    this.root.dataset.lmSuppressShortcuts = "true";
    this.root.style.setProperty("--nw-log-row", `${ROW_PX}px`);
  }

  listen() {
    this.heard = {
      "change:log": () => this.reset(),
      "change:size": () => this.sized(),
      "change:window": () => this.take(),
      "change:errors": () => this.draw(),
      "change:found": () => this.find.show(),
      "change:follow": () => this.draw(),
    };
    for (const [name, hear] of Object.entries(this.heard)) this.model.on(name, hear);
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.scroller.addEventListener("wheel", event => this.wheeled(event), { passive: false });
    this.scroller.addEventListener("keydown", event => this.pressed(event));
    this.selected = () => this.keepSelection();
    document.addEventListener("selectionchange", this.selected);
    this.resized = new ResizeObserver(() => {
      this.viewPx = this.scroller.clientHeight;
      this.draw();
    });
    this.resized.observe(this.scroller);
  }

  // -- what the kernel says

  reset() {
    const { key, title = "", path = "", live } = this.model.get("log");
    this.title.textContent = title;
    this.path.textContent = path;
    this.follow.hidden = !live;
    this.scroller.setAttribute("aria-label", title ? `Log of ${title}` : "Log");
    if (key !== this.key) {
      Object.assign(this, { key, top: 0, at: null, stale: null, asked: null, answered: 0 });
      this.widest = 0; // letters of the longest line seen: what is to the right stays in sight
      this.lines.clear();
      if (this.find.input.value) this.find.ask(null);
    }
    this.sized();
    this.take();
  }

  sized() {
    const { lines = 0 } = this.model.get("size");
    if (lines !== this.n && this.n) this.stale = this.n - 1;
    this.n = lines;
    this.draw();
  }

  take() {
    const { log, view, revision, first, lines } = this.model.get("window");
    if (log !== this.key || revision < this.answered) return; // of another log, or too late
    if (view && view !== this.id) return;
    this.answered = revision;
    if (this.asked && revision >= this.revision) this.asked = null;
    lines.forEach((text, n) => this.lines.set(first + n, text));
    this.widest = Math.max(this.widest, ...lines.map(text => text.length));
    if (this.stale >= first && this.stale < first + lines.length) this.stale = null;
    this.draw();
  }

  // -- what the user does

  setFollow(follow) {
    if (this.model.get("follow") === follow) return;
    this.model.set("follow", follow);
    this.model.save_changes();
    this.draw();
  }

  // The end in sight is followed while a job writes; who leaves it, reads.
  moveTo(top) {
    const to = this.scroll.clamped(top);
    if (to === this.top && !this.model.get("follow")) return false;
    const isMoved = to !== this.top;
    this.top = to;
    this.setFollow(Boolean(this.model.get("log").live) && to >= this.scroll.last - 0.01);
    this.draw();
    return isMoved;
  }

  jump(line) {
    this.setFollow(false);
    this.at = line;
    this.reveal = true;
    this.top = this.scroll.clamped(line - Math.floor(this.scroll.rows / 3));
    this.draw();
  }

  // Where "next" and "previous" start: the line jumped to, if it is in sight, or what is in sight.
  placeOf(by) {
    const [first, stop] = this.scroll.visible(this.top);
    if (this.at !== null && this.at >= first && this.at < stop) return this.at;
    return by > 0 ? first - 1 : Math.ceil(this.top);
  }

  wheeled(event) {
    if (event.ctrlKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    if (this.moveTo(this.top + this.scroll.turned(event))) event.preventDefault();
  }

  pressed(event) {
    if (event.altKey || event.metaKey || event.target !== this.scroller) return;
    const key = event.key === " " ? (event.shiftKey ? "PageUp" : "PageDown") : event.key;
    const to = this.scroll.keyed(this.top, key);
    if (to === undefined) return;
    event.preventDefault();
    this.moveTo(to);
  }

  scrolled() {
    const px = this.scroller.scrollTop;
    if (Math.abs(px - this.scrolledTo) < 1) return; // our own doing
    this.scrolledTo = px;
    this.moveTo(this.scroll.topOf(px));
  }

  // What is being selected must not run away.
  keepSelection() {
    const selection = document.getSelection();
    if (!selection.isCollapsed && this.rows.root.contains(selection.anchorNode))
      this.setFollow(false);
  }

  // -- drawing, once a frame

  get scroll() {
    return new Scroll({ lines: this.n, rowPx: ROW_PX, viewPx: this.viewPx || 20 * ROW_PX });
  }

  draw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  paint() {
    const { scroll } = this,
      follow = this.model.get("follow");
    this.top = follow ? scroll.last : scroll.clamped(this.top);
    this.spacer.style.height = `${scroll.heightPx}px`;
    this.root.style.setProperty("--nw-log-letters", `${this.widest}ch`);
    this.sheet.style.height = `${scroll.viewPx}px`;
    const px = scroll.pxOf(this.top);
    if (Math.abs(px - this.scroller.scrollTop) >= 1) this.scroller.scrollTop = px;
    this.scrolledTo = this.scroller.scrollTop;
    this.paintRows(scroll);
    this.paintWords(follow);
    this.ask(scroll);
  }

  paintRows(scroll) {
    const faults = new Set(this.model.get("errors").numbers),
      [first, stop] = scroll.visible(this.top);
    this.root.style.setProperty("--nw-log-digits", `${counted(this.n).length}ch`);
    this.rows.draw(
      [first, stop],
      number => ({
        text: this.lines.get(number),
        needle: this.find.asked,
        at: number === this.at,
        error: faults.has(number),
      }),
      (first - this.top) * ROW_PX,
    );
    if (this.reveal && this.lines.has(this.at)) this.revealMatch();
    for (const number of this.lines.keys())
      if (number < first - 2 * scroll.rows || number > stop + 2 * scroll.rows)
        this.lines.delete(number);
  }

  // A match far to the right is brought into sight.
  revealMatch() {
    this.reveal = false;
    const match = this.rows.root.querySelector(".nw-log-at mark"),
      box = this.scroller.getBoundingClientRect();
    const { left, right } = match?.getBoundingClientRect() ?? box;
    if (!match) this.scroller.scrollLeft = 0;
    else if (right > box.right || left < box.left + 100)
      this.scroller.scrollLeft += left - box.left - box.width / 3;
  }

  paintWords(follow) {
    this.faults.show();
    this.find.show();
    this.follow.ariaPressed = String(follow);
    this.count.textContent = `${counted(this.n)} ${this.n === 1 ? "line" : "lines"}`;
    this.count.hidden = !this.n;
    this.empty.textContent = this.path.textContent ? "Nothing printed yet." : "No log to show.";
    this.empty.hidden = this.n > 0;
  }

  // Asks for lines before they come into sight; what is on its way is not asked for again.
  ask(scroll) {
    const [first, stop] = scroll.visible(this.top),
      margin = Math.floor(scroll.rows / 2);
    const wanted = [Math.max(0, first - margin), Math.min(this.n, stop + margin)];
    const isHere = number => this.lines.has(number) && number !== this.stale;
    const lacks = ([from, to]) => {
      for (let number = from; number < to; number += 1) if (!isHere(number)) return true;
      return false;
    };
    if (!lacks(this.model.get("follow") ? [first, stop] : wanted)) return;
    const asked = scroll.window(this.top);
    if (this.asked === `${asked.first} ${asked.count}`) return;
    this.asked = `${asked.first} ${asked.count}`;
    this.revision += 1;
    const { id: view, key: log, revision } = this;
    this.model.set("wanted", { view, log, revision, rows: scroll.rows + 1, ...asked });
    this.model.save_changes();
  }

  close() {
    for (const [name, hear] of Object.entries(this.heard)) this.model.off(name, hear);
    document.removeEventListener("selectionchange", this.selected);
    this.resized.disconnect();
    this.find.close();
    cancelAnimationFrame(this.frame);
  }
}

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
}

function render({ model, el }) {
  const view = new LogView(model, el);
  return () => view.close();
}

export default { initialize, render };
