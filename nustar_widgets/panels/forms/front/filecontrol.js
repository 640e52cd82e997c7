// A file, or one of the words that stand for one.

const A_FILE = " "; // no value: nothing that is entered begins with a blank

class FileControl {
  constructor(row, acts) {
    Object.assign(this, { row, acts, naming: false, shown: "" });
    const words = row.keywords || [];
    this.input = textField(
      { ...acts, commit: text => this.commit(text), restore: () => this.restore() },
      { placeholder: row.is_output ? "name of the file or folder" : "path of the file or folder" },
    );
    this.input.setAttribute("aria-label", `${row.name}: file`);
    this.file = element("option", { value: A_FILE, textContent: "a file ..." });
    this.select = element("select", {}, ...words.map(word => this.option(word)), this.file);
    this.select.addEventListener("change", () => this.selected());
    this.choose = element("button", {
      type: "button",
      textContent: "Choose...",
      title: "Choose from a list of files",
      ariaLabel: `Choose a file for ${row.name}`,
    });
    this.choose.addEventListener("click", () => acts.pick(this.choose));
    this.root = element(
      "span",
      { className: "nw-form-file" },
      this.select,
      this.input,
      this.choose,
    );
  }

  option(word) {
    return element("option", { value: word, textContent: keywordText(this.row, word) });
  }

  get main() {
    return this.select.hidden ? this.input : this.select;
  }

  show(text) {
    if (text !== this.shown) this.naming = false;
    this.shown = text;
    const word = text.toUpperCase() in KEYWORDS ? text.toUpperCase() : "";
    const values = [...this.select.options].map(option => option.value);
    if (word && !values.includes(word)) this.select.insertBefore(this.option(word), this.file);
    this.select.hidden = this.select.options.length === 1;
    const named = !word || this.naming;
    this.select.value = named ? A_FILE : word;
    if (!(this.naming && word)) setText(this.input, word ? "" : text);
    this.showInput(named);
  }

  // What has the keyboard hands it on before it is hidden; leaving it is no entry then.
  showInput(named) {
    if (!named && document.activeElement === this.input) {
      this.leaving = true;
      this.select.focus();
      this.leaving = false;
    }
    this.input.hidden = !named;
    this.root.classList.toggle("nw-named", named);
  }

  selected() {
    this.naming = this.select.value === A_FILE;
    if (!this.naming) {
      this.acts.commit(this.select.value);
      return;
    }
    this.show(this.shown);
    this.input.focus();
  }

  // Left empty, it was not meant: the word stays.
  commit(text) {
    if (this.leaving || this.input.hidden) return;
    if (this.naming && !text.trim()) this.restore();
    else this.acts.commit(text);
  }

  restore() {
    this.naming = false;
    this.acts.restore();
    this.show(this.shown);
  }
}

const fileControl = (row, acts) => new FileControl(row, acts);
