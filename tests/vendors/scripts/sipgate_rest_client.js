// Runs beside the vendor's package: makes the calls of npm sipgate-rest-api-client-v2 that it reads from standard input. The
// first line is {"url": …, "token": …}, the constructor's arguments; each further one is {"call": "sendSms", "with": […]}.
// One line of JSON comes back for each: {"returned": …} or {"raised": …, "status": …}.

const path = require("path");
const readline = require("readline");

const library = require(path.join(process.argv[2], "node_modules", "sipgate-rest-api-client-v2"));
let client = null;

async function answer(asked) {
  if (client === null) {
    client = library.default(asked.url, asked.token);
    return true;
  }
  return client[asked.call](...asked.with);
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let said;
    try {
      said = { returned: (await answer(JSON.parse(line))) ?? null };
    } catch (error) {
      said = { raised: error.message || "refused", status: error.payload?.status ?? 0 };
    }
    console.log(JSON.stringify(said));
  }
}

main();
