// Lines that follow the hand, drawn over bqplot's figures of the plot this view is in.
//
// What belongs to the hand is drawn once a frame: from rungs of its slider where they are there,
// else the newest the kernel sent. Where nothing moves any more bqplot has been given the last
// lines: the canvases are lifted as soon as it has drawn them.

const MOST_FRAMES = 60; // that are waited for bqplot

class LiveLines {
  constructor(model, el) {
    Object.assign(this, { model, el, frame: 0, waited: 0, laid: "", canvases: [], hand: null });
    this.drawn = -1; // of which move the lines are
    this.heard = () => this.hear();
    this.handed = ({ detail }) => this.follow(detail);
    this.soon = () => {
      this.frame ||= requestAnimationFrame(() => this.guarded(() => this.paint()));
    };
    model.on("change:marks change:heights", this.heard);
    document.addEventListener("nw-hand", this.handed);
  }

  get isMoving() {
    return this.model.get("marks").length > 0;
  }

  hear() {
    this.waited = 0;
    if (this.isMoving) this.prepare();
    else this.hand = null;
    this.soon();
  }

  // Also before anything moves: bqplot's lines are seen until the first of ours are drawn.
  prepare() {
    const wanted = this.model.get("marks").join(" ");
    if (wanted === this.laid) return;
    this.lift();
    this.laid = wanted;
    this.guarded(() => this.lay(wanted));
  }

  // A slider of the table beside has moved, in this frame.
  follow(hand) {
    if (hand.table !== this.model.get("table") || !this.isMoving) return;
    this.hand = hand;
    const newest = this.newest();
    if (newest?.revision === hand.revision) this.guarded(() => this.draw(newest));
  }

  // What is to be drawn now, and of which move it is.
  newest() {
    const { model, hand } = this;
    const heights = hand && ladderOf(model)?.heights(hand);
    if (heights) return { heights, revision: hand.revision };
    const sent = unpacked(model.get("heights"));
    return sent.length ? { heights: sent, revision: model.get("revision") } : null;
  }

  async lay(wanted) {
    const views = await Promise.all(wanted.split(" ").map((one) => this.viewOf(one)));
    if (this.laid !== wanted) return; // overtaken
    for (const view of views) this.canvasOver(view.parent).take(view);
    for (const canvas of this.canvases) canvas.lay(this.soon);
    this.soon();
  }

  canvasOver(figure) {
    const known = this.canvases.find((canvas) => canvas.figure === figure);
    if (!known) this.canvases.push(new LineCanvas(figure));
    return known ?? this.canvases.at(-1);
  }

  // The view of a mark in this plot; another page or output may show more of them.
  async viewOf(reference) {
    const manager = this.model.widget_manager;
    const mark = await manager.get_model(reference.replace("IPY_MODEL_", ""));
    const views = await Promise.all(Object.values(mark.views));
    const plot = this.el.closest(".nw-fit-figure");
    const found = views.find(({ el }) => plot.contains(el));
    if (!found) throw new Error("bqplot's lines are not in this plot");
    return found;
  }

  paint() {
    this.frame = 0;
    if (this.isMoving) this.draw();
    else if ((this.waited += 1) < 2 || (this.isAwaited && this.waited < MOST_FRAMES)) this.soon();
    else this.lift();
  }

  draw(newest = this.newest()) {
    const lines = this.canvases.flatMap((canvas) => canvas.lines);
    if (!lines.length) return; // not laid yet
    if (newest?.revision >= this.drawn) this.take(newest, lines); // else overtaken by what is drawn
    if (this.drawn < 0) return; // nothing has moved
    for (const canvas of this.canvases) canvas.draw(this.drawn);
  }

  take({ heights, revision }, lines) {
    const lengths = lines.map(({ xs }) => xs.length);
    rowsOf(heights, lengths).forEach((ys, i) => (lines[i].ys = ys));
    this.drawn = revision;
  }

  get isAwaited() {
    return this.canvases.some((canvas) => canvas.isAwaited);
  }

  lift() {
    Object.assign(this, { laid: "", drawn: -1 });
    for (const canvas of this.canvases.splice(0)) canvas.lift();
  }

  // What cannot be drawn here is drawn by bqplot.
  async guarded(act) {
    try {
      await act();
    } catch (error) {
      console.warn("nustar_widgets draws moving lines the slow way:", error);
      this.lift();
      this.model.set("has_lines", false);
      this.model.save_changes();
    }
  }

  remove() {
    cancelAnimationFrame(this.frame);
    document.removeEventListener("nw-hand", this.handed);
    this.model.off("change:marks change:heights", this.heard);
    this.lift();
  }
}

function render({ model, el }) {
  Object.assign(el.style, { height: "0", margin: "0" });
  const lines = new LiveLines(model, el);
  return () => lines.remove();
}

// Ladders of sliders under the hand, by their id: one for all views of a model, filled by messages.
const ladders = new Map();

function ladderOf(model) {
  return ladders.get(model.get("ladder").id) ?? null;
}

function initialize({ model }) {
  let id = "";
  const begin = () => {
    const told = model.get("ladder");
    ladders.delete(id);
    if (told.id) ladders.set((id = told.id), new Ladder(told));
  };
  const add = ({ id, numbers }, buffers) => {
    const rungs = ladders.get(id)?.rungs; // none of a ladder that is over
    numbers.forEach((number, i) => rungs?.set(number, unpacked(buffers[i])));
  };
  model.on("change:ladder", begin);
  model.on("msg:custom", add);
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
}

export default { initialize, render };
