import type { KeyObject } from "node:crypto";

/** A key of a configuration; undefined, with a line among the problems, for what is none. */
export function rsaKey(name: string, parse: () => KeyObject, problems: string[]): KeyObject | undefined {
  try {
    const key = parse();
    if (key.asymmetricKeyType === "rsa") return key;
    problems.push(`${name} is not an RSA key`);
  } catch {
    // The parser's message may quote the text, so it is not repeated.
    problems.push(`${name} is not a PEM key`);
  }
  return undefined;
}
