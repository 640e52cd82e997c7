// A canvas over one of bqplot's figures, on which lines of some of its marks are drawn instead.
// Places, scales and looks are those of the views bqplot has made of the marks.

// What a line looks like on the screen now, whatever styles and themes say.
function lookOf(line) {
  const { stroke, strokeWidth, strokeDasharray, opacity } = getComputedStyle(line);
  return {
    stroke,
    width: parseFloat(strokeWidth),
    dashes: strokeDasharray === "none" ? [] : strokeDasharray.split(",").map(parseFloat),
    opacity: Number(opacity),
  };
}

const isLog = ({ model }) => model.get("_model_name") === "LogScaleModel";

// Where a line's points are across the figure; kept while the axis is the same.
function placesOf(line) {
  const { scale } = line.view.scales.x;
  const axis = [...scale.domain(), ...scale.range()].join(" ");
  if (line.axis !== axis) Object.assign(line, { axis, places: Float64Array.from(line.xs, scale) });
  return line.places;
}

// A scale as offset and slope, of values or of their logarithms.
function straightOf(scale) {
  const [low, high] = scale.scale.domain().map((end) => (isLog(scale) ? Math.log10(end) : end));
  const [from, to] = scale.scale.range();
  const slope = (to - from) / (high - low);
  return { offset: from - slope * low, slope };
}

class LineCanvas {
  constructor(figure) {
    Object.assign(this, { figure, unfollow: () => {} });
    this.lines = []; // of each: { view, xs, ys, look, isStep }; ys as they stand on the axis
    this.node = element("canvas", { className: "nw-live-lines" });
    this.node.style.cssText = "position: absolute; left: 0; top: 0; pointer-events: none";
    this.paper = this.node.getContext("2d");
  }

  // Take a mark: its lines will be drawn here.
  take(view) {
    const drawn = [...view.el.querySelectorAll("path.line")];
    const x = view.model.get("x");
    const rows = typeof x[0] === "number" ? [x] : x; // one row is not in a list
    const isStep = view.model.get("interpolation") === "step-after";
    this.lines.push(
      ...rows.map((xs, i) => ({ view, xs, ys: null, look: lookOf(drawn[i]), isStep })),
    );
    view.set_ranges(); // bqplot itself does so when it draws next
  }

  // changed: told when the figure has another size or shows other ranges.
  lay(changed) {
    const scales = this.lines.flatMap(({ view }) => [view.scales.x, view.scales.y]);
    for (const scale of new Set(scales)) scale.on("domain_changed", changed);
    this.figure.on("margin_updated", changed);
    this.unfollow = () => {
      for (const scale of scales) scale.off("domain_changed", changed);
      this.figure.off("margin_updated", changed);
    };
  }

  // In the place of bqplot's lines from now on.
  show() {
    for (const { view } of this.lines) view.el.style.visibility = "hidden";
    this.figure.el.append(this.node);
  }

  lift() {
    this.unfollow();
    for (const { view } of this.lines) view.el.style.visibility = "";
    this.node.remove();
  }

  // Whether bqplot still has to draw what its marks were given: it does so with a transition.
  get isAwaited() {
    const waits = ({ view }) =>
      [...view.el.querySelectorAll("path.line")].some((line) => line.__transition);
    return this.lines.some(waits);
  }

  // revision: of which move of the hand the lines are.
  draw(revision) {
    const { paper, node } = this;
    if (!node.isConnected) this.show();
    const { left, top, width, height } = this.placed();
    paper.clearRect(0, 0, node.width, node.height);
    paper.save();
    paper.scale(window.devicePixelRatio, window.devicePixelRatio);
    paper.translate(left, top);
    paper.beginPath();
    paper.rect(0, 0, width, height);
    paper.clip();
    paper.miterLimit = 4; // as in SVG
    for (const line of this.lines) this.stroke(line);
    paper.restore();
    node.dataset.revision = revision;
  }

  stroke(line) {
    const { paper } = this;
    const { view, ys, look, isStep } = line;
    Object.assign(paper, {
      strokeStyle: look.stroke,
      lineWidth: look.width,
      globalAlpha: look.opacity,
    });
    paper.setLineDash(look.dashes);
    paper.beginPath();
    traceLine(paper, placesOf(line), ys, straightOf(view.scales.y), isStep);
    paper.stroke();
  }

  // Make the canvas as large as the figure; tell where the plot is in it.
  placed() {
    const whole = this.figure.el.getBoundingClientRect();
    const plot = this.figure.el.querySelector(".plotarea_events").getBoundingClientRect();
    for (const side of ["width", "height"]) {
      const size = wholePixels(whole[side], window.devicePixelRatio);
      const n = Math.round(size * window.devicePixelRatio);
      if (this.node[side] !== n) this.node[side] = n;
      this.node.style[side] = `${size}px`;
    }
    const [left, top] = [plot.left - whole.left, plot.top - whole.top];
    return { left, top, width: plot.width, height: plot.height };
  }
}
