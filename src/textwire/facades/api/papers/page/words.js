// Says in words what a schema takes.

export class Words {
  constructor(components) {
    this.schemas = components?.schemas ?? {};
  }

  resolve(schema) {
    return schema?.$ref ? this.schemas[schema.$ref.split("/").pop()] ?? {} : schema ?? {};
  }

  // The kind in few words: "string", "list of numbers", "one of a · b".
  kind(schema) {
    if (schema?.$ref) {
      const found = this.resolve(schema);
      return found.properties ? "object" : this.kind(found);
    }
    if (schema?.anyOf) return schema.anyOf.filter((one) => one.type !== "null").map((one) => this.kind(one)).join(" or ");
    if (schema?.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" · ");
    if (schema?.const !== undefined) return JSON.stringify(schema.const);
    if (schema?.type === "array") return `list of ${this.kind(schema.items ?? {})}`;
    return schema?.type ?? "anything";
  }

  // Bounds and habits: "at most 255 characters", "default 25", "or null" (which in a body is to leave it out).
  bounds(schema, answered = false) {
    const said = [];
    const parts = schema?.anyOf ?? [schema ?? {}];
    for (const part of parts) {
      const { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern } = part;
      if (minLength || maxLength !== undefined) said.push(range(minLength, maxLength, "characters"));
      if (minimum !== undefined || maximum !== undefined) said.push(range(minimum, maximum, ""));
      if (minItems || maxItems !== undefined) said.push(range(minItems, maxItems, "entries"));
      if (pattern) said.push("matches `" + pattern + "`");
    }
    if (answered && parts.some((part) => part.type === "null")) said.push("or null");
    if (schema?.default !== undefined && schema.default !== null) said.push("default `" + JSON.stringify(schema.default) + "`");
    return said.join(", ");
  }

  description(schema) {
    if (schema?.description) return schema.description;
    return (schema?.anyOf ?? []).map((part) => part.description).find(Boolean) ?? "";
  }

  // Every field, with those of objects inside it after it: [path, schema, required].
  fields(schema, before = "", depth = 0) {
    const found = this.resolve(schema);
    const rows = [];
    for (const [name, one] of Object.entries(found.properties ?? {})) {
      const path = before + name;
      rows.push([path, one, (found.required ?? []).includes(name)]);
      const [inner, mark] = this.inside(one);
      if (inner && depth < 3) rows.push(...this.fields(inner, path + mark, depth + 1));
    }
    return rows;
  }

  inside(schema) {
    if (schema.$ref && this.resolve(schema).properties) return [schema, "."];
    if (schema.type === "array" && schema.items) {
      const [inner] = this.inside(schema.items);
      return inner ? [inner, "[]."] : [null, ""];
    }
    for (const part of schema.anyOf ?? []) {
      const found = this.inside(part);
      if (found[0]) return found;
    }
    return [null, ""];
  }
}

function range(least, most, what) {
  const unit = what ? ` ${what}` : "";
  if (least !== undefined && most !== undefined) return least === most ? `${least}${unit}` : `${least} to ${most}${unit}`;
  return least !== undefined ? `at least ${least}${unit}` : `at most ${most}${unit}`;
}
