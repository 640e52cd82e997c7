// One job of the list: made once, then filled again, so that nothing moves under the mouse.
const LOOKS = {
  waiting: ["\u25cb", "", "waiting"],
  running: ["\u25b6", "busy", "running"],
  done: ["\u2713", "good", "done"],
  failed: ["\u2717", "bad", "failed"],
  cancelled: ["\u25a0", "", "cancelled"],
  skipped: ["\u2013", "", "skipped"],
  died: ["\u2717", "bad", "died"],
  "not started": ["\u25cb", "", "not started"],
};
const ACTIONS = [
  ["cancel", "Cancel", "End it, with all it has started"],
  ["retry", "Retry", "Run it again from its beginning"],
  ["retry_from", "Retry from here", "Run it again, and all that waited for it in vain"],
  ["forget", "Forget", "Take it off the list; its products stay on disk"],
];

// Durations as people say them: "8 s", "3 min 05 s", "2 h 07 min".
function elapsedText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

function tookText(seconds) {
  return seconds < 10 ? `${Math.max(0.1, seconds).toFixed(1)} s` : elapsedText(seconds);
}

function aboutText(seconds) {
  if (seconds < 1) return "nearly done";
  if (seconds < 90) return `about ${Math.round(seconds)} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}

// What of a job stands on its second line; `now` in seconds since 1970, as the kernel counts.
function stepText(job) {
  if (job.state === "running") {
    if (!job.n_steps) return "starting";
    const of = job.expected ? ` of ${Math.max(job.expected, job.n_steps)}` : "";
    return `step ${job.n_steps}${of}: ${job.step}`;
  }
  if (job.state === "waiting") return job.waits_for ? `for ${job.waits_for}` : "for its turn";
  return job.reason || job.badge || "";
}

function timeText(job, now) {
  if (job.began === null) return "";
  if (job.ended !== null) return `took ${tookText(job.ended - job.began)}`;
  const spent = elapsedText(now - job.began);
  if (job.remaining === null) return spent;
  return `${spent}, ${aboutText(job.remaining - (now - job.at))}`;
}

function partDone(job) {
  if (job.state !== "running" || !job.expected) return null;
  return Math.min(0.97, Math.max(0, job.n_steps - 1) / Math.max(job.expected, job.n_steps));
}

class JobRow {
  constructor(id, { choose, act }) {
    this.mark = element("span", { className: "nw-job-mark", ariaHidden: "true" });
    this.label = element("span", { className: "nw-job-label" });
    this.state = element("span", { className: "nw-job-state" });
    this.step = element("span", { className: "nw-job-step" });
    this.time = element("span", { className: "nw-job-time" });
    this.done = element("div", {});
    this.progress = element(
      "div",
      { className: "nw-job-progress", role: "progressbar" },
      this.done,
    );
    this.buttons = element("div", { className: "nw-job-buttons", role: "gridcell" });
    this.face = element("div", { className: "nw-job-face", role: "gridcell", id: `nw-job-${id}` });
    this.face.append(this.mark, this.label, this.state, this.step, this.time, this.progress);
    this.node = element("div", { className: "nw-job", role: "row" }, this.face, this.buttons);
    this.node.addEventListener("click", () => choose(id));
    for (const [kind, text, title] of ACTIONS) {
      const button = element("button", { type: "button", textContent: text, title });
      button.dataset.act = kind;
      button.addEventListener("click", (event) => {
        event.stopPropagation(); // acting on a job does not choose it
        act(kind, id);
      });
      this.buttons.append(button);
    }
  }

  fill(job, { chosen, active, now }) {
    this.job = job;
    const [mark, look, word] = LOOKS[job.state];
    this.node.dataset.look = look;
    this.node.dataset.job = job.id;
    this.node.dataset.state = job.state;
    this.mark.textContent = mark;
    this.label.textContent = job.label;
    this.label.title = `${job.label}, by ${job.engine}`;
    this.state.textContent = word;
    this.step.textContent = stepText(job);
    this.step.title = this.step.textContent;
    this.node.setAttribute("aria-selected", String(chosen));
    this.node.dataset.chosen = String(chosen);
    this.node.classList.toggle("nw-job-active", active);
    const part = partDone(job);
    this.progress.hidden = part === null;
    this.done.style.width = `${100 * (part ?? 0)}%`;
    this.progress.setAttribute("aria-valuenow", String(Math.round(100 * (part ?? 0))));
    this.progress.setAttribute("aria-label", `${job.label}, part done`);
    this.buttons.hidden = !(chosen || job.state === "running") || !job.can.length;
    for (const button of this.buttons.children) {
      button.hidden = !job.can.includes(button.dataset.act);
      button.setAttribute("aria-label", `${button.textContent}: ${job.label}`);
    }
    this.tick(now);
  }

  tick(now) {
    const text = timeText(this.job, now);
    if (this.time.textContent !== text) this.time.textContent = text;
  }
}
