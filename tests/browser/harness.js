// What the tests ask of JupyterLab, as window.harness. Loaded into each page before its own code.
(() => {
  performance.setResourceTimingBufferSize(10000);  // all that was loaded, not the first 250

  const PATIENCE_MS = 120000;

  const within = (promise, what, patience = PATIENCE_MS) => Promise.race([
    promise,
    new Promise((_, refuse) => setTimeout(
      () => refuse(new Error(`${what} took more than ${patience / 1000} s`)), patience)),
  ]);

  const until = async (holds) => {
    while (!holds()) await new Promise((next) => setTimeout(next, 20));
  };

  const panel = (id) => {
    const found = [...jupyterapp.shell.widgets('main')].find((one) => one.id === id);
    if (!found) throw new Error('the notebook is not open');
    return found;
  };

  window.harness = {
    async start() {
      await until(() => window.jupyterapp);
      await jupyterapp.restored;
      jupyterapp.shell.collapseLeft();
    },

    // Open a notebook, wait for its kernel; its id is that of the element that holds it.
    // A kernel whose first words were lost says nothing ever after: it is started once more.
    async open(path) {
      const opened = await jupyterapp.commands.execute(
        'docmanager:open', { path, factory: 'Notebook' });
      await within(opened.context.ready, 'opening the notebook');
      const { sessionContext } = opened;
      const idle = () => until(() => sessionContext.session?.kernel?.status === 'idle');
      try {
        await within(idle(), 'the kernel', PATIENCE_MS / 2);
      } catch (met) {
        await within(sessionContext.restartKernel(), 'starting the kernel once more');
        await within(idle(), `the kernel (${sessionContext.session?.kernel?.status})`);
      }
      return opened.id;
    },

    // Run all cells; the tracebacks of those that failed.
    async run(id) {
      const opened = panel(id);
      jupyterapp.shell.activateById(id);
      await within(jupyterapp.commands.execute('notebook:run-all-cells'), 'running the cells');
      return [...opened.content.model.cells]
        .flatMap((cell) => cell.outputs?.toJSON() ?? [])
        .filter((output) => output.output_type === 'error')
        .map((output) => output.traceback.join('\n'));
    },

    // Run one cell again; the traceback, if it failed.
    async again(id, index) {
      const opened = panel(id);
      jupyterapp.shell.activateById(id);
      opened.content.deselectAll();
      opened.content.activeCellIndex = index;
      const outputs = opened.content.model.cells.get(index).outputs;
      await within(jupyterapp.commands.execute('notebook:run-cell'), 'running the cell');
      const failed = outputs.toJSON().find((output) => output.output_type === 'error');
      return failed ? failed.traceback.join('\n') : null;
    },

    // How many widget models the page holds for the notebook.
    async models(id) {
      const mime = 'application/vnd.jupyter.widget-view+json';
      const renderer = panel(id).content.rendermime.createRenderer(mime);
      const manager = await within(renderer._manager.promise, 'the widget manager');
      renderer.dispose();
      return Object.keys(manager._models).length;
    },

    // Run code in the notebook's kernel; what it printed and the value of its last line.
    async py(id, code) {
      const kernel = panel(id).sessionContext.session.kernel;
      const asked = kernel.requestExecute({ code, store_history: false, allow_stdin: false });
      let out = '';
      let error = null;
      asked.onIOPub = ({ header, content }) => {
        if (header.msg_type === 'stream' && content.name === 'stdout') out += content.text;
        if (header.msg_type === 'execute_result') out += content.data['text/plain'];
        if (header.msg_type === 'error') error = content.traceback.join('\n');
      };
      const done = asked.done.catch((met) => {
        throw new Error(`the kernel is ${kernel.status}: ${met.message}`);
      });
      await within(done, 'the kernel');
      return { out, error };
    },

    // Save the notebook; its path.
    async save(id) {
      const { context } = panel(id);
      await within(context.save(), 'saving the notebook');
      return context.path;
    },

    async close(id) {
      const opened = panel(id);
      await within(opened.sessionContext.shutdown(), 'ending the kernel');
      opened.context.model.dirty = false;  // or Lab asks whether to save
      opened.close();
    },
  };
})();
