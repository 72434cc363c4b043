// A form that really makes the call, with the key that stands in the page's head and nowhere else.

import { block, make } from "./dom.js";

const LONGEST_SHOWN = 20_000;

export function trying(operation, key) {
  const fields = operation.parameters.map((one) => [one, input(one)]);
  const body = operation.example === undefined ? null : textarea(operation);
  const answer = make("div", { class: "answer", "aria-live": "polite" });
  const send = make("button", { type: "submit", class: "send" }, `Send ${operation.method}`);
  const form = make(
    "form",
    { class: "try", autocomplete: "off" },
    fields.map(([one, field]) => labelled(one, field)),
    body ? make("label", { class: "wide" }, make("span", {}, "body"), body) : null,
    make("div", { class: "row" }, send, operation.method === "GET" ? "" : make("span", { class: "care" }, "This changes something on this server.")),
    answer,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    answer.replaceChildren(make("p", {}, "…"));
    answer.replaceChildren(...(await made(operation, fields, body, key())));
    send.disabled = false;
  });
  return form;
}

function input(one) {
  const known = one.in === "path" ? one.example ?? "" : "";
  return make("input", { name: one.name, value: known, placeholder: one.example ?? one.schema.default ?? "", required: one.required, spellcheck: "false" });
}

function labelled(one, field) {
  return make("label", {}, make("span", {}, one.name, one.required ? make("b", { title: "required" }, " *") : ""), field);
}

function textarea(operation) {
  const text = JSON.stringify(operation.example, null, 2);
  const field = make("textarea", { rows: Math.min(16, text.split("\n").length + 1), spellcheck: "false" });
  field.value = text;
  return field;
}

async function made(operation, fields, body, key) {
  if (operation.keyed && !key) return [make("p", { class: "care" }, "Paste a key into the field above first: `textwire credentials` shows one.".replaceAll("`", ""))];
  const { target, headers } = filled(operation, fields);
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers["Content-Type"] = "application/json";
  const began = performance.now();
  try {
    const response = await fetch(target, { method: operation.method, headers, body: body?.value, cache: "no-store", credentials: "omit", redirect: "error" });
    return shown(response, await response.text(), Math.round(performance.now() - began));
  } catch (error) {
    return [make("p", { class: "care" }, `No answer: ${error.message}`)];
  }
}

function filled(operation, fields) {
  let target = operation.path;
  const query = new URLSearchParams();
  const headers = {};
  for (const [one, field] of fields) {
    if (one.in === "path") target = target.replace(`{${one.name}}`, encodeURIComponent(field.value));
    else if (field.value && one.in === "query") query.set(one.name, field.value);
    else if (field.value) headers[one.name] = field.value;
  }
  return { target: query.size ? `${target}?${query}` : target, headers };
}

function shown(response, text, ms) {
  const good = response.ok ? "good" : "bad";
  return [
    make("p", {}, make("b", { class: `status ${good}` }, String(response.status)), ` ${response.statusText} in ${ms} ms · ${response.headers.get("x-request-id") ?? ""}`),
    text ? block(pretty(text).slice(0, LONGEST_SHOWN), "the answer") : make("p", {}, "No body."),
  ];
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
