/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object in a JSON text; undefined when it is not valid UTF-8, not JSON or not an object. */
export function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** A field that is a string and not empty. */
export function textField(object: JsonObject | undefined, name: string): string | undefined {
  const value = own(object, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A field that is an integer which a double holds exactly. */
export function integerField(object: JsonObject | undefined, name: string): number | undefined {
  const value = own(object, name);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

export function objectField(object: JsonObject | undefined, name: string): JsonObject | undefined {
  return objectOf(own(object, name));
}

function own(object: JsonObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}
