// Which rows a form shows, and in what order. Needs no page.

function wordsOf(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

function isFound(row, words) {
  const said = [row.name, row.prompt, row.help, row.unit, row.group].join("\n").toLowerCase();
  return words.every(word => said.includes(word));
}

// Names that begin with the text come first, then names that hold it, then the others.
function rankOf(row, text) {
  const name = row.name.toLowerCase();
  if (name === text) return 0;
  if (name.startsWith(text)) return 1;
  return name.includes(text) ? 2 : 3;
}

function foundRows(rows, search) {
  const words = wordsOf(search),
    text = words.join(" ");
  return rows
    .filter(row => isFound(row, words))
    .sort((one, other) => rankOf(one, text) - rankOf(other, text));
}

// The few that matter; of a task nobody has described, those it cannot do without.
function fewOf(rows) {
  const first = rows.filter(row => row.first);
  return new Set((first.length ? first : rows.filter(row => row.required)).map(row => row.name));
}

const isTouched = state => Boolean(state.is_changed || state.refused);

function countsOf(rows, stateOf, inapplicable) {
  const states = rows.map(row => stateOf(row.name));
  const apply = states.filter(state => !state.why_not);
  return {
    changed: apply.filter(isTouched).length,
    all: inapplicable ? rows.length : apply.length,
    inapplicable: rows.length - apply.length,
    resettable: states.some(isTouched),
  };
}

function groupsOf(rows) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row.group)) groups.set(row.group, []);
    groups.get(row.group).push(row);
  }
  return groups;
}

/* What is to be seen, as { sections, closed }.

   sections: { key, rows, more, opened } in order, rows by name; more: how many the group still has.
   closed: { group, count } of groups with nothing to show in this view.
   look: view ("main", "changed", "all"), search, open (groups), inapplicable; kept: the row that
   has the keyboard, which does not vanish under the hands. */
function planOf(rows, stateOf, look, kept = null) {
  if (wordsOf(look.search).length) {
    const found = foundRows(rows, look.search).map(row => row.name);
    return { sections: [{ key: "found", rows: found, more: 0, opened: false }], closed: [] };
  }
  const few = fewOf(rows),
    sections = [],
    closed = [];
  const isShown = row => {
    const state = stateOf(row.name);
    if (state.why_not) return look.view === "all" && look.inapplicable;
    if (row.name === kept || look.view === "all") return true;
    if (look.view === "changed") return isTouched(state);
    return few.has(row.name) || isTouched(state) || Boolean(state.problem);
  };
  for (const [group, members] of groupsOf(rows)) {
    const opened = look.view === "main" && look.open.has(group);
    const shown = members.filter(isShown);
    const rest = members.filter(row => !shown.includes(row) && !stateOf(row.name).why_not);
    const more = look.view === "main" ? rest.length : 0;
    if (!shown.length && !(opened && more)) {
      if (more) closed.push({ group, count: more });
      continue;
    }
    const visible = opened
      ? members.filter(row => shown.includes(row) || rest.includes(row))
      : shown;
    sections.push({ key: group, rows: visible.map(row => row.name), more, opened });
  }
  return { sections, closed };
}
