// Numbers as people read them. Needs no page.

const DIGITS = 5;

// Short, and the same number again when it is typed: 1.8, 6.4021, 1.2346e-5.
function numberText(value, digits = DIGITS) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "none";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(digits)));
  return value
    .toExponential(digits - 1)
    .replace(/\.?0*e/, "e")
    .replace("e+", "e");
}

const RAISED = { "-": "\u207b", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3" };
for (const digit of [4, 5, 6, 7, 8, 9]) RAISED[digit] = String.fromCharCode(0x2070 + digit);

// A unit in little room: ph/keV/cm\u00b2/s for photons/keV/cm^2/s.
function unitText(unit) {
  const raised = unit.replace(/\^(-?\d+)/g, (_, power) => [...power].map(c => RAISED[c]).join(""));
  return raised.replace(/\bphotons\b/g, "ph");
}

const rounded = (value, digits) => Number(value.toPrecision(digits));

// What stands in the error column: { up, down } as differences, { sigma }, or nothing.
function errorOf(result) {
  if (!result) return null;
  const { value, error_low: low, error_high: high, sigma } = result;
  if (low === null && high === null)
    return sigma === null ? null : { sigma: `\u00b1${numberText(sigma, 2)}` };
  const part = (sign, end) =>
    end === null ? `${sign}?` : `${sign}${numberText(Math.abs(end - value), 2)}`;
  return { up: part("+", high), down: part("\u2212", low) };
}

function errorTitle(result, heading, unit) {
  if (!result) return "";
  const { value, error_low: low, error_high: high, sigma } = result,
    end = unit ? ` ${unit}` : "";
  const best = `best fit ${numberText(value)}${end}`;
  if (low === null && high === null)
    return sigma === null ? best : `${best}, 1 sigma ${numberText(sigma, 3)} from the curvature`;
  return `${best}, ${heading} range ${numberText(low)} to ${numberText(high)}${end}`;
}

function warningsOf(result) {
  if (!result) return [];
  return [...(result.at_limit ? ["the value is at its limit"] : []), ...result.warnings];
}
