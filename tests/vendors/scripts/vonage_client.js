// Runs beside the vendor's package: makes calls of one of Vonage's Node SDKs, one per line, answered with one line each.
// The first line is {"auth": …, "options": …}, the arguments of the SDK's own client. Which SDK it is, is what is installed:
// @vonage/server-sdk or nexmo. A call that begins with "library." is one of the package itself, or of @vonage/jwt.

const path = require("path");
const readline = require("readline");

const packages = path.join(process.argv[2], "node_modules");

function old() {
  const Nexmo = require(path.join(packages, "nexmo"));
  return { Client: Nexmo, library: Nexmo, back: true };
}

function current() {
  const { Vonage } = require(path.join(packages, "@vonage", "server-sdk"));
  return { Client: Vonage, library: require(path.join(packages, "@vonage", "jwt")), back: false };
}

const sdk = require("fs").existsSync(path.join(packages, "nexmo")) ? old() : current();
let client = null;

async function answer(asked) {
  if (client === null) {
    client = new sdk.Client(asked.auth, asked.options);
    return client.constructor.name;
  }
  const names = asked.call.split(".");
  const own = names[0] === "library";
  let owner = own ? sdk.library : client;
  for (const name of own ? names.slice(1, -1) : names.slice(0, -1)) {
    owner = owner[name];
  }
  const call = owner[names.at(-1)].bind(owner);
  if (own || !sdk.back || asked.named.at_once) {
    return call(...asked.with);
  }
  return new Promise((resolve, reject) => {
    call(...asked.with, (error, said) => (error ? reject(error) : resolve(said)));
  });
}

function told(error) {
  const answered = error.response ?? {};
  return {
    raised: error.constructor.name,
    status: error.statusCode ?? answered.status ?? null,
    said: error.message ?? null,
    body: error.body ?? answered.messages ?? null,
  };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let said;
    try {
      said = { returned: (await answer(JSON.parse(line))) ?? null };
    } catch (error) {
      said = told(error);
    }
    console.log(JSON.stringify(said));
  }
}

main();
