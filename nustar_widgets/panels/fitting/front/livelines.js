// Lines that follow the hand, drawn over bqplot's figures of the plot this view is in.
//
// The newest heights are drawn, once a frame. Where there are none any more, bqplot has been given
// the last ones: the canvases are lifted as soon as it has drawn them.

const MOST_FRAMES = 60; // that are waited for bqplot

class LiveLines {
  constructor(model, el) {
    Object.assign(this, { model, el, frame: 0, waited: 0, laid: "", canvases: [] });
    this.heard = () => this.hear();
    this.soon = () => {
      this.frame ||= requestAnimationFrame(() => this.guarded(() => this.paint()));
    };
    model.on("change:heights", this.heard);
  }

  get isMoving() {
    return this.model.get("heights").byteLength > 0;
  }

  hear() {
    const wanted = this.model.get("marks").join(" ");
    if (this.isMoving && wanted !== this.laid) {
      this.lift();
      this.laid = wanted;
      this.guarded(() => this.lay(wanted));
    }
    this.waited = 0;
    this.soon();
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

  draw() {
    const lines = this.canvases.flatMap((canvas) => canvas.lines);
    if (!lines.length) return;
    const rows = unpackedRows(
      this.model.get("heights"),
      lines.map(({ xs }) => xs.length),
    );
    rows.forEach((ys, i) => (lines[i].ys = ys));
    for (const canvas of this.canvases) canvas.draw();
  }

  get isAwaited() {
    return this.canvases.some((canvas) => canvas.isAwaited);
  }

  lift() {
    this.laid = "";
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
    this.model.off("change:heights", this.heard);
    this.lift();
  }
}

function render({ model, el }) {
  Object.assign(el.style, { height: "0", margin: "0" });
  const lines = new LiveLines(model, el);
  return () => lines.remove();
}

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
}

export default { initialize, render };
