// From counts to colours: smoothing, stretch, cuts and colour table, all in the page.

const TABLES = {
  viridis: [
    [68, 1, 84],
    [72, 40, 120],
    [62, 74, 137],
    [49, 104, 142],
    [38, 130, 142],
    [31, 158, 137],
    [53, 183, 121],
    [109, 205, 89],
    [180, 222, 44],
    [253, 231, 37],
  ],
  inferno: [
    [0, 0, 4],
    [31, 12, 72],
    [85, 15, 109],
    [136, 34, 106],
    [186, 54, 85],
    [227, 89, 51],
    [249, 140, 10],
    [249, 201, 50],
    [252, 255, 164],
  ],
  grey: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  "grey, inverted": [
    [255, 255, 255],
    [0, 0, 0],
  ],
  heat: [
    [0, 0, 0],
    [128, 0, 0],
    [255, 64, 0],
    [255, 176, 0],
    [255, 255, 255],
  ],
};
const STRETCHES = {
  linear: v => v,
  log: v => Math.log(1 + 1000 * v) / Math.log(1001),
  sqrt: v => Math.sqrt(v),
  asinh: v => Math.asinh(10 * v) / Math.asinh(10),
};
const STEPS_OF_COLOUR = 1024;

function colourTable(name, stretch) {
  const anchors = TABLES[name] || TABLES.viridis,
    table = new Uint32Array(STEPS_OF_COLOUR + 1);
  for (let i = 0; i <= STEPS_OF_COLOUR; i++) {
    const f = STRETCHES[stretch](i / STEPS_OF_COLOUR) * (anchors.length - 1),
      k = Math.min(anchors.length - 2, Math.floor(f));
    const [r, g, b] = [0, 1, 2].map(j =>
      Math.round(anchors[k][j] * (1 - f + k) + anchors[k + 1][j] * (f - k)),
    );
    table[i] = 0xff000000 | (b << 16) | (g << 8) | r;
  }
  return table;
}

function decoded({ width, height, dtype }, buffer) {
  const kinds = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
  const bytes = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
  return { width, height, counts: new kinds[dtype](bytes), smoothed: new Map() };
}

// Gaussian smoothing, rows then columns; kept for the last few widths.
function smooth(image, sigma) {
  if (!sigma) return image.counts;
  if (image.smoothed.has(sigma)) return image.smoothed.get(sigma);
  const { width, height, counts } = image,
    reach = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const total = kernel.reduce((a, b) => a + b);
  const pass = (source, step, count, across, lines) => {
    const result = new Float32Array(width * height);
    for (let line = 0; line < lines; line++)
      for (let i = 0; i < count; i++) {
        const value = source[line * across + i * step];
        if (!value) continue; // most pixels hold nothing
        const low = Math.max(-reach, -i),
          high = Math.min(reach, count - 1 - i);
        for (let k = low; k <= high; k++)
          result[line * across + (i + k) * step] += (value * kernel[k + reach]) / total;
      }
    return result;
  };
  const rows = pass(counts, 1, width, width, height),
    both = pass(rows, width, height, 1, width);
  if (image.smoothed.size > 3) image.smoothed.clear();
  image.smoothed.set(sigma, both);
  return both;
}

const peakOf = values => {
  let peak = 0;
  for (const v of values) if (v > peak) peak = v;
  return peak;
};

// One module's picture on a canvas of its own, one pixel of the plane a pixel; north up.
class Picture {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.width = 1;
    this.nothing = "#000";
  }

  // `peaks`: what full colour stands for, one a plane; the same for both modules, so that equal
  // colours are equal counts.
  paint(images, peaks, { stretch, colours, sigma, low, high }) {
    const { width, height } = images[0];
    this.canvas.width = width;
    this.canvas.height = height;
    const planes = images.map(image => smooth(image, sigma));
    const context = this.canvas.getContext("2d"),
      data = context.createImageData(width, height);
    const pixels = new Uint32Array(data.data.buffer);
    const scaled = (value, peak) =>
      Math.max(0, Math.min(1, (value / (peak || 1) - low) / Math.max(high - low, 1e-6)));
    this.nothing = planes.length === 1 ? `rgb(${(TABLES[colours] || TABLES.viridis)[0]})` : "#000";
    if (planes.length === 1) {
      const table = colourTable(colours, stretch),
        [plane] = planes;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          pixels[(height - 1 - y) * width + x] =
            table[(scaled(plane[y * width + x], peaks[0]) * STEPS_OF_COLOUR) | 0];
    } else {
      const curve = STRETCHES[stretch],
        step = (k, i) => Math.round(255 * curve(scaled(planes[k][i], peaks[k])));
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const i = y * width + x;
          pixels[(height - 1 - y) * width + x] =
            0xff000000 | (step(2, i) << 16) | (step(1, i) << 8) | step(0, i);
        }
    }
    context.putImageData(data, 0, 0);
  }
}

// The colours and the counts per pixel they stand for.
class ColourBar {
  constructor() {
    this.strip = element("canvas", { width: 160, height: 10 });
    this.from = element("span", {});
    this.middle = element("span", {});
    this.to = element("span", {});
    this.root = element(
      "span",
      {
        className: "nw-sky-colourbar",
        title: "Counts per sky pixel; the middle value is at the middle of the bar",
      },
      this.from,
      this.strip,
      this.to,
      this.middle,
    );
  }

  show(peak, { stretch, colours, low, high }, hidden) {
    this.root.hidden = hidden;
    if (hidden) return;
    const { strip } = this,
      context = strip.getContext("2d"),
      data = context.createImageData(strip.width, strip.height);
    const pixels = new Uint32Array(data.data.buffer),
      table = colourTable(colours, "linear");
    for (let x = 0; x < strip.width; x++)
      for (let y = 0; y < strip.height; y++)
        pixels[y * strip.width + x] = table[Math.round((x / (strip.width - 1)) * STEPS_OF_COLOUR)];
    context.putImageData(data, 0, 0);
    const at = colour => peak * (low + (high - low) * inverse(STRETCHES[stretch], colour)),
      told = v =>
        (v < 1e-6
          ? "0"
          : v >= 100
            ? v.toFixed(0)
            : v >= 1
              ? v.toFixed(1)
              : v.toPrecision(2)
        ).replace(/\.0+$/, "");
    this.from.textContent = told(at(0));
    this.to.textContent = `${told(at(1))} counts/pixel`;
    this.middle.textContent = `(middle: ${told(at(0.5))})`;
  }
}

function inverse(rising, value) {
  // where a stretch reaches a value
  let [from, to] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const half = (from + to) / 2;
    if (rising(half) < value) from = half;
    else to = half;
  }
  return (from + to) / 2;
}

// Where the chip number changes, as a path in pixels of the window, y up.
function chipBorders({ width, height, counts }) {
  const path = new Path2D(),
    value = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 255 : counts[y * width + x]);
  for (let y = 0; y <= height; y++)
    for (let x = 0; x <= width; x++) {
      const here = value(x, y);
      if (here !== value(x - 1, y)) {
        path.moveTo(x - 0.5, y - 0.5);
        path.lineTo(x - 0.5, y + 0.5);
      }
      if (here !== value(x, y - 1)) {
        path.moveTo(x - 0.5, y - 0.5);
        path.lineTo(x + 0.5, y - 0.5);
      }
    }
  return path;
}
