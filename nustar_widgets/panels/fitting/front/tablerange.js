// Where a value stands on its slider, from 0 to 1, and which value stands there. Needs no page.
// A range is { low, high, log, min, max }; min and max are the hard limits, null for none.

const FINE_STEPS = 400; // from end to end by arrow key; a tenth of it with Shift
const LOG_DIGITS = 4;

const clamped = (value, low, high) => Math.max(low, Math.min(high, value));

function insideLimits({ min, max }, value) {
  return clamped(value, min ?? -Infinity, max ?? Infinity);
}

function positionOf({ low, high, log }, value) {
  if (!(high > low)) return 0;
  const at = log
    ? Math.log(Math.max(value, low * 1e-3) / low) / Math.log(high / low)
    : (value - low) / (high - low);
  return clamped(at, 0, 1);
}

// 1, 2 or 5 times a power of ten, not more than the number.
function roundStep(step) {
  const power = 10 ** Math.floor(Math.log10(step)),
    ratio = (step / power) * (1 + 1e-9);
  return (ratio >= 5 ? 5 : ratio >= 2 ? 2 : 1) * power;
}

const toStep = (value, step) => rounded(Math.round(value / step) * step, 12);

// The ends are reached exactly; between them values have few digits.
function valueAt(range, position) {
  const { low, high, log } = range;
  if (position <= 0) return low;
  if (position >= 1) return high;
  if (log) return clamped(rounded(low * (high / low) ** position, LOG_DIGITS), low, high);
  const value = low + (high - low) * position;
  return clamped(toStep(value, roundStep((high - low) / (4 * FINE_STEPS))), low, high);
}

// The value so many fine steps on, beyond the ends of the slider too, but never beyond the limits.
function stepped(range, value, steps) {
  const { low, high, log } = range;
  if (log && value > 0)
    return insideLimits(range, rounded(value * (high / low) ** (steps / FINE_STEPS), LOG_DIGITS));
  const step = roundStep((high - low) / FINE_STEPS);
  return insideLimits(range, toStep(value + steps * step, step));
}

// The range moved on so that the value is in its middle, as far as the limits allow, where the
// value is outside it or, with a margin, close to its ends.
function movedOn(range, value, margin = 0) {
  const { low, high, log, min, max } = range;
  if (!Number.isFinite(value) || (log && value <= 0)) return range;
  const inward = margin * (log ? Math.log(high / low) : high - low);
  const edges = log
    ? [low * Math.exp(inward), high / Math.exp(inward)]
    : [low + inward, high - inward];
  const isFree = (value < edges[0] && low !== min) || (value > edges[1] && high !== max);
  if (!isFree) return range;
  const half = log ? Math.sqrt(high / low) : (high - low) / 2;
  const ends = log ? [value / half, value * half] : [value - half, value + half];
  return withinLimits({ ...range, low: rounded(ends[0], 10), high: rounded(ends[1], 10) });
}

function withinLimits(range) {
  const low = insideLimits(range, range.low),
    high = insideLimits(range, range.high);
  if (low < high) return { ...range, low, high };
  return { ...range, low: range.min, high: range.max, log: range.log && range.min > 0 };
}

// The range of a row: the one it has, as long as limits and scale are the same; else what Python
// suggests.
function rangeOf(row, kept, value) {
  const { slider_low: low, slider_high: high, log, min, max } = row;
  const isSame = kept && kept.min === min && kept.max === max && kept.log === log;
  const range = isSame ? kept : withinLimits({ low, high, log, min, max });
  return value === null ? range : movedOn(range, value);
}
