// The conversations of this page: a tab for each number, and what was said in the one that is looked at.

import { find, make } from "./dom.js";

const MOST_SHOWN = 500; // messages of one conversation
const STATES = { Pending: "on its way", Delivered: "delivered", Failed: "failed", Unknown: "not known" };

export class Threads {
  constructor() {
    this.all = new Map(); // number → { messages: Map of id → message, unseen }
    this.shown = "";
  }

  open(remote) {
    this.of(remote).unseen = 0;
    this.shown = remote;
    this.draw();
  }

  put(message) {
    const thread = this.of(message.remote);
    const before = thread.messages.get(message.id);
    thread.messages.set(message.id, { at: new Date(), ...before, ...message, state: message.state || before?.state });
    if (thread.messages.size > MOST_SHOWN) thread.messages.delete(thread.messages.keys().next().value);
    if (!this.shown) this.shown = message.remote;
    if (!before && message.remote !== this.shown) thread.unseen += 1;
    this.draw();
  }

  of(remote) {
    if (!this.all.has(remote)) this.all.set(remote, { messages: new Map(), unseen: 0 });
    return this.all.get(remote);
  }

  draw() {
    find("tabs").replaceChildren(...[...this.all].map(([remote, thread]) => this.tab(remote, thread)));
    const messages = [...(this.all.get(this.shown)?.messages.values() ?? [])];
    find("said").replaceChildren(...messages.map(bubble));
    find("empty").hidden = messages.length > 0;
    find("said").lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  tab(remote, { unseen }) {
    const badge = unseen ? make("span", { class: "unseen", "aria-label": `${unseen} new` }, String(unseen)) : null;
    const here = remote === this.shown;
    return make("button", { type: "button", "aria-pressed": String(here), onclick: () => this.open(remote) }, remote, badge);
  }
}

function bubble({ text, own, state, at }) {
  const time = make("time", { datetime: at.toISOString() }, at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  const told = own && state ? make("span", { class: "state", "data-state": state }, STATES[state] ?? state) : null;
  return make("li", { class: own ? "own" : "theirs" }, make("p", { dir: "auto" }, text), make("small", {}, time, told));
}
