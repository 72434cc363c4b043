// The four steps of the page, and the conversations that follow from them.

import { find, fold, make, on, say } from "./dom.js";
import { Session } from "./login.js";
import { fromAddress, fromFile } from "./sdk.js";
import { Talk } from "./talk.js";
import { Threads } from "./thread.js";

const MOST_EVENTS = 200;
const threads = new Threads();
let kandy, session, talk;

const hear = {
  subscribed(yes) {
    say("listen", yes ? "done" : "", yes ? `Subscribed to ${talk.number}, SDK ${talk.version}` : "Unsubscribed");
    find("subscribe").hidden = yes;
    find("unsubscribe").hidden = !yes;
    open("talk", yes);
    find("text").disabled = find("send").disabled = !yes || !threads.shown;
  },
  failed: (why) => say("listen", "bad", why),
  message: (one) => {
    threads.put(one);
    find("text").disabled = find("send").disabled = false;
  },
  event: note,
};

function note(words) {
  const log = find("events");
  log.append(make("li", {}, `${new Date().toLocaleTimeString()}  ${words}`));
  if (log.children.length > MOST_EVENTS) log.firstElementChild.remove();
  find("event-count").textContent = String(log.children.length);
}

function open(step, yes) {
  for (const field of find(step).querySelectorAll("input, button")) field.disabled = !yes;
  find(step).classList.toggle("closed", !yes);
}

on("sdk", async (form) => {
  const [file, address] = [form.get("file"), form.get("address").trim()];
  if (!file?.size && !address) throw new Error("Choose the file, or give an address.");
  say("sdk", "busy", "Loading…");
  kandy = await (file?.size ? fromFile(file) : fromAddress(address));
  say("sdk", "done", "Loaded.");
  fold("sdk");
  open("login", true);
});
find("file").addEventListener("change", () => find("file").files.length && find("sdk").querySelector("form").requestSubmit());

on("login", async (form) => {
  const place = { host: form.get("host").trim(), port: form.get("port").trim() };
  say("login", "busy", "Asking for tokens…");
  const asking = new Session(place, form.get("client"));
  const owner = await asking.login(form.get("email"), form.get("password")).catch((error) => {
    throw error.message === "unreachable" ? new Error(unreachable(place)) : error;
  });
  session?.end();
  if (talk?.subscribed) talk.unsubscribe();
  [session, talk] = [asking, undefined];
  session.keep((tokens) => talk?.renew(tokens), (error) => say("login", "bad", `The tokens were not renewed: ${error.message}`));
  fold("login");
  say("login", "done", `Logged in as ${owner.user} for ${Math.round(session.seconds / 60)} minutes; renewed at half of that.`);
  find("numbers").replaceChildren(...owner.numbers.map((number) => make("option", { value: number })));
  if (!find("number").value) find("number").value = owner.numbers[0] ?? "";
  open("listen", true);
});

on("listen", async (form, button) => {
  if (button.id === "unsubscribe") return talk.unsubscribe();
  const number = form.get("number").trim();
  say("listen", "busy", "Opening the channel…");
  if (talk?.number !== number) talk = new Talk(kandy, session, number, session.tokens, hear);
  talk.subscribe();
});

on("talk", async (form) => {
  const remote = form.get("remote").trim();
  talk.start(remote);
  threads.open(remote);
  say("talk", "done", `Talking to ${remote}`);
  find("text").disabled = find("send").disabled = false;
  find("text").focus();
});

find("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = find("text").value;
  if (!text || !threads.shown) return;
  talk.send(threads.shown, text);
  find("text").value = "";
});

function unreachable({ host, port }) {
  return `https://${host}:${port} cannot be reached, or this browser does not trust its certificate. Open this page over TLS (below).`;
}

// The vendor's SDK opens wss:// on the port that it asks, whatever the page: it needs the server's TLS port.
function prefill() {
  const secure = location.protocol === "https:";
  const port = secure ? location.port || "443" : document.documentElement.dataset.tlsPort;
  find("host").value = location.hostname;
  find("port").value = port;
  for (const step of ["login", "listen", "talk"]) open(step, false);
  find("over-tls").hidden = secure || !port;
  find("no-tls").hidden = secure || Boolean(port);
  if (port) find("tls-link").href = `https://${location.hostname}:${port}${location.pathname}`;
}

prefill();
