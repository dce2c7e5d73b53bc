// Makes the pages quicker; each of them works without this file.

const SHAPES = {
  day: { day: "numeric", month: "long", year: "numeric" },
  moment: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" },
};
const WAIT = 250;

// Times in the reader's own zone: in the text where it is a date, on hover everywhere.
function localTimes(root) {
  const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-time]")) {
    const moment = new Date(time.dateTime);
    time.title = full.format(moment);
    const shape = SHAPES[time.dataset.time];
    if (shape) time.textContent = new Intl.DateTimeFormat("en-GB", shape).format(moment);
  }
}

// A form sent once stays sent: the second click would only be waiting for the first.
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  });
  // Back from the next page: the browser may show this one as it was left.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  });
}

// Calls `answer` with the page at an address, a little after the last change; only the newest counts.
function fetcher(answer) {
  let waiting, running;
  return (address) => {
    clearTimeout(waiting);
    running?.abort();
    if (!address) return;
    waiting = setTimeout(async () => {
      running = new AbortController();
      try {
        const response = await fetch(address, { signal: running.signal });
        if (!response.ok) return;
        answer(new DOMParser().parseFromString(await response.text(), "text/html"), address);
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
    }, WAIT);
  };
}

// The list of articles follows what is typed; the server renders it, as it does without a script.
function searchWhileTyping() {
  const form = document.querySelector("form[data-search]");
  const results = document.querySelector("[data-results]");
  if (!form || !results) return;
  const load = fetcher((page, address) => {
    const found = page.querySelector("[data-results]");
    if (!found) return;
    results.replaceChildren(...found.childNodes);
    document.title = page.title;
    history.replaceState(null, "", address);
    localTimes(results);
  });
  form.addEventListener("input", () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    load(`${form.getAttribute("action")}?${query}`);
  });
}

// Articles that may answer the question, while its title is being typed.
function suggestWhileTyping() {
  const title = document.querySelector("form[data-suggest] [name=title]");
  const place = document.querySelector("[data-suggestions]");
  if (!title || !place) return;
  const load = fetcher((page) => {
    const links = [...page.querySelectorAll(".cards h3 a")].slice(0, 3);
    const nothing = page.querySelector("[data-results] .empty");
    place.replaceChildren(...(links.length && !nothing ? [suggestions(links)] : []));
  });
  title.addEventListener("input", () => {
    const typed = title.value.trim();
    if (typed.length < 4) place.replaceChildren();
    load(typed.length < 4 ? "" : `/help?${new URLSearchParams({ q: typed })}`);
  });
}

function suggestions(links) {
  const heading = document.createElement("p");
  heading.className = "hint";
  heading.textContent = "These articles may help:";
  const list = document.createElement("ul");
  list.className = "links";
  for (const link of links) {
    const copy = document.createElement("a");
    copy.href = link.getAttribute("href");
    copy.target = "_blank";
    copy.textContent = link.textContent;
    list.append(document.createElement("li"));
    list.lastChild.append(copy);
  }
  const box = document.createElement("div");
  box.append(heading, list);
  return box;
}

localTimes(document);
document.addEventListener("news", (event) => localTimes(event.target)); // a piece came later
sendOnce();
searchWhileTyping();
suggestWhileTyping();
