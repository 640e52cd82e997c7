// Regions under the hand: mouse and keyboard change a local copy that is drawn at once; the kernel
// is told through one trait that keeps a single message in flight and always sends the newest.
//
// A finished change must not be lost when a new one begins before the message is away: finished
// changes stay in `commits` until the kernel has answered with their revision.

const NEW_ARCSEC = 60;
const REST_MS = 150;
const KEY_PAUSE_MS = 350; // after the last key a nudge is one finished change
const NUDGES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

class Editor {
  constructor({ model, panes, draw, say }) {
    Object.assign(this, { model, panes, draw, say, waiting: [] });
    this.revision = model.get("regions").revision || 0;
    this.local = null; // shapes by module while they differ from the kernel's
    this.commits = [];
    this.chosen = null; // { module, index }
    this.hold = null;
    for (const pane of panes) this.listen(pane);
  }

  shapes(module) {
    return (this.local || this.model.get("regions"))[module] || [];
  }

  get linked() {
    return this.model.get("regions").linked;
  }

  // -- what the kernel says

  adopt() {
    // regions of the session have arrived
    const answered = this.model.get("regions").revision || 0;
    this.commits = this.commits.filter(commit => commit.revision > answered);
    if (!this.commits.length) for (const kind of this.waiting.splice(0)) this.model.send({ kind });
    if (this.hold || this.timer || this.commits.length) return;
    this.revision = Math.max(this.revision, answered);
    const before = this.chosen && this.shapes(this.chosen.module)[this.chosen.index];
    this.local = null;
    this.follow(before);
    this.draw({ names: true });
  }

  follow(shape) {
    // the chosen shape may stand elsewhere in the list now
    if (!this.chosen) return;
    const { module, index } = this.chosen,
      shapes = this.shapes(module),
      wanted = JSON.stringify(shape);
    const found = shapes.findIndex(other => JSON.stringify(other) === wanted);
    const next = found >= 0 ? found : index < shapes.length ? index : null;
    const pane = this.panes.find(item => item.module === module);
    const focused = pane?.regions.contains(document.activeElement);
    this.chosen = next === null ? null : { module, index: next };
    if (focused && next !== index)
      this.afterDraw = () => pane.regions.children[next ?? 0]?.focus({ preventScroll: true });
  }

  // -- changes

  change(module, index, edit) {
    const shapes = this.shapes(module).map((shape, i) => (i === index ? edit(shape) : shape));
    this.replace(module, shapes);
  }

  replace(module, shapes) {
    const regions = this.model.get("regions");
    this.local = {
      ...(this.local || { FPMA: regions.FPMA, FPMB: regions.FPMB }),
      [module]: shapes,
    };
    const other = module === "FPMA" ? "FPMB" : "FPMA",
      pane = this.panes.find(item => item.module === module);
    if (regions.linked) {
      const sign = module === "FPMA" ? 1 : -1;
      this.local[other] = followed(
        shapes,
        pane.field.wcs,
        regions.offset.map(value => sign * value),
      );
    }
    this.draw({});
  }

  // Sent once a frame at most, from the frame that draws it; again when the hand rests, because
  // while it moves the kernel lets some plots wait.
  tell(module, resting = false) {
    clearTimeout(this.rest);
    this.revision += 1;
    this.send({
      revision: this.revision,
      module,
      shapes: structuredClone(this.shapes(module)),
      resting,
    });
    if (!resting)
      this.rest = setTimeout(() => {
        if (this.local) {
          this.tell(module, true);
          this.draw({});
        }
      }, REST_MS);
  }

  finish(module, label) {
    clearTimeout(this.timer);
    clearTimeout(this.rest);
    this.timer = null;
    this.revision += 1;
    this.commits.push({
      revision: this.revision,
      module,
      label,
      shapes: structuredClone(this.shapes(module)),
    });
    this.send({ revision: this.revision, module, shapes: null });
    this.draw({ names: true });
  }

  send(state) {
    this.model.set("drag", { ...state, commits: this.commits.slice() });
    this.model.save_changes();
  }

  giveUp() {
    document.body.classList.remove("nw-moving");
    if (!this.local) return;
    clearTimeout(this.timer);
    clearTimeout(this.rest);
    this.timer = this.hold = null;
    this.local = null;
    this.revision += 1;
    this.send({ revision: this.revision, module: "", shapes: null });
    this.draw({ names: true });
  }

  // -- mouse

  listen(pane) {
    const svg = pane.svg;
    svg.addEventListener("pointerdown", event => this.press(pane, event));
    svg.addEventListener("pointermove", event => this.drag(pane, event));
    svg.addEventListener("pointerup", event => this.release(pane, event));
    svg.addEventListener("pointercancel", () => {
      this.hold = null;
      this.giveUp();
    });
    svg.addEventListener("dblclick", event =>
      event.target.closest(".nw-region")
        ? this.addCorner(pane, event)
        : this.add(pane, ...pane.pointer(event)),
    );
    svg.addEventListener("keydown", event => this.key(pane, event));
    svg.addEventListener("focusin", event => {
      const index = event.target.dataset?.index;
      if (index !== undefined) this.choose(pane.module, Number(index));
    });
  }

  choose(module, index) {
    if (this.chosen?.module === module && this.chosen.index === index) return;
    this.chosen = { module, index };
    this.say(describe(this.shapes(module)[index]));
    this.draw({});
  }

  press(pane, event) {
    if (event.button) return;
    const grip = event.target.dataset?.grip,
      found = grip ? null : pane.regionAt(event),
      at = pane.pointer(event);
    if (!grip && !found) return; // the sky: panning is not ours
    event.preventDefault();
    event.stopPropagation();
    pane.svg.setPointerCapture(event.pointerId);
    const index = grip ? Number(event.target.dataset.index) : found.index,
      shape = this.shapes(pane.module)[index];
    if (event.shiftKey && grip?.startsWith("corner")) {
      this.dropCorner(pane, index, Number(grip.slice(6)));
      return;
    }
    this.choose(pane.module, index);
    found?.group.focus({ preventScroll: true });
    const what = grip || (found.onEdge ? edgeGrip(shape, pane, at) : "move");
    // Asking for the place of the image at each move would make the page lay itself out each time.
    const box = pane.svg.getBoundingClientRect();
    this.hold = { pane, index, what, start: at, shape, box, moved: false };
  }

  drag(pane, event) {
    const hold = this.hold;
    if (!hold || hold.pane !== pane) return;
    const at = pane.pointer(event, hold.box),
      { wcs } = pane.field;
    if (!hold.moved) document.body.classList.add("nw-moving"); // plots may be drawn coarsely
    hold.moved = true;
    this.change(pane.module, hold.index, () => dragged(hold, wcs, at));
    this.pending = pane.module;
    this.dragTime = performance.now();
  }

  release(pane) {
    const hold = this.hold;
    if (!hold) return;
    this.hold = null;
    this.pending = null;
    document.body.classList.remove("nw-moving");
    if (hold.moved)
      this.finish(
        pane.module,
        `${hold.what === "move" ? "move" : hold.what === "turn" ? "rotate" : "resize"} ${roleName(hold.shape)}`,
      );
  }

  // -- keyboard, as in DS9

  key(pane, event) {
    // The chosen one, not the one the focus is still on: an answer may just have changed the order.
    const onRegion = event.target.dataset?.index !== undefined,
      index = onRegion && this.chosen?.module === pane.module ? this.chosen.index : NaN;
    if ((event.ctrlKey || event.metaKey) && ["z", "y"].includes(event.key.toLowerCase())) {
      this.step(event.key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo");
    } else if (event.key === "Escape") this.giveUp();
    else if (
      Number.isNaN(index) ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      !this.command(pane, index, event)
    )
      return;
    event.preventDefault();
    event.stopPropagation();
  }

  step(kind) {
    // never before what it is to take back
    if (this.timer) this.giveUp();
    else if (this.commits.length) this.waiting.push(kind);
    else this.model.send({ kind });
  }

  command(pane, index, event) {
    const {
        module,
        field: { wcs },
      } = pane,
      shape = this.shapes(module)[index],
      far = event.shiftKey ? 10 : 1;
    const name = roleName(shape),
      step = pixelArcsec(wcs) * far;
    const nudge = NUDGES[event.key];
    if (nudge)
      this.later(module, index, s => moved(s, wcs, nudge[0] * far, nudge[1] * far), `move ${name}`);
    else if (["+", "="].includes(event.key))
      this.later(module, index, s => grown(s, wcs, step), `resize ${name}`);
    else if (["-", "_"].includes(event.key))
      this.later(module, index, s => grown(s, wcs, -step), `resize ${name}`);
    else if (event.key === "[" || event.key === "]")
      this.later(module, index, s => rotated(s, event.key === "[" ? -5 : 5), `rotate ${name}`);
    else if (event.key === "s")
      this.atOnce(
        module,
        index,
        s => ({ ...s, role: "source", include: true }),
        "make it the source",
      );
    else if (event.key === "b")
      this.atOnce(
        module,
        index,
        s => ({ ...s, role: "background", include: true }),
        "make it background",
      );
    else if (event.key === "e")
      this.atOnce(
        module,
        index,
        s => ({ ...s, include: !s.include }),
        shape.include ? `exclude from ${shape.role}` : `include in ${shape.role}`,
      );
    else if (event.key === "d") this.duplicate(pane, index);
    else if (event.key === "a") this.add(pane, pane.cx, pane.cy);
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(module, index);
    else return false;
    return true;
  }

  later(module, index, edit, label) {
    if (this.timer && this.label !== label) this.finish(module, this.label);
    this.label = label;
    this.change(module, index, edit);
    this.pending = module;
    this.dragTime = performance.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.finish(module, label), KEY_PAUSE_MS);
  }

  atOnce(module, index, edit, label) {
    this.change(module, index, edit);
    this.finish(module, label);
    this.say(describe(this.shapes(module)[index]));
  }

  remove(module, index) {
    const shapes = this.shapes(module),
      name = roleName(shapes[index]);
    this.chosen = null;
    this.replace(
      module,
      shapes.filter((_, i) => i !== index),
    );
    this.finish(module, `delete ${name}`);
    this.panes.find(pane => pane.module === module)?.regions.firstChild?.focus();
  }

  duplicate(pane, index) {
    const shapes = this.shapes(pane.module),
      copy = moved(shapes[index], pane.field.wcs, 12, -12);
    this.replace(pane.module, [...shapes, copy]);
    this.finish(pane.module, `duplicate ${roleName(copy)}`);
    this.focusOn(pane, shapes.length);
  }

  add(pane, x, y) {
    // a circle; the source where there is none yet
    const shapes = this.shapes(pane.module),
      [ra, dec] = pixelToSky(pane.field.wcs, x, y);
    const role = shapes.some(shape => shape.role === "source" && shape.include)
      ? "background"
      : "source";
    this.replace(pane.module, [
      ...shapes,
      { kind: "circle", role, include: true, ra, dec, size: [NEW_ARCSEC] },
    ]);
    this.finish(pane.module, `add ${role}`);
    this.focusOn(pane, shapes.length);
  }

  focusOn(pane, index) {
    this.choose(pane.module, index);
    this.afterDraw = () => pane.regions.children[index]?.focus({ preventScroll: true });
  }

  // -- clipboard: the region of the chosen shape's role, as the text of a region file

  copy(event) {
    const { module, index } = this.chosen || {},
      shape = module && this.shapes(module)[index];
    if (!shape || !event.target.closest?.(".nw-sky-pane")) return;
    event.clipboardData.setData(
      "text/plain",
      this.model.get("regions").texts?.[module]?.[shape.role] || "",
    );
    event.preventDefault();
    this.say(`copied the ${shape.role} region of ${module}`);
  }

  paste(event) {
    const pane = event.target.closest?.(".nw-sky-pane");
    if (!pane) return;
    const { module } = pane.dataset,
      shape = this.chosen && this.shapes(module)[this.chosen.index];
    this.model.send({
      kind: "paste",
      module,
      role: shape ? shape.role : "source",
      text: event.clipboardData.getData("text/plain"),
    });
    event.preventDefault();
  }

  // -- corners of polygons

  addCorner(pane, event) {
    const index = pane.regionAt(event)?.index,
      shape = this.shapes(pane.module)[index];
    if (!shape?.vertices) return;
    const at = pane.pointer(event),
      corners = inPixels(shape, pane.field.wcs).corners;
    const after = nearestSide(corners, at),
      vertices = shape.vertices.slice();
    vertices.splice(after + 1, 0, pixelToSky(pane.field.wcs, ...at));
    this.atOnce(pane.module, index, s => ({ ...s, vertices }), "add a corner");
  }

  dropCorner(pane, index, corner) {
    const vertices = this.shapes(pane.module)[index].vertices.filter((_, i) => i !== corner);
    if (vertices.length >= 3)
      this.atOnce(pane.module, index, s => ({ ...s, vertices }), "remove a corner");
  }
}
