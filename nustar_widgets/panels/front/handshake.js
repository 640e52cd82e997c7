// What the page is, and which widgets' code it was given. Named facts alone leave it: the page's
// settings hold secrets, too.

const EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "anywidget", "bqplot"];
const LOOKS = 80; // for a widget, one each tenth of a second
const BROWSER = /(Firefox|Edg|Chrome|Version)\/(\d+)/;

function pageSettings() {
  try {
    return JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}");
  } catch {
    return {};
  }
}

function frontEnd(settings) {
  if (typeof acquireVsCodeApi === "function" || location.protocol === "vscode-webview:")
    return "VS Code";
  if (globalThis.google?.colab) return "Colab";
  if (settings.appUrl === "voila/") return "Voila";
  return String(settings.appName || "a page that does not name itself");
}

function browserName() {
  const [, name, version] = BROWSER.exec(navigator.userAgent) ?? [];
  return name ? `${name === "Version" ? "Safari" : name} ${version}` : "";
}

// The version of a prebuilt extension; null where the page was not given it.
async function versionOf(settings, name) {
  const given = settings.federated_extensions ?? [];
  if (!given.some((extension) => extension.name === name)) return null;
  try {
    const answer = await fetch(`${settings.fullLabextensionsUrl}/${name}/package.json`);
    return String((await answer.json()).version);
  } catch {
    return "";
  }
}

// Whether the page could make a widget: it shows what such a widget is made of, not an error.
async function isMade(selector, made) {
  for (let look = 0; look < LOOKS; look += 1) {
    const root = document.querySelector(selector);
    if (root?.querySelector(made)) return true;
    if (root?.querySelector(".jupyter-widgets-error-widget")) return false;
    await new Promise((next) => setTimeout(next, 100));
  }
  return false;
}

// `name` is the class of the widgets that were put into the page, `kinds` what each is made of.
async function pageFacts(name, kinds) {
  const settings = pageSettings();
  const versions = await Promise.all(EXTENSIONS.map((name) => versionOf(settings, name)));
  const shown = await Promise.all(
    Object.entries(kinds).map(async ([kind, made]) => [kind, await isMade(`.${name}-${kind}`, made)]),
  );
  const disabled = settings.disabledExtensions ?? [];
  return {
    front: frontEnd(settings),
    version: String(settings.appVersion ?? ""),
    browser: browserName(),
    extensions: Object.fromEntries(EXTENSIONS.map((name, at) => [name, versions[at]])),
    disabled: EXTENSIONS.filter((name) => disabled.includes(name)),
    shown: Object.fromEntries(shown),
    knows_extensions: Array.isArray(settings.federated_extensions),
  };
}
