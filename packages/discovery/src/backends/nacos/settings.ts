import { NacosClient } from "@sampan/engines";
import { readTlsFiles, type TlsFileNames } from "../entries/tls-files.js";

/** Where Nacos is; plain data. */
export interface NacosLeaseSettings {
  /** `http://host:8848`. */
  readonly endpoints: readonly string[];
  readonly namespace?: string | undefined;
  readonly group?: string | undefined;
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  readonly tls?: TlsFileNames | undefined;
  /** For one try of a request, in ms. Default 3000. */
  readonly timeoutMs?: number | undefined;
  /** An instance that is not heard of is unhealthy after half of it and deleted after it. Default 30000, as Nacos's own. */
  readonly ttlMs?: number | undefined;
}

export function nacosClient(settings: NacosLeaseSettings): NacosClient {
  const { tls, timeoutMs = 3000 } = settings;
  return new NacosClient({ ...settings, timeoutMs, tls: readTlsFiles(tls) });
}
