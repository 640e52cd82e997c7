// Keys pressed in the panel around this view are its own, not JupyterLab's shortcuts.

const MOST_FRAMES = 600;

// JupyterLab asks the element that has the focus, before those around it.
function keep(event) {
  event.target.dataset.lmSuppressShortcuts = "true";
}

function render({ el }) {
  el.style.display = "none";
  let frames = 0;
  let around = null;
  const look = () => {
    around = el.closest(".nw-panel");
    if (around) {
      around.addEventListener("focusin", keep);
    } else if (frames < MOST_FRAMES) {
      // It is put into the page only after it was made.
      frames += 1;
      requestAnimationFrame(look);
    }
  };
  look();
  return () => {
    frames = MOST_FRAMES;
    around?.removeEventListener("focusin", keep);
  };
}

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1);
  model.save_changes();
}

export default { initialize, render };
