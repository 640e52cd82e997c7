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

const isFoldable = state => Boolean(state.is_brought && !isTouched(state) && !state.problem);

const namesOf = rows => rows.map(row => row.name);

function sectionOf(key, rows, more = 0, opened = false, brought = [], unfolded = false) {
  return { key, rows, more, opened, brought, unfolded };
}

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

   sections: { key, rows, more, opened, brought, unfolded } in order, rows by name; more: how many
   the group still has; brought: those of the few that came from elsewhere, which are one line until
   they are unfolded.
   closed: { group, count } of groups with nothing to show in this view.
   look: view ("main", "changed", "all"), search, open and unfolded (groups), inapplicable; kept:
   the row that has the keyboard, which does not vanish under the hands. */
function planOf(rows, stateOf, look, kept = null) {
  if (wordsOf(look.search).length) {
    const found = foundRows(rows, look.search).map(row => row.name);
    return { sections: [sectionOf("found", found)], closed: [] };
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
  const isBrought = ({ name }) => few.has(name) && isFoldable(stateOf(name));
  for (const [group, members] of groupsOf(rows)) {
    const isMain = look.view === "main",
      opened = isMain && look.open.has(group),
      unfolded = look.unfolded.has(group);
    const shown = members.filter(isShown);
    const rest = members.filter(row => !shown.includes(row) && !stateOf(row.name).why_not);
    const more = isMain ? rest.length : 0;
    if (!shown.length && !(opened && more)) {
      if (more) closed.push({ group, count: more });
      continue;
    }
    const brought = isMain ? shown.filter(isBrought) : [],
      folded = unfolded ? [] : brought.filter(row => row.name !== kept);
    const visible = members.filter(
      row => !folded.includes(row) && (shown.includes(row) || (opened && rest.includes(row))),
    );
    sections.push(sectionOf(group, namesOf(visible), more, opened, namesOf(brought), unfolded));
  }
  return { sections, closed };
}
