import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a secret is called, and what it is. */
export type Secret = readonly [name: string, value: string];

/** Everything in a platform's data folder that nobody outside may see, as it is there now. */
export function secretsIn(data: string): Secret[] {
  const read = (...path: string[]): string => readFileSync(join(data, ...path), "utf8");
  const keys = JSON.parse(read("standin", "standin-keys.json"));
  const signing: { d: string }[] = JSON.parse(read("tokens", "token-keys.json")).keys;
  const journal = read("standin", "journal.jsonl").split("\n").filter(Boolean);
  return [
    ["the operator key", read("operator-key").trim()],
    ["the app secret", keys.appSecret],
    ["the APIv3 key", keys.apiV3Key],
    ["the merchant's private key", pemText(keys.merchant.privateKey)],
    ...signing.map(({ d }): Secret => ["a token signing key", d]),
    ["the secret of refresh tokens", read("tokens", "token-keys.json.refresh").trim()],
    ...journal.flatMap((line) => valuesOf(JSON.parse(line), ["sessionKey", "token"])),
  ];
}

/** Strings under some of the keys of a JSON value, however deep. */
export function valuesOf(json: unknown, keys: readonly string[]): Secret[] {
  if (json === null || typeof json !== "object") return [];
  return Object.entries(json).flatMap(([key, value]) =>
    typeof value === "string" ? (keys.includes(key) ? [[key, value] as const] : []) : valuesOf(value, keys),
  );
}

/** The forms in which a secret could be written down: as it is, in JSON, in a URL, in hex and in base64. */
function formsOf(secret: string): Set<string> {
  const bytes = Buffer.from(secret);
  return new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString("hex"),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
  ]);
}

/** Which of the secrets are in a text, by name. */
export function found(secrets: readonly Secret[], text: string): string[] {
  return secrets.filter(([, value]) => [...formsOf(value)].some((form) => text.includes(form))).map(([name]) => name);
}

/** A line from the middle of a PEM file: where others begin alike. */
function pemText(pem: string): string {
  return pem.split("\n")[5] as string;
}
