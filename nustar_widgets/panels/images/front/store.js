// Images by key, for all views of a model: sent once, asked for again by a page that has lost them.
const stores = new Map();
const MOST_IMAGES = 24; // kept for a view; what was let go is asked for again

function storeOf(model) {
  const id = model.get("uid");
  if (!stores.has(id))
    stores.set(id, { images: new Map(), asked: new Set(), listeners: new Set() });
  return stores.get(id);
}

function initialize({ model }) {
  const store = storeOf(model);
  const hear = (message, buffers) => {
    if (message.kind !== "image") return;
    store.images.set(message.key, decoded(message, buffers[0]));
    if (store.images.size > MOST_IMAGES) store.images.delete(store.images.keys().next().value);
    store.asked.delete(message.key);
    for (const listener of store.listeners) listener();
  };
  model.on("msg:custom", hear);
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
  return () => {
    model.off("msg:custom", hear);
    stores.delete(model.get("uid"));
  };
}
