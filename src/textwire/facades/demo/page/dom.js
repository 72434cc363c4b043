// Makes elements and finds them. Whatever a person or a server says becomes text, never markup.

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const find = (id) => document.getElementById(id);

// What a step says of itself: `state` is "", "busy", "done" or "bad".
export function say(step, state, words) {
  const card = find(step);
  card.dataset.state = state;
  card.querySelector("[role=status]").textContent = words;
}

// A step that is done needs no room, but can be done again.
export function fold(step) {
  const [card, title] = [find(step), find(`${step}-title`)];
  const unfold = () => (card.classList.remove("folded"), again.remove());
  const again = make("button", { type: "button", class: "again", onclick: unfold }, "Change");
  title.querySelector(".again")?.remove();
  title.append(again);
  card.classList.add("folded");
}

// `work` when the form is sent, one at a time; what it throws is told at the step.
export function on(step, work) {
  const form = find(step).querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button");
    button.disabled = true;
    try {
      await work(new FormData(form), button);
    } catch (error) {
      say(step, "bad", error.message || String(error));
    } finally {
      button.disabled = false;
    }
  });
}
