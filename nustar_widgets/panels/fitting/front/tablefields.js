// Fields one types into, and the slider; each tells the hand and shows what it is told.

function setField(input, text) {
  if (input.value !== text) input.value = text; // leaves the caret where it is
}

// A field of a row: what is typed is a draft until it is complete.
class EntryField {
  constructor(hand, name, what, properties) {
    Object.assign(this, { hand, name, what, known: "" });
    this.input = element("input", {
      type: "text",
      spellcheck: false,
      autocomplete: "off",
      ...properties,
    });
    const enter = () => hand.enter(name, what, this.input.value.trim(), this.known);
    this.input.addEventListener("input", () => hand.type(name, what, this.input.value));
    this.input.addEventListener("change", enter);
    this.input.addEventListener("keydown", event => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      if (event.key === "Enter") enter();
      else hand.restore(name, what);
      event.stopPropagation(); // nothing of the notebook's
    });
  }

  show(known) {
    this.known = known;
    const draft = this.hand.draft(this.name, this.what);
    setField(this.input, draft ? draft.text : known);
    const isRefused = Boolean(draft?.refused);
    if (isRefused !== this.isRefused) this.input.setAttribute("aria-invalid", String(isRefused));
    this.isRefused = isRefused;
  }
}

const SLIDER_STEPS = 10_000;
const KEY_STEPS = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -40,
  PageUp: 40,
};

// ranges: the range of each row, by name, kept while the table is shown anew.
class Slider {
  constructor(hand, name, called, ranges) {
    Object.assign(this, { hand, name, ranges });
    this.input = element("input", {
      type: "range",
      min: 0,
      max: SLIDER_STEPS,
      step: 1,
      ariaLabel: `slider of ${called}`,
    });
    this.input.addEventListener("pointerdown", event => this.press(event));
    this.input.addEventListener("input", () => this.moved());
    this.input.addEventListener("change", () => this.changed());
    this.input.addEventListener("keydown", event => this.key(event));
    this.input.addEventListener("blur", () => hand.isMoving(name) && hand.letGo());
  }

  get range() {
    return this.ranges.get(this.name);
  }

  press(event) {
    if (event.button) return;
    this.hand.take(this.name, "pointer", () => this.range);
    const over = ended => {
      for (const kind of ["pointerup", "pointercancel"]) window.removeEventListener(kind, over);
      this.isGivenUp = false;
      if (!this.hand.isMoving(this.name)) return; // given up
      if (ended.type === "pointercancel") this.hand.giveUp();
      else this.release();
    };
    for (const kind of ["pointerup", "pointercancel"]) window.addEventListener(kind, over);
    this.isGivenUp = false;
  }

  // Also without a mouse or a key, as what reads the screen aloud does it.
  moved() {
    if (this.isGivenUp) {
      this.place(); // the mouse still pulls
      return;
    }
    if (!this.hand.isMoving(this.name)) this.hand.take(this.name, "pointer", () => this.range);
    this.hand.move(valueAt(this.range, Number(this.input.value) / SLIDER_STEPS));
  }

  changed() {
    if (this.hand.hold?.by === "pointer" && this.hand.isMoving(this.name)) this.release();
    this.place();
  }

  // At an end the range moves on, so that one can go further.
  release() {
    const value = this.hand.valueOf(this.name);
    if (this.hand.hold.moved) this.ranges.set(this.name, movedOn(this.range, value, 0.02));
    this.hand.letGo();
  }

  key(event) {
    const { key, shiftKey, ctrlKey, altKey, metaKey } = event,
      { hand, name } = this,
      value = hand.valueOf(name);
    if (ctrlKey || altKey || metaKey) return;
    if (key === "Escape") {
      this.isGivenUp = hand.hold?.by === "pointer";
      if (hand.isMoving(name)) hand.giveUp();
    } else if (key === "Enter") hand.isMoving(name) && hand.letGo();
    else if (key === "Home" || key === "End")
      this.nudge(valueAt(this.range, key === "End" ? 1 : 0));
    else if (KEY_STEPS[key])
      this.nudge(stepped(this.range, value, KEY_STEPS[key] * (shiftKey ? 10 : 1)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  nudge(value) {
    if (this.hand.hold?.by === "pointer" || this.value === null) return; // the mouse has it
    this.hand.take(this.name, "key", () => this.range);
    this.ranges.set(this.name, movedOn(this.range, value));
    this.hand.move(value);
  }

  show(value, text) {
    this.value = value;
    if (text !== this.text) this.input.setAttribute("aria-valuetext", text);
    this.text = text;
    this.place();
  }

  place() {
    if (this.value === null || (this.hand.hold?.by === "pointer" && this.hand.isMoving(this.name)))
      return; // it is where the mouse is
    const at = String(Math.round(positionOf(this.range, this.value) * SLIDER_STEPS));
    if (this.input.value !== at) this.input.value = at;
  }
}
