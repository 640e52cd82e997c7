async function initialize({ model }) {
  model.set("ready", model.get("ready") + 1);
  model.save_changes();
  model.set("facts", await pageFacts(model.get("name"), model.get("kinds")));
  model.save_changes();
}

function render() {}

export default { initialize, render };
