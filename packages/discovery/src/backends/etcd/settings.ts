import { EtcdClient } from "@sampan/engines";
import { readTlsFiles, type TlsFileNames } from "../entries/tls-files.js";

/** Where etcd is; plain data. */
export interface EtcdLeaseSettings {
  /** `http://host:port` of the members. */
  readonly endpoints: readonly string[];
  /** Registrations of different namespaces do not see each other. Default `default`. */
  readonly namespace?: string | undefined;
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  readonly tls?: TlsFileNames | undefined;
  /** For one try of a request, in ms. Default 2000. */
  readonly timeoutMs?: number | undefined;
  /** Default 30000; etcd takes whole seconds from about 2 on. */
  readonly ttlMs?: number | undefined;
}

export function etcdClient(settings: EtcdLeaseSettings): EtcdClient {
  const { endpoints, user, tls, timeoutMs = 2000 } = settings;
  return new EtcdClient({ endpoints, user, timeoutMs, tls: readTlsFiles(tls) });
}

/** Where a service's instances are. Names are checked before (`checkService`), so none reaches out of its folder. */
export function etcdFolder(settings: EtcdLeaseSettings, service: string): string {
  return `/sampan/${settings.namespace ?? "default"}/services/${service}/`;
}
