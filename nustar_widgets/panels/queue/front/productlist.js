// What a job has made: where it lies, to be copied, and buttons to look at it.
function initialize({ model }) {
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
}

// The clipboard is only there on safe origins; a selection can be copied everywhere.
async function copied(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    shown.textContent = text; // the whole of it is seen, and can be copied by hand
    getSelection().selectAllChildren(shown);
    return document.execCommand("copy");
  }
}

function productButton(text, name, act) {
  const button = element("button", { type: "button", textContent: text });
  button.setAttribute("aria-label", `${text}: ${name}`);
  button.addEventListener("click", () => act(button));
  return button;
}

function productItem(product, number, look) {
  const file = product.path.slice(product.path.lastIndexOf("/") + 1);
  const path = element("code", { className: "nw-product-path", textContent: file });
  path.title = product.path;
  const kind = element("span", { className: "nw-product-title", textContent: product.kind });
  const size = element("span", { className: "nw-product-size", textContent: product.size });
  const buttons = element("span", { className: "nw-product-buttons" });
  if (product.can_look) {
    const button = productButton("Look", product.kind, () => look(number));
    button.setAttribute("aria-pressed", String(product.is_open));
    buttons.append(button);
  }
  const copy = async (button) => {
    button.textContent = (await copied(product.path, path)) ? "Copied" : "Ctrl+C";
    setTimeout(() => (button.textContent = "Copy path"), 1500);
  };
  buttons.append(productButton("Copy path", product.kind, copy));
  return element("div", { className: "nw-product" }, kind, path, size, buttons);
}

function render({ model, el }) {
  const node = element("div", { className: "nw-products" });
  node.dataset.lmSuppressShortcuts = "true";
  const look = (number) => model.send({ kind: "look", number });
  const show = () => {
    const focused = [...node.querySelectorAll("button")].indexOf(document.activeElement);
    const items = model.get("products").map((product, at) => productItem(product, at, look));
    node.replaceChildren(...items);
    const open = model.get("products").findIndex((product) => product.is_open);
    node.classList.toggle("nw-product-open", open >= 0); // what is looked at needs the room
    if (open >= 0) node.scrollTop = items[open].offsetTop - node.offsetTop - 80;
    if (focused >= 0) node.querySelectorAll("button")[focused]?.focus();
  };
  show();
  model.on("change:products", show);
  el.append(node);
  return () => model.off("change:products", show);
}

export default { initialize, render };
