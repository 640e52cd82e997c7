// The menu of sessions: recent ones, a new one, the sample. Opens above the page, Escape closes it.

class SessionMenu {
  constructor(uid, send) {
    this.send = send;
    this.button = element("button", {
      type: "button",
      className: "nw-app-menu-button",
      textContent: "Sessions \u25be",
    });
    this.button.setAttribute("aria-haspopup", "menu");
    this.button.setAttribute("aria-expanded", "false");
    this.list = element("div", { className: "nw-app-menu", role: "menu", id: `nw-menu-${uid}` });
    this.list.setAttribute("aria-label", "Sessions");
    this.list.popover = "auto";
    this.button.setAttribute("aria-controls", this.list.id);
    this.button.addEventListener("click", () => this.turn(!this.isOpen));
    this.button.addEventListener("keydown", (event) => this.opened(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("toggle", (event) => this.toggled(event.newState === "open"));
    this.node = element("span", { className: "nw-app-menu-place" }, this.button, this.list);
  }

  get isOpen() {
    return this.list.matches(":popover-open");
  }

  get items() {
    return [...this.list.querySelectorAll("[role=menuitem]:not(:disabled)")];
  }

  show(recent) {
    const held = this.list.contains(document.activeElement);
    const named = recent.map((one) => this.item(one, { kind: "recent", path: one.path }));
    const more = [
      { title: "New session", about: "in a folder of its own, beside this one" },
      { title: "Open the simulated sample", about: "SWIFT J2127.4+5654, for trying things out" },
    ].map((one, at) => this.item(one, { kind: ["new", "sample"][at] }));
    const line = element("div", { className: "nw-app-menu-line", role: "separator" });
    this.list.replaceChildren(...named, ...(named.length ? [line] : []), ...more);
    if (held) this.items[0].focus();
  }

  item({ title, about, current }, message) {
    const item = element(
      "button",
      { type: "button", role: "menuitem", tabIndex: -1, disabled: Boolean(current) },
      element("b", { textContent: current ? `${title} (open)` : title }),
      element("span", { textContent: about }),
    );
    item.addEventListener("click", () => {
      this.turn(false);
      this.send(message);
    });
    return item;
  }

  turn(open) {
    if (open === this.isOpen) return;
    if (!open) {
      this.list.hidePopover();
      return;
    }
    this.send({ kind: "menu" }); // others may have been used meanwhile
    const box = this.button.getBoundingClientRect();
    this.list.showPopover();
    const width = this.list.offsetWidth;
    this.list.style.left = `${Math.max(4, Math.min(box.left, innerWidth - width - 4))}px`;
    this.list.style.top = `${box.bottom + 2}px`;
    this.list.style.maxHeight = `${Math.max(120, innerHeight - box.bottom - 10)}px`;
    this.items[0]?.focus();
  }

  toggled(open) {
    this.button.setAttribute("aria-expanded", String(open));
    const active = document.activeElement;
    if (!open && (active === document.body || this.list.contains(active))) this.button.focus();
  }

  opened(event) {
    if (event.key !== "ArrowDown" || this.isOpen) return;
    event.preventDefault();
    this.turn(true);
  }

  key(event) {
    const items = this.items;
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") this.turn(false);
    else if (to === undefined) return;
    else {
      event.preventDefault();
      items.at(to % items.length).focus();
    }
    event.stopPropagation();
  }
}
