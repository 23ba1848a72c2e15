import { EngineErrors } from "../errors.js";

/**
 * Which of an engine's addresses is used. A decider: it stays with one that works and goes to the next when it fails, so
 * that requests which belong together meet the same server.
 */
export class Endpoints {
  readonly #urls: readonly URL[];
  #current = 0;

  /** Throws `BAD_OPTION` unless each is an `http:` or `https:` URL. */
  constructor(engine: string, addresses: readonly string[]) {
    const bad = (why: string) => EngineErrors.BAD_OPTION({ option: "endpoints", engine, why });
    if (addresses.length === 0) throw bad("there is none");
    this.#urls = addresses.map((address) => {
      if (!URL.canParse(address)) throw bad(`${address} is no URL`);
      const url = new URL(address);
      if (url.protocol !== "http:" && url.protocol !== "https:") throw bad(`${address} is neither http: nor https:`);
      if (url.username !== "" || url.password !== "") throw bad("credentials do not belong into a URL");
      return url;
    });
  }

  get count(): number {
    return this.#urls.length;
  }

  get current(): URL {
    return this.#urls[this.#current] as URL;
  }

  /** `failed` did not work. Of many requests that fail at the same address together, one moves on. */
  moveFrom(failed: URL): void {
    if (this.current === failed) this.#current = (this.#current + 1) % this.#urls.length;
  }
}
