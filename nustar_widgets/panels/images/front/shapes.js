// Shapes as they travel: { kind, role, include, ra, dec, size: [arcsec ...], angle, vertices }.
// Drawn and changed in the pixels of one plane; kept on the sky.

const SIZES = {
  circle: ["radius"],
  annulus: ["inner radius", "outer radius"],
  ellipse: ["semi-axis x", "semi-axis y"],
  box: ["width", "height"],
  polygon: [],
  point: [],
  ellipseannulus: ["inner x", "inner y", "outer x", "outer y"],
  boxannulus: ["inner width", "inner height", "outer width", "outer height"],
  panda: ["start", "stop", "inner radius", "outer radius"],
};
const TURNS = ["ellipse", "box", "ellipseannulus", "boxannulus"];
const LEAST_ARCSEC = 1;

const roleName = shape => (shape.include ? "" : "excluded from ") + shape.role;
const roleLetter = shape => (shape.include ? "" : "\u2212") + (shape.role === "source" ? "S" : "B");

function describe(shape) {
  const place = shape.vertices
    ? `${shape.vertices.length} corners`
    : `RA ${sexagesimal(shape.ra, { hours: true, digits: 2 })}, Dec ${sexagesimal(shape.dec, { hours: false, digits: 1 })}`;
  const sizes = SIZES[shape.kind].map(
    (name, i) =>
      `${name} ${shape.size[i].toFixed(1)} ${shape.kind === "panda" && i < 2 ? "degrees" : "arcsec"}`,
  );
  return [`${roleName(shape)} ${shape.kind}`, place, ...sizes].join(", ");
}

// In pixels: centre, sizes, corners.
function inPixels(shape, wcs) {
  const scale = pixelArcsec(wcs);
  if (shape.vertices) {
    const corners = shape.vertices.map(([ra, dec]) => skyToPixel(wcs, ra, dec));
    const mean = axis => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
    return { x: mean(0), y: mean(1), size: [], corners };
  }
  const [x, y] = skyToPixel(wcs, shape.ra, shape.dec);
  return {
    x,
    y,
    size: shape.size.map(value => value / scale),
    angle: ((shape.angle || 0) + wcs.rotation) * DEG,
  };
}

const turned = (p, u, v) => {
  const c = Math.cos(p.angle || 0),
    s = Math.sin(p.angle || 0);
  return [p.x + u * c - v * s, p.y + u * s + v * c];
};

// The highest place of a shape, where its letter stands.
function topOf(shape, wcs) {
  const p = inPixels(shape, wcs),
    [a, b, c, d] = p.size,
    s = Math.sin(p.angle || 0),
    k = Math.cos(p.angle || 0);
  const corners = (w, h) => Math.abs((w / 2) * s) + Math.abs((h / 2) * k);
  switch (shape.kind) {
    case "circle":
      return [p.x, p.y + a];
    case "annulus":
      return [p.x, p.y + b];
    case "ellipse":
      return [p.x, p.y + Math.hypot(a * s, b * k)];
    case "ellipseannulus":
      return [p.x, p.y + Math.hypot(c * s, d * k)];
    case "box":
      return [p.x, p.y + corners(a, b)];
    case "boxannulus":
      return [p.x, p.y + corners(c, d)];
    case "polygon":
      return p.corners.reduce((best, corner) => (corner[1] > best[1] ? corner : best));
    case "panda":
      return [p.x, p.y + d];
    default:
      return [p.x, p.y + 2];
  }
}

// SVG path of the outline; `to` maps pixels to the screen.
function outline(shape, wcs, to, zoom) {
  const p = inPixels(shape, wcs);
  if (!Number.isFinite(p.x + p.y)) return "";
  const loop = points =>
    "M" +
    points
      .map(q =>
        to(...q)
          .map(v => v.toFixed(2))
          .join(" "),
      )
      .join("L") +
    "Z";
  const oval = (a, b) => {
    const [u, v] = [turned(p, a, 0), turned(p, -a, 0)].map(q =>
      to(...q)
        .map(w => w.toFixed(2))
        .join(" "),
    );
    const arc = `A${(a * zoom).toFixed(3)} ${(b * zoom).toFixed(3)} ${(-(p.angle || 0) / DEG).toFixed(3)} 0 0 `;
    return `M${u}${arc}${v}${arc}${u}Z`;
  };
  const rectangle = (w, h) =>
    loop(
      [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ].map(([i, j]) => turned(p, (i * w) / 2, (j * h) / 2)),
    );
  const [a, b, c, d] = p.size;
  switch (shape.kind) {
    case "circle":
      return oval(a, a);
    case "annulus":
      return oval(b, b) + oval(a, a);
    case "ellipse":
      return oval(a, b);
    case "ellipseannulus":
      return oval(c, d) + oval(a, b);
    case "box":
      return rectangle(a, b);
    case "boxannulus":
      return rectangle(c, d) + rectangle(a, b);
    case "polygon":
      return loop(p.corners);
    case "panda":
      return sector(shape, p, wcs, loop);
    default:
      return loop(
        [
          [-2, 0],
          [0, -2],
          [2, 0],
          [0, 2],
        ].map(([u, v]) => [p.x + u, p.y + v]),
      );
  }
}

function sector(shape, p, wcs, loop) {
  const start = shape.size[0] + wcs.rotation,
    stop = shape.size[1] + wcs.rotation + (shape.size[1] < shape.size[0] ? 360 : 0);
  const along = r =>
    Array.from({ length: 33 }, (_, i) => (start + ((stop - start) * i) / 32) * DEG).map(t => [
      p.x + r * Math.cos(t),
      p.y + r * Math.sin(t),
    ]);
  return loop([...along(p.size[2]), ...along(p.size[3]).reverse()]);
}

// Places to take hold of: name, pixel place, cursor.
function handles(shape, wcs, reach) {
  const p = inPixels(shape, wcs),
    [a, b, c, d] = p.size;
  const at = (name, u, v, cursor = "move") => ({ name, at: turned(p, u, v), cursor });
  switch (shape.kind) {
    case "circle":
      return [at("size0", a, 0, "ew-resize")];
    case "annulus":
      return [at("size0", a, 0, "ew-resize"), at("size1", b, 0, "ew-resize")];
    case "ellipse":
      return [at("size0", a, 0), at("size1", 0, b), at("turn", a + reach, 0, "grab")];
    case "box":
      return [
        at("half0", a / 2, 0),
        at("half1", 0, b / 2),
        at("both", a / 2, b / 2),
        at("turn", a / 2 + reach, 0, "grab"),
      ];
    case "ellipseannulus":
      return [
        at("size2", c, 0),
        at("size3", 0, d),
        at("size0", a, 0),
        at("size1", 0, b),
        at("turn", c + reach, 0, "grab"),
      ];
    case "boxannulus":
      return [
        at("half2", c / 2, 0),
        at("half3", 0, d / 2),
        at("half0", a / 2, 0),
        at("half1", 0, b / 2),
        at("turn", c / 2 + reach, 0, "grab"),
      ];
    case "polygon":
      return p.corners.map((corner, i) => ({ name: `corner${i}`, at: corner, cursor: "move" }));
    case "panda":
      return [at("size2", c, 0), at("size3", d, 0)];
    default:
      return [];
  }
}

const bounded = value => Math.max(LEAST_ARCSEC, value);

// Inner sizes stay inside outer ones.
function ordered(shape, changed) {
  const pairs =
    {
      annulus: [[0, 1]],
      ellipseannulus: [
        [0, 2],
        [1, 3],
      ],
      boxannulus: [
        [0, 2],
        [1, 3],
      ],
      panda: [[2, 3]],
    }[shape.kind] || [];
  const size = shape.size.slice();
  for (const [inner, outer] of pairs) {
    if (size[inner] < size[outer]) continue;
    if (changed === inner) size[inner] = Math.max(size[outer] - 0.5, 0);
    else size[outer] = size[inner] + 0.5;
  }
  return { ...shape, size };
}

const withSize = (shape, index, value) =>
  ordered(
    { ...shape, size: shape.size.map((old, i) => (i === index ? bounded(value) : old)) },
    index,
  );

// A handle dragged to a pixel.
function pulled(shape, wcs, name, x, y) {
  const p = inPixels(shape, wcs),
    scale = pixelArcsec(wcs),
    dx = x - p.x,
    dy = y - p.y;
  const c = Math.cos(p.angle || 0),
    s = Math.sin(p.angle || 0),
    u = dx * c + dy * s,
    v = dy * c - dx * s;
  const index = Number(name.at(-1)),
    along = TURNS.includes(shape.kind) ? Math.abs(index % 2 ? v : u) : Math.hypot(dx, dy);
  if (name.startsWith("size")) return withSize(shape, index, along * scale);
  if (name.startsWith("half")) return withSize(shape, index, 2 * along * scale);
  if (name === "both")
    return { ...shape, size: [bounded(2 * Math.abs(u) * scale), bounded(2 * Math.abs(v) * scale)] };
  if (name === "turn")
    return { ...shape, angle: tidyAngle(Math.atan2(dy, dx) / DEG - wcs.rotation) };
  if (name.startsWith("corner")) {
    const at = Number(name.slice(6));
    return {
      ...shape,
      vertices: shape.vertices.map((old, i) => (i === at ? pixelToSky(wcs, x, y) : old)),
    };
  }
  return shape;
}

const tidyAngle = angle => Math.round((((angle % 360) + 360) % 360) * 10) / 10;

function moved(shape, wcs, dx, dy) {
  if (shape.vertices)
    return { ...shape, vertices: shape.vertices.map(([ra, dec]) => movedBy(wcs, ra, dec, dx, dy)) };
  const [ra, dec] = movedBy(wcs, shape.ra, shape.dec, dx, dy);
  return { ...shape, ra, dec };
}

// Grown by arcseconds at its edge; a polygon away from its middle.
function grown(shape, wcs, arcsec) {
  if (shape.vertices) {
    const p = inPixels(shape, wcs),
      far = Math.max(...p.corners.map(([x, y]) => Math.hypot(x - p.x, y - p.y)));
    const factor = Math.max(1 + arcsec / (far * pixelArcsec(wcs)), 0.05);
    return {
      ...shape,
      vertices: p.corners.map(([x, y]) =>
        pixelToSky(wcs, p.x + (x - p.x) * factor, p.y + (y - p.y) * factor),
      ),
    };
  }
  const full = shape.kind.startsWith("box") ? 2 : 1;
  const size = shape.size.map((value, i) =>
    shape.kind === "panda" && i < 2 ? value : bounded(value + full * arcsec),
  );
  return ordered({ ...shape, size }, -1);
}

const rotated = (shape, degrees) =>
  TURNS.includes(shape.kind) ? { ...shape, angle: tidyAngle((shape.angle || 0) + degrees) } : shape;

// The same shapes as the other module is to have them: moved east and north [arcsec].
function followed(shapes, wcs, [east, north]) {
  if (!east && !north) return shapes.map(shape => structuredClone(shape));
  const c = Math.cos(wcs.rotation * DEG),
    s = Math.sin(wcs.rotation * DEG),
    e = east / 3600,
    n = north / 3600;
  return shapes.map(shape =>
    moved(shape, wcs, (e * c + n * s) / wcs.cdelt[0], (n * c - e * s) / wcs.cdelt[1]),
  );
}
