// Tells the energy under the mouse over the plot of a fit, 0 where there is none, and how wide the
// plot is, 0 while it is not on the screen. Traits: only the newest travels.
function energyAt(model, figure, x) {
  const area = figure.querySelector(".plotarea_events")?.getBoundingClientRect();
  if (!area?.width) return 0;
  const part = (x - area.left) / area.width;
  if (part < 0 || part > 1) return 0;
  const [low, high] = [model.get("low_kev"), model.get("high_kev")];
  return model.get("is_log") ? low * (high / low) ** part : low + (high - low) * part;
}

function render({ model, el }) {
  Object.assign(el.style, { height: "0", width: "100%", margin: "0" });
  const width = new ResizeObserver(() => {
    model.set("width_px", Math.round(el.getBoundingClientRect().width));
    model.save_changes();
  });
  width.observe(el);
  const follow = (event) => {
    const figure = event.target.closest?.(".bqplot");
    const plot = el.closest(".nw-fit-figure");
    const inside = figure && plot?.contains(figure);
    const energy = inside ? energyAt(model, figure, event.clientX) : 0;
    if (energy === model.get("energy_kev")) return;
    model.set("energy_kev", energy);
    model.save_changes();
  };
  window.addEventListener("pointermove", follow, true);
  return () => {
    width.disconnect();
    window.removeEventListener("pointermove", follow, true);
  };
}

function initialize({ model }) {
  model.set("ready", model.get("ready") + 1);
  model.save_changes();
}

export default { initialize, render };
