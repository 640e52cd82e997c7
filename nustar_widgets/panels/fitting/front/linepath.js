// Lines as bqplot draws them, from numbers: what the canvas needs of d3.

// Numbers that lie in a message.
function unpacked(bytes) {
  const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return new Float32Array(whole);
}

// Heights of rows, one after the other, in as many numbers as each row has.
function rowsOf(heights, lengths) {
  const wanted = lengths.reduce((sum, length) => sum + length, 0);
  if (heights.length !== wanted) throw new Error(`${heights.length} heights, not ${wanted}`);
  let end = 0;
  return lengths.map((length) => heights.subarray(end, (end += length)));
}

// From point to point, or level up to the next; what is no number is a gap. Places are in pixels,
// heights so many offset and slope make pixels of.
function traceLine(path, places, heights, { offset, slope }, isStep) {
  let before = NaN;
  for (let i = 0; i < heights.length; i += 1) {
    const [x, y] = [places[i], offset + slope * heights[i]];
    if (!Number.isFinite(y)) before = NaN;
    else if (Number.isNaN(before)) path.moveTo(x, (before = y));
    else {
      if (isStep) path.lineTo(x, before);
      path.lineTo(x, (before = y));
    }
  }
}

// The next larger size that is whole in pixels of the page and, as good as, of the screen: a canvas
// of any other size would be stretched to whole pixels, which SVG is not.
function wholePixels(size, ratio) {
  const isWhole = (one) => Math.abs(one * ratio - Math.round(one * ratio)) < 0.02;
  const first = Math.ceil(size);
  const sizes = Array.from({ length: 20 }, (_, i) => first + i);
  return sizes.find(isWhole) ?? first;
}
