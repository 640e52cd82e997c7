// One module's image with its axes and everything drawn over it.

const SVG = "http://www.w3.org/2000/svg";

function node(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  parent?.appendChild(made);
  return made;
}

let panesMade = 0;

class Pane {
  constructor(module) {
    this.module = module;
    this.picture = new Picture();
    this.chips = null;
    this.drawn = new Map(); // region id -> its elements
    this.title = element("div", { className: "nw-sky-title" });
    this.image = element("canvas", { className: "nw-sky-image" });
    this.svg = node("svg", {
      class: "nw-sky-overlay",
      role: "group",
      tabindex: "-1",
      "aria-label": `Regions on ${module}`,
    });
    const clip = `nw-clip-${++panesMade}`;
    this.clip = node("rect", {}, node("clipPath", { id: clip }, this.svg));
    const inside = node("g", { "clip-path": `url(#${clip})` }, this.svg);
    this.ground = node("rect", { class: "nw-sky-ground", fill: "transparent" }, inside);
    this.marks = node("g", { class: "nw-sky-marks" }, inside);
    this.ghosts = node("g", { class: "nw-sky-ghosts" }, inside);
    this.regions = node("g", { class: "nw-sky-regions" }, inside);
    this.grips = node("g", { class: "nw-sky-grips" }, inside);
    this.axes = node("g", { class: "nw-sky-axes", "aria-hidden": "true" }, this.svg);
    this.root = element(
      "div",
      { className: "nw-sky-pane" },
      this.title,
      element("div", { className: "nw-sky-frame" }, this.image, this.svg),
    );
    this.root.dataset.module = module;
  }

  // -- geometry: the middle of the frame is one place on the sky, `zoom` screen pixels a sky pixel

  resize(size, left) {
    this.size = size;
    this.left = left;
    const ratio = window.devicePixelRatio || 1;
    this.image.width = this.image.height = Math.round(size * ratio);
    Object.assign(this.image.style, { width: `${size}px`, height: `${size}px`, left: `${left}px` });
    const width = left + size + 2,
      height = size + 36;
    for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
      this.svg.setAttribute(key, value);
    for (const box of [this.clip, this.ground])
      for (const [key, value] of Object.entries({ x: left, y: 0, width: size, height: size }))
        box.setAttribute(key, value);
    this.root.style.width = `${width}px`;
  }

  look({ ra, dec, zoom }) {
    this.zoom = zoom;
    [this.cx, this.cy] = skyToPixel(this.field.wcs, ra, dec);
  }

  toScreen = (x, y) => [
    this.left + this.size / 2 + (x - this.cx) * this.zoom,
    this.size / 2 - (y - this.cy) * this.zoom,
  ];
  toPixel = (px, py) => [
    this.cx + (px - this.left - this.size / 2) / this.zoom,
    this.cy - (py - this.size / 2) / this.zoom,
  ];

  pointer(event, box = this.svg.getBoundingClientRect()) {
    return this.toPixel(event.clientX - box.left, event.clientY - box.top);
  }

  // -- the image

  paintImage({ outlines }) {
    const context = this.image.getContext("2d"),
      ratio = this.image.width / this.size,
      { window: box } = this.field;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = false;
    context.fillStyle = this.picture.nothing;
    context.fillRect(0, 0, this.size, this.size);
    const [x, y] = this.toScreen(box.x - 0.5, box.y + box.height - 0.5);
    if (this.picture.canvas.width > 1)
      context.drawImage(
        this.picture.canvas,
        x - this.left,
        y,
        box.width * this.zoom,
        box.height * this.zoom,
      );
    if (!outlines || !this.chips) return;
    const [ox, oy] = this.toScreen(box.x, box.y);
    context.transform(this.zoom, 0, 0, -this.zoom, ox - this.left, oy);
    context.lineWidth = 1.2 / this.zoom;
    context.strokeStyle = "rgba(255,255,255,0.55)";
    context.stroke(this.chips);
  }

  paintAxes({ labelled }) {
    const { wcs } = this.field,
      { size, left } = this,
      scale = pixelArcsec(wcs) / this.zoom,
      g = this.axes;
    g.replaceChildren();
    node("rect", { x: left, y: 0, width: size, height: size, class: "nw-sky-border" }, g);
    const below = edgeTicks(t => pixelToSky(wcs, ...this.toPixel(left + t * size, size))[0], {
      hours: true,
      wanted: 4,
      gap: 78 / size,
    });
    for (const { t, text } of below) {
      const x = left + t * size;
      node("path", { d: `M${x} ${size}v-6`, class: "nw-sky-tick" }, g);
      if (x - left > 30 && x - left < size - 24)
        node("text", { x, y: size + 14, "text-anchor": "middle" }, g).textContent = text;
    }
    const beside = edgeTicks(t => pixelToSky(wcs, ...this.toPixel(left, t * size))[1], {
      hours: false,
      wanted: 5,
      gap: 24 / size,
    });
    for (const { t, text } of beside) {
      const y = t * size;
      node("path", { d: `M${left} ${y}h6`, class: "nw-sky-tick" }, g);
      if (labelled && y > 6)
        node("text", { x: left - 4, y: y + 4, "text-anchor": "end" }, g).textContent = text;
    }
    node(
      "text",
      { x: left + size / 2, y: size + 30, "text-anchor": "middle", class: "nw-sky-axis" },
      g,
    ).textContent = "Right ascension (J2000)";
    if (labelled)
      node(
        "text",
        {
          transform: `translate(9 ${size / 2}) rotate(-90)`,
          "text-anchor": "middle",
          class: "nw-sky-axis",
        },
        g,
      ).textContent = "Declination (J2000)";
    this.paintScale(g, scale);
    this.paintCompass(g);
  }

  paintScale(g, arcsecPerPixel) {
    const lengths = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600],
      length = lengths.findLast(l => l / arcsecPerPixel <= 110) || 1;
    const width = length / arcsecPerPixel,
      x = this.left + 12,
      y = this.size - 14;
    node("path", { d: `M${x} ${y - 4}v8m0 -4h${width}m0 -4v8`, class: "nw-sky-scale" }, g);
    const text = length >= 60 ? `${length / 60}\u2032` : `${length}\u2033`;
    node(
      "text",
      { x: x + width / 2, y: y - 8, "text-anchor": "middle", class: "nw-sky-scale-text" },
      g,
    ).textContent = text;
  }

  paintCompass(g) {
    const x = this.left + this.size - 30,
      y = this.size - 18,
      turn = this.field.wcs.rotation * DEG,
      length = 26;
    for (const [letter, angle] of [
      ["N", Math.PI / 2 - turn],
      ["E", Math.PI - turn],
    ]) {
      const [u, v] = [Math.cos(angle), -Math.sin(angle)];
      node(
        "path",
        { d: `M${x} ${y}L${x + u * length} ${y + v * length}`, class: "nw-sky-scale" },
        g,
      );
      node(
        "text",
        {
          x: x + u * (length + 8),
          y: y + v * (length + 8) + 4,
          "text-anchor": "middle",
          class: "nw-sky-scale-text",
        },
        g,
      ).textContent = letter;
    }
  }

  // -- over the image

  paintMarks(target, sources) {
    this.marks.replaceChildren();
    const place = (ra, dec) => this.toScreen(...skyToPixel(this.field.wcs, ra, dec));
    const cross = (x, y, r) =>
      `M${x - r} ${y}h${r - 4}m8 0h${r - 4}M${x} ${y - r}v${r - 4}m0 8v${r - 4}`;
    if (Number.isFinite(target.ra)) {
      const [x, y] = place(target.ra, target.dec);
      if (Number.isFinite(x))
        node("path", { d: cross(x, y, 12), class: "nw-sky-target" }, this.marks).appendChild(
          tooltip(target.name),
        );
    }
    sources.forEach((source, i) => {
      const [x, y] = place(source.ra, source.dec);
      if (!Number.isFinite(x)) return;
      node(
        "path",
        { d: `M${x - 7} ${y}L${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}Z`, class: "nw-sky-source" },
        this.marks,
      ).appendChild(tooltip(source.label));
      node("text", { x: x + 9, y: y - 6, class: "nw-sky-source-text" }, this.marks).textContent =
        String(i + 1);
    });
  }

  paintGhosts(shapes) {
    this.ghosts.replaceChildren();
    for (const shape of shapes)
      node(
        "path",
        { d: outline(shape, this.field.wcs, this.toScreen, this.zoom), class: "nw-sky-ghost" },
        this.ghosts,
      );
  }

  paintRegions(shapes, chosen) {
    const seen = new Set();
    shapes.forEach((shape, i) => {
      const id = `${this.module}-${i}`;
      seen.add(id);
      this.paintRegion(this.drawn.get(id) || this.newRegion(id, i), shape, i === chosen);
    });
    for (const [id, parts] of this.drawn)
      if (!seen.has(id)) {
        parts.group.remove();
        this.drawn.delete(id);
      }
    this.paintGrips(chosen === null ? null : shapes[chosen], chosen);
  }

  newRegion(id, index) {
    const group = node(
      "g",
      { class: "nw-region", tabindex: "0", role: "button", "aria-roledescription": "region" },
      this.regions,
    );
    Object.assign(group.dataset, { region: id, index });
    const path = extra => node("path", { "fill-rule": "evenodd", ...extra }, group);
    const parts = {
      group,
      halo: path({ class: "nw-halo", fill: "none" }),
      line: path({ class: "nw-outline", fill: "none" }),
      // Only felt, never painted: hence neither fill nor stroke.
      body: path({ class: "nw-body", fill: "none" }),
      edge: path({ class: "nw-edge", fill: "none", stroke: "none", "stroke-width": 10 }),
      label: node("text", { class: "nw-region-label" }, group),
    };
    this.drawn.set(id, parts);
    return parts;
  }

  paintRegion(parts, shape, chosen) {
    const d = outline(shape, this.field.wcs, this.toScreen, this.zoom);
    if (parts.d !== d)
      for (const part of [parts.halo, parts.line, parts.body, parts.edge])
        part.setAttribute("d", d);
    parts.d = d;
    const look = `nw-region nw-${shape.role}${shape.include ? "" : " nw-excluded"}${chosen ? " nw-chosen" : ""}`;
    if (parts.look !== look) parts.group.setAttribute("class", (parts.look = look));
    const [px, py] = topOf(shape, this.field.wcs),
      [x, y] = this.toScreen(px, py);
    if (!Number.isFinite(x)) return;
    parts.label.setAttribute("x", x.toFixed(1));
    parts.label.setAttribute("y", (y - 5).toFixed(1));
    const letter = roleLetter(shape);
    if (parts.letter !== letter) parts.label.textContent = parts.letter = letter;
  }

  // The region under the mouse; of several the smallest, which lies in the others.
  regionAt(event) {
    const box = this.svg.getBoundingClientRect(),
      point = new DOMPoint(event.clientX - box.left, event.clientY - box.top);
    const area = parts => {
      const { width, height } = parts.body.getBBox();
      return width * height;
    };
    const hit = [...this.drawn.values()]
      .map(parts => ({ ...parts, onEdge: parts.edge.isPointInStroke(point) }))
      .filter(parts => parts.onEdge || parts.body.isPointInFill(point))
      .sort((a, b) => area(a) - area(b))[0];
    return hit ? { ...hit, index: Number(hit.group.dataset.index) } : null;
  }

  nameRegions(shapes) {
    // what a screen reader says; not needed sixty times a second
    shapes.forEach((shape, i) =>
      this.drawn.get(`${this.module}-${i}`)?.group.setAttribute("aria-label", describe(shape)),
    );
  }

  paintGrips(shape, index) {
    const grips = shape ? handles(shape, this.field.wcs, 16 / this.zoom) : [];
    while (this.grips.children.length > grips.length) this.grips.lastChild.remove();
    grips.forEach((grip, i) => {
      const [x, y] = this.toScreen(...grip.at),
        mark = this.grips.children[i] || node("circle", { r: 5 }, this.grips);
      mark.setAttribute("cx", x);
      mark.setAttribute("cy", y);
      mark.style.cursor = grip.cursor;
      mark.setAttribute("class", grip.name === "turn" ? "nw-grip nw-grip-turn" : "nw-grip");
      Object.assign(mark.dataset, { grip: grip.name, index });
    });
  }
}

function tooltip(text) {
  const title = document.createElementNS(SVG, "title");
  title.textContent = text || "";
  return title;
}
