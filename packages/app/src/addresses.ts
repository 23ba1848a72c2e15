/** Where the process can be reached, by name. */
export class Addresses {
  readonly #urls = new Map<string, string>();

  get all(): ReadonlyMap<string, string> {
    return this.#urls;
  }

  /** Throws `TypeError` for a name that is taken: one of two doors would be lost. */
  add(name: string, url: string): void {
    if (this.#urls.has(name)) throw new TypeError(`two addresses of this process are named ${name}`);
    this.#urls.set(name, url);
  }

  get(name: string): string | undefined {
    return this.#urls.get(name);
  }
}
