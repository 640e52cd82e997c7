// The steps as tabs: arrows move between them, Enter or Space opens one.

class StepTabs {
  constructor(uid, open) {
    this.uid = uid;
    this.open = open;
    this.tabs = new Map(); // by key
    this.node = element("div", { className: "nw-app-tabs", role: "tablist" });
    this.node.setAttribute("aria-label", "Steps of the analysis");
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  show(steps, open) {
    const held = this.focused;
    steps.forEach((step, at) => this.fill(this.tab(step.key), step, at + 1, step.key === open));
    arrangeChildren(
      this.node,
      steps.map((step) => this.tabs.get(step.key)),
    );
    for (const [key, tab] of this.tabs) tab.tabIndex = key === (held ?? open) ? 0 : -1;
  }

  get focused() {
    return [...this.tabs].find(([, tab]) => tab === document.activeElement)?.[0];
  }

  tab(key) {
    if (!this.tabs.has(key)) {
      const tab = element("button", { type: "button", role: "tab", id: this.idOf(key) });
      tab.className = "nw-app-tab";
      tab.addEventListener("click", () => this.open(key));
      tab.append(
        element("span", { className: "nw-app-mark", ariaHidden: "true" }),
        element("span", { className: "nw-app-name" }),
        element("span", { className: "nw-app-unseen" }),
      );
      this.tabs.set(key, tab);
    }
    return this.tabs.get(key);
  }

  fill(tab, step, number, selected) {
    const [mark, name, unseen] = tab.children;
    mark.textContent = step.sign;
    name.textContent = `${number} ${step.title}`;
    unseen.textContent = ` (${step.words})`;
    tab.dataset.mark = step.mark;
    tab.title = `${step.words}: ${step.why}`;
    tab.setAttribute("aria-selected", String(selected));
  }

  idOf(key) {
    return `nw-tab-${this.uid}-${key}`;
  }

  key(event) {
    const keys = [...this.tabs.keys()];
    const at = keys.indexOf(this.focused);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = keys.at(to % keys.length);
    for (const [key, tab] of this.tabs) tab.tabIndex = key === next ? 0 : -1;
    this.tabs.get(next).focus();
  }

  // The panels are widgets of their own beside the bar: say which tab each belongs to.
  label(pane, key) {
    pane.role = "tabpanel";
    pane.id = `nw-pane-${this.uid}-${key}`;
    pane.tabIndex = -1;
    pane.setAttribute("aria-labelledby", this.idOf(key));
    this.tabs.get(key)?.setAttribute("aria-controls", pane.id);
  }
}
