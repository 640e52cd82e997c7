// What was typed and is not yet, or not, what the task will take. Needs no page.

/* A draft of a row: its text; entry, the number under which it was sent, or null while it is
   typed or once it is answered; refused, why it was not taken; against, the value it was not taken
   in place of. */
class Drafts {
  constructor() {
    this.page = Math.random().toString(36).slice(2); // two pages may show one kernel's form
    this.entries = 0;
    this.byName = new Map();
  }

  get(name) {
    return this.byName.get(name);
  }

  drop(name) {
    this.byName.delete(name);
  }

  type(name, text) {
    this.byName.set(name, { text, entry: null, refused: "", against: "" });
  }

  // Whether this very text was sent already, or sent and refused.
  isSent(name, text) {
    const draft = this.get(name);
    return Boolean(draft && draft.text === text && (draft.entry !== null || draft.refused));
  }

  number() {
    this.entries += 1;
    return { page: this.page, entry: this.entries };
  }

  send(name, text) {
    const number = this.number();
    this.byName.set(name, { text, entry: number.entry, refused: "", against: "" });
    return number;
  }

  // Take the answers: what is taken is no draft any more, what is refused stays to be mended.
  adopt(stateOf, answers) {
    const answered = answers[this.page] || 0;
    for (const [name, draft] of this.byName) {
      const state = stateOf(name),
        isSame = state.value === draft.text;
      if (draft.entry !== null) {
        if (draft.entry > answered) continue;
        if (state.problem && !isSame) this.refuse(draft, state);
        else this.drop(name);
      } else if (draft.refused) {
        if (isSame || (!state.problem && state.value !== draft.against)) this.drop(name);
        else if (state.problem) draft.refused = state.problem;
      }
    }
  }

  refuse(draft, state) {
    Object.assign(draft, { entry: null, refused: state.problem, against: state.value });
  }
}
