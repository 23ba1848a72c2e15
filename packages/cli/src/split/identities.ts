import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SectionValues, ServiceSettings } from "@sampan/app";
import type { Clock } from "@sampan/core";
import { accessPolicyText } from "@sampan/identity/access";
import { type Authority, authoritySource, serviceId, type X509Source } from "@sampan/identity/certificates";
import { platformAccess } from "../access/platform-access.js";
import { platformMethods } from "../platform/contracts.js";
import { defaultNamespace } from "../platform/trust-domain.js";
import { openPlatformAuthority } from "./platform-authority.js";
import { supervisor } from "./wiring.js";
import { WorkloadSocket } from "./workload-socket.js";

/** mTLS between the processes of a split platform. */
export interface MutualTls {
  /** How long the certificates of services live, ms. Default: as the authority says, an hour. */
  readonly lifeMs?: number | undefined;
}

/** A process, and the service that it runs. */
export interface Named {
  readonly process: string;
  readonly service: string;
}

/**
 * Who the processes of a split platform are: the authority, a Workload API for each process on a socket of its own, and
 * the policy that says which of them may call what.
 */
export interface Identities {
  readonly authority: Authority;
  /** What the ids of the services begin with. */
  readonly names: { readonly trustDomain: string; readonly namespace: string };
  /** How long the certificates of services live. */
  readonly lifeMs: number;
  /** The SPIFFE id of a service. */
  idOf(service: string): string;
  /** The settings that make a process use its identity. */
  settingsOf(process: string): SectionValues;
  /** The folder of a process's audit trail. */
  trailOf(process: string): string;
  /** How many certificates a process was issued. */
  issued(process: string): number;
  /** Takes the Workload APIs away, as an outage would, and brings them back. The certificates stay as they are. */
  outage(): Promise<{ end(): Promise<void> }>;
  close(): Promise<void>;
}

export interface IdentitiesOptions extends MutualTls {
  readonly data: string;
  /** Of the run: only this user can enter it. */
  readonly folder: string;
  readonly processes: readonly Named[];
  readonly settings: ServiceSettings;
  readonly clock: Clock;
  /** Hears what could not be renewed, and is tried again. */
  readonly failed: (what: string, error: unknown) => void;
}

/** Opens or makes the authority, and serves every process its identity. What was opened is closed when it throws. */
export async function openIdentities(options: IdentitiesOptions): Promise<Identities> {
  const { data, folder, processes, settings, lifeMs, clock, failed } = options;
  const stated = settings.section("certificates") as { trustDomain?: string; namespace?: string };
  const namespace = stated.namespace || defaultNamespace;
  const given = settings.section("access") as { policy?: string; mode?: string };
  const trails = (settings.section("audit").folder as string | undefined) || join(data, "audit");
  const authority = await openPlatformAuthority({
    data,
    trustDomain: stated.trustDomain ?? "",
    lifeMs,
    clock,
    failed: (error) => failed("the authority", error),
  });
  const idOf = (service: string): string => serviceId(authority.trustDomain, namespace, service);
  const workloads = join(folder, "workload");
  const policy = given.policy || join(folder, "access.yaml");
  const sources = new Map<string, X509Source>();
  const issued = new Map<string, number>();
  const sockets: WorkloadSocket[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(sockets.map((each) => each.close()));
    for (const source of sources.values()) source.close();
    authority.close();
  };
  try {
    mkdirSync(workloads, { mode: 0o700 });
    if (!given.policy)
      writeFileSync(policy, accessPolicyText(platformAccess(platformMethods.values())), { mode: 0o600 });
    for (const { process, service } of processes) {
      const source = authoritySource({
        authority,
        id: idOf(service),
        ...(lifeMs === undefined ? {} : { ttlMs: lifeMs }),
        clock,
        failed: (error) => failed(`the certificate of ${process}`, error),
      });
      sources.set(process, source);
      count(issued, process, source);
      const socket = new WorkloadSocket({ path: join(workloads, process), source, clock });
      sockets.push(socket);
      await socket.listen();
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    authority,
    names: { trustDomain: authority.trustDomain, namespace },
    lifeMs: lifeMs ?? authority.state.lives.svidMs,
    idOf,
    settingsOf: (process) => ({
      certificates: {
        mode: "workload",
        endpoint: `unix:${join(workloads, process)}`,
        trustDomain: authority.trustDomain,
        namespace,
        // By default a contract is served by the service that its package begins with.
        servers: [`sampan.*=${supervisor}`],
      },
      access: { policy, mode: given.mode },
      audit: { folder: trails },
    }),
    trailOf: (process) => join(trails, process),
    issued: (process) => issued.get(process) ?? 0,
    async outage() {
      await Promise.all(sockets.map((each) => each.close()));
      return {
        async end() {
          await Promise.all(sockets.map((each) => each.listen()));
        },
      };
    },
    close,
  };
}

/** A source changes with its certificate, and with the bundle. */
function count(issued: Map<string, number>, process: string, source: X509Source): void {
  let last = source.current().svid;
  issued.set(process, 1);
  source.watch(() => {
    const { svid } = source.current();
    if (svid === last) return;
    last = svid;
    issued.set(process, (issued.get(process) ?? 0) + 1);
  });
}
