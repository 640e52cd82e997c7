// What the benchmark of the sky panel sees in the page, as window.skywatch. Nothing here waits for
// the program that drives the mouse: all times are the page's own [ms since it was opened].
(() => {
  if (window.skywatch) return;

  // So that the pixels of WebGL can be read after they were shown; everybody's canvas alike.
  const getContext = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, options) {
    const kept = kind.startsWith('webgl') ? { ...options, preserveDrawingBuffer: true } : options;
    return getContext.call(this, kind, kept);
  };

  const SIDE = 48;
  const probe = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  const paper = getContext.call(probe, '2d', { willReadFrequently: true });

  const pixels = (canvas) => {
    paper.clearRect(0, 0, SIDE, SIDE);
    if (canvas.width && canvas.height) paper.drawImage(canvas, 0, 0, SIDE, SIDE);
    return new Uint32Array(paper.getImageData(0, 0, SIDE, SIDE).data.buffer);
  };
  const shown = (css) => [...document.querySelectorAll(css)]
    .filter((canvas) => canvas.getBoundingClientRect().width >= 200);
  const drawn = (css) => shown(css).filter((canvas) => new Set(pixels(canvas)).size >= 12).length;

  // After the frame in which something happens has been painted.
  const channel = new MessageChannel();
  const painted = [];
  channel.port1.onmessage = () => painted.splice(0).forEach((told) => told(performance.now()));
  const paint = () => new Promise((told) => requestAnimationFrame(() => {
    painted.push(told);
    channel.port2.postMessage(null);
  }));
  const until = async (holds, patience = 60000) => {
    const limit = performance.now() + patience;
    for (;;) {
      const now = await paint();
      if (holds()) return now;
      if (now > limit) throw new Error(`not in ${patience / 1000} s: ${holds}`);
    }
  };

  const addCell = (source) => {
    const panel = jupyterapp.shell.currentWidget;
    panel.content.model.sharedModel.addCell({ cell_type: 'code', source });
    panel.content.activeCellIndex = panel.content.model.cells.length - 1;
    return panel.content.activeCell;
  };
  const runCell = async (cell) => {
    await jupyterapp.commands.execute('notebook:run-cell');
    const failed = cell.model.outputs.toJSON().find((one) => one.output_type === 'error');
    if (failed) throw new Error(failed.traceback.join('\n'));
  };

  // -- the kernel's socket ----------------------------------------------------------------

  const read = (data) => {  // v1.kernel.websocket.jupyter.org
    if (typeof data === 'string') return { ...JSON.parse(data), bytes: data.length };
    const bytes = data.buffer ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const offset = (n) => Number(view.getBigUint64(8 * (n + 1), true));
    const part = (n) => new TextDecoder().decode(bytes.subarray(offset(n), offset(n + 1)));
    const [header, parent_header, content] = [1, 2, 4].map((n) => JSON.parse(part(n)));
    return { header, parent_header, content, bytes: bytes.length };
  };

  // Traits a message of a widget sets; bytes alone are beside the others.
  const keysIn = ({ state = {}, buffer_paths: buffers = [] } = {}) => [
    ...new Set([...Object.keys(state), ...buffers.map(([first]) => first)]),
  ];

  let log = null;  // of the drag that is being watched
  let hear = null;  // who is told every message, one at a time
  const note = (way, data) => {
    if (!log && !hear) return;
    const { header, parent_header: parent, content, bytes } = read(data);
    const message = {
      way, bytes, time: performance.now(), type: header.msg_type, id: header.msg_id,
      parent: parent?.msg_id ?? null, comm: content.comm_id ?? null,
      keys: keysIn(content.data), state: content.execution_state ?? null,
    };
    log?.messages.push(message);
    hear?.(message);
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (this.url.includes('/channels')) note('out', data);
    return send.call(this, data);
  };
  // Before JupyterLab's own ears, which may answer at once.
  const ears = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
  const heard = new WeakSet();
  Object.defineProperty(WebSocket.prototype, 'onmessage', {
    ...ears,
    set(hear) {
      if (this.url.includes('/channels') && !heard.has(this)) {
        heard.add(this);
        this.addEventListener('message', (event) => note('in', event.data));
      }
      ears.set.call(this, hear);
    },
  });

  // -- a drag -----------------------------------------------------------------------------

  let input = 0;  // when the mouse last moved, by the browser's own stamp
  window.addEventListener('pointermove', (event) => { input = event.timeStamp; }, true);

  const revisionIn = (css) => Math.max(
    ...[...document.querySelectorAll(css)].map((one) => Number(one.dataset.revision)), -1);

  // What changes is noted at once and stamped when it has been painted.
  const observe = (css, options, seen) => {
    const watcher = new MutationObserver(seen);
    document.querySelectorAll(css).forEach((one) => watcher.observe(one, options));
    return watcher;
  };

  const begin = ({ root, numbers, plots, outline }) => {
    const on = document.querySelector(root);
    log = { frames: [], moves: [], outlines: [], numbers: [], plots: {}, messages: [], redrawn: 0 };
    const current = log;
    const pending = [];
    const stamp = (list, revision) => pending.push({ list, revision });
    const inside = { subtree: true, childList: true, attributes: true };
    const watchers = [
      observe(root, { attributes: true, attributeFilter: ['data-revision'] },
        () => stamp(current.outlines, Number(on.dataset.revision))),
      observe(outline, { attributes: true, subtree: true }, () => { current.redrawn += 1; }),
      observe(numbers, inside, () => stamp(current.numbers, revisionIn(`${numbers} [data-revision]`))),
      ...Object.entries(plots).map(([name, css]) => {
        current.plots[name] = [];
        return observe(css, { subtree: true, attributes: true, attributeFilter: ['d'] },
          () => stamp(current.plots[name], null));
      }),
    ];
    const moved = ({ detail }) => current.moves.push(
      { revision: detail.revision, handled: detail.time, time: input });
    on.addEventListener('nw-moved', moved);
    const frame = (began) => {
      if (log !== current) return;
      current.frames.push(began);
      painted.push((now) => pending.splice(0)
        .forEach(({ list, revision }) => list.push({ revision, time: now })));
      channel.port2.postMessage(null);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    current.stop = () => {
      watchers.forEach((one) => one.disconnect());
      on.removeEventListener('nw-moved', moved);
    };
  };

  const end = () => {
    const { stop, ...told } = log;
    log = null;
    stop();
    return told;
  };

  // Times of the mouse, and of each change of an element's attribute, until `stop` is called.
  const follow = (css, attribute) => {
    const told = { moves: [], changes: [] };
    const moved = (event) => told.moves.push(event.timeStamp);
    window.addEventListener('pointermove', moved, true);
    const changed = async () => { told.changes.push(await paint()); };
    const watcher = observe(css, { attributes: true, attributeFilter: [attribute] }, changed);
    window.skywatch.stop = () => {
      window.removeEventListener('pointermove', moved, true);
      watcher.disconnect();
      return told;
    };
  };

  window.skywatch = {
    begin,
    end,
    follow,
    paint,
    observe,
    until,
    listen(told) { hear = told; },

    // From starting a cell until as many images are on the screen as it should show.
    image(source, css, count) {
      return window.skywatch.shown(source, () => drawn(css) >= count);
    },

    // From starting a cell until what a test asks for has been painted.
    async shown(source, holds) {
      const cell = addCell(source);
      await paint();
      const start = performance.now();
      const ran = runCell(cell);
      ran.catch(() => {});
      const seen = until(holds);
      await Promise.race([ran.then(() => seen), seen]);
      await ran;
      return (await seen) - start;
    },

    // From an event in the page until what follows from it has been painted.
    async after(kind, test) {
      const holds = new Function(`return (${test.trim()})`)();
      const happened = new Promise((told) => window.addEventListener(
        kind, (event) => told(event.timeStamp), { capture: true, once: true }));
      const start = await happened;
      return (await until(holds)) - start;
    },

    // A test that says whether the pixels of a canvas are others than now.
    otherPixels(css) {
      const [canvas] = shown(css);
      const before = pixels(canvas);
      return () => pixels(canvas).some((value, n) => value !== before[n]);
    },
  };
})();
