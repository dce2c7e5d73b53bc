// What a page can tell about itself and its browser, for a ticket. Secrets in addresses and errors
// are cut out here as on the server. Needs no page of ours: the widget loads it too.

const MOST = { url: 2000, referrer: 2000, errorMessage: 2000, errorStack: 8000, componentStack: 8000 };
const LINES = ["errorMessage", "errorStack", "componentStack"];
const SECRET = /token|key|secret|password|passwd|pwd|auth|session|code|sig/i;
const BROWSERS = [
  [/Edg(?:e|A|iOS)?\/([\d.]+)/, "Edge"], [/OPR\/([\d.]+)/, "Opera"], [/SamsungBrowser\/([\d.]+)/, "Samsung Internet"],
  [/(?:Firefox|FxiOS)\/([\d.]+)/, "Firefox"], [/(?:HeadlessChrome|Chrome|CriOS)\/([\d.]+)/, "Chrome"],
  [/Version\/([\d.]+).*Safari/, "Safari"],
];
const SYSTEMS = [
  [/Windows NT/, "Windows"], [/Android ([\d.]+)/, "Android"], [/(?:iPhone|iPad).*OS ([\d_]+)/, "iOS"],
  [/CrOS/, "ChromeOS"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"],
];

// Values of secret-looking parameters, users in addresses, bot tokens; the server's rule, in its order.
export function mask(text) {
  return withoutSecretParameters(text)
    .replace(/(?<=:\/\/)[^/@?#]*@/g, "•••@")
    .replace(/(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}/g, "•••");
}

function withoutSecretParameters(text) {
  let kept = "", end = 0;
  for (const match of text.matchAll(/[?&#;]([^=&#;?\s]{1,100})=/g)) {
    if (match.index < end || !SECRET.test(match[1])) continue;
    const start = match.index + match[0].length;
    kept += `${text.slice(end, start)}•••`;
    end = start + /^[^&#;\s]*/.exec(text.slice(start))[0].length;
  }
  return kept + text.slice(end);
}

function fitting(key, value) {
  const limit = MOST[key] ?? 60;
  const clean = LINES.includes(key) ? value : value.replace(/\s+/g, " ").trim();
  return mask(clean).slice(0, limit);
}

function named(table, agent) {
  for (const [pattern, name] of table) {
    const match = pattern.exec(agent);
    if (match) return [name, (match[1] ?? "").replaceAll("_", ".")];
  }
  return ["", ""];
}

// Errors of this page since the module was loaded; the last one is told.
let lastError = null;

export function noteError(error, componentStack = "") {
  lastError = {
    errorMessage: String(error?.message ?? error),
    errorStack: String(error?.stack ?? ""),
    componentStack: String(componentStack),
  };
}

export function watchErrors() {
  addEventListener("error", (event) => noteError(event.error ?? event.message));
  addEventListener("unhandledrejection", (event) => noteError(event.reason));
}

// Everything at once, under the names that the server knows; what is empty is left out.
export function capture({ url = location.href, referrer = document.referrer, error = lastError } = {}) {
  const [browser, browserVersion] = named(BROWSERS, navigator.userAgent);
  const [os, version] = named(SYSTEMS, navigator.userAgent);
  const found = {
    url, referrer, browser, browserVersion, os: `${os} ${version}`,
    screenSize: `${screen.width}x${screen.height}, window ${innerWidth}x${innerHeight}`,
    language: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    timestamp: new Date().toISOString(),
    ...error,
  };
  const pairs = Object.entries(found).map(([key, value]) => [key, fitting(key, value ?? "")]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}
