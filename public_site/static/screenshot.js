// A screenshot of the page with its text fields covered, or of another window, and a small editor
// that blurs regions before anything is sent. Needs no page of ours: the widget loads it too.

import { element } from "./element.js";

const PRIVATE = "input:not([type=button], [type=submit], [type=reset], [type=checkbox], [type=radio], [type=hidden]), textarea, select, [contenteditable], [data-private]";
const LIBRARY = new URL("vendor/html2canvas-pro/html2canvas-pro.min.js", import.meta.url).href;
const COVER = "#c9ccd1";
const CELLS = 6; // of a blurred region, on its longer side: nothing can be read from so few
const STEP = 0.02;
const PATIENCE = 3000;

let loading;

// The library, loaded when it is needed first.
function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = element("script", { src: LIBRARY });
    script.onload = () => resolve(window.html2canvas);
    script.onerror = () => { loading = undefined; reject(new Error("The screenshot could not be taken.")); };
    document.head.append(script);
  });
  return loading;
}

// What must not be seen, in open shadow roots too.
function privateParts(root) {
  const found = [...root.querySelectorAll(PRIVATE)];
  for (const host of root.querySelectorAll("*")) {
    if (host.shadowRoot) found.push(...privateParts(host.shadowRoot));
  }
  return found;
}

function empty(part) {
  if ("value" in part) { part.value = ""; part.removeAttribute("value"); part.placeholder = ""; }
  if (part.matches("[data-private], [contenteditable], select")) part.textContent = "";
}

// The copy loads its style sheets anew; drawn before they are there, it would look like another page.
function styled(copy) {
  const sheets = [...copy.querySelectorAll("link[rel=stylesheet]")].filter((link) => !link.sheet);
  const loaded = sheets.map((link) => new Promise((resolve) => { link.onload = link.onerror = resolve; }));
  return Promise.race([Promise.all(loaded), new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
}

// The visible part of the page. Private parts are emptied in the copy and covered in the picture.
export async function takePage() {
  const take = await library();
  const boxes = privateParts(document).map((part) => part.getBoundingClientRect());
  const scale = Math.min(2, devicePixelRatio || 1);
  const canvas = await take(document.documentElement, {
    x: scrollX, y: scrollY, width: innerWidth, height: innerHeight, scale, logging: false,
    windowWidth: document.documentElement.clientWidth, windowHeight: innerHeight,
    onclone: async (copy) => {
      for (const part of privateParts(copy)) empty(part);
      await styled(copy);
    },
  });
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = COVER;
  for (const box of boxes) pen.fillRect(box.x * scale - 1, box.y * scale - 1, box.width * scale + 2, box.height * scale + 2);
  return canvas;
}

// One picture of a window or screen that the person chooses.
export async function takeScreen() {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  const video = element("video", { srcObject: stream, muted: true });
  try {
    await video.play();
    return drawn(video, video.videoWidth, video.videoHeight);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

export async function ofFile(file) {
  const picture = await createImageBitmap(file);
  return drawn(picture, picture.width, picture.height);
}

function drawn(source, width, height) {
  const canvas = element("canvas", { width, height });
  canvas.getContext("2d").drawImage(source, 0, 0);
  return canvas;
}

// Regions as parts of the picture from 0 to 1, so that they are the same at every size.
class Blurred {
  constructor(original, canvas) {
    Object.assign(this, { original, canvas, regions: [], before: [] });
    this.draw();
  }

  change(regions) {
    this.before.push(this.regions);
    this.regions = regions;
    this.draw();
  }

  undo() {
    this.regions = this.before.pop() ?? [];
    this.draw();
  }

  draw(extra) {
    const pen = this.canvas.getContext("2d");
    pen.imageSmoothingEnabled = true;
    pen.drawImage(this.original, 0, 0);
    for (const region of extra ? [...this.regions, extra] : this.regions) this.blur(pen, region);
  }

  blur(pen, region) {
    const [x, y] = [region.x * this.canvas.width, region.y * this.canvas.height].map(Math.floor);
    const [width, height] = [region.width * this.canvas.width, region.height * this.canvas.height].map(Math.ceil);
    if (width < 1 || height < 1) return;
    const cell = Math.max(width, height) / CELLS;
    const [across, down] = [Math.max(1, Math.round(width / cell)), Math.max(1, Math.round(height / cell))];
    const small = element("canvas", { width: across, height: down });
    small.getContext("2d").drawImage(this.original, x, y, width, height, 0, 0, across, down);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, across, down, x, y, width, height);
    pen.imageSmoothingEnabled = true;
  }
}

const within = (number) => Math.min(1, Math.max(0, number));

function between(a, b) {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

function dragging(canvas, picture, changed) {
  let start = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: within((event.clientX - box.x) / box.width), y: within((event.clientY - box.y) / box.height) };
  };
  canvas.addEventListener("pointerdown", (event) => { start = at(event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => { if (start) picture.draw(between(start, at(event))); });
  canvas.addEventListener("pointerup", (event) => {
    const region = start && between(start, at(event));
    start = null;
    if (region && region.width > 0.005 && region.height > 0.005) picture.change([...picture.regions, region]);
    changed();
  });
  canvas.addEventListener("pointercancel", () => { start = null; picture.draw(); });
}

// Arrow keys move a region, with Shift they change its size.
function moved(region, event) {
  const [dx, dy] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key] ?? [0, 0];
  if (!dx && !dy) return null;
  event.preventDefault();
  if (event.shiftKey) return { ...region, width: Math.max(STEP, region.width + dx), height: Math.max(STEP, region.height + dy) };
  return { ...region, x: within(region.x + dx), y: within(region.y + dy) };
}

function button(text, className, press) {
  const made = element("button", { type: "button", className }, text);
  made.addEventListener("click", press);
  return made;
}

// Shows the picture in a dialog; gives the edited one, or null when nobody wants it.
export function edit(original) {
  const canvas = element("canvas", { width: original.width, height: original.height });
  const picture = new Blurred(original, canvas);
  const list = element("ul", { className: "regions" });
  const undo = button("Undo", "button quiet", () => { picture.undo(); changed(); });
  const dialog = element("dialog", { className: "editor" });

  function changed(focus = -1) {
    undo.disabled = picture.before.length === 0;
    list.replaceChildren(...picture.regions.map((region, n) => {
      const without = picture.regions.filter((other) => other !== region);
      const area = button(`Area ${n + 1}: arrow keys move it, with Shift they change its size`, "plain-button", () => {});
      area.addEventListener("keydown", (event) => {
        const next = moved(region, event);
        if (!next) return;
        picture.change(picture.regions.map((other) => (other === region ? next : other)));
        changed(n);
      });
      const remove = button("Remove", "remove", () => { picture.change(without); changed(); undo.focus(); });
      remove.setAttribute("aria-label", `Remove area ${n + 1}`);
      return element("li", {}, area, remove);
    }));
    if (focus >= 0) list.children[focus].querySelector("button").focus();
  }

  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Your screenshot");
  dialog.setAttribute("aria-labelledby", "editor-title");
  return new Promise((resolve) => {
    const close = (result) => { dialog.remove(); resolve(result); };
    const add = button("Blur an area", "button quiet", () => {
      picture.change([...picture.regions, { x: 0.3, y: 0.4, width: 0.4, height: 0.2 }]);
      changed(picture.regions.length - 1);
    });
    dialog.append(
      element("h2", { id: "editor-title" }, "Check your screenshot"),
      element("p", { className: "hint" }, "Drag over what nobody should see. Blurred parts cannot be made out again."),
      element("div", { className: "stage" }, canvas), list,
      element("div", { className: "row" }, button("Use screenshot", "button", () => close(canvas)), add, undo,
        button("Cancel", "button quiet", () => close(null))));
    dialog.addEventListener("cancel", () => close(null));
    dragging(canvas, picture, changed);
    changed();
    document.body.append(dialog);
    dialog.showModal();
  });
}

// The picture as a file of at most so many bytes.
export async function asFile(canvas, most) {
  for (const [type, quality] of [["image/png"], ["image/jpeg", 0.9], ["image/jpeg", 0.6]]) {
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, type, quality); });
    if (blob && blob.size <= most) return new File([blob], `screenshot.${type.slice(6)}`, { type });
  }
  throw new Error("The screenshot is too large.");
}
