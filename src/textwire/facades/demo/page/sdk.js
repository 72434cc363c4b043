// Runs the vendor's script, which the visitor chose, and returns what it defines.

const MOST_BYTES = 20_000_000;
const policy = globalThis.trustedTypes?.createPolicy("chosen-script", {
  createScriptURL: (url) => {
    if (!url.startsWith("blob:")) throw new TypeError("Only a chosen file is run.");
    return url;
  },
});

export async function fromFile(file) {
  return run(file);
}

export async function fromAddress(address) {
  const answer = await fetch(address, { referrerPolicy: "no-referrer", credentials: "omit" }).catch(() => {
    throw new Error("This address cannot be fetched from a page: it must be https and allow other origins.");
  });
  if (!answer.ok) throw new Error(`The address answers with ${answer.status}.`);
  return run(await answer.blob());
}

async function run(content) {
  if (content.size > MOST_BYTES) throw new Error("This is no script of that kind: it has more than 20 MB.");
  const url = URL.createObjectURL(new Blob([content], { type: "text/javascript" }));
  try {
    await loaded(policy ? policy.createScriptURL(url) : url);
  } finally {
    URL.revokeObjectURL(url);
  }
  if (typeof globalThis.Kandy?.create !== "function") throw new Error("The script does not define Kandy.create.");
  return globalThis.Kandy;
}

function loaded(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("The file is no script.")));
    script.src = url;
    document.head.append(script);
  });
}
