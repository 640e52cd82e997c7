// Errors first: how many lines speak of one, the first of them, and the way from one to the next.

function errorsInWords(total) {
  return `${counted(total)} ${total === 1 ? "line speaks" : "lines speak"} of an error`;
}

// The error after a line (or before it), around the ends.
function errorBeside(numbers, line, by) {
  if (by > 0) return numbers.find(number => number > line) ?? numbers[0];
  return numbers.findLast(number => number < line) ?? numbers.at(-1);
}

class LogErrors {
  constructor({ model, from, jump }) {
    Object.assign(this, { model, from, jump });
    this.words = element("span", { className: "nw-log-errors-words" });
    this.list = element("ul", {});
    this.root = element(
      "div",
      { className: "nw-log-errors", hidden: true },
      element(
        "div",
        {},
        this.words,
        logButton("\u2191", "Previous error", () => this.step(-1)),
        logButton("\u2193", "Next error", () => this.step(1)),
      ),
      this.list,
    );
  }

  step(by) {
    const { numbers } = this.model.get("errors");
    if (numbers?.length) this.jump(errorBeside(numbers, this.from(by), by));
  }

  show() {
    const { numbers = [], texts = [] } = this.model.get("errors"),
      total = this.model.get("size").errors ?? 0;
    this.root.hidden = !total;
    const beyond =
      total > numbers.length ? ` (the buttons lead to the first ${counted(numbers.length)})` : "";
    this.words.textContent = errorsInWords(total) + beyond;
    const told = JSON.stringify([numbers.slice(0, texts.length), texts]);
    if (told === this.told) return;
    this.told = told;
    this.list.replaceChildren(...texts.map((text, n) => this.item(numbers[n], text)));
  }

  item(number, text) {
    const button = element(
      "button",
      { type: "button", title: `Go to line ${counted(number + 1)}` },
      element("span", { className: "nw-log-errors-number", textContent: counted(number + 1) }),
      element("span", { textContent: text.trim() }),
    );
    button.addEventListener("click", () => this.jump(number));
    return element("li", {}, button);
  }
}
