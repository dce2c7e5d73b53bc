// What was typed stays in this browser until it is sent: for each person apart, and no files.

import { element } from "./element.js";

const FIELDS = ["type", "category", "severity", "title", "description"];
const TYPED = ["title", "description"];
const KEPT = 7 * 24 * 3600 * 1000;
const WAIT = 300;

function read(store, name) {
  try {
    const found = JSON.parse(store.getItem(name) ?? "null");
    return found && Date.now() - found.at < KEPT ? found : null;
  } catch {
    return null; // no storage here, or nothing that we wrote
  }
}

function write(store, name, value) {
  try {
    if (value) store.setItem(name, JSON.stringify({ ...value, at: Date.now() }));
    else store.removeItem(name);
  } catch {
    // Without a storage there is no draft.
  }
}

const nameFor = (person) => `support-draft:${person}`;

export function forgetDraft(person) {
  write(localStorage, nameFor(person), null);
}

export function keepDraft(form) {
  const name = nameFor(form.dataset.person);
  const sending = `${name}:sending`;
  const place = document.querySelector("[data-draft]");
  const field = (key) => form.elements[key];
  let waiting;

  function typed() {
    const values = Object.fromEntries(FIELDS.map((key) => [key, field(key).value]));
    return TYPED.some((key) => values[key].trim()) ? { values } : null;
  }

  function save() {
    clearTimeout(waiting);
    write(localStorage, name, typed());
  }

  // A form on its way: its draft is gone from here, and comes back only when it did not arrive.
  function returned() {
    const sent = read(sessionStorage, sending);
    write(sessionStorage, sending, null);
    return sent && sent.key !== form.dataset.sentKey ? sent : null;
  }

  function discard() {
    for (const key of FIELDS) field(key).value = field(key).dataset.before ?? "";
    write(localStorage, name, null);
    place.replaceChildren("Draft discarded.");
    field("title").focus();
  }

  function restore(draft) {
    for (const key of FIELDS) {
      field(key).dataset.before = field(key).value;
      const isFree = TYPED.includes(key) || key === "severity" || !field(key).value;
      if (isFree && draft.values[key]) field(key).value = draft.values[key];
    }
    const button = element("button", { type: "button", className: "plain-button" }, "Discard");
    button.addEventListener("click", discard);
    place.replaceChildren("Draft restored. ", button);
  }

  const draft = returned() ?? read(localStorage, name);
  const isUntouched = TYPED.every((key) => !field(key).value);
  if (draft && isUntouched && !("back" in form.dataset)) restore(draft);
  save();
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, WAIT);
  });
  addEventListener("pagehide", () => { if (!form.dataset.sent) save(); });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(waiting);
    const values = typed();
    write(sessionStorage, sending, values && { ...values, key: field("key").value });
    write(localStorage, name, null);
  });
}
