// The sky and the pixel plane: the gnomonic projection of an event list, and how positions are
// written. Only for drawing and for the place under the mouse: what is counted is decided in
// Python, by CFITSIO's own arithmetic, from the right ascension and declination found here.

const DEG = Math.PI / 180;

function skyToPixel(wcs, ra, dec) {
  const a = (ra - wcs.crval[0]) * DEG,
    d = dec * DEG,
    d0 = wcs.crval[1] * DEG;
  const depth = Math.sin(d0) * Math.sin(d) + Math.cos(d0) * Math.cos(d) * Math.cos(a);
  if (depth <= 1e-6) return [NaN, NaN]; // 90 degrees away and more
  const east = (Math.cos(d) * Math.sin(a)) / depth / DEG;
  const north =
    (Math.cos(d0) * Math.sin(d) - Math.sin(d0) * Math.cos(d) * Math.cos(a)) / depth / DEG;
  const c = Math.cos(wcs.rotation * DEG),
    s = Math.sin(wcs.rotation * DEG);
  return [
    (east * c + north * s) / wcs.cdelt[0] + wcs.crpix[0],
    (north * c - east * s) / wcs.cdelt[1] + wcs.crpix[1],
  ];
}

function pixelToSky(wcs, x, y) {
  const dx = (x - wcs.crpix[0]) * wcs.cdelt[0],
    dy = (y - wcs.crpix[1]) * wcs.cdelt[1];
  const c = Math.cos(wcs.rotation * DEG),
    s = Math.sin(wcs.rotation * DEG);
  const east = (dx * c - dy * s) * DEG,
    north = (dy * c + dx * s) * DEG;
  const d0 = wcs.crval[1] * DEG,
    depth = Math.cos(d0) - north * Math.sin(d0);
  const ra = wcs.crval[0] + Math.atan2(east, depth) / DEG;
  const dec = Math.atan2(Math.sin(d0) + north * Math.cos(d0), Math.hypot(east, depth)) / DEG;
  return [((ra % 360) + 360) % 360, dec];
}

const pixelArcsec = wcs => Math.abs(wcs.cdelt[1]) * 3600;

// A position moved on the tangent plane, by pixels of the plane.
function movedBy(wcs, ra, dec, dx, dy) {
  const [x, y] = skyToPixel(wcs, ra, dec);
  return pixelToSky(wcs, x + dx, y + dy);
}

function sexagesimal(degrees, { hours, digits }) {
  const unit = 10 ** digits,
    value = hours ? degrees / 15 : Math.abs(degrees);
  let rest = Math.round(value * 3600 * unit);
  if (hours) rest %= 24 * 3600 * unit;
  const h = Math.floor(rest / (3600 * unit)),
    m = Math.floor(rest / (60 * unit)) % 60;
  const s = (rest % (60 * unit)) / unit,
    pad = v => String(v).padStart(2, "0");
  const sign = hours ? "" : degrees < 0 ? "\u2212" : "+";
  const seconds = s.toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return `${sign}${pad(h)}:${pad(m)}:${seconds}`;
}

// Steps of ticks: seconds of time for right ascension, arcseconds for declination.
const STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
];

// Ticks along an edge: where the coordinate passes whole multiples of a step. `at(t)` gives the
// coordinate at a fraction of the edge; near a pole it runs through many hours, or turns round.
function edgeTicks(at, { hours, wanted, gap }) {
  const unit = hours ? 240 : 3600,
    samples = 48,
    values = [at(0) * unit];
  for (let i = 1; i <= samples; i++) {
    let value = at(i / samples) * unit;
    const turn = 360 * unit,
      last = values[i - 1];
    if (hours) value += Math.round((last - value) / turn) * turn;
    values.push(value);
  }
  const range = Math.max(...values) - Math.min(...values);
  const step = STEPS.find(s => range / s <= wanted) || STEPS.at(-1),
    ticks = [];
  for (let i = 0; i < samples; i++) {
    const [a, b] = [values[i], values[i + 1]];
    const first = Math.ceil(Math.min(a, b) / step),
      last = Math.floor(Math.max(a, b) / step);
    for (let k = first; k <= last && a !== b; k++) {
      const t = (i + (k * step - a) / (b - a)) / samples;
      if (ticks.every(other => Math.abs(other.t - t) > gap))
        ticks.push({ t, value: (k * step) / unit });
    }
  }
  const digits = step < 1 ? 1 : 0;
  return ticks.map(({ t, value }) => ({
    t,
    text: sexagesimal(hours ? ((value % 360) + 360) % 360 : value, { hours, digits }),
  }));
}
