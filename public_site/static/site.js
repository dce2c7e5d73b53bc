// Makes the pages quicker; each of them works without this file.

const SHAPES = {
  day: { day: "numeric", month: "long", year: "numeric" },
  moment: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" },
};

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

localTimes(document);
document.addEventListener("news", (event) => localTimes(event.target)); // a piece came later
sendOnce();
