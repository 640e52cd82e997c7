// Groups with their headings, in place; what stays is not touched, so that it keeps the keyboard.

// Make the children of a node those that are wanted, and move none that can stay.
function reconcile(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstChild;
  for (const node of wanted) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

class Section {
  // toggled: told the key when the rest of the group is asked for, or is not any more.
  constructor(key, toggled) {
    this.title = element("h4", {});
    this.body = element("div", {});
    this.more = element("button", { type: "button", className: "nw-form-more" });
    this.more.addEventListener("click", () => toggled(key));
    this.root = element(
      "section",
      { className: "nw-form-section" },
      this.title,
      this.body,
      this.more,
    );
    this.root.dataset.group = key;
  }

  show(title, rows, { more, opened }) {
    this.title.textContent = title;
    reconcile(this.body, rows);
    this.more.hidden = !more;
    this.more.textContent = opened ? "Show fewer" : `and ${more} more`;
    this.more.setAttribute("aria-expanded", String(opened));
  }
}

// Groups of which nothing is in view, each a click away.
class ClosedGroups {
  constructor(opened) {
    this.opened = opened;
    this.root = element("div", { className: "nw-form-closed" });
    this.told = "";
  }

  show(closed) {
    const told = JSON.stringify(closed);
    if (told === this.told) return; // a button that is pressed stays
    this.told = told;
    this.root.hidden = !closed.length;
    this.root.replaceChildren("More: ", ...closed.map(one => this.button(one)));
  }

  button({ group, count }) {
    const button = element("button", { type: "button", textContent: `${group} (${count})` });
    button.addEventListener("click", () => this.opened(group));
    return button;
  }
}
