// What a hold on a region makes of it, and what of a region was taken hold of.

function dragged(hold, wcs, at) {
  if (hold.what === "move")
    return moved(hold.shape, wcs, at[0] - hold.start[0], at[1] - hold.start[1]);
  if (hold.what === "grow") {
    const p = inPixels(hold.shape, wcs),
      far = q => Math.hypot(q[0] - p.x, q[1] - p.y);
    return grown(hold.shape, wcs, (far(at) - far(hold.start)) * pixelArcsec(wcs));
  }
  return pulled(hold.shape, wcs, hold.what, ...at);
}

// Which size an edge belongs to: of a ring the nearer one; other shapes grow as a whole.
function edgeGrip(shape, pane, at) {
  if (shape.kind === "circle") return "size0";
  if (shape.kind !== "annulus") return "grow";
  const p = inPixels(shape, pane.field.wcs),
    far = Math.hypot(at[0] - p.x, at[1] - p.y);
  return Math.abs(far - p.size[0]) < Math.abs(far - p.size[1]) ? "size0" : "size1";
}

function nearestSide(corners, [x, y]) {
  const distance = (a, b) => {
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]],
      t = Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(x - a[0] - t * dx, y - a[1] - t * dy);
  };
  const all = corners.map((corner, i) => distance(corner, corners[(i + 1) % corners.length]));
  return all.indexOf(Math.min(...all));
}
