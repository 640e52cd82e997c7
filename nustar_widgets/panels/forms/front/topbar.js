// Search, what is in view, and the way back to the defaults.

const VIEWS = ["main", "changed", "all"];
let switchNumber = 0;

class TopBar {
  // acts: search(text), view(name), inapplicable(on), resetAll(), down(): to the first row.
  constructor(acts) {
    this.acts = acts;
    switchNumber += 1;
    this.search = element("input", {
      type: "search",
      placeholder: "Find a parameter by name or meaning",
      ariaLabel: "Find a parameter by name or meaning",
      spellcheck: false,
      autocomplete: "off",
    });
    this.search.addEventListener("input", () => acts.search(this.search.value));
    this.search.addEventListener("keydown", event => this.pressed(event));
    this.views = new Map(VIEWS.map(view => [view, this.viewButton(view)]));
    const views = element("span", { className: "nw-form-views" });
    views.setAttribute("role", "radiogroup");
    views.setAttribute("aria-label", "Parameters in view");
    views.append(...[...this.views.values()].map(({ root }) => root));
    this.box = element("input", { type: "checkbox" });
    this.box.addEventListener("change", () => acts.inapplicable(this.box.checked));
    this.out = element("span", {});
    this.outLabel = element("label", { className: "nw-form-out" }, this.box, this.out);
    this.resetAll = element("button", { type: "button", textContent: "Reset all" });
    this.resetAll.addEventListener("click", () => {
      this.views.get("main").input.focus(); // the button cannot keep the keyboard once disabled
      acts.resetAll();
    });
    this.root = element(
      "div",
      { className: "nw-form-top" },
      element("div", {}, this.search, this.resetAll),
      element("div", {}, views, this.outLabel),
    );
  }

  viewButton(view) {
    const input = element("input", { type: "radio", name: `nw-form-view-${switchNumber}` }),
      told = element("span", {});
    input.addEventListener("change", () => this.acts.view(view));
    // While a search is shown none is in view: a click on the one there was goes back to it.
    input.addEventListener("click", () => this.acts.view(view));
    return { input, told, root: element("label", {}, input, told) };
  }

  pressed(event) {
    if (event.key === "Escape") {
      this.search.value = "";
      this.acts.search("");
    } else if (event.key === "ArrowDown" || event.key === "Enter") this.acts.down();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  show(look, counts) {
    if (this.search.value !== look.search) this.search.value = look.search;
    const words = {
      main: "Main",
      changed: `Changed (${counts.changed})`,
      all: `All (${counts.all})`,
    };
    for (const [view, { input, told }] of this.views) {
      input.checked = look.view === view;
      told.textContent = words[view];
    }
    const searching = wordsOf(look.search).length > 0;
    this.root.classList.toggle("nw-searching", searching);
    this.box.checked = look.inapplicable;
    const verb = counts.inapplicable === 1 ? "does" : "do";
    this.out.textContent = `also the ${counts.inapplicable} that ${verb} not apply`;
    this.outLabel.hidden = !(counts.inapplicable && look.view === "all") || searching;
    this.resetAll.disabled = !counts.resettable;
  }
}
