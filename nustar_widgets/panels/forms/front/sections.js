// Groups with their headings, in place; what stays is not touched, so that it keeps the keyboard.

class Section {
  // acts: more(key) when the rest of the group is asked for, or is not any more, and brought(key)
  // for what came from elsewhere.
  constructor(key, acts) {
    this.title = element("h3", {});
    this.brought = new BroughtLine(key, acts.brought);
    this.body = element("div", { className: "nw-form-rows" });
    this.more = element("button", { type: "button", className: "nw-form-more" });
    this.more.addEventListener("click", () => acts.more(key));
    this.root = element(
      "section",
      { className: "nw-form-section" },
      this.title,
      this.brought.root,
      this.body,
      this.more,
    );
    this.root.dataset.group = key;
  }

  // brought: names and states of what came from elsewhere.
  show(title, rows, { more, opened, brought, unfolded }) {
    this.brought.show(brought, unfolded);
    this.title.textContent = title;
    arrangeChildren(this.body, rows);
    this.more.hidden = !more;
    this.more.textContent = opened ? "Show fewer" : `and ${more} more`;
    this.more.setAttribute("aria-expanded", String(opened));
  }
}

// One line in the place of rows nobody needs to fill in.
class BroughtLine {
  constructor(key, toggled) {
    this.origin = element("span", {});
    this.names = element("span", { className: "nw-form-name" });
    this.button = element("button", { type: "button" });
    this.button.addEventListener("click", () => toggled(key));
    this.root = element(
      "div",
      { className: "nw-form-brought" },
      element("span", {}, this.origin, " ", this.names),
      this.button,
    );
  }

  show(brought, unfolded) {
    this.root.hidden = !brought.length;
    if (!brought.length) return;
    const told = brought.map(({ name, state }) =>
      element("span", { textContent: name, title: `${quoted(state.value)}, ${state.origin}` }),
    );
    this.origin.textContent = broughtText(brought.map(({ state }) => state));
    this.names.replaceChildren(...told.flatMap((span, at) => (at ? [", ", span] : [span])));
    this.button.textContent = unfolded ? "Hide" : "Show";
    this.button.ariaLabel = `${this.button.textContent} ${this.names.textContent}`;
    this.button.setAttribute("aria-expanded", String(unfolded));
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
