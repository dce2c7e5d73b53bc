// The technical details on the ticket form: all of them shown, each to be left out.

import { capture, watchErrors } from "./context.js";
import { element } from "./element.js";

const LABELS = {
  url: "Page", referrer: "You came from", browser: "Browser", browserVersion: "Browser version", os: "System",
  screenSize: "Screen", language: "Language", timezone: "Time zone", timestamp: "Time",
  errorMessage: "Error", errorStack: "Where it happened", componentStack: "Component",
  gatewayStatuses: "Your gateways", recentActions: "What you did last",
};
const SHOWN = {
  gatewayStatuses: (item) => `${item.name}: ${item.status}`,
  recentActions: (item) => item.action.replaceAll(/[._]/g, " "),
};

export function technicalDetails(form) {
  watchErrors();
  const box = form.querySelector("[data-context]");
  const whole = box.querySelector("[data-include]");
  const list = box.querySelector("[data-items]");
  const value = box.querySelector("[data-context-value]");
  const status = box.querySelector("[data-context-status]");
  const known = Object.fromEntries(
    Object.entries(JSON.parse(box.dataset.known)).filter(([, items]) => items.length));
  let captured = capture();

  const ticks = new Map();
  function show(key, text) {
    const tick = element("input", { type: "checkbox", checked: true });
    tick.addEventListener("change", write);
    ticks.set(key, tick);
    list.append(element("li", {}, element("label", { className: "tick" }, tick,
      element("span", { className: "what" }, LABELS[key]), element("span", { className: "value" }, text))));
  }

  // What the server knows it adds itself; an empty list asks it not to.
  function write() {
    const given = Object.entries(captured).filter(([key]) => ticks.get(key).checked);
    const kept = Object.keys(known).filter((key) => !ticks.get(key).checked).map((key) => [key, []]);
    value.value = whole.checked ? JSON.stringify(Object.fromEntries([...given, ...kept])) : "";
    box.querySelector("[data-preview]").hidden = !whole.checked;
  }

  for (const [key, text] of Object.entries(captured)) show(key, text);
  for (const [key, items] of Object.entries(known)) show(key, items.map(SHOWN[key]).join(", "));
  whole.addEventListener("change", () => {
    status.textContent = whole.checked ? "Technical details are sent along." : "No technical details are sent.";
    write();
  });
  box.hidden = false;
  write();
  addEventListener("pageshow", write);
}
