// Small comforts of the dashboard; every page works without them.
const shapes = {
  moment: { dateStyle: "medium", timeStyle: "short" },
  day: { dateStyle: "medium" },
};
for (const time of document.querySelectorAll("time[data-time]")) {
  const at = new Date(time.dateTime);
  const shape = shapes[time.dataset.time];
  time.title = at.toLocaleString(undefined, shapes.moment);
  if (shape) time.textContent = at.toLocaleString(undefined, shape);
}

for (const all of document.querySelectorAll("[data-pick-all]")) {
  const boxes = () => all.closest("form").querySelectorAll("input[name=pks]");
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
  });
}

for (const row of document.querySelectorAll("tr[data-href]")) {
  row.addEventListener("click", (event) => {
    if (event.target.closest("a, input, button, label") || getSelection().toString()) return;
    if (event.metaKey || event.ctrlKey) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });
}

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.querySelector("[aria-invalid=true]")?.focus();
