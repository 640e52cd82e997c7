// What a form says of a row, in words. Needs no page.

const KEYWORDS = {
  DEFAULT: ["found by the task", "named by the task"],
  NONE: ["not used", "not made"],
  CALDB: ["from the calibration database", "from the calibration database"],
};

function keywordText(row, word) {
  return `${word}: ${KEYWORDS[word][row.is_output ? 1 : 0]}`;
}

// The first sentence of the help, or else the task's own words.
function meaningOf(row) {
  const [sentence] = (row.help || "").match(/^[^]+?\.(?=\s+[A-Z(]|\s*$)/) || [row.help || ""];
  return sentence || row.prompt || "";
}

function rangeOf(row) {
  const { minimum: low, maximum: high } = row;
  if (low === undefined && high === undefined) return "";
  if (low === undefined) return `at most ${high}`;
  return high === undefined ? `at least ${low}` : `${low} to ${high}`;
}

function hintOf(row) {
  return [rangeOf(row), row.unit].filter(Boolean).join(" ");
}

const quoted = value => (value === "" ? "nothing" : value);

function resetTitle(state) {
  return `back to ${quoted(state.is_changed ? state.usual : state.value)}`;
}

// states: of rows that have an origin.
function broughtText(states) {
  const [origin, ...others] = new Set(states.map(state => state.origin));
  const text = others.length || !origin.startsWith("from ") ? "from the session" : origin;
  return `${text[0].toUpperCase()}${text.slice(1)}:`;
}

function factsOf(row) {
  const unit = row.unit ? ` ${row.unit}` : "",
    none = row.required ? "none: the task needs a value where it applies" : "nothing";
  const words = (row.keywords || []).map(word => keywordText(row, word)).join("; ");
  return [
    ["Task's own words", row.prompt],
    ["Default", row.default ? row.default + (row.control.match(/number|whole/) ? unit : "") : none],
    ["Range", rangeOf(row) && rangeOf(row) + unit],
    ["One of", (row.choices || []).join(", ")],
    ["Instead of a file", words],
    ["Applies", row.applies ? `only with ${row.applies}` : "always"],
  ].filter(([, text]) => text);
}

function problemText(state, draft) {
  if (!draft?.refused) return state.problem || "";
  const instead = state.value === draft.text ? "" : ` In use: ${quoted(state.value)}.`;
  return `Not taken: ${draft.refused}.${instead}`;
}

function sizeText(bytes) {
  if (bytes === null || bytes === undefined) return "";
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${["", "kB", "MB", "GB", "TB"][power]}`;
}
