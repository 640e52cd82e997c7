// What the benchmark of the fit panel sees in the page, as window.fitwatch; needs window.skywatch.
//
// A slider is followed through a trait of its model that travels while it moves. Each time the page
// sets it is a step, numbered from 0; moves of the mouse belong to the step after them. A message
// tells the newest step; what Python sends while it answers that message is drawn before the next
// one is sent, so that a line that changes is of the newest step that was answered. A canvas that
// stands in for bqplot's lines says of which revision of the trait its lines are.
(() => {
  if (window.fitwatch) return;
  const { observe, until, listen } = window.skywatch;

  const isMessageOf = (key) => ({ way, keys }) => way === 'out' && keys.includes(key);

  const modelWith = async (id, name, key) => {
    const found = [...jupyterapp.shell.widgets('main')].find((one) => one.id === id);
    const mime = 'application/vnd.jupyter.widget-view+json';
    const renderer = found.content.rendermime.createRenderer(mime);
    const manager = await renderer._manager.promise;
    renderer.dispose();
    const models = await Promise.all(Object.values(manager._models));
    return models.find((one) => one.name === name && one.get(key) !== undefined);
  };

  // What changes when lines are drawn: bqplot's, or those of a canvas that stands in for them. While
  // it does bqplot's are hidden; they are seen again when it goes.
  const LINES = {
    subtree: true, childList: true, attributes: true, attributeFilter: ['d', 'data-revision'],
  };
  const isSeen = ({ type, target, attributeName, removedNodes }) => {
    if (type === 'childList') return [...removedNodes].some((one) => one.dataset?.revision);
    if (attributeName === 'data-revision') return target.isConnected;
    return target.matches('path.line') && target.checkVisibility({ visibilityProperty: true });
  };

  let log = null;

  // name, key: of the model the slider moves, and its trait; plots: CSS of each, by name.
  const begin = async ({ id, name, key, plots }) => {
    const model = await modelWith(id, name, key);
    const current = log = { frames: [], steps: [], drawn: {}, messages: [], released: null };
    const sent = new Map();
    const asks = isMessageOf(key);
    const pending = [];
    const revisions = []; // of each step
    let moves = [], answered = -1;

    const moved = (event) => moves.push(event.timeStamp);
    const released = (event) => { current.released = event.timeStamp; };
    const set = () => {
      current.steps.push(moves);
      revisions.push(model.get(key).revision);
      moves = [];
    };
    const stepOf = ({ dataset }) => revisions.indexOf(Number(dataset.revision));
    window.addEventListener('pointermove', moved, true);
    window.addEventListener('pointerup', released, true);
    model.on(`change:${key}`, set);
    listen((message) => {
      current.messages.push({ ...message, asks: asks(message) });
      if (asks(message)) sent.set(message.id, current.steps.length - 1);
      const hasLines = ['y', 'heights'].some((one) => message.keys.includes(one));
      const step = message.way === 'in' && hasLines && sent.get(message.parent);
      if (Number.isInteger(step)) answered = step;
    });
    const watchers = Object.entries(plots).map(([plot, css]) => {
      const seen = current.drawn[plot] = [];
      return observe(css, LINES, (all) => {
        const canvas = document.querySelector(`${css} canvas[data-revision]`);
        const changed = all.filter(isSeen).some((one) => !canvas || one.target === canvas);
        if (changed) pending.push({ seen, step: canvas ? stepOf(canvas) : answered });
      });
    });
    // A line that changes while a frame is prepared is painted with it.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const time = performance.now();
      pending.splice(0).forEach(({ seen, step }) => seen.push({ step, time }));
    };
    const frame = (began) => {
      if (log !== current) return;
      current.frames.push(began);
      channel.port2.postMessage(null);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    current.stop = () => {
      listen(null);
      watchers.forEach((one) => one.disconnect());
      model.off(`change:${key}`, set);
      window.removeEventListener('pointermove', moved, true);
      window.removeEventListener('pointerup', released, true);
    };
  };

  const end = () => {
    const { stop, ...told } = log;
    stop();
    log = null;
    return told;
  };

  // Lines long enough to be of a spectrum, by CSS of their plot.
  const lines = (css) => [...document.querySelectorAll(`${css} path.line`)]
    .filter((line) => (line.getAttribute('d') ?? '').length > 500);
  const areShown = (wanted) => wanted.every(([css, count]) => lines(css).length >= count);

  window.fitwatch = {
    begin,
    end,
    areShown,

    // From starting a cell until there are so many lines in each of these plots.
    panel(source, wanted) {
      return window.skywatch.shown(source, () => areShown(wanted));
    },

    // From a click until a text is where it should be.
    async clicked(button, css, text) {
      const start = performance.now();
      document.querySelector(button).click();
      return (await until(() => document.querySelector(css)?.textContent.includes(text))) - start;
    },
  };
})();
