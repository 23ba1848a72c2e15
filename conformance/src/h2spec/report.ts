import type { Outcome } from "../runner/tally.js";

/**
 * The cases of a JUnit report as h2spec writes it: each `testcase` names its section (`package`) and what it does
 * (`classname`), and holds a `failure`, an `error` or a `skipped` when it did not pass.
 */
export function parseReport(xml: string): Outcome[] {
  const cases = xml.matchAll(/<testcase\s([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs);
  return [...cases].map(([, attributes = "", content = ""]) => {
    const name = `${attribute(attributes, "package")} ${attribute(attributes, "classname")}`;
    const [, kind, why = ""] = /<(failure|error|skipped)\b[^>]*>(.*?)<\/\1>/s.exec(content) ?? [];
    if (kind === undefined) return { name, result: "passed" };
    return { name, result: kind === "skipped" ? "skipped" : "failed", why: unescapeXml(why).trim() };
  });
}

function attribute(attributes: string, name: string): string {
  return unescapeXml(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
