// Loaded into Node with --require, as `textwire env` says: what connects over TLS to one of the vendors' own names comes to
// the Textwire server of this data directory, wherever it listens by then. It is asked for under the vendor's name, and
// its certificate is checked as ever. When no server is there, nothing goes to the vendor either: the connection fails.
"use strict";

const fs = require("fs");
const path = require("path");
const tls = require("tls");

const NAMES = [
  "api.nexmo.com",
  "api.sipgate.com",
  "login.sipgate.com",
  "nvs-apimarket-pro.kandy.io",
  "oauth-cpaas.att.com",
  "rest.nexmo.com",
];
const READY = path.join(__dirname, "..", "ready.json");
const NOBODY = "https://127.0.0.1:1";

function place() {
  let url;
  try {
    url = JSON.parse(fs.readFileSync(READY, "utf8")).https;
  } catch {
    // no server is running: said below
  }
  if (!url) {
    process.emitWarning(`no Textwire server with HTTPS is running: ${READY}`);
  }
  const { hostname, port } = new URL(url || NOBODY);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 443) };
}

// tls.connect(options[, callback]) and tls.connect(port[, host][, options][, callback])
function asked(given) {
  const [first, second] = given;
  const options = given.find((one) => one !== null && typeof one === "object");
  const spoken = typeof first === "object" ? {} : { port: first };
  return { ...spoken, ...(typeof second === "string" ? { host: second } : {}), ...options };
}

const connect = tls.connect;

tls.connect = function (...given) {
  const options = asked(given);
  const name = String(options.host).toLowerCase();
  if (options.socket || !NAMES.includes(name)) {
    return connect.apply(this, given);
  }
  const callback = given.find((one) => typeof one === "function");
  return connect.call(this, { servername: name, ...options, ...place() }, callback);
};

require("module").syncBuiltinESMExports();
