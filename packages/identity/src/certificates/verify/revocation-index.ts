import type { Certificate } from "../x509/certificate.js";
import { type RevocationList, readRevocationList } from "../x509/revocation-list.js";
import { isSignedBy } from "../x509/signatures.js";

/** Revocation lists, read once and looked up fast. A list counts for what its own issuer has signed, and nothing else. */
export class RevocationIndex {
  readonly #byIssuer = new Map<string, Entry[]>();

  /** Throws `CERTIFICATE_INVALID` for a list that cannot be read. */
  constructor(lists: readonly Uint8Array[]) {
    for (const der of lists) {
      const list = readRevocationList(der);
      const issuer = Buffer.from(list.issuer).toString("hex");
      const entries = this.#byIssuer.get(issuer) ?? [];
      entries.push(new Entry(list));
      this.#byIssuer.set(issuer, entries);
    }
  }

  /**
   * Why the subject is revoked; undefined when it is not. The issuer is one that has signed the subject; without a
   * list of it nothing is revoked. A list that is over its time still counts: it can only be too short.
   */
  problem(subject: Certificate, issuer: Certificate): string | undefined {
    const entries = this.#byIssuer.get(Buffer.from(issuer.subject).toString("hex"));
    for (const entry of entries ?? []) {
      if (!entry.isSignedBy(issuer)) continue;
      const why = entry.problem(subject);
      if (why !== undefined) return why;
    }
    return undefined;
  }
}

class Entry {
  readonly #list: RevocationList;
  readonly #serials: ReadonlySet<string>;
  readonly #ids: ReadonlyMap<string, number>;
  /** By the issuer's key: checked once, not for each handshake. */
  readonly #checked = new Map<string, boolean>();

  constructor(list: RevocationList) {
    this.#list = list;
    this.#serials = new Set(list.serials.map(({ serial }) => serial));
    this.#ids = new Map(list.ids.map(({ id, at }) => [id, at]));
  }

  isSignedBy({ publicKey }: Certificate): boolean {
    const key = Buffer.from(publicKey).toString("base64");
    let result = this.#checked.get(key);
    if (result === undefined) {
      result = isSignedBy(publicKey, this.#list.signed);
      // A peer can show many issuers of one name; only those in use are worth remembering.
      if (this.#checked.size < 16) this.#checked.set(key, result);
    }
    return result;
  }

  problem({ serial, uris, notBefore }: Certificate): string | undefined {
    if (this.#serials.has(serial)) return "its serial number is revoked";
    for (const uri of uris) {
      const at = this.#ids.get(uri);
      if (at !== undefined && notBefore <= at) return "its SPIFFE id is revoked";
    }
    return undefined;
  }
}
