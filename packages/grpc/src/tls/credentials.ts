import { readFileSync, statSync } from "node:fs";

/** PEM texts: a certificate chain, its key, and the authorities that the other side is checked against. */
export interface CertificatePems {
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly ca?: string | Buffer;
}

/**
 * Certificates that may change while the process runs. New connections use what `current` gives; `watch` calls back
 * when that has changed and returns a function that ends it. `identity`'s rotation, a file watcher or a secret store
 * stand behind it.
 */
export interface CertificateSource {
  current(): CertificatePems;
  watch(changed: () => void): () => void;
}

export interface ServerTls {
  readonly certificates: CertificateSource | CertificatePems;
  /** mTLS: clients without a certificate that the authorities vouch for are refused. Default false. */
  readonly requireClientCertificate?: boolean;
}

export interface ClientTls {
  /** Without `ca` the authorities that Node trusts; `cert` and `key` for mTLS. */
  readonly certificates?: CertificateSource | CertificatePems;
  /** The name that the server's certificate must carry, when it is not the target's host. */
  readonly serverName?: string;
  /** Replaces the check of the server's name, for instance by one of its SPIFFE id; an `Error` refuses. */
  readonly checkServer?: (host: string, certificate: { readonly subjectaltname?: string }) => Error | undefined;
}

export function sourceOf(given: CertificateSource | CertificatePems): CertificateSource {
  return "current" in given ? given : { current: () => given, watch: () => () => {} };
}

export interface CertificateFiles {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  /** How often the files are looked at, ms. Default 10000; they may be replaced one after the other meanwhile. */
  readonly intervalMs?: number;
}

/**
 * Certificates in files, read again when their modification time or target changes (Kubernetes swaps a symbolic
 * link). A set that cannot be read is skipped, and the last good one stays.
 */
export function certificateFiles(files: CertificateFiles): CertificateSource {
  const paths = [files.cert, files.key, files.ca].filter((path) => path !== undefined);
  const stamp = (): string => paths.map((path) => `${statSync(path).mtimeMs} ${statSync(path).ino}`).join();
  const read = (): CertificatePems => ({
    ...(files.cert === undefined ? {} : { cert: readFileSync(files.cert) }),
    ...(files.key === undefined ? {} : { key: readFileSync(files.key) }),
    ...(files.ca === undefined ? {} : { ca: readFileSync(files.ca) }),
  });
  let seen = stamp();
  let pems = read();
  let version = 0;
  const refresh = (): number => {
    try {
      const now = stamp();
      if (now !== seen) {
        pems = read();
        seen = now;
        version++;
      }
    } catch {
      // Half written, or being replaced: the next look will do.
    }
    return version;
  };
  return {
    current() {
      refresh();
      return pems;
    },
    watch(changed) {
      let known = version;
      const timer = setInterval(() => {
        if (refresh() === known) return;
        known = version;
        changed();
      }, files.intervalMs ?? 10_000);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
