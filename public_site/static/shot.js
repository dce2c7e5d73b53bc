// The screenshot on the ticket form: three ways to one, and what becomes of it.

import { element } from "./element.js";
import { upload } from "./files.js";

export function screenshotField(form) {
  const box = form.querySelector("[data-screenshot]");
  const find = (what) => box.querySelector(what);
  const [id, file, taken] = [find("[name=screenshotId]"), find("[name=screenshot]"), find("[data-screenshot-taken]")];
  const files = form.querySelector("[data-files]");
  const pick = element("input", { type: "file", accept: file.accept });
  const ofFile = find("[data-of-file]");

  function say(text, isWrong) {
    find("[data-wrong]").textContent = isWrong ? text : "";
    find("#screenshot-wrong").hidden = !isWrong;
    find("[data-screenshot-status]").textContent = text;
  }

  function show(preview) {
    const remove = element("button", { type: "button", className: "remove" }, "Remove",
      element("span", { className: "hidden" }, " screenshot"));
    remove.addEventListener("click", () => {
      taken.replaceChildren();
      id.value = file.value = "";
      say("Removed.");
      ofFile.focus();
    });
    preview.classList.add("thumb");
    taken.replaceChildren(element("li", {}, preview, element("span", { className: "name" }, "Your screenshot"), remove));
  }

  async function keep(canvas, tools) {
    const made = await tools.asFile(canvas, Number(files.dataset.bytes));
    if (files.dataset.upload) {
      say("Sending the screenshot.");
      id.value = (await upload(files.dataset.upload, made)).id;
    } else {
      const given = new DataTransfer();
      given.items.add(made);
      file.files = given.files;
    }
    show(canvas);
    say("The screenshot is attached.");
  }

  async function run(button, take) {
    button.disabled = true;
    say("");
    try {
      const tools = await import("./screenshot.js");
      const edited = await tools.edit(await take(tools));
      if (edited) await keep(edited, tools);
    } catch (error) {
      const isTheirWish = error.name === "NotAllowedError";
      if (!isTheirWish) say(`${error.message} You can choose a picture instead, or paste one.`, true);
    } finally {
      button.disabled = false;
      button.focus();
    }
  }

  find("[data-of-page]").addEventListener("click", (event) => run(event.currentTarget, (tools) => tools.takePage()));
  const screen = find("[data-of-screen]");
  screen.hidden = !navigator.mediaDevices?.getDisplayMedia;
  screen.addEventListener("click", () => run(screen, (tools) => tools.takeScreen()));
  ofFile.addEventListener("click", () => pick.click());
  pick.addEventListener("change", () => {
    const [chosen] = pick.files;
    if (chosen) run(ofFile, (tools) => tools.ofFile(chosen));
    pick.value = "";
  });
  const kept = taken.querySelector("[data-kept]");
  if (kept) show(element("span", {}));
  box.hidden = false;
}
