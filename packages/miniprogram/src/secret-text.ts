import { withoutLikelySecrets } from "./likely-secrets.js";

/** What is kept of somebody else's text. */
const longestText = 200;

/**
 * The secrets of a provider, so that they can be taken out of text that somebody else wrote (a vendor's error message
 * may repeat what it was sent) before the text becomes the cause of an error.
 */
export class SecretText {
  readonly #fixed: readonly string[];
  /** Access tokens: only the last few can still be worth anything. */
  readonly #recent: string[] = [];

  constructor(secrets: readonly string[]) {
    this.#fixed = secrets.filter((secret) => secret.length > 0);
  }

  add(secret: string): void {
    if (this.#recent.includes(secret)) return;
    this.#recent.push(secret);
    if (this.#recent.length > 8) this.#recent.shift();
  }

  /** The text without secrets, at most 200 characters of it. */
  redact(text: string, alsoSecret: readonly string[] = []): string {
    return this.#withoutKnown(text, alsoSecret).slice(0, longestText);
  }

  /** As `redact`, and without what looks like a secret: for platforms whose answers hold secrets that we never sent. */
  redactAll(text: string, alsoSecret: readonly string[] = []): string {
    return withoutLikelySecrets(this.#withoutKnown(text, alsoSecret)).slice(0, longestText);
  }

  #withoutKnown(text: string, alsoSecret: readonly string[]): string {
    let clean = text;
    for (const secret of [...this.#fixed, ...this.#recent, ...alsoSecret]) {
      if (secret !== "") clean = clean.replaceAll(secret, "[secret]");
    }
    return clean;
  }
}
