// The controls of the image: everything here is done in the page.

const VIEWS = { both: "FPMA and FPMB", FPMA: "FPMA", FPMB: "FPMB", blink: "blink" };
const BANDS = [
  [3, 78],
  [3, 10],
  [10, 20],
  [20, 40],
  [40, 79],
];

function labelled(text, control, className = "") {
  return element(
    "label",
    { className: `nw-sky-control ${className}` },
    element("span", { textContent: text }),
    control,
  );
}

function choice(text, options, value, changed) {
  const select = element("select", {});
  for (const [key, words] of options)
    select.append(element("option", { value: key, textContent: words }));
  select.value = value;
  select.addEventListener("change", () => changed(select.value));
  return { select, root: labelled(text, select) };
}

function slider(text, { min, max, step, value }, changed, told) {
  const input = element("input", { type: "range", min, max, step, value }),
    output = element("output", {});
  const tell = () => {
    output.textContent = told(Number(input.value));
  };
  input.addEventListener("input", () => {
    tell();
    changed(Number(input.value));
  });
  tell();
  return {
    input,
    tell,
    root: labelled(text, element("span", { className: "nw-sky-slider" }, input, output)),
  };
}

function pushButton(text, title, pressed) {
  const button = element("button", { type: "button", textContent: text, title });
  button.addEventListener("click", pressed);
  return button;
}

class Toolbar {
  constructor({ model, show, fit, zoom }) {
    Object.assign(this, { model, show });
    const set = (name, value) => {
      model.set(name, value);
      model.save_changes();
    };
    this.view = choice("View", Object.entries(VIEWS), model.get("view"), value =>
      set("view", value),
    );
    this.band = choice("Band", [], "", value => this.bandChosen(value));
    this.low = this.energy("lower energy");
    this.high = this.energy("upper energy");
    this.own = element(
      "span",
      { className: "nw-sky-own", hidden: true },
      this.low,
      "\u2013",
      this.high,
      " keV",
    );
    this.stretch = choice(
      "Stretch",
      Object.keys(STRETCHES).map(key => [key, key]),
      model.get("stretch"),
      value => set("stretch", value),
    );
    this.colours = choice(
      "Colours",
      Object.keys(TABLES).map(key => [key, key]),
      model.get("colours"),
      value => set("colours", value),
    );
    const percent = value => `${Math.round(value * 100)} %`;
    this.from = slider(
      "Cuts",
      { min: 0, max: 0.5, step: 0.005, value: model.get("cuts")[0] },
      () => this.cut(),
      percent,
    );
    this.to = slider(
      "to",
      { min: 0.02, max: 1, step: 0.005, value: model.get("cuts")[1] },
      () => this.cut(),
      percent,
    );
    this.smooth = slider(
      "Smooth",
      { min: 0, max: 6, step: 0.5, value: model.get("smooth_pixels") },
      value => set("smooth_pixels", value),
      value => (value ? `\u03c3 ${(value * this.arcsec).toFixed(0)}\u2033` : "off"),
    );
    this.outlines = element("input", { type: "checkbox", checked: model.get("outlines") });
    this.outlines.addEventListener("change", () => set("outlines", this.outlines.checked));
    this.root = element(
      "div",
      { className: "nw-sky-toolbar", role: "toolbar", ariaLabel: "Image" },
      this.view.root,
      this.band.root,
      this.own,
      this.stretch.root,
      this.colours.root,
      this.from.root,
      this.to.root,
      this.smooth.root,
      labelled("Chips", this.outlines),
      element(
        "span",
        { className: "nw-sky-buttons" },
        pushButton("+", "Zoom in", () => zoom(1.5)),
        pushButton("\u2212", "Zoom out", () => zoom(1 / 1.5)),
        pushButton("Fit", "Show the whole field", fit),
      ),
    );
    this.refresh();
  }

  get arcsec() {
    const [field] = Object.values(this.model.get("fields"));
    return field ? pixelArcsec(field.wcs) : 2.46;
  }

  energy(label) {
    const input = element("input", {
      type: "number",
      min: 1.6,
      max: 165,
      step: 0.1,
      ariaLabel: `${label}, keV`,
    });
    input.addEventListener("change", () =>
      this.setBand([Number(this.low.value), Number(this.high.value)]),
    );
    return input;
  }

  bandChosen(value) {
    const colour = value === "colour";
    if (colour !== this.model.get("three_colour")) {
      this.model.set("three_colour", colour);
      this.model.save_changes();
    }
    this.own.hidden = value !== "own";
    if (value === "own") this.low.focus();
    else if (!colour) this.setBand(value.split("-").map(Number));
  }

  setBand(band) {
    this.model.set("band_kev", band);
    this.model.save_changes();
  }

  cut() {
    this.model.set("cuts", [Number(this.from.input.value), Number(this.to.input.value)]);
    this.model.save_changes();
  }

  refresh() {
    // show what the traits say
    const { model } = this,
      [low, high] = model.get("band_kev"),
      key = `${low}-${high}`;
    const known = BANDS.some(band => band.join("-") === key);
    const options = BANDS.map(band => [band.join("-"), `${band[0]}\u2013${band[1]} keV`]);
    const { select } = this.band,
      stays = select.value === "own" && !known;
    select.replaceChildren(
      ...[...options, ["own", "own"], ["colour", "three bands in colour"]].map(([value, text]) =>
        element("option", { value, textContent: text }),
      ),
    );
    select.value = model.get("three_colour") ? "colour" : known && !stays ? key : "own";
    this.own.hidden = select.value !== "own";
    this.low.value = low;
    this.high.value = high;
    this.view.select.value = model.get("view");
    this.stretch.select.value = model.get("stretch");
    this.colours.select.value = model.get("colours");
    this.colours.select.disabled = model.get("three_colour");
    [this.from.input.value, this.to.input.value] = model.get("cuts");
    this.smooth.input.value = model.get("smooth_pixels");
    this.outlines.checked = model.get("outlines");
    for (const control of [this.from, this.to, this.smooth]) control.tell();
  }
}
