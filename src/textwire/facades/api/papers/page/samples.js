// Writes a call in the languages that people paste from. The key itself is never in it.

const KEY = "$KEY";

export function curl(call, origin) {
  const words = [`curl -s${call.method === "GET" ? "" : ` -X ${call.method}`} ${quoted(origin + call.target)}`];
  if (call.keyed) words.push(`-H "Authorization: Bearer ${KEY}"`);
  for (const [name, value] of Object.entries(call.headers)) words.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (call.body) words.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(call.body))}`);
  return words.join(" \\\n     ");
}

export function python(call, origin) {
  const headers = [];
  if (call.keyed) headers.push(`"Authorization": "Bearer " + os.environ["KEY"]`);
  for (const [name, value] of Object.entries(call.headers)) headers.push(`${literal(name)}: ${literal(value)}`);
  if (call.body) headers.push(`"Content-Type": "application/json"`);
  const lines = [call.body ? "import json" : "", call.keyed ? "import os" : "", "import urllib.request"].filter(Boolean);
  lines.push("", "request = urllib.request.Request(", `    ${literal(origin + call.target)},`, `    method=${literal(call.method)},`);
  if (headers.length) lines.push(`    headers={${headers.join(", ")}},`);
  if (call.body) lines.push(`    data=json.dumps(${literal(call.body)}).encode(),`);
  lines.push(")", "with urllib.request.urlopen(request) as answer:", "    print(answer.status, answer.read().decode())");
  return lines.join("\n");
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// JSON's words are Python's but for three.
function literal(value) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${literal(k)}: ${literal(v)}`).join(", ")}}`;
  return JSON.stringify(value);
}
