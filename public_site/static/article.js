// Links to the parts of an article, and buttons that copy its code; it reads well without them.

const SAID = 2000;

function linkHeadings(prose) {
  for (const heading of prose.querySelectorAll(":is(h2, h3, h4)[id]")) {
    const link = document.createElement("a");
    link.className = "anchor";
    link.href = `#${heading.id}`;
    link.textContent = "#";
    link.setAttribute("aria-label", `Link to “${heading.textContent}”`);
    heading.append(" ", link);
  }
}

function copyCode(prose) {
  for (const code of prose.querySelectorAll("pre")) {
    const button = document.createElement("button");
    button.className = "button quiet copy";
    button.type = "button";
    button.textContent = "Copy";
    const said = document.createElement("span");
    said.className = "hidden";
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      const text = code.textContent;
      const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
      button.textContent = done ? "Copied" : "Select it";
      said.textContent = done ? "Copied" : "Copying is not allowed here. The code is selected.";
      if (!done) getSelection().selectAllChildren(code);
      setTimeout(() => {
        button.textContent = "Copy";
        said.textContent = "";
      }, SAID);
    });
    const box = document.createElement("div");
    box.className = "code";
    code.before(box);
    box.append(code, button, said);
  }
}

const prose = document.querySelector(".prose");
if (prose) {
  linkHeadings(prose);
  if (navigator.clipboard) copyCode(prose);
}
