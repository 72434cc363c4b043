// Runs beside the vendor's package: makes the calls of npm sipgateio that it reads from standard input. The first line
// is the argument of `sipgateIO`; each further one names a module and a call of it, "SMS.send", and its arguments, in which
// {"date": …} stands for a Date, also one level down; "client" is the client itself. "mark" stands for batchUpdateEvents
// with the changes for each text that it is given ("": for all others).
// One line of JSON comes back for each: {"returned": …} or {"raised": …}.

const path = require("path");
const readline = require("readline");

const library = require(path.join(process.argv[2], "node_modules", "sipgateio"));
let client = null;

function revived(value) {
  if (!value || typeof value !== "object" || Array.isArray(value)) {
    return value;
  }
  if ("date" in value) {
    return new Date(value.date);
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revived(inner)]));
}

async function answer(asked) {
  if (client === null) {
    client = library.sipgateIO(asked);
    return client.getAuthenticatedWebuserId();
  }
  const [name, call] = asked.call.split(".");
  const module = name === "client" ? client : library[`create${name}Module`](client);
  if (call === "mark") {
    const [changes, filter] = asked.with;
    return module.batchUpdateEvents(await module.fetchAll(filter), (entry) => changes[entry.smsContent] ?? changes[""] ?? {});
  }
  return module[call](...asked.with.map(revived));
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let said;
    try {
      said = { returned: (await answer(JSON.parse(line))) ?? null };
    } catch (error) {
      said = { raised: error.message };
    }
    console.log(JSON.stringify(said));
  }
}

main();
