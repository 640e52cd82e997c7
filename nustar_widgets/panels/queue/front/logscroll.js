// Where lines are on a scroll bar. Browsers cap heights at some ten million pixels, so that of a
// long log the bar is only a picture: its ends are the log's ends, in between it is in proportion.

const MOST_PX = 8e6;

class Scroll {
  constructor({ lines, rowPx, viewPx }) {
    Object.assign(this, { lines, rowPx, viewPx });
    this.rows = Math.max(1, Math.floor(viewPx / rowPx)); // whole lines on the screen
    this.last = Math.max(0, lines - viewPx / rowPx); // the line at the top when the end is in sight
    this.heightPx = Math.max(viewPx, Math.min(lines * rowPx, MOST_PX));
  }

  clamped(top) {
    return Math.max(0, Math.min(top, this.last));
  }

  // The line at the top (with a fraction), from what was scrolled [px], and back.
  topOf(px) {
    const range = this.heightPx - this.viewPx;
    return range > 0 ? this.clamped((px / range) * this.last) : 0;
  }

  pxOf(top) {
    return this.last > 0 ? (this.clamped(top) / this.last) * (this.heightPx - this.viewPx) : 0;
  }

  // Lines of which something is in sight: from the first one to before the second number.
  visible(top) {
    const first = Math.floor(this.clamped(top));
    return [first, Math.min(this.lines, Math.ceil(this.clamped(top) + this.viewPx / this.rowPx))];
  }

  // Three screens around what is in sight.
  window(top) {
    const first = Math.max(0, Math.floor(this.clamped(top)) - this.rows);
    return { first, count: Math.min(3 * this.rows + 1, this.lines - first) };
  }

  // From one line to another as a key asks for it; undefined for other keys.
  keyed(top, key) {
    const page = Math.max(1, this.rows - 1);
    const to = {
      ArrowUp: () => Math.ceil(top) - 1,
      ArrowDown: () => Math.floor(top) + 1,
      PageUp: () => Math.ceil(top) - page,
      PageDown: () => Math.floor(top) + page,
      Home: () => 0,
      End: () => this.last,
    }[key];
    return to && this.clamped(to());
  }

  // Lines a turn of the wheel asks for.
  turned({ deltaY, deltaMode }) {
    return [deltaY / this.rowPx, deltaY, deltaY * this.rows][deltaMode] ?? 0;
  }
}
