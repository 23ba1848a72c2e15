import type { Call } from "@sampan/core";
import { attributesOf, callerOf } from "./attributes.js";
import type { CompiledRule } from "./compiled-rule.js";

/** The text that calls with the same attributes share, of those attributes that some rule looks at. */
export type AttributeKey = (call: Call) => string;

/** Hot path, for rules that look at calls: no allocation but the text itself (bench `govern`). */
export function attributeKey(rules: readonly CompiledRule[]): AttributeKey {
  const parts: AttributeKey[] = [];
  const looksAt = (list: "tenants" | "callers" | "releases"): boolean =>
    rules.some(({ rule }) => rule.match[list].length > 0);
  if (looksAt("tenants")) parts.push((call) => call.tenant);
  if (looksAt("callers")) parts.push(callerOf);
  if (looksAt("releases")) parts.push((call) => call.releaseTag);
  const labels = new Set(rules.flatMap(({ rule }) => [...rule.match.labels.keys()]));
  // A label that is not there differs from one that is empty.
  for (const name of labels) {
    parts.push((call) => {
      const value = attributesOf(call).label(name);
      return value === undefined ? "-" : `+${value}`;
    });
  }
  const [only] = parts;
  if (only === undefined) return () => "";
  if (parts.length === 1) return only;
  return (call) => {
    let key = "";
    // Lengths keep `a` `bc` and `ab` `c` apart.
    for (const part of parts) {
      const value = part(call);
      key += `${value.length}:${value}`;
    }
    return key;
  };
}
