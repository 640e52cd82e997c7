// Which rows stand where: by component, later spectra below the first one. Needs no page.

const baseOf = name => name.replace(/\[\d+\]$/, "");

// A row of a later spectrum that only repeats the first one's.
const isRepeated = row => row.group > 1 && row.link === baseOf(row.name);

// { component, meaning, rows } in the order of the model; opened: spectra to show in full.
function sectionsOf(rows, opened) {
  const sections = new Map();
  const order = new Map();
  for (const row of rows) {
    const base = baseOf(row.name);
    if (!order.has(base)) order.set(base, order.size);
    if (!sections.has(row.component))
      sections.set(row.component, {
        component: row.component,
        meaning: row.component_meaning,
        rows: [],
      });
    if (!isRepeated(row) || opened.has(row.group)) sections.get(row.component).rows.push(row);
  }
  for (const section of sections.values())
    section.rows.sort(
      (one, other) =>
        order.get(baseOf(one.name)) - order.get(baseOf(other.name)) || one.group - other.group,
    );
  return [...sections.values()].filter(section => section.rows.length);
}

// Spectra that have rows to be folded away.
function foldedGroups(rows) {
  const groups = new Set(rows.filter(isRepeated).map(row => row.group));
  return [...groups].sort((one, other) => one - other);
}

// What a row is called where its column is not to be seen: short where that is clear.
function calledNames(rows) {
  const holders = new Map();
  for (const row of rows) {
    if (!holders.has(row.label)) holders.set(row.label, new Set());
    holders.get(row.label).add(baseOf(row.name));
  }
  return new Map(
    rows.map(row => {
      const short = row.group > 1 ? `${row.label}[${row.group}]` : row.label;
      return [row.name, holders.get(row.label).size > 1 ? row.name : short];
    }),
  );
}
