// Makes elements. Whatever a document or an answer says becomes text, never markup.

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// A line of text in which `words` stand as code.
export function line(text) {
  return String(text ?? "")
    .split("`")
    .map((part, place) => (place % 2 ? make("code", {}, part) : part));
}

// Paragraphs, and lists whose items begin with "- ".
export function prose(text) {
  const blocks = String(text ?? "").trim().split(/\n\n+/);
  return blocks.map((block) => {
    if (!block.startsWith("- ")) return make("p", {}, line(block.replaceAll("\n", " ")));
    const items = block.slice(2).split(/\n- /);
    return make("ul", {}, items.map((item) => make("li", {}, line(item.replace(/\n\s*/g, " ")))));
  });
}

export function block(text, label) {
  const code = make("code", {}, text);
  const copy = make("button", { type: "button", class: "copy", "aria-label": `Copy ${label}` }, "copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(code.textContent);
    copy.textContent = "copied";
    setTimeout(() => (copy.textContent = "copy"), 1500);
  });
  return make("div", { class: "block" }, copy, make("pre", { tabindex: 0, "aria-label": label }, code));
}
