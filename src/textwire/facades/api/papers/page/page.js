// The page of the own API: reads the OpenAPI document of this server and draws it.

import { line, make, prose } from "./dom.js";
import { badge, draw, read } from "./operation.js";
import { Words } from "./words.js";

const DOCUMENT = "/api/openapi.json";
const METHODS = ["get", "post", "put", "patch", "delete"];

const place = (id) => document.getElementById(id);
const key = () => place("key").value.trim();

async function start() {
  place("theme").addEventListener("click", turn);
  document.addEventListener("keydown", reach);
  await load();
  place("key").addEventListener("change", () => place("state") && load());
}

async function load() {
  const headers = key() ? { Authorization: `Bearer ${key()}` } : {};
  try {
    const answer = await fetch(DOCUMENT, { headers, cache: "no-store", credentials: "omit" });
    if (answer.ok) show(await answer.json());
    else tell(answer.status === 401 ? "This server shows its document to callers with a key. Paste one above and press Enter." : `The document could not be read (${answer.status}).`);
  } catch (error) {
    tell(`The document could not be read: ${error.message}`);
  }
}

function tell(text) {
  place("main").replaceChildren(make("p", { id: "state", role: "status" }, text));
}

function show(found) {
  const words = new Words(found.components);
  const operations = Object.entries(found.paths).flatMap(([path, item]) => Object.keys(item).filter((method) => METHODS.includes(method)).map((method) => read(path, method, item[method])));
  const drawn = new Map(operations.map((one) => [one.id, draw(one, words, key)]));
  const sections = found.tags.map((tag) => {
    const own = operations.filter((one) => one.subject === tag.name);
    return make("section", { "aria-label": tag.name }, make("h2", {}, tag.name), make("p", { class: "lead" }, line(tag.description)), own.map((one) => drawn.get(one.id)));
  });
  place("main").replaceChildren(
    make("h1", {}, `${found.info.title} API`),
    ...prose(found.info.description),
    make("p", {}, make("a", { href: DOCUMENT }, "OpenAPI document"), " · ", make("a", { href: "/api/docs/errors" }, "All codes")),
    ...sections,
    make("p", { id: "none", hidden: true }, "Nothing here has all of these words."),
  );
  const entries = list(found.tags, operations);
  search(operations, drawn, entries, sections);
  watch(drawn, entries);
  const wanted = window.location.hash.slice(1);
  const jump = () => document.getElementById(wanted)?.scrollIntoView({ behavior: "instant" });
  if (wanted) [jump, () => requestAnimationFrame(jump)].forEach((go) => go()); // the first makes what it passes known in size
}

function list(tags, operations) {
  const entries = new Map();
  const groups = tags.map((tag) => {
    const links = operations.filter((one) => one.subject === tag.name).map((one) => {
      const link = make("a", { href: `#${one.id}` }, badge(one.method), make("span", {}, one.summary));
      entries.set(one.id, make("li", {}, link));
      return entries.get(one.id);
    });
    return make("div", {}, make("h2", {}, tag.name), make("ul", {}, links));
  });
  place("contents").replaceChildren(...groups, make("div", {}, make("ul", {}, make("li", {}, make("a", { href: "/api/docs/errors" }, make("span", {}, "All codes"))))));
  return entries;
}

function search(operations, drawn, entries, sections) {
  const texts = new Map(operations.map((one) => [one.id, JSON.stringify([one.method, one.path, one.summary, one.description, one.parameters.map((p) => p.name), drawn.get(one.id).textContent]).toLowerCase()]));
  const look = () => {
    const wanted = place("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of operations) {
      const hidden = !wanted.every((word) => texts.get(one.id).includes(word));
      drawn.get(one.id).hidden = hidden;
      entries.get(one.id).hidden = hidden;
    }
    for (const part of [...sections, ...place("contents").children]) part.hidden = wanted.length > 0 && !part.querySelector("article:not([hidden]), li:not([hidden])");
    place("none").hidden = operations.some((one) => !drawn.get(one.id).hidden);
  };
  place("find").addEventListener("input", look);
  look();
}

// Marks in the list what is being read.
function watch(drawn, entries) {
  const seen = new IntersectionObserver(
    (changes) => {
      for (const change of changes) entries.get(change.target.id)?.classList.toggle("here", change.isIntersecting);
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  for (const article of drawn.values()) seen.observe(article);
}

function turn() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

function reach(event) {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    place("find").focus();
  }
}

start();
