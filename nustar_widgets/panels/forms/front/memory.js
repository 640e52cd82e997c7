// What the page keeps of a form while it is shown anew: by model, and by task.

const memories = new Map();

function memoryOf(model) {
  const uid = model.get("uid");
  if (!memories.has(uid))
    memories.set(uid, { tasks: new Map(), asked: 0, sought: 0, since: performance.now() });
  return memories.get(uid);
}

// Of a task: how one looks at it (see planOf), rows with help open, and what was typed.
function memoryOfTask(memory, task) {
  if (!memory.tasks.has(task))
    memory.tasks.set(task, {
      look: { view: "main", search: "", open: new Set(), unfolded: new Set(), inapplicable: false },
      help: new Set(),
      drafts: new Drafts(),
      scroll: 0,
    });
  return memory.tasks.get(task);
}

function initialize({ model }) {
  const memory = memoryOf(model);
  const received = () => (memory.since = performance.now());
  model.on("change:form", received);
  model.set("ready", model.get("ready") + 1); // the page has what it takes
  model.save_changes();
  return () => {
    model.off("change:form", received);
    memories.delete(model.get("uid"));
  };
}
