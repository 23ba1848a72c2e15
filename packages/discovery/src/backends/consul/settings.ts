import { readFile } from "node:fs/promises";
import { ConsulClient } from "@sampan/engines";
import { readTlsFiles, type TlsFileNames } from "../entries/tls-files.js";

/** Where Consul's agent is; plain data. */
export interface ConsulLeaseSettings {
  readonly endpoints: readonly string[];
  readonly datacenter?: string | undefined;
  /** An ACL token. */
  readonly token?: string | undefined;
  /** Holds an ACL token, in the place of `token`; read for each request. */
  readonly tokenFile?: string | undefined;
  readonly tls?: TlsFileNames | undefined;
  /** For one try of a request, in ms. Default 3000. */
  readonly timeoutMs?: number | undefined;
  /** Of the TTL check. Default 30000. */
  readonly ttlMs?: number | undefined;
  /** Also lets the agent ask the instance by gRPC health, so often in ms. Default: it does not. */
  readonly grpcCheckMs?: number | undefined;
  /** The agent forgets an instance that was critical for so long, in ms. Default, and at least, one minute. */
  readonly deregisterAfterMs?: number | undefined;
}

export function consulClient(settings: ConsulLeaseSettings): ConsulClient {
  const { endpoints, datacenter, tls, timeoutMs = 3000 } = settings;
  return new ConsulClient({ endpoints, datacenter, token: tokenOf(settings), timeoutMs, tls: readTlsFiles(tls) });
}

function tokenOf({ token, tokenFile }: ConsulLeaseSettings): (() => Promise<string>) | undefined {
  if (tokenFile !== undefined) return async () => (await readFile(tokenFile, "utf8")).trim();
  return token === undefined ? undefined : async () => token;
}

/** A service's id is the agent's, for all services together. */
export function consulId(service: string, id: string): string {
  return `${service}:${id}`;
}

/** The name of the check that the lease is. */
export function leaseCheckId(service: string, id: string): string {
  return `sampan-lease:${consulId(service, id)}`;
}
