import { integerField, type JsonObject, objectField } from "../../json-fields.js";
import type { Tamper } from "../pay/callback-message.js";

type Choice = "signature" | "serial" | "body" | "resource" | "merchant";

const choices: { readonly [C in Choice]: readonly NonNullable<Tamper[C]>[] } = {
  signature: ["bad", "probe", "none"],
  serial: ["unknown", "certificate"],
  body: ["altered"],
  resource: ["undecryptable"],
  merchant: ["other"],
};
const numbers = ["ageSeconds", "amount", "duplicates"] as const;

/** `tamper` of a control request; undefined when it has a field or value that is none. A misspelt test must not pass. */
export function readTamper(body: JsonObject | undefined): Tamper | undefined {
  if (body?.tamper === undefined) return {};
  const given = objectField(body, "tamper");
  if (given === undefined) return undefined;
  for (const [name, value] of Object.entries(given)) {
    const allowed: readonly unknown[] | undefined = Object.hasOwn(choices, name) ? choices[name as Choice] : undefined;
    const isNumber = (numbers as readonly string[]).includes(name) && integerField(given, name) !== undefined;
    if (!isNumber && !allowed?.includes(value)) return undefined;
  }
  return given as Tamper;
}
