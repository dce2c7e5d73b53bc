// Files on a form: chosen, dropped or pasted. People who signed in send them at once, with progress;
// for guests they stay in the form's own field and go with it.

import { element } from "./element.js";

const SHOWN = 60;

function inBytes(size) {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

// Sends one file; gives what the server calls it, or throws a sentence.
export function upload(address, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    body.append("file", file, file.name || "pasted.png");
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress?.(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 201) return resolve(request.response);
      const [first] = request.response?.errors ?? [];
      reject(new Error(first?.message ?? request.response?.detail ?? "It could not be sent. Please try again."));
    };
    request.onerror = () => reject(new Error("The connection was lost. Please try again."));
    request.onabort = () => reject(new Error("stopped"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

// How the rows and sentences of the field look; what is sent where, the two kinds of field say.
class Field {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input[type=file]");
    this.list = box.querySelector("[data-attached]");
    this.status = box.querySelector("[data-files-status]");
    this.wrong = box.querySelector("[data-wrong]");
    this.most = Number(box.dataset.most);
    this.bytes = Number(box.dataset.bytes);
    for (const row of [...this.list.children]) this.adopt(row);
  }

  get count() {
    return this.list.children.length;
  }

  // A row of the server's: a tick to keep the file becomes a button to remove it.
  adopt(row) {
    const tick = row.querySelector("input");
    const made = this.row(row.dataset.name, Number(row.dataset.size), () => this.gone(made));
    made.append(element("input", { type: "hidden", name: tick.name, value: tick.value }));
    row.replaceWith(made);
  }

  row(name, size, onRemove) {
    const remove = element("button", { type: "button", className: "remove" }, "Remove");
    remove.append(element("span", { className: "hidden" }, ` ${name}`));
    remove.addEventListener("click", onRemove);
    const label = name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name;
    return element("li", {}, element("span", { className: "name" }, label),
      element("span", { className: "soft small" }, inBytes(size)), remove);
  }

  gone(row) {
    row.remove();
    this.say("Removed.");
    this.complain("");
    this.input.focus();
  }

  say(text) {
    this.status.textContent = text;
  }

  complain(text) {
    this.wrong.textContent = text;
    this.wrong.closest("p").hidden = !text;
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    this.input.setAttribute("aria-describedby", text ? "files-hint files-wrong" : "files-hint");
    this.say(text);
  }

  // Those of the files that may come, after a sentence about those that may not.
  admitted(files) {
    this.box.querySelector("[data-lost]")?.remove();
    const sentences = [];
    const good = files.filter((file) => {
      if (file.size === 0) sentences.push(`${file.name}: This file is empty.`);
      else if (file.size > this.bytes) sentences.push(`${file.name}: Please send files of at most ${this.bytes / 1e6} MB.`);
      return file.size > 0 && file.size <= this.bytes;
    });
    const room = this.most - this.count;
    if (good.length > room) sentences.push(`Please send at most ${this.most} files.`);
    this.complain(sentences.join(" "));
    return good.slice(0, Math.max(0, room));
  }
}

class SentAtOnce extends Field {
  add(files) {
    for (const file of this.admitted(files)) this.send(file);
    this.input.value = "";
  }

  async send(file) {
    const stop = new AbortController();
    const name = file.name || "pasted.png";
    const row = this.row(name, file.size, () => { stop.abort(); this.gone(row); });
    const progress = element("progress", { max: 1, value: 0 });
    progress.setAttribute("aria-label", `Sending ${name}`);
    row.querySelector(".name").after(progress);
    this.list.append(row);
    this.say(`Sending ${name}.`);
    row.dataset.busy = "yes";
    try {
      const kept = await upload(this.box.dataset.upload, file, (part) => { progress.value = part; }, stop.signal);
      row.append(element("input", { type: "hidden", name: `attachment.${kept.id}`, value: kept.id }));
      this.say(`${name} is attached.`);
    } catch (error) {
      row.remove();
      if (!stop.signal.aborted) this.complain(`${name}: ${error.message}`);
    }
    progress.remove();
    delete row.dataset.busy;
  }
}

class SentWithTheForm extends Field {
  constructor(box) {
    super(box);
    this.files = [];
  }

  add(files) {
    for (const file of this.admitted(files)) {
      const row = this.row(file.name, file.size, () => {
        this.files = this.files.filter((other) => other !== file);
        this.give();
        this.gone(row);
      });
      this.files.push(file);
      this.list.append(row);
      this.say(`${file.name} is attached.`);
    }
    this.give();
  }

  give() {
    const given = new DataTransfer();
    for (const file of this.files) given.items.add(file);
    this.input.files = given.files;
  }
}

// Makes a field take files from everywhere; the form waits until all are sent.
export function filesField(form) {
  const box = form.querySelector("[data-files]");
  const field = box.dataset.upload ? new SentAtOnce(box) : new SentWithTheForm(box);
  box.querySelector("[data-drop-hint]").hidden = false;
  box.classList.add("ready");
  field.input.addEventListener("change", () => field.add([...field.input.files]));
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    box.classList.add("over");
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) box.classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    box.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    field.add([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || event.defaultPrevented) return;
    event.preventDefault();
    field.add(files);
  });
  form.addEventListener("submit", (event) => {
    if (!field.list.querySelector("[data-busy]")) return;
    event.preventDefault();
    event.stopPropagation();
    field.complain("A file is still on its way. Please wait a moment, or remove it.");
    field.input.focus();
  }, { capture: true });
}
