// Draws one call: what it is for, what it takes, how it ends, and how to make it.

import { block, line, make } from "./dom.js";
import { curl, python } from "./samples.js";
import { trying } from "./trying.js";

const JSON_TYPE = "application/json";

// What the page needs of an Operation Object.
export function read(path, method, one) {
  const content = one.requestBody?.content?.[JSON_TYPE];
  return {
    id: one.operationId,
    path,
    method: method.toUpperCase(),
    subject: one.tags?.[0] ?? "",
    summary: one.summary ?? one.operationId,
    description: (one.description ?? "").replace(/Needs a key with the scope `\w+`\.\s*/, ""), // it is told beside the path
    keyed: one.security === undefined,
    scope: one["x-scope"],
    parameters: one.parameters ?? [],
    form: content?.schema,
    example: content?.example,
    limit: one.requestBody?.description,
    responses: one.responses ?? {},
  };
}

export function draw(operation, words, key) {
  return make(
    "article",
    { id: operation.id, class: "call" },
    make(
      "header",
      {},
      make("h3", {}, make("a", { href: `#${operation.id}` }, operation.summary)),
      make("p", { class: "path" }, badge(operation.method), make("code", {}, operation.path), operation.scope ? make("span", { class: "scope" }, `scope ${operation.scope}`) : operation.keyed ? "" : make("span", { class: "scope" }, "no key needed")),
      operation.description ? make("p", {}, line(operation.description)) : null,
    ),
    make("div", { class: "sides" }, make("div", { class: "takes" }, takes(operation, words)), make("div", { class: "shows" }, samples(operation), answered(operation))),
    make("details", { class: "more" }, make("summary", {}, "How it ends"), endings(operation, words)),
    lazily("Try it", () => trying(operation, key)),
  );
}

export function badge(method) {
  return make("b", { class: `method ${method.toLowerCase()}` }, method);
}

function takes(operation, words) {
  const rows = operation.parameters.map((one) => row(one.name, one.schema, one.required, words, one.in, one.description));
  const fields = operation.form ? words.fields(operation.form).map(([path, schema, required]) => row(path, schema, required, words, "body")) : [];
  if (!rows.length && !fields.length) return [make("p", { class: "quiet" }, "It takes nothing but its path.")];
  return [
    rows.length ? make("h4", {}, "Parameters") : null,
    rows.length ? make("dl", {}, rows) : null,
    fields.length ? make("h4", {}, "Body", make("small", {}, ` ${operation.limit ?? ""}`)) : null,
    fields.length ? make("dl", {}, fields) : null,
  ];
}

function row(name, schema, required, words, where, said) {
  const kind = make("span", { class: "kind" }, words.kind(schema));
  const description = said ?? words.description(schema);
  const bounds = words.bounds(schema, where === "answer");
  return make(
    "div",
    {},
    make("dt", {}, make("code", {}, name), " ", kind, required ? make("b", { class: "must" }, "required") : "", ["body", "answer"].includes(where) ? "" : make("i", {}, where)),
    make("dd", {}, line(description), description && bounds ? " — " : "", line(bounds)),
  );
}

function samples(operation) {
  const example = {
    method: operation.method,
    target: operation.path.replace(/\{(\w+)\}/g, (_, name) => operation.parameters.find((one) => one.name === name)?.example ?? name),
    keyed: operation.keyed,
    headers: Object.fromEntries(operation.parameters.filter((one) => one.in === "header" && one.example).map((one) => [one.name, one.example])),
    body: operation.example,
  };
  const origin = window.location.origin;
  return tabs(operation.id, { curl: curl(example, origin), Python: python(example, origin) });
}

function tabs(id, texts) {
  const panels = Object.entries(texts).map(([name, text], place) => make("div", { role: "tabpanel", id: `${id}-${name}`, hidden: place > 0 }, block(text, `the call in ${name}`)));
  const heads = Object.keys(texts).map((name, place) => make("button", { type: "button", role: "tab", "aria-controls": `${id}-${name}`, "aria-selected": place === 0 ? "true" : "false" }, name));
  heads.forEach((head, place) =>
    head.addEventListener("click", () => {
      heads.forEach((other, there) => other.setAttribute("aria-selected", String(there === place)));
      panels.forEach((panel, there) => (panel.hidden = there !== place));
    }),
  );
  return make("div", { class: "tabs" }, make("div", { role: "tablist", "aria-label": "Language" }, heads), panels);
}

function answered(operation) {
  const [status, answer] = Object.entries(operation.responses).find(([code]) => code.startsWith("2") || code === "101") ?? [];
  if (!status) return null;
  const example = answer.content?.[JSON_TYPE]?.example;
  const head = make("p", { class: "quiet" }, make("b", { class: "status good" }, status), ` ${answer.description}`);
  return make("div", {}, head, example === undefined ? null : block(JSON.stringify(example, null, 2), "an answer"));
}

function endings(operation, words) {
  return make(
    "dl",
    { class: "endings" },
    Object.entries(operation.responses).map(([status, answer]) => {
      const [media, content] = Object.entries(answer.content ?? {})[0] ?? [];
      const codes = content?.schema?.properties?.code?.enum;
      const said = codes ? codes.map((code) => make("a", { href: `/api/docs/errors#${code}` }, make("code", {}, code))).flatMap((link, place) => (place ? [" · ", link] : [link])) : success(media, content, words);
      return make("div", {}, make("dt", {}, make("b", { class: `status ${status.startsWith("2") ? "good" : "bad"}` }, status)), make("dd", {}, said));
    }),
  );
}

function success(media, content, words) {
  if (!media) return ["No body."];
  if (media !== JSON_TYPE) return [media];
  const shapes = content.schema.anyOf ?? [content.schema];
  return shapes.map((shape) => make("dl", {}, words.fields(shape).map(([path, schema]) => row(path, schema, false, words, "answer"))));
}

// Most forms are never opened: they are made when they are.
function lazily(title, drawn) {
  const details = make("details", { class: "more" }, make("summary", {}, title));
  details.addEventListener("toggle", () => details.append(drawn()), { once: true });
  return details;
}
