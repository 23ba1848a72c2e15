import { type Clock, type RpcError, Runtime } from "@sampan/core";
import type { Logger, Transport } from "@sampan/core/ports";
import {
  type CertificatePems,
  type CertificateSource,
  type ClientTls,
  grpcTransport,
  type ServerTls,
} from "@sampan/grpc";
import type { Surroundings } from "@sampan/identity/access";
import {
  type NodeCertificate,
  parseSpiffeId,
  tlsCertificates,
  workloadSource,
  type X509Source,
} from "@sampan/identity/certificates";
import type { Health, MetricsRegistry } from "@sampan/telemetry";
import { AppErrors, reasonOf } from "../errors.js";
import { Repeats } from "../repeats.js";
import type { CertificatePlan } from "./certificate-plan.js";
import { ExpiryWatch } from "./expiry-watch.js";
import { type PeerCheck, PeerChecks } from "./peer-checks.js";
import { idOf, serversOf } from "./server-names.js";

export interface ProcessCertificatesOptions {
  readonly plan: CertificatePlan;
  /** Of the process, for its call to the Workload API. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: MetricsRegistry;
  readonly health: Health;
}

/** Of the connection to the Workload API. It is on this machine, so it is tried soon. */
const reconnect = { initialMs: 100, maxMs: 2_000 };
const toldEveryMs = 60_000;

/**
 * The identity of a process: a certificate from a Workload API, renewed while the process runs, and what others are held
 * against. TLS options are there from the beginning and may be used once `start` has resolved.
 */
export class ProcessCertificates {
  readonly serverTls: ServerTls;
  readonly #options: ProcessCertificatesOptions;
  readonly #transport: Transport;
  readonly #serversOf: (service: string) => readonly string[];
  readonly #certificates: CertificateSource;
  readonly #watchers = new Set<() => void>();
  readonly #repeats = new Repeats(toldEveryMs);
  readonly #expiry: ExpiryWatch;
  #source: X509Source | undefined;
  #checks: PeerChecks | undefined;
  #pems: CertificateSource | undefined;
  #failure = "";
  #stopMetrics: () => void = () => {};

  constructor(options: ProcessCertificatesOptions) {
    this.#options = options;
    const { plan, clock } = options;
    const { drainTimeout: drainMs, servers } = plan.settings;
    this.#transport = grpcTransport({ clock, reconnect });
    this.#serversOf = serversOf(servers);
    this.#expiry = new ExpiryWatch({ ...options, failure: () => this.#failure });
    this.#certificates = { current: () => this.pems(), watch: (changed) => this.watch(changed) };
    this.serverTls = {
      certificates: this.#certificates,
      requireClientCertificate: true,
      checkClient: (certificate) => required(this.#checks).client(certificate),
      drainMs,
    };
  }

  /**
   * Resolves with the first certificate; rejects with `CERTIFICATES_MISSING` when none has come in time, and with
   * `START_INTERRUPTED` when `signal` aborts before.
   */
  async start(signal?: AbortSignal): Promise<void> {
    const { plan, name, clock, logger, meter } = this.#options;
    const { startTimeout: firstWithinMs, hint, trustDomain } = plan.settings;
    const endpoint = plan.target;
    const runtime = new Runtime({ name, clock, logger, connect: () => this.#transport.connect(endpoint) });
    const failed = (error: RpcError): void => this.#failed(error);
    const options = {
      runtime,
      firstWithinMs,
      failed,
      ...(signal === undefined ? {} : { signal }),
      ...(hint === "" ? {} : { hint }),
    };
    const source = await workloadSource(options).catch((cause: unknown) => {
      if (signal?.aborted) throw AppErrors.START_INTERRUPTED({ part: "certificates" });
      const why = `none has come in ${firstWithinMs} ms: ${reasonOf(cause)}`;
      throw AppErrors.CERTIFICATES_MISSING({ endpoint, why }, { cause });
    });
    this.#source = source;
    const own = this.surroundings.trustDomain;
    if (trustDomain !== "" && trustDomain !== own) {
      const why = `one of ${this.id} has come, and certificates.trustDomain says ${trustDomain}`;
      throw AppErrors.CERTIFICATES_MISSING({ endpoint, why });
    }
    this.#checks = new PeerChecks({ source, clock, logger, meter });
    source.watch(() => this.#changed());
    this.#stopMetrics = meter.onCollect(() => {
      meter.gauge(expiryGauge).set((source.current().svid.notAfter - clock.now()) / 1000);
    });
    this.#changed();
  }

  /** What TLS is made with at present. After `start`. */
  pems(): CertificatePems {
    this.#pems ??= tlsCertificates(required(this.#source));
    return this.#pems.current();
  }

  /** Called after each change of certificate, authorities or revocations. Returns what ends that. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  /** Whose the certificate is, a SPIFFE id; empty before there is one. */
  get id(): string {
    return this.#source?.current().svid.id ?? "";
  }

  /** How short names of services are read here. After `start`. */
  get surroundings(): Surroundings {
    return { trustDomain: parseSpiffeId(this.id).trustDomain, namespace: this.#options.plan.settings.namespace };
  }

  /** Who may serve a contract, in words; contracts with the same may share connections. */
  serversOf(service: string): string {
    return this.#serversOf(service).toSorted().join(" or ");
  }

  /** For connections to those who may serve a contract. */
  clientTls(service: string): ClientTls {
    const names = this.#serversOf(service);
    const isOneOf = (id: string): boolean => {
      const { trustDomain, namespace } = this.surroundings;
      return names.some((name) => idOf(name, trustDomain, namespace) === id);
    };
    let check: PeerCheck | undefined;
    return {
      certificates: this.#certificates,
      checkServer: (_, certificate) => {
        check ??= required(this.#checks).server(isOneOf, this.serversOf(service));
        return check(certificate as unknown as NodeCertificate);
      },
    };
  }

  state(): CertificatesState {
    const { plan, clock } = this.#options;
    const context = this.#source?.current();
    const at = (ms: number | undefined): string => (ms === undefined ? "" : new Date(ms).toISOString());
    const bundles = [...(context?.bundles ?? [])].map(([name, { authorities }]) => [name, authorities.length] as const);
    return {
      endpoint: plan.target,
      id: this.id,
      notBefore: at(context?.svid.notBefore),
      notAfter: at(context?.svid.notAfter),
      expiresInSeconds: context === undefined ? 0 : Math.floor((context.svid.notAfter - clock.now()) / 1000),
      bundles: Object.fromEntries(bundles),
      revocationLists: context?.revocationLists.length ?? 0,
      failure: this.#failure,
    };
  }

  async close(): Promise<void> {
    this.#expiry.close();
    this.#stopMetrics();
    this.#source?.close();
    this.#watchers.clear();
    await this.#transport.close();
  }

  #failed(error: RpcError): void {
    const { clock, logger, plan } = this.#options;
    this.#failure = error.message;
    const also = this.#repeats.note(error.message, clock.now());
    if (also === undefined) return;
    const has = this.#source !== undefined;
    const fields = { endpoint: plan.target, why: error.message, also };
    logger.warn(
      has ? "the Workload API has failed: the certificate stays until it expires" : "the Workload API has failed",
      has ? { ...fields, expires_in_s: this.state().expiresInSeconds } : fields,
    );
  }

  #changed(): void {
    this.#failure = "";
    this.#expiry.renewed(required(this.#source).current().svid);
    for (const changed of [...this.#watchers]) changed();
  }
}

/** What `/certificates` of the admin port shows. Times are ISO 8601. */
export interface CertificatesState {
  readonly endpoint: string;
  /** SPIFFE id; empty before the first certificate. */
  readonly id: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly expiresInSeconds: number;
  /** How many authorities of each trust domain are believed. */
  readonly bundles: Readonly<Record<string, number>>;
  readonly revocationLists: number;
  /** Why the Workload API does not answer; empty when it does. */
  readonly failure: string;
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("certificates are used before the process has any");
  return value;
}

const expiryGauge = {
  name: "sampan_certificate_expiry_seconds",
  help: "How long the certificate of this process still holds; below 0 when it has expired.",
};
