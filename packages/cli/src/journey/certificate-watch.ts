import { existsSync } from "node:fs";
import { authoritySource, tlsCertificates, type X509Source } from "@sampan/identity/certificates";
import { JsonClient } from "../client/json-client.js";
import type { Identities } from "../split/identities.js";
import type { SplitPlatform } from "../split/start-split.js";
import { supervisor } from "../split/wiring.js";
import { knock } from "./door.js";

/** What was seen of the certificates of one process. */
export interface SeenCertificates {
  /** Whose they are, both ways: SPIFFE ids. */
  readonly ids: ReadonlySet<string>;
  /** As the process says on its admin port, by their ends. */
  readonly said: ReadonlySet<string>;
  /** As its server shows to who connects, by their serial numbers; empty for a process that serves no gRPC. */
  readonly shown: ReadonlySet<string>;
  /** The authorities' certificates that these were signed with, by their serial numbers. */
  readonly signers: ReadonlySet<string>;
}

interface Watched {
  readonly ids: Set<string>;
  readonly said: Set<string>;
  readonly shown: Set<string>;
  readonly signers: Set<string>;
}

/** Follows which certificates the processes of a platform use, from outside: by asking them, and by connecting to them. */
export class CertificateWatch {
  readonly #platform: SplitPlatform;
  readonly #source: X509Source;
  readonly #seen = new Map<string, Watched>();
  readonly #admins = new Map<string, JsonClient>();

  constructor(platform: SplitPlatform & { readonly identities: Identities }) {
    this.#platform = platform;
    const { authority, idOf } = platform.identities;
    this.#source = authoritySource({ authority, id: idOf("journey") });
    for (const name of [supervisor, ...platform.processes.keys()])
      this.#seen.set(name, { ids: new Set(), said: new Set(), shown: new Set(), signers: new Set() });
  }

  get seen(): ReadonlyMap<string, SeenCertificates> {
    return this.#seen;
  }

  /** Where gRPC is served: the process, and its address. */
  get servers(): readonly (readonly [process: string, address: string])[] {
    return [...this.#seen.keys()]
      .map((name) => [name, this.#platform.addressOf(name)] as const)
      .filter(([, address]) => existsSync(address.slice("unix:".length)));
  }

  /** How often a process has changed its certificate, as far as both ways of looking agree. */
  rotations(process: string): number {
    const { said, shown } = this.#seen.get(process) as Watched;
    return Math.min(said.size, shown.size === 0 ? said.size : shown.size) - 1;
  }

  /** Looks once at every process. Rejects when one does not answer, or shows nothing. */
  async look(): Promise<void> {
    for (const [name, { said, ids }] of this.#seen) {
      const { id, notAfter } = (await this.#admin(name).get("/certificates")).body as Record<string, unknown>;
      said.add(String(notAfter));
      ids.add(String(id));
    }
    const pems = tlsCertificates(this.#source).current();
    for (const [name, address] of this.servers) {
      const { served, certificate } = await knock(address, pems);
      if (!served || certificate === undefined) throw new Error(`${name} does not serve who has a good certificate`);
      const { ids, shown, signers } = this.#seen.get(name) as Watched;
      ids.add((certificate.subjectaltname ?? "").replace(/^URI:/, ""));
      shown.add(certificate.serialNumber);
      signers.add(certificate.issuerCertificate?.serialNumber ?? "");
    }
  }

  /** The text of every process's metrics. */
  async metrics(): Promise<readonly string[]> {
    const answers = await Promise.all([...this.#seen.keys()].map((name) => this.#admin(name).get("/metrics")));
    return answers.map(({ body }) => String(body));
  }

  close(): void {
    this.#source.close();
    for (const admin of this.#admins.values()) admin.close();
  }

  #admin(name: string): JsonClient {
    const { processes, adminUrl } = this.#platform;
    const url = name === supervisor ? adminUrl : (processes.get(name)?.addresses.admin ?? "");
    let admin = this.#admins.get(url);
    if (admin === undefined) {
      admin = new JsonClient(url, 2);
      this.#admins.set(url, admin);
    }
    return admin;
  }
}
