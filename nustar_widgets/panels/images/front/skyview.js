// The sky view: both modules' images, the regions over them, and the editor of the regions.

const LEFT = 82; // room for declinations
const MARGIN = 8;
const THREE_BANDS = [
  [3, 10],
  [10, 20],
  [20, 79],
]; // red, green, blue
const BLINK_MS = 700;

class SkyView {
  constructor(model, el) {
    Object.assign(this, {
      model,
      store: storeOf(model),
      panes: [],
      frame: 0,
      dirty: {},
      look: null,
      blinking: null,
      shown: 0,
    });
    this.readout = element("div", { className: "nw-sky-readout", textContent: "\u00a0" });
    this.told = element("div", { className: "nw-sky-told", role: "status", ariaLive: "polite" });
    this.toolbar = new Toolbar({
      model,
      fit: () => this.fit(),
      zoom: factor => this.zoomBy(factor),
    });
    this.row = element("div", { className: "nw-sky-row" });
    this.colourBar = new ColourBar();
    const below = element("div", { className: "nw-sky-below" }, this.readout, this.colourBar.root);
    this.root = element(
      "div",
      { className: "nw-sky" },
      this.toolbar.root,
      this.row,
      below,
      keysHelp(),
      this.told,
    );
    this.root.dataset.lmSuppressShortcuts = "true"; // JupyterLab must not take b, d, s from us
    el.append(this.root);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(el);
    this.listen();
    this.rebuild();
  }

  listen() {
    const repaint = () => {
      this.toolbar.refresh();
      this.fill();
    };
    this.heard = [
      ["change:fields", () => this.rebuild()],
      ["change:regions", () => this.editor?.adopt()],
      [
        "change:band_kev change:three_colour change:stretch change:colours change:cuts change:smooth_pixels",
        repaint,
      ],
      [
        "change:outlines",
        () => {
          this.toolbar.refresh();
          this.draw({ image: true });
        },
      ],
      [
        "change:view",
        () => {
          this.toolbar.refresh();
          this.arrange();
        },
      ],
      [
        "change:looking_at",
        () => {
          if (!this.panning) {
            this.look = null;
            this.draw({ image: true });
          }
        },
      ],
      ["change:target change:sources change:proposal", () => this.draw({ image: true })],
    ];
    for (const [names, act] of this.heard) this.model.on(names, act);
    this.arrived = () => this.fill();
    this.store.listeners.add(this.arrived);
  }

  close() {
    for (const [names, act] of this.heard) this.model.off(names, act);
    this.store.listeners.delete(this.arrived);
    this.observer.disconnect();
    clearInterval(this.blinking);
    clearTimeout(this.settling);
    clearTimeout(this.editor?.timer);
    clearTimeout(this.editor?.rest);
    cancelAnimationFrame(this.frame);
    this.root.remove();
  }

  // -- panes

  rebuild() {
    const fields = this.model.get("fields");
    this.panes = Object.keys(fields)
      .sort()
      .map(module => Object.assign(new Pane(module), { field: fields[module] }));
    this.row.replaceChildren(...this.panes.map(pane => pane.root));
    this.editor = new Editor({
      model: this.model,
      panes: this.panes,
      draw: what => this.draw(what),
      say: text => {
        this.told.textContent = text;
      },
    });
    for (const pane of this.panes) this.panAndZoom(pane);
    this.root.oncopy = event => this.editor.copy(event);
    this.root.onpaste = event => this.editor.paste(event);
    this.look = this.size = null; // new panes have none yet
    this.toolbar.refresh();
    this.arrange();
    this.fill();
  }

  arrange() {
    const view = this.model.get("view"),
      only = this.panes.filter(pane => pane.module === view);
    clearInterval(this.blinking);
    this.visible = view === "both" || view === "blink" || !only.length ? this.panes : only;
    if (view === "blink" && this.panes.length > 1) {
      this.blinking = setInterval(() => {
        this.shown = 1 - this.shown;
        this.hideOthers(true);
      }, BLINK_MS);
    }
    this.hideOthers(view === "blink");
    this.resize();
  }

  hideOthers(blink) {
    this.panes.forEach((pane, i) => {
      pane.root.hidden =
        !this.visible.includes(pane) || (blink && this.panes.length > 1 && i !== this.shown);
    });
  }

  resize() {
    const width = this.root.clientWidth;
    if (!width || !this.panes.length) return; // a hidden tab: told again when it is shown
    const beside = this.model.get("view") === "blink" ? 1 : this.visible.length;
    const room = Math.floor((width - LEFT - beside * MARGIN - (beside - 1) * 10) / beside);
    // Not higher than leaves something of the window for the numbers.
    const size = Math.max(160, Math.min(460, Math.max(220, 0.42 * innerHeight), room));
    if (size !== this.size || beside !== this.beside) {
      Object.assign(this, { size, beside });
      this.panes.forEach(pane =>
        pane.resize(size, pane === this.visible[0] || beside === 1 ? LEFT : 10),
      );
    }
    this.draw({ image: true, names: true });
  }

  // -- images

  keys(module) {
    const field = this.model.get("fields")[module],
      bands = this.model.get("three_colour") ? THREE_BANDS : [this.model.get("band_kev")];
    return bands.map(([low, high]) => `${module}|${field.counted}|${low}-${high}`);
  }

  need(key) {
    const found = this.store.images.get(key);
    if (!found && !this.store.asked.has(key)) {
      this.store.asked.add(key);
      this.model.send({ kind: "want", key });
    }
    return found;
  }

  fill() {
    const { model } = this,
      [low, high] = model.get("cuts");
    const options = {
      stretch: model.get("stretch"),
      colours: model.get("colours"),
      sigma: model.get("smooth_pixels"),
      low,
      high,
    };
    const peaks = this.peaks(options.sigma);
    this.colourBar.show(peaks[0], options, model.get("three_colour"));
    for (const pane of this.panes) {
      const images = this.keys(pane.module).map(key => this.need(key));
      if (images.every(Boolean)) {
        pane.picture.paint(images, peaks, options);
        pane.images = images;
        pane.title.textContent = this.titleOf(pane);
      }
    }
    for (const pane of this.panes) {
      // asked for after the images: they take longer to make
      const chips = this.need(`${pane.module}|${pane.field.events}|chips`);
      if (chips && pane.chipsFrom !== chips) {
        pane.chips = chipBorders(chips);
        pane.chipsFrom = chips;
      }
    }
    this.draw({ image: true });
  }

  peaks(sigma) {
    // the highest pixel of any module, for each plane
    const all = this.panes
      .map(pane => this.keys(pane.module).map(key => this.store.images.get(key)))
      .filter(images => images.every(Boolean));
    return (all[0] || [null]).map((_, plane) =>
      Math.max(0, ...all.map(images => peakOf(smooth(images[plane], sigma)))),
    );
  }

  titleOf(pane) {
    const [low, high] = this.model.get("band_kev"),
      colour = this.model.get("three_colour");
    const words = colour
      ? THREE_BANDS.map((band, i) => `${band.join("\u2013")} ${["red", "green", "blue"][i]}`).join(
          ", ",
        ) + " keV"
      : `${low}\u2013${high} keV`;
    const total = pane.images.reduce(
      (sum, image) => sum + image.counts.reduce((a, b) => a + b, 0),
      0,
    );
    return `${pane.module} \u00b7 ${words} \u00b7 ${total.toLocaleString("en")} counts`;
  }

  // -- where one looks

  get place() {
    if (this.look) return this.look;
    const { ra, dec, arcsec } = this.model.get("looking_at"),
      field = this.panes[0].field;
    const pixels = arcsec / pixelArcsec(field.wcs);
    return { ra, dec, zoom: this.size / pixels };
  }

  goTo(place) {
    this.look = place;
    this.panning = true;
    this.draw({ image: true });
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.panning = false;
      const arcsec = (this.size / place.zoom) * pixelArcsec(this.panes[0].field.wcs);
      this.model.set("looking_at", { ra: place.ra, dec: place.dec, arcsec });
      this.model.save_changes();
    }, 250);
  }

  zoomBy(factor) {
    if (this.panes.length && this.size)
      this.goTo({ ...this.place, zoom: Math.max(0.05, Math.min(60, this.place.zoom * factor)) });
  }

  fit() {
    if (!this.panes.length || !this.size) return;
    const { wcs, window: box } = this.panes[0].field;
    const [ra, dec] = pixelToSky(wcs, box.x + (box.width - 1) / 2, box.y + (box.height - 1) / 2);
    this.goTo({ ra, dec, zoom: this.size / Math.max(box.width, box.height) });
  }

  panAndZoom(pane) {
    const svg = pane.svg;
    let from = null;
    svg.addEventListener("pointerdown", event => {
      if (event.button || this.editor.hold) return;
      from = { x: event.clientX, y: event.clientY, cx: pane.cx, cy: pane.cy };
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", event => {
      if (this.editor.hold) return;
      this.tellPlace(pane, event);
      if (!from) return;
      const [ra, dec] = pixelToSky(
        pane.field.wcs,
        from.cx - (event.clientX - from.x) / pane.zoom,
        from.cy + (event.clientY - from.y) / pane.zoom,
      );
      this.goTo({ ...this.place, ra, dec });
    });
    for (const over of ["pointerup", "pointercancel"])
      svg.addEventListener(over, () => {
        from = null;
      });
    svg.addEventListener("pointerleave", () => {
      this.readout.textContent = "\u00a0";
    });
    svg.addEventListener(
      "wheel",
      event => {
        event.preventDefault();
        const [x, y] = pane.pointer(event),
          zoom = Math.max(0.05, Math.min(60, this.place.zoom * Math.exp(-event.deltaY * 0.0015)));
        const keep = 1 - this.place.zoom / zoom,
          [ra, dec] = pixelToSky(
            pane.field.wcs,
            pane.cx + (x - pane.cx) * keep,
            pane.cy + (y - pane.cy) * keep,
          );
        this.goTo({ ra, dec, zoom });
      },
      { passive: false },
    );
  }

  tellPlace(pane, event) {
    const [x, y] = pane.pointer(event),
      [ra, dec] = pixelToSky(pane.field.wcs, x, y),
      { window: box } = pane.field;
    const column = Math.round(x) - box.x,
      row = Math.round(y) - box.y;
    const inside = column >= 0 && row >= 0 && column < box.width && row < box.height;
    const counts =
      pane.images && inside
        ? pane.images.reduce((sum, image) => sum + image.counts[row * box.width + column], 0)
        : 0;
    this.readout.textContent =
      `${pane.module}   RA ${sexagesimal(ra, { hours: true, digits: 2 })}   Dec ${sexagesimal(dec, { hours: false, digits: 1 })}   ` +
      `${ra.toFixed(5)} ${dec.toFixed(5)}\u00b0   X ${Math.round(x)}  Y ${Math.round(y)}   ${counts} counts`;
  }

  // -- drawing, once a frame

  draw(what) {
    Object.assign(this.dirty, what);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  paint() {
    if (!this.size || !this.panes.length) return;
    const { image, names } = this.dirty,
      { editor, model } = this;
    this.dirty = {};
    const module = editor.pending;
    editor.pending = null;
    if (module) editor.tell(module);
    for (const pane of this.panes) {
      if (pane.root.hidden && !this.blinking) continue;
      pane.look(this.place);
      if (image) {
        pane.paintImage({ outlines: model.get("outlines") });
        pane.paintAxes({ labelled: pane.left === LEFT });
        pane.paintMarks(model.get("target"), model.get("sources"));
        pane.paintGhosts(model.get("proposal")[pane.module] || []);
      }
      const shapes = editor.shapes(pane.module);
      pane.paintRegions(
        shapes,
        editor.chosen?.module === pane.module && editor.chosen.index < shapes.length
          ? editor.chosen.index
          : null,
      );
      if (names || image) pane.nameRegions(shapes);
    }
    this.root.dataset.revision = editor.revision;
    if (module)
      this.root.dispatchEvent(
        new CustomEvent("nw-moved", {
          detail: { revision: editor.revision, time: editor.dragTime },
        }),
      );
    editor.afterDraw?.();
    editor.afterDraw = null;
  }
}

function render({ model, el }) {
  const view = new SkyView(model, el);
  return () => view.close();
}

export default { initialize, render };
