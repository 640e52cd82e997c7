// A control for each type of value. Each has root, main (what takes the keyboard) and show(text).

const isYes = text => ["yes", "y", "true", "t"].includes(text.toLowerCase());
const isNo = text => ["no", "n", "false", "f"].includes(text.toLowerCase());

function textField(acts, properties) {
  const input = element("input", {
    type: "text",
    spellcheck: false,
    autocomplete: "off",
    ...properties,
  });
  const commit = () => acts.commit(input.value);
  input.addEventListener("input", () => acts.type(input.value));
  input.addEventListener("change", commit);
  input.addEventListener("blur", commit); // an arrow key changes a number without a change event
  input.addEventListener("keydown", event => {
    if (event.isComposing) return;
    if (event.key === "Enter") commit();
    if (event.key !== "Escape" && event.key !== "Enter") return;
    if (event.key === "Escape") acts.restore();
    event.stopPropagation(); // nothing of the notebook's
  });
  return input;
}

function setText(input, text) {
  if (input.value !== text) input.value = text; // leaves the caret where it is
}

function textControl(row, acts, properties = {}) {
  const input = textField(acts, properties);
  return { root: input, main: input, show: text => setText(input, text) };
}

function numberControl(row, acts) {
  const made = textControl(row, acts, { inputMode: "decimal", className: "nw-form-number" });
  if (row.control !== "whole") return made;
  made.main.addEventListener("keydown", event => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || !/^\s*[-+]?\d+\s*$/.test(made.main.value)) return;
    event.preventDefault();
    const { minimum = -Infinity, maximum = Infinity } = row;
    const next = Math.min(maximum, Math.max(minimum, Number(made.main.value) + by));
    made.main.value = String(next);
    acts.type(made.main.value);
  });
  return made;
}

function yesNoControl(row, acts) {
  const box = element("input", { type: "checkbox" }),
    told = element("span", {});
  box.addEventListener("change", () => acts.commit(box.checked ? "yes" : "no"));
  const show = text => {
    box.checked = isYes(text);
    box.indeterminate = !isYes(text) && !isNo(text);
    told.textContent = isYes(text) ? "yes" : isNo(text) ? "no" : text || "not given";
  };
  return { root: element("label", { className: "nw-form-yesno" }, box, told), main: box, show };
}

function choiceControl(row, acts) {
  const select = element("select", {}),
    option = text => element("option", { value: text, textContent: text });
  const strange = element("option", { hidden: true }); // a value that is none of the choices
  select.append(...row.choices.map(option));
  select.addEventListener("change", () => acts.commit(select.value));
  const show = text => {
    const known = row.choices.find(choice => choice.toLowerCase() === text.toLowerCase());
    if (known === undefined) {
      Object.assign(strange, { value: text, textContent: text || "choose ..." });
      select.prepend(strange);
    } else strange.remove();
    select.value = known ?? text;
  };
  return { root: select, main: select, show };
}

function controlFor(row, acts) {
  const makers = {
    "yes/no": yesNoControl,
    choice: choiceControl,
    number: numberControl,
    whole: numberControl,
    file: fileControl,
    text: textControl,
  };
  return makers[row.control](row, acts);
}
