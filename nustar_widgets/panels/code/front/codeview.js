// Code to read, select and copy.

const TOLD_MS = 2000;

async function copied(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that was not opened over https or from this machine has no clipboard of that kind.
    const selection = getSelection();
    selection.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}

function render({ model, el }) {
  const shown = element("code", {});
  const text = element("pre", { className: "nw-code-text", tabIndex: 0 }, shown);
  const button = element("button", { className: "nw-code-copy", type: "button" });
  const told = element("span", { className: "nw-code-told", role: "status" });
  el.append(
    element(
      "div",
      { className: "nw-code" },
      element("div", { className: "nw-code-bar" }, told, button),
      text,
    ),
  );
  const show = () => {
    shown.textContent = model.get("code");
    button.textContent = `Copy ${model.get("label")}`;
    text.ariaLabel = model.get("label");
    text.style.maxHeight = `${model.get("rows") * 1.45 + 1}em`;
  };
  button.addEventListener("click", async () => {
    const done = await copied(model.get("code"), shown);
    told.textContent = done ? "copied" : "select the text and press Ctrl+C";
    setTimeout(() => (told.textContent = ""), TOLD_MS);
  });
  model.on("change:code change:label change:rows", show);
  show();
  return () => model.off("change:code change:label change:rows", show);
}

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1);
  model.save_changes();
}

export default { initialize, render };
