// A ticket's page: what support writes arrives by itself. Asked for seldom, and only while looked at.

const [OFTEN, SELDOM, LONGEST] = [10_000, 60_000, 300_000];
const QUIET = 30; // answers without news until we ask less often
const place = document.querySelector("[data-live]");
const news = document.querySelector("[data-news]");
let tag = place.querySelector("[data-tag]").dataset.tag, waiting, failures = 0, quiet = 0, running;

function next() {
  clearTimeout(waiting);
  if (document.hidden) return;
  const usual = quiet < QUIET ? OFTEN : SELDOM;
  waiting = setTimeout(ask, Math.min(usual * 2 ** failures, LONGEST));
}

async function ask() {
  if (running) return;
  running = new AbortController();
  try {
    const response = await fetch(place.dataset.live, {
      cache: "no-store", redirect: "manual", signal: running.signal,
      headers: { "If-None-Match": tag },
    });
    // Signed out, or the link has died: there is nothing more to wait for.
    if (response.type === "opaqueredirect" || [401, 403, 404].includes(response.status)) return;
    if (response.status === 304) quiet += 1;
    else if (!response.ok) throw new Error(response.status);
    else take(await response.text(), response.headers.get("ETag"));
    failures = 0;
  } catch {
    failures = Math.min(failures + 1, 5);
  } finally {
    running = undefined;
  }
  next();
}

function take(text, newTag) {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-thread]");
  const shown = place.querySelector("[data-thread]");
  if (!fresh) return;
  tag = newTag ?? "";
  const added = [...fresh.querySelectorAll(".thread > li")].filter((item) => !document.getElementById(item.id));
  if (!added.length && fresh.dataset.status === shown.dataset.status) return;
  quiet = 0;
  const now = document.querySelector("[data-now]");
  now.replaceChildren(...fresh.querySelector("[data-badge]").content.cloneNode(true).childNodes);
  shown.dataset.status = fresh.dataset.status;
  shown.querySelector("[data-state]").replaceWith(fresh.querySelector("[data-state]"));
  for (const item of added) item.classList.add("fresh");
  shown.querySelector(".thread").append(...added);
  shown.dispatchEvent(new CustomEvent("news", { bubbles: true }));
  announce(added, now.textContent.trim());
}

// Said in a place of its own, so that nothing moves under the hands of whoever is writing.
function announce(added, status) {
  const said = added.filter((item) => item.matches(".from-staff"))
    .map((item) => item.querySelector("bdi")?.textContent ?? "Support");
  const who = [...new Set(said)].join(", ");
  news.textContent = who ? `New answer from ${who}. Status: ${status}.` : `Status: ${status}.`;
}

// Too many files, or one that is too large: said before they are sent, not after.
function checkFiles() {
  const input = document.querySelector("input[type=file][data-most]");
  const wrong = document.getElementById("files-wrong");
  input?.addEventListener("change", () => {
    const files = [...input.files], most = Number(input.dataset.most), bytes = Number(input.dataset.bytes);
    const kept = document.querySelectorAll("[data-attached] :checked").length;
    const large = files.find((file) => file.size > bytes);
    const said = files.length + kept > most ? `Please send at most ${most} files.`
      : large ? `${large.name}: please send files of at most ${bytes / 1e6} MB.` : "";
    input.setCustomValidity(said);
    input.toggleAttribute("aria-invalid", false);
    if (said) input.setAttribute("aria-invalid", "true");
    wrong.hidden = !said;
    wrong.querySelector("span").textContent = said;
  });
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(waiting);
  if (document.hidden) return running?.abort();
  quiet = failures = 0;
  ask();
});
checkFiles();
next();
