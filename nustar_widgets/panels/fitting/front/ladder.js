// Lines at rungs of a slider, sent ahead; ladder.py says what they are, and has the same formula.

class Ladder {
  // told: { id, name, low, high, log, steps }
  constructor(told) {
    Object.assign(this, told);
    this.rungs = new Map(); // by the number of the rung from the low end: heights of all lines
  }

  place(value) {
    const { low, high, log, steps } = this;
    if (!log) return (steps * (value - low)) / (high - low);
    return value > 0 ? (steps * Math.log(value / low)) / Math.log(high / low) : -1;
  }

  // Heights of all lines on their axes at a value of a parameter, or null where it is not known.
  heights({ name, value }) {
    const place = this.place(value);
    if (name !== this.name || !(place >= 0 && place <= this.steps)) return null;
    const first = Math.max(0, Math.min(Math.floor(place) - 1, this.steps - 3));
    const around = [0, 1, 2, 3].map((n) => this.rungs.get(first + n));
    return around.every(Boolean) ? between(around, place - first) : null;
  }
}

// The cubic through rungs at 0, 1, 2 and 3.
function between([p, q, r, s], at) {
  const [a, b, c, d] = [at, at - 1, at - 2, at - 3];
  const weights = [(-b * c * d) / 6, (a * c * d) / 2, (-a * b * d) / 2, (a * b * c) / 6];
  const [u, v, w, x] = weights;
  const found = new Float32Array(p.length);
  for (let i = 0; i < found.length; i += 1)
    found[i] = u * p[i] + v * q[i] + w * r[i] + x * s[i];
  return found;
}
