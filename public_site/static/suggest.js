// Offers articles while somebody types: a list below the field, for keyboard and pointer.
// The field is a combobox of the ARIA pattern; the focus stays in it.

import { element } from "./element.js";

const WAIT = 200;

// Calls `choose` with the article that was chosen; `least` is how many letters are enough to look.
export function offerArticles(input, { least, category = "", choose }) {
  const list = element("ul", { id: `${input.id}-options`, className: "options", role: "listbox", hidden: true });
  list.setAttribute("aria-label", "Articles");
  const status = element("p", { className: "hidden", role: "status" });
  input.after(list);
  list.after(status);
  input.parentElement.classList.add("offering");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"],
    ["aria-controls", list.id], ["aria-expanded", "false"]]) input.setAttribute(name, value);
  let items = [], active = -1, waiting, running;

  function mark(place) {
    active = place;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[place].id);
    list.children[place].scrollIntoView({ block: "nearest" });
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    mark(-1);
  }

  function stop() {
    clearTimeout(waiting);
    running?.abort();
    open(false);
    status.textContent = "";
  }

  function show(found) {
    items = found;
    list.replaceChildren(...items.map((item, at) => {
      const option = element("li", { id: `${list.id}-${at}`, role: "option" },
        element("b", { dir: "auto" }, item.title), element("span", {}, item.category));
      option.addEventListener("click", () => take(item));
      return option;
    }));
    open(items.length > 0);
    const count = items.length === 1 ? "1 article" : `${items.length} articles`;
    status.textContent = items.length ? `${count}. Choose with the arrow keys.` : "No article yet.";
  }

  function take(item) {
    stop();
    choose(item);
  }

  async function look(typed) {
    running = new AbortController();
    const query = new URLSearchParams({ q: typed, ...(category && { category }) });
    try {
      const response = await fetch(`/help/suggestions.json?${query}`, { signal: running.signal });
      if (response.ok) show((await response.json()).items);
    } catch (error) {
      if (error.name !== "AbortError") open(false); // no network: the form still works
    }
  }

  input.addEventListener("input", () => {
    const typed = input.value.trim();
    clearTimeout(waiting);
    running?.abort();
    if (typed.length < least) return stop();
    waiting = setTimeout(look, WAIT, typed);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length && input.value.trim().length >= least) {
      event.preventDefault();
      if (list.hidden) open(true);
      // One place more than there are articles: the field itself.
      const places = items.length + 1;
      mark((active + 1 + step + places) % places - 1);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      stop();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(items[active]);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays
  input.addEventListener("blur", stop);
  addEventListener("pagehide", stop);
}
